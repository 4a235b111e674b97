/* yaml_tree.c — values and names, one after another → a tree. No recursion: what is open stands on
 * a stack, and what it holds so far on another. */
#include <stdio.h>
#include <string.h>

#include "core/yaml_private.h"

#define CORE_TAG "tag:yaml.org,2002:"

struct anchor {
    struct lac_str name;
    const struct lac_yaml_node *node;
};

/* A list or mapping that is open: what it holds so far are the entries from the `first`. */
struct level {
    struct lac_yaml_node *node;
    size_t first;
    size_t nodes, bytes; /* what was read before it */
    bool named;          /* the last entry of a mapping waits for its value */
};

bool lac_yaml_fail_at(struct lac_yaml *yaml, size_t line, size_t column, struct lac_error *err) {
    struct lac_error plain = *err;
    if (plain.kind == LAC_ERR_MEMORY) {
        return false;
    }
    yaml->line = line;
    yaml->column = column;
    snprintf(err->message, sizeof err->message, "line %zu, column %zu: %.400s", line, column,
             plain.message);
    return false;
}

static bool out_of_memory(struct lac_yaml_tree *tree) {
    return lac_fail(tree->err, LAC_ERR_MEMORY, "out of memory while reading YAML");
}

static bool fail_at(struct lac_yaml_tree *tree, const struct lac_yaml_event *event) {
    return lac_yaml_fail_at(tree->out, event->line, event->column, tree->err);
}

static bool refuse(struct lac_yaml_tree *tree, const struct lac_yaml_event *event,
                   const char *reason) {
    lac_fail(tree->err, LAC_ERR_INPUT, "%s", reason);
    return fail_at(tree, event);
}

static struct level *top_level(struct lac_yaml_tree *tree) {
    size_t count = tree->levels.len / sizeof(struct level);
    return count > 0 ? (struct level *)(void *)tree->levels.data + count - 1 : NULL;
}

static struct lac_yaml_entry *last_entry(struct lac_yaml_tree *tree) {
    size_t count = tree->entries.len / sizeof(struct lac_yaml_entry);
    return (struct lac_yaml_entry *)(void *)tree->entries.data + count - 1;
}

/* Counts values and the bytes of their texts; `height` is how deep they go by themselves. */
static bool count(struct lac_yaml_tree *tree, const struct lac_yaml_event *event, size_t nodes,
                  size_t bytes, size_t height) {
    const struct lac_yaml_limits *limits = &tree->limits;
    tree->nodes += nodes;
    tree->bytes += bytes;
    if (tree->levels.len / sizeof(struct level) + height > limits->max_depth) {
        lac_fail(tree->err, LAC_ERR_LIMIT, "more than %zu levels deep", limits->max_depth);
    } else if (tree->nodes > limits->max_nodes) {
        lac_fail(tree->err, LAC_ERR_LIMIT, "more than %zu values", limits->max_nodes);
    } else if (tree->bytes > limits->max_bytes) {
        lac_fail(tree->err, LAC_ERR_LIMIT, "more than %zu bytes in texts", limits->max_bytes);
    } else {
        return true;
    }
    return fail_at(tree, event);
}

/* What YAML itself means by a tag: "int" of !!int; empty when there is none. A lone ! stands for
 * the first that is accepted. */
static bool read_tag(struct lac_yaml_tree *tree, const struct lac_yaml_event *event,
                     const char *const *accepted, struct lac_str *out) {
    const size_t prefix = sizeof CORE_TAG - 1;
    const char *tag = event->tag, *shown = tag, *handle = "";
    *out = LAC_STR("");
    if (tag == NULL) {
        return true;
    }
    if (strcmp(tag, "!") == 0) {
        *out = (struct lac_str){*accepted, strlen(*accepted)};
        return true;
    }
    if (strncmp(tag, CORE_TAG, prefix) == 0) {
        handle = "!!";
        shown = tag + prefix;
        for (; *accepted != NULL; accepted++) {
            if (strcmp(shown, *accepted) == 0) {
                *out = (struct lac_str){shown, strlen(shown)};
                return true;
            }
        }
    }
    lac_fail(tree->err, LAC_ERR_INPUT, "the tag %s%.*s stands for no value of JSON here", handle,
             lac_yaml_shown((struct lac_str){shown, strlen(shown)}), shown);
    return fail_at(tree, event);
}

static const char *const scalar_tags[] = {"str", "int", "float", "bool", "null", NULL};

