/* fuzz_aws_error.c — any bytes as a refusal's body, as a header line and as an XML answer: what
 * comes out is safe to show. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/aws_error.h"
#include "core/xml_scan.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_shown(const char *text) {
    for (; *text != '\0'; text++) {
        if ((unsigned char)*text < 0x20 || *text == 0x7f) {
            abort();
        }
    }
}

static void walk(struct lac_str text) {
    struct lac_str rest = text, inner;
    while (lac_xml_scan_next(&rest, "Contents", &inner)) {
        if (inner.data < text.data || inner.data + inner.len > text.data + text.len) {
            abort();
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct lac_str text = {(const char *)data, size};
    struct lac_http_response response = {.status = 400};
    struct lac_error err;
    char request_id[LAC_AWS_REQUEST_ID_SIZE];
    lac_buf_add(&response.body, text);
    lac_headers_add_line(&response.headers, text, &err);
    lac_aws_error(&response, &err, request_id);
    if (err.kind != LAC_ERR_SERVICE || err.message[0] == '\0') {
        abort();
    }
    check_shown(err.code);
    check_shown(err.message);
    check_shown(request_id);
    lac_aws_is_error_body(text);
    walk(text);
    lac_http_response_free(&response);
    return 0;
}
