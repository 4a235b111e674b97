/* fuzz_vtl.c — whatever the template, the body and the path, there is an answer within the bounds.
 * The input is cut at its first two NULs: a template, a body, a JSONPath. What is rendered twice is
 * the same twice, once with all of $context and in fresh memory, once with no more of it than the
 * template wants and in memory that was used. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/vtl.h"

#define STEPS 20000
#define OUTPUT 100000

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct lac_str cut(struct lac_str *rest) {
    const char *nul = rest->len == 0 ? NULL : memchr(rest->data, '\0', rest->len);
    struct lac_str part = *rest;
    if (nul != NULL) {
        part.len = (size_t)(nul - rest->data);
    }
    size_t taken = nul == NULL ? part.len : part.len + 1;
    *rest = (struct lac_str){rest->data + taken, rest->len - taken};
    return part;
}

static const char context_json[] =
    "{\"stage\":\"api\",\"m\":{\"a\":{\"b\":1,\"c\":[1,{\"d\":2}]},\"b\":\"x\"},\"l\":[{\"a\":3}]}";

/* Fills `to` with what is wanted of `from`; NULL: all. */
static void fill(struct lac_arena *arena, const struct lac_vtl_map *from,
                 const struct lac_vtl_map *wanted, struct lac_vtl_map *to) {
    for (uint32_t i = 0; i < from->count; i++) {
        const struct lac_vtl_entry *entry = &from->entries[i];
        const struct lac_vtl_entry *want =
            wanted == NULL ? NULL : lac_vtl_map_find(wanted, &entry->key);
        if (wanted != NULL && want == NULL) {
            continue;
        }
        struct lac_vtl_value value = entry->value;
        if (value.kind == LAC_VTL_MAP) {
            bool in_parts = want != NULL && want->value.kind == LAC_VTL_MAP;
            struct lac_vtl_map *copy = lac_vtl_new_map(arena, LAC_VTL_PLAIN);
            fill(arena, value.map, in_parts ? want->value.map : NULL, copy);
            value = lac_vtl_of_map(copy);
        }
        lac_vtl_map_put(arena, to, entry->key, value);
    }
}

static void fill_run(struct lac_vtl_run *run, const struct lac_vtl_template *template,
                     struct lac_str path, bool is_whole) {
    struct lac_error err;
    struct lac_vtl_value values;
    if (!lac_vtl_from_json(&run->arena, LAC_STR(context_json), &values, &err)) {
        abort();
    }
    lac_vtl_map_put(&run->arena, values.map, lac_vtl_string(LAC_STR("p")), lac_vtl_string(path));
    fill(&run->arena, values.map, is_whole ? NULL : lac_vtl_wanted(template, LAC_VTL_CONTEXT),
         run->context);
    lac_vtl_map_put(&run->arena, run->querystring, lac_vtl_string(LAC_STR("q")),
                    lac_vtl_string(LAC_STR("v")));
}

static bool render(struct lac_vtl_run *run, const struct lac_vtl_template *template,
                   struct lac_str body, struct lac_str path, bool is_whole, struct lac_buf *out) {
    struct lac_error err;
    if (!lac_vtl_start(run, template, &err)) {
        return false;
    }
    run->body = body;
    run->steps_most = STEPS;
    run->output_most = OUTPUT;
    fill_run(run, template, path, is_whole);
    bool ok = lac_vtl_render(run, out, &err);
    if (!ok && err.message[0] == '\0') {
        abort();
    }
    if (out->len > OUTPUT) {
        abort();
    }
    lac_vtl_rest(run);
    return ok;
}

static void render_twice(struct lac_str text, struct lac_str body, struct lac_str path) {
    struct lac_error err;
    struct lac_vtl_run run = {0};
    struct lac_buf first = {0}, second = {0};
    struct lac_vtl_template *template = lac_vtl_compile(text, &err);
    if (template == NULL) {
        return;
    }
    bool ok = render(&run, template, body, path, true, &first);
    if (render(&run, template, body, path, false, &second) != ok || first.len != second.len ||
        (first.len > 0 && memcmp(first.data, second.data, first.len) != 0)) {
        abort();
    }
    lac_vtl_finish(&run);
    lac_buf_free(&first);
    lac_buf_free(&second);
    lac_vtl_template_free(template);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct lac_str rest = {(const char *)data, size};
    struct lac_str text = cut(&rest), body = cut(&rest), path = cut(&rest);
    render_twice(text, body, path);
    render_twice(LAC_STR("$input.json($context.p) $input.path($context.p) "
                         "#foreach($i in $input.path($context.p))$i.a $i #end"),
                 body, path);
    return 0;
}
