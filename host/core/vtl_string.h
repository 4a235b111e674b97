/* vtl_string.h — between vtl_string.c, which tells the methods of Java's String apart,
 * vtl_string_search.c and vtl_string_change.c. Positions in a text are UTF-16 units in templates,
 * and bytes here. */
#ifndef LAC_VTL_STRING_H
#define LAC_VTL_STRING_H

#include "core/vtl_private.h"

#define LAC_VTL_BYTES_A_STEP 64 /* of a text that is looked through */

static inline struct lac_str lac_vtl_string_argument(const struct lac_vtl_call *call, uint32_t i) {
    return lac_vtl_text(&call->arguments[i]);
}

size_t lac_vtl_string_units(struct lac_str text);
size_t lac_vtl_string_byte(struct lac_str text, size_t unit); /* of one behind the end: the end */

/* The first byte at or behind `from` where a part stands; SIZE_MAX when nowhere. */
size_t lac_vtl_string_find(struct lac_str text, struct lac_str part, size_t from);

/* indexOf and lastIndexOf, substring, charAt. */
bool lac_vtl_string_search(struct lac_vtl_machine *machine, const struct lac_vtl_call *call,
                           struct lac_vtl_value *out);
bool lac_vtl_string_part(struct lac_vtl_machine *machine, const struct lac_vtl_call *call,
                         struct lac_vtl_value *out);
bool lac_vtl_string_character(struct lac_vtl_machine *machine, const struct lac_vtl_call *call,
                              struct lac_vtl_value *out);

/* toLowerCase and toUpperCase, concat, replace, replaceAll and replaceFirst. */
bool lac_vtl_string_change_case(struct lac_vtl_machine *machine, const struct lac_vtl_call *call,
                                struct lac_vtl_value *out);
bool lac_vtl_string_concatenate(struct lac_vtl_machine *machine, const struct lac_vtl_call *call,
                                struct lac_vtl_value *out);
bool lac_vtl_string_replace(struct lac_vtl_machine *machine, const struct lac_vtl_call *call,
                            struct lac_vtl_value *out);
bool lac_vtl_string_replace_by_regex(struct lac_vtl_machine *machine,
                                     const struct lac_vtl_call *call, struct lac_vtl_value *out);

#endif
