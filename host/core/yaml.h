/* yaml.h — a YAML text as a tree of JSON's values, over libyaml, which is opened when the first
 * text is read.
 *
 * What a plain word is, YAML 1.2's core schema says: `no`, `on`, dates and `1_000` are texts, `012`
 * is twelve, 0x1F and 0o17 are integers. Numbers are read as core/json.h reads them. Names of
 * members are texts, written as numbers or not; two of one name are refused. Aliases are copies of
 * what they stand for, and count as such; `<<` joins in the members of other mappings, as YAML 1.1
 * has it.
 *
 * Refused is what JSON cannot say (tags but those of its values, infinities, a mapping for a name),
 * a second document, directives but %YAML 1.2, bytes that are not UTF-8 (a byte order mark may
 * begin them), and characters at which YAML 1.1, which libyaml reads, ends a line and 1.2 does not.
 */
#ifndef LAC_YAML_H
#define LAC_YAML_H

#include "core/arena.h"
#include "core/error.h"
#include "core/json.h"

#define LAC_YAML_DEFAULT_BYTES ((size_t)16 * 1024 * 1024)
#define LAC_YAML_DEFAULT_DEPTH 512
#define LAC_YAML_MOST_DEPTH 4096
#define LAC_YAML_DEFAULT_NODES ((size_t)1000 * 1000)
#define LAC_YAML_MOST_ANCHORS ((size_t)1000)

/* Zeros are the defaults. */
struct lac_yaml_limits {
    size_t max_bytes; /* of the text; and of all texts and names in it, aliases copied */
    size_t max_depth;
    size_t max_nodes; /* values, aliases copied */
};

struct lac_yaml_member;

/* A value: JSON's kinds but NAME, END and the ends. Several members may share one. */
struct lac_yaml_node {
    enum lac_json_kind kind;
    bool boolean;
    int64_t integer;
    double number;
    struct lac_str text;                   /* of a STRING; of another scalar as it was written */
    const struct lac_yaml_member *members; /* of an ARRAY in order, of an OBJECT by their names */
    size_t count;

    /* The reader's own: what it stands for is read to its end, and came to so much. */
    bool closed;
    size_t height, nodes, bytes;
};

struct lac_yaml_member {
    struct lac_str name; /* of an OBJECT's: unique among them */
    const struct lac_yaml_node *value;
};

/* `{0}` holds nothing. */
struct lac_yaml {
    const struct lac_yaml_node *root;
    size_t line, column; /* of a failure, from 1, in characters; 0 when it has no place */
    struct lac_arena arena;
};

/* Reads the one document of a text. A text that is none is LAC_ERR_INPUT, one beyond a limit
 * LAC_ERR_LIMIT; the message begins with line and column. To be freed in either case. */
bool lac_yaml_read(struct lac_str text, const struct lac_yaml_limits *limits, struct lac_yaml *out,
                   struct lac_error *err);
void lac_yaml_free(struct lac_yaml *yaml);

#endif
