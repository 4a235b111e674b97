/* coroutine.h — coroutine.resume, wrap and close as Lua has them, which also tell interrupt.h which
 * thread runs: a debug hook is a thread's own, and Ctrl-C has to reach a loop in any of them. */
#ifndef LAC_VM_COROUTINE_H
#define LAC_VM_COROUTINE_H

#include <lua.h>

/* Puts them in the place of the standard library's. */
void lac_coroutine_install(lua_State *L);

#endif
