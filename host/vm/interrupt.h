/* interrupt.h — Ctrl-C: a flag, then a debug hook, then a Lua error at the next instruction.
 *
 * The error is the main thread's, which decides what is to end. A coroutine is given the time to
 * yield; one that does not, because it loops, is ended by the same error. Whatever it makes of
 * that, the main thread hears of the interrupt: from the coroutine's failure, or else by itself. */
#ifndef LAC_VM_INTERRUPT_H
#define LAC_VM_INTERRUPT_H

#include <stdbool.h>

#include <lua.h>

/* From now on SIGINT and SIGTERM raise an error object { kind = "interrupt" }. Long calls of the
 * core see the same flag (core/interrupt.h) and return early. SIGPIPE does nothing here, and is not
 * ignored by the programs that are started. `L` is the main thread; once it is closed, by whomever,
 * a signal leaves it alone. */
void lac_interrupt_install(lua_State *L);

/* Says that the thread `to` runs from now on. Each resume says it twice. */
void lac_interrupt_follow(lua_State *to);

/* Says that a coroutine which `L` resumed ended with the error at the top of the stack. When that
 * is the interrupt, and `L` the main thread, it is not raised again. */
void lac_interrupt_arrived(lua_State *L);

/* What else ends what runs, each with an error object of its own, { type, message, trace }: a
 * handler that takes too long, and one that needs too much memory. Like Ctrl-C it wakes what waits.
 * But it is raised at once, in whatever thread runs, for it is to tell where that was. */
enum lac_interrupt_cause { LAC_INTERRUPT_LATE, LAC_INTERRUPT_LARGE };

/* Asks for it: async-signal-safe, and safe inside an allocation. */
void lac_interrupt_cut_short(enum lac_interrupt_cause cause);

/* What was to be cut short is over: forgets the causes. Whether the first of them had come up. */
bool lac_interrupt_let_be(lua_State *L);

/* From now on SIGTERM waits until the program is idle: see core/interrupt.h. */
void lac_interrupt_end_gently(void);

/* Before `L` is closed: signals end the program again, as they do by themselves. */
void lac_interrupt_remove(void);

#endif
