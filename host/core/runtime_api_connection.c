/* runtime_api_connection.c — one connection of a runtime: requests in, answers out. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>

#include "core/runtime_api_private.h"

#define API LAC_STR("/2018-06-01/runtime/")
#define PIECE ((size_t)16 * 1024 - 1) /* read at once: with a NUL, what a buffer holds */

/* ---- bytes ------------------------------------------------------------------------------------
 */

/* The connection is to be dropped, once nobody looks at it any more: see some_failed. */
static void fail(struct lac_runtime_connection *connection) {
    connection->socket.failed = connection->api->some_failed = true;
}

static void note_failure(struct lac_runtime_connection *connection) {
    connection->api->some_failed = connection->api->some_failed || connection->socket.failed;
}

static bool has_unsent(const struct lac_runtime_connection *connection) {
    return lac_http_socket_unsent(&connection->socket) > 0;
}

/* Whether nothing is to be read now. */
static bool must_wait(const struct lac_runtime_connection *connection) {
    const struct lac_runtime_instance *instance = connection->instance;
    return has_unsent(connection) ||
           (connection->call == LAC_CALL_STREAM &&
            (connection->state == LAC_RESTS ||
             (connection->state == LAC_READS_BODY && instance->stream.len > LAC_RUNTIME_UNREAD)));
}

/* Keeps epoll to what may be done now. */
static void look_for(struct lac_runtime_connection *connection) {
    lac_http_socket_look_for(&connection->socket,
                             (has_unsent(connection) ? EPOLLOUT : 0U) |
                                 (must_wait(connection) ? 0U : (uint32_t)EPOLLIN));
    note_failure(connection);
}

static void send_parts(struct lac_runtime_connection *connection, struct lac_str head,
                       struct lac_str body) {
    const struct lac_str parts[] = {head, body};
    lac_http_socket_send(&connection->socket, parts, body.len > 0 ? 2 : 1);
    note_failure(connection);
}

/* ---- answers ----------------------------------------------------------------------------------
 */

static const struct refusal {
    int status;
    const char *reason, *kind, *message;
} refusals[] = {
    {400, "Bad Request", "InvalidRequestID", "Invalid request ID"},
    {403, "Forbidden", "InvalidStateTransition", "Initialisation is over"},
    {404, "Not Found", "NotFound", "There is no such path in the Runtime API"},
    {405, "Method Not Allowed", "MethodNotAllowed", "Method not allowed"},
    {413, "Content Too Large", "RequestEntityTooLarge", "Exceeded maximum allowed payload size"},
};

/* The request at hand is over; another may follow on the connection. */
static void end_request(struct lac_runtime_connection *connection) {
    connection->state = connection->keep_alive ? LAC_READS_HEAD : LAC_CLOSES;
}

static void accept_request(struct lac_runtime_connection *connection) {
    send_parts(connection,
               LAC_STR("HTTP/1.1 202 Accepted\r\nContent-Type: application/json\r\n"
                       "Content-Length: 16\r\n\r\n{\"status\":\"OK\"}\n"),
               LAC_STR(""));
}

static void refuse(struct lac_runtime_connection *connection, int status) {
    const struct refusal *refusal = refusals;
    while (refusal->status != status) {
        refusal++;
    }
    char body[256], head[512];
    int body_len = snprintf(body, sizeof body, "{\"errorType\":\"%s\",\"errorMessage\":\"%s\"}",
                            refusal->kind, refusal->message);
    int head_len = snprintf(head, sizeof head,
                            "HTTP/1.1 %d %s\r\nContent-Type: application/json\r\n"
                            "Content-Length: %d\r\n\r\n",
                            status, refusal->reason, body_len);
    send_parts(connection, (struct lac_str){head, (size_t)head_len},
               (struct lac_str){body, (size_t)body_len});
}

static void tell(struct lac_runtime_connection *connection, enum lac_runtime_news_kind kind,
                 struct lac_str body) {
    struct lac_runtime_api *api = connection->api;
    size_t type_len = strlen(connection->error_type);
    connection->news = (struct lac_runtime_news){
        .id = connection->instance->id,
        .kind = kind,
        .body = body,
        .error_type = {type_len > 0 ? connection->error_type : NULL, type_len},
    };
    connection->state = LAC_TELLS;
    connection->next_news = NULL;
    if (api->first == NULL) {
        api->first = connection;
    } else {
        api->last->next_news = connection;
    }
    api->last = connection;
}

/* ---- requests ---------------------------------------------------------------------------------
 */

/* The runtime asks for its next event: it waits, unless there is one. */
static void ask(struct lac_runtime_connection *connection) {
    struct lac_runtime_instance *instance = connection->instance;
    if (!instance->has_asked || (instance->at_hand && instance->event.len == 0)) {
        instance->asks = connection->api->some_stirred = true;
    }
    instance->has_asked = true;
    if (instance->event.len > 0) {
        send_parts(connection, lac_buf_view(&instance->event), LAC_STR(""));
        lac_buf_free(&instance->event);
        end_request(connection);
        return;
    }
    if (instance->waiting != NULL) {
        fail(instance->waiting); /* it asks elsewhere now */
    }
    instance->waiting = connection;
    connection->state = LAC_RESTS;
}

