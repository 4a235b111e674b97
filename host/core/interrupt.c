#include "core/interrupt.h"

#include <signal.h>

static volatile sig_atomic_t requested;
static volatile sig_atomic_t requested_when_idle;
static volatile sig_atomic_t is_idle;

void lac_interrupt_request(void) {
    requested = 1;
}

bool lac_interrupt_requested(void) {
    return requested != 0 || (is_idle != 0 && requested_when_idle != 0);
}

void lac_interrupt_clear(void) {
    requested = 0;
}

void lac_interrupt_request_when_idle(void) {
    requested_when_idle = 1;
}

bool lac_interrupt_requested_when_idle(void) {
    return requested_when_idle != 0;
}

void lac_interrupt_set_idle(bool idle) {
    is_idle = idle;
}
