/* template.c — the tree and its text. What is wrong with it: template_check.c. */
#include "core/template.h"

#include <stdlib.h>
#include <string.h>

#include "core/json_text.h"
#include "core/template_private.h"

/* ---- the tree ---- */

static bool out_of_memory(struct lac_error *err) {
    return lac_fail(err, LAC_ERR_MEMORY, "out of memory while making a template");
}

/* What the writer would refuse later, and a NUL, which would cut cJSON's string: refused here,
 * where the caller still knows the path. */
static bool check_text(struct lac_str text, struct lac_error *err) {
    const char *at = text.data, *end = text.data + text.len;
    if (memchr(text.data, '\0', text.len) != NULL) {
        return lac_fail(err, LAC_ERR_INPUT, "a string with a NUL");
    }
    while ((at = lac_json_skip_plain(at, end)) < end) {
        int len = (unsigned char)*at < 0x80 ? 1 : lac_utf8_length(at, end);
        if (len == 0) {
            return lac_fail(err, LAC_ERR_INPUT, "a string that is not UTF-8 (at byte %zu)",
                            (size_t)(at - text.data) + 1);
        }
        at += len;
    }
    return true;
}

/* Copies the text into the builder's buffer, which ends it with the NUL that cJSON wants. */
static bool copy_text(struct lac_template_builder *builder, struct lac_str text,
                      struct lac_error *err) {
    if (!check_text(text, err)) {
        return false;
    }
    lac_buf_cut(&builder->name, 0);
    lac_buf_adds(&builder->name, text, LAC_STR("\0"));
    return !builder->name.failed || out_of_memory(err);
}

/* The digits of an integer, as the writer writes them. */
static cJSON *make_integer(const struct lac_json_event *event) {
    struct lac_buf digits = {0};
    struct lac_json_writer writer = {.out = &digits};
    struct lac_error ignored;
    cJSON *node = NULL;
    if (lac_json_write(&writer, event, &ignored) && !digits.failed) {
        node = cJSON_CreateRaw(digits.data);
    }
    lac_buf_free(&digits);
    return node;
}

static cJSON *make_string(struct lac_str text) {
    char *copy = cJSON_malloc(text.len + 1);
    cJSON *node = copy == NULL ? NULL : cJSON_CreateNull();
    if (node == NULL) {
        cJSON_free(copy);
        return NULL;
    }
    memcpy(copy, text.data, text.len);
    copy[text.len] = '\0';
    node->type = cJSON_String;
    node->valuestring = copy;
    return node;
}

static cJSON *make_node(const struct lac_json_event *event) {
    switch (event->kind) {
    case LAC_JSON_OBJECT:
        return cJSON_CreateObject();
    case LAC_JSON_ARRAY:
        return cJSON_CreateArray();
    case LAC_JSON_STRING:
        return make_string(event->text);
    case LAC_JSON_INTEGER:
        return make_integer(event);
    case LAC_JSON_FLOAT:
        return cJSON_CreateNumber(event->number);
    case LAC_JSON_BOOLEAN:
        return cJSON_CreateBool(event->boolean);
    default:
        return cJSON_CreateNull();
    }
}

/* Both are appends: cJSON keeps the tail of a list in its first item. */
static bool attach(struct lac_template_builder *builder, cJSON *node) {
    if (builder->depth == 0) {
        builder->root = node;
        return true;
    }
    cJSON *parent = builder->open[builder->depth - 1];
    if (builder->has_name) {
        builder->has_name = false;
        return cJSON_AddItemToObject(parent, builder->name.data, node);
    }
    return cJSON_AddItemToArray(parent, node);
}

static bool is_representable(const struct lac_json_event *event, struct lac_error *err) {
    if (event->kind == LAC_JSON_STRING) {
        return check_text(event->text, err);
    }
    if (event->kind == LAC_JSON_FLOAT && event->number - event->number != 0) {
        return lac_fail(err, LAC_ERR_INPUT, "%s cannot be written as JSON",
                        event->number != event->number ? "NaN" : "an infinity");
    }
    return true;
}

bool lac_template_take(struct lac_template_builder *builder, const struct lac_json_event *event,
                       struct lac_error *err) {
    switch (event->kind) {
    case LAC_JSON_END:
        return true;
    case LAC_JSON_NAME:
        builder->has_name = true;
        return copy_text(builder, event->text, err);
    case LAC_JSON_OBJECT_END:
    case LAC_JSON_ARRAY_END:
        builder->depth--;
        return true;
    default:
        break;
    }
    if (!is_representable(event, err)) {
        return false;
    }
    cJSON *node = make_node(event);
    if (node == NULL || !attach(builder, node)) {
        cJSON_Delete(node);
        return out_of_memory(err);
    }
    if (event->kind == LAC_JSON_OBJECT || event->kind == LAC_JSON_ARRAY) {
        if (builder->depth == LAC_JSON_DEFAULT_DEPTH) {
            return lac_fail(err, LAC_ERR_LIMIT, "more than %d levels deep", LAC_JSON_DEFAULT_DEPTH);
        }
        builder->open[builder->depth++] = node;
    }
    return true;
}

void lac_template_free(struct lac_template_builder *builder) {
    cJSON_Delete(builder->root);
    lac_buf_free(&builder->name);
    *builder = (struct lac_template_builder){0};
}

/* ---- the text ---- */

