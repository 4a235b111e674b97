/* runtime_api_answer.c — what comes of a request that is whole: an answer, and news. */
#include <stdio.h>
#include <string.h>

#include "core/runtime_api_private.h"

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

void lac_runtime_end_request(struct lac_runtime_connection *connection) {
    connection->state = connection->keep_alive ? LAC_READS_HEAD : LAC_CLOSES;
}

void lac_runtime_accept(struct lac_runtime_connection *connection) {
    lac_runtime_connection_send(
        connection,
        LAC_STR("HTTP/1.1 202 Accepted\r\nContent-Type: application/json\r\n"
                "Content-Length: 16\r\n\r\n{\"status\":\"OK\"}\n"),
        LAC_STR(""));
}

void lac_runtime_refuse(struct lac_runtime_connection *connection, int status) {
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
    lac_runtime_connection_send(connection, (struct lac_str){head, (size_t)head_len},
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

/* The runtime asks for its next event: it waits, unless there is one. */
static void ask(struct lac_runtime_connection *connection) {
    struct lac_runtime_instance *instance = connection->instance;
    if (!instance->has_asked || (instance->at_hand && instance->event.len == 0)) {
        instance->asks = connection->api->some_stirred = true;
    }
    instance->has_asked = true;
    if (instance->event.len > 0) {
        lac_runtime_connection_send(connection, lac_buf_view(&instance->event), LAC_STR(""));
        lac_buf_free(&instance->event);
        lac_runtime_end_request(connection);
        return;
    }
    if (instance->waiting != NULL) {
        lac_runtime_connection_fail(instance->waiting); /* it asks elsewhere now */
    }
    instance->waiting = connection;
    connection->state = LAC_RESTS;
}

static void refuse_whole(struct lac_runtime_connection *connection, int status) {
    lac_runtime_refuse(connection, status);
    lac_runtime_end_request(connection);
}

/* Takes the event at hand for dealt with; refuses what is said of another. */
static bool end_event(struct lac_runtime_connection *connection) {
    struct lac_runtime_instance *instance = connection->instance;
    bool at_hand = instance->at_hand && connection->serial == instance->serial;
    if (at_hand) {
        instance->at_hand = false;
    } else {
        refuse_whole(connection, 400);
    }
    return at_hand;
}

static void answer_event(struct lac_runtime_connection *connection, struct lac_str body) {
    struct lac_runtime_instance *instance = connection->instance;
    if (!end_event(connection)) {
        return;
    }
    if (connection->too_large) {
        memcpy(instance->refused_id, instance->request_id, sizeof instance->refused_id);
        lac_runtime_refuse(connection, 413);
        tell(connection, LAC_RUNTIME_OVERSIZED, LAC_STR(""));
    } else {
        lac_runtime_accept(connection);
        tell(connection, LAC_RUNTIME_ANSWERS, body);
    }
}

static void give_error(struct lac_runtime_connection *connection, struct lac_str body) {
    if (end_event(connection)) {
        lac_runtime_accept(connection);
        tell(connection, LAC_RUNTIME_FAILS, connection->too_large ? LAC_STR("") : body);
    }
}

/* The runtime tells what is known already: that its answer was too large. */
static void excuse(struct lac_runtime_connection *connection) {
    connection->instance->refused_id[0] = '\0';
    lac_runtime_accept(connection);
    lac_runtime_end_request(connection);
}

static void give_init_error(struct lac_runtime_connection *connection, struct lac_str body) {
    if (connection->instance->has_asked) {
        refuse_whole(connection, 403);
        return;
    }
    lac_runtime_accept(connection);
    tell(connection, LAC_RUNTIME_CANNOT_START, connection->too_large ? LAC_STR("") : body);
}

static void end_stream(struct lac_runtime_connection *connection) {
    struct lac_runtime_instance *instance = connection->instance;
    lac_buf_free(&instance->trailers);
    instance->trailers = connection->chunks.trailers;
    connection->chunks.trailers = (struct lac_buf){0};
    instance->stream_state = LAC_RUNTIME_STREAM_END;
    lac_runtime_stir(connection);
    connection->state = LAC_RESTS;
}

void lac_runtime_act(struct lac_runtime_connection *connection, struct lac_str body) {
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
        refuse_whole(connection, connection->status);
        break;
    }
}
