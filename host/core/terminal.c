#define _GNU_SOURCE
#include "core/terminal.h"

#include <errno.h>
#include <fcntl.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <wchar.h>

#include <histedit.h>

#include "core/interrupt.h"
#include "core/late.h"
#include "core/poll.h"

#define MAX_LINE ((size_t)1024 * 1024)
#define MAX_COLUMNS 10000

/* clang-format off */
#define FUNCTIONS(X)                                                                               \
    X(el_init) X(el_set) X(el_wset) X(el_get) X(el_gets) X(el_line) X(el_insertstr) X(el_end)      \
    X(history_init) X(history) X(history_end)
/* clang-format on */
#define FIELD(name) __typeof__(&name) name;
static struct { FUNCTIONS(FIELD) } edit;

static bool open_libedit(struct lac_error *err) {
#define ROW(name) {#name, &edit.name},
    static const struct lac_late_symbol symbols[] = {FUNCTIONS(ROW)};
    return edit.el_end != NULL ||
           lac_late_open("libedit.so.2", symbols, sizeof symbols / sizeof *symbols, err);
}

struct lac_editor {
    struct lac_editor_options options;
    char *history_path;
    EditLine *line_editor; /* NULL: no terminal */
    History *history;
    const char *prompt;
    char *last; /* the line that was added last */
};

/* ---- the terminal -----------------------------------------------------------------------------
 */

bool lac_terminal_is(int fd) {
    return isatty(fd) == 1;
}

static int from_environment(const char *name, int fallback) {
    const char *text = getenv(name);
    long value = text != NULL ? strtol(text, NULL, 10) : 0;
    return value > 0 && value <= MAX_COLUMNS ? (int)value : fallback;
}

void lac_terminal_size(int *columns, int *rows) {
    struct winsize size = {0};
    bool known = ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0;
    *columns = known && size.ws_col > 0 ? size.ws_col : from_environment("COLUMNS", 80);
    *rows = known && size.ws_row > 0 ? size.ws_row : from_environment("LINES", 24);
}

/* ---- completion -------------------------------------------------------------------------------
 */

void lac_completions_add(struct lac_completions *out, struct lac_str line) {
    if (memchr(line.data, '\0', line.len) == NULL) {
        lac_buf_adds(&out->lines, line, LAC_STR("\0"));
        out->count++;
    }
}

/* How many bytes all of them begin with, from the first one's view. */
static size_t common_length(const struct lac_completions *found) {
    const char *first = found->lines.data, *line = first;
    size_t common = strlen(first);
    for (size_t i = 1; i < found->count; i++) {
        line += strlen(line) + 1;
        size_t same = 0;
        while (same < common && line[same] == first[same]) {
            same++;
        }
        common = same;
    }
    while (common > 0 && ((unsigned char)first[common] & 0xC0) == 0x80) {
        common--; /* never within a character */
    }
    return common;
}

/* Shows the last words of what there is, below the line. */
static void show_choices(const struct lac_completions *found) {
    const char *line = found->lines.data;
    fputc('\n', stdout);
    for (size_t i = 0; i < found->count; i++) {
        const char *word = line + strlen(line);
        while (word > line && word[-1] != ' ' && word[-1] != '(') {
            word--;
        }
        fprintf(stdout, "%s  ", word);
        line += strlen(line) + 1;
    }
    fputc('\n', stdout);
    fflush(stdout);
}

static unsigned char on_tab(EditLine *line_editor, int key) {
    struct lac_editor *editor = NULL;
    struct lac_completions found = {0};
    (void)key;
    edit.el_get(line_editor, EL_CLIENTDATA, &editor);
    const LineInfo *info = edit.el_line(line_editor);
    size_t len = (size_t)(info->lastchar - info->buffer);
    size_t cursor = (size_t)(info->cursor - info->buffer);
    if (editor->options.complete == NULL) {
        return CC_ERROR;
    }
    char *before = strndup(info->buffer, cursor); /* the view ends with the next call of libedit */
    editor->options.complete(editor->options.context, (struct lac_str){info->buffer, len}, cursor,
                             &found);
    unsigned char result = CC_ERROR;
    if (before != NULL && found.count > 0 && !found.lines.failed) {
        size_t common = common_length(&found);
        if (common > cursor && strncmp(found.lines.data, before, cursor) == 0) {
            found.lines.data[common] = '\0';
            result = edit.el_insertstr(line_editor, found.lines.data + cursor) == 0 ? CC_REFRESH
                                                                                    : CC_ERROR;
        } else if (found.count > 1) {
            show_choices(&found);
            result = CC_REDISPLAY;
        }
    }
    free(before);
    lac_buf_free(&found.lines);
    return result;
}

/* ---- the editor -------------------------------------------------------------------------------
 */

static char *show_prompt(EditLine *line_editor) {
    struct lac_editor *editor = NULL;
    edit.el_get(line_editor, EL_CLIENTDATA, &editor);
    return (char *)editor->prompt;
}

/* One character, in UTF-8; -1 on Ctrl-C, which libedit's own reader would swallow. */
static int read_character(EditLine *line_editor, wchar_t *out) {
    mbstate_t state = {0};
    (void)line_editor;
    for (;;) {
        struct lac_poll poll = {.fd = STDIN_FILENO};
        struct lac_error err;
        char byte;
        if (!lac_poll_wait(&poll, 1, -1, &err)) {
            return -1;
        }
        ssize_t count = read(STDIN_FILENO, &byte, 1);
        if (count == 0) {
            return 0;
        }
        if (count < 0 && errno != EINTR) {
            return -1;
        }
        if (count > 0) {
            size_t used = mbrtowc(out, &byte, 1, &state);
            if (used <= 1) {
                return 1;
            }
            if (used == (size_t)-1) { /* no character: begin again with the next byte */
                state = (mbstate_t){0};
            }
        }
    }
}

