#define _GNU_SOURCE /* ppoll */
#include "core/poll.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <time.h>

#include "core/clock.h"
#include "core/interrupt.h"

#define FEW 16      /* waited for without an allocation */
#define LONGEST 1e9 /* seconds: what a timespec certainly holds */

static struct timespec span(double seconds) {
    struct timespec time = {.tv_sec = (time_t)seconds};
    time.tv_nsec = (long)((seconds - (double)time.tv_sec) * 1e9);
    return time;
}

/* Signals are let in during the wait alone: one that comes between looking and waiting would
 * otherwise be slept through. */
static int wait_once(struct pollfd *polled, size_t count, double timeout, int *number) {
    sigset_t stops, before;
    sigemptyset(&stops);
    sigaddset(&stops, SIGINT);
    sigaddset(&stops, SIGTERM);
    sigprocmask(SIG_BLOCK, &stops, &before);
    int ready = -1;
    *number = EINTR;
    if (!lac_interrupt_requested()) {
        struct timespec time = span(timeout < 0 || timeout > LONGEST ? LONGEST : timeout);
        ready = ppoll(polled, (nfds_t)count, &time, &before);
        *number = errno;
    }
    sigprocmask(SIG_SETMASK, &before, NULL);
    return ready;
}

bool lac_poll_wait(struct lac_poll *list, size_t count, double timeout, struct lac_error *err) {
    struct pollfd few[FEW];
    struct pollfd *polled = count <= FEW ? few : calloc(count, sizeof *polled);
    if (polled == NULL) {
        return lac_fail(err, LAC_ERR_MEMORY, "out of memory while waiting");
    }
    for (size_t i = 0; i < count; i++) {
        short events = list[i].to_write ? POLLOUT : POLLIN;
        polled[i] = (struct pollfd){.fd = list[i].fd, .events = events};
        list[i].ready = false;
    }
    double end = lac_clock_monotonic() + timeout, left = timeout;
    int ready, number;
    do {
        ready = wait_once(polled, count, left, &number);
        left = timeout < 0 ? timeout : end - lac_clock_monotonic();
    } while (ready < 0 && number == EINTR && !lac_interrupt_requested() &&
             (timeout < 0 || (left = left > 0 ? left : 0) > 0));

    bool ok = true;
    if (ready < 0 && lac_interrupt_requested()) {
        ok = lac_fail(err, LAC_ERR_INTERRUPT, "interrupted");
    } else if (ready < 0 && number != EINTR) {
        ok = lac_fail_errno(err, number, "cannot wait");
    }
    for (size_t i = 0; ready > 0 && i < count; i++) {
        list[i].ready = polled[i].revents != 0;
    }
    if (polled != few) {
        free(polled);
    }
    return ok;
}
