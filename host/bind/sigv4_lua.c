/* sigv4_lua.c — require "host.sigv4": the Lua face of core/signing.h and core/sigv4.h. */
#include <stdlib.h>
#include <string.h>

#include "bind/bind.h"
#include "core/signing.h"

#define MOST_HEADERS 256
#define DEFAULT_EXPIRES 900

static const char *const signer_keys[] = {
    "access_key_id", "secret_access_key", "session_token", "region", "service", "amz_date", NULL};
static const char *const request_keys[] = {"method",
                                           "path",
                                           "query",
                                           "headers",
                                           "body",
                                           "payload_sha256",
                                           "normalize",
                                           "double_encode",
                                           "signed_headers",
                                           "sign_body",
                                           "omit_session_token",
                                           "expires",
                                           "query_form",
                                           NULL};

/* A request and the arrays that it points into. The strings stay on the stack. */
struct request {
    struct lac_sigv4_request request;
    struct lac_header headers[MOST_HEADERS];
    struct lac_str signed_headers[MOST_HEADERS];
};

/* `arguments` is how many there are to be: what is read from here on lies on the stack above them.
 */
static struct lac_sigv4_signer check_signer(lua_State *L, int arguments) {
    lua_settop(L, arguments);
    bind_check_keys(L, 1, signer_keys);
    return (struct lac_sigv4_signer){
        .access_key_id = bind_field(L, 1, "access_key_id"),
        .secret_access_key = bind_field(L, 1, "secret_access_key"),
        .session_token = bind_opt_field(L, 1, "session_token", LAC_STR("")),
        .region = bind_field(L, 1, "region"),
        .service = bind_field(L, 1, "service"),
        .amz_date = bind_field(L, 1, "amz_date"),
    };
}

static enum lac_sigv4_rule opt_rule(lua_State *L, const char *key) {
    if (lua_getfield(L, 2, key) == LUA_TNIL) {
        lua_pop(L, 1);
        return LAC_SIGV4_BY_SERVICE;
    }
    lua_pop(L, 1);
    return bind_opt_boolean(L, 2, key, false) ? LAC_SIGV4_YES : LAC_SIGV4_NO;
}

static size_t check_header_list(lua_State *L, int list, struct lac_header out[MOST_HEADERS]) {
    lua_Unsigned count = lua_rawlen(L, list);
    luaL_argcheck(L, count <= MOST_HEADERS, 2, "field 'headers': more than 256");
    luaL_checkstack(L, 2 * (int)count + 4, NULL);
    for (lua_Unsigned i = 0; i < count; i++) {
        bool is_pair = lua_rawgeti(L, list, (lua_Integer)i + 1) == LUA_TTABLE;
        luaL_argcheck(L, is_pair, 2, "field 'headers': { name, value } expected");
        out[i].name = bind_item(L, -1, 1);
        out[i].value = bind_item(L, -2, 2);
        lua_remove(L, -3);
    }
    return (size_t)count;
}

static int compare_names(const void *a, const void *b) {
    const struct lac_header *left = a, *right = b;
    size_t shorter = left->name.len < right->name.len ? left->name.len : right->name.len;
    int order = memcmp(left->name.data, right->name.data, shorter);
    return order != 0 ? order
                      : (left->name.len > right->name.len) - (left->name.len < right->name.len);
}

/* In byte order of the names, so that the same map always gives the same list. */
static size_t check_header_map(lua_State *L, int map, struct lac_header out[MOST_HEADERS]) {
    size_t count = 0;
    for (lua_pushnil(L); lua_next(L, map); lua_pop(L, 1)) {
        bool is_text = lua_type(L, -2) == LUA_TSTRING && lua_type(L, -1) == LUA_TSTRING;
        luaL_argcheck(L, is_text, 2, "field 'headers': names and values are strings");
        luaL_argcheck(L, count < MOST_HEADERS, 2, "field 'headers': more than 256");
        out[count].name.data = lua_tolstring(L, -2, &out[count].name.len);
        out[count].value.data = lua_tolstring(L, -1, &out[count].value.len);
        count++;
    }
    qsort(out, count, sizeof *out, compare_names);
    return count;
}

