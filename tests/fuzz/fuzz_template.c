/* fuzz_template.c — whatever the template, it is marshalled to JSON that says the same, and checked
 * without harm. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/template.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* False when the text is not JSON, or not for a template. */
static bool build(struct lac_str text, struct lac_template_builder *builder) {
    struct lac_buf scratch = {0};
    struct lac_json_reader reader = {.text = text, .scratch = &scratch};
    struct lac_json_event event = {.kind = LAC_JSON_NULL};
    struct lac_error err;
    bool ok = true;
    while (ok && event.kind != LAC_JSON_END) {
        ok = lac_json_next(&reader, &event, &err) && lac_template_take(builder, &event, &err);
    }
    lac_buf_free(&scratch);
    return ok;
}

static void ignore_name(void *context, struct lac_str name) {
    (void)context;
    (void)name;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct lac_template_builder first = {0}, second = {0};
    struct lac_problems problems = {0};
    struct lac_buf text = {0}, again = {0};
    struct lac_error err;
    if (build((struct lac_str){(const char *)data, size}, &first)) {
        if (!lac_template_marshal(first.root, &text, &err) ||
            !build(lac_buf_view(&text), &second) ||
            !lac_template_marshal(second.root, &again, &err) || text.len != again.len ||
            memcmp(text.data, again.data, text.len) != 0) {
            abort();
        }
        if (!lac_template_check(first.root, text.len, &problems, &err)) {
            abort();
        }
        lac_template_references(first.root, ignore_name, NULL);
    }
    lac_template_free(&first);
    lac_template_free(&second);
    lac_problems_free(&problems);
    lac_buf_free(&text);
    lac_buf_free(&again);
    return 0;
}
