/* server_lua.c — require "host.server": the Lua face of core/server.h. */
#include <string.h>

#include "bind/bind.h"
#include "bind/websocket_box.h"
#include "core/server.h"

#define TYPE "laconic.server"
#define MAX_HEADERS 128
#define MEBIBYTE ((lua_Integer)1024 * 1024)

static const char *const listen_keys[] = {
    "host", "port", "max_body", "spool", "spool_over", "max_connections", "idle_timeout", NULL};
static const char *const answer_keys[] = {"status", "headers", "body", "body_file", "head", NULL};
static const char *const upgrade_keys[] = {"key", "headers", "max_frame", "max_message", NULL};
static const char *const file_keys[] = {"path", "offset", "length", "remove", NULL};

static struct lac_server *check_server(lua_State *L) {
    struct lac_server **box = luaL_checkudata(L, 1, TYPE);
    luaL_argcheck(L, *box != NULL, 1, "closed server");
    return *box;
}

static uint64_t check_id(lua_State *L) {
    return (uint64_t)luaL_checkinteger(L, 2);
}

/* server.listen(options?) -> server | nil, error */
static int l_listen(lua_State *L) {
    lua_settop(L, 1);
    if (lua_isnil(L, 1)) {
        lua_newtable(L);
        lua_replace(L, 1);
    }
    bind_check_keys(L, 1, listen_keys);
    struct lac_server_options options = {
        .host = bind_opt_text(L, 1, "host", "127.0.0.1"),
        .port = (uint16_t)bind_opt_integer(L, 1, "port", 0, 65535, 0),
        .max_body = (size_t)bind_opt_integer(L, 1, "max_body", 0, 65536 * MEBIBYTE, 64 * MEBIBYTE),
        .spool = bind_opt_text(L, 1, "spool", NULL),
        .spool_over = (size_t)bind_opt_integer(L, 1, "spool_over", 0, 1024 * MEBIBYTE, MEBIBYTE),
        .max_connections = (unsigned)bind_opt_integer(L, 1, "max_connections", 1, 65535, 1024),
        .idle_timeout = (unsigned)bind_opt_integer(L, 1, "idle_timeout", 1, 86400, 60),
    };

    struct lac_server **box = lua_newuserdatauv(L, sizeof *box, 0);
    *box = NULL;
    luaL_setmetatable(L, TYPE);

    struct lac_error err;
    if (!lac_server_listen(&options, box, &err)) {
        return bind_fail(L, &err);
    }
    return 1;
}

/* server:port() -> integer */
static int l_port(lua_State *L) {
    lua_pushinteger(L, lac_server_port(check_server(L)));
    return 1;
}

/* server:fd() -> integer */
static int l_fd(lua_State *L) {
    lua_pushinteger(L, lac_server_fd(check_server(L)));
    return 1;
}

static void set_text(lua_State *L, const char *key, struct lac_str text) {
    lua_pushlstring(L, text.data, text.len);
    lua_setfield(L, -2, key);
}

static void set_target(lua_State *L, struct lac_str target) {
    set_text(L, "target", target);
    const char *mark = memchr(target.data, '?', target.len);
    size_t path_len = mark == NULL ? target.len : (size_t)(mark - target.data);
    struct lac_str path = {target.data, path_len};
    set_text(L, "path", path_len == 0 ? LAC_STR("/") : path);
    if (mark != NULL) {
        set_text(L, "query", (struct lac_str){mark + 1, target.len - path_len - 1});
    }
}

