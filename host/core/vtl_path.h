/* vtl_path.h — between vtl_path_parser.c, which takes a JSONPath apart, vtl_path.c, which walks it,
 * vtl_filter.c, which decides about [?(…)] in one, and vtl_path_function.c, which ends it. */
#ifndef LAC_VTL_PATH_H
#define LAC_VTL_PATH_H

#include "core/vtl_private.h"

#define LAC_VTL_PATH_STEPS_MOST 32

enum lac_vtl_step_kind {
    LAC_VTL_STEP_NAMES,    /* .a ['a'] ['a','b'] */
    LAC_VTL_STEP_INDEXES,  /* [0] [-1] [0,2] */
    LAC_VTL_STEP_SLICE,    /* [1:3] */
    LAC_VTL_STEP_ALL,      /* .* [*] */
    LAC_VTL_STEP_FILTER,   /* [?(…)] */
    LAC_VTL_STEP_FUNCTION, /* .length() */
};

struct lac_vtl_step {
    enum lac_vtl_step_kind kind;
    bool is_deep;        /* .. stands before it */
    bool is_quoted;      /* NAMES: in brackets and quotes, perhaps several */
    struct lac_str text; /* the name, or what stands in brackets */
};

struct lac_vtl_jsonpath {
    struct lac_vtl_step steps[LAC_VTL_PATH_STEPS_MOST];
    size_t count;
    bool is_definite;
};

/* Takes a path apart; false when it means nothing. `text` begins behind $ or @. */
bool lac_vtl_path_parse(struct lac_str text, struct lac_vtl_jsonpath *path);

/* Whether a step leads to one value. Several names at the end of a path make one map: that is one,
 * too. */
bool lac_vtl_step_is_definite(const struct lac_vtl_step *step, bool is_last);
bool lac_vtl_step_has_comma(const struct lac_vtl_step *step);
struct lac_str lac_vtl_path_trim(struct lac_str text); /* without the blanks around it */

/* Finds what `path` says: from `root` where it begins with $, or with nothing; from `item` where it
 * begins with @. `*found` is false when there is nothing, and when the path means nothing. */
bool lac_vtl_find(struct lac_vtl_machine *machine, const struct lac_vtl_value *root,
                  const struct lac_vtl_value *item, struct lac_str path, bool *found,
                  struct lac_vtl_value *out);

/* Whether an item passes the filter, the text between [?( and )]; `*valid` is false when the filter
 * means nothing. */
bool lac_vtl_filter(struct lac_vtl_machine *machine, const struct lac_vtl_value *root,
                    const struct lac_vtl_value *item, struct lac_str filter, bool *passes,
                    bool *valid);

/* What a function makes of a value; false when there is no such function of it. */
bool lac_vtl_path_function(struct lac_str name, const struct lac_vtl_value *value,
                           struct lac_vtl_value *out);

#endif
