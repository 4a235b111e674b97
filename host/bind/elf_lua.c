/* elf_lua.c — require "host.elf": the Lua face of core/elf.h.
 *
 * The reader holds nothing while it visits, so that Lua may run out of memory in a callback. */
#include "bind/bind.h"
#include "core/elf.h"

/* Where the lists stand on the stack. */
struct lists {
    lua_State *L;
    int needed, required, provided, undefined, defined;
};

static void append(lua_State *L, int list) {
    lua_rawseti(L, list, (lua_Integer)lua_rawlen(L, list) + 1);
}

static void set_text(lua_State *L, const char *key, struct lac_str value) {
    if (value.data != NULL && value.len > 0) {
        lua_pushlstring(L, value.data, value.len);
        lua_setfield(L, -2, key);
    }
}

static void on_needed(void *context, struct lac_str library) {
    const struct lists *lists = context;
    lua_pushlstring(lists->L, library.data, library.len);
    append(lists->L, lists->needed);
}

static void on_required(void *context, struct lac_str library, struct lac_str version) {
    const struct lists *lists = context;
    lua_createtable(lists->L, 0, 2);
    set_text(lists->L, "library", library);
    set_text(lists->L, "version", version);
    append(lists->L, lists->required);
}

static void on_provided(void *context, struct lac_str version) {
    const struct lists *lists = context;
    lua_pushlstring(lists->L, version.data, version.len);
    append(lists->L, lists->provided);
}

static void on_symbol(void *context, const struct lac_elf_symbol *symbol) {
    const struct lists *lists = context;
    lua_State *L = lists->L;
    if (symbol->defined) {
        lua_pushlstring(L, symbol->name.data, symbol->name.len);
        append(L, lists->defined);
        return;
    }
    lua_createtable(L, 0, 4);
    set_text(L, "name", symbol->name);
    set_text(L, "version", symbol->version);
    set_text(L, "library", symbol->library);
    lua_pushboolean(L, symbol->weak);
    lua_setfield(L, -2, "weak");
    append(L, lists->undefined);
}

static int new_list(lua_State *L, const char *key) {
    lua_newtable(L);
    lua_pushvalue(L, -1);
    lua_setfield(L, 2, key);
    return lua_gettop(L);
}

static void set_header(lua_State *L, const struct lac_elf *elf) {
    static const char *const types[] = {"other", "object", "executable", "shared"};
    const char *machine = lac_elf_machine_name(elf->machine);
    lua_pushinteger(L, elf->bits);
    lua_setfield(L, -2, "bits");
    lua_pushstring(L, elf->big_endian ? "big" : "little");
    lua_setfield(L, -2, "byte_order");
    if (machine != NULL) {
        lua_pushstring(L, machine);
    } else {
        lua_pushfstring(L, "machine %d", elf->machine);
    }
    lua_setfield(L, -2, "machine");
    lua_pushstring(L, types[elf->type]);
    lua_setfield(L, -2, "type");
    set_text(L, "interpreter", elf->interpreter);
    set_text(L, "soname", elf->soname);
    set_text(L, "rpath", elf->rpath);
    set_text(L, "runpath", elf->runpath);
}

/* elf.decode(bytes) -> facts | nil, error */
static int l_decode(lua_State *L) {
    struct lac_str bytes = bind_string(L, 1);

    lua_settop(L, 1);
    lua_createtable(L, 0, 12);
    struct lists lists = {
        .L = L,
        .needed = new_list(L, "needed"),
        .required = new_list(L, "required"),
        .provided = new_list(L, "provided"),
        .undefined = new_list(L, "undefined"),
        .defined = new_list(L, "defined"),
    };
    const struct lac_elf_visitor visitor = {on_needed, on_required, on_provided, on_symbol, &lists};
    struct lac_elf elf;
    struct lac_error err;
    if (!lac_elf_read(bytes, &visitor, &elf, &err)) {
        return bind_fail(L, &err);
    }
    lua_settop(L, 2);
    set_header(L, &elf);
    return 1;
}

static const luaL_Reg functions[] = {
    {"decode", l_decode},
    {NULL, NULL},
};

int luaopen_host_elf(lua_State *L) {
    luaL_newlib(L, functions);
    return 1;
}
