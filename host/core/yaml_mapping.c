/* yaml_mapping.c — what a mapping of YAML comes to: its own members, each once, and those of others
 * that `<<` joins in where it has none of the name. */
#include <stdlib.h>
#include <string.h>

#include "core/yaml_private.h"

static struct lac_yaml_entry *entries_of(struct lac_buf *entries) {
    return (struct lac_yaml_entry *)(void *)entries->data;
}

static size_t count_of(const struct lac_buf *entries) {
    return entries->len / sizeof(struct lac_yaml_entry);
}

static void add_entry(struct lac_buf *entries, const struct lac_yaml_entry *entry) {
    lac_buf_add(entries, (struct lac_str){(const char *)entry, sizeof *entry});
}

static void join_members(struct lac_buf *entries, const struct lac_yaml_node *mapping) {
    for (size_t i = 0; i < mapping->count; i++) {
        struct lac_yaml_entry entry = {
            .name = mapping->members[i].name,
            .value = mapping->members[i].value,
            .rank = count_of(entries),
        };
        add_entry(entries, &entry);
    }
}

static bool join(struct lac_buf *entries, const struct lac_yaml_node *value,
                 struct lac_error *err) {
    bool ok = value->kind == LAC_JSON_OBJECT || value->kind == LAC_JSON_ARRAY;
    for (size_t i = 0; ok && value->kind == LAC_JSON_ARRAY && i < value->count; i++) {
        ok = value->members[i].value->kind == LAC_JSON_OBJECT;
    }
    if (!ok) {
        return lac_fail(err, LAC_ERR_INPUT, "<< takes a mapping or a list of mappings");
    }
    if (value->kind == LAC_JSON_OBJECT) {
        join_members(entries, value);
        return true;
    }
    for (size_t i = 0; i < value->count; i++) {
        join_members(entries, value->members[i].value);
    }
    return true;
}

static int by_name(const struct lac_yaml_entry *a, const struct lac_yaml_entry *b) {
    size_t least = a->name.len < b->name.len ? a->name.len : b->name.len;
    int order = least > 0 ? memcmp(a->name.data, b->name.data, least) : 0;
    return order != 0 ? order : (a->name.len > b->name.len) - (a->name.len < b->name.len);
}

static int by_precedence(const void *first, const void *second) {
    const struct lac_yaml_entry *a = first, *b = second;
    int order = by_name(a, b);
    if (order == 0 && a->own != b->own) {
        return a->own ? -1 : 1;
    }
    return order != 0 ? order : (a->rank > b->rank) - (a->rank < b->rank);
}

/* Takes out the `<<` and puts what it names behind the rest. */
static bool join_merged(struct lac_buf *entries, size_t first, struct lac_yaml_entry *at,
                        struct lac_error *err) {
    size_t own = count_of(entries), kept = first;
    bool found = false;
    struct lac_yaml_entry merge = {0};
    for (size_t i = first; i < own; i++) {
        struct lac_yaml_entry *entry = &entries_of(entries)[i];
        if (!entry->merges) {
            entries_of(entries)[kept++] = *entry;
            continue;
        }
        *at = *entry;
        if (found) {
            return lac_fail(err, LAC_ERR_INPUT, "<< is here twice; it takes a list of mappings");
        }
        merge = *entry;
        found = true;
    }
    lac_buf_cut(entries, kept * sizeof(struct lac_yaml_entry));
    return !found || join(entries, merge.value, err);
}

bool lac_yaml_settle(struct lac_buf *entries, size_t first, struct lac_yaml_entry *at,
                     struct lac_error *err) {
    for (size_t i = first; i < count_of(entries); i++) {
        entries_of(entries)[i].rank = i;
        entries_of(entries)[i].own = true;
    }
    if (!join_merged(entries, first, at, err)) {
        return false;
    }
    if (entries->failed) {
        return lac_fail(err, LAC_ERR_MEMORY, "out of memory while reading YAML");
    }
    size_t count = count_of(entries), kept = first;
    const struct lac_yaml_entry *twice = NULL;
    if (count == first) {
        return true;
    }
    struct lac_yaml_entry *all = entries_of(entries);
    qsort(all + first, count - first, sizeof *all, by_precedence);
    for (size_t i = first; i < count; i++) {
        if (kept == first || by_name(&all[kept - 1], &all[i]) != 0) {
            all[kept++] = all[i];
        } else if (all[i].own && (twice == NULL || all[i].rank < twice->rank)) {
            *at = all[i];
            twice = at; /* the first of them in the text */
        }
    }
    lac_buf_cut(entries, kept * sizeof *all);
    return twice == NULL || lac_fail(err, LAC_ERR_INPUT, "the name '%.*s' is here twice",
                                     lac_yaml_shown(twice->name), twice->name.data);
}
