/* template_check.c — what CloudFormation would refuse: shapes and limits here; references and the
 * loops that they make in files of their own. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/template_private.h"

static bool is_one_of(const char *name, const char *const *list) {
    while (*list != NULL && strcmp(*list, name) != 0) {
        list++;
    }
    return *list != NULL;
}

/* ---- resources ---- */

static void check_depends_on(struct lac_template_checking *check, const cJSON *value) {
    if (cJSON_IsString(value)) {
        lac_template_check_resource(check, lac_template_text(value->valuestring));
        return;
    }
    if (!cJSON_IsArray(value)) {
        lac_template_problem(check, LAC_PROBLEM_SHAPE,
                             LAC_STR("DependsOn takes a name or a list of names"));
        return;
    }
    long index = 0;
    for (const cJSON *item = value->child; item != NULL; item = item->next) {
        size_t before = lac_template_enter_item(check, ++index);
        if (cJSON_IsString(item)) {
            lac_template_check_resource(check, lac_template_text(item->valuestring));
        } else {
            lac_template_problem(check, LAC_PROBLEM_SHAPE, LAC_STR("a name expected"));
        }
        lac_template_leave(check, before);
    }
}

static bool is_alphanumeric(const char *text) {
    size_t len = strspn(text, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");
    return len > 0 && text[len] == '\0';
}

static void check_id(struct lac_template_checking *check, const char *id) {
    if (!is_alphanumeric(id)) {
        lac_template_problem(check, LAC_PROBLEM_SHAPE,
                             LAC_STR("a logical id has letters and digits only"));
    }
    if (strlen(id) > LAC_TEMPLATE_MOST_ID) {
        lac_template_problem(check, LAC_PROBLEM_LIMIT,
                             LAC_STR("a logical id has at most 255 characters"));
    }
}

static void check_attribute(struct lac_template_checking *check, const cJSON *attribute) {
    const char *name = attribute->string;
    size_t before = lac_template_enter(check, name);
    if (!is_one_of(name, lac_template_resource_members)) {
        lac_template_problem(check, LAC_PROBLEM_SHAPE, LAC_STR("no such attribute of a resource"));
    } else if (strcmp(name, "DependsOn") == 0) {
        check_depends_on(check, attribute);
    } else if (strcmp(name, "Condition") == 0 && cJSON_IsString(attribute)) {
        lac_template_check_condition(check, lac_template_text(attribute->valuestring));
    } else {
        lac_template_check_value(check, attribute);
    }
    lac_template_leave(check, before);
}

static void check_definition(struct lac_template_checking *check, const cJSON *definition) {
    if (!cJSON_IsObject(definition)) {
        lac_template_problem(check, LAC_PROBLEM_SHAPE, LAC_STR("a resource is an object"));
        return;
    }
    bool typed = false;
    for (const cJSON *node = definition->child; node != NULL; node = node->next) {
        typed = typed || (strcmp(node->string, "Type") == 0 && cJSON_IsString(node) &&
                          *node->valuestring != '\0');
        check_attribute(check, node);
    }
    if (!typed) {
        lac_template_problem(check, LAC_PROBLEM_SHAPE, LAC_STR("a resource needs a Type"));
    }
}

static void check_resources(struct lac_template_checking *check) {
    size_t before = lac_template_enter(check, "Resources");
    for (size_t i = 0; i < check->resources.count; i++) {
        const cJSON *definition = check->resources.nodes[i];
        size_t above = lac_template_enter(check, definition->string);
        check->resource = definition->string;
        check->place = (long)i;
        check_id(check, definition->string);
        check_definition(check, definition);
        lac_template_leave(check, above);
    }
    check->resource = NULL;
    lac_template_leave(check, before);
}

/* ---- the other sections ---- */

static void check_count(struct lac_template_checking *check, const char *section, size_t count,
                        size_t most) {
    if (count > most) {
        char message[96];
        snprintf(message, sizeof message, "%zu of them, and a template takes %zu", count, most);
        size_t before = lac_template_enter(check, section);
        lac_template_problem(check, LAC_PROBLEM_LIMIT, lac_template_text(message));
        lac_template_leave(check, before);
    }
}

static void check_description(struct lac_template_checking *check, const cJSON *description) {
    if (!cJSON_IsString(description)) {
        lac_template_problem(check, LAC_PROBLEM_SHAPE, LAC_STR("a description is a text"));
    } else if (strlen(description->valuestring) > LAC_TEMPLATE_MOST_DESCRIPTION) {
        lac_template_problem(check, LAC_PROBLEM_LIMIT,
                             LAC_STR("a description has at most 1024 bytes"));
    }
}

/* An output: it needs a Value, and may have a Condition. */
static void check_output(struct lac_template_checking *check, const cJSON *output) {
    bool has_value = false;
    for (const cJSON *node = output->child; node != NULL; node = node->next) {
        has_value = has_value || (node->string != NULL && strcmp(node->string, "Value") == 0);
        if (node->string != NULL && strcmp(node->string, "Condition") == 0 &&
            cJSON_IsString(node)) {
            size_t before = lac_template_enter(check, "Condition");
            lac_template_check_condition(check, lac_template_text(node->valuestring));
            lac_template_leave(check, before);
        }
    }
    if (!has_value) {
        lac_template_problem(check, LAC_PROBLEM_SHAPE, LAC_STR("an output needs a Value"));
    }
}

static void check_named(struct lac_template_checking *check, const cJSON *section) {
    bool outputs = strcmp(section->string, "Outputs") == 0;
    check->in_conditions = strcmp(section->string, "Conditions") == 0;
    for (const cJSON *node = section->child; node != NULL; node = node->next) {
        size_t before = lac_template_enter(check, node->string);
        check_id(check, node->string);
        if (outputs) {
            check_output(check, node);
        }
        lac_template_check_value(check, node);
        lac_template_leave(check, before);
    }
    check->in_conditions = false;
}

static void check_section(struct lac_template_checking *check, const cJSON *section) {
    static const char *const named[] = {"Parameters", "Mappings", "Conditions", "Outputs", NULL};
    size_t before = lac_template_enter(check, section->string);
    if (!is_one_of(section->string, lac_template_sections)) {
        lac_template_problem(check, LAC_PROBLEM_SHAPE, LAC_STR("no such section of a template"));
    } else if (strcmp(section->string, "Description") == 0) {
        check_description(check, section);
    } else if (is_one_of(section->string, named)) {
        if (cJSON_IsObject(section)) {
            check_named(check, section);
        } else {
            lac_template_problem(check, LAC_PROBLEM_SHAPE, LAC_STR("an object expected"));
        }
    }
    lac_template_leave(check, before);
}

/* ---- the whole ---- */

static int compare_problems(const void *a, const void *b) {
    const struct lac_problem *one = a, *two = b;
    int order = strcmp(one->path, two->path);
    return order != 0 ? order : strcmp(one->message, two->message);
}

/* What is wrong with the template as a whole has no path; this stands in its place. */
static void check_whole(struct lac_template_checking *check, const cJSON *tree, size_t bytes) {
    lac_buf_add(&check->path, LAC_STR("the template"));
    if (!cJSON_IsObject(tree)) {
        lac_template_problem(check, LAC_PROBLEM_SHAPE, LAC_STR("an object expected"));
    }
    if (bytes > LAC_TEMPLATE_MOST_BYTES) {
        char message[96];
        snprintf(message, sizeof message, "%zu bytes, and CloudFormation takes %d", bytes,
                 LAC_TEMPLATE_MOST_BYTES);
        lac_template_problem(check, LAC_PROBLEM_LIMIT, lac_template_text(message));
    }
    lac_template_leave(check, 0);
}

static void check_all(struct lac_template_checking *check, const cJSON *tree, size_t bytes) {
    check_whole(check, tree, bytes);
    if (!cJSON_IsObject(tree)) {
        return;
    }
    check_count(check, "Resources", check->resources.count, LAC_TEMPLATE_MOST_RESOURCES);
    check_count(check, "Parameters", check->parameters.count, LAC_TEMPLATE_MOST_PARAMETERS);
    check_count(check, "Mappings", check->mappings.count, LAC_TEMPLATE_MOST_MAPPINGS);
    const cJSON *outputs = lac_template_member(tree, "Outputs");
    size_t output_count = outputs == NULL ? 0 : (size_t)cJSON_GetArraySize(outputs);
    check_count(check, "Outputs", output_count, LAC_TEMPLATE_MOST_OUTPUTS);
    if (check->resources.count == 0) {
        size_t before = lac_template_enter(check, "Resources");
        lac_template_problem(check, LAC_PROBLEM_SHAPE, LAC_STR("a template needs a resource"));
        lac_template_leave(check, before);
    }
    for (const cJSON *section = tree->child; section != NULL; section = section->next) {
        check_section(check, section);
    }
    check_resources(check);
    lac_template_check_loops(check);
}

bool lac_template_check(const cJSON *tree, size_t bytes, struct lac_problems *out,
                        struct lac_error *err) {
    struct lac_template_checking check = {.problems = out};
    check.transformed = lac_template_member(tree, "Transform") != NULL;
    bool ok = lac_template_index_make(lac_template_member(tree, "Resources"), &check.resources) &&
              lac_template_index_make(lac_template_member(tree, "Parameters"), &check.parameters) &&
              lac_template_index_make(lac_template_member(tree, "Mappings"), &check.mappings) &&
              lac_template_index_make(lac_template_member(tree, "Conditions"), &check.conditions);
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
