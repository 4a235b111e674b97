#define _GNU_SOURCE /* accept4 */
#include "core/runtime_api.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/runtime_api_private.h"

#define MAX_CONNECTIONS 1024
#define EVENTS 64 /* taken from epoll at once */

/* ---- opening and closing ----------------------------------------------------------------------
 */

static bool open_listener(struct lac_runtime_api *api) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof address;
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = NULL};
    api->fd = epoll_create1(EPOLL_CLOEXEC);
    api->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    bool ok = api->fd >= 0 && api->listener >= 0 &&
              bind(api->listener, (struct sockaddr *)&address, len) == 0 &&
              listen(api->listener, SOMAXCONN) == 0 &&
              getsockname(api->listener, (struct sockaddr *)&address, &len) == 0 &&
              epoll_ctl(api->fd, EPOLL_CTL_ADD, api->listener, &event) == 0;
    api->port = ntohs(address.sin_port);
    return ok;
}

bool lac_runtime_api_listen(size_t max_payload, struct lac_runtime_api **out,
                            struct lac_error *err) {
    struct lac_runtime_api *api = calloc(1, sizeof *api);
    if (api == NULL) {
        return lac_fail(err, LAC_ERR_MEMORY, "out of memory for a Runtime API");
    }
    api->fd = api->listener = -1;
    api->max_payload = max_payload;
    if (!open_listener(api)) {
        lac_fail_errno(err, errno, "cannot serve a Runtime API");
        lac_runtime_api_close(api);
        return false;
    }
    *out = api;
    return true;
}

uint16_t lac_runtime_api_port(const struct lac_runtime_api *api) {
    return api->port;
}

int lac_runtime_api_fd(const struct lac_runtime_api *api) {
    return api->fd;
}

static void free_instance(struct lac_runtime_instance *instance) {
    lac_buf_free(&instance->name);
    lac_buf_free(&instance->event);
    lac_buf_free(&instance->stream);
    lac_buf_free(&instance->handed_out);
    lac_buf_free(&instance->trailers);
    free(instance);
}

void lac_runtime_api_close(struct lac_runtime_api *api) {
    if (api == NULL) {
        return;
    }
    while (api->connections != NULL) {
        struct lac_runtime_connection *connection = api->connections;
        api->connections = connection->next;
        lac_runtime_connection_free(connection);
    }
    while (api->instances != NULL) {
        struct lac_runtime_instance *instance = api->instances;
        api->instances = instance->next;
        free_instance(instance);
    }
    if (api->listener >= 0) {
        close(api->listener);
    }
    if (api->fd >= 0) {
        close(api->fd);
    }
    lac_buf_free(&api->head);
    free(api);
}

/* ---- instances --------------------------------------------------------------------------------
 */

static struct lac_runtime_instance *find(struct lac_runtime_api *api, uint64_t id) {
    struct lac_runtime_instance *instance = api->instances;
    while (instance != NULL && instance->id != id) {
        instance = instance->next;
    }
    return instance;
}

struct lac_runtime_instance *lac_runtime_find_name(struct lac_runtime_api *api,
                                                   struct lac_str name) {
    struct lac_runtime_instance *instance = api->instances;
    while (instance != NULL && (instance->name.len != name.len ||
                                memcmp(instance->name.data, name.data, name.len) != 0)) {
        instance = instance->next;
    }
    return instance;
}

