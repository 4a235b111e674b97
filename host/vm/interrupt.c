#include "vm/interrupt.h"

#include <signal.h>
#include <stddef.h>

#include "bind/bind.h"
#include "core/interrupt.h"

static lua_State *interrupted;

/* Runs inside Lua, at a safe point. */
static void raise_interrupt(lua_State *L, lua_Debug *activation) {
    (void)activation;
    lua_sethook(L, NULL, 0, 0);
    lac_interrupt_clear();
    struct lac_error err;
    lac_fail(&err, LAC_ERR_INTERRUPT, "interrupted");
    bind_push_error(L, &err);
    lua_error(L);
}

static void on_signal(int number) {
    (void)number;
    lac_interrupt_request();
    lua_sethook(interrupted, raise_interrupt, LUA_MASKCALL | LUA_MASKRET | LUA_MASKCOUNT, 1);
}

void lac_interrupt_install(lua_State *L) {
    interrupted = L;
    struct sigaction action = {.sa_handler = on_signal}; /* no SA_RESTART: waits must wake */
    sigemptyset(&action.sa_mask);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    struct sigaction ignore = {.sa_handler = SIG_IGN};
    sigaction(SIGPIPE, &ignore, NULL);
}
