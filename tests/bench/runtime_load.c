/* runtime_load.c — runtime_load [OPTIONS] -- PROGRAM [ARGUMENT…]: starts a runtime, gives it events
 * one after another as fast as it answers, and prints what that took as one JSON object. The
 * runtime and the load share one core, so that nothing is measured but work.
 *
 *     --event FILE   what is sent; default {"name":"Ada"}
 *     --warm-up N    invocations before the counted ones (1000)
 *     --count N      counted invocations (25000)
 *     --spawns N     times that it is started, answers once, and is killed (0)
 *     --core N       the core to stay on (the last); -1: any */
#define _GNU_SOURCE /* sched_setaffinity, MAP_ANONYMOUS */
#include <errno.h>
#include <getopt.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "core/buf.h"
#include "core/clock.h"
#include "core/file.h"
#include "core/json.h"
#include "runtime_api.h"

#define MAX_EVENT ((size_t)8 * 1024 * 1024)

struct options {
    size_t warm_up, count, spawns;
    int core;
    struct lac_buf event;
    char **program;
};

struct child {
    pid_t pid;
    struct rusage used; /* once it was ended */
};

struct memory {
    long resident, most; /* KiB */
};

struct figures {
    double *starts;  /* seconds from exec to the first answer */
    double *answers; /* seconds from an event to its answer */
    double load;     /* of processor time that an invocation costs the load itself */
    double seconds;  /* that the counted invocations took */
    struct memory first, warm, last;
    struct lac_buf answer; /* the last one */
    size_t failures;
};

/* ---- the runtime under test -------------------------------------------------------------------
 */

static double *exec_time; /* shared with the child, which sets it */

static bool start(const struct options *options, int port, struct child *out,
                  struct lac_error *err) {
    char address[32];
    snprintf(address, sizeof address, "127.0.0.1:%d", port);
    setenv("AWS_LAMBDA_RUNTIME_API", address, 1);
    out->pid = fork();
    if (out->pid == 0) {
        *exec_time = lac_clock_monotonic();
        execvp(options->program[0], options->program);
        fprintf(stderr, "%s: %s\n", options->program[0], strerror(errno));
        _exit(127);
    }
    return out->pid > 0 || lac_fail_errno(err, errno, "cannot fork");
}

/* Asks it to end, so that a profiler in its place can write what it saw; then ends it. */
static void end(struct child *child, int signal) {
    struct timespec moment = {.tv_nsec = 10000000};
    int status, seconds = 10, flags = signal == SIGKILL ? 0 : WNOHANG;
    if (child->pid <= 0) {
        return;
    }
    kill(child->pid, signal);
    for (int i = 0; wait4(child->pid, &status, flags, &child->used) == 0; i++) {
        nanosleep(&moment, NULL);
        if (i == 100 * seconds) {
            kill(child->pid, SIGKILL);
        }
    }
    child->pid = 0;
}

static bool read_memory(pid_t pid, struct memory *out, struct lac_error *err) {
    char path[64], line[256];
    snprintf(path, sizeof path, "/proc/%d/status", (int)pid);
    FILE *status = fopen(path, "re");
    if (status == NULL) {
        return lac_fail_errno(err, errno, "cannot read %s", path);
    }
    while (fgets(line, sizeof line, status) != NULL) {
        if (strncmp(line, "VmRSS:", 6) == 0) {
            out->resident = strtol(line + 6, NULL, 10);
        } else if (strncmp(line, "VmHWM:", 6) == 0) {
            out->most = strtol(line + 6, NULL, 10);
        }
    }
    fclose(status);
    return true;
}

static double seconds_of(struct timeval time) {
    return (double)time.tv_sec + (double)time.tv_usec / 1e6;
}

static double processor_time(void) {
    struct rusage used = {0};
    getrusage(RUSAGE_SELF, &used);
    return seconds_of(used.ru_utime) + seconds_of(used.ru_stime);
}

/* ---- invocations ------------------------------------------------------------------------------
 */

static bool keep_answer(const struct runtime_api_request *request, struct figures *figures,
                        struct lac_error *err) {
    figures->failures += request->call == RUNTIME_API_FAILURE ? 1 : 0;
    figures->answer.len = 0;
    runtime_api_add_body(request, &figures->answer);
    return !figures->answer.failed || lac_fail(err, LAC_ERR_MEMORY, "out of memory");
}

