/* vtl_path_function.c — what may end a JSONPath: .length(), .min(), .max(), .sum() and .avg(). */
#include <string.h>

#include "core/vtl_path.h"

static bool is_word(struct lac_str text, const char *word) {
    return text.len == strlen(word) && memcmp(text.data, word, text.len) == 0;
}

/* min, max, sum or avg of a list's numbers; false when there are none. */
static bool aggregate(const struct lac_vtl_list *list, struct lac_str name,
                      struct lac_vtl_value *out) {
    double least = 0, most = 0, sum = 0;
    size_t count = 0;
    for (uint32_t i = 0; i < list->count; i++) {
        if (lac_vtl_is_number(&list->items[i])) {
            double number = lac_vtl_double_of(&list->items[i]);
            least = count == 0 || number < least ? number : least;
            most = count == 0 || number > most ? number : most;
            sum += number;
            count++;
        }
    }
    *out = lac_vtl_double(is_word(name, "min")   ? least
                          : is_word(name, "max") ? most
                          : is_word(name, "sum") ? sum
                                                 : sum / (double)(count == 0 ? 1 : count));
    return count > 0 && (is_word(name, "min") || is_word(name, "max") || is_word(name, "sum") ||
                         is_word(name, "avg"));
}

bool lac_vtl_path_function(struct lac_str name, const struct lac_vtl_value *value,
                           struct lac_vtl_value *out) {
    if (is_word(name, "length") || is_word(name, "size")) {
        uint32_t count = value->kind == LAC_VTL_LIST  ? value->list->count
                         : value->kind == LAC_VTL_MAP ? value->map->count
                                                      : 0;
        *out = lac_vtl_integer(count);
        return value->kind == LAC_VTL_LIST || value->kind == LAC_VTL_MAP;
    }
    return value->kind == LAC_VTL_LIST && aggregate(value->list, name, out);
}
