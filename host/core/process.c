#define _GNU_SOURCE /* pipe2, execvpe, memfd_create, close_range */
#include "core/process.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/clock.h"
#include "core/poll.h"

#define READ_BLOCK ((size_t)64 * 1024)
#define RECHECK 0.01 /* seconds, where a process's end cannot be waited for */

extern char **environ;

/* What the child says through a pipe that closes when exec succeeds. */
enum stage { ENTERING, RUNNING };
struct refusal {
    enum stage stage;
    int number;
};

/* ---- in the child, between fork and exec: nothing here allocates ------------------------------
 */

static void limit(__rlimit_resource_t resource, uint64_t bytes) {
    struct rlimit bound = {.rlim_cur = bytes, .rlim_max = bytes};
    setrlimit(resource, &bound);
}

static void reset_signals(void) {
    struct sigaction plain = {.sa_handler = SIG_DFL};
    for (int i = 1; i < NSIG; i++) {
        sigaction(i, &plain, NULL);
    }
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
}

/* streams[0..2] become standard input, output and error; each is above 2 already. */
_Noreturn static void become(const struct lac_process_options *options, pid_t parent,
                             const int streams[3], int report) {
    struct refusal refusal = {.stage = ENTERING};
    if (options->group) {
        setpgid(0, 0);
    }
    if (options->die_with_parent) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (getppid() != parent) {
            _exit(127); /* it died before we could ask */
        }
    }
    limit(RLIMIT_CORE, 0);
    if (options->memory > 0) {
        limit(RLIMIT_DATA, options->memory);
    }
    if (options->file_size > 0) {
        limit(RLIMIT_FSIZE, options->file_size);
    }
    reset_signals();
    for (int i = 0; i < 3; i++) {
        dup2(streams[i], i);
    }
    if (options->cwd == NULL || chdir(options->cwd) == 0) {
        refusal.stage = RUNNING;
        close_range(3, ~0U, CLOSE_RANGE_CLOEXEC);
        execvpe(options->argv[0], (char *const *)options->argv,
                options->env != NULL ? (char *const *)options->env : environ);
    }
    refusal.number = errno;
    ssize_t ignored = write(report, &refusal, sizeof refusal);
    (void)ignored;
    _exit(127);
}

/* ---- in the parent ----------------------------------------------------------------------------
 */

static void close_fd(int *fd) {
    if (*fd >= 0) {
        close(*fd);
    }
    *fd = -1;
}

/* A copy of `fd` above the standard three, so that no dup2 in the child overwrites another. */
static int above(int fd) {
    return fcntl(fd, F_DUPFD_CLOEXEC, 3);
}

/* The bytes as a file in memory: the child reads it at its own pace, to its end. */
static int open_input(struct lac_str bytes) {
    if (bytes.len == 0) {
        return open("/dev/null", O_RDONLY | O_CLOEXEC);
    }
    int fd = memfd_create("input", MFD_CLOEXEC);
    while (fd >= 0 && bytes.len > 0) {
        ssize_t done = write(fd, bytes.data, bytes.len);
        if (done < 0 && errno != EINTR) {
            close_fd(&fd);
        } else if (done > 0) {
            bytes.data += done;
            bytes.len -= (size_t)done;
        }
    }
    if (fd >= 0) {
        lseek(fd, 0, SEEK_SET);
    }
    return fd;
}

/* The child's end of a stream; ours, when it is a pipe, goes to `ours`. */
static int open_stream(enum lac_process_stream kind, int inherited, int *ours) {
    int ends[2];
    switch (kind) {
    case LAC_PROCESS_PIPE:
        if (pipe2(ends, O_CLOEXEC) != 0) {
            return -1;
        }
        fcntl(ends[0], F_SETFL, O_NONBLOCK);
        *ours = ends[0];
        return ends[1];
    case LAC_PROCESS_DISCARD:
        return open("/dev/null", O_WRONLY | O_CLOEXEC);
    default:
        return above(inherited);
    }
}

static bool lift(int *fd) {
    if (*fd >= 0 && *fd < 3) { /* we were started without a standard stream */
        int low = *fd;
        *fd = above(low);
        close(low);
    }
    return *fd >= 0;
}

static bool open_streams(const struct lac_process_options *options, struct lac_process *process,
                         int streams[3]) {
    streams[0] = open_input(options->input);
    streams[1] = open_stream(options->output, STDOUT_FILENO, &process->output);
    streams[2] = options->error == LAC_PROCESS_OUTPUT
                     ? above(streams[1])
                     : open_stream(options->error, STDERR_FILENO, &process->error);
    return lift(&streams[0]) && lift(&streams[1]) && lift(&streams[2]);
}

/* Waits for what the child says: nothing, once exec has closed the pipe. */
static bool hear(int report, const struct lac_process_options *options, struct lac_error *err) {
    struct refusal refusal;
    ssize_t count;
    do {
        count = read(report, &refusal, sizeof refusal);
    } while (count < 0 && errno == EINTR);
    if (count != (ssize_t)sizeof refusal) {
        return true;
    }
    return refusal.stage == ENTERING
               ? lac_fail_errno(err, refusal.number, "cannot enter %s", options->cwd)
               : lac_fail_errno(err, refusal.number, "cannot run %s", options->argv[0]);
}

