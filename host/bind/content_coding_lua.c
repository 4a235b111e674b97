/* content_coding_lua.c — require "host.content_coding": the Lua face of core/content_coding.h. */
#include "bind/bind.h"
#include "core/content_coding.h"

#define USUAL_MOST ((lua_Integer)64 << 20)
#define MOST ((lua_Integer)1 << 30)
#define USUAL_LEVEL 6
#define BEST_LEVEL 12

static const char *const codings[] = {"gzip", "deflate", NULL};
static const char *const pack_options[] = {"level", NULL};
static const char *const open_options[] = {"max_bytes", NULL};

static enum lac_content_coding check_coding(lua_State *L, int arg) {
    return luaL_checkoption(L, arg, NULL, codings) == 0 ? LAC_CODING_GZIP : LAC_CODING_DEFLATE;
}

static int l_pack(lua_State *L) {
    struct lac_str bytes = bind_string(L, 1);
    enum lac_content_coding coding = check_coding(L, 2);
    int level = USUAL_LEVEL;
    if (!lua_isnoneornil(L, 3)) {
        bind_check_keys(L, 3, pack_options);
        level = (int)bind_opt_integer(L, 3, "level", 1, BEST_LEVEL, USUAL_LEVEL);
    }

    struct lac_buf *out = bind_newbuf(L);
    struct lac_error err;
    if (!lac_content_coding_pack(bytes, coding, level, out, &err)) {
        return bind_fail(L, &err);
    }
    return bind_push_buf(L, out);
}

static int l_open(lua_State *L) {
    struct lac_str packed = bind_string(L, 1);
    enum lac_content_coding coding = check_coding(L, 2);
    size_t most = (size_t)USUAL_MOST;
    if (!lua_isnoneornil(L, 3)) {
        bind_check_keys(L, 3, open_options);
        most = (size_t)bind_opt_integer(L, 3, "max_bytes", 0, MOST, USUAL_MOST);
    }

    struct lac_buf *out = bind_newbuf(L);
    struct lac_error err;
    if (!lac_content_coding_open(packed, coding, most, out, &err)) {
        return bind_fail(L, &err);
    }
    return bind_push_buf(L, out);
}

static const luaL_Reg functions[] = {
    {"open", l_open},
    {"pack", l_pack},
    {NULL, NULL},
};

int luaopen_host_content_coding(lua_State *L) {
    luaL_newlib(L, functions);
    return 1;
}
