/* template_problems.c — what the check of a template finds, where it is, and the names it looks up.
 */
#include <stdlib.h>
#include <string.h>

#include "core/template_private.h"

struct lac_str lac_template_text(const char *text) {
    return (struct lac_str){text, strlen(text)};
}

const cJSON *lac_template_member(const cJSON *object, const char *name) {
    const cJSON *node = cJSON_IsObject(object) ? object->child : NULL;
    while (node != NULL && strcmp(node->string, name) != 0) {
        node = node->next;
    }
    return node;
}

/* ---- names in a section, sorted ---- */

static int compare_nodes(const void *a, const void *b) {
    return strcmp((*(const cJSON *const *)a)->string, (*(const cJSON *const *)b)->string);
}

bool lac_template_index_make(const cJSON *section, struct lac_template_index *out) {
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

int lac_template_compare_name(struct lac_str name, const char *with) {
    int order = strncmp(name.data, with, name.len);
    return order != 0 ? order : -(with[name.len] != '\0');
}

long lac_template_find(const struct lac_template_index *index, struct lac_str name) {
    size_t low = 0, high = index->count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        int order = lac_template_compare_name(name, index->nodes[middle]->string);
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

/* ---- problems ---- */

static char *copy_view(struct lac_str text) {
    char *copy = malloc(text.len + 1);
    if (copy != NULL) {
        memcpy(copy, text.data, text.len);
        copy[text.len] = '\0';
    }
    return copy;
}

static void add_problem(struct lac_template_checking *check, enum lac_problem_kind kind,
                        struct lac_str message) {
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
        .resource = check->resource == NULL ? NULL : copy_view(lac_template_text(check->resource)),
    };
    check->failed = check->failed || problem.path == NULL || problem.message == NULL ||
                    (check->resource != NULL && problem.resource == NULL);
    list->items[list->count++] = problem;
}

void lac_template_add_problem(struct lac_template_checking *check, enum lac_problem_kind kind,
                              const struct lac_str *parts, size_t count) {
    struct lac_buf message = {0};
    lac_buf_add_list(&message, parts, count);
    check->failed = check->failed || message.failed;
    add_problem(check, kind, lac_buf_view(&message));
    lac_buf_free(&message);
}

size_t lac_template_enter(struct lac_template_checking *check, const char *name) {
    size_t before = check->path.len;
    lac_json_add_path_name(&check->path, lac_template_text(name));
    return before;
}

size_t lac_template_enter_item(struct lac_template_checking *check, long index) {
    size_t before = check->path.len;
    lac_json_add_path_index(&check->path, index);
    return before;
}

void lac_template_leave(struct lac_template_checking *check, size_t before) {
    lac_buf_cut(&check->path, before);
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
