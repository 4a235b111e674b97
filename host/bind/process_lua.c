/* process_lua.c — require "host.process": the Lua face of core/process.h. */
#include <limits.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "bind/bind.h"
#include "core/process.h"

#define TYPE "laconic.process"
#define MAX_ARGUMENTS 4096
#define MAX_VARIABLES 4096
#define READ_DEFAULT ((lua_Integer)64 * 1024)
#define OUTPUT_DEFAULT ((lua_Integer)16 * 1024 * 1024)
#define SLICE_LEAST 0.0001 /* seconds; the kernel takes these */
#define SLICE_MOST 0.1

static const char *const keys[] = {"cwd",     "env",        "stdin",           "output",
                                   "error",   "memory",     "group",           "file_size",
                                   "timeout", "max_output", "die_with_parent", NULL};

static struct lac_process *check_process(lua_State *L) {
    struct lac_process *process = luaL_checkudata(L, 1, TYPE);
    luaL_argcheck(L, process->pid > 0, 1, "closed process");
    return process;
}

/* ---- options ----------------------------------------------------------------------------------
 */

/* List items are argv, so the names alone are checked: on a copy without the items. */
static void check_keys(lua_State *L) {
    luaL_checktype(L, 1, LUA_TTABLE);
    lua_newtable(L);
    int copy = lua_gettop(L);
    lua_pushnil(L);
    while (lua_next(L, 1)) {
        if (!lua_isinteger(L, -2)) {
            lua_pushvalue(L, -2);
            lua_pushboolean(L, true);
            lua_rawset(L, copy);
        }
        lua_pop(L, 1);
    }
    lua_insert(L, 1);
    bind_check_keys(L, 1, keys);
    lua_remove(L, 1);
}

/* Pushes an array of `count` + 1 pointers, the last NULL. */
static const char **push_pointers(lua_State *L, size_t count) {
    const char **list = lua_newuserdatauv(L, (count + 1) * sizeof *list, 0);
    memset(list, 0, (count + 1) * sizeof *list);
    return list;
}

