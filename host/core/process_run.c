/* process_run.c — a program from its start to its end, its output collected. */
#include "core/clock.h"
#include "core/poll.h"
#include "core/process_private.h"

/* A run in progress: what bounds it and where its output goes. */
struct run {
    const char *name;
    struct lac_process process;
    double deadline;
    size_t max_output;
    struct lac_buf *output, *error;
};

/* Reads a stream of the running program; closes it at its end. */
static bool collect(const struct run *run, int *fd, struct lac_buf *out, struct lac_error *err) {
    if (*fd >= 0 && !lac_process_read(*fd, LAC_PROCESS_READ_BLOCK, out)) {
        lac_process_close_fd(fd);
    }
    if (out->failed) {
        return lac_fail(err, LAC_ERR_MEMORY, "out of memory while reading what %s says", run->name);
    }
    return out->len <= run->max_output ||
           lac_fail(err, LAC_ERR_LIMIT, "%s: more than %zu bytes of output", run->name,
                    run->max_output);
}

static bool wait_for_news(const struct run *run, struct lac_error *err) {
    const struct lac_process *process = &run->process;
    struct lac_poll list[3] = {{0}};
    size_t count = 0;
    if (process->output >= 0) {
        list[count++].fd = process->output;
    }
    if (process->error >= 0) {
        list[count++].fd = process->error;
    }
    if (!process->ended && process->ended_fd >= 0) {
        list[count++].fd = process->ended_fd;
    }
    return lac_poll_wait(list, count, lac_process_left(run->deadline), err);
}

static bool run_to_end(struct run *run, struct lac_error *err) {
    struct lac_process *process = &run->process;
    while (process->output >= 0 || process->error >= 0) {
        if (lac_process_too_late(run->deadline)) {
            return lac_process_still_running(run->name, err);
        }
        if (!wait_for_news(run, err) || !collect(run, &process->output, run->output, err) ||
            !collect(run, &process->error, run->error, err)) {
            return false;
        }
        lac_process_poll(process); /* its end ends those of its group that hold the pipes */
    }
    return lac_process_wait_until(process, run->name, run->deadline, err);
}

bool lac_process_run(const struct lac_process_options *options, double timeout, size_t max_output,
                     struct lac_process_end *end, struct lac_buf *output, struct lac_buf *error,
                     struct lac_error *err) {
    struct run run = {
        .name = options->argv[0],
        .deadline = timeout < 0 ? -1 : lac_clock_monotonic() + timeout,
        .max_output = max_output,
        .output = output,
        .error = error,
    };
    if (!lac_process_spawn(options, &run.process, err)) {
        return false;
    }
    bool ok = run_to_end(&run, err);
    *end = run.process.end;
    lac_process_close(&run.process);
    return ok;
}