/* One event and its answer: `seconds` from the one to the other. The runtime's request for the next
 * event is left unread. */
static bool invoke(struct runtime_api *api, pid_t child, struct lac_str event, double *seconds,
                   struct figures *figures, struct lac_error *err) {
    struct runtime_api_request request;
    if (!runtime_api_wait(api, child, &request, err)) {
        return false;
    }
    if (request.call != RUNTIME_API_NEXT) {
        return lac_fail(err, LAC_ERR_INPUT, "the runtime asked for no event: %.*s",
                        request.body.len < 400 ? (int)request.body.len : 400, request.body.data);
    }
    double begun = lac_clock_monotonic();
    if (!runtime_api_send_event(api, event, err) || !runtime_api_wait(api, child, &request, err)) {
        return false;
    }
    *seconds = lac_clock_monotonic() - begun;
    if (request.call != RUNTIME_API_RESPONSE && request.call != RUNTIME_API_FAILURE) {
        return lac_fail(err, LAC_ERR_INPUT, "the runtime gave no answer");
    }
    return keep_answer(&request, figures, err) && runtime_api_accept(api, err);
}

static bool measure_start(struct runtime_api *api, const struct options *options, double *seconds,
                          struct figures *figures, struct lac_error *err) {
    struct child child = {0};
    double ignored;
    bool ok = start(options, api->port, &child, err) &&
              invoke(api, child.pid, lac_buf_view(&options->event), &ignored, figures, err);
    *seconds = lac_clock_monotonic() - *exec_time;
    end(&child, SIGKILL);
    runtime_api_disconnect(api);
    return ok;
}

static bool invoke_many(struct runtime_api *api, pid_t child, const struct options *options,
                        struct figures *figures, struct lac_error *err) {
    struct lac_str event = lac_buf_view(&options->event);
    double ignored;
    bool ok = invoke(api, child, event, &ignored, figures, err) &&
              read_memory(child, &figures->first, err);
    for (size_t i = 1; ok && i < options->warm_up; i++) {
        ok = invoke(api, child, event, &ignored, figures, err);
    }
    ok = ok && read_memory(child, &figures->warm, err);
    api->settled = true;
    double begun = lac_clock_monotonic(), used = processor_time();
    for (size_t i = 0; ok && i < options->count; i++) {
        ok = invoke(api, child, event, &figures->answers[i], figures, err);
    }
    figures->seconds = lac_clock_monotonic() - begun;
    figures->load = options->count > 0 ? (processor_time() - used) / (double)options->count : 0;
    return ok && read_memory(child, &figures->last, err);
}

/* ---- what is printed --------------------------------------------------------------------------
 */

static int compare_numbers(const void *a, const void *b) {
    double one = *(const double *)a, two = *(const double *)b;
    return (one > two) - (one < two);
}

/* `list` is sorted. */
static double quantile(const double *list, size_t count, double part) {
    size_t at = (size_t)((double)count * part);
    return count == 0 ? 0 : list[at < count ? at : count - 1];
}

static void print_figures(const struct options *options, struct figures *figures,
                          const struct child *child) {
    size_t count = options->count;
    double all = (double)(options->warm_up + count);
    qsort(figures->starts, options->spawns, sizeof *figures->starts, compare_numbers);
    qsort(figures->answers, count, sizeof *figures->answers, compare_numbers);

    struct lac_buf answer = {0};
    struct lac_json_writer writer = {.out = &answer};
    struct lac_error ignored;
    struct lac_json_event text = {.kind = LAC_JSON_STRING, .text = lac_buf_view(&figures->answer)};
    if (!lac_json_write(&writer, &text, &ignored) || answer.failed) {
        lac_buf_free(&answer);
        lac_buf_add(&answer, LAC_STR("null"));
    }
    printf(
        "{\"per_second\":%.1f,\"p50_us\":%.2f,\"p99_us\":%.2f,\"start_ms\":%.3f,"
        "\"start_p10_ms\":%.3f,\"user_us\":%.2f,\"system_us\":%.2f,",
        figures->seconds > 0 ? (double)count / figures->seconds : 0,
        quantile(figures->answers, count, 0.5) * 1e6, quantile(figures->answers, count, 0.99) * 1e6,
        quantile(figures->starts, options->spawns, 0.5) * 1e3,
        quantile(figures->starts, options->spawns, 0.1) * 1e3,
        seconds_of(child->used.ru_utime) / all * 1e6, seconds_of(child->used.ru_stime) / all * 1e6);
    printf(
        "\"first_kib\":%ld,\"warm_kib\":%ld,\"last_kib\":%ld,\"most_kib\":%ld,"
        "\"failures\":%zu,\"load_us\":%.2f,\"answer\":%s}\n",
        figures->first.resident, figures->warm.resident, figures->last.resident, figures->last.most,
        figures->failures, figures->load * 1e6, lac_buf_view(&answer).data);
    lac_buf_free(&answer);
}

