/* vtl_filter.h — between vtl_filter.c, which reads and decides a filter of a JSONPath in one go,
 * vtl_filter_scan.c, its small steps through the text, vtl_filter_operand.c, which reads what is
 * compared, and vtl_filter_comparison.c, which compares it.
 *
 * What reads or decides is false when the rendering fails. A filter that means nothing is no
 * failure: it is not `valid`, and nothing passes it. */
#ifndef LAC_VTL_FILTER_H
#define LAC_VTL_FILTER_H

#include "core/vtl_path.h"

struct lac_vtl_filter {
    struct lac_vtl_machine *machine;
    const struct lac_vtl_value *root, *item;
    struct lac_str text;
    size_t at;
    bool valid;
};

struct lac_vtl_operand {
    enum { LAC_VTL_OPERAND_VALUE, LAC_VTL_OPERAND_MISSING, LAC_VTL_OPERAND_REGEX } kind;
    bool is_path;
    struct lac_vtl_value value; /* a REGEX: its pattern */
};

enum lac_vtl_comparison_sign {
    LAC_VTL_IS_SAME,
    LAC_VTL_IS_NOT_SAME,
    LAC_VTL_IS_EQUAL,
    LAC_VTL_IS_UNEQUAL,
    LAC_VTL_IS_AT_MOST,
    LAC_VTL_IS_AT_LEAST,
    LAC_VTL_IS_LESS,
    LAC_VTL_IS_MORE,
    LAC_VTL_MATCHES,
    LAC_VTL_IS_IN,
    LAC_VTL_IS_NOT_IN,
    LAC_VTL_IS_OF_SIZE,
    LAC_VTL_IS_EMPTY,
    LAC_VTL_CONTAINS,
    LAC_VTL_COMPARISON_SIGNS,
};

struct lac_vtl_comparison {
    enum lac_vtl_comparison_sign sign;
    struct lac_vtl_operand left, right;
};

/* Of vtl_filter_scan.c. */
char lac_vtl_filter_peek(const struct lac_vtl_filter *filter); /* NUL at the end */
void lac_vtl_filter_skip_blanks(struct lac_vtl_filter *filter);

/* Reads a word or a sign, and the blanks before it; false when it is not there. */
bool lac_vtl_filter_read_sign(struct lac_vtl_filter *filter, const char *sign);

/* The filter means nothing; true, for that is no failure. */
bool lac_vtl_filter_invalid(struct lac_vtl_filter *filter);

/* Reads a path, and finds what it says; a text, a number, a word of JSON, a list or a /regex/. */
bool lac_vtl_filter_read_operand(struct lac_vtl_filter *filter, struct lac_vtl_operand *out);

/* Of vtl_filter_comparison.c. The sign is LAC_VTL_COMPARISON_SIGNS when there is none. */
enum lac_vtl_comparison_sign lac_vtl_filter_read_comparison(struct lac_vtl_filter *filter);
bool lac_vtl_filter_compare(struct lac_vtl_filter *filter,
                            const struct lac_vtl_comparison *comparison, bool *out);

#endif
