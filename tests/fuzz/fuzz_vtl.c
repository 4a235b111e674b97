/* fuzz_vtl.c — whatever the template, the body and the path, there is an answer within the bounds.
 * The input is cut at its first two NULs: a template, a body, a JSONPath. What is rendered twice is
 * the same twice. */
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

static bool render(const struct lac_vtl_template *template, struct lac_str body,
                   struct lac_str path, struct lac_buf *out) {
    struct lac_vtl_run run;
    struct lac_error err;
    if (!lac_vtl_start(&run, template, &err)) {
        return false;
    }
    run.body = body;
    run.steps_most = STEPS;
    run.output_most = OUTPUT;
    lac_vtl_map_put(&run.arena, run.context, lac_vtl_string(LAC_STR("p")), lac_vtl_string(path));
    lac_vtl_map_put(&run.arena, run.querystring, lac_vtl_string(LAC_STR("q")),
                    lac_vtl_string(LAC_STR("v")));
    bool ok = lac_vtl_render(&run, out, &err);
    if (!ok && err.message[0] == '\0') {
        abort();
    }
    if (out->len > OUTPUT) {
        abort();
    }
    lac_vtl_finish(&run);
    return ok;
}

static void render_twice(struct lac_str text, struct lac_str body, struct lac_str path) {
    struct lac_error err;
    struct lac_buf first = {0}, second = {0};
    struct lac_vtl_template *template = lac_vtl_compile(text, &err);
    if (template == NULL) {
        return;
    }
    bool ok = render(template, body, path, &first);
    if (render(template, body, path, &second) != ok || first.len != second.len ||
        (first.len > 0 && memcmp(first.data, second.data, first.len) != 0)) {
        abort();
    }
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
