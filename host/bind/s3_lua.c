/* s3_lua.c — require "host.s3": the Lua face of core/s3.h. */
#include <stdlib.h>
#include <string.h>

#include "bind/aws_options.h"
#include "bind/bind.h"
#include "bind/http_options.h"
#include "core/s3.h"

#define RESULT_TYPE "laconic.s3_result"
#define MAX_HEADERS 64

#define TARGET_KEYS                                                                                \
    "credentials", "region", "endpoint", "bucket", "key", "attempts", "ca_bundle", "proxy",        \
        "timeout", "connect_timeout", "idle_timeout"

static const char *const put_keys[] = {
    TARGET_KEYS,    "body",     "path",    "part_size", "parallel",
    "content_type", "metadata", "headers", "progress",  NULL};
static const char *const get_keys[] = {TARGET_KEYS, "version_id", "range",
                                       "to_file",   "max_body",   NULL};
static const char *const head_keys[] = {TARGET_KEYS, "version_id", NULL};
static const char *const list_keys[] = {TARGET_KEYS, "prefix", "limit", NULL};
static const char *const unfinished_keys[] = {TARGET_KEYS, "prefix", NULL};

/* Whatever a call brings, owned until it was pushed. */
struct result {
    struct lac_s3_put_result put;
    struct lac_http_response response;
    struct lac_s3_items items;
};

static int result_gc(lua_State *L) {
    struct result *result = luaL_checkudata(L, 1, RESULT_TYPE);
    lac_s3_put_result_free(&result->put);
    lac_http_response_free(&result->response);
    lac_s3_items_free(&result->items);
    return 0;
}

static struct result *box_result(lua_State *L) {
    struct result *result = lua_newuserdatauv(L, sizeof *result, 0);
    *result = (struct result){0};
    if (luaL_newmetatable(L, RESULT_TYPE)) {
        lua_pushcfunction(L, result_gc);
        lua_setfield(L, -2, "__gc");
    }
    lua_setmetatable(L, -2);
    luaL_checkstack(L, LUA_MINSTACK, NULL);
    return result;
}

static struct lac_s3_target check_target(lua_State *L, bool with_key) {
    struct lac_s3_target target = {
        .credentials = bind_aws_credentials(L, 1),
        .region = bind_field(L, 1, "region"),
        .endpoint = bind_opt_text(L, 1, "endpoint", NULL),
        .bucket = bind_field(L, 1, "bucket"),
        .attempts = (int)bind_opt_integer(L, 1, "attempts", 1, LAC_AWS_MOST_ATTEMPTS, 0),
    };
    if (with_key) {
        target.key = bind_field(L, 1, "key");
    }
    bind_http_transport(L, 1, &target.http);
    return target;
}

static void push_field(lua_State *L, const char *name, struct lac_str value) {
    lua_pushlstring(L, value.data, value.len);
    lua_setfield(L, -2, name);
}

static void push_version(lua_State *L, struct lac_str version_id) {
    if (version_id.data != NULL && version_id.len > 0) {
        push_field(L, "version_id", version_id);
    }
}

/* Adds { content_type, metadata, headers } to the list; the strings stay on the stack. */
static struct lac_header *check_put_headers(lua_State *L, size_t *count) {
    size_t given = 0, tagged = 0;
    const struct lac_header *headers = bind_http_headers(L, 1, "headers", &given);
    const struct lac_header *metadata = bind_http_headers(L, 1, "metadata", &tagged);
    struct lac_str content_type = bind_opt_field(L, 1, "content_type", LAC_STR(""));
    luaL_argcheck(L, given + tagged < MAX_HEADERS, 1, "more than 64 headers and metadata");
    luaL_checkstack(L, (int)tagged * 2 + 4, NULL);
    struct lac_header *all = lua_newuserdatauv(L, (given + tagged + 1) * sizeof *all, 0);
    *count = 0;
    for (size_t i = 0; i < given; i++) {
        all[(*count)++] = headers[i];
    }
    if (content_type.len > 0) {
        all[(*count)++] = (struct lac_header){LAC_STR("Content-Type"), content_type};
    }
    for (size_t i = 0; i < tagged; i++) {
        struct lac_header *header = &all[(*count)++];
        lua_pushstring(L, "x-amz-meta-");
        lua_pushlstring(L, metadata[i].name.data, metadata[i].name.len);
        lua_concat(L, 2);
        header->name.data = lua_tolstring(L, -1, &header->name.len);
        header->value = metadata[i].value;
    }
    return all;
}

static bool tell(void *context, uint64_t sent, uint64_t total) {
    const lua_Integer numbers[] = {(lua_Integer)sent, (lua_Integer)total};
    return bind_callback_call(context, numbers, 2);
}

/* s3.put(request) -> { etag, version_id?, parts? } | nil, error */
static int l_put(lua_State *L) {
    bind_check_keys(L, 1, put_keys);
    struct lac_s3_put put = {
        .target = check_target(L, true),
        .body = bind_opt_field(L, 1, "body", (struct lac_str){NULL, 0}),
        .path = bind_opt_text(L, 1, "path", NULL),
        .part_size = (uint64_t)bind_opt_integer(
            L, 1, "part_size", (lua_Integer)LAC_S3_LEAST_PART_SIZE, (lua_Integer)5 << 30, 0),
        .parallel = (size_t)bind_opt_integer(L, 1, "parallel", 1, 64, 0),
    };
    luaL_argcheck(L, (put.body.data == NULL) != (put.path == NULL), 1,
                  "either field 'body' or field 'path' expected");
    put.headers = check_put_headers(L, &put.header_count);
    struct bind_callback progress = bind_opt_callback(L, 1, "progress");
    put.progress = progress.slot != 0 ? tell : NULL;
    put.context = &progress;
    struct lac_s3_put_result *result = &box_result(L)->put;
    struct lac_error err;

    bool ok = lac_s3_put(&put, result, &err);
    bind_callback_raise(&progress);

    if (!ok) {
        return bind_fail(L, &err);
    }
    lua_createtable(L, 0, 3);
    push_field(L, "etag", lac_buf_view(&result->etag));
    push_version(L, lac_buf_view(&result->version_id));
    if (result->parts > 0) {
        lua_pushinteger(L, (lua_Integer)result->parts);
        lua_setfield(L, -2, "parts");
    }
    return 1;
}

