/* template_check.c — what CloudFormation would refuse: shapes and limits first, then every
 * reference, then the loops that the references make. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/template.h"

/* So many loops are reported; the rest shows when these are gone. */
#define MOST_LOOPS 20

static const char *const pseudo_parameters[] = {
    "AWS::AccountId", "AWS::NoValue",   "AWS::NotificationARNs",
    "AWS::Partition", "AWS::Region",    "AWS::StackId",
    "AWS::StackName", "AWS::URLSuffix", NULL};

static const char *const section_names[] = {"AWSTemplateFormatVersion",
                                            "Description",
                                            "Metadata",
                                            "Parameters",
                                            "Rules",
                                            "Mappings",
                                            "Conditions",
                                            "Transform",
                                            "Resources",
                                            "Outputs",
                                            "Hooks",
                                            NULL};

static const char *const resource_keys[] = {
    "Type",           "Condition",           "DependsOn",  "CreationPolicy", "UpdatePolicy",
    "DeletionPolicy", "UpdateReplacePolicy", "Properties", "Metadata",       NULL};

static struct lac_str text_of(const char *text) {
    return (struct lac_str){text, strlen(text)};
}

static bool is_one_of(const char *name, const char *const *list) {
    while (*list != NULL && strcmp(*list, name) != 0) {
        list++;
    }
    return *list != NULL;
}

/* ---- names in a section, sorted ---- */

struct index {
    const cJSON **nodes;
    size_t count;
};

static int compare_nodes(const void *a, const void *b) {
    return strcmp((*(const cJSON *const *)a)->string, (*(const cJSON *const *)b)->string);
}

static bool make_index(const cJSON *section, struct index *out) {
    size_t count = 0;
    const cJSON *first = cJSON_IsObject(section) ? section->child : NULL;
    for (const cJSON *node = first; node != NULL; node = node->next) {
        count++;
    }
    out->nodes = calloc(count + 1, sizeof *out->nodes);
    if (out->nodes == NULL) {
        return false;
    }
    for (const cJSON *node = first; node != NULL; node = node->next) {
        out->nodes[out->count++] = node;
    }
    qsort(out->nodes, out->count, sizeof *out->nodes, compare_nodes);
    return true;
}

static int compare_name(struct lac_str name, const char *with) {
    int order = strncmp(name.data, with, name.len);
    return order != 0 ? order : -(with[name.len] != '\0');
}

/* The place of a name in the index, or -1. */
static long find(const struct index *index, struct lac_str name) {
    size_t low = 0, high = index->count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        int order = compare_name(name, index->nodes[middle]->string);
        if (order == 0) {
            return (long)middle;
        }
        if (order < 0) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    return -1;
}

/* ---- the check ---- */

struct edge {
    long from, to; /* places in the index of resources */
};

struct check {
    struct index resources, parameters, mappings, conditions;
    bool transformed; /* resources may exist that only CloudFormation knows */
    struct lac_problems *problems;
    struct lac_buf path;
    const char *resource; /* the one that is looked at, or NULL */
    long place;           /* its place in the index */
    bool in_conditions;   /* {"Condition": name} is a reference only there */
    struct lac_buf edges; /* struct edge */
    bool failed;
};

static char *copy_view(struct lac_str text) {
    char *copy = malloc(text.len + 1);
    if (copy != NULL) {
        memcpy(copy, text.data, text.len);
        copy[text.len] = '\0';
    }
    return copy;
}

static void add_problem(struct check *check, enum lac_problem_kind kind, struct lac_str message) {
    struct lac_problems *list = check->problems;
    if (list->count == list->cap) {
        size_t cap = list->cap == 0 ? 16 : list->cap * 2;
        struct lac_problem *items = realloc(list->items, cap * sizeof *items);
        if (items == NULL) {
            check->failed = true;
            return;
        }
        list->items = items;
        list->cap = cap;
    }
    struct lac_problem problem = {
        .kind = kind,
        .path = copy_view(lac_buf_view(&check->path)),
        .message = copy_view(message),
        .resource = check->resource == NULL ? NULL : copy_view(text_of(check->resource)),
    };
    check->failed = check->failed || problem.path == NULL || problem.message == NULL ||
                    (check->resource != NULL && problem.resource == NULL);
    list->items[list->count++] = problem;
}

