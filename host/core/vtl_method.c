#include "core/vtl_method.h"

#include <string.h>

#define NAME(name) LAC_STR_INIT(#name),
static const struct lac_str names[] = {LAC_VTL_METHODS(NAME)};

static int compare(struct lac_str a, struct lac_str b) {
    int order = memcmp(a.data, b.data, a.len < b.len ? a.len : b.len);
    return order != 0 ? order : (a.len > b.len) - (a.len < b.len);
}

enum lac_vtl_method lac_vtl_method(struct lac_str name) {
    size_t from = 0, to = LAC_VTL_M_UNKNOWN;
    while (from < to) {
        size_t middle = (from + to) / 2;
        int order = compare(name, names[middle]);
        if (order == 0) {
            return (enum lac_vtl_method)middle;
        }
        from = order > 0 ? middle + 1 : from;
        to = order < 0 ? middle : to;
    }
    return LAC_VTL_M_UNKNOWN;
}