static struct lac_s3_get check_get(lua_State *L) {
    return (struct lac_s3_get){
        .target = check_target(L, true),
        .version_id = bind_opt_field(L, 1, "version_id", LAC_STR("")),
    };
}

/* Pushes { headers, version_id? }. */
static void push_facts(lua_State *L, const struct lac_http_response *response) {
    lua_createtable(L, 0, 4);
    bind_http_push_headers(L, &response->headers);
    lua_setfield(L, -2, "headers");
    push_version(L, lac_headers_get(&response->headers, LAC_STR("x-amz-version-id")));
}

/* s3.get(request) -> { body, headers, version_id? } | nil, error */
static int l_get(lua_State *L) {
    bind_check_keys(L, 1, get_keys);
    struct lac_s3_get get = check_get(L);
    get.range = bind_opt_field(L, 1, "range", LAC_STR(""));
    get.to_file = bind_opt_text(L, 1, "to_file", NULL);
    get.max_body = (size_t)bind_opt_integer(L, 1, "max_body", 1, (lua_Integer)1 << 40, 0);
    struct lac_http_response *response = &box_result(L)->response;
    struct lac_error err;

    if (!lac_s3_get(&get, response, &err)) {
        return bind_fail(L, &err);
    }
    push_facts(L, response);
    push_field(L, "body", lac_buf_view(&response->body));
    return 1;
}

/* s3.head(request) -> { size, etag, version_id?, headers } | nil, error */
static int l_head(lua_State *L) {
    bind_check_keys(L, 1, head_keys);
    struct lac_s3_get get = check_get(L);
    struct lac_http_response *response = &box_result(L)->response;
    struct lac_error err;

    if (!lac_s3_head(&get, response, &err)) {
        return bind_fail(L, &err);
    }
    struct lac_str size = lac_headers_get(&response->headers, LAC_STR("content-length"));
    push_facts(L, response);
    lua_pushinteger(L, size.data != NULL ? (lua_Integer)strtoll(size.data, NULL, 10) : 0);
    lua_setfield(L, -2, "size");
    push_field(L, "etag", lac_s3_etag(response));
    return 1;
}

/* s3.delete(request) -> true | nil, error */
static int l_delete(lua_State *L) {
    bind_check_keys(L, 1, head_keys);
    struct lac_s3_get get = check_get(L);
    struct lac_error err;

    if (!lac_s3_delete(&get.target, get.version_id, &err)) {
        return bind_fail(L, &err);
    }
    lua_pushboolean(L, true);
    return 1;
}

/* s3.list(request) -> { { key, size, etag, last_modified }, … } | nil, error */
static int l_list(lua_State *L) {
    bind_check_keys(L, 1, list_keys);
    struct lac_s3_target target = check_target(L, false);
    struct lac_str prefix = bind_opt_field(L, 1, "prefix", LAC_STR(""));
    size_t limit = (size_t)bind_opt_integer(L, 1, "limit", 1, LAC_S3_MOST_LISTED, 0);
    struct lac_s3_items *items = &box_result(L)->items;
    struct lac_error err;

    if (!lac_s3_list(&target, prefix, limit, items, &err)) {
        return bind_fail(L, &err);
    }
    lua_createtable(L, (int)items->count, 0);
    for (size_t i = 0; i < items->count; i++) {
        const struct lac_s3_item *item = &items->items[i];
        lua_createtable(L, 0, 4);
        push_field(L, "key", lac_buf_view(&item->key));
        push_field(L, "etag", lac_buf_view(&item->etag));
        push_field(L, "last_modified", lac_buf_view(&item->last_modified));
        lua_pushinteger(L, (lua_Integer)item->size);
        lua_setfield(L, -2, "size");
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    return 1;
}

/* s3.unfinished(request) -> { { key, upload_id }, … } | nil, error */
static int l_unfinished(lua_State *L) {
    bind_check_keys(L, 1, unfinished_keys);
    struct lac_s3_target target = check_target(L, false);
    struct lac_str prefix = bind_opt_field(L, 1, "prefix", LAC_STR(""));
    struct lac_s3_items *items = &box_result(L)->items;
    struct lac_error err;

    if (!lac_s3_unfinished(&target, prefix, items, &err)) {
        return bind_fail(L, &err);
    }
    lua_createtable(L, (int)items->count, 0);
    for (size_t i = 0; i < items->count; i++) {
        lua_createtable(L, 0, 2);
        push_field(L, "key", lac_buf_view(&items->items[i].key));
        push_field(L, "upload_id", lac_buf_view(&items->items[i].upload_id));
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    return 1;
}

static const luaL_Reg functions[] = {
    {"put", l_put},       {"get", l_get},   {"head", l_head},
    {"delete", l_delete}, {"list", l_list}, {"unfinished", l_unfinished},
    {NULL, NULL},
};

int luaopen_host_s3(lua_State *L) {
    luaL_newlib(L, functions);
    return 1;
}
