/* template_references.c — Ref, Fn::GetAtt, Fn::Sub and their like: whether what they name is there,
 * and what one definition names. */
#include <string.h>

#include "core/template_private.h"

static const char *const pseudo_parameters[] = {
    "AWS::AccountId", "AWS::NoValue",   "AWS::NotificationARNs",
    "AWS::Partition", "AWS::Region",    "AWS::StackId",
    "AWS::StackName", "AWS::URLSuffix", NULL};

/* ---- of a whole template, checked ---- */

static void depend_on(struct lac_template_checking *check, long to) {
    if (check->resource != NULL && to >= 0) {
        struct lac_template_edge edge = {check->place, to};
        lac_buf_add(&check->edges, (struct lac_str){(const char *)&edge, sizeof edge});
    }
}

static bool is_pseudo(struct lac_str name) {
    return name.len >= 5 && memcmp(name.data, "AWS::", 5) == 0;
}

static void check_pseudo(struct lac_template_checking *check, struct lac_str name) {
    const char *const *known = pseudo_parameters;
    while (*known != NULL && lac_template_compare_name(name, *known) != 0) {
        known++;
    }
    if (*known == NULL) {
        lac_template_problem(check, LAC_PROBLEM_REFERENCE, LAC_STR("no pseudo parameter '"), name,
                             LAC_STR("'"));
    }
}

/* A name that Ref or ${Name} gives. */
static void check_ref(struct lac_template_checking *check, struct lac_str name) {
    if (is_pseudo(name)) {
        check_pseudo(check, name);
        return;
    }
    long resource = lac_template_find(&check->resources, name);
    depend_on(check, resource);
    if (resource < 0 && lac_template_find(&check->parameters, name) < 0 && !check->transformed) {
        lac_template_problem(check, LAC_PROBLEM_REFERENCE, LAC_STR("no resource or parameter '"),
                             name, LAC_STR("'"));
    }
}

void lac_template_check_resource(struct lac_template_checking *check, struct lac_str name) {
    long resource = lac_template_find(&check->resources, name);
    depend_on(check, resource);
    if (resource < 0 && !check->transformed) {
        lac_template_problem(check, LAC_PROBLEM_REFERENCE, LAC_STR("no resource '"), name,
                             LAC_STR("'"));
    }
}

void lac_template_check_condition(struct lac_template_checking *check, struct lac_str name) {
    if (lac_template_find(&check->conditions, name) < 0 && !check->transformed) {
        lac_template_problem(check, LAC_PROBLEM_REFERENCE, LAC_STR("no condition '"), name,
                             LAC_STR("'"));
    }
}

/* The logical id of "Id.Attribute"; its length is 0 when there is no attribute. */
static struct lac_str id_of(struct lac_str text) {
    const char *dot = memchr(text.data, '.', text.len);
    return (struct lac_str){text.data, dot == NULL ? 0 : (size_t)(dot - text.data)};
}

