/* fuzz_http_answer.c — whatever comes over the Runtime API's socket. The first byte says whether
 * the connection was closed after it. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/http_answer.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds) {
    if (!holds) {
        abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct lac_http_answer answer;
    if (size == 0) {
        return 0;
    }
    size_t len = size - 1;
    char *bytes = malloc(len > 0 ? len : 1); /* of its very size: a read past its end is seen */
    if (bytes == NULL) {
        return 0;
    }
    memcpy(bytes, data + 1, len);
    enum lac_http_answer_state state =
        lac_http_answer_take(bytes, len, (data[0] & 1) != 0, &answer);
    if (state == LAC_HTTP_ANSWER_WHOLE) {
        require(answer.status >= 200 && answer.status <= 599);
        require(answer.body.data >= bytes && answer.body.data + answer.body.len <= bytes + len);
        struct lac_str value = lac_http_answer_header(&answer, "content-length");
        require(value.data == NULL || value.data + value.len <= bytes + len);
    }
    free(bytes);
    return 0;
}
