/* test_terminal.c — line editing on a pseudo-terminal, and plain reading without one. The editor
 * runs in a process of its own; this side types, and waits for each prompt before it does. */
#define _GNU_SOURCE
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
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include <cmocka.h>

#include "core/interrupt.h"
#include "core/terminal.h"

static void on_signal(int number) {
    (void)number;
    lac_interrupt_request();
}

static void offer(void *context, struct lac_str line, size_t cursor, struct lac_completions *out) {
    (void)context;
    if (cursor == line.len && line.len >= 2 && memcmp(line.data, "se", 2) == 0) {
        lac_completions_add(out, LAC_STR("service"));
        lac_completions_add(out, LAC_STR("serve"));
    } else if (line.len == 1) {
        lac_completions_add(out, LAC_STR("xylophone"));
    }
}

/* Reads to the end, and tells each line, or why there was none, to `told`. */
_Noreturn static void edit(const char *history, int told) {
    struct lac_editor_options options = {.history = history, .history_size = 10, .complete = offer};
    struct lac_editor *editor = NULL;
    struct lac_error err;
    struct sigaction action = {.sa_handler = on_signal};
    sigaction(SIGINT, &action, NULL);
    if (!lac_editor_open(&options, &editor, &err)) {
        dprintf(told, "%s\n", err.message);
        _exit(1);
    }
    bool end = false;
    for (int i = 1; !end; i++) {
        struct lac_buf line = {0};
        char prompt[32];
        snprintf(prompt, sizeof prompt, "ready %d> ", i);
        if (!lac_editor_read(editor, prompt, &line, &end, &err)) {
            dprintf(told, "(%s)\n", err.message);
            lac_interrupt_clear();
            end = false;
        } else if (!end) {
            dprintf(told, "%s\n", line.len > 0 ? line.data : "");
            lac_editor_add(editor, line.len > 0 ? line.data : "");
        }
        lac_buf_free(&line);
    }
    lac_editor_close(editor);
    struct termios modes;
    tcgetattr(STDIN_FILENO, &modes);
    dprintf(told, "end, %s", (modes.c_lflag & ICANON) && (modes.c_lflag & ECHO) ? "sane" : "raw");
    _exit(0);
}

struct session {
    pid_t pid;
    int terminal, told;
    int prompts; /* seen */
};

static struct session begin(const char *history) {
    struct session session = {0};
    int ends[2];
    session.terminal = posix_openpt(O_RDWR | O_NOCTTY);
    assert_int_equal(grantpt(session.terminal) + unlockpt(session.terminal), 0);
    const char *name = ptsname(session.terminal);
    assert_int_equal(pipe(ends), 0);
    session.pid = fork();
    if (session.pid == 0) {
        setsid();
        int slave = open(name, O_RDWR);
        struct winsize size = {.ws_row = 30, .ws_col = 100};
        ioctl(slave, TIOCSWINSZ, &size);
        for (int i = 0; i < 3; i++) {
            dup2(slave, i);
        }
        setenv("TERM", "vt100", 1);
        edit(history, ends[1]);
    }
    close(ends[1]);
    session.told = ends[0];
    return session;
}

/* Waits until the terminal shows `text`. */
static void await(struct session *session, const char *text) {
    char shown[65536];
    size_t len = 0;
    do {
        ssize_t count = read(session->terminal, shown + len, sizeof shown - len);
        assert_true(count > 0);
        len += (size_t)count;
    } while (memmem(shown, len, text, strlen(text)) == NULL); /* terminals are padded with NULs */
}

/* The prompt comes a moment before the terminal hands over single keys. */
static void await_raw(const struct session *session) {
    struct termios modes;
    do {
        assert_int_equal(tcgetattr(session->terminal, &modes), 0);
        sched_yield();
    } while (modes.c_lflag & ICANON);
}

static void type(struct session *session, const char *keys) {
    char prompt[32];
    snprintf(prompt, sizeof prompt, "ready %d> ", ++session->prompts);
    await(session, prompt);
    await_raw(session);
    assert_int_equal(write(session->terminal, keys, strlen(keys)), strlen(keys));
}

