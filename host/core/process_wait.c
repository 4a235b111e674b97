/* process_wait.c — waiting for the end of a process, for so long. */
#include <stdio.h>

#include "core/clock.h"
#include "core/poll.h"
#include "core/process_private.h"

#define RECHECK 0.01 /* seconds, where a process's end cannot be waited for */

double lac_process_left(double end) {
    double seconds = end - lac_clock_monotonic();
    return end < 0 ? -1 : seconds > 0 ? seconds : 0;
}

bool lac_process_too_late(double end) {
    return end >= 0 && lac_clock_monotonic() >= end;
}

bool lac_process_still_running(const char *name, struct lac_error *err) {
    lac_fail(err, LAC_ERR_LIMIT, "%s: still running at the deadline", name);
    snprintf(err->code, sizeof err->code, "timeout");
    return false;
}

bool lac_process_wait_until(struct lac_process *process, const char *name, double end,
                            struct lac_error *err) {
    while (!lac_process_poll(process)) {
        if (lac_process_too_late(end)) {
            return lac_process_still_running(name, err);
        }
        struct lac_poll ended = {.fd = process->ended_fd};
        bool can_tell = process->ended_fd >= 0;
        double span = lac_process_left(end);
        if (!can_tell && (span < 0 || span > RECHECK)) {
            span = RECHECK;
        }
        if (!lac_poll_wait(&ended, can_tell ? 1 : 0, span, err)) {
            return false;
        }
    }
    return true;
}

bool lac_process_wait(struct lac_process *process, double timeout, struct lac_error *err) {
    char name[32];
    snprintf(name, sizeof name, "process %d", (int)process->pid);
    return lac_process_wait_until(process, name, timeout < 0 ? -1 : lac_clock_monotonic() + timeout,
                                  err);
}