static bool add_anchor(struct lac_yaml_tree *tree, const struct lac_yaml_event *event,
                       const struct lac_yaml_node *node) {
    if (event->anchor == NULL) {
        return true;
    }
    if (tree->anchors.len / sizeof(struct anchor) >= LAC_YAML_MOST_ANCHORS) {
        lac_fail(tree->err, LAC_ERR_LIMIT, "more than %zu anchors", LAC_YAML_MOST_ANCHORS);
        return fail_at(tree, event);
    }
    struct lac_str text = {event->anchor, strlen(event->anchor)};
    struct anchor anchor = {lac_arena_copy(&tree->out->arena, text), node};
    lac_buf_add(&tree->anchors, (struct lac_str){(const char *)&anchor, sizeof anchor});
    return (anchor.name.data != NULL && !tree->anchors.failed) || out_of_memory(tree);
}

/* The latest of the name: anchors may be said anew. */
static const struct lac_yaml_node *find_anchor(const struct lac_yaml_tree *tree,
                                               struct lac_str name) {
    const struct anchor *anchors = (const struct anchor *)(const void *)tree->anchors.data;
    for (size_t i = tree->anchors.len / sizeof *anchors; i-- > 0;) {
        if (anchors[i].name.len == name.len &&
            memcmp(anchors[i].name.data, name.data, name.len) == 0) {
            return anchors[i].node;
        }
    }
    return NULL;
}

static bool read_alias(struct lac_yaml_tree *tree, const struct lac_yaml_event *event,
                       const struct lac_yaml_node **node) {
    *node = find_anchor(tree, (struct lac_str){event->anchor, strlen(event->anchor)});
    if (*node == NULL) {
        lac_fail(tree->err, LAC_ERR_INPUT, "there is no anchor &%.100s before this alias",
                 event->anchor);
        return fail_at(tree, event);
    }
    if (!(*node)->closed) {
        return refuse(tree, event, "an alias within what it stands for");
    }
    return count(tree, event, (*node)->nodes, (*node)->bytes, (*node)->height);
}

static bool read_scalar(struct lac_yaml_tree *tree, const struct lac_yaml_event *event,
                        struct lac_yaml_node **out) {
    struct lac_arena *arena = &tree->out->arena;
    struct lac_yaml_node *node = lac_arena_zeroed(arena, sizeof *node);
    struct lac_yaml_scalar scalar = {
        .text = lac_arena_copy(arena, event->text),
        .plain = event->plain,
        .work = tree->work,
    };
    if (node == NULL || scalar.text.data == NULL) {
        return out_of_memory(tree);
    }
    if (!read_tag(tree, event, scalar_tags, &scalar.tag)) {
        return false;
    }
    if (!lac_yaml_resolve(&scalar, node, tree->err)) {
        return fail_at(tree, event);
    }
    node->closed = true;
    node->nodes = 1;
    node->bytes = event->text.len;
    *out = node;
    return count(tree, event, node->nodes, node->bytes, 0) && add_anchor(tree, event, node);
}

/* A name as it is written: 200 and null are names, too. */
static bool read_name(struct lac_yaml_tree *tree, const struct lac_yaml_event *event,
                      struct lac_str *name, bool *merges) {
    struct lac_str tag;
    *merges = false;
    if (event->kind == LAC_YAML_ALIAS) {
        const struct lac_yaml_node *node;
        if (!read_alias(tree, event, &node)) {
            return false;
        }
        *name = node->text;
        return node->text.data != NULL || refuse(tree, event, "a name must be a text");
    }
    if (event->kind != LAC_YAML_SCALAR) {
        return refuse(tree, event, "a name must be a text");
    }
    struct lac_yaml_node *node = lac_arena_zeroed(&tree->out->arena, sizeof *node);
    *name = lac_arena_copy(&tree->out->arena, event->text);
    if (node == NULL || name->data == NULL) {
        return out_of_memory(tree);
    }
    *node = (struct lac_yaml_node){.kind = LAC_JSON_STRING, .text = *name, .closed = true};
    node->nodes = 1;
    node->bytes = event->text.len;
    *merges = event->plain && strcmp(name->data, "<<") == 0;
    return read_tag(tree, event, scalar_tags, &tag) && count(tree, event, 0, event->text.len, 0) &&
           add_anchor(tree, event, node);
}

