/* rsa_lua.c — require "host.rsa": the Lua face of core/rsa.h. */
#include <string.h>

#include "bind/bind.h"
#include "core/rsa.h"

static const char *const keys[] = {"hash", "modulus", "exponent", "bytes", "signature", NULL};
static const char *const hashes[] = {
    [LAC_RSA_SHA256] = "sha256",
    [LAC_RSA_SHA384] = "sha384",
    [LAC_RSA_SHA512] = "sha512",
    [LAC_RSA_HASHES] = NULL,
};

static enum lac_rsa_hash check_hash(lua_State *L) {
    const char *name = bind_text(L, 1, "hash");
    for (int hash = 0; hash < LAC_RSA_HASHES; hash++) {
        if (strcmp(name, hashes[hash]) == 0) {
            return (enum lac_rsa_hash)hash;
        }
    }
    luaL_argerror(L, 1, "field 'hash': 'sha256', 'sha384' or 'sha512' expected");
    return LAC_RSA_HASHES; /* never: luaL_argerror raises */
}

/* rsa.verify { hash, modulus, exponent, bytes, signature } -> boolean | nil, error */
static int l_verify(lua_State *L) {
    luaL_checktype(L, 1, LUA_TTABLE);
    lua_settop(L, 1);
    bind_check_keys(L, 1, keys);
    struct lac_rsa_claim claim = {
        .hash = check_hash(L),
        .modulus = bind_field(L, 1, "modulus"),
        .exponent = bind_field(L, 1, "exponent"),
        .bytes = bind_field(L, 1, "bytes"),
        .signature = bind_field(L, 1, "signature"),
    };

    bool is_valid;
    struct lac_error err;
    if (!lac_rsa_verify(&claim, &is_valid, &err)) {
        return bind_fail(L, &err);
    }
    lua_pushboolean(L, is_valid);
    return 1;
}

static const luaL_Reg functions[] = {
    {"verify", l_verify},
    {NULL, NULL},
};

int luaopen_host_rsa(lua_State *L) {
    luaL_newlib(L, functions);
    return 1;
}
