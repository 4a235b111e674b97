/* vtl_json.c — JSON text → values. */
#include <string.h>

#include "core/json.h"
#include "core/vtl_value.h"

#define DEPTH_MOST 256
#define LONGEST_DOUBLE 18 /* characters; a longer number keeps its digits, as json-smart has it */

struct builder {
    struct lac_arena *arena;
    struct lac_str text;
    struct lac_vtl_value *open; /* the containers that are not complete */
    size_t depth;
    struct lac_vtl_value name; /* of the member whose value is to come */
    struct lac_vtl_value root;
};

static bool no_room(struct lac_error *err) {
    return lac_fail(err, LAC_ERR_LIMIT, "JSON takes more memory than allowed");
}

/* A text that outlives the event: of the source where it stands there as it is, else a copy. */
static bool keep_text(struct builder *builder, struct lac_str text, struct lac_vtl_value *out,
                      struct lac_error *err) {
    const char *begin = builder->text.data, *end = begin + builder->text.len;
    if (text.len > 0 && (text.data < begin || text.data >= end)) {
        text = lac_arena_copy(builder->arena, text);
        if (text.data == NULL) {
            return no_room(err);
        }
    }
    *out = lac_vtl_string(text);
    return true;
}

static bool is_of_number(char c) {
    return (c >= '0' && c <= '9') || c == '-' || c == '+' || c == '.' || c == 'e' || c == 'E';
}

static struct lac_vtl_value float_of(const struct builder *builder,
                                     const struct lac_json_reader *reader, double number) {
    size_t end = reader->at, begin = end;
    bool has_point = false, has_exponent = false;
    while (begin > 0 && is_of_number(builder->text.data[begin - 1])) {
        begin--;
        has_point = has_point || builder->text.data[begin] == '.';
        has_exponent = has_exponent || (builder->text.data[begin] | 0x20) == 'e';
    }
    struct lac_str digits = {builder->text.data + begin, end - begin};
    if (digits.len == 2 && !has_point && !has_exponent) { /* -0 */
        return lac_vtl_integer(0);
    }
    if (has_exponent || (has_point && digits.len <= LONGEST_DOUBLE)) {
        return lac_vtl_double(number);
    }
    struct lac_vtl_value big = lac_vtl_string(digits);
    big.kind = LAC_VTL_BIG;
    return big;
}

static bool add_value(struct builder *builder, struct lac_vtl_value value, struct lac_error *err) {
    if (builder->depth == 0) {
        builder->root = value;
        return true;
    }
    struct lac_vtl_value *open = &builder->open[builder->depth - 1];
    bool done = open->kind == LAC_VTL_LIST
                    ? lac_vtl_list_add(builder->arena, open->list, value)
                    : lac_vtl_map_put(builder->arena, open->map, builder->name, value) != NULL;
    return done || no_room(err);
}

static bool open_container(struct builder *builder, bool is_list, struct lac_error *err) {
    struct lac_vtl_value value =
        is_list ? lac_vtl_of_list(lac_vtl_new_list(builder->arena, LAC_VTL_JSON))
                : lac_vtl_of_map(lac_vtl_new_map(builder->arena, LAC_VTL_JSON));
    if (value.list == NULL) {
        return no_room(err);
    }
    if (!add_value(builder, value, err)) {
        return false;
    }
    builder->open[builder->depth++] = value;
    return true;
}

static bool take(struct builder *builder, const struct lac_json_reader *reader,
                 const struct lac_json_event *event, struct lac_error *err) {
    struct lac_vtl_value value = {.kind = LAC_VTL_NULL};
    switch (event->kind) {
    case LAC_JSON_BOOLEAN:
        value = lac_vtl_boolean(event->boolean);
        break;
    case LAC_JSON_INTEGER:
        value = lac_vtl_integer(event->integer);
        break;
    case LAC_JSON_FLOAT:
        value = float_of(builder, reader, event->number);
        break;
    case LAC_JSON_STRING:
        if (!keep_text(builder, event->text, &value, err)) {
            return false;
        }
        break;
    case LAC_JSON_NAME:
        return keep_text(builder, event->text, &builder->name, err);
    case LAC_JSON_ARRAY:
    case LAC_JSON_OBJECT:
        return open_container(builder, event->kind == LAC_JSON_ARRAY, err);
    case LAC_JSON_ARRAY_END:
    case LAC_JSON_OBJECT_END:
        builder->depth -= builder->depth > 0; /* always: the reader ends what it began */
        return true;
    default:
        break;
    }
    return add_value(builder, value, err);
}

bool lac_vtl_from_json(struct lac_arena *arena, struct lac_str text, struct lac_vtl_value *out,
                       struct lac_error *err) {
    struct lac_buf scratch = {0};
    struct lac_vtl_value open[DEPTH_MOST + 1]; /* zeroing it would take longer than many a text */
    struct builder builder = {.arena = arena, .text = text, .open = open};
    struct lac_json_reader reader = {.text = text, .scratch = &scratch, .max_depth = DEPTH_MOST};
    struct lac_json_event event;
    bool ok;
    while ((ok = lac_json_next(&reader, &event, err)) && event.kind != LAC_JSON_END) {
        if (!take(&builder, &reader, &event, err)) {
            ok = false;
            break;
        }
    }
    lac_buf_free(&scratch);
    *out = builder.root;
    return ok;
}