static void check_get_att(struct lac_template_checking *check, const cJSON *value) {
    if (cJSON_IsString(value) && id_of(lac_template_text(value->valuestring)).len > 0) {
        lac_template_check_resource(check, id_of(lac_template_text(value->valuestring)));
    } else if (cJSON_IsArray(value) && cJSON_IsString(value->child) &&
               cJSON_GetArraySize(value) == 2) {
        lac_template_check_resource(check, lac_template_text(value->child->valuestring));
    } else {
        lac_template_problem(
            check, LAC_PROBLEM_SHAPE,
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
    const cJSON *node = object != NULL && cJSON_IsObject(object) ? object->child : NULL;
    while (node != NULL && lac_template_compare_name(name, node->string) != 0) {
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

static void check_sub(struct lac_template_checking *check, const cJSON *value) {
    const cJSON *variables;
    const char *text = sub_text(value, &variables);
    if (text == NULL) {
        lac_template_problem(check, LAC_PROBLEM_SHAPE,
                             LAC_STR("Fn::Sub takes a text, or [text, { variables }]"));
        return;
    }
    struct lac_str rest = lac_template_text(text), name;
    while (next_variable(&rest, &name)) {
        if (has_member(variables, name)) {
            continue;
        }
        if (id_of(name).len > 0) {
            lac_template_check_resource(check, id_of(name));
        } else {
            check_ref(check, name);
        }
    }
}

static void check_if(struct lac_template_checking *check, const cJSON *value) {
    if (!cJSON_IsArray(value) || cJSON_GetArraySize(value) != 3 || !cJSON_IsString(value->child)) {
        lac_template_problem(check, LAC_PROBLEM_SHAPE,
                             LAC_STR("Fn::If takes [condition, value, value]"));
    } else {
        lac_template_check_condition(check, lac_template_text(value->child->valuestring));
    }
}

/* Map and keys, as far as they are given by name; a fourth item is a default for what is not there.
 */
static void check_find_in_map(struct lac_template_checking *check, const cJSON *value) {
    int count = cJSON_IsArray(value) ? cJSON_GetArraySize(value) : 0;
    if (count != 3 && count != 4) {
        lac_template_problem(check, LAC_PROBLEM_SHAPE,
                             LAC_STR("Fn::FindInMap takes [map, key, key]"));
        return;
    }
    const cJSON *map = value->child, *key = map->next, *second = key->next;
    if (!cJSON_IsString(map) || count == 4 || check->transformed) {
        return;
    }
    long place = lac_template_find(&check->mappings, lac_template_text(map->valuestring));
    if (place < 0) {
        lac_template_problem(check, LAC_PROBLEM_REFERENCE, LAC_STR("no mapping '"),
                             lac_template_text(map->valuestring), LAC_STR("'"));
        return;
    }
    if (!cJSON_IsString(key)) {
        return;
    }
    const cJSON *row = lac_template_member(check->mappings.nodes[place], key->valuestring);
    const cJSON *missing =
        row == NULL                                                                       ? key
        : cJSON_IsString(second) && lac_template_member(row, second->valuestring) == NULL ? second
                                                                                          : NULL;
    if (missing != NULL) {
        lac_template_problem(check, LAC_PROBLEM_REFERENCE, LAC_STR("mapping '"),
                             lac_template_text(map->valuestring), LAC_STR("' has no key '"),
                             lac_template_text(missing->valuestring), LAC_STR("'"));
    }
}

/* An object with one member may be an intrinsic function. */
static void check_intrinsic(struct lac_template_checking *check, const cJSON *member) {
    const char *name = member->string;
    if (strcmp(name, "Ref") == 0) {
        if (cJSON_IsString(member)) {
            check_ref(check, lac_template_text(member->valuestring));
        } else {
            lac_template_problem(check, LAC_PROBLEM_SHAPE, LAC_STR("Ref takes a name"));
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
        lac_template_check_condition(check, lac_template_text(member->valuestring));
    }
}

void lac_template_check_value(struct lac_template_checking *check, const cJSON *value) {
    bool one = cJSON_IsObject(value) && value->child != NULL && value->child->next == NULL;
    if (one) {
        size_t before = lac_template_enter(check, value->child->string);
        check_intrinsic(check, value->child);
        lac_template_leave(check, before);
    }
    long index = 0;
    for (const cJSON *node = value->child; node != NULL; node = node->next) {
        if (node->child == NULL) {
            index++;
            continue;
        }
        size_t before = cJSON_IsArray(value) ? lac_template_enter_item(check, ++index)
                                             : lac_template_enter(check, node->string);
        lac_template_check_value(check, node);
        lac_template_leave(check, before);
    }
}

/* ---- of one definition ---- */

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
    struct lac_str rest = lac_template_text(text == NULL ? "" : text), name;
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
        tell(search, lac_template_text(only->valuestring));
    } else if (only != NULL && strcmp(only->string, "Fn::GetAtt") == 0) {
        if (cJSON_IsString(only)) {
            tell(search, id_of(lac_template_text(only->valuestring)));
        } else if (cJSON_IsString(only->child)) {
            tell(search, lac_template_text(only->child->valuestring));
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
    const cJSON *depends_on = lac_template_member(definition, "DependsOn");
    if (cJSON_IsString(depends_on)) {
        tell(&search, lac_template_text(depends_on->valuestring));
    }
    for (const cJSON *node = depends_on == NULL ? NULL : depends_on->child; node != NULL;
         node = node->next) {
        if (cJSON_IsString(node)) {
            tell(&search, lac_template_text(node->valuestring));
        }
    }
    search_value(&search, definition);
}
