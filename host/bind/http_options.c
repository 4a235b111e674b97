#include "bind/http_options.h"

#include <stdlib.h>
#include <string.h>

#define MAX_REQUESTS 10000
#define MAX_HEADERS 256
#define EXCHANGES_TYPE "laconic.http_exchanges"

static void check_each(lua_State *L, int arg, const char *key, bool ok, const char *want) {
    if (!ok) {
        luaL_argerror(L, arg, lua_pushfstring(L, "field '%s': %s expected", key, want));
    }
}

/* { { name, value }, … } : both strings stay on the stack. */
static void read_list(lua_State *L, int arg, const char *key, int list, struct lac_header *out,
                      size_t count) {
    for (size_t i = 0; i < count; i++) {
        bool pair = lua_rawgeti(L, list, (lua_Integer)i + 1) == LUA_TTABLE;
        check_each(L, arg, key, pair, "{ name, value } in each item");
        bool texts = lua_rawgeti(L, -1, 1) == LUA_TSTRING && lua_rawgeti(L, -2, 2) == LUA_TSTRING;
        check_each(L, arg, key, texts, "two strings in each item");
        out[i].name.data = lua_tolstring(L, -2, &out[i].name.len);
        out[i].value.data = lua_tolstring(L, -1, &out[i].value.len);
        lua_remove(L, -3);
    }
}

static int compare_names(const void *a, const void *b) {
    const struct lac_str *x = &((const struct lac_header *)a)->name;
    const struct lac_str *y = &((const struct lac_header *)b)->name;
    int order = memcmp(x->data, y->data, x->len < y->len ? x->len : y->len);
    return order != 0 ? order : (x->len > y->len) - (x->len < y->len);
}

/* { name = value, … } : names and values stay on the stack, below the key that lua_next wants. */
static void read_map(lua_State *L, int arg, const char *key, int map, struct lac_header *out,
                     size_t count) {
    size_t i = 0;
    lua_pushnil(L);
    while (lua_next(L, map)) {
        bool texts = lua_type(L, -2) == LUA_TSTRING && lua_type(L, -1) == LUA_TSTRING;
        check_each(L, arg, key, texts && i < count, "names and values that are strings");
        out[i].name.data = lua_tolstring(L, -2, &out[i].name.len);
        out[i].value.data = lua_tolstring(L, -1, &out[i].value.len);
        i++;
        lua_pushvalue(L, -2);
    }
    qsort(out, count, sizeof *out, compare_names);
}

static size_t count_fields(lua_State *L, int table) {
    size_t count = 0;
    lua_pushnil(L);
    while (lua_next(L, table)) {
        lua_pop(L, 1);
        count++;
    }
    return count;
}

struct lac_header *bind_http_headers(lua_State *L, int arg, const char *key, size_t *count) {
    luaL_checkstack(L, 6, NULL);
    int type = lua_getfield(L, arg, key);
    int table = lua_gettop(L);
    *count = 0;
    if (type == LUA_TNIL) {
        return NULL;
    }
    check_each(L, arg, key, type == LUA_TTABLE, "table");
    size_t items = lua_rawlen(L, table), fields = count_fields(L, table);
    check_each(L, arg, key, items == 0 || items == fields, "a list or a map, not both,");
    check_each(L, arg, key, fields <= MAX_HEADERS, "at most 256 headers");
    luaL_checkstack(L, (int)fields * 2 + 6, NULL);
    struct lac_header *headers = lua_newuserdatauv(L, (fields + 1) * sizeof *headers, 0);
    if (items > 0) {
        read_list(L, arg, key, table, headers, fields);
    } else {
        read_map(L, arg, key, table, headers, fields);
    }
    *count = fields;
    return headers;
}

double bind_http_seconds(lua_State *L, int arg, const char *key) {
    double value = bind_opt_number(L, arg, key, 0);
    if (lua_getfield(L, arg, key) != LUA_TNIL && !(value > 0)) {
        luaL_argerror(L, arg, lua_pushfstring(L, "field '%s': must be above 0", key));
    }
    lua_pop(L, 1);
    return value;
}

