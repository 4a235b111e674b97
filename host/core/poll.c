#define _GNU_SOURCE /* ppoll, epoll_pwait, sched_getaffinity */
#include "core/poll.h"

#include <errno.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <time.h>
#include <unistd.h>

#include "core/clock.h"
#include "core/interrupt.h"

#define FEW 16      /* waited for without an allocation */
#define LONGEST 1e9 /* seconds: what a timespec certainly holds */

/* Seconds in which a set looks again and again before it sleeps: whoever answers within a moment is
 * heard at once, for to be woken takes as long as many an answer. */
#define LINGER 50e-6

static struct timespec span(double seconds) {
    struct timespec time = {.tv_sec = (time_t)seconds};
    time.tv_nsec = (long)((seconds - (double)time.tv_sec) * 1e9);
    return time;
}

/* Signals are let in during the wait alone: one that comes between looking and waiting would
 * otherwise be slept through. */
static void hold_signals(sigset_t *before) {
    sigset_t stops;
    sigemptyset(&stops);
    sigaddset(&stops, SIGINT);
    sigaddset(&stops, SIGTERM);
    sigprocmask(SIG_BLOCK, &stops, before);
}

static int wait_once(struct pollfd *polled, size_t count, double timeout, int *number) {
    sigset_t before;
    hold_signals(&before);
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

/* With one processor, who is waited for could not even begin. */
static bool has_many_processors(void) {
    cpu_set_t mine;
    return sched_getaffinity(0, sizeof mine, &mine) == 0 && CPU_COUNT(&mine) > 1;
}

bool lac_poll_set_open(struct lac_poll_set *set, struct lac_error *err) {
    int fd = epoll_create1(EPOLL_CLOEXEC);
    *set = (struct lac_poll_set){.open = fd >= 0, .fd = fd, .lingers = has_many_processors()};
    return fd >= 0 || lac_fail_errno(err, errno, "cannot wait");
}

void lac_poll_set_close(struct lac_poll_set *set) {
    if (set->open) {
        close(set->fd);
    }
    *set = (struct lac_poll_set){0};
}

bool lac_poll_set_add(struct lac_poll_set *set, int fd, struct lac_error *err) {
    struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};
    return epoll_ctl(set->fd, EPOLL_CTL_ADD, fd, &event) == 0 || errno == EEXIST ||
           lac_fail_errno(err, errno, "cannot wait for descriptor %d", fd);
}

void lac_poll_set_remove(struct lac_poll_set *set, int fd) {
    epoll_ctl(set->fd, EPOLL_CTL_DEL, fd, NULL);
}

/* In milliseconds, rounded up: who waits for a moment shall not wake before it. */
static int milliseconds(double seconds) {
    const double most = 1e9;
    double time = seconds < 0 || seconds * 1000 > most ? most : seconds * 1000;
    return (int)time + ((double)(int)time < time ? 1 : 0);
}

static int wait_for_set(const struct lac_poll_set *set, double timeout, struct epoll_event *events,
                        int *number) {
    sigset_t before;
    hold_signals(&before);
    int ready = -1;
    *number = EINTR;
    if (!lac_interrupt_requested()) {
        ready = epoll_pwait(set->fd, events, LAC_POLL_READY, milliseconds(timeout), &before);
        *number = errno;
    }
    sigprocmask(SIG_SETMASK, &before, NULL);
    return ready;
}

/* What is ready now, or within a moment when there is time. */
static int look_at_set(const struct lac_poll_set *set, double timeout, struct epoll_event *events) {
    double end = 0;
    int found;
    do {
        found = epoll_wait(set->fd, events, LAC_POLL_READY, 0);
        if (end == 0 && found == 0 && set->lingers && timeout != 0) {
            end = lac_clock_monotonic() + LINGER;
        }
    } while (found == 0 && end > 0 && !lac_interrupt_requested() && lac_clock_monotonic() < end);
    return found;
}

static int sleep_on_set(const struct lac_poll_set *set, double timeout, struct epoll_event *events,
                        int *number) {
    double end = timeout > 0 ? lac_clock_monotonic() + timeout : 0, left = timeout;
    int found;
    do {
        found = wait_for_set(set, left, events, number);
        left = timeout > 0 ? end - lac_clock_monotonic() : timeout;
    } while (found < 0 && *number == EINTR && !lac_interrupt_requested() &&
             (timeout < 0 || left > 0));
    return found;
}

bool lac_poll_set_wait(struct lac_poll_set *set, double timeout, int ready[LAC_POLL_READY],
                       size_t *count, struct lac_error *err) {
    struct epoll_event events[LAC_POLL_READY];
    int found = lac_interrupt_requested() ? -1 : look_at_set(set, timeout, events);
    int number = found < 0 ? errno : 0;
    if (found <= 0 && timeout != 0) {
        found = sleep_on_set(set, timeout, events, &number);
    }
    *count = found > 0 ? (size_t)found : 0;
    for (size_t i = 0; i < *count; i++) {
        ready[i] = events[i].data.fd;
    }
    if (lac_interrupt_requested() && found < 0) {
        return lac_fail(err, LAC_ERR_INTERRUPT, "interrupted");
    }
    return found >= 0 || number == EINTR || lac_fail_errno(err, number, "cannot wait");
}