static bool open_history(struct lac_editor *editor) {
    HistEvent event;
    editor->history = edit.history_init();
    if (editor->history == NULL) {
        return false;
    }
    edit.history(editor->history, &event, H_SETSIZE, editor->options.history_size);
    edit.history(editor->history, &event, H_SETUNIQUE, 1);
    if (editor->history_path != NULL) {
        edit.history(editor->history, &event, H_LOAD, editor->history_path);
    }
    return true;
}

static bool open_line_editor(struct lac_editor *editor) {
    setlocale(LC_CTYPE, "C.UTF-8"); /* libedit asks the locale what a character is */
    editor->line_editor = edit.el_init("laconic", stdin, stdout, stderr);
    if (editor->line_editor == NULL || !open_history(editor)) {
        return false;
    }
    EditLine *line_editor = editor->line_editor;
    edit.el_set(line_editor, EL_CLIENTDATA, editor);
    edit.el_set(line_editor, EL_PROMPT, show_prompt);
    edit.el_set(line_editor, EL_EDITOR, "emacs");
    edit.el_set(line_editor, EL_HIST, edit.history, editor->history);
    edit.el_set(line_editor, EL_GETCFN, read_character);
    edit.el_wset(line_editor, EL_ADDFN, L"laconic-complete", L"Complete the word", on_tab);
    edit.el_set(line_editor, EL_BIND, "^I", "laconic-complete", NULL);
    edit.el_set(line_editor, EL_BIND, "^R", "em-inc-search-prev", NULL);
    return true;
}

bool lac_editor_open(const struct lac_editor_options *options, struct lac_editor **out,
                     struct lac_error *err) {
    bool terminal = lac_terminal_is(STDIN_FILENO) && lac_terminal_is(STDOUT_FILENO);
    if (terminal && !open_libedit(err)) {
        return false;
    }
    struct lac_editor *editor = calloc(1, sizeof *editor);
    if (editor != NULL) {
        editor->options = *options;
        editor->history_path = options->history != NULL ? strdup(options->history) : NULL;
    }
    if (editor == NULL || (options->history != NULL && editor->history_path == NULL) ||
        (terminal && !open_line_editor(editor))) {
        lac_editor_close(editor);
        return lac_fail(err, LAC_ERR_MEMORY, "out of memory while opening the line editor");
    }
    *out = editor;
    return true;
}

static bool interrupted(struct lac_error *err) {
    return lac_fail(err, LAC_ERR_INTERRUPT, "interrupted");
}

static bool too_long(struct lac_error *err) {
    return lac_fail(err, LAC_ERR_LIMIT, "a line of more than %zu bytes", MAX_LINE);
}

/* Byte by byte from stdio, which Lua's io.stdin shares: nothing is read ahead past the line. */
static bool read_plainly(struct lac_buf *line, bool *end, struct lac_error *err) {
    int byte;
    while ((byte = getc(stdin)) != '\n') {
        if (byte == EOF && lac_interrupt_requested()) {
            clearerr(stdin);
            return interrupted(err);
        }
        if (byte == EOF) {
            *end = line->len == 0;
            return true;
        }
        if (line->len >= MAX_LINE) {
            return too_long(err);
        }
        char piece = (char)byte;
        lac_buf_add(line, (struct lac_str){&piece, 1});
    }
    return true;
}

static bool read_edited(struct lac_editor *editor, struct lac_buf *line, bool *end,
                        struct lac_error *err) {
    int count = 0;
    const char *text = edit.el_gets(editor->line_editor, &count);
    if (text == NULL || count <= 0) {
        fputc('\n', stdout);
        fflush(stdout);
        *end = true;
        return !lac_interrupt_requested() || interrupted(err);
    }
    size_t len = (size_t)count;
    if (len > MAX_LINE) {
        return too_long(err);
    }
    lac_buf_add(line, (struct lac_str){text, text[len - 1] == '\n' ? len - 1 : len});
    return true;
}

bool lac_editor_read(struct lac_editor *editor, const char *prompt, struct lac_buf *line, bool *end,
                     struct lac_error *err) {
    *end = false;
    editor->prompt = prompt;
    bool ok = editor->line_editor != NULL ? read_edited(editor, line, end, err)
                                          : read_plainly(line, end, err);
    return ok &&
           (!line->failed || lac_fail(err, LAC_ERR_MEMORY, "out of memory while reading a line"));
}

/* libedit keeps the mode of a file that is there, so it is made first. */
static void save_history(const struct lac_editor *editor) {
    HistEvent event;
    int fd = open(editor->history_path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    if (fd >= 0) {
        fchmod(fd, 0600);
        close(fd);
        edit.history(editor->history, &event, H_SAVE, editor->history_path);
    }
}

void lac_editor_add(struct lac_editor *editor, const char *line) {
    HistEvent event;
    if (editor->history == NULL || *line == '\0' ||
        (editor->last != NULL && strcmp(editor->last, line) == 0)) {
        return;
    }
    free(editor->last);
    editor->last = strdup(line);
    edit.history(editor->history, &event, H_ENTER, line);
    if (editor->history_path != NULL) {
        save_history(editor);
    }
}

void lac_editor_close(struct lac_editor *editor) {
    if (editor == NULL) {
        return;
    }
    if (editor->line_editor != NULL) {
        edit.el_end(editor->line_editor);
    }
    if (editor->history != NULL) {
        edit.history_end(editor->history);
    }
    free(editor->history_path);
    free(editor->last);
    free(editor);
}
