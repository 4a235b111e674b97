#include "vm/vm.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <lauxlib.h>
#include <lua.h>
#include <lualib.h>

#include "bind/modules.h"
#include "vm/blocks.h"
#include "vm/coroutine.h"
#include "vm/embed.h"
#include "vm/guard.h"
#include "vm/interrupt.h"
#include "vm/scripts.h"
#include "vm/streams.h"

static int compare_module(const void *name, const void *script) {
    return strcmp(name, ((const struct lac_script *)script)->module);
}

/* Loads `root`/`path` when it is there; a file that is there and does not compile is an error. */
static bool load_file(lua_State *L, const char *root, const char *path) {
    const char *full = lua_pushfstring(L, "%s/%s", root, path);
    if (access(full, R_OK) != 0) {
        return false;
    }
    int status = luaL_loadfilex(L, full, "t");
    if (status != LUA_OK) {
        luaL_error(L, "%s\n\t(LACONIC_LUA is set to '%s')", lua_tostring(L, -1), root);
    }
    return true;
}

/* While developing, LACONIC_LUA names a checkout whose files win over the embedded ones, and whose
 * new files are found without a rebuild: engine.* in lua/, laconic.* in stdlib/. */
static bool load_from_folder(lua_State *L, const char *name) {
    const char *root = getenv("LACONIC_LUA");
    if (root == NULL || *root == '\0') {
        return false;
    }
    const char *folder = strncmp(name, "engine.", 7) == 0   ? "lua"
                         : strncmp(name, "laconic", 7) == 0 ? "stdlib"
                                                            : NULL;
    if (folder == NULL) {
        return false;
    }
    const char *path = luaL_gsub(L, name, ".", "/");
    return load_file(L, root, lua_pushfstring(L, "%s/%s.lua", folder, path)) ||
           load_file(L, root, lua_pushfstring(L, "%s/%s/init.lua", folder, path));
}

static int search_embedded(lua_State *L) {
    const char *name = luaL_checkstring(L, 1);
    if (load_from_folder(L, name)) {
        lua_pushstring(L, name);
        return 2;
    }
    const struct lac_script *script =
        bsearch(name, lac_scripts, lac_script_count, sizeof *lac_scripts, compare_module);
    if (script == NULL) {
        lua_pushfstring(L, "no script '%s' in the program", name);
        return 1;
    }
    if (luaL_loadbufferx(L, (const char *)script->bytes, script->len, script->chunkname, NULL) !=
        LUA_OK) {
        return lua_error(L);
    }
    lua_pushstring(L, script->chunkname);
    return 2;
}

/* Puts our searcher behind package.preload and before Lua's own. */
static void install_searcher(lua_State *L) {
    lua_getglobal(L, "package");
    lua_getfield(L, -1, "searchers");
    for (lua_Integer i = luaL_len(L, -1); i >= 2; i--) {
        lua_rawgeti(L, -1, i);
        lua_rawseti(L, -2, i + 1);
    }
    lua_pushcfunction(L, search_embedded);
    lua_rawseti(L, -2, 2);
    lua_pop(L, 2);
}

static void install_modules(lua_State *L) {
    luaL_getsubtable(L, LUA_REGISTRYINDEX, LUA_PRELOAD_TABLE);
    luaL_setfuncs(L, lac_modules, 0);
    lua_pushcfunction(L, luaopen_host_scripts);
    lua_setfield(L, -2, "host.scripts");
    lua_pushcfunction(L, luaopen_host_guard);
    lua_setfield(L, -2, "host.guard");
    lua_pop(L, 1);
}

/* Leaves error objects alone; gives a string its traceback. */
static int add_traceback(lua_State *L) {
    if (lua_type(L, 1) == LUA_TSTRING) {
        luaL_traceback(L, L, lua_tostring(L, 1), 1);
    } else {
        luaL_tolstring(L, 1, NULL);
    }
    return 1;
}

/* Runs under pcall, so that even start-up may raise: (entry, argc, argv) -> status. */
static int protected_main(lua_State *L) {
    const char *entry = lua_touserdata(L, 1);
    int argc = (int)lua_tointeger(L, 2);
    char **argv = lua_touserdata(L, 3);

    luaL_openlibs(L);
    install_modules(L);
    install_searcher(L);
    lac_interrupt_install(L);
    lac_coroutine_install(L);
    lua_gc(L, LUA_GCGEN, 0, 0);

    lua_getglobal(L, "require");
    lua_pushstring(L, entry);
    lua_call(L, 1, 1);
    lua_createtable(L, argc, 1);
    for (int i = 0; i < argc; i++) {
        lua_pushstring(L, argv[i]);
        lua_rawseti(L, -2, i);
    }
    lua_call(L, 1, 1);
    return 1;
}

int lac_vm_run(const char *entry, int argc, char **argv) {
    lac_streams_guard();
    struct lac_blocks blocks = {.left = 0};
    lua_State *L = lua_newstate(lac_blocks_allocate, &blocks);
    if (L == NULL) {
        fputs("laconic: not enough memory to start\n", stderr);
        return 1;
    }
    lua_pushcfunction(L, add_traceback);
    lua_pushcfunction(L, protected_main);
    lua_pushlightuserdata(L, (void *)entry);
    lua_pushinteger(L, argc);
    lua_pushlightuserdata(L, argv);
    int status = 1;
    if (lua_pcall(L, 3, 1, 1) != LUA_OK) {
        fprintf(stderr, "laconic: %s\n", lua_tostring(L, -1));
    } else {
        status = (int)lua_tointeger(L, -1);
    }
    lac_interrupt_remove();
    lua_close(L);
    lac_blocks_free(&blocks);
    return status;
}
