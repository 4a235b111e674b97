/* test_process.c — what a started program gets, how it is bounded, and that nothing of it stays. */
#include <fcntl.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "core/poll.h"
#include "core/process.h"

struct result {
    bool ok;
    struct lac_process_end end;
    struct lac_buf output, error;
    struct lac_error err;
};

static struct result run(struct lac_process_options options) {
    struct result result = {0};
    options.group = options.die_with_parent = true;
    result.ok = lac_process_run(&options, 20, 1 << 20, &result.end, &result.output, &result.error,
                                &result.err);
    return result;
}

static struct result run_shell(const char *script) {
    const char *const argv[] = {"sh", "-c", script, NULL};
    return run((struct lac_process_options){.argv = argv, .error = LAC_PROCESS_OUTPUT});
}

static void forget(struct result *result) {
    lac_buf_free(&result->output);
    lac_buf_free(&result->error);
}

static void assert_output(struct lac_buf *output, const char *want) {
    assert_string_equal(output->len > 0 ? output->data : "", want);
}

static void output_and_status_come_back(void **state) {
    (void)state;
    struct result result = run_shell("echo out; echo err >&2; exit 7");

    assert_true(result.ok);
    assert_int_equal(result.end.status, 7);
    assert_int_equal(result.end.signal, 0);
    assert_output(&result.output, "out\nerr\n");
    forget(&result);
}

static void the_two_streams_can_be_told_apart(void **state) {
    (void)state;
    const char *const argv[] = {"sh", "-c", "echo out; echo err >&2; kill -9 $$", NULL};
    struct result result =
        run((struct lac_process_options){.argv = argv, .error = LAC_PROCESS_PIPE});

    assert_true(result.ok);
    assert_int_equal(result.end.signal, SIGKILL);
    assert_int_equal(result.end.status, -1);
    assert_output(&result.output, "out\n");
    assert_output(&result.error, "err\n");
    forget(&result);
}

static void any_amount_of_input_is_fed_while_output_is_read(void **state) {
    (void)state;
    size_t len = 500000; /* several pipes full, both ways */
    char *input = malloc(len);
    memset(input, 'x', len);
    const char *const argv[] = {"cat", NULL};
    struct result result = run((struct lac_process_options){
        .argv = argv, .error = LAC_PROCESS_OUTPUT, .input = {input, len}});

    assert_true(result.ok);
    assert_int_equal(result.output.len, len);
    assert_memory_equal(result.output.data, input, len);
    forget(&result);
    free(input);
}

static void environment_and_folder_are_as_asked(void **state) {
    (void)state;
    const char *const argv[] = {"sh", "-c", "echo $A-$HOME; pwd", NULL};
    const char *const env[] = {"A=b c", NULL};
    struct result result = run((struct lac_process_options){
        .argv = argv, .error = LAC_PROCESS_OUTPUT, .env = env, .cwd = "/usr"});

    assert_output(&result.output, "b c-\n/usr\n");
    forget(&result);
}

static void no_file_of_ours_and_no_signal_setting_is_inherited(void **state) {
    (void)state;
    int ours = open("/dev/null", O_RDONLY); /* on purpose without O_CLOEXEC */
    signal(SIGPIPE, SIG_IGN);
    struct result result = run_shell("ls /proc/$$/fd; grep SigIgn /proc/$$/status; ulimit -c");
    signal(SIGPIPE, SIG_DFL);
    close(ours);

    assert_output(&result.output, "0\n1\n2\nSigIgn:\t0000000000000000\n0\n");
    forget(&result);
}

static void an_absent_program_or_folder_is_told_by_name(void **state) {
    (void)state;
    const char *const absent[] = {"no-such-program", NULL};
    struct result result = run((struct lac_process_options){.argv = absent});
    assert_false(result.ok);
    assert_string_equal(result.err.code, "ENOENT");
    assert_string_equal(result.err.message,
                        "cannot run no-such-program: No such file or directory");

    const char *const present[] = {"true", NULL};
    result = run((struct lac_process_options){.argv = present, .cwd = "/no/such/folder"});
    assert_false(result.ok);
    assert_string_equal(result.err.message,
                        "cannot enter /no/such/folder: No such file or directory");
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1); /* no child is left, not even a dead one */
}

static void what_takes_too_long_or_says_too_much_is_ended(void **state) {
    (void)state;
    const char *const slow[] = {"sh", "-c", "sleep 1000 & wait", NULL}, *const loud[] = {"yes",
                                                                                         NULL};
    struct lac_process_options options = {.argv = slow, .group = true};
    struct result result = {0};

    assert_false(lac_process_run(&options, 0.02, 100, &result.end, &result.output, &result.error,
                                 &result.err));
    assert_int_equal(result.err.kind, LAC_ERR_LIMIT);
    assert_string_equal(result.err.code, "timeout");
    assert_string_equal(result.err.message, "sh: still running at the deadline");

    options.argv = loud;
    assert_false(lac_process_run(&options, 20, 100, &result.end, &result.output, &result.error,
                                 &result.err));
    assert_int_equal(result.err.kind, LAC_ERR_LIMIT);
    assert_string_equal(result.err.message, "yes: more than 100 bytes of output");
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
    forget(&result);
}

/* Whether a process runs; one that ended and was not reaped yet does not. */
static bool runs(pid_t pid) {
    char path[64], text[256] = "";
    snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
    int fd = open(path, O_RDONLY);
    if (fd < 0) {
        return false;
    }
    ssize_t len = read(fd, text, sizeof text - 1);
    close(fd);
    return len > 0 && strstr(text, ") Z") == NULL;
}

