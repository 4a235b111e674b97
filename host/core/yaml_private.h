/* yaml_private.h — the parts of the YAML reader, each of which can be read alone:
 *
 *     libyaml's events (yaml.c)  ->  a tree (yaml_tree.c)
 *                                      what a scalar means (yaml_scalar.c)
 *                                      what a mapping comes to (yaml_mapping.c) */
#ifndef LAC_YAML_PRIVATE_H
#define LAC_YAML_PRIVATE_H

#include "core/yaml.h"

enum lac_yaml_event_kind {
    LAC_YAML_SCALAR,
    LAC_YAML_ALIAS,
    LAC_YAML_LIST,
    LAC_YAML_MAPPING,
    LAC_YAML_END, /* of the list or mapping that was opened last */
};

struct lac_yaml_event {
    enum lac_yaml_event_kind kind;
    struct lac_str text; /* of a SCALAR */
    bool plain;          /* it stands without quotes */
    const char *tag;     /* in full; NULL when there is none */
    const char *anchor;  /* that it sets, or an ALIAS names; NULL when there is none */
    size_t line, column; /* from 1 */
};

/* The tree while it grows. `{0}` with the first three set is the beginning. */
struct lac_yaml_tree {
    struct lac_yaml *out;
    struct lac_yaml_limits limits; /* none is 0 */
    struct lac_error *err;

    struct lac_buf levels, entries,
        anchors; /* what is open, what it holds so far, what has a name */
    struct lac_buf work[2];
    size_t nodes, bytes; /* read so far, aliases copied */
};

bool lac_yaml_take(struct lac_yaml_tree *tree, const struct lac_yaml_event *event);
void lac_yaml_tree_free(struct lac_yaml_tree *tree);

/* How many bytes of a text of the author's a message shows: whole characters. */
static inline int lac_yaml_shown(struct lac_str text) {
    size_t len = text.len < 100 ? text.len : 100;
    while (len > 0 && len < text.len && ((unsigned char)text.data[len] & 0xC0) == 0x80) {
        len--;
    }
    return (int)len;
}

/* Notes the place of a failure, puts it before what the error says, and returns false. */
bool lac_yaml_fail_at(struct lac_yaml *yaml, size_t line, size_t column, struct lac_error *err);

/* Sets the node to what `text` means: a plain one by the core schema, another one as a text. `tag`
 * is one of YAML's own ("str", "int", …), or empty. `work` is two buffers. The error has no place.
 */
struct lac_yaml_scalar {
    struct lac_str text, tag;
    bool plain;
    struct lac_buf *work;
};
bool lac_yaml_resolve(const struct lac_yaml_scalar *scalar, struct lac_yaml_node *out,
                      struct lac_error *err);

/* A member while its mapping, or an item while its list, is open. */
struct lac_yaml_entry {
    struct lac_str name;
    const struct lac_yaml_node *value;
    size_t line, column; /* of the name */
    size_t rank;         /* of two that are joined in, the lower one wins */
    bool merges;         /* its name is a plain `<<` */
    bool own;            /* it stands in the mapping itself, and wins */
};

/* Joins in what `<<` names, sorts by name and leaves the one that wins of each: `entries` is a
 * buffer of struct lac_yaml_entry, the mapping's from the `first`. An error has no place: it is
 * about the entry that `*at` becomes. */
bool lac_yaml_settle(struct lac_buf *entries, size_t first, struct lac_yaml_entry *at,
                     struct lac_error *err);

#endif