/* problem(check, KIND, part, part, ...): the message is the parts in a row. */
#define problem(check, kind, ...)                                                                  \
    add_message(check, kind, (struct lac_str[]){__VA_ARGS__},                                      \
                sizeof((struct lac_str[]){__VA_ARGS__}) / sizeof(struct lac_str))
static void add_message(struct check *check, enum lac_problem_kind kind,
                        const struct lac_str *parts, size_t count) {
    struct lac_buf message = {0};
    lac_buf_add_list(&message, parts, count);
    check->failed = check->failed || message.failed;
    add_problem(check, kind, lac_buf_view(&message));
    lac_buf_free(&message);
}

/* Goes down into a member; the path's former length is for `leave`. */
static size_t enter(struct check *check, const char *name) {
    size_t before = check->path.len;
    lac_json_add_path_name(&check->path, text_of(name));
    return before;
}

static size_t enter_item(struct check *check, long index) {
    size_t before = check->path.len;
    lac_json_add_path_index(&check->path, index);
    return before;
}

static void leave(struct check *check, size_t before) {
    lac_buf_cut(&check->path, before);
}

/* ---- references ---- */

static void depend_on(struct check *check, long to) {
    if (check->resource != NULL && to >= 0) {
        struct edge edge = {check->place, to};
        lac_buf_add(&check->edges, (struct lac_str){(const char *)&edge, sizeof edge});
    }
}

static bool is_pseudo(struct lac_str name) {
    return name.len >= 5 && memcmp(name.data, "AWS::", 5) == 0;
}

static void check_pseudo(struct check *check, struct lac_str name) {
    const char *const *known = pseudo_parameters;
    while (*known != NULL && compare_name(name, *known) != 0) {
        known++;
    }
    if (*known == NULL) {
        problem(check, LAC_PROBLEM_REFERENCE, LAC_STR("no pseudo parameter '"), name, LAC_STR("'"));
    }
}

/* A name that Ref or ${Name} gives. */
static void check_ref(struct check *check, struct lac_str name) {
    if (is_pseudo(name)) {
        check_pseudo(check, name);
        return;
    }
    long resource = find(&check->resources, name);
    depend_on(check, resource);
    if (resource < 0 && find(&check->parameters, name) < 0 && !check->transformed) {
        problem(check, LAC_PROBLEM_REFERENCE, LAC_STR("no resource or parameter '"), name,
                LAC_STR("'"));
    }
}

static void check_resource(struct check *check, struct lac_str name) {
    long resource = find(&check->resources, name);
    depend_on(check, resource);
    if (resource < 0 && !check->transformed) {
        problem(check, LAC_PROBLEM_REFERENCE, LAC_STR("no resource '"), name, LAC_STR("'"));
    }
}

static void check_condition(struct check *check, struct lac_str name) {
    if (find(&check->conditions, name) < 0 && !check->transformed) {
        problem(check, LAC_PROBLEM_REFERENCE, LAC_STR("no condition '"), name, LAC_STR("'"));
    }
}

/* The logical id of "Id.Attribute"; its length is 0 when there is no attribute. */
static struct lac_str id_of(struct lac_str text) {
    const char *dot = memchr(text.data, '.', text.len);
    return (struct lac_str){text.data, dot == NULL ? 0 : (size_t)(dot - text.data)};
}