static void a_group_ends_with_its_leader(void **state) {
    (void)state;
    /* the child of the shell holds the pipe: without its end the run would last 1,000 s */
    struct result result = run_shell("sleep 1000 & echo $!");

    assert_true(result.ok);
    pid_t orphan = (pid_t)atoi(result.output.data);
    assert_true(orphan > 0);
    while (runs(orphan)) { /* it was killed; the kernel may need a moment to end it */
        sched_yield();
    }
    forget(&result);
}

static void bounds_hold(void **state) {
    (void)state;
    const char *const writes[] = {"sh", "-c", "head -c 20000 /dev/zero >\"$0\"; echo $?", "", NULL};
    char path[] = "/tmp/lac-process-XXXXXX";
    close(mkstemp(path));
    const char *argv[5];
    memcpy(argv, writes, sizeof writes);
    argv[3] = path;
    struct result result = run((struct lac_process_options){
        .argv = argv, .error = LAC_PROCESS_DISCARD, .file_size = 10000});
    assert_string_not_equal(result.output.data, "0\n");
    forget(&result);
    unlink(path);

    const char *const hungry[] = {"sh", "-c",
                                  "x=$(head -c 50000000 /dev/zero | tr '\\0' a); echo $?", NULL};
    result = run((struct lac_process_options){
        .argv = hungry, .error = LAC_PROCESS_DISCARD, .memory = 20000000});
    assert_true(result.ok);
    assert_int_not_equal(result.end.status, 0);
    forget(&result);
}

static void a_running_program_can_be_watched_and_killed(void **state) {
    (void)state;
    const char *const argv[] = {"sh", "-c", "echo ready; exec sleep 1000", NULL};
    struct lac_process_options options = {.argv = argv, .error = LAC_PROCESS_OUTPUT, .group = true};
    struct lac_process process;
    struct lac_error err;
    struct lac_buf said = {0};
    assert_true(lac_process_spawn(&options, &process, &err));
    assert_true(lac_process_alive(process.pid));
    struct lac_poll poll = {.fd = process.output};
    assert_true(lac_poll_wait(&poll, 1, 20, &err));
    assert_true(lac_process_read(process.output, 100, &said));
    assert_string_equal(said.data, "ready\n");
    assert_true(lac_process_read(process.output, 100, &said)); /* nothing yet, not the end */
    assert_false(lac_process_poll(&process));
    assert_true(lac_process_memory(&process) > 0);
    assert_false(lac_process_wait(&process, 0.001, &err));
    assert_int_equal(err.kind, LAC_ERR_LIMIT);

    lac_process_kill(&process, SIGTERM);

    assert_true(lac_process_wait(&process, 20, &err));
    assert_int_equal(process.end.signal, SIGTERM);
    assert_int_equal(lac_process_memory(&process), 0);
    assert_false(lac_process_read(process.output, 100, &said));
    assert_false(lac_process_alive(process.pid));
    lac_process_kill(&process, SIGTERM); /* no longer anybody's id: nothing happens */
    lac_process_close(&process);
    lac_process_close(&process);
    lac_buf_free(&said);
}

static void closing_ends_and_reaps(void **state) {
    (void)state;
    const char *const argv[] = {"sleep", "1000", NULL};
    struct lac_process_options options = {.argv = argv, .error = LAC_PROCESS_OUTPUT};
    struct lac_process process;
    struct lac_error err;
    assert_true(lac_process_spawn(&options, &process, &err));
    pid_t pid = process.pid;

    lac_process_close(&process);

    assert_false(lac_process_alive(pid));
}

/* In nanoseconds; 0 from a kernel that knows of none. */
static uint64_t slice_of_this_thread(void) {
    struct { /* the kernel's sched_attr, whose header does not bear <sched.h> beside it */
        uint32_t size, policy;
        uint64_t sched_flags;
        int32_t nice;
        uint32_t priority;
        uint64_t sched_runtime, deadline, period;
    } attr = {.size = sizeof attr};
    assert_int_equal(syscall(SYS_sched_getattr, 0, &attr, sizeof attr, 0), 0);
    return attr.sched_runtime;
}

static void a_short_slice_is_ours_alone(void **state) {
    (void)state;
    uint64_t before = slice_of_this_thread();
    struct lac_error err;
    assert_true(lac_process_slice(0.0002, &err));
    assert_int_equal(slice_of_this_thread(), before == 0 ? 0 : 200000);

    pid_t child = fork();
    if (child == 0) {
        _exit(slice_of_this_thread() == before ? 0 : 1);
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(output_and_status_come_back),
        cmocka_unit_test(the_two_streams_can_be_told_apart),
        cmocka_unit_test(any_amount_of_input_is_fed_while_output_is_read),
        cmocka_unit_test(environment_and_folder_are_as_asked),
        cmocka_unit_test(no_file_of_ours_and_no_signal_setting_is_inherited),
        cmocka_unit_test(an_absent_program_or_folder_is_told_by_name),
        cmocka_unit_test(what_takes_too_long_or_says_too_much_is_ended),
        cmocka_unit_test(a_group_ends_with_its_leader),
        cmocka_unit_test(bounds_hold),
        cmocka_unit_test(a_running_program_can_be_watched_and_killed),
        cmocka_unit_test(closing_ends_and_reaps),
        cmocka_unit_test(a_short_slice_is_ours_alone),
    };
    return cmocka_run_group_tests_name("process", tests, NULL, NULL);
}