static void answer_event(struct lac_runtime_connection *connection, struct lac_str body) {
    struct lac_runtime_instance *instance = connection->instance;
    if (!instance->at_hand || connection->serial != instance->serial) {
        refuse(connection, 400);
        end_request(connection);
        return;
    }
    instance->at_hand = false;
    if (connection->too_large) {
        memcpy(instance->refused_id, instance->request_id, sizeof instance->refused_id);
        refuse(connection, 413);
        tell(connection, LAC_RUNTIME_OVERSIZED, LAC_STR(""));
    } else {
        accept_request(connection);
        tell(connection, LAC_RUNTIME_ANSWERS, body);
    }
}

static void give_error(struct lac_runtime_connection *connection, struct lac_str body) {
    struct lac_runtime_instance *instance = connection->instance;
    if (!instance->at_hand || connection->serial != instance->serial) {
        refuse(connection, 400);
        end_request(connection);
        return;
    }
    instance->at_hand = false;
    accept_request(connection);
    tell(connection, LAC_RUNTIME_FAILS, connection->too_large ? LAC_STR("") : body);
}

/* The runtime tells what is known already: that its answer was too large. */
static void excuse(struct lac_runtime_connection *connection) {
    connection->instance->refused_id[0] = '\0';
    accept_request(connection);
    end_request(connection);
}

static void give_init_error(struct lac_runtime_connection *connection, struct lac_str body) {
    if (connection->instance->has_asked) {
        refuse(connection, 403);
        end_request(connection);
        return;
    }
    accept_request(connection);
    tell(connection, LAC_RUNTIME_CANNOT_START, connection->too_large ? LAC_STR("") : body);
}

static void stir_stream(struct lac_runtime_instance *instance, struct lac_runtime_api *api) {
    instance->streams = api->some_stirred = true;
}

static void end_stream(struct lac_runtime_connection *connection) {
    struct lac_runtime_instance *instance = connection->instance;
    lac_buf_free(&instance->trailers);
    instance->trailers = connection->chunks.trailers;
    connection->chunks.trailers = (struct lac_buf){0};
    instance->stream_state = LAC_RUNTIME_STREAM_END;
    stir_stream(instance, connection->api);
    connection->state = LAC_RESTS;
}

/* The request is whole. */
static void act(struct lac_runtime_connection *connection, struct lac_str body) {
    switch (connection->call) {
    case LAC_CALL_NEXT:
        ask(connection);
        break;
    case LAC_CALL_RESPONSE:
        answer_event(connection, body);
        break;
    case LAC_CALL_ERROR:
        give_error(connection, body);
        break;
    case LAC_CALL_EXCUSE:
        excuse(connection);
        break;
    case LAC_CALL_INIT_ERROR:
        give_init_error(connection, body);
        break;
    case LAC_CALL_STREAM:
        end_stream(connection);
        break;
    case LAC_CALL_REFUSED:
        refuse(connection, connection->status);
        end_request(connection);
        break;
    }
}

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
    stir_stream(instance, connection->api);
}

/* Most requests are here whole, and are looked at where they lie. */
static void begin(struct lac_runtime_connection *connection, const struct lac_http_head *head) {
    connection->keep_alive = head->keep_alive;
    connection->chunked = head->chunked;
    connection->left = head->length;
    connection->too_large = false;
    connection->body.len = 0;
    lac_http_chunks_free(&connection->chunks);
    connection->call = call_of(connection, head);
    connection->error_type[0] = '\0';
    if (connection->call == LAC_CALL_ERROR || connection->call == LAC_CALL_INIT_ERROR) {
        keep_value(head, LAC_STR("lambda-runtime-function-error-type"), connection->error_type);
    }
    connection->socket.taken += head->len;
    struct lac_str rest = lac_http_socket_rest(&connection->socket);
    connection->state = LAC_READS_BODY;
    if (connection->call == LAC_CALL_STREAM) {
        begin_stream(connection, head);
    } else if (!head->chunked && rest.len >= head->length) {
        connection->socket.taken += head->length;
        connection->too_large = head->length > connection->api->max_payload;
        act(connection, (struct lac_str){rest.data, head->length});
    }
    if (head->expects && rest.len == 0 && connection->state == LAC_READS_BODY) {
        send_parts(connection, LAC_STR("HTTP/1.1 100 Continue\r\n\r\n"), LAC_STR(""));
    }
}

static bool take_head(struct lac_runtime_connection *connection) {
    struct lac_http_head head;
    struct lac_str rest = lac_http_socket_rest(&connection->socket);
    enum lac_http_head_state state =
        rest.len > 0 ? lac_http_head_take(rest, &head) : LAC_HTTP_HEAD_PARTIAL;
    if (state == LAC_HTTP_HEAD_WHOLE) {
        begin(connection, &head);
    } else if (state == LAC_HTTP_HEAD_BROKEN) {
        refuse(connection, 400);
        fail(connection);
    }
    return state == LAC_HTTP_HEAD_WHOLE;
}