void bind_http_transport(lua_State *L, int arg, struct lac_http_request *out) {
    out->connect_timeout = bind_http_seconds(L, arg, "connect_timeout");
    out->timeout = bind_http_seconds(L, arg, "timeout");
    out->idle_timeout = bind_http_seconds(L, arg, "idle_timeout");
    out->proxy = bind_opt_text(L, arg, "proxy", NULL);
    out->ca_bundle = bind_opt_text(L, arg, "ca_bundle", NULL);
}

static const char *const slice_keys[] = {"path", "offset", "length", NULL};

/* body_file = { path, offset?, length? }. It stands in the argument's place while it is read, so
 * that a mistake in it is blamed on the argument. */
static struct lac_http_slice check_slice(lua_State *L, int arg) {
    struct lac_http_slice slice = {.path = NULL, .length = LAC_HTTP_TO_END};
    luaL_checkstack(L, 4, NULL);
    lua_pushvalue(L, arg);
    int request = lua_gettop(L), type = lua_getfield(L, arg, "body_file");
    if (type == LUA_TNIL) {
        return slice;
    }
    check_each(L, arg, "body_file", type == LUA_TTABLE, "table");
    lua_replace(L, arg);
    bind_check_keys(L, arg, slice_keys);
    lua_Integer length = bind_opt_integer(L, arg, "length", 0, LUA_MAXINTEGER, -1);
    slice.offset = (uint64_t)bind_opt_integer(L, arg, "offset", 0, LUA_MAXINTEGER, 0);
    slice.length = length < 0 ? LAC_HTTP_TO_END : (uint64_t)length;
    slice.path = bind_text(L, arg, "path");
    lua_pushvalue(L, request);
    lua_replace(L, arg);
    return slice;
}

static bool tell(void *context, const struct lac_http_progress *so_far) {
    const lua_Integer numbers[] = {(lua_Integer)so_far->sent, (lua_Integer)so_far->send_total,
                                   (lua_Integer)so_far->received,
                                   (lua_Integer)so_far->receive_total};
    struct bind_http_callbacks *callbacks = context;
    return bind_callback_call(&callbacks->progress, numbers, 4);
}

static bool sink(void *context, struct lac_str piece) {
    struct bind_http_callbacks *callbacks = context;
    return bind_callback_call_text(&callbacks->sink, piece);
}

void bind_http_raise(const struct bind_http_callbacks *callbacks) {
    bind_callback_raise(&callbacks->progress);
    bind_callback_raise(&callbacks->sink);
}

void bind_http_request(lua_State *L, int arg, struct lac_http_request *out,
                       struct bind_http_callbacks *callbacks) {
    const struct lac_str none = {NULL, 0};
    *out = (struct lac_http_request){
        .url = bind_text(L, arg, "url"),
        .method = bind_opt_field(L, arg, "method", LAC_STR("")),
        .body = bind_opt_field(L, arg, "body", none),
        .file = check_slice(L, arg),
        .to_file = bind_opt_text(L, arg, "to_file", NULL),
        .max_body = (size_t)bind_opt_integer(L, arg, "max_body", 1, (lua_Integer)1 << 40, 0),
    };
    if (out->body.data != NULL && out->file.path != NULL) {
        luaL_argerror(L, arg, "field 'body_file': there is a body already");
    }
    bind_http_transport(L, arg, out);
    out->headers = bind_http_headers(L, arg, "headers", &out->header_count);
    callbacks->progress = bind_opt_callback(L, arg, "progress");
    callbacks->sink = bind_opt_callback(L, arg, "sink");
    out->progress = callbacks->progress.slot != 0 ? tell : NULL;
    out->sink = callbacks->sink.slot != 0 ? sink : NULL;
    out->context = callbacks;
    if (out->sink != NULL && out->to_file != NULL) {
        luaL_argerror(L, arg, "field 'sink': the answer goes to a file already");
    }
    luaL_checkstack(L, 8, NULL); /* for `tell` and `sink`, which cannot raise */
}

