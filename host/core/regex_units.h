/* regex_units.h — characters that a pattern says by units of UTF-16, as Java does: \u00e9, or
 * \ud83d\ude00 for one of two. PCRE2 knows \x{e9} and \x{1f600}. Pure. */
#ifndef LAC_REGEX_UNITS_H
#define LAC_REGEX_UNITS_H

#include "core/buf.h"

/* Whether the pattern may say any. */
bool lac_regex_says_units(struct lac_str pattern);

/* Appends the pattern as PCRE2 has it, until `out` has more than `until` bytes. Returns where in
 * the pattern that was: pattern.len at its end. */
size_t lac_regex_respell(struct lac_str pattern, struct lac_buf *out, size_t until);

#endif
