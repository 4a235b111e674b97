/* digest_lua.c — require "host.digest": the Lua face of core/digest.h, encoding.h and crc.h. */
#include "bind/bind.h"
#include "core/crc.h"
#include "core/digest.h"
#include "core/encoding.h"

#define MOST_RANDOM 65536

static int push_hex(lua_State *L, const struct lac_digest *digest) {
    struct lac_buf *out = bind_newbuf(L);
    lac_digest_add_hex(digest, out);
    return bind_push_buf(L, out);
}

static int hash(lua_State *L, enum lac_digest_kind kind) {
    struct lac_str bytes = bind_string(L, 1);

    struct lac_digest digest;
    struct lac_error err;
    if (!lac_digest(kind, bytes, &digest, &err)) {
        return bind_fail(L, &err);
    }
    return push_hex(L, &digest);
}

static int hash_file(lua_State *L, enum lac_digest_kind kind) {
    const char *path = bind_text_arg(L, 1);

    struct lac_digest digest;
    struct lac_error err;
    if (!lac_digest_file(kind, path, &digest, &err)) {
        return bind_fail(L, &err);
    }
    return push_hex(L, &digest);
}

static int l_sha256(lua_State *L) {
    return hash(L, LAC_SHA256);
}

static int l_sha256_file(lua_State *L) {
    return hash_file(L, LAC_SHA256);
}

static int l_hmac_sha256(lua_State *L) {
    struct lac_str key = bind_string(L, 1);
    struct lac_str bytes = bind_string(L, 2);

    struct lac_digest digest;
    struct lac_error err;
    if (!lac_hmac_sha256(key, bytes, &digest, &err)) {
        return bind_fail(L, &err);
    }
    struct lac_str raw = lac_digest_view(&digest);
    lua_pushlstring(L, raw.data, raw.len);
    return 1;
}

static int l_sha1(lua_State *L) {
    return hash(L, LAC_SHA1);
}

static int l_sha1_file(lua_State *L) {
    return hash_file(L, LAC_SHA1);
}

static int l_md5(lua_State *L) {
    return hash(L, LAC_MD5);
}

static int l_md5_file(lua_State *L) {
    return hash_file(L, LAC_MD5);
}

/* The optional second argument: the checksum of the bytes before these. */
static uint32_t check_before(lua_State *L) {
    lua_Integer before = luaL_optinteger(L, 2, 0);
    luaL_argcheck(L, before >= 0 && before <= UINT32_MAX, 2, "a 32-bit checksum expected");
    return (uint32_t)before;
}

static int l_crc32(lua_State *L) {
    lua_pushinteger(L, lac_crc32(check_before(L), bind_string(L, 1)));
    return 1;
}

static int l_crc32c(lua_State *L) {
    lua_pushinteger(L, lac_crc32c(check_before(L), bind_string(L, 1)));
    return 1;
}

static int l_crc64nvme(lua_State *L) {
    uint64_t before = (uint64_t)luaL_optinteger(L, 2, 0);
    lua_pushinteger(L, (lua_Integer)lac_crc64nvme(before, bind_string(L, 1)));
    return 1;
}

static int encode(lua_State *L, void (*add)(struct lac_str, struct lac_buf *)) {
    struct lac_str bytes = bind_string(L, 1);

    struct lac_buf *out = bind_newbuf(L);
    add(bytes, out);
    return bind_push_buf(L, out);
}

static int decode(lua_State *L,
                  bool (*read)(struct lac_str, struct lac_buf *, struct lac_error *)) {
    struct lac_str text = bind_string(L, 1);

    struct lac_buf *out = bind_newbuf(L);
    struct lac_error err;
    if (!read(text, out, &err)) {
        return bind_fail(L, &err);
    }
    return bind_push_buf(L, out);
}

static int l_to_hex(lua_State *L) {
    return encode(L, lac_hex_add);
}

static int l_from_hex(lua_State *L) {
    return decode(L, lac_hex_decode);
}

static int l_to_base64(lua_State *L) {
    return encode(L, lac_base64_add);
}

static int l_from_base64(lua_State *L) {
    return decode(L, lac_base64_decode);
}

static int l_to_base64url(lua_State *L) {
    return encode(L, lac_base64url_add);
}

static int l_from_base64url(lua_State *L) {
    return decode(L, lac_base64url_decode);
}

static int l_equal(lua_State *L) {
    struct lac_str a = bind_string(L, 1);
    struct lac_str b = bind_string(L, 2);

    lua_pushboolean(L, lac_digest_equal(a, b));
    return 1;
}

static int l_random(lua_State *L) {
    luaL_checktype(L, 1, LUA_TNUMBER);
    lua_Integer count = luaL_checkinteger(L, 1);
    luaL_argcheck(L, count >= 1 && count <= MOST_RANDOM, 1, "1 to 65536 expected");

    struct lac_buf *out = bind_newbuf(L);
    char *bytes = lac_buf_grow(out, (size_t)count, 1);
    struct lac_error err;
    if (bytes != NULL && !lac_random(bytes, (size_t)count, &err)) {
        return bind_fail(L, &err);
    }
    return bind_push_buf(L, out);
}

/* digest.random_hex(count) -> string | nil, error */
static int l_random_hex(lua_State *L) {
    luaL_checktype(L, 1, LUA_TNUMBER);
    lua_Integer count = luaL_checkinteger(L, 1);
    luaL_argcheck(L, count >= 1 && count <= (lua_Integer)LAC_RANDOM_HEX_MAX, 1, "1 to 64 expected");

    char text[2 * LAC_RANDOM_HEX_MAX];
    struct lac_error err;
    if (!lac_random_hex(text, (size_t)count, &err)) {
        return bind_fail(L, &err);
    }

    lua_pushlstring(L, text, 2 * (size_t)count);
    return 1;
}

/* digest.uuid() -> string | nil, error */
static int l_uuid(lua_State *L) {
    char text[LAC_UUID_SIZE];
    struct lac_error err;
    if (!lac_uuid(text, &err)) {
        return bind_fail(L, &err);
    }

    lua_pushlstring(L, text, sizeof text - 1);
    return 1;
}

static const luaL_Reg functions[] = {
    {"sha256", l_sha256},
    {"sha256_file", l_sha256_file},
    {"hmac_sha256", l_hmac_sha256},
    {"sha1", l_sha1},
    {"sha1_file", l_sha1_file},
    {"md5", l_md5},
    {"md5_file", l_md5_file},
    {"crc32", l_crc32},
    {"crc32c", l_crc32c},
    {"crc64nvme", l_crc64nvme},
    {"to_hex", l_to_hex},
    {"from_hex", l_from_hex},
    {"to_base64", l_to_base64},
    {"from_base64", l_from_base64},
    {"to_base64url", l_to_base64url},
    {"from_base64url", l_from_base64url},
    {"equal", l_equal},
    {"random", l_random},
    {"random_hex", l_random_hex},
    {"uuid", l_uuid},
    {NULL, NULL},
};

int luaopen_host_digest(lua_State *L) {
    luaL_newlib(L, functions);
    return 1;
}
