#include "vm/interrupt.h"

#include <signal.h>
#include <stddef.h>
#include <time.h>

#include "bind/bind.h"
#include "core/interrupt.h"
#include "vm/guard.h"

/* Instructions after which a coroutine that has not yielded is taken to be in a loop. */
#define PATIENCE 1000000

/* How long a program that goes on after a signal is let be. The same signal may come twice at once:
 * to the program and to its group. */
#define GRACE 1 /* seconds */

static lua_State *volatile main_thread;
static lua_State *volatile running; /* the thread that runs: a signal may ask at any time */
static const char raised = 'r';     /* where the registry keeps what was raised in a coroutine */

/* How often a handler that is late is told so, and may clean up. After that it is told at every
 * instruction, wherever it catches the error: until none of it runs. */
#define TOLD_GENTLY 3

/* Of a stack, as many as Lua's own tracebacks tell of. */
#define MOST_FRAMES 22

/* When the program was asked to stop first, on the clock of the machine's start. */
static volatile sig_atomic_t first_seconds;

static volatile sig_atomic_t asked;     /* by a signal */
static volatile sig_atomic_t causes[2]; /* by cause: asked for, and not yet let be */
static volatile sig_atomic_t told;      /* how often what runs was told to be late */
static bool kept[2];                    /* by cause: whether the registry has its object */
static bool gentle;

static const char *const types[] = {"Runtime.Timeout", "Runtime.OutOfMemory"};
static const char *const messages[] = {
    "the handler was stopped: its time is almost over",
    "the handler was stopped: it needs more memory than the function has",
};

/* As luaL_traceback writes them, but of the innermost frames alone: it looks for the outermost ones
 * too, and of a deep stack that takes seconds. */
static void push_innermost(lua_State *L) {
    luaL_Buffer text;
    luaL_buffinit(L, &text);
    luaL_addstring(&text, "stack traceback:");
    lua_Debug frame;
    for (int level = 0; level < MOST_FRAMES && lua_getstack(L, level, &frame); level++) {
        lua_getinfo(L, "Sln", &frame);
        if (frame.currentline > 0) {
            lua_pushfstring(L, "\n\t%s:%d: in ", frame.short_src, frame.currentline);
        } else {
            lua_pushfstring(L, "\n\t%s: in ", frame.short_src);
        }
        luaL_addvalue(&text);
        if (frame.name != NULL) {
            lua_pushfstring(L, "%s '%s'", frame.namewhat, frame.name);
        } else {
            lua_pushfstring(L, "function <%s:%d>", frame.short_src, frame.linedefined);
        }
        luaL_addvalue(&text);
    }
    luaL_pushresult(&text);
}

/* The same object for as long as the cause lasts: its trace tells where it was first. */
static void push_cause(lua_State *L, int cause) {
    if (kept[cause]) {
        lua_rawgetp(L, LUA_REGISTRYINDEX, &kept[cause]);
        return;
    }
    lua_createtable(L, 0, 4);
    lua_pushstring(L, cause == LAC_INTERRUPT_LATE ? "timeout" : "memory");
    lua_setfield(L, -2, "kind");
    lua_pushstring(L, types[cause]);
    lua_setfield(L, -2, "type");
    lua_pushstring(L, messages[cause]);
    lua_setfield(L, -2, "message");
    push_innermost(L);
    lua_setfield(L, -2, "trace");
    lua_pushvalue(L, -1);
    lua_rawsetp(L, LUA_REGISTRYINDEX, &kept[cause]);
    kept[cause] = true;
}

static void push_interrupt(lua_State *L) {
    struct lac_error err;
    lac_fail(&err, LAC_ERR_INTERRUPT, "interrupted");
    bind_push_error(L, &err);
    if (L != main_thread) {
        lua_pushvalue(L, -1);
        lua_rawsetp(L, LUA_REGISTRYINDEX, &raised);
        return;
    }
    asked = 0;
    lac_interrupt_clear();
}

static void insist(lua_State *L);

/* Runs inside Lua, at a safe point. It may find that the interrupt was dealt with since: a
 * coroutine yielded in time, or was made, and inherited the hook, while a signal came. */
static void raise_interrupt(lua_State *L, lua_Debug *activation) {
    (void)activation;
    lua_sethook(L, NULL, 0, 0);
    bool large = causes[LAC_INTERRUPT_LARGE] != 0;
    causes[LAC_INTERRUPT_LARGE] = 0; /* once: what tells of it may need more for a moment */
    if (asked) {
        push_interrupt(L);
    } else if (causes[LAC_INTERRUPT_LATE]) {
        push_cause(L, LAC_INTERRUPT_LATE);
    } else if (large && lac_guard_is_large(L)) {
        push_cause(L, LAC_INTERRUPT_LARGE);
    } else {
        return;
    }
    lua_sethook(L, NULL, 0, 0); /* an allocation may have asked again meanwhile */
    insist(L);
    lua_error(L);
}

