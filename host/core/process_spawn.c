/* process_spawn.c — fork, what the child does before it is another program, and what it tells. */
#define _GNU_SOURCE /* pipe2, execvpe, memfd_create, close_range */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "core/process_private.h"

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
            lac_process_close_fd(&fd);
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
        lac_process_close_fd(&streams[i]);
    }
    lac_process_close_fd(&report[1]);
    if (ok) {
        if (process.group) {
            setpgid(process.pid, process.pid); /* whoever is first: a kill may come at once */
        }
        ok = hear(report[0], options, err);
        process.ended_fd = (int)syscall(SYS_pidfd_open, process.pid, 0);
    }
    lac_process_close_fd(&report[0]);
    if (!ok) {
        lac_process_close(&process);
        return false;
    }
    *out = process;
    return true;
}