static void check_get_att(struct check *check, const cJSON *value) {
    if (cJSON_IsString(value) && id_of(text_of(value->valuestring)).len > 0) {
        check_resource(check, id_of(text_of(value->valuestring)));
    } else if (cJSON_IsArray(value) && cJSON_IsString(value->child) &&
               cJSON_GetArraySize(value) == 2) {
        check_resource(check, text_of(value->child->valuestring));
    } else {
        problem(check, LAC_PROBLEM_SHAPE,
                LAC_STR("Fn::GetAtt takes \"Id.Attribute\" or [\"Id\", \"Attribute\"]"));
    }
}

/* Gives the next ${...} of a Fn::Sub text that is not ${!literal}; false when there is none. */
static bool next_variable(struct lac_str *rest, struct lac_str *name) {
    while (rest->len > 0) {
        const char *end = rest->data + rest->len;
        const char *dollar = memchr(rest->data, '$', rest->len);
        if (dollar == NULL || end - dollar < 3) {
            return false;
        }
        *rest = (struct lac_str){dollar + 1, (size_t)(end - dollar - 1)};
        if (dollar[1] != '{') {
            continue;
        }
        const char *close = memchr(dollar, '}', (size_t)(end - dollar));
        if (close == NULL) {
            return false;
        }
        *name = (struct lac_str){dollar + 2, (size_t)(close - dollar - 2)};
        *rest = (struct lac_str){close + 1, (size_t)(end - close - 1)};
        if (name->len > 0 && name->data[0] != '!') {
            return true;
        }
    }
    return false;
}

static bool has_member(const cJSON *object, struct lac_str name) {
    const cJSON *node = cJSON_IsObject(object) ? object->child : NULL;
    while (node != NULL && compare_name(name, node->string) != 0) {
        node = node->next;
    }
    return node != NULL;
}

/* The text of a Fn::Sub and its own variables; NULL when it is neither of the two forms. */
static const char *sub_text(const cJSON *value, const cJSON **variables) {
    *variables = NULL;
    if (cJSON_IsArray(value) && cJSON_IsString(value->child) && cJSON_GetArraySize(value) == 2 &&
        cJSON_IsObject(value->child->next)) {
        *variables = value->child->next;
        value = value->child;
    }
    return cJSON_IsString(value) ? value->valuestring : NULL;
}

static void check_sub(struct check *check, const cJSON *value) {
    const cJSON *variables;
    const char *text = sub_text(value, &variables);
    if (text == NULL) {
        problem(check, LAC_PROBLEM_SHAPE,
                LAC_STR("Fn::Sub takes a text, or [text, { variables }]"));
        return;
    }
    struct lac_str rest = text_of(text), name;
    while (next_variable(&rest, &name)) {
        if (has_member(variables, name)) {
            continue;
        }
        if (id_of(name).len > 0) {
            check_resource(check, id_of(name));
        } else {
            check_ref(check, name);
        }
    }
}

static void check_if(struct check *check, const cJSON *value) {
    if (!cJSON_IsArray(value) || cJSON_GetArraySize(value) != 3 || !cJSON_IsString(value->child)) {
        problem(check, LAC_PROBLEM_SHAPE, LAC_STR("Fn::If takes [condition, value, value]"));
    } else {
        check_condition(check, text_of(value->child->valuestring));
    }
}

static const cJSON *member_of(const cJSON *object, const cJSON *name) {
    const cJSON *node = cJSON_IsObject(object) ? object->child : NULL;
    while (node != NULL && strcmp(node->string, name->valuestring) != 0) {
        node = node->next;
    }
    return node;
}

/* Map and keys, as far as they are given by name; a fourth item is a default for what is not there.
 */
