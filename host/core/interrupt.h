/* interrupt.h — whether the user asked the program to stop. Set by a signal handler, read by every
 * call of the core that waits: such a call returns false with LAC_ERR_INTERRUPT. */
#ifndef LAC_INTERRUPT_H
#define LAC_INTERRUPT_H

#include <stdbool.h>

void lac_interrupt_request(void); /* async-signal-safe */
bool lac_interrupt_requested(void);
void lac_interrupt_clear(void);

#endif
