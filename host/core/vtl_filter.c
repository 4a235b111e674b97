/* vtl_filter.c — decides what passes a filter of a JSONPath: [?(@.price < 10 && @.name)]. */
#include "core/vtl_filter.h"

static bool decide_or(struct lac_vtl_filter *filter, bool *out);

static bool decide_comparison(struct lac_vtl_filter *filter, bool *out) {
    struct lac_vtl_comparison comparison;
    *out = false;
    if (!lac_vtl_filter_read_operand(filter, &comparison.left) || !filter->valid) {
        return !filter->valid;
    }
    comparison.sign = lac_vtl_filter_read_comparison(filter);
    if (comparison.sign == LAC_VTL_COMPARISON_SIGNS) {
        *out = comparison.left.kind == LAC_VTL_OPERAND_VALUE;
        return comparison.left.is_path || lac_vtl_filter_invalid(filter);
    }
    if (!lac_vtl_filter_read_operand(filter, &comparison.right) || !filter->valid) {
        return !filter->valid;
    }
    return lac_vtl_filter_compare(filter, &comparison, out);
}

static bool decide_unary(struct lac_vtl_filter *filter, bool *out) {
    lac_vtl_filter_skip_blanks(filter);
    bool negated = lac_vtl_filter_peek(filter) == '!';
    filter->at += negated;
    lac_vtl_filter_skip_blanks(filter);
    bool ok;
    if (lac_vtl_filter_read_sign(filter, "(")) {
        ok = lac_vtl_deepen(filter->machine) && decide_or(filter, out);
        filter->machine->depth -= ok;
        filter->valid = filter->valid && ok && lac_vtl_filter_read_sign(filter, ")");
    } else {
        ok = decide_comparison(filter, out);
    }
    *out = ok && *out != negated;
    return ok;
}

static bool decide_and(struct lac_vtl_filter *filter, bool *out) {
    bool other;
    if (!decide_unary(filter, out)) {
        return false;
    }
    while (filter->valid && lac_vtl_filter_read_sign(filter, "&&")) {
        if (!decide_unary(filter, &other)) {
            return false;
        }
        *out = *out && other;
    }
    return true;
}

static bool decide_or(struct lac_vtl_filter *filter, bool *out) {
    bool other;
    if (!decide_and(filter, out)) {
        return false;
    }
    while (filter->valid && lac_vtl_filter_read_sign(filter, "||")) {
        if (!decide_and(filter, &other)) {
            return false;
        }
        *out = *out || other;
    }
    return true;
}

bool lac_vtl_filter(struct lac_vtl_machine *machine, const struct lac_vtl_value *root,
                    const struct lac_vtl_value *item, struct lac_str text, bool *passes,
                    bool *valid) {
    struct lac_vtl_filter filter = {
        .machine = machine, .root = root, .item = item, .text = text, .valid = true};
    if (!lac_vtl_spend(machine, text.len / 8 + 1) || !decide_or(&filter, passes)) {
        return false;
    }
    lac_vtl_filter_skip_blanks(&filter);
    *valid = filter.valid && filter.at >= text.len;
    *passes = *passes && *valid;
    return true;
}
