/* interrupt.h — whether the program was asked to stop. Set by a signal handler, read by every call
 * of the core that waits: such a call returns false with LAC_ERR_INTERRUPT. */
#ifndef LAC_INTERRUPT_H
#define LAC_INTERRUPT_H

#include <stdbool.h>

void lac_interrupt_request(void); /* async-signal-safe */
bool lac_interrupt_requested(void);
void lac_interrupt_clear(void);

/* A wish that can wait: what is at work is let finish, and only who waits for the next piece of it
 * (between set_idle true and false) takes the wish for a request. It stays, cleared or not. */
void lac_interrupt_request_when_idle(void); /* async-signal-safe */
bool lac_interrupt_requested_when_idle(void);
void lac_interrupt_set_idle(bool idle);

/* A read of this socket that waits wakes of itself when a signal comes during it. For one that
 * comes just before, a request gives the socket a time-out (SO_RCVTIMEO, EAGAIN), which the reader
 * takes away again: so a wait needs neither a time-out nor a look at the clock when nothing
 * happens. One socket at a time; -1: none. */
void lac_interrupt_watch(int fd);

#endif
