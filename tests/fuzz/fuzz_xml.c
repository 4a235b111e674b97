/* fuzz_xml.c — any bytes as XML; and any bytes, escaped, as the text of an element. */
#include <stdint.h>
#include <stdlib.h>

#include "core/xml.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool on_start(void *depth, struct lac_str name) {
    (void)name;
    ++*(size_t *)depth;
    return true;
}

static bool on_attribute(void *depth, struct lac_str name, struct lac_str value) {
    (void)depth, (void)name, (void)value;
    return true;
}

static bool on_text(void *depth, struct lac_str text) {
    (void)text;
    if (*(size_t *)depth == 0) {
        abort(); /* text outside the root */
    }
    return true;
}

static bool on_end(void *depth) {
    if ((*(size_t *)depth)-- == 0) {
        abort();
    }
    return true;
}

static bool parse(struct lac_str text) {
    size_t depth = 0;
    const struct lac_xml_limits limits = {.max_nodes = 10000};
    const struct lac_xml_visitor visitor = {on_start, on_attribute, on_text, on_end, &depth};
    struct lac_error err;
    bool ok = lac_xml_parse(text, &limits, &visitor, &err);
    if (ok && depth != 0) {
        abort(); /* an element was left open */
    }
    return ok;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct lac_str text = {(const char *)data, size};
    parse(text);

    struct lac_buf document = {0};
    lac_buf_add(&document, LAC_STR("<t a=\""));
    lac_xml_escape(text, &document);
    lac_buf_add(&document, LAC_STR("\">"));
    lac_xml_escape(text, &document);
    lac_buf_add(&document, LAC_STR("</t>"));
    if (!parse(lac_buf_view(&document))) {
        abort(); /* what is escaped is always XML */
    }
    lac_buf_free(&document);
    return 0;
}
