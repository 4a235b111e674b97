/* interrupt.h — Ctrl-C: a flag, then a debug hook, then a Lua error at the next instruction.
 *
 * The error is the main thread's, which decides what is to end. A coroutine is given the time to
 * yield; one that does not, because it loops, is ended by the same error. Whatever it makes of
 * that, the main thread hears of the interrupt: from the coroutine's failure, or else by itself. */
#ifndef LAC_VM_INTERRUPT_H
#define LAC_VM_INTERRUPT_H

#include <lua.h>

/* From now on SIGINT and SIGTERM raise an error object { kind = "interrupt" }. Long calls of the
 * core see the same flag (core/interrupt.h) and return early. SIGPIPE is ignored. `L` is the main
 * thread. */
void lac_interrupt_install(lua_State *L);

/* Says that the thread `to` runs from now on. Each resume says it twice. */
void lac_interrupt_follow(lua_State *to);

/* Says that a coroutine which `L` resumed ended with the error at the top of the stack. When that
 * is the interrupt, and `L` the main thread, it is not raised again. */
void lac_interrupt_arrived(lua_State *L);

/* Before `L` is closed: signals end the program again, as they do by themselves. */
void lac_interrupt_remove(void);

#endif
