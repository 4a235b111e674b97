/* regex.h — regular expressions as AWS's Java has them, over PCRE2, which is opened when the first
 * pattern is compiled.
 *
 * What differs in silence between the two is refused: a class inside a class, && in a class, verbs.
 * Matching is bounded: a pattern that backtracks without end is LAC_ERR_LIMIT after about a second.
 * Texts need not be UTF-8; a dot does not match a line's end. */
#ifndef LAC_REGEX_H
#define LAC_REGEX_H

#include "core/buf.h"
#include "core/error.h"

#define LAC_REGEX_MAX_PATTERN ((size_t)16 * 1024)

/* A compiled pattern. It holds the last match: one thread at a time. `{0}` is none. */
struct lac_regex {
    void *code, *match;
    size_t groups; /* without the match itself, which is group 0 */
};

bool lac_regex_compile(struct lac_str pattern, struct lac_regex *out, struct lac_error *err);
void lac_regex_free(struct lac_regex *regex);

/* Whether the pattern matches the text from its first byte to its last. */
bool lac_regex_matches(struct lac_regex *regex, struct lac_str text, bool *matched,
                       struct lac_error *err);

/* Looks for the first match that begins at byte `from` or later. */
bool lac_regex_find(struct lac_regex *regex, struct lac_str text, size_t from, bool *found,
                    struct lac_error *err);

/* Where group `group` of the last match stands; false when it took no part in it. */
bool lac_regex_group(const struct lac_regex *regex, size_t group, size_t *first, size_t *end);

/* Appends `text` with its matches replaced: all of them, or the first alone. In `replacement`, $1
 * is a group, ${name} a named one, and a backslash takes the next character as it is. */
struct lac_regex_replacement {
    struct lac_str text, replacement;
    bool first_only;
    size_t most; /* bytes that may be appended; 0: no bound */
};
bool lac_regex_replace(struct lac_regex *regex, const struct lac_regex_replacement *work,
                       struct lac_buf *out, struct lac_error *err);

#endif