static bool is_name(struct lac_str name) {
    for (size_t i = 0; i < name.len; i++) {
        char byte = name.data[i];
        if (!((byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
              (byte >= '0' && byte <= '9'))) {
            return false;
        }
    }
    return name.len > 0 && name.len <= 128;
}

bool lac_runtime_api_admit(struct lac_runtime_api *api, struct lac_str name, uint64_t *id,
                           struct lac_error *err) {
    if (!is_name(name) || lac_runtime_find_name(api, name) != NULL) {
        return lac_fail(err, LAC_ERR_INPUT,
                        "an instance's name has letters and digits, and is its own");
    }
    struct lac_runtime_instance *instance = calloc(1, sizeof *instance);
    if (instance != NULL) {
        lac_buf_add(&instance->name, name);
    }
    if (instance == NULL || instance->name.failed) {
        free(instance);
        return lac_fail(err, LAC_ERR_MEMORY, "out of memory for an instance");
    }
    instance->id = *id = ++api->last_id;
    instance->stream_state = LAC_RUNTIME_STREAM_GONE;
    instance->next = api->instances;
    api->instances = instance;
    return true;
}

/* Takes a connection out of the queue of news. */
static void leave_queue(struct lac_runtime_connection *connection) {
    struct lac_runtime_api *api = connection->api;
    struct lac_runtime_connection **link = &api->first, *before = NULL;
    while (*link != NULL && *link != connection) {
        before = *link;
        link = &before->next_news;
    }
    if (*link != NULL) {
        *link = connection->next_news;
        api->last = api->last == connection ? before : api->last;
    }
    api->held = api->held == connection ? NULL : api->held;
}

/* Frees the connections that have failed. */
static void reap(struct lac_runtime_api *api) {
    struct lac_runtime_connection **link = &api->connections;
    while (api->some_failed && *link != NULL) {
        struct lac_runtime_connection *connection = *link;
        if (connection->socket.failed) {
            *link = connection->next;
            leave_queue(connection);
            lac_runtime_connection_free(connection);
            api->connection_count--;
        } else {
            link = &connection->next;
        }
    }
    api->some_failed = false;
}

void lac_runtime_api_dismiss(struct lac_runtime_api *api, uint64_t id) {
    struct lac_runtime_instance *instance = find(api, id), **link = &api->instances;
    if (instance == NULL) {
        return;
    }
    for (struct lac_runtime_connection *c = api->connections; c != NULL; c = c->next) {
        c->socket.failed = c->socket.failed || c->instance == instance;
    }
    api->some_failed = true;
    reap(api);
    while (*link != instance) {
        link = &(*link)->next;
    }
    *link = instance->next;
    free_instance(instance);
}

/* ---- events -----------------------------------------------------------------------------------
 */

/* A header's value, whose line nothing in it can end. */
static void add_header(struct lac_buf *head, struct lac_str name, struct lac_str value) {
    lac_buf_add(head, name);
    size_t from = head->len;
    lac_buf_add(head, value);
    for (size_t i = from; !head->failed && i < head->len; i++) {
        unsigned char byte = (unsigned char)head->data[i];
        head->data[i] = byte < ' ' || byte == 127 ? ' ' : head->data[i];
    }
    lac_buf_add(head, LAC_STR("\r\n"));
}

static void write_head(const struct lac_runtime_event *event, struct lac_buf *head) {
    head->len = 0;
    lac_buf_add(head, LAC_STR("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"));
    add_header(head, LAC_STR("Lambda-Runtime-Aws-Request-Id: "), event->request_id);
    add_header(head, LAC_STR("Lambda-Runtime-Invoked-Function-Arn: "), event->arn);
    add_header(head, LAC_STR("Lambda-Runtime-Trace-Id: "), event->trace_id);
    if (event->tenant_id.data != NULL) {
        add_header(head, LAC_STR("Lambda-Runtime-Aws-Tenant-Id: "), event->tenant_id);
    }
    if (event->client_context.data != NULL) {
        add_header(head, LAC_STR("Lambda-Runtime-Client-Context: "), event->client_context);
    }
    lac_buf_add(head, LAC_STR("Lambda-Runtime-Deadline-Ms: "));
    lac_buf_add_unsigned(head, event->deadline);
    lac_buf_add(head, LAC_STR("\r\nContent-Length: "));
    lac_buf_add_unsigned(head, event->payload.len);
    lac_buf_add(head, LAC_STR("\r\n\r\n"));
}

bool lac_runtime_api_give(struct lac_runtime_api *api, uint64_t id,
                          const struct lac_runtime_event *event, struct lac_error *err) {
    struct lac_runtime_instance *instance = find(api, id);
    if (instance == NULL) {
        return lac_fail(err, LAC_ERR_INPUT, "there is no such instance");
    }
    if (event->request_id.len >= sizeof instance->request_id) {
        return lac_fail(err, LAC_ERR_INPUT, "a request id has %zu bytes at most",
                        sizeof instance->request_id - 1);
    }
    write_head(event, &api->head);
    if (api->head.failed) {
        lac_buf_free(&api->head);
        return lac_fail(err, LAC_ERR_MEMORY, "out of memory for an event");
    }
    memcpy(instance->request_id, event->request_id.data, event->request_id.len);
    instance->request_id[event->request_id.len] = '\0';
    instance->serial++;
    instance->at_hand = true;
    lac_buf_free(&instance->event);
    bool sent =
        instance->waiting != NULL &&
        lac_runtime_connection_give(instance->waiting, lac_buf_view(&api->head), event->payload);
    if (!sent) {
        lac_buf_adds(&instance->event, lac_buf_view(&api->head), event->payload);
    }
    reap(api);
    return !instance->event.failed || lac_fail(err, LAC_ERR_MEMORY, "out of memory for an event");
}

/* ---- news -------------------------------------------------------------------------------------
 */

static void accept_all(struct lac_runtime_api *api) {
    int fd;
    while ((fd = accept4(api->listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK)) >= 0) {
        if (api->connection_count >= MAX_CONNECTIONS || !lac_runtime_connection_open(api, fd)) {
            close(fd);
        }
    }
}

/* The caller has looked at the last news. */
static void release(struct lac_runtime_api *api) {
    struct lac_runtime_connection *held = api->held;
    api->held = NULL;
    if (held != NULL) {
        lac_runtime_connection_resume(held);
        reap(api);
    }
}

void lac_runtime_api_turn(struct lac_runtime_api *api) {
    struct epoll_event events[EVENTS];
    release(api);
    int count = epoll_wait(api->fd, events, EVENTS, 0);
    for (int i = 0; i < count; i++) {
        if (events[i].data.ptr == NULL) {
            accept_all(api);
        } else {
            lac_runtime_connection_turn(events[i].data.ptr, events[i].events);
        }
    }
    reap(api);
}

static bool next_stirred(struct lac_runtime_api *api, struct lac_runtime_news *out) {
    struct lac_runtime_instance *instance = api->some_stirred ? api->instances : NULL;
    while (instance != NULL && !instance->streams && !instance->asks) {
        instance = instance->next;
    }
    if (instance == NULL) {
        api->some_stirred = false;
        return false;
    }
    *out = (struct lac_runtime_news){
        .id = instance->id,
        .kind = instance->streams ? LAC_RUNTIME_STREAMS : LAC_RUNTIME_ASKS,
    };
    if (instance->streams && instance->content_type[0] != '\0') {
        out->body = (struct lac_str){instance->content_type, strlen(instance->content_type)};
    }
    instance->asks = instance->asks && instance->streams;
    instance->streams = false;
    return true;
}

bool lac_runtime_api_next(struct lac_runtime_api *api, struct lac_runtime_news *out) {
    release(api);
    if (api->first == NULL) {
        return next_stirred(api, out);
    }
    api->held = api->first;
    api->first = api->held->next_news;
    *out = api->held->news;
    return true;
}

/* ---- streams ----------------------------------------------------------------------------------
 */

enum lac_runtime_stream lac_runtime_api_read(struct lac_runtime_api *api, uint64_t id,
                                             struct lac_str *piece, struct lac_str *trailers) {
    struct lac_runtime_instance *instance = find(api, id);
    *piece = *trailers = LAC_STR("");
    if (instance == NULL) {
        return LAC_RUNTIME_STREAM_GONE;
    }
    lac_buf_free(&instance->handed_out);
    instance->handed_out = instance->stream;
    instance->stream = (struct lac_buf){0};
    *piece = lac_buf_view(&instance->handed_out);
    enum lac_runtime_stream state = instance->stream_state;
    if (state == LAC_RUNTIME_STREAM_END) {
        *trailers = lac_buf_view(&instance->trailers);
    } else if (instance->streaming != NULL) {
        lac_runtime_connection_resume(instance->streaming);
        reap(api);
    }
    return state;
}

void lac_runtime_api_finish(struct lac_runtime_api *api, uint64_t id, bool fits) {
    struct lac_runtime_instance *instance = find(api, id);
    if (instance == NULL) {
        return;
    }
    instance->at_hand = false;
    instance->stream_state = LAC_RUNTIME_STREAM_GONE;
    lac_buf_free(&instance->stream);
    lac_buf_free(&instance->trailers);
    if (instance->streaming != NULL) {
        lac_runtime_connection_finish(instance->streaming, fits);
        reap(api);
    }
}