static const char *const *check_argv(lua_State *L) {
    lua_Unsigned count = lua_rawlen(L, 1);
    luaL_argcheck(L, count >= 1 && count <= MAX_ARGUMENTS, 1,
                  "the program and its arguments expected as list items");
    luaL_checkstack(L, (int)count + LUA_MINSTACK, NULL);
    const char **argv = push_pointers(L, (size_t)count);
    for (lua_Unsigned i = 0; i < count; i++) {
        struct lac_str word = bind_item(L, 1, (lua_Integer)i + 1);
        luaL_argcheck(L, strlen(word.data) == word.len, 1, "an argument holds a NUL");
        argv[i] = word.data;
    }
    return argv;
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

static const char *const *check_env(lua_State *L) {
    luaL_checkstack(L, LUA_MINSTACK, NULL);
    int type = lua_getfield(L, 1, "env");
    luaL_argcheck(L, type == LUA_TNIL || type == LUA_TTABLE, 1, "field 'env': table expected");
    if (type == LUA_TNIL) {
        return NULL;
    }
    int table = lua_gettop(L);
    size_t count = count_fields(L, table);
    luaL_argcheck(L, count <= MAX_VARIABLES, 1, "field 'env': more than 4096 variables");
    luaL_checkstack(L, (int)count + LUA_MINSTACK, NULL);
    const char **env = push_pointers(L, count);
    lua_pushnil(L);
    for (size_t i = 0; lua_next(L, table); i++) {
        luaL_argcheck(L, lua_type(L, -2) == LUA_TSTRING && lua_isstring(L, -1), 1,
                      "field 'env': names and strings expected");
        const char *name = lua_tostring(L, -2);
        size_t len;
        const char *value = lua_tolstring(L, -1, &len);
        luaL_argcheck(L,
                      strlen(name) == lua_rawlen(L, -2) && strlen(value) == len && *name != '\0' &&
                          strchr(name, '=') == NULL,
                      1, "field 'env': a name with '=', or a NUL");
        env[i] = lua_pushfstring(L, "%s=%s", name, value);
        lua_rotate(L, -3, 1); /* the text stays, below name and value */
        lua_pop(L, 1);
    }
    return env;
}

static enum lac_process_stream check_stream(lua_State *L, const char *key, const char *fallback) {
    static const char *const names[] = {
        [LAC_PROCESS_PIPE] = "pipe",
        [LAC_PROCESS_INHERIT] = "inherit",
        [LAC_PROCESS_DISCARD] = "discard",
        [LAC_PROCESS_OUTPUT] = "output",
    };
    const char *name = bind_opt_text(L, 1, key, fallback);
    int most = strcmp(key, "error") == 0 ? LAC_PROCESS_OUTPUT : LAC_PROCESS_DISCARD;
    for (int i = 0; i <= most; i++) {
        if (strcmp(names[i], name) == 0) {
            return (enum lac_process_stream)i;
        }
    }
    luaL_argerror(L, 1, lua_pushfstring(L, "field '%s': invalid choice '%s'", key, name));
    return LAC_PROCESS_PIPE;
}

/* The views in what is returned live on the Lua stack. */
static struct lac_process_options check_options(lua_State *L) {
    check_keys(L);
    return (struct lac_process_options){
        .argv = check_argv(L),
        .env = check_env(L),
        .cwd = bind_opt_text(L, 1, "cwd", NULL),
        .input = bind_opt_field(L, 1, "stdin", LAC_STR("")),
        .output = check_stream(L, "output", "pipe"),
        .error = check_stream(L, "error", "output"),
        .memory = (uint64_t)bind_opt_integer(L, 1, "memory", 1, LUA_MAXINTEGER, 0),
        .file_size = (uint64_t)bind_opt_integer(L, 1, "file_size", 1, LUA_MAXINTEGER, 0),
        .group = bind_opt_boolean(L, 1, "group", true),
        .die_with_parent = bind_opt_boolean(L, 1, "die_with_parent", true),
    };
}

/* ---- functions --------------------------------------------------------------------------------
 */

static void set_end(lua_State *L, const struct lac_process_end *end) {
    if (end->signal != 0) {
        lua_pushinteger(L, end->signal);
        lua_setfield(L, -2, "signal");
    } else {
        lua_pushinteger(L, end->status);
        lua_setfield(L, -2, "status");
    }
}

static struct lac_process *new_process(lua_State *L) {
    struct lac_process *process = lua_newuserdatauv(L, sizeof *process, 0);
    *process = (struct lac_process)LAC_PROCESS_NONE;
    luaL_setmetatable(L, TYPE);
    return process;
}

/* process.spawn(options) -> process | nil, error */
static int l_spawn(lua_State *L) {
    struct lac_process_options options = check_options(L);
    luaL_argcheck(L, lua_getfield(L, 1, "timeout") == LUA_TNIL, 1, "field 'timeout' is for 'run'");
    luaL_argcheck(L, lua_getfield(L, 1, "max_output") == LUA_TNIL, 1,
                  "field 'max_output' is for 'run'");

    struct lac_process *process = new_process(L);

    struct lac_error err;
    if (!lac_process_spawn(&options, process, &err)) {
        return bind_fail(L, &err);
    }
    return 1;
}

/* process.run(options) -> { status?, signal?, max_memory, output, error? } | nil, error */
static int l_run(lua_State *L) {
    struct lac_process_options options = check_options(L);
    lua_Number timeout = bind_opt_number(L, 1, "timeout", -1);
    luaL_argcheck(L, timeout == -1 || timeout > 0, 1, "field 'timeout': not a time to wait");
    size_t max = (size_t)bind_opt_integer(L, 1, "max_output", 0, LUA_MAXINTEGER, OUTPUT_DEFAULT);

    struct lac_buf *output = bind_newbuf(L);
    struct lac_buf *error = bind_newbuf(L);

    struct lac_process_end end;
    struct lac_error err;
    if (!lac_process_run(&options, timeout, max, &end, output, error, &err)) {
        return bind_fail(L, &err);
    }

    lua_createtable(L, 0, 4);
    set_end(L, &end);
    lua_pushinteger(L, (lua_Integer)end.max_memory);
    lua_setfield(L, -2, "max_memory");
    lua_pushlstring(L, lac_buf_view(output).data, output->len);
    lua_setfield(L, -2, "output");
    if (options.error == LAC_PROCESS_PIPE) {
        lua_pushlstring(L, lac_buf_view(error).data, error->len);
        lua_setfield(L, -2, "error");
    }
    return 1;
}

/* process.pid() -> integer */
static int l_pid(lua_State *L) {
    lua_pushinteger(L, getpid());
    return 1;
}

/* process.alive(pid) -> boolean */
static int l_alive(lua_State *L) {
    lua_Integer pid = luaL_checkinteger(L, 1);
    lua_pushboolean(L, pid > 0 && pid <= INT_MAX && lac_process_alive((pid_t)pid));
    return 1;
}

/* process.slice(seconds) -> true | nil, error */
static int l_slice(lua_State *L) {
    double seconds = luaL_checknumber(L, 1);
    luaL_argcheck(L, seconds >= SLICE_LEAST && seconds <= SLICE_MOST, 1,
                  "not between 0.0001 and 0.1");

    struct lac_error err;
    if (!lac_process_slice(seconds, &err)) {
        return bind_fail(L, &err);
    }
    lua_pushboolean(L, true);
    return 1;
}

/* ---- methods ----------------------------------------------------------------------------------
 */

/* process:id() -> integer */
static int l_id(lua_State *L) {
    lua_pushinteger(L, check_process(L)->pid);
    return 1;
}

static int push_fd(lua_State *L, int fd, const char *what) {
    if (fd < 0) {
        return luaL_error(L, "%s of this process is not a pipe", what);
    }
    lua_pushinteger(L, fd);
    return 1;
}

/* process:fd() -> integer */
static int l_fd(lua_State *L) {
    return push_fd(L, check_process(L)->output, "the output");
}

/* process:error_fd() -> integer */
static int l_error_fd(lua_State *L) {
    return push_fd(L, check_process(L)->error, "the error output");
}

static int read_stream(lua_State *L, int fd) {
    lua_Integer max = luaL_optinteger(L, 2, READ_DEFAULT);
    luaL_argcheck(L, max > 0, 2, "not a number of bytes");

    struct lac_buf *out = bind_newbuf(L);

    bool open = lac_process_read(fd, (size_t)max, out);
    if (out->failed) {
        return luaL_error(L, "not enough memory");
    }

    if (open) {
        lua_pushlstring(L, lac_buf_view(out).data, out->len);
    } else {
        lua_pushnil(L);
    }
    return 1;
}

/* process:read(max?) -> string | nil */
static int l_read(lua_State *L) {
    return read_stream(L, check_process(L)->output);
}

/* process:read_error(max?) -> string | nil */
static int l_read_error(lua_State *L) {
    return read_stream(L, check_process(L)->error);
}

static int push_end(lua_State *L, const struct lac_process_end *end) {
    lua_createtable(L, 0, 1);
    set_end(L, end);
    return 1;
}

/* process:poll() -> { status?, signal? } | nil */
static int l_poll(lua_State *L) {
    struct lac_process *process = check_process(L);

    if (!lac_process_poll(process)) {
        lua_pushnil(L);
        return 1;
    }
    return push_end(L, &process->end);
}

/* process:wait(timeout?) -> { status?, signal? } | nil, error */
static int l_wait(lua_State *L) {
    struct lac_process *process = check_process(L);
    lua_Number timeout = luaL_optnumber(L, 2, -1);
    luaL_argcheck(L, lua_isnoneornil(L, 2) || timeout >= 0, 2, "not a time to wait");

    struct lac_error err;
    if (!lac_process_wait(process, timeout, &err)) {
        return bind_fail(L, &err);
    }
    return push_end(L, &process->end);
}

/* process:kill(signal?) */
static int l_kill(lua_State *L) {
    struct lac_process *process = check_process(L);
    lua_Integer signal = luaL_optinteger(L, 2, SIGTERM);
    luaL_argcheck(L, signal > 0 && signal < NSIG, 2, "not a signal");

    lac_process_kill(process, (int)signal);
    return 0;
}

/* process:memory() -> integer | nil */
static int l_memory(lua_State *L) {
    uint64_t bytes = lac_process_memory(check_process(L));
    if (bytes == 0) {
        lua_pushnil(L);
    } else {
        lua_pushinteger(L, (lua_Integer)bytes);
    }
    return 1;
}

/* process:close(); also __gc and __close */
static int l_close(lua_State *L) {
    lac_process_close(luaL_checkudata(L, 1, TYPE));
    return 0;
}

/* process:release() */
static int l_release(lua_State *L) {
    lac_process_release(check_process(L));
    return 0;
}

static int l_tostring(lua_State *L) {
    const struct lac_process *process = luaL_checkudata(L, 1, TYPE);
    if (process->pid <= 0) {
        lua_pushliteral(L, "process (closed)");
    } else {
        lua_pushfstring(L, "process (%d)", (int)process->pid);
    }
    return 1;
}

static const luaL_Reg methods[] = {
    {"id", l_id},           {"fd", l_fd},
    {"read", l_read},       {"read_error", l_read_error},
    {"poll", l_poll},       {"error_fd", l_error_fd},
    {"wait", l_wait},       {"kill", l_kill},
    {"memory", l_memory},   {"close", l_close},
    {"release", l_release}, {NULL, NULL},
};

static const luaL_Reg metamethods[] = {
    {"__gc", l_close},
    {"__close", l_close},
    {"__tostring", l_tostring},
    {NULL, NULL},
};

static const luaL_Reg functions[] = {
    {"alive", l_alive}, {"pid", l_pid},     {"run", l_run},
    {"slice", l_slice}, {"spawn", l_spawn}, {NULL, NULL},
};

int luaopen_host_process(lua_State *L) {
    luaL_newmetatable(L, TYPE);
    luaL_setfuncs(L, metamethods, 0);
    luaL_newlib(L, methods);
    lua_setfield(L, -2, "__index");
    luaL_newlib(L, functions);
    return 1;
}