static void push_headers(lua_State *L, const struct lac_server_header *headers, size_t count) {
    lua_createtable(L, (int)count, 0);
    for (size_t i = 0; i < count; i++) {
        lua_createtable(L, 2, 0);
        lua_pushlstring(L, headers[i].name.data, headers[i].name.len);
        lua_rawseti(L, -2, 1);
        lua_pushlstring(L, headers[i].value.data, headers[i].value.len);
        lua_rawseti(L, -2, 2);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
}

/* server:next() -> request | nil */
static int l_next(lua_State *L) {
    struct lac_server *server = check_server(L);

    const struct lac_server_request *request = lac_server_next(server);
    if (request == NULL) {
        lua_pushnil(L);
        return 1;
    }

    lua_createtable(L, 0, 8);
    lua_pushinteger(L, (lua_Integer)request->id);
    lua_setfield(L, -2, "id");
    set_text(L, "method", request->method);
    set_target(L, request->target);
    push_headers(L, request->headers, request->header_count);
    lua_setfield(L, -2, "headers");
    if (request->trailer_count > 0) {
        push_headers(L, request->trailers, request->trailer_count);
        lua_setfield(L, -2, "trailers");
    }
    if (request->body_file == NULL) {
        set_text(L, "body", request->body);
    } else {
        lua_pushstring(L, request->body_file);
        lua_setfield(L, -2, "body_file");
    }
    lua_pushstring(L, request->peer);
    lua_setfield(L, -2, "peer");
    return 1;
}

/* A name or value that would end its line could say anything to the caller: it raises. */
static const char *check_line(lua_State *L, int index) {
    size_t len = 0;
    luaL_argcheck(L, lua_isstring(L, index), 3, "field 'headers': strings expected");
    const char *text = lua_tolstring(L, index, &len);
    luaL_argcheck(L, strlen(text) == len && strpbrk(text, "\r\n") == NULL, 3,
                  "field 'headers': a line break or a NUL in a header");
    return text;
}

static void add_field(lua_State *L, struct lac_server_field *fields, size_t *count) {
    luaL_argcheck(L, *count < MAX_HEADERS, 3, "field 'headers': more than 128");
    fields[*count] = (struct lac_server_field){check_line(L, -2), check_line(L, -1)};
    luaL_argcheck(L, fields[*count].name[0] != '\0', 3, "field 'headers': an empty name");
    (*count)++;
}

/* Pushes a copy of the map's items as a list { name, value, name, value, … } sorted by name. */
static void sort_map(lua_State *L, int map, struct lac_server_field *fields, size_t *count) {
    lua_pushnil(L);
    while (lua_next(L, map)) {
        luaL_argcheck(L, lua_type(L, -2) == LUA_TSTRING, 3, "field 'headers': names expected");
        luaL_checkstack(L, 4, NULL);
        lua_pushvalue(L, -2);
        lua_pushvalue(L, -2);
        add_field(L, fields, count);
        lua_rotate(L, -4, 2); /* name, value stay below: they keep the views alive */
        lua_pop(L, 1);
        for (size_t i = *count - 1; i > 0 && strcmp(fields[i].name, fields[i - 1].name) < 0; i--) {
            struct lac_server_field later = fields[i];
            fields[i] = fields[i - 1];
            fields[i - 1] = later;
        }
    }
}

/* Reads answer.headers: a list of { name, value }, in that order, or a map, in order of its names.
 * The strings stay on the stack. */
static size_t check_headers(lua_State *L, struct lac_server_field fields[MAX_HEADERS]) {
    size_t count = 0;
    luaL_checkstack(L, 2 * MAX_HEADERS + 8, NULL);
    int type = lua_getfield(L, 3, "headers");
    luaL_argcheck(L, type == LUA_TNIL || type == LUA_TTABLE, 3, "field 'headers': table expected");
    if (type == LUA_TNIL) {
        return 0;
    }
    int list = lua_gettop(L);
    lua_Integer length = (lua_Integer)lua_rawlen(L, list);
    if (length == 0) {
        sort_map(L, list, fields, &count);
    }
    for (lua_Integer i = 1; i <= length; i++) {
        luaL_argcheck(L, lua_rawgeti(L, list, i) == LUA_TTABLE, 3,
                      "field 'headers': { name, value } expected");
        lua_rawgeti(L, -1, 1);
        lua_rawgeti(L, -2, 2);
        add_field(L, fields, &count);
        lua_remove(L, -3);
    }
    return count;
}

static void check_file(lua_State *L, struct lac_server_answer *answer) {
    if (lua_getfield(L, 3, "body_file") == LUA_TNIL) {
        return;
    }
    luaL_argcheck(L, lua_istable(L, -1), 3, "field 'body_file': table expected");
    int file = lua_gettop(L);
    bind_check_keys(L, file, file_keys);
    answer->path = bind_text(L, file, "path");
    answer->offset = (uint64_t)bind_opt_integer(L, file, "offset", 0, LUA_MAXINTEGER, 0);
    lua_Integer length = bind_opt_integer(L, file, "length", 0, LUA_MAXINTEGER, -1);
    answer->length = length < 0 ? UINT64_MAX : (uint64_t)length;
    answer->remove = bind_opt_boolean(L, file, "remove", false);
}

static struct lac_server_answer check_answer(lua_State *L,
                                             struct lac_server_field fields[MAX_HEADERS]) {
    bind_check_keys(L, 3, answer_keys);
    struct lac_server_answer answer = {.headers = fields};
    lua_Integer status = bind_opt_integer(L, 3, "status", 200, 599, 0);
    luaL_argcheck(L, status != 0, 3, "field 'status': integer expected, got nil");
    answer.status = (unsigned)status;
    bind_opt_boolean(L, 3, "head", false); /* the method alone decides: see the stub */
    answer.body = bind_opt_field(L, 3, "body", LAC_STR(""));
    check_file(L, &answer);
    answer.header_count = check_headers(L, fields);
    return answer;
}

/* server:respond(id, answer) -> boolean | nil, error */
static int l_respond(lua_State *L) {
    struct lac_server *server = check_server(L);
    uint64_t id = check_id(L);
    struct lac_server_field fields[MAX_HEADERS];
    struct lac_server_answer answer = check_answer(L, fields);

    bool delivered;
    struct lac_error err;
    if (!lac_server_respond(server, id, &answer, &delivered, &err)) {
        return bind_fail(L, &err);
    }

    lua_pushboolean(L, delivered);
    return 1;
}

/* server:connected(id) -> boolean */
static int l_connected(lua_State *L) {
    lua_pushboolean(L, lac_server_connected(check_server(L), check_id(L)));
    return 1;
}

/* server:start(id, answer) -> boolean */
static int l_start(lua_State *L) {
    struct lac_server *server = check_server(L);
    uint64_t id = check_id(L);
    struct lac_server_field fields[MAX_HEADERS];
    struct lac_server_answer answer = check_answer(L, fields);
    luaL_argcheck(L, answer.path == NULL && answer.body.len == 0, 3,
                  "field 'body': a begun answer is written by 'write'");

    lua_pushboolean(L, lac_server_start(server, id, &answer));
    return 1;
}

/* server:write(id, bytes) -> boolean */
static int l_write(lua_State *L) {
    struct lac_server *server = check_server(L);
    uint64_t id = check_id(L);
    struct lac_str bytes = bind_string(L, 3);

    lua_pushboolean(L, lac_server_write(server, id, bytes));
    return 1;
}

/* server:finish(id) -> boolean */
static int l_finish(lua_State *L) {
    lua_pushboolean(L, lac_server_finish(check_server(L), check_id(L)));
    return 1;
}

/* server:abort(id) -> boolean */
static int l_abort(lua_State *L) {
    lua_pushboolean(L, lac_server_abort(check_server(L), check_id(L)));
    return 1;
}

/* server:ahead(id) -> integer | nil */
static int l_ahead(lua_State *L) {
    struct lac_server *server = check_server(L);
    uint64_t id = check_id(L);

    size_t bytes;
    if (!lac_server_ahead(server, id, &bytes)) {
        lua_pushnil(L);
        return 1;
    }
    lua_pushinteger(L, (lua_Integer)bytes);
    return 1;
}

/* server:upgrade(id, options) -> websocket | nil, error */
static int l_upgrade(lua_State *L) {
    struct lac_server *server = check_server(L);
    uint64_t id = check_id(L);
    bind_check_keys(L, 3, upgrade_keys);
    struct lac_server_field fields[MAX_HEADERS + 2];
    char accept[LAC_WEBSOCKET_ACCEPT];
    struct lac_str key = bind_field(L, 3, "key");
    struct lac_websocket_limits limits = bind_websocket_limits(L, 3);
    size_t count = check_headers(L, fields);

    struct lac_websocket_link **box = bind_newwebsocket(L);
    struct lac_buf *before = bind_newbuf(L);

    int socket = -1;
    struct lac_error err;
    bool ok = lac_websocket_accept(key, accept, &err);
    fields[count] = (struct lac_server_field){"Upgrade", "websocket"};
    fields[count + 1] = (struct lac_server_field){"Sec-WebSocket-Accept", accept};
    ok = ok && lac_server_upgrade(server, id, fields, count + 2, &socket, before, &err);
    *box = ok ? lac_websocket_serve(socket, limits, lac_buf_view(before), &err) : NULL;
    if (*box == NULL) {
        return bind_fail(L, &err);
    }

    lua_pop(L, 1);
    return 1;
}

/* server:close(); also __gc and __close */
static int l_close(lua_State *L) {
    struct lac_server **box = luaL_checkudata(L, 1, TYPE);
    lac_server_close(*box);
    *box = NULL;
    return 0;
}

static int l_tostring(lua_State *L) {
    struct lac_server **box = luaL_checkudata(L, 1, TYPE);
    if (*box == NULL) {
        lua_pushliteral(L, "server (closed)");
    } else {
        lua_pushfstring(L, "server (port %d)", (int)lac_server_port(*box));
    }
    return 1;
}

static const luaL_Reg methods[] = {
    {"port", l_port},     {"fd", l_fd},
    {"next", l_next},     {"respond", l_respond},
    {"start", l_start},   {"write", l_write},
    {"finish", l_finish}, {"abort", l_abort},
    {"ahead", l_ahead},   {"connected", l_connected},
    {"close", l_close},   {"upgrade", l_upgrade},
    {NULL, NULL},
};

static const luaL_Reg metamethods[] = {
    {"__gc", l_close},
    {"__close", l_close},
    {"__tostring", l_tostring},
    {NULL, NULL},
};

static const luaL_Reg functions[] = {
    {"listen", l_listen},
    {NULL, NULL},
};

int luaopen_host_server(lua_State *L) {
    luaL_newmetatable(L, TYPE);
    luaL_setfuncs(L, metamethods, 0);
    luaL_newlib(L, methods);
    lua_setfield(L, -2, "__index");
    luaL_newlib(L, functions);
    return 1;
}