static void hook_at_once(lua_State *L) {
    if (L != NULL) { /* NULL: the state is closed */
        lua_sethook(L, raise_interrupt, LUA_MASKCALL | LUA_MASKRET | LUA_MASKCOUNT, 1);
    }
}

static void insist(lua_State *L) {
    if (causes[LAC_INTERRUPT_LATE] && told > TOLD_GENTLY) {
        hook_at_once(L);
    }
}

void lac_interrupt_cut_short(enum lac_interrupt_cause cause) {
    causes[cause] = 1;
    if (cause == LAC_INTERRUPT_LATE) {
        told = told <= TOLD_GENTLY ? told + 1 : told;
        lac_interrupt_request(); /* what waits is to wake */
        hook_at_once(main_thread);
    }
    hook_at_once(running);
}

bool lac_interrupt_let_be(lua_State *L) {
    bool late = causes[LAC_INTERRUPT_LATE] != 0;
    for (int cause = 0; cause < 2; cause++) {
        if (kept[cause]) {
            luaL_checkstack(L, 1, NULL);
            lua_pushnil(L);
            lua_rawsetp(L, LUA_REGISTRYINDEX, &kept[cause]);
            kept[cause] = false;
        }
    }
    if (late || causes[LAC_INTERRUPT_LARGE]) {
        causes[LAC_INTERRUPT_LATE] = causes[LAC_INTERRUPT_LARGE] = 0;
        told = 0;
        lua_sethook(main_thread, NULL, 0, 0);
        lac_interrupt_clear();
        if (asked) { /* Ctrl-C came as well, and is not forgotten */
            lac_interrupt_request();
            hook_at_once(main_thread);
        }
    }
    return late;
}

/* A finalizer, or C that loops, reaches no safe point: whoever asks again, later, is obeyed. */
static void on_signal(int number) {
    if (number == SIGTERM && gentle) {
        lac_interrupt_request_when_idle();
        return;
    }
    struct timespec now = {0};
    clock_gettime(CLOCK_MONOTONIC, &now);
    if (!asked) {
        first_seconds = (sig_atomic_t)now.tv_sec;
    } else if ((sig_atomic_t)now.tv_sec > first_seconds + GRACE) {
        signal(number, SIG_DFL);
        raise(number);
    }
    asked = 1;
    lac_interrupt_request();
    hook_at_once(main_thread);
    if (running != main_thread) {
        lua_sethook(running, raise_interrupt, LUA_MASKCOUNT, PATIENCE);
    }
}

/* A signal that came a moment before has hooked the main thread alone. */
void lac_interrupt_follow(lua_State *to) {
    running = to;
    if (asked && to != NULL && to != main_thread) {
        lua_sethook(to, raise_interrupt, LUA_MASKCOUNT, PATIENCE);
    }
    insist(to);
}

void lac_interrupt_arrived(lua_State *L) {
    if (L == main_thread && lac_interrupt_requested()) {
        lua_rawgetp(L, LUA_REGISTRYINDEX, &raised);
        if (lua_rawequal(L, -1, -2)) {
            lua_sethook(L, NULL, 0, 0);
            asked = 0;
            lac_interrupt_clear();
        }
        lua_pop(L, 1);
    }
}

/* The last finalizer but those of the standard streams. os.exit closes the state where it stands,
 * in the middle of a call that a timer guards. */
static int forget_state(lua_State *L) {
    (void)L;
    main_thread = running = NULL;
    return 0;
}

static void forget_state_when_closed(lua_State *L) {
    static const char sentinel;
    lua_newuserdatauv(L, 0, 0);
    lua_createtable(L, 0, 1);
    lua_pushcfunction(L, forget_state);
    lua_setfield(L, -2, "__gc");
    lua_setmetatable(L, -2);
    lua_rawsetp(L, LUA_REGISTRYINDEX, &sentinel);
}

/* Writing to who has left fails with EPIPE. What is ignored would be so in programs that are
 * started, too. */
static void on_broken_pipe(int number) {
    (void)number;
}

static void handle(void (*handler)(int)) {
    struct sigaction action = {.sa_handler = handler}; /* no SA_RESTART: waits must wake */
    sigemptyset(&action.sa_mask);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
}

void lac_interrupt_install(lua_State *L) {
    forget_state_when_closed(L);
    main_thread = running = L;
    handle(on_signal);
    struct sigaction pipe = {.sa_handler = on_broken_pipe, .sa_flags = SA_RESTART};
    sigemptyset(&pipe.sa_mask);
    sigaction(SIGPIPE, &pipe, NULL);
}

void lac_interrupt_end_gently(void) {
    gentle = true;
}

void lac_interrupt_remove(void) {
    handle(SIG_DFL);
}
