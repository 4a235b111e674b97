#include "vm/interrupt.h"

#include <signal.h>
#include <stddef.h>
#include <time.h>

#include "bind/bind.h"
#include "core/interrupt.h"

/* Instructions after which a coroutine that has not yielded is taken to be in a loop. */
#define PATIENCE 1000000

/* How long a program that goes on after a signal is let be. The same signal may come twice at once:
 * to the program and to its group. */
#define GRACE 1 /* seconds */

static lua_State *main_thread;
static lua_State *volatile running; /* the thread that runs: a signal may ask at any time */
static const char raised = 'r';     /* where the registry keeps what was raised in a coroutine */

/* When the program was asked to stop first, on the clock of the machine's start. */
static volatile sig_atomic_t first_seconds;

/* Runs inside Lua, at a safe point. It may find that the interrupt was dealt with since: a
 * coroutine yielded in time, or was made, and inherited the hook, while a signal came. */
static void raise_interrupt(lua_State *L, lua_Debug *activation) {
    (void)activation;
    lua_sethook(L, NULL, 0, 0);
    if (!lac_interrupt_requested()) {
        return;
    }
    struct lac_error err;
    lac_fail(&err, LAC_ERR_INTERRUPT, "interrupted");
    bind_push_error(L, &err);
    if (L == main_thread) {
        lac_interrupt_clear();
    } else {
        lua_pushvalue(L, -1);
        lua_rawsetp(L, LUA_REGISTRYINDEX, &raised);
    }
    lua_error(L);
}

/* A finalizer, or C that loops, reaches no safe point: whoever asks again, later, is obeyed. */
static void on_signal(int number) {
    struct timespec now = {0};
    clock_gettime(CLOCK_MONOTONIC, &now);
    if (!lac_interrupt_requested()) {
        first_seconds = (sig_atomic_t)now.tv_sec;
    } else if ((sig_atomic_t)now.tv_sec > first_seconds + GRACE) {
        signal(number, SIG_DFL);
        raise(number);
    }
    lac_interrupt_request();
    lua_sethook(main_thread, raise_interrupt, LUA_MASKCALL | LUA_MASKRET | LUA_MASKCOUNT, 1);
    if (running != main_thread) {
        lua_sethook(running, raise_interrupt, LUA_MASKCOUNT, PATIENCE);
    }
}

void lac_interrupt_follow(lua_State *to) {
    running = to;
}

void lac_interrupt_arrived(lua_State *L) {
    if (L == main_thread && lac_interrupt_requested()) {
        lua_rawgetp(L, LUA_REGISTRYINDEX, &raised);
        if (lua_rawequal(L, -1, -2)) {
            lua_sethook(L, NULL, 0, 0);
            lac_interrupt_clear();
        }
        lua_pop(L, 1);
    }
}

static void handle(void (*handler)(int)) {
    struct sigaction action = {.sa_handler = handler}; /* no SA_RESTART: waits must wake */
    sigemptyset(&action.sa_mask);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
}

void lac_interrupt_install(lua_State *L) {
    main_thread = running = L;
    handle(on_signal);
    struct sigaction ignore = {.sa_handler = SIG_IGN};
    sigaction(SIGPIPE, &ignore, NULL);
}

void lac_interrupt_remove(void) {
    handle(SIG_DFL);
}
