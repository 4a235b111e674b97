/* interrupt.h — Ctrl-C: a flag, then a debug hook, then a Lua error at the next instruction. */
#ifndef LAC_VM_INTERRUPT_H
#define LAC_VM_INTERRUPT_H

#include <lua.h>

/* From now on SIGINT and SIGTERM raise an error object { kind = "interrupt" } in `L`. Long calls of
 * the core see the same flag (core/interrupt.h) and return early. SIGPIPE is ignored. */
void lac_interrupt_install(lua_State *L);

#endif
