/* utf16.h — UTF-8 texts counted and cut as Java does: in UTF-16 units. */
#ifndef LAC_UTF16_H
#define LAC_UTF16_H

#include <stdint.h>

#include "core/buf.h"

/* How many units a text has. A byte that is not UTF-8 counts as one. */
size_t lac_utf16_length(struct lac_str text);

/* The byte where unit `unit` begins; text.len when there are not that many. The second half of a
 * character begins where the character ends. */
size_t lac_utf16_byte(struct lac_str text, size_t unit);

/* Reads the character at `*at` and moves behind it; a byte that is not UTF-8 is U+FFFD. */
uint32_t lac_utf8_next(struct lac_str text, size_t *at);

/* Appends a character. */
void lac_utf8_add(struct lac_buf *out, uint32_t code);

/* The other case of a character, for the alphabets of Europe; all others stay. */
uint32_t lac_utf8_upper(uint32_t code);
uint32_t lac_utf8_lower(uint32_t code);

#endif