/* Moves what has come of a body to where it is gathered. */
static bool take_bytes(struct lac_runtime_connection *connection, struct lac_buf *out) {
    struct lac_str rest = lac_http_socket_rest(&connection->socket);
    size_t before = rest.len;
    bool ok = true;
    if (connection->chunked) {
        ok = lac_http_chunks_take(&connection->chunks, &rest, out);
    } else {
        size_t len = rest.len < connection->left ? rest.len : connection->left;
        lac_buf_add(out, (struct lac_str){rest.data, len});
        connection->left -= len;
        rest.len -= len;
    }
    connection->socket.taken += before - rest.len;
    return ok && !out->failed;
}

/* False when more has to come first. */
static bool take_body(struct lac_runtime_connection *connection) {
    bool streams = connection->call == LAC_CALL_STREAM;
    struct lac_buf *out = streams ? &connection->instance->stream : &connection->body;
    size_t before = out->len;
    if (!take_bytes(connection, out)) {
        refuse(connection, 400);
        fail(connection);
        return false;
    }
    if (streams && out->len > before) {
        stir_stream(connection->instance, connection->api);
    } else if (!streams && (connection->call == LAC_CALL_REFUSED || connection->too_large ||
                            out->len > connection->api->max_payload)) {
        connection->too_large = true;
        lac_buf_free(out);
    }
    bool whole = connection->chunked ? connection->chunks.whole : connection->left == 0;
    if (whole) {
        act(connection, lac_buf_view(out));
    }
    return whole;
}

/* Takes one request after the other, as far as they have come. */
static void take_requests(struct lac_runtime_connection *connection) {
    bool goes_on = true;
    while (goes_on && !connection->socket.failed && !has_unsent(connection)) {
        goes_on = connection->state == LAC_READS_HEAD   ? take_head(connection)
                  : connection->state == LAC_READS_BODY ? take_body(connection)
                                                        : false;
    }
    bool talks_on = lac_http_socket_rest(&connection->socket).len > 2 * LAC_HTTP_HEAD_MAX;
    if (talks_on || (connection->state == LAC_CLOSES && !has_unsent(connection))) {
        fail(connection);
    }
    look_for(connection);
}

void lac_runtime_connection_turn(struct lac_runtime_connection *connection, uint32_t ready) {
    if (connection->socket.failed || connection->state == LAC_TELLS) {
        return;
    }
    if ((ready & EPOLLOUT) != 0) {
        lac_http_socket_flush(&connection->socket);
    }
    if ((ready & EPOLLIN) != 0 && !must_wait(connection)) {
        lac_http_socket_receive(&connection->socket, PIECE);
    } else if ((ready & (EPOLLERR | EPOLLHUP)) != 0) {
        fail(connection);
    }
    note_failure(connection);
    take_requests(connection);
}

void lac_runtime_connection_resume(struct lac_runtime_connection *connection) {
    if (connection->state == LAC_TELLS) {
        if (connection->body.cap > LAC_RUNTIME_KEPT) {
            lac_buf_free(&connection->body);
        }
        end_request(connection);
    }
    take_requests(connection);
}

bool lac_runtime_connection_give(struct lac_runtime_connection *connection, struct lac_str head,
                                 struct lac_str payload) {
    connection->instance->waiting = NULL;
    send_parts(connection, head, payload);
    bool sent = !connection->socket.failed;
    end_request(connection);
    take_requests(connection);
    return sent;
}

void lac_runtime_connection_finish(struct lac_runtime_connection *connection, bool fits) {
    connection->instance->streaming = NULL;
    if (connection->state == LAC_RESTS) {
        if (fits) {
            accept_request(connection);
        } else {
            refuse(connection, 413);
        }
        end_request(connection);
    } else {
        connection->call = refusal(connection, 413); /* once its rest is skipped */
    }
    take_requests(connection);
}

bool lac_runtime_connection_open(struct lac_runtime_api *api, int fd) {
    struct lac_runtime_connection *connection = calloc(1, sizeof *connection);
    if (connection == NULL || !lac_http_socket_open(&connection->socket, fd, api->fd, connection)) {
        free(connection);
        return false;
    }
    connection->api = api;
    connection->next = api->connections;
    api->connections = connection;
    api->connection_count++;
    return true;
}

void lac_runtime_connection_free(struct lac_runtime_connection *connection) {
    struct lac_runtime_instance *instance = connection->instance;
    if (instance != NULL && instance->waiting == connection) {
        instance->waiting = NULL;
    }
    if (instance != NULL && instance->streaming == connection) {
        instance->streaming = NULL;
        if (instance->stream_state == LAC_RUNTIME_STREAM_MORE) {
            instance->stream_state = LAC_RUNTIME_STREAM_GONE;
            stir_stream(instance, connection->api);
        }
    }
    lac_http_socket_close(&connection->socket);
    lac_buf_free(&connection->body);
    lac_http_chunks_free(&connection->chunks);
    free(connection);
}