bool lac_process_spawn(const struct lac_process_options *options, struct lac_process *out,
                       struct lac_error *err) {
    struct lac_process process = LAC_PROCESS_NONE;
    int streams[3] = {-1, -1, -1}, report[2] = {-1, -1};
    process.group = options->group;
    bool ok = (open_streams(options, &process, streams) && pipe2(report, O_CLOEXEC) == 0 &&
               lift(&report[1])) ||
              lac_fail_errno(err, errno, "cannot start %s", options->argv[0]);
    if (ok) {
        pid_t parent = getpid();
        process.pid = fork();
        if (process.pid == 0) {
            become(options, parent, streams, report[1]);
        }
        ok = process.pid > 0 || lac_fail_errno(err, errno, "cannot start %s", options->argv[0]);
    }
    for (int i = 0; i < 3; i++) {
        close_fd(&streams[i]);
    }
    close_fd(&report[1]);
    if (ok) {
        if (process.group) {
            setpgid(process.pid, process.pid); /* whoever is first: a kill may come at once */
        }
        ok = hear(report[0], options, err);
        process.ended_fd = (int)syscall(SYS_pidfd_open, process.pid, 0);
    }
    close_fd(&report[0]);
    if (!ok) {
        lac_process_close(&process);
        return false;
    }
    *out = process;
    return true;
}

bool lac_process_read(int fd, size_t max, struct lac_buf *out) {
    char block[READ_BLOCK];
    while (fd >= 0 && max > 0) {
        ssize_t count = read(fd, block, max < sizeof block ? max : sizeof block);
        if (count < 0 && errno == EINTR) {
            continue;
        }
        if (count < 0) {
            return errno == EAGAIN;
        }
        lac_buf_add(out, (struct lac_str){block, (size_t)count});
        return count > 0;
    }
    return fd >= 0;
}

/* Sees the end without reaping, ends the group while its id is still taken, and only then reaps. */
bool lac_process_poll(struct lac_process *process) {
    siginfo_t info = {0};
    if (process->ended || process->pid <= 0) {
        return true;
    }
    if (waitid(P_PID, (id_t)process->pid, &info, WEXITED | WNOHANG | WNOWAIT) == 0 &&
        info.si_pid == 0) {
        return false;
    }
    if (process->group) {
        kill(-process->pid, SIGKILL);
    }
    int status = 0;
    struct rusage usage = {0};
    pid_t reaped;
    do {
        reaped = wait4(process->pid, &status, 0, &usage);
    } while (reaped < 0 && errno == EINTR);
    process->ended = true;
    process->end.status = reaped > 0 && WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    process->end.signal = reaped > 0 && WIFSIGNALED(status) ? WTERMSIG(status) : 0;
    process->end.max_memory = (uint64_t)usage.ru_maxrss * 1024;
    return true;
}

/* Time left until `end`; negative ends never come. */
static double left(double end) {
    double seconds = end - lac_clock_monotonic();
    return end < 0 ? -1 : seconds > 0 ? seconds : 0;
}

static bool too_late(double end) {
    return end >= 0 && lac_clock_monotonic() >= end;
}

static bool still_running(const char *name, struct lac_error *err) {
    lac_fail(err, LAC_ERR_LIMIT, "%s: still running at the deadline", name);
    snprintf(err->code, sizeof err->code, "timeout");
    return false;
}

static bool wait_until(struct lac_process *process, const char *name, double end,
                       struct lac_error *err) {
    while (!lac_process_poll(process)) {
        if (too_late(end)) {
            return still_running(name, err);
        }
        struct lac_poll ended = {.fd = process->ended_fd};
        bool can_tell = process->ended_fd >= 0;
        double span = left(end);
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
    return wait_until(process, name, timeout < 0 ? -1 : lac_clock_monotonic() + timeout, err);
}

void lac_process_kill(struct lac_process *process, int signal) {
    if (!lac_process_poll(process)) {
        kill(process->group ? -process->pid : process->pid, signal);
    }
}

uint64_t lac_process_memory(const struct lac_process *process) {
    char path[64], text[128];
    unsigned long long pages = 0;
    snprintf(path, sizeof path, "/proc/%d/statm", (int)process->pid);
    int fd = process->ended || process->pid <= 0 ? -1 : open(path, O_RDONLY | O_CLOEXEC);
    if (fd >= 0) {
        ssize_t len = read(fd, text, sizeof text - 1);
        text[len > 0 ? len : 0] = '\0';
        const char *resident = strchr(text, ' '); /* the second of its numbers */
        pages = resident != NULL ? strtoull(resident, NULL, 10) : 0;
        close(fd);
    }
    return pages * (uint64_t)sysconf(_SC_PAGESIZE);
}

void lac_process_close(struct lac_process *process) {
    if (!lac_process_poll(process)) {
        siginfo_t info;
        lac_process_kill(process, SIGKILL);
        while (waitid(P_PID, (id_t)process->pid, &info, WEXITED | WNOWAIT) != 0 && errno == EINTR) {
        }
        lac_process_poll(process);
    }
    lac_process_release(process);
}

void lac_process_release(struct lac_process *process) {
    close_fd(&process->output);
    close_fd(&process->error);
    close_fd(&process->ended_fd);
    *process = (struct lac_process)LAC_PROCESS_NONE;
}

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
    if (*fd >= 0 && !lac_process_read(*fd, READ_BLOCK, out)) {
        close_fd(fd);
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
    return lac_poll_wait(list, count, left(run->deadline), err);
}

static bool run_to_end(struct run *run, struct lac_error *err) {
    struct lac_process *process = &run->process;
    while (process->output >= 0 || process->error >= 0) {
        if (too_late(run->deadline)) {
            return still_running(run->name, err);
        }
        if (!wait_for_news(run, err) || !collect(run, &process->output, run->output, err) ||
            !collect(run, &process->error, run->error, err)) {
            return false;
        }
        lac_process_poll(process); /* its end ends those of its group that hold the pipes */
    }
    return wait_until(process, run->name, run->deadline, err);
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

bool lac_process_alive(pid_t pid) {
    return pid > 0 && (kill(pid, 0) == 0 || errno == EPERM);
}