/* These two are also what is known: see template_check.c. */
const char *const lac_template_sections[] = {"AWSTemplateFormatVersion",
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

const char *const lac_template_resource_members[] = {
    "Type",           "Condition",           "DependsOn",  "CreationPolicy", "UpdatePolicy",
    "DeletionPolicy", "UpdateReplacePolicy", "Properties", "Metadata",       NULL};

static const char *const no_order[] = {NULL};

struct ranked {
    size_t rank;
    const cJSON *node;
};

static size_t rank_of(const char *name, const char *const *order) {
    size_t rank = 0;
    while (order[rank] != NULL && strcmp(order[rank], name) != 0) {
        rank++;
    }
    return rank;
}

static int compare_ranked(const void *a, const void *b) {
    const struct ranked *one = a, *two = b;
    if (one->rank != two->rank) {
        return one->rank < two->rank ? -1 : 1;
    }
    return strcmp(one->node->string, two->node->string);
}

struct marshalling {
    struct lac_json_writer writer;
    struct lac_buf scratch;
    struct lac_error *err;
};

static bool send(struct marshalling *work, const struct lac_json_event *event) {
    return lac_json_write(&work->writer, event, work->err);
}

static bool send_kind(struct marshalling *work, enum lac_json_kind kind) {
    return send(work, &(struct lac_json_event){.kind = kind});
}

static struct lac_str text_of(const char *text) {
    return (struct lac_str){text, strlen(text)};
}

/* A raw node holds one scalar, in JSON. */
static bool send_raw(struct marshalling *work, const cJSON *node) {
    struct lac_json_reader reader = {.text = text_of(node->valuestring), .scratch = &work->scratch};
    struct lac_json_event event;
    return lac_json_next(&reader, &event, work->err) && send(work, &event);
}

static bool send_scalar(struct marshalling *work, const cJSON *node) {
    struct lac_json_event event = {.kind = LAC_JSON_NULL};
    if (cJSON_IsRaw(node)) {
        return send_raw(work, node);
    }
    if (cJSON_IsString(node)) {
        event =
            (struct lac_json_event){.kind = LAC_JSON_STRING, .text = text_of(node->valuestring)};
    } else if (cJSON_IsNumber(node)) {
        event = (struct lac_json_event){.kind = LAC_JSON_FLOAT, .number = node->valuedouble};
    } else if (cJSON_IsBool(node)) {
        event = (struct lac_json_event){.kind = LAC_JSON_BOOLEAN, .boolean = cJSON_IsTrue(node)};
    }
    return send(work, &event);
}

/* How deep a node stands decides whose order its members follow. */
enum place { AT_TEMPLATE, AT_SECTION, AT_RESOURCES, AT_RESOURCE, AT_REST };

static enum place place_below(enum place place, const char *name) {
    switch (place) {
    case AT_TEMPLATE:
        return strcmp(name, "Resources") == 0 ? AT_RESOURCES : AT_SECTION;
    case AT_RESOURCES:
        return AT_RESOURCE;
    default:
        return AT_REST;
    }
}

static bool send_node(struct marshalling *work, const cJSON *node, enum place place);

static bool send_members(struct marshalling *work, const struct ranked *members, size_t count,
                         enum place place) {
    for (size_t i = 0; i < count; i++) {
        struct lac_json_event name = {.kind = LAC_JSON_NAME,
                                      .text = text_of(members[i].node->string)};
        if (!send(work, &name) ||
            !send_node(work, members[i].node, place_below(place, members[i].node->string))) {
            return false;
        }
    }
    return true;
}

static bool send_object(struct marshalling *work, const cJSON *object, enum place place) {
    const char *const *order = place == AT_TEMPLATE   ? lac_template_sections
                               : place == AT_RESOURCE ? lac_template_resource_members
                                                      : no_order;
    struct ranked few[16], *members = few;
    size_t count = 0;
    for (const cJSON *node = object->child; node != NULL; node = node->next) {
        count++;
    }
    if (count > sizeof few / sizeof *few) {
        members = malloc(count * sizeof *members);
        if (members == NULL) {
            return out_of_memory(work->err);
        }
    }
    bool sorted = true;
    size_t i = 0;
    for (const cJSON *node = object->child; node != NULL; node = node->next, i++) {
        members[i] = (struct ranked){rank_of(node->string, order), node};
        sorted = sorted && (i == 0 || compare_ranked(&members[i - 1], &members[i]) <= 0);
    }
    if (!sorted) {
        qsort(members, count, sizeof *members, compare_ranked);
    }
    bool ok = send_kind(work, LAC_JSON_OBJECT) && send_members(work, members, count, place) &&
              send_kind(work, LAC_JSON_OBJECT_END);
    if (members != few) {
        free(members);
    }
    return ok;
}

static bool send_node(struct marshalling *work, const cJSON *node, enum place place) {
    if (cJSON_IsObject(node)) {
        return send_object(work, node, place);
    }
    if (!cJSON_IsArray(node)) {
        return send_scalar(work, node);
    }
    bool ok = send_kind(work, LAC_JSON_ARRAY);
    for (const cJSON *item = node->child; ok && item != NULL; item = item->next) {
        ok = send_node(work, item, AT_REST);
    }
    return ok && send_kind(work, LAC_JSON_ARRAY_END);
}

static bool marshal(const cJSON *tree, int indent, struct lac_buf *out, struct lac_error *err) {
    struct marshalling work = {.writer = {.out = out, .indent = indent}, .err = err};
    bool ok = send_node(&work, tree, AT_TEMPLATE);
    lac_buf_add(out, LAC_STR("\n"));
    lac_buf_free(&work.scratch);
    return ok && (!out->failed || out_of_memory(err));
}

bool lac_template_marshal(const cJSON *tree, struct lac_buf *out, struct lac_error *err) {
    size_t before = out->len;
    if (!marshal(tree, 2, out, err)) {
        return false;
    }
    if (out->len - before <= LAC_TEMPLATE_MOST_BYTES) {
        return true;
    }
    lac_buf_cut(out, before);
    return marshal(tree, 0, out, err);
}
