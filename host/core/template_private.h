/* template_private.h — what the writer and the check share: template_check.c looks at shapes and
 * limits, template_references.c at every reference, template_loops.c at the loops they make;
 * template_problems.c keeps what they find, and where they are. */
#ifndef LAC_TEMPLATE_PRIVATE_H
#define LAC_TEMPLATE_PRIVATE_H

#include "core/template.h"

/* What a template and a resource may hold, in the order in which it is written; NULL ends each. */
extern const char *const lac_template_sections[];
extern const char *const lac_template_resource_members[];

/* The names in a section, sorted. */
struct lac_template_index {
    const cJSON **nodes;
    size_t count;
};

/* False when memory ends; `out->nodes` is the caller's to free. */
bool lac_template_index_make(const cJSON *section, struct lac_template_index *out);

/* The place of a name in the index, or -1. */
long lac_template_find(const struct lac_template_index *index, struct lac_str name);

struct lac_str lac_template_text(const char *text);
int lac_template_compare_name(struct lac_str name, const char *with);

/* The member of an object by its name, or NULL. Linear: for objects with few members. */
const cJSON *lac_template_member(const cJSON *object, const char *name);

struct lac_template_edge {
    long from, to; /* places in the index of resources */
};

struct lac_template_checking {
    struct lac_template_index resources, parameters, mappings, conditions;
    bool transformed; /* resources may exist that only CloudFormation knows */
    struct lac_problems *problems;
    struct lac_buf path;
    const char *resource; /* the one that is looked at, or NULL */
    long place;           /* its place in the index */
    bool in_conditions;   /* {"Condition": name} is a reference only there */
    struct lac_buf edges; /* struct lac_template_edge */
    bool failed;
};

/* lac_template_problem(check, KIND, part, part, ...): adds a problem at the path where the check
 * is; its message is the parts in a row. */
#define lac_template_problem(check, kind, ...)                                                     \
    lac_template_add_problem(check, kind, (struct lac_str[]){__VA_ARGS__},                         \
                             sizeof((struct lac_str[]){__VA_ARGS__}) / sizeof(struct lac_str))
void lac_template_add_problem(struct lac_template_checking *check, enum lac_problem_kind kind,
                              const struct lac_str *parts, size_t count);

/* Goes down into a member or an item; the path's former length is for `leave`. */
size_t lac_template_enter(struct lac_template_checking *check, const char *name);
size_t lac_template_enter_item(struct lac_template_checking *check, long index);
void lac_template_leave(struct lac_template_checking *check, size_t before);

/* A name that must be a resource's, one that must be a condition's, and every reference in a value.
 */
void lac_template_check_resource(struct lac_template_checking *check, struct lac_str name);
void lac_template_check_condition(struct lac_template_checking *check, struct lac_str name);
void lac_template_check_value(struct lac_template_checking *check, const cJSON *value);

/* Reports the loops among the edges, shortest first. */
void lac_template_check_loops(struct lac_template_checking *check);

#endif
