/* fuzz_yaml.c — whatever the bytes, the reader answers within its limits; what it takes can be said
 * in JSON, and a failure has a place. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/yaml.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct lac_yaml_limits limits = {.max_depth = 40, .max_nodes = 3000};

struct tally {
    struct lac_json_writer *writer;
    size_t values;
};

static void write_event(struct tally *tally, const struct lac_json_event *event) {
    struct lac_error err;
    if (!lac_json_write(tally->writer, event, &err)) {
        abort(); /* a number or a text that JSON has not */
    }
}

static void write_node(struct tally *tally, const struct lac_yaml_node *node, size_t depth) {
    bool object = node->kind == LAC_JSON_OBJECT;
    struct lac_json_event event = {
        .kind = node->kind,
        .boolean = node->boolean,
        .integer = node->integer,
        .number = node->number,
        .text = node->text,
    };
    if (depth > limits.max_depth || ++tally->values > limits.max_nodes || !node->closed) {
        abort();
    }
    write_event(tally, &event);
    for (size_t i = 0; i < node->count; i++) {
        const struct lac_yaml_member *member = &node->members[i];
        if (object) {
            struct lac_str before = i > 0 ? member[-1].name : LAC_STR("");
            if (i > 0 && before.len == member->name.len &&
                memcmp(before.data, member->name.data, before.len) == 0) {
                abort(); /* a name is there twice */
            }
            write_event(tally,
                        &(struct lac_json_event){.kind = LAC_JSON_NAME, .text = member->name});
        }
        write_node(tally, member->value, depth + 1);
    }
    if (object || node->kind == LAC_JSON_ARRAY) {
        write_event(tally, &(struct lac_json_event){.kind = object ? LAC_JSON_OBJECT_END
                                                                   : LAC_JSON_ARRAY_END});
    }
}

static void read_again(struct lac_str text) {
    struct lac_buf scratch = {0};
    struct lac_json_reader reader = {.text = text, .scratch = &scratch};
    struct lac_json_event event = {.kind = LAC_JSON_NULL};
    struct lac_error err;
    while (event.kind != LAC_JSON_END) {
        if (!lac_json_next(&reader, &event, &err)) {
            abort();
        }
    }
    lac_buf_free(&scratch);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct lac_yaml yaml;
    struct lac_error err;
    if (lac_yaml_read((struct lac_str){(const char *)data, size}, &limits, &yaml, &err)) {
        struct lac_buf out = {0};
        struct lac_json_writer writer = {.out = &out};
        write_node(&(struct tally){.writer = &writer}, yaml.root, 0);
        read_again(lac_buf_view(&out));
        lac_buf_free(&out);
    } else if (err.message[0] == '\0' || (yaml.line > 0) != (yaml.column > 0)) {
        abort();
    }
    lac_yaml_free(&yaml);
    return 0;
}