static size_t check_headers(lua_State *L, struct lac_header out[MOST_HEADERS]) {
    luaL_checkstack(L, 4, NULL);
    luaL_argcheck(L, lua_getfield(L, 2, "headers") == LUA_TTABLE, 2,
                  "field 'headers': table expected");
    int table = lua_gettop(L); /* stays there, and keeps a map's strings alive */
    return lua_rawlen(L, table) > 0 ? check_header_list(L, table, out)
                                    : check_header_map(L, table, out);
}

/* The count; `out` is untouched when the field is absent. */
static bool opt_signed_headers(lua_State *L, struct lac_str out[MOST_HEADERS], size_t *count) {
    luaL_checkstack(L, 4, NULL);
    if (lua_getfield(L, 2, "signed_headers") == LUA_TNIL) {
        return false;
    }
    luaL_argcheck(L, lua_istable(L, -1), 2, "field 'signed_headers': table expected");
    int list = lua_gettop(L);
    *count = lua_rawlen(L, list);
    luaL_argcheck(L, *count <= MOST_HEADERS, 2, "field 'signed_headers': more than 256");
    for (size_t i = 0; i < *count; i++) {
        out[i] = bind_item(L, list, (lua_Integer)i + 1);
    }
    return true;
}

static void check_request(lua_State *L, struct request *out) {
    bind_check_keys(L, 2, request_keys);
    out->request = (struct lac_sigv4_request){
        .method = bind_field(L, 2, "method"),
        .path = bind_field(L, 2, "path"),
        .query = bind_opt_field(L, 2, "query", LAC_STR("")),
        .body = bind_opt_field(L, 2, "body", LAC_STR("")),
        .payload_sha256 = bind_opt_field(L, 2, "payload_sha256", LAC_STR("")),
        .normalize = opt_rule(L, "normalize"),
        .double_encode = opt_rule(L, "double_encode"),
        .headers = out->headers,
        .header_count = check_headers(L, out->headers),
    };
    if (opt_signed_headers(L, out->signed_headers, &out->request.signed_header_count)) {
        out->request.signed_headers = out->signed_headers;
    }
}

static int signed_gc(lua_State *L) {
    lac_signed_free(luaL_checkudata(L, 1, "laconic.signed"));
    return 0;
}

/* Pushes an empty result that Lua's collector frees. */
static struct lac_signed *new_signed(lua_State *L) {
    luaL_checkstack(L, 4, NULL);
    struct lac_signed *result = lua_newuserdatauv(L, sizeof *result, 0);
    *result = (struct lac_signed){0};
    if (luaL_newmetatable(L, "laconic.signed")) {
        lua_pushcfunction(L, signed_gc);
        lua_setfield(L, -2, "__gc");
    }
    lua_setmetatable(L, -2);
    return result;
}

static void set_text(lua_State *L, const char *key, const struct lac_buf *text) {
    struct lac_str view = lac_buf_view(text);
    lua_pushlstring(L, view.data, view.len);
    lua_setfield(L, -2, key);
}

static void push_signed(lua_State *L, const struct lac_signed *result) {
    lua_createtable(L, 0, 6);
    set_text(L, "signature", &result->signature);
    set_text(L, "canonical_request", &result->canonical_request);
    set_text(L, "string_to_sign", &result->string_to_sign);
}

