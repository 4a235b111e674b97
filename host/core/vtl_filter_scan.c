/* vtl_filter_scan.c — the small steps through a filter's text. */
#include <string.h>

#include "core/vtl_filter.h"

char lac_vtl_filter_peek(const struct lac_vtl_filter *filter) {
    return filter->at < filter->text.len ? filter->text.data[filter->at] : '\0';
}

void lac_vtl_filter_skip_blanks(struct lac_vtl_filter *filter) {
    while (lac_vtl_filter_peek(filter) == ' ') {
        filter->at++;
    }
}

bool lac_vtl_filter_read_sign(struct lac_vtl_filter *filter, const char *sign) {
    size_t len = strlen(sign);
    lac_vtl_filter_skip_blanks(filter);
    if (filter->text.len - filter->at < len ||
        memcmp(filter->text.data + filter->at, sign, len) != 0) {
        return false;
    }
    filter->at += len;
    return true;
}

bool lac_vtl_filter_invalid(struct lac_vtl_filter *filter) {
    filter->valid = false;
    return true;
}