static void check_find_in_map(struct check *check, const cJSON *value) {
    int count = cJSON_IsArray(value) ? cJSON_GetArraySize(value) : 0;
    if (count != 3 && count != 4) {
        problem(check, LAC_PROBLEM_SHAPE, LAC_STR("Fn::FindInMap takes [map, key, key]"));
        return;
    }
    const cJSON *map = value->child, *key = map->next, *second = key->next;
    if (!cJSON_IsString(map) || count == 4 || check->transformed) {
        return;
    }
    long place = find(&check->mappings, text_of(map->valuestring));
    if (place < 0) {
        problem(check, LAC_PROBLEM_REFERENCE, LAC_STR("no mapping '"), text_of(map->valuestring),
                LAC_STR("'"));
        return;
    }
    if (!cJSON_IsString(key)) {
        return;
    }
    const cJSON *row = member_of(check->mappings.nodes[place], key);
    const cJSON *missing = row == NULL                                                ? key
                           : cJSON_IsString(second) && member_of(row, second) == NULL ? second
                                                                                      : NULL;
    if (missing != NULL) {
        problem(check, LAC_PROBLEM_REFERENCE, LAC_STR("mapping '"), text_of(map->valuestring),
                LAC_STR("' has no key '"), text_of(missing->valuestring), LAC_STR("'"));
    }
}

/* An object with one member may be an intrinsic function. */
static void check_intrinsic(struct check *check, const cJSON *member) {
    const char *name = member->string;
    if (strcmp(name, "Ref") == 0) {
        if (cJSON_IsString(member)) {
            check_ref(check, text_of(member->valuestring));
        } else {
            problem(check, LAC_PROBLEM_SHAPE, LAC_STR("Ref takes a name"));
        }
    } else if (strcmp(name, "Fn::GetAtt") == 0) {
        check_get_att(check, member);
    } else if (strcmp(name, "Fn::Sub") == 0) {
        check_sub(check, member);
    } else if (strcmp(name, "Fn::If") == 0) {
        check_if(check, member);
    } else if (strcmp(name, "Fn::FindInMap") == 0) {
        check_find_in_map(check, member);
    } else if (check->in_conditions && strcmp(name, "Condition") == 0 && cJSON_IsString(member)) {
        check_condition(check, text_of(member->valuestring));
    }
}

static void check_value(struct check *check, const cJSON *value) {
    bool one = cJSON_IsObject(value) && value->child != NULL && value->child->next == NULL;
    if (one) {
        size_t before = enter(check, value->child->string);
        check_intrinsic(check, value->child);
        leave(check, before);
    }
    long index = 0;
    for (const cJSON *node = value->child; node != NULL; node = node->next) {
        if (node->child == NULL) {
            index++;
            continue;
        }
        size_t before =
            cJSON_IsArray(value) ? enter_item(check, ++index) : enter(check, node->string);
        check_value(check, node);
        leave(check, before);
    }
}

/* ---- resources ---- */

static void check_depends_on(struct check *check, const cJSON *value) {
    if (cJSON_IsString(value)) {
        check_resource(check, text_of(value->valuestring));
        return;
    }
    if (!cJSON_IsArray(value)) {
        problem(check, LAC_PROBLEM_SHAPE, LAC_STR("DependsOn takes a name or a list of names"));
        return;
    }
    long index = 0;
    for (const cJSON *item = value->child; item != NULL; item = item->next) {
        size_t before = enter_item(check, ++index);
        if (cJSON_IsString(item)) {
            check_resource(check, text_of(item->valuestring));
        } else {
            problem(check, LAC_PROBLEM_SHAPE, LAC_STR("a name expected"));
        }
        leave(check, before);
    }
}

