/* server_upgrade.c — connections on which HTTP ends, and something else goes on. */
#define _GNU_SOURCE /* F_DUPFD_CLOEXEC */
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "core/server_private.h"

/* The head of the answer is sent; the socket is ours until `upgrade_action`. */
static void on_upgrade(void *context, struct MHD_Connection *connection, void *slot,
                       const char *before, size_t before_len, MHD_socket socket,
                       struct MHD_UpgradeResponseHandle *handle) {
    struct lac_exchange *exchange = context;
    (void)connection, (void)slot;
    lac_buf_free(&exchange->taken);
    lac_buf_add(&exchange->taken, (struct lac_str){before, before_len});
    exchange->upgrade = handle;
    exchange->upgraded = socket;
}

static struct MHD_Response *create_response(struct lac_exchange *exchange,
                                            const struct lac_server_field *headers, size_t count) {
    struct MHD_Response *response = lac_mhd.create_response_for_upgrade(on_upgrade, exchange);
    for (size_t i = 0; response != NULL && i < count; i++) {
        lac_mhd.add_response_header(response, headers[i].name, headers[i].value);
    }
    return response;
}

/* Keeps the socket under another number, and lets libmicrohttpd forget the connection. */
static bool take_socket(struct lac_exchange *exchange, int *socket, struct lac_buf *before,
                        struct lac_error *err) {
    *socket = fcntl(exchange->upgraded, F_DUPFD_CLOEXEC, 0);
    int number = errno;
    lac_buf_add(before, lac_buf_view(&exchange->taken));
    lac_mhd.upgrade_action(exchange->upgrade, MHD_UPGRADE_ACTION_CLOSE);
    exchange->upgrade = NULL;
    lac_server_turn(exchange->server);
    return *socket >= 0 || lac_fail_errno(err, number, "cannot take a connection over");
}

bool lac_server_upgrade(struct lac_server *server, uint64_t id,
                        const struct lac_server_field *headers, size_t count, int *socket,
                        struct lac_buf *before, struct lac_error *err) {
    struct lac_exchange *exchange = lac_server_find(server, id, WAITING);
    if (exchange == NULL || exchange->early) {
        return lac_fail(err, LAC_ERR_INPUT, "there is no such request");
    }
    struct MHD_Response *response = create_response(exchange, headers, count);
    if (response == NULL) {
        return lac_fail(err, LAC_ERR_MEMORY, "out of memory while answering");
    }
    enum MHD_Result queued =
        lac_mhd.queue_response(exchange->connection, MHD_HTTP_SWITCHING_PROTOCOLS, response);
    lac_mhd.destroy_response(response);
    if (queued != MHD_YES) { /* HTTP/1.0 knows no such thing; the request waits for its answer */
        return lac_fail(err, LAC_ERR_INPUT, "the connection cannot be taken over");
    }
    exchange->state = ANSWERED;
    lac_server_resume(exchange);
    lac_server_turn(server);
    if (exchange->request.id != id || exchange->upgrade == NULL) {
        return lac_fail(err, LAC_ERR_NETWORK, "the caller has gone");
    }
    return take_socket(exchange, socket, before, err);
}
