#include "core/interrupt.h"

#include <signal.h>

static volatile sig_atomic_t requested;

void lac_interrupt_request(void) {
    requested = 1;
}

bool lac_interrupt_requested(void) {
    return requested != 0;
}

void lac_interrupt_clear(void) {
    requested = 0;
}
