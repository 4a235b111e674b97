#include "core/interrupt.h"

#include <errno.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/time.h>

static volatile sig_atomic_t requested;
static volatile sig_atomic_t requested_when_idle;
static volatile sig_atomic_t is_idle;
static volatile sig_atomic_t watched = -1;

static void wake_watched(void) {
    struct timeval soon = {.tv_usec = 1000};
    int before = errno;
    if (watched >= 0) {
        setsockopt((int)watched, SOL_SOCKET, SO_RCVTIMEO, &soon, sizeof soon);
    }
    errno = before;
}

void lac_interrupt_request(void) {
    requested = 1;
    wake_watched();
}

bool lac_interrupt_requested(void) {
    return requested != 0 || (is_idle != 0 && requested_when_idle != 0);
}

void lac_interrupt_clear(void) {
    requested = 0;
}

void lac_interrupt_request_when_idle(void) {
    requested_when_idle = 1;
    wake_watched();
}

bool lac_interrupt_requested_when_idle(void) {
    return requested_when_idle != 0;
}

void lac_interrupt_set_idle(bool idle) {
    is_idle = idle;
}

void lac_interrupt_watch(int fd) {
    watched = fd;
}
