#include "core/aws_error.h"

#include <stdio.h>
#include <string.h>

#include "core/json.h"
#include "core/json_text.h"
#include "core/xml_scan.h"

/* The three facts, found where they may be; the first find of each stays. */
struct findings {
    struct lac_buf code, message, request_id;
};

static void find(struct lac_buf *out, struct lac_str text) {
    if (out->len == 0) {
        lac_buf_add(out, text);
    }
}

static bool same(struct lac_str text, const char *word) {
    return text.len == strlen(word) && memcmp(text.data, word, text.len) == 0;
}

/* "com.amazonaws.sqs#Name:http://…" and "Name;Sender" are Name. */
static struct lac_str bare_code(struct lac_str text) {
    for (size_t i = 0; i < text.len; i++) {
        if (text.data[i] == '#') {
            return bare_code((struct lac_str){text.data + i + 1, text.len - i - 1});
        }
        if (text.data[i] == ':' || text.data[i] == ';') {
            text.len = i;
        }
    }
    return text;
}

static void look_in_headers(const struct lac_headers *headers, struct findings *found) {
    find(&found->code, bare_code(lac_headers_get(headers, LAC_STR("x-amzn-query-error"))));
    find(&found->code, bare_code(lac_headers_get(headers, LAC_STR("x-amzn-errortype"))));
    find(&found->request_id, lac_headers_get(headers, LAC_STR("x-amzn-requestid")));
    find(&found->request_id, lac_headers_get(headers, LAC_STR("x-amz-request-id")));
}

static void look_in_json(struct lac_str body, struct findings *found) {
    struct lac_buf scratch = {0}, name = {0};
    struct lac_json_reader reader = {.text = body, .scratch = &scratch, .max_depth = 64};
    struct lac_json_event event;
    struct lac_error ignored;
    while (lac_json_next(&reader, &event, &ignored) && event.kind != LAC_JSON_END) {
        if (event.kind == LAC_JSON_NAME) {
            name.len = 0;
            lac_buf_add(&name, reader.depth == 1 ? event.text : LAC_STR(""));
        } else if (event.kind == LAC_JSON_STRING && reader.depth == 1) {
            struct lac_str key = lac_buf_view(&name);
            if (same(key, "__type") || same(key, "code") || same(key, "Code")) {
                find(&found->code, bare_code(event.text));
            } else if (same(key, "message") || same(key, "Message")) {
                find(&found->message, event.text);
            }
        }
    }
    lac_buf_free(&scratch);
    lac_buf_free(&name);
}

static const char *search(struct lac_str text, const char *part) {
    size_t len = strlen(part);
    for (size_t i = 0; i + len <= text.len; i++) {
        if (memcmp(text.data + i, part, len) == 0) {
            return text.data + i;
        }
    }
    return NULL;
}

/* Errors are flat and small, and may be cut or wrong in any other way: what is found is taken. */
static void find_element(struct lac_str body, const char *name, struct lac_buf *out) {
    if (out->len == 0) {
        lac_xml_scan_text(body, name, out);
    }
}

static void look_in_xml(struct lac_str body, struct findings *found) {
    find_element(body, "Code", &found->code);
    find_element(body, "Message", &found->message);
    find_element(body, "RequestId", &found->request_id);
    find_element(body, "RequestID", &found->request_id); /* EC2's */
}

static struct lac_str skip_space(struct lac_str text) {
    while (text.len > 0 && strchr(" \t\r\n", *text.data) != NULL && *text.data != '\0') {
        text.data++;
        text.len--;
    }
    return text;
}

/* Copies what may be shown: no control characters, only whole characters, and nothing from where a
 * signature error begins to quote the request, whose headers hold the session token. */
static void copy_text(char *out, size_t size, struct lac_str text) {
    static const char *const quotes[] = {"The Canonical String", "The String-to-Sign",
                                         "X-Amz-Signature", "x-amz-security-token",
                                         "X-Amz-Security-Token"};
    for (size_t i = 0; i < sizeof quotes / sizeof *quotes; i++) {
        const char *at = search(text, quotes[i]);
        text.len = at != NULL ? (size_t)(at - text.data) : text.len;
    }
    const char *end = text.data + text.len;
    size_t used = 0;
    while (text.data < end) {
        unsigned char byte = (unsigned char)*text.data;
        int len = byte < 0x80 ? 1 : lac_utf8_length(text.data, end);
        bool shown = len > 1 || (len == 1 && byte >= 0x20 && byte != 0x7f);
        if (used + (size_t)(len > 0 ? len : 1) >= size) {
            break;
        }
        memcpy(out + used, shown ? text.data : " ", shown ? (size_t)len : 1);
        used += shown ? (size_t)len : 1;
        text.data += len > 0 ? len : 1;
    }
    while (used > 0 && out[used - 1] == ' ') {
        used--;
    }
    out[used] = '\0';
}

void lac_aws_error(const struct lac_http_response *response, struct lac_error *err,
                   char request_id[LAC_AWS_REQUEST_ID_SIZE]) {
    struct findings found = {0};
    struct lac_str body = skip_space(lac_buf_view(&response->body));
    look_in_headers(&response->headers, &found);
    if (body.len > LAC_AWS_MAX_ERROR_BODY) {
        body.len = 0;
    }
    if (body.len > 0 && *body.data == '<') {
        look_in_xml(body, &found);
    } else if (body.len > 0 && *body.data == '{') {
        look_in_json(body, &found);
    }
    *err = (struct lac_error){.kind = LAC_ERR_SERVICE, .status = response->status};
    copy_text(err->code, sizeof err->code, lac_buf_view(&found.code));
    copy_text(err->message, sizeof err->message, lac_buf_view(&found.message));
    copy_text(request_id, LAC_AWS_REQUEST_ID_SIZE, lac_buf_view(&found.request_id));
    if (err->message[0] == '\0') {
        snprintf(err->message, sizeof err->message, "the service answered %d%s%s", response->status,
                 err->code[0] != '\0' ? " " : "", err->code);
    }
    lac_buf_free(&found.code);
    lac_buf_free(&found.message);
    lac_buf_free(&found.request_id);
}

bool lac_aws_is_error_body(struct lac_str body) {
    struct lac_str text = skip_space(body);
    if (text.len > 0 && search((struct lac_str){text.data, text.len < 5 ? text.len : 5}, "<?xml")) {
        const char *end = search(text, "?>");
        text.len = end != NULL ? text.len - (size_t)(end + 2 - text.data) : 0;
        text = skip_space((struct lac_str){end != NULL ? end + 2 : text.data, text.len});
    }
    return text.len >= 6 && memcmp(text.data, "<Error", 6) == 0;
}
