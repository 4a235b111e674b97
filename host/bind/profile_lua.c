/* profile_lua.c — require "host.profile": the Lua face of core/profile.h.
 *
 * What the reader finds is first put on a tape; the tables are made of it when the reader is done,
 * so that Lua running out of memory cannot jump over it. */
#include "bind/bind.h"
#include "core/profile.h"

static const char *const kind_names[] = {"config", "credentials", NULL};

/* Where sections of each kind are kept; NULL: among the profiles. */
static const char *const groups[] = {
    [LAC_PROFILE_NAMED] = NULL,
    [LAC_PROFILE_SSO_SESSION] = "sso-session",
    [LAC_PROFILE_SERVICES] = "services",
};

struct record {
    bool is_section;
    enum lac_profile_section kind;
    size_t lengths[3]; /* of the name; or of block, key and value */
};

struct tape {
    struct lac_buf *records, *bytes;
};

static bool add_record(struct tape *tape, const struct record *record,
                       const struct lac_str texts[3]) {
    lac_buf_add(tape->records, (struct lac_str){(const char *)record, sizeof *record});
    lac_buf_add_list(tape->bytes, texts, 3);
    return !tape->records->failed && !tape->bytes->failed;
}

static bool on_section(void *context, enum lac_profile_section kind, struct lac_str name) {
    const struct record record = {.is_section = true, .kind = kind, .lengths = {name.len, 0, 0}};
    return add_record(context, &record, (struct lac_str[]){name, LAC_STR(""), LAC_STR("")});
}

static bool on_key(void *context, struct lac_str block, struct lac_str key, struct lac_str value) {
    const struct record record = {.lengths = {block.len, key.len, value.len}};
    return add_record(context, &record, (struct lac_str[]){block, key, value});
}

/* Replaces the name on the top by the table that the one below has under it, made when need be. */
static void open_table(lua_State *L) {
    lua_pushvalue(L, -1);
    if (lua_rawget(L, -3) != LUA_TTABLE) {
        lua_pop(L, 1);
        lua_newtable(L);
        lua_pushvalue(L, -2);
        lua_pushvalue(L, -2);
        lua_rawset(L, -5);
    }
    lua_remove(L, -2);
}

/* Pushes the table of all sections. While it is made, the section that is open stands above it. */
static void push_sections(lua_State *L, const struct tape *tape) {
    luaL_checkstack(L, 12, NULL);
    const struct record *records = (const struct record *)(const void *)tape->records->data;
    const char *bytes = lac_buf_view(tape->bytes).data;
    lua_newtable(L);
    int all = lua_gettop(L);
    for (size_t i = 0; i < tape->records->len / sizeof *records; i++) {
        const size_t *lengths = records[i].lengths;
        if (records[i].is_section) {
            lua_settop(L, all);
            if (groups[records[i].kind] != NULL) {
                lua_pushstring(L, groups[records[i].kind]);
                open_table(L);
            }
            lua_pushlstring(L, bytes, lengths[0]);
            open_table(L);
        } else {
            int section = lua_gettop(L);
            if (lengths[0] > 0) {
                lua_pushlstring(L, bytes, lengths[0]);
                open_table(L);
            }
            lua_pushlstring(L, bytes + lengths[0], lengths[1]);
            lua_pushlstring(L, bytes + lengths[0] + lengths[1], lengths[2]);
            lua_rawset(L, -3);
            lua_settop(L, section);
        }
        bytes += lengths[0] + lengths[1] + lengths[2];
    }
    lua_settop(L, all);
}

/* profile.parse(text, kind) -> sections | nil, error */
static int l_parse(lua_State *L) {
    struct lac_str text = bind_string(L, 1);
    luaL_checktype(L, 2, LUA_TSTRING);
    bool is_config = luaL_checkoption(L, 2, NULL, kind_names) == 0;

    struct tape tape = {.records = bind_newbuf(L), .bytes = bind_newbuf(L)};
    const struct lac_profile_visitor visitor = {on_section, on_key, &tape};
    enum lac_profile_kind kind = is_config ? LAC_PROFILE_CONFIG : LAC_PROFILE_CREDENTIALS;
    struct lac_error err;
    bool ok = lac_profile_parse(text, kind, &visitor, &err);
    if (ok) {
        push_sections(L, &tape);
    }
    lac_wipe(tape.bytes->data, tape.bytes->len);
    return ok ? 1 : bind_fail(L, &err);
}

static const luaL_Reg functions[] = {
    {"parse", l_parse},
    {NULL, NULL},
};

int luaopen_host_profile(lua_State *L) {
    luaL_newlib(L, functions);
    return 1;
}