struct exchanges {
    size_t count, size, offset;
    union {
        LUAI_MAXALIGN;
    } first[]; /* what Lua's memory is aligned for */
};

static int exchanges_gc(lua_State *L) {
    struct exchanges *exchanges = luaL_checkudata(L, 1, EXCHANGES_TYPE);
    for (size_t i = 0; i < exchanges->count; i++) {
        size_t at = i * exchanges->size + exchanges->offset;
        lac_http_response_free((void *)((char *)exchanges->first + at));
    }
    exchanges->count = 0;
    return 0;
}

void *bind_http_box(lua_State *L, size_t count, size_t size, size_t offset) {
    struct exchanges *exchanges = lua_newuserdatauv(L, sizeof *exchanges + count * size, 0);
    *exchanges = (struct exchanges){.count = count, .size = size, .offset = offset};
    memset(exchanges->first, 0, count * size);
    if (luaL_newmetatable(L, EXCHANGES_TYPE)) {
        lua_pushcfunction(L, exchanges_gc);
        lua_setfield(L, -2, "__gc");
    }
    lua_setmetatable(L, -2);
    return exchanges->first;
}

static const char *const batch_keys[] = {"parallel", NULL};

int bind_http_send_all(lua_State *L, const struct bind_http_batch *batch) {
    luaL_checktype(L, 1, LUA_TTABLE);
    size_t parallel = 8, count = lua_rawlen(L, 1);
    luaL_argcheck(L, count <= MAX_REQUESTS, 1, "more than 10,000 requests");
    if (!lua_isnoneornil(L, 2)) {
        bind_check_keys(L, 2, batch_keys);
        parallel = (size_t)bind_opt_integer(L, 2, "parallel", 1, 64, 8);
    }
    char *exchanges = bind_http_box(L, count, batch->size, batch->response);
    struct bind_http_callbacks *callbacks =
        lua_newuserdatauv(L, (count + 1) * sizeof *callbacks, 0);
    lua_pushvalue(L, 1);
    int list = lua_gettop(L);
    for (size_t i = 0; i < count; i++) { /* each as argument 1, for the sake of messages */
        lua_rawgeti(L, list, (lua_Integer)i + 1);
        lua_replace(L, 1);
        batch->check(L, 1, exchanges + i * batch->size, &callbacks[i]);
    }
    luaL_checkstack(L, LUA_MINSTACK, NULL);

    batch->send(exchanges, count, parallel);
    for (size_t i = 0; i < count; i++) {
        bind_http_raise(&callbacks[i]);
    }

    lua_createtable(L, (int)count, 0);
    for (size_t i = 0; i < count; i++) {
        lua_createtable(L, 0, 1);
        bool answered = batch->push_outcome(L, exchanges + i * batch->size);
        lua_setfield(L, -2, answered ? "response" : "err");
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    return 1;
}

void bind_http_push_headers(lua_State *L, const struct lac_headers *headers) {
    luaL_checkstack(L, 3, NULL);
    lua_createtable(L, 0, (int)headers->count);
    for (size_t i = 0; i < headers->count; i++) {
        struct lac_str name = lac_buf_view(&headers->items[i].name);
        struct lac_str value = lac_buf_view(&headers->items[i].value);
        lua_pushlstring(L, name.data, name.len);
        lua_pushlstring(L, value.data, value.len);
        lua_rawset(L, -3);
    }
}

void bind_http_push_response(lua_State *L, const struct lac_http_response *response) {
    struct lac_str body = lac_buf_view(&response->body);
    luaL_checkstack(L, 5, NULL);
    lua_createtable(L, 0, 4);
    lua_pushinteger(L, response->status);
    lua_setfield(L, -2, "status");
    bind_http_push_headers(L, &response->headers);
    lua_setfield(L, -2, "headers");
    lua_pushlstring(L, body.data, body.len);
    lua_setfield(L, -2, "body");
    lua_pushnumber(L, response->seconds);
    lua_setfield(L, -2, "seconds");
}