/* ---- what is asked ----------------------------------------------------------------------------
 */

static bool read_options(int argc, char **argv, struct options *out, struct lac_error *err) {
    static const struct option names[] = {
        {"event", required_argument, NULL, 'e'}, {"warm-up", required_argument, NULL, 'w'},
        {"count", required_argument, NULL, 'n'}, {"spawns", required_argument, NULL, 's'},
        {"core", required_argument, NULL, 'c'},  {NULL, 0, NULL, 0},
    };
    *out = (struct options){.warm_up = 1000, .count = 25000};
    out->core = (int)sysconf(_SC_NPROCESSORS_ONLN) - 1;
    int letter;
    while ((letter = getopt_long(argc, argv, "+", names, NULL)) != -1) {
        size_t number = letter == 'e' ? 0 : strtoul(optarg == NULL ? "" : optarg, NULL, 10);
        switch (letter) {
        case 'e':
            if (!lac_file_read(optarg, MAX_EVENT, &out->event, err)) {
                return false;
            }
            break;
        case 'w':
            out->warm_up = number;
            break;
        case 'n':
            out->count = number;
            break;
        case 's':
            out->spawns = number;
            break;
        case 'c':
            out->core = (int)strtol(optarg, NULL, 10);
            break;
        default:
            return lac_fail(err, LAC_ERR_INPUT, "see the head of runtime_load.c for the options");
        }
    }
    out->program = argv + optind;
    if (out->event.len == 0) {
        lac_buf_add(&out->event, LAC_STR("{\"name\":\"Ada\"}"));
    }
    return *out->program != NULL || lac_fail(err, LAC_ERR_INPUT, "which program?");
}

static bool stay_on_core(int core, struct lac_error *err) {
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET((size_t)core, &set);
    return sched_setaffinity(0, sizeof set, &set) == 0 ||
           lac_fail_errno(err, errno, "cannot stay on core %d", core);
}

static bool measure(const struct options *options, struct figures *figures, struct child *child,
                    struct lac_error *err) {
    struct runtime_api api;
    if (!runtime_api_open(&api, err)) {
        return false;
    }
    bool ok = true;
    for (size_t i = 0; ok && i < options->spawns; i++) {
        ok = measure_start(&api, options, &figures->starts[i], figures, err);
    }
    if (ok && options->count > 0) {
        ok = start(options, api.port, child, err) &&
             invoke_many(&api, child->pid, options, figures, err);
        end(child, SIGTERM);
    }
    runtime_api_close(&api);
    return ok;
}

int main(int argc, char **argv) {
    struct options options;
    struct child child = {0};
    struct lac_error err;
    bool ok = read_options(argc, argv, &options, &err) &&
              (options.core < 0 || stay_on_core(options.core, &err));
    struct figures figures = {
        .starts = calloc(options.spawns + 1, sizeof *figures.starts),
        .answers = calloc(options.count + 1, sizeof *figures.answers),
    };
    exec_time =
        mmap(NULL, sizeof *exec_time, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (ok && (figures.starts == NULL || figures.answers == NULL || exec_time == MAP_FAILED)) {
        ok = lac_fail(&err, LAC_ERR_MEMORY, "out of memory");
    }
    if (ok && measure(&options, &figures, &child, &err)) {
        print_figures(&options, &figures, &child);
    } else {
        fprintf(stderr, "runtime_load: %s\n", err.message);
        ok = false;
    }
    free(figures.starts);
    free(figures.answers);
    lac_buf_free(&figures.answer);
    lac_buf_free(&options.event);
    return ok ? 0 : 1;
}
