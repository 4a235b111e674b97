#include "vm/interrupt.h"

#include <signal.h>
#include <stddef.h>
#include <time.h>

#include "bind/bind.h"
#include "core/interrupt.h"

/* The thread that runs, which a signal may ask for at any time. */
static lua_State *volatile running;

/* How long a program that goes on after a signal is let be. The same signal may come twice at once:
 * to the program and to its group. */
#define PATIENCE 1 /* seconds */

/* When the program was asked to stop first, on the clock of the machine's start. */
static volatile sig_atomic_t first_seconds;

/* Runs inside Lua, at a safe point. Threads inherit hooks: one that was made while a signal came
 * has ours too, and finds later that the interrupt was dealt with. */
static void raise_interrupt(lua_State *L, lua_Debug *activation) {
    (void)activation;
    lua_sethook(L, NULL, 0, 0);
    if (!lac_interrupt_requested()) {
        return;
    }
    lac_interrupt_clear();
    struct lac_error err;
    lac_fail(&err, LAC_ERR_INTERRUPT, "interrupted");
    bind_push_error(L, &err);
    lua_error(L);
}

static void set_hook(lua_State *L) {
    lua_sethook(L, raise_interrupt, LUA_MASKCALL | LUA_MASKRET | LUA_MASKCOUNT, 1);
}

/* A finalizer, or C that loops, reaches no safe point: whoever asks again, later, is obeyed. */
static void on_signal(int number) {
    struct timespec now = {0};
    clock_gettime(CLOCK_MONOTONIC, &now);
    if (!lac_interrupt_requested()) {
        first_seconds = (sig_atomic_t)now.tv_sec;
    } else if ((sig_atomic_t)now.tv_sec > first_seconds + PATIENCE) {
        signal(number, SIG_DFL);
        raise(number);
    }
    lac_interrupt_request();
    set_hook(running);
}

/* A signal that comes in here leaves its hook in one of the two: it is found in either. */
void lac_interrupt_follow(lua_State *from, lua_State *to) {
    running = to;
    if (lua_gethook(from) == raise_interrupt) {
        lua_sethook(from, NULL, 0, 0);
        set_hook(to);
    }
}

static void handle(void (*handler)(int)) {
    struct sigaction action = {.sa_handler = handler}; /* no SA_RESTART: waits must wake */
    sigemptyset(&action.sa_mask);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
}

void lac_interrupt_install(lua_State *L) {
    running = L;
    handle(on_signal);
    struct sigaction ignore = {.sa_handler = SIG_IGN};
    sigaction(SIGPIPE, &ignore, NULL);
}

void lac_interrupt_remove(void) {
    handle(SIG_DFL);
}