static bool add_name(struct lac_yaml_tree *tree, struct level *level,
                     const struct lac_yaml_event *event) {
    struct lac_yaml_entry entry = {
        .line = event->line,
        .column = event->column,
    };
    if (!read_name(tree, event, &entry.name, &entry.merges)) {
        return false;
    }
    lac_buf_add(&tree->entries, (struct lac_str){(const char *)&entry, sizeof entry});
    level->named = true;
    return !tree->entries.failed || out_of_memory(tree);
}

static bool add_value(struct lac_yaml_tree *tree, const struct lac_yaml_node *node) {
    struct level *level = top_level(tree);
    if (level == NULL) {
        tree->out->root = node;
    } else if (level->node->kind == LAC_JSON_OBJECT) {
        last_entry(tree)->value = node;
        level->named = false;
    } else {
        struct lac_yaml_entry entry = {.value = node};
        lac_buf_add(&tree->entries, (struct lac_str){(const char *)&entry, sizeof entry});
    }
    return !tree->entries.failed || out_of_memory(tree);
}

static bool open_level(struct lac_yaml_tree *tree, const struct lac_yaml_event *event) {
    static const char *const map[] = {"map", NULL}, *const seq[] = {"seq", NULL};
    bool object = event->kind == LAC_YAML_MAPPING;
    struct lac_str its;
    struct lac_yaml_node *node = lac_arena_zeroed(&tree->out->arena, sizeof *node);
    if (node == NULL) {
        return out_of_memory(tree);
    }
    node->kind = object ? LAC_JSON_OBJECT : LAC_JSON_ARRAY;
    struct level level = {.node = node, .nodes = tree->nodes, .bytes = tree->bytes};
    if (!read_tag(tree, event, object ? map : seq, &its) || !count(tree, event, 1, 0, 1) ||
        !add_anchor(tree, event, node) || !add_value(tree, node)) {
        return false;
    }
    level.first = tree->entries.len / sizeof(struct lac_yaml_entry);
    lac_buf_add(&tree->levels, (struct lac_str){(const char *)&level, sizeof level});
    return !tree->levels.failed || out_of_memory(tree);
}

/* Gives the node what its entries came to. */
static bool close_level(struct lac_yaml_tree *tree, struct level level) {
    struct lac_yaml_entry at = {0};
    if (level.node->kind == LAC_JSON_OBJECT &&
        !lac_yaml_settle(&tree->entries, level.first, &at, tree->err)) {
        return lac_yaml_fail_at(tree->out, at.line, at.column, tree->err);
    }
    struct lac_yaml_entry *entries = (struct lac_yaml_entry *)(void *)tree->entries.data;
    struct lac_yaml_node *node = level.node;
    node->count = tree->entries.len / sizeof *entries - level.first;
    struct lac_yaml_member *members =
        lac_arena_take(&tree->out->arena, node->count * sizeof *members);
    if (members == NULL) {
        return out_of_memory(tree);
    }
    for (size_t i = 0; i < node->count; i++) {
        const struct lac_yaml_entry *entry = &entries[level.first + i];
        members[i] = (struct lac_yaml_member){entry->name, entry->value};
        node->height = entry->value->height > node->height ? entry->value->height : node->height;
    }
    node->members = members;
    node->height++;
    node->nodes = tree->nodes - level.nodes;
    node->bytes = tree->bytes - level.bytes;
    node->closed = true;
    lac_buf_cut(&tree->entries, level.first * sizeof *entries);
    lac_buf_cut(&tree->levels, tree->levels.len - sizeof level);
    return true;
}

bool lac_yaml_take(struct lac_yaml_tree *tree, const struct lac_yaml_event *event) {
    struct level *level = top_level(tree);
    const struct lac_yaml_node *alias = NULL;
    struct lac_yaml_node *node = NULL;
    if (event->kind == LAC_YAML_END) {
        return level == NULL || close_level(tree, *level);
    }
    if (level != NULL && level->node->kind == LAC_JSON_OBJECT && !level->named) {
        return add_name(tree, level, event);
    }
    switch (event->kind) {
    case LAC_YAML_ALIAS:
        return read_alias(tree, event, &alias) && add_value(tree, alias);
    case LAC_YAML_SCALAR:
        return read_scalar(tree, event, &node) && add_value(tree, node);
    default:
        return open_level(tree, event);
    }
}

void lac_yaml_tree_free(struct lac_yaml_tree *tree) {
    lac_buf_free(&tree->levels);
    lac_buf_free(&tree->entries);
    lac_buf_free(&tree->anchors);
    lac_buf_free(&tree->work[0]);
    lac_buf_free(&tree->work[1]);
}
