/* xml_lua.c — require "host.xml": the Lua face of core/xml.h.
 *
 * What the parser finds is first put on a tape; the tree is made of it when expat is done, so that
 * Lua running out of memory cannot jump over expat. */
#include "bind/bind.h"
#include "core/xml.h"

#define MOST_BYTES ((lua_Integer)1024 * 1024 * 1024)
#define MOST_DEPTH 4096
#define MOST_NODES 100000000

static const char *const limit_keys[] = {"max_bytes", "max_depth", "max_nodes", NULL};

enum event { START, ATTRIBUTE, TEXT, END };

struct record {
    enum event event;
    size_t first, second; /* lengths of the texts that the event has in `bytes` */
};

struct tape {
    struct lac_buf *records, *bytes;
    size_t depth, deepest;
};

static bool add_record(struct tape *tape, enum event event, struct lac_str first,
                       struct lac_str second) {
    struct record record = {event, first.len, second.len};
    lac_buf_add(tape->records, (struct lac_str){(const char *)&record, sizeof record});
    lac_buf_adds(tape->bytes, first, second);
    return !tape->records->failed && !tape->bytes->failed;
}

static bool on_start(void *context, struct lac_str name) {
    struct tape *tape = context;
    tape->depth++;
    tape->deepest = tape->depth > tape->deepest ? tape->depth : tape->deepest;
    return add_record(tape, START, name, LAC_STR(""));
}

static bool on_attribute(void *context, struct lac_str name, struct lac_str value) {
    return add_record(context, ATTRIBUTE, name, value);
}

/* expat gives a line at a time: what belongs together becomes one record. */
static bool on_text(void *context, struct lac_str text) {
    struct tape *tape = context;
    struct record *records = (struct record *)(void *)tape->records->data;
    struct record *last = &records[tape->records->len / sizeof *records - 1];
    if (last->event != TEXT) {
        return add_record(tape, TEXT, text, LAC_STR(""));
    }
    last->first += text.len;
    lac_buf_add(tape->bytes, text);
    return !tape->bytes->failed;
}

static bool on_end(void *context) {
    struct tape *tape = context;
    tape->depth--;
    return add_record(tape, END, LAC_STR(""), LAC_STR(""));
}

static void set_attribute(lua_State *L, const char *bytes, const struct record *record) {
    if (lua_getfield(L, -1, "attributes") == LUA_TNIL) {
        lua_pop(L, 1);
        lua_newtable(L);
        lua_pushvalue(L, -1);
        lua_setfield(L, -3, "attributes");
    }
    lua_pushlstring(L, bytes, record->first);
    lua_pushlstring(L, bytes + record->first, record->second);
    lua_rawset(L, -3);
    lua_pop(L, 1);
}

static void set_text(lua_State *L, struct lac_buf *text) {
    struct lac_str view = lac_buf_view(text);
    if (text->failed) {
        luaL_error(L, "not enough memory");
    }
    lua_pushlstring(L, view.data, view.len);
    lua_setfield(L, -2, "text");
    lac_buf_cut(text, 0);
}

/* Pushes the root. The open elements stand on the stack, one upon another, above a buffer for the
 * text of each depth. */
static void push_tree(lua_State *L, const struct tape *tape) {
    luaL_checkstack(L, 2 * (int)tape->deepest + 8, "XML nested too deep");
    int texts = lua_gettop(L);
    for (size_t i = 0; i < tape->deepest; i++) {
        bind_newbuf(L);
    }
    const struct record *records = (const struct record *)(const void *)tape->records->data;
    const char *bytes = lac_buf_view(tape->bytes).data;
    int depth = 0;
    for (size_t i = 0; i < tape->records->len / sizeof *records; i++) {
        const struct record *record = &records[i];
        struct lac_buf *text = lua_touserdata(L, texts + depth);
        switch (record->event) {
        case START:
            depth++;
            lua_createtable(L, 0, 2);
            lua_pushlstring(L, bytes, record->first);
            lua_setfield(L, -2, "name");
            break;
        case ATTRIBUTE:
            set_attribute(L, bytes, record);
            break;
        case TEXT:
            lac_buf_add(text, (struct lac_str){bytes, record->first});
            break;
        case END:
            set_text(L, text);
            if (--depth > 0) {
                lua_rawseti(L, -2, (lua_Integer)lua_rawlen(L, -2) + 1);
            }
            break;
        }
        bytes += record->first + record->second;
    }
}

static size_t opt_limit(lua_State *L, const char *key, lua_Integer most) {
    return lua_istable(L, 2) ? (size_t)bind_opt_integer(L, 2, key, 1, most, 0) : 0;
}

/* xml.decode(text, limits?) -> root | nil, error */
static int l_decode(lua_State *L) {
    struct lac_str text = bind_string(L, 1);
    if (!lua_isnoneornil(L, 2)) {
        bind_check_keys(L, 2, limit_keys);
    }
    struct lac_xml_limits limits = {
        .max_bytes = opt_limit(L, "max_bytes", MOST_BYTES),
        .max_depth = opt_limit(L, "max_depth", MOST_DEPTH),
        .max_nodes = opt_limit(L, "max_nodes", MOST_NODES),
    };

    struct tape tape = {.records = bind_newbuf(L), .bytes = bind_newbuf(L)};
    const struct lac_xml_visitor visitor = {on_start, on_attribute, on_text, on_end, &tape};
    struct lac_error err;
    if (!lac_xml_parse(text, &limits, &visitor, &err)) {
        return bind_fail(L, &err);
    }
    push_tree(L, &tape);
    return 1;
}

static int l_escape(lua_State *L) {
    struct lac_str text = bind_string(L, 1);

    struct lac_buf *out = bind_newbuf(L);
    lac_xml_escape(text, out);
    return bind_push_buf(L, out);
}

static const luaL_Reg functions[] = {
    {"decode", l_decode},
    {"escape", l_escape},
    {NULL, NULL},
};

int luaopen_host_xml(lua_State *L) {
    luaL_newlib(L, functions);
    return 1;
}