static void assert_told(struct session *session, const char *want) {
    char told[4096] = "";
    size_t len = 0;
    ssize_t count;
    while ((count = read(session->told, told + len, sizeof told - 1 - len)) > 0) {
        len += (size_t)count;
    }
    int status;
    waitpid(session->pid, &status, 0);
    close(session->told);
    close(session->terminal);
    assert_string_equal(told, want);
    assert_int_equal(status, 0);
}

static void lines_are_edited_and_remembered(void **state) {
    (void)state;
    char history[] = "/tmp/lac-history-XXXXXX";
    close(mkstemp(history));
    chmod(history, 0644);
    struct session session = begin(history);
    type(&session, "hallo\b\b\b\bello\n"); /* backspace */
    type(&session, "second \xc3\xa9\n");   /* a character of two bytes */
    type(&session, "\x10\x10\n");          /* up, up */
    type(&session, "\x04");                /* Ctrl-D */
    assert_told(&session, "hello\nsecond \xc3\xa9\nhello\nend, sane");

    struct stat facts;
    assert_int_equal(stat(history, &facts), 0);
    assert_int_equal(facts.st_mode & 0777, 0600);
    session = begin(history);
    type(&session, "\x10\n"); /* what the last session left */
    type(&session, "\x04");
    assert_told(&session, "hello\nend, sane");
    unlink(history);
}

static void tab_completes_what_is_common_and_shows_the_rest(void **state) {
    (void)state;
    struct session session = begin(NULL);
    type(&session, "x\t\n");
    type(&session, "se\t\t");
    await(&session, "service  serve");
    assert_int_equal(write(session.terminal, "i\n", 2), 2);
    type(&session, "nothing\t\n");
    type(&session, "\x04");
    assert_told(&session, "xylophone\nservi\nnothing\nend, sane");
}

static void ctrl_c_drops_the_line_and_leaves_the_terminal_sane(void **state) {
    (void)state;
    struct session session = begin(NULL);
    type(&session, "half a li\x03");
    type(&session, "whole\n");
    type(&session, "\x04");
    assert_told(&session, "(interrupted)\nwhole\nend, sane");
}

static void without_a_terminal_lines_are_read_plainly(void **state) {
    (void)state;
    int input[2], told[2];
    assert_int_equal(pipe(input), 0);
    assert_int_equal(pipe(told), 0);
    assert_int_equal(write(input[1], "one\n\ntwo", 8), 8);
    close(input[1]);
    pid_t pid = fork();
    if (pid == 0) {
        dup2(input[0], STDIN_FILENO);
        edit(NULL, told[1]);
    }
    close(told[1]);
    close(input[0]);
    char text[256] = "";
    size_t len = 0;
    ssize_t count;
    while ((count = read(told[0], text + len, sizeof text - 1 - len)) > 0) {
        len += (size_t)count;
    }
    waitpid(pid, NULL, 0);
    close(told[0]);
    assert_memory_equal(text, "one\n\ntwo\nend", 12);
}

static void the_size_comes_from_the_environment_without_a_terminal(void **state) {
    (void)state;
    int told[2], size[2] = {0};
    assert_int_equal(pipe(told), 0);
    pid_t pid = fork();
    if (pid == 0) {
        dup2(open("/dev/null", O_WRONLY), STDOUT_FILENO);
        setenv("COLUMNS", "123", 1);
        setenv("LINES", "many", 1);
        lac_terminal_size(&size[0], &size[1]);
        ssize_t done = write(told[1], size, sizeof size);
        _exit(done == (ssize_t)sizeof size ? 0 : 1);
    }
    assert_int_equal(read(told[0], size, sizeof size), sizeof size);
    waitpid(pid, NULL, 0);
    close(told[0]);
    close(told[1]);
    assert_int_equal(size[0], 123);
    assert_int_equal(size[1], 24);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_are_edited_and_remembered),
        cmocka_unit_test(tab_completes_what_is_common_and_shows_the_rest),
        cmocka_unit_test(ctrl_c_drops_the_line_and_leaves_the_terminal_sane),
        cmocka_unit_test(without_a_terminal_lines_are_read_plainly),
        cmocka_unit_test(the_size_comes_from_the_environment_without_a_terminal),
    };
    return cmocka_run_group_tests_name("terminal", tests, NULL, NULL);
}
