/* vtl_path.h — between vtl_path.c, which walks a JSONPath, and vtl_filter.c, which decides about
 * [?(…)] in one. */
#ifndef LAC_VTL_PATH_H
#define LAC_VTL_PATH_H

#include "core/vtl_private.h"

#define LAC_VTL_PATH_STEPS_MOST 32

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

#endif
