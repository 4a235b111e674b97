/* terminal.h — the terminal: whether there is one, its size, and line editing over libedit, which
 * is opened with the first editor. Without a terminal lines are read plainly from standard input.
 */
#ifndef LAC_TERMINAL_H
#define LAC_TERMINAL_H

#include <stdbool.h>
#include <stddef.h>

#include "core/buf.h"
#include "core/error.h"

bool lac_terminal_is(int fd);

/* From the terminal of standard output, else COLUMNS and LINES, else 80 by 24. */
void lac_terminal_size(int *columns, int *rows);

struct lac_editor;

/* What a completion function found: whole lines, each a way to go on. */
struct lac_completions {
    struct lac_buf lines; /* one after another, each ended by a NUL */
    size_t count;
};
void lac_completions_add(struct lac_completions *out, struct lac_str line);

struct lac_editor_options {
    const char *history; /* a file, read now, written with mode 0600 after each line; or NULL */
    int history_size;    /* lines */
    /* Called when the user asks how `line`, up to the cursor, may go on; NULL: never. */
    void (*complete)(void *context, struct lac_str line, size_t cursor,
                     struct lac_completions *out);
    void *context;
};

bool lac_editor_open(const struct lac_editor_options *options, struct lac_editor **out,
                     struct lac_error *err);

/* Reads a line, without its line feed, onto `line`. `end`: there are no more. Fails with
 * LAC_ERR_INTERRUPT on Ctrl-C and with LAC_ERR_LIMIT for a line past 1 MiB; the terminal is sane.
 */
bool lac_editor_read(struct lac_editor *editor, const char *prompt, struct lac_buf *line, bool *end,
                     struct lac_error *err);

/* Adds a line to the history, and to its file. An empty one, or the last one again, is left out. */
void lac_editor_add(struct lac_editor *editor, const char *line);

void lac_editor_close(struct lac_editor *editor); /* NULL is allowed */

#endif