static bool is_alphanumeric(const char *text) {
    size_t len = strspn(text, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");
    return len > 0 && text[len] == '\0';
}

static void check_id(struct check *check, const char *id) {
    if (!is_alphanumeric(id)) {
        problem(check, LAC_PROBLEM_SHAPE, LAC_STR("a logical id has letters and digits only"));
    }
    if (strlen(id) > LAC_TEMPLATE_MOST_ID) {
        problem(check, LAC_PROBLEM_LIMIT, LAC_STR("a logical id has at most 255 characters"));
    }
}

static void check_attribute(struct check *check, const cJSON *attribute) {
    const char *name = attribute->string;
    size_t before = enter(check, name);
    if (!is_one_of(name, resource_keys)) {
        problem(check, LAC_PROBLEM_SHAPE, LAC_STR("no such attribute of a resource"));
    } else if (strcmp(name, "DependsOn") == 0) {
        check_depends_on(check, attribute);
    } else if (strcmp(name, "Condition") == 0 && cJSON_IsString(attribute)) {
        check_condition(check, text_of(attribute->valuestring));
    } else {
        check_value(check, attribute);
    }
    leave(check, before);
}

static void check_definition(struct check *check, const cJSON *definition) {
    if (!cJSON_IsObject(definition)) {
        problem(check, LAC_PROBLEM_SHAPE, LAC_STR("a resource is an object"));
        return;
    }
    bool typed = false;
    for (const cJSON *node = definition->child; node != NULL; node = node->next) {
        typed = typed || (strcmp(node->string, "Type") == 0 && cJSON_IsString(node) &&
                          *node->valuestring != '\0');
        check_attribute(check, node);
    }
    if (!typed) {
        problem(check, LAC_PROBLEM_SHAPE, LAC_STR("a resource needs a Type"));
    }
}

static void check_resources(struct check *check) {
    size_t before = enter(check, "Resources");
    for (size_t i = 0; i < check->resources.count; i++) {
        const cJSON *definition = check->resources.nodes[i];
        size_t above = enter(check, definition->string);
        check->resource = definition->string;
        check->place = (long)i;
        check_id(check, definition->string);
        check_definition(check, definition);
        leave(check, above);
    }
    check->resource = NULL;
    leave(check, before);
}

/* ---- the other sections ---- */

static void check_count(struct check *check, const char *section, size_t count, size_t most) {
    if (count > most) {
        char message[96];
        snprintf(message, sizeof message, "%zu of them, and a template takes %zu", count, most);
        size_t before = enter(check, section);
        problem(check, LAC_PROBLEM_LIMIT, text_of(message));
        leave(check, before);
    }
}

static void check_description(struct check *check, const cJSON *description) {
    if (!cJSON_IsString(description)) {
        problem(check, LAC_PROBLEM_SHAPE, LAC_STR("a description is a text"));
    } else if (strlen(description->valuestring) > LAC_TEMPLATE_MOST_DESCRIPTION) {
        problem(check, LAC_PROBLEM_LIMIT, LAC_STR("a description has at most 1024 bytes"));
    }
}

/* An output: it needs a Value, and may have a Condition. */
static void check_output(struct check *check, const cJSON *output) {
    bool has_value = false;
    for (const cJSON *node = output->child; node != NULL; node = node->next) {
        has_value = has_value || (node->string != NULL && strcmp(node->string, "Value") == 0);
        if (node->string != NULL && strcmp(node->string, "Condition") == 0 &&
            cJSON_IsString(node)) {
            size_t before = enter(check, "Condition");
            check_condition(check, text_of(node->valuestring));
            leave(check, before);
        }
    }
    if (!has_value) {
        problem(check, LAC_PROBLEM_SHAPE, LAC_STR("an output needs a Value"));
    }
}

static void check_named(struct check *check, const cJSON *section) {
    bool outputs = strcmp(section->string, "Outputs") == 0;
    check->in_conditions = strcmp(section->string, "Conditions") == 0;
    for (const cJSON *node = section->child; node != NULL; node = node->next) {
        size_t before = enter(check, node->string);
        check_id(check, node->string);
        if (outputs) {
            check_output(check, node);
        }
        check_value(check, node);
        leave(check, before);
    }
    check->in_conditions = false;
}

static void check_section(struct check *check, const cJSON *section) {
    static const char *const named[] = {"Parameters", "Mappings", "Conditions", "Outputs", NULL};
    size_t before = enter(check, section->string);
    if (!is_one_of(section->string, section_names)) {
        problem(check, LAC_PROBLEM_SHAPE, LAC_STR("no such section of a template"));
    } else if (strcmp(section->string, "Description") == 0) {
        check_description(check, section);
    } else if (is_one_of(section->string, named)) {
        if (cJSON_IsObject(section)) {
            check_named(check, section);
        } else {
            problem(check, LAC_PROBLEM_SHAPE, LAC_STR("an object expected"));
        }
    }
    leave(check, before);
}

/* ---- loops ---- */

/* The edges of the resources that may be part of a loop, by their beginning: those of `i` are
 * to[first[i]] .. to[first[i + 1] - 1]. */
struct graph {
    size_t count;
    size_t *first;
    long *to;
    long *from, *queue; /* of a search: where each place was reached from; what is to be visited */
    bool *gone;         /* cannot be part of a loop, or of one that was reported */
};

static void free_graph(struct graph *graph) {
    free(graph->first);
    free(graph->to);
    free(graph->from);
    free(graph->queue);
    free(graph->gone);
}

static bool make_graph(const struct check *check, struct graph *out) {
    const struct edge *edges = (const struct edge *)check->edges.data;
    size_t count = check->resources.count, edge_count = check->edges.len / sizeof *edges;
    *out = (struct graph){
        .count = count,
        .first = calloc(count + 2, sizeof *out->first),
        .to = calloc(edge_count + 1, sizeof *out->to),
        .from = calloc(count + 1, sizeof *out->from),
        .queue = calloc(count + 1, sizeof *out->queue),
        .gone = calloc(count + 1, sizeof *out->gone),
    };
    if (!out->first || !out->to || !out->from || !out->queue || !out->gone) {
        free_graph(out);
        return false;
    }
    /* The edges come in the order of their beginnings: resources are checked in that order. */
    for (size_t i = 0; i < edge_count; i++) {
        out->first[edges[i].from + 1]++;
        out->to[i] = edges[i].to;
    }
    for (size_t i = 0; i < count; i++) {
        out->first[i + 1] += out->first[i];
    }
    return true;
}

/* Takes away, again and again, what nothing depends on: a loop's members always have something. */
static void prune(struct graph *graph) {
    size_t *dependents = calloc(graph->count + 1, sizeof *dependents);
    if (dependents == NULL) {
        return; /* slower, not wrong */
    }
    for (size_t i = 0; i < graph->first[graph->count]; i++) {
        dependents[graph->to[i]]++;
    }
    size_t waiting = 0;
    for (size_t i = 0; i < graph->count; i++) {
        if (dependents[i] == 0) {
            graph->queue[waiting++] = (long)i;
        }
    }
    while (waiting > 0) {
        size_t place = (size_t)graph->queue[--waiting];
        graph->gone[place] = true;
        for (size_t i = graph->first[place]; i < graph->first[place + 1]; i++) {
            if (--dependents[graph->to[i]] == 0) {
                graph->queue[waiting++] = graph->to[i];
            }
        }
    }
    free(dependents);
}

/* The length of the shortest way from `start` back to itself that is shorter than `most`, or 0. Its
 * steps, backwards, are in graph->from. */
static size_t shortest_loop(struct graph *graph, long start, size_t most) {
    for (size_t i = 0; i < graph->count; i++) {
        graph->from[i] = -1;
    }
    size_t head = 0, tail = 0, level_end = 1, length = 1;
    graph->queue[tail++] = start;
    while (head < tail && length < most) {
        long place = graph->queue[head++];
        for (size_t i = graph->first[place]; i < graph->first[place + 1]; i++) {
            long to = graph->to[i];
            if (graph->gone[to] || graph->from[to] >= 0) {
                continue;
            }
            graph->from[to] = place;
            if (to == start) {
                return length;
            }
            graph->queue[tail++] = to;
        }
        if (head == level_end) {
            level_end = tail;
            length++;
        }
    }
    return 0;
}

/* Writes "A → B → A" and takes the loop's members out of the graph. */
static void report_loop(struct check *check, struct graph *graph, long start) {
    size_t length = 0;
    for (long place = start; length == 0 || place != start; place = graph->from[place]) {
        graph->queue[length++] = place; /* backwards: start, the one before it, ... */
    }
    struct lac_buf loop = {0};
    const char *id = check->resources.nodes[start]->string;
    lac_buf_add(&loop, text_of(id));
    for (size_t i = length; i > 0; i--) {
        long place = graph->queue[i - 1];
        graph->gone[place] = true;
        lac_buf_adds(&loop, LAC_STR(" → "), text_of(check->resources.nodes[place]->string));
    }
    size_t before = enter(check, "Resources");
    enter(check, id);
    check->resource = id;
    problem(check, LAC_PROBLEM_CYCLE, LAC_STR("a circular dependency: "), lac_buf_view(&loop));
    check->resource = NULL;
    leave(check, before);
    check->failed = check->failed || loop.failed;
    lac_buf_free(&loop);
}

/* The shortest loop first, and of two that are as short the one with the first name; then again
 * without its members. */
static void check_loops(struct check *check) {
    struct graph graph;
    if (check->edges.failed || !make_graph(check, &graph)) {
        check->failed = true;
        return;
    }
    prune(&graph);
    for (int reported = 0; reported < MOST_LOOPS; reported++) {
        size_t best = graph.count + 1;
        long start = -1;
        for (size_t i = 0; i < graph.count && best > 1; i++) {
            size_t length = graph.gone[i] ? 0 : shortest_loop(&graph, (long)i, best);
            if (length > 0) {
                best = length;
                start = (long)i;
            } else if (best == graph.count + 1) {
                graph.gone[i] = true; /* on no loop at all */
            }
        }
        if (start < 0) {
            break;
        }
        shortest_loop(&graph, start, best + 1);
        report_loop(check, &graph, start);
    }
    free_graph(&graph);
}

/* ---- the whole ---- */

static int compare_problems(const void *a, const void *b) {
    const struct lac_problem *one = a, *two = b;
    int order = strcmp(one->path, two->path);
    return order != 0 ? order : strcmp(one->message, two->message);
}

static const cJSON *section_of(const cJSON *tree, const char *name) {
    const cJSON *node = cJSON_IsObject(tree) ? tree->child : NULL;
    while (node != NULL && strcmp(node->string, name) != 0) {
        node = node->next;
    }
    return node;
}

/* What is wrong with the template as a whole has no path; this stands in its place. */
static void check_whole(struct check *check, const cJSON *tree, size_t bytes) {
    lac_buf_add(&check->path, LAC_STR("the template"));
    if (!cJSON_IsObject(tree)) {
        problem(check, LAC_PROBLEM_SHAPE, LAC_STR("an object expected"));
    }
    if (bytes > LAC_TEMPLATE_MOST_BYTES) {
        char message[96];
        snprintf(message, sizeof message, "%zu bytes, and CloudFormation takes %d", bytes,
                 LAC_TEMPLATE_MOST_BYTES);
        problem(check, LAC_PROBLEM_LIMIT, text_of(message));
    }
    leave(check, 0);
}

static void check_all(struct check *check, const cJSON *tree, size_t bytes) {
    check_whole(check, tree, bytes);
    if (!cJSON_IsObject(tree)) {
        return;
    }
    check_count(check, "Resources", check->resources.count, LAC_TEMPLATE_MOST_RESOURCES);
    check_count(check, "Parameters", check->parameters.count, LAC_TEMPLATE_MOST_PARAMETERS);
    check_count(check, "Mappings", check->mappings.count, LAC_TEMPLATE_MOST_MAPPINGS);
    const cJSON *outputs = section_of(tree, "Outputs");
    size_t output_count = outputs == NULL ? 0 : (size_t)cJSON_GetArraySize(outputs);
    check_count(check, "Outputs", output_count, LAC_TEMPLATE_MOST_OUTPUTS);
    if (check->resources.count == 0) {
        size_t before = enter(check, "Resources");
        problem(check, LAC_PROBLEM_SHAPE, LAC_STR("a template needs a resource"));
        leave(check, before);
    }
    for (const cJSON *section = tree->child; section != NULL; section = section->next) {
        check_section(check, section);
    }
    check_resources(check);
    check_loops(check);
}

bool lac_template_check(const cJSON *tree, size_t bytes, struct lac_problems *out,
                        struct lac_error *err) {
    struct check check = {.problems = out};
    check.transformed = section_of(tree, "Transform") != NULL;
    bool ok = make_index(section_of(tree, "Resources"), &check.resources) &&
              make_index(section_of(tree, "Parameters"), &check.parameters) &&
              make_index(section_of(tree, "Mappings"), &check.mappings) &&
              make_index(section_of(tree, "Conditions"), &check.conditions);
    if (ok) {
        check_all(&check, tree, bytes);
    }
    ok = ok && !check.failed && !check.path.failed && !check.edges.failed;
    if (ok && out->count > 1) {
        qsort(out->items, out->count, sizeof *out->items, compare_problems);
    }
    free(check.resources.nodes);
    free(check.parameters.nodes);
    free(check.mappings.nodes);
    free(check.conditions.nodes);
    lac_buf_free(&check.path);
    lac_buf_free(&check.edges);
    return ok || lac_fail(err, LAC_ERR_MEMORY, "out of memory while checking a template");
}

void lac_problems_free(struct lac_problems *problems) {
    for (size_t i = 0; i < problems->count; i++) {
        free(problems->items[i].path);
        free(problems->items[i].message);
        free(problems->items[i].resource);
    }
    free(problems->items);
    *problems = (struct lac_problems){0};
}

/* ---- references of one definition ---- */

struct search {
    void (*found)(void *context, struct lac_str name);
    void *context;
};

static void tell(const struct search *search, struct lac_str name) {
    if (name.len > 0 && !is_pseudo(name)) {
        search->found(search->context, name);
    }
}

static void search_sub(const struct search *search, const cJSON *value) {
    const cJSON *variables;
    const char *text = sub_text(value, &variables);
    struct lac_str rest = text_of(text == NULL ? "" : text), name;
    while (next_variable(&rest, &name)) {
        if (!has_member(variables, name)) {
            tell(search, id_of(name).len > 0 ? id_of(name) : name);
        }
    }
}

static void search_value(const struct search *search, const cJSON *value) {
    const cJSON *only = cJSON_IsObject(value) && value->child != NULL && value->child->next == NULL
                            ? value->child
                            : NULL;
    if (only != NULL && strcmp(only->string, "Ref") == 0 && cJSON_IsString(only)) {
        tell(search, text_of(only->valuestring));
    } else if (only != NULL && strcmp(only->string, "Fn::GetAtt") == 0) {
        if (cJSON_IsString(only)) {
            tell(search, id_of(text_of(only->valuestring)));
        } else if (cJSON_IsString(only->child)) {
            tell(search, text_of(only->child->valuestring));
        }
    } else if (only != NULL && strcmp(only->string, "Fn::Sub") == 0) {
        search_sub(search, only);
    }
    for (const cJSON *node = value->child; node != NULL; node = node->next) {
        search_value(search, node);
    }
}

void lac_template_references(const cJSON *definition,
                             void (*found)(void *context, struct lac_str name), void *context) {
    const struct search search = {found, context};
    const cJSON *depends_on = section_of(definition, "DependsOn");
    if (cJSON_IsString(depends_on)) {
        tell(&search, text_of(depends_on->valuestring));
    }
    for (const cJSON *node = depends_on == NULL ? NULL : depends_on->child; node != NULL;
         node = node->next) {
        if (cJSON_IsString(node)) {
            tell(&search, text_of(node->valuestring));
        }
    }
    search_value(&search, definition);
}