static void push_headers(lua_State *L, const struct lac_signed *result) {
    lua_createtable(L, (int)result->header_count, 0);
    for (size_t i = 0; i < result->header_count; i++) {
        const struct lac_header *header = &result->headers[i];
        lua_createtable(L, 2, 0);
        lua_pushlstring(L, header->name.data, header->name.len);
        lua_rawseti(L, -2, 1);
        lua_pushlstring(L, header->value.data, header->value.len);
        lua_rawseti(L, -2, 2);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
}

/* sigv4.sign(signer, request) -> { headers, authorization, … } | nil, error */
static int l_sign(lua_State *L) {
    struct lac_sigv4_signer signer = check_signer(L, 2);
    struct request given;
    check_request(L, &given);
    struct lac_sign_options options = {
        .sign_body = bind_opt_boolean(L, 2, "sign_body", lac_sigv4_is_s3(&signer)),
        .omit_session_token = bind_opt_boolean(L, 2, "omit_session_token", false),
    };

    struct lac_signed *result = new_signed(L);
    struct lac_error err;
    if (!lac_sign(&signer, &given.request, &options, result, &err)) {
        return bind_fail(L, &err);
    }
    push_signed(L, result);
    set_text(L, "authorization", &result->authorization);
    set_text(L, "signed_headers", &result->signed_headers);
    push_headers(L, result);
    lua_setfield(L, -2, "headers");
    return 1;
}

/* sigv4.presign(signer, request) -> { query, signature, … } | nil, error */
static int l_presign(lua_State *L) {
    struct lac_sigv4_signer signer = check_signer(L, 2);
    struct request given;
    check_request(L, &given);
    struct lac_sign_options options = {
        .omit_session_token = bind_opt_boolean(L, 2, "omit_session_token", false),
        .expires =
            (int)bind_opt_integer(L, 2, "expires", 1, LAC_SIGN_EXPIRES_MOST, DEFAULT_EXPIRES),
    };

    struct lac_signed *result = new_signed(L);
    struct lac_error err;
    if (!lac_presign(&signer, &given.request, &options, result, &err)) {
        return bind_fail(L, &err);
    }
    push_signed(L, result);
    set_text(L, "query", &result->query);
    return 1;
}

/* sigv4.expected(signer, request) -> { signature, … } | nil, error */
static int l_expected(lua_State *L) {
    struct lac_sigv4_signer signer = check_signer(L, 2);
    struct request given;
    check_request(L, &given);
    bind_field(L, 2, "payload_sha256"); /* here it may not be absent */
    bool by_query = bind_opt_boolean(L, 2, "query_form", false);

    struct lac_signed *result = new_signed(L);
    struct lac_error err;
    if (!lac_sign_expected(&signer, &given.request, by_query, result, &err)) {
        return bind_fail(L, &err);
    }
    push_signed(L, result);
    return 1;
}

typedef bool (*part_signature)(const struct lac_sigv4_signer *signer, struct lac_str previous,
                               struct lac_str sha256, struct lac_buf *out, struct lac_error *err);

static int sign_part(lua_State *L, part_signature sign) {
    struct lac_sigv4_signer signer = check_signer(L, 3);
    struct lac_str previous = bind_string(L, 2);
    struct lac_str sha256 = bind_string(L, 3);

    struct lac_buf *out = bind_newbuf(L);
    struct lac_error err;
    if (!sign(&signer, previous, sha256, out, &err)) {
        return bind_fail(L, &err);
    }
    return bind_push_buf(L, out);
}

static int l_chunk_signature(lua_State *L) {
    return sign_part(L, lac_sigv4_chunk_signature);
}

static int l_trailer_signature(lua_State *L) {
    return sign_part(L, lac_sigv4_trailer_signature);
}

static int l_same(lua_State *L) {
    lua_pushboolean(L, lac_sigv4_same(bind_string(L, 1), bind_string(L, 2)));
    return 1;
}

static const luaL_Reg functions[] = {
    {"sign", l_sign},
    {"presign", l_presign},
    {"expected", l_expected},
    {"chunk_signature", l_chunk_signature},
    {"trailer_signature", l_trailer_signature},
    {"same", l_same},
    {NULL, NULL},
};

int luaopen_host_sigv4(lua_State *L) {
    luaL_newlib(L, functions);
    return 1;
}
