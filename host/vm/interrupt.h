/* interrupt.h — Ctrl-C: a flag, then a debug hook, then a Lua error at the next instruction of
 * whichever thread runs. */
#ifndef LAC_VM_INTERRUPT_H
#define LAC_VM_INTERRUPT_H

#include <lua.h>

/* From now on SIGINT and SIGTERM raise an error object { kind = "interrupt" } in `L`, or in the
 * coroutine that it runs. Long calls of the core see the same flag (core/interrupt.h) and return
 * early. SIGPIPE is ignored. */
void lac_interrupt_install(lua_State *L);

/* Says that `to` runs from now on, and `from` waits or has ended. Each resume says it twice. */
void lac_interrupt_follow(lua_State *from, lua_State *to);

/* Before `L` is closed: signals end the program again, as they do by themselves. */
void lac_interrupt_remove(void);

#endif
