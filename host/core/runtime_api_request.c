/* runtime_api_request.c — what a request's head asks for, and of which instance. */
#include <string.h>

#include "core/runtime_api_private.h"

#define API LAC_STR("/2018-06-01/runtime/")

static bool equals(struct lac_str a, struct lac_str b) {
    return a.len == b.len && memcmp(a.data, b.data, a.len) == 0;
}

static bool cut_prefix(struct lac_str *text, struct lac_str prefix) {
    bool fits = text->len >= prefix.len && memcmp(text->data, prefix.data, prefix.len) == 0;
    size_t len = fits ? prefix.len : 0;
    *text = (struct lac_str){text->data + len, text->len - len};
    return fits;
}

/* Cuts "/NAME/2018-06-01/runtime/" off the target, and finds the instance of that name. */
static bool find_instance(struct lac_runtime_connection *connection, struct lac_str *target) {
    struct lac_runtime_instance *known = connection->instance;
    if (!cut_prefix(target, LAC_STR("/"))) {
        return false;
    }
    const char *slash = target->len > 0 ? memchr(target->data, '/', target->len) : NULL;
    struct lac_str name = {target->data, slash == NULL ? 0 : (size_t)(slash - target->data)};
    if (known == NULL || !equals(lac_buf_view(&known->name), name)) {
        known = lac_runtime_find_name(connection->api, name);
    }
    connection->instance = known;
    *target = (struct lac_str){target->data + name.len, target->len - name.len};
    return known != NULL && cut_prefix(target, API);
}

static enum lac_runtime_call refusal(struct lac_runtime_connection *connection, int status) {
    connection->status = status;
    return LAC_CALL_REFUSED;
}

static bool is_streamed(const struct lac_http_head *head) {
    return equals(
        lac_http_head_value(head->lines, LAC_STR("lambda-runtime-function-response-mode")),
        LAC_STR("streaming"));
}

/* "invocation/ID/response", "invocation/ID/error" */
static enum lac_runtime_call call_of_event(struct lac_runtime_connection *connection,
                                           struct lac_str rest, const struct lac_http_head *head) {
    const struct lac_runtime_instance *instance = connection->instance;
    struct lac_str id = {instance->request_id, strlen(instance->request_id)};
    struct lac_str refused_id = {instance->refused_id, strlen(instance->refused_id)};
    const char *slash = rest.len > 0 ? memchr(rest.data, '/', rest.len) : NULL;
    if (slash == NULL) {
        return refusal(connection, 404);
    }
    struct lac_str given = {rest.data, (size_t)(slash - rest.data)};
    struct lac_str verb = {slash + 1, rest.len - given.len - 1};
    bool responds = equals(verb, LAC_STR("response"));
    if (!responds && !equals(verb, LAC_STR("error"))) {
        return refusal(connection, 404);
    }
    if (!responds && given.len > 0 && equals(given, refused_id)) {
        return LAC_CALL_EXCUSE;
    }
    if (given.len == 0 || !equals(given, id)) {
        return refusal(connection, 400);
    }
    connection->serial = instance->serial;
    if (!responds) {
        return LAC_CALL_ERROR;
    }
    if (!is_streamed(head)) {
        return LAC_CALL_RESPONSE;
    }
    return instance->at_hand && instance->streaming == NULL ? LAC_CALL_STREAM
                                                            : refusal(connection, 400);
}

static enum lac_runtime_call call_of(struct lac_runtime_connection *connection,
                                     const struct lac_http_head *head) {
    struct lac_str rest = head->target;
    bool gets = equals(head->method, LAC_STR("GET"));
    if (!find_instance(connection, &rest)) {
        return refusal(connection, 404);
    }
    if (gets && equals(rest, LAC_STR("invocation/next"))) {
        return LAC_CALL_NEXT;
    }
    if (!equals(head->method, LAC_STR("POST"))) {
        return refusal(connection, 405);
    }
    if (equals(rest, LAC_STR("init/error"))) {
        return LAC_CALL_INIT_ERROR;
    }
    return cut_prefix(&rest, LAC_STR("invocation/")) ? call_of_event(connection, rest, head)
                                                     : refusal(connection, 404);
}

/* Copies a header's value, as far as it fits; "" when there is none. */
static void keep_value(const struct lac_http_head *head, struct lac_str name, char out[256]) {
    struct lac_str value = lac_http_head_value(head->lines, name);
    size_t len = value.len < 255 ? value.len : 255;
    memcpy(out, len > 0 ? value.data : "", len);
    out[len] = '\0';
}

static void begin_stream(struct lac_runtime_connection *connection,
                         const struct lac_http_head *head) {
    struct lac_runtime_instance *instance = connection->instance;
    keep_value(head, LAC_STR("content-type"), instance->content_type);
    lac_buf_free(&instance->stream);
    instance->streaming = connection;
    instance->stream_state = LAC_RUNTIME_STREAM_MORE;
    lac_runtime_stir(connection);
}

void lac_runtime_request_begin(struct lac_runtime_connection *connection,
                               const struct lac_http_head *head) {
    connection->keep_alive = head->keep_alive;
    connection->chunked = head->chunked;
    connection->left = head->length;
    connection->too_large = false;
    connection->call = call_of(connection, head);
    connection->error_type[0] = '\0';
    if (connection->call == LAC_CALL_ERROR || connection->call == LAC_CALL_INIT_ERROR) {
        keep_value(head, LAC_STR("lambda-runtime-function-error-type"), connection->error_type);
    } else if (connection->call == LAC_CALL_STREAM) {
        begin_stream(connection, head);
    }
}
