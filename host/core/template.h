/* template.h — CloudFormation templates: their tree, their one text, and what CloudFormation would
 * refuse about them.
 *
 * The tree is cJSON's, with two habits: integers are raw nodes that hold their digits, so that all
 * 64 bits survive, and numbers are floats. A tree made by cJSON's own parser works as well.
 *
 * Everything here is linear in the size of the template (sorting aside): names are looked up in
 * sorted indexes, never by cJSON, which searches from the first member each time. */
#ifndef LAC_TEMPLATE_H
#define LAC_TEMPLATE_H

#include <cJSON.h>

#include "core/buf.h"
#include "core/error.h"
#include "core/json.h"

#define LAC_TEMPLATE_MOST_BYTES 1000000
#define LAC_TEMPLATE_MOST_RESOURCES 500
#define LAC_TEMPLATE_MOST_PARAMETERS 200
#define LAC_TEMPLATE_MOST_MAPPINGS 200
#define LAC_TEMPLATE_MOST_OUTPUTS 200
#define LAC_TEMPLATE_MOST_ID 255
#define LAC_TEMPLATE_MOST_DESCRIPTION 1024

/* Makes a tree from the events of core/json.h. `{0}` is one that has not begun; `root` is the tree,
 * the caller's to free with lac_template_free. */
struct lac_template_builder {
    cJSON *root;

    /* The builder's own. */
    cJSON *open[LAC_JSON_DEFAULT_DEPTH];
    size_t depth;
    struct lac_buf name;
    bool has_name;
};

/* Takes the next event. Refuses (LAC_ERR_INPUT) text with a NUL or that is not UTF-8, NaN and the
 * infinities: what is in the tree can be written. */
bool lac_template_take(struct lac_template_builder *builder, const struct lac_json_event *event,
                       struct lac_error *err);
void lac_template_free(struct lac_template_builder *builder);

/* Appends the canonical text: sections in CloudFormation's order, a resource's own keys in theirs
 * (Type first), every other key in byte order, two spaces, a newline at the end. A text that would
 * be more than CloudFormation takes has no white space instead. */
bool lac_template_marshal(const cJSON *tree, struct lac_buf *out, struct lac_error *err);

enum lac_problem_kind {
    LAC_PROBLEM_REFERENCE, /* leads nowhere */
    LAC_PROBLEM_LIMIT,     /* more than CloudFormation takes */
    LAC_PROBLEM_SHAPE,     /* not what CloudFormation reads */
    LAC_PROBLEM_CYCLE,     /* resources that wait for each other */
};

/* Texts are owned by the list. */
struct lac_problem {
    enum lac_problem_kind kind;
    char *path; /* "Resources.Fn.Properties.Role"; "the template" for the whole */
    char *message;
    char *resource; /* the logical id it belongs to, or NULL */
};

struct lac_problems {
    struct lac_problem *items;
    size_t count, cap;
};

/* Finds what CloudFormation would refuse, sorted by path. `bytes` is the length of the marshalled
 * text. With a Transform, resources may appear that only CloudFormation knows: then references to
 * unknown names are not problems. False only when memory ends. */
bool lac_template_check(const cJSON *tree, size_t bytes, struct lac_problems *out,
                        struct lac_error *err);
void lac_problems_free(struct lac_problems *problems);

/* Calls `found` with each name that a resource's definition refers to (Ref, Fn::GetAtt, Fn::Sub,
 * DependsOn), as often as it does, pseudo parameters left out. */
void lac_template_references(const cJSON *definition,
                             void (*found)(void *context, struct lac_str name), void *context);

#endif
