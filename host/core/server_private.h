/* server_private.h — what the parts of the server share: server.c, which listens and turns,
 * server_request.c, which takes requests in, and server_answer.c, which sends answers out. */
#ifndef LAC_SERVER_PRIVATE_H
#define LAC_SERVER_PRIVATE_H

#include <microhttpd.h>

#include "core/server.h"

/* The bytes that a streamed answer may run ahead of its reader. */
#define LAC_SERVER_AHEAD ((size_t)16 * 1024 * 1024)

/* The bytes of an early request's body that wait to be read before its sender has to. */
#define LAC_SERVER_UNREAD ((size_t)256 * 1024)

/* libmicrohttpd brings a TLS library along: it is opened by the first server. */
/* clang-format off */
#define LAC_MHD_FUNCTIONS(X)                                                                       \
    X(add_response_header) X(create_response_from_buffer) X(create_response_from_callback)         \
    X(create_response_from_fd_at_offset64) X(create_response_for_upgrade) X(upgrade_action)        \
    X(destroy_response) X(get_connection_info)              \
    X(get_connection_values) X(get_connection_values_n) X(get_daemon_info) X(get_timeout)          \
    X(lookup_connection_value) X(queue_response) X(resume_connection) X(run)                       \
    X(set_connection_option) X(start_daemon) X(stop_daemon) X(suspend_connection)
/* clang-format on */
#define LAC_MHD_FIELD(name) __typeof__(&MHD_##name) name;

struct lac_mhd {
    LAC_MHD_FUNCTIONS(LAC_MHD_FIELD)
};
extern struct lac_mhd lac_mhd;

enum lac_exchange_state { FREE, LINE, RECEIVING, WAITING, STREAMING, ANSWERED };

/* One request and its answer. There are as many as connections; a free one heads its list. */
struct lac_exchange {
    struct lac_server *server;
    struct lac_exchange *next; /* in the list of free ones, or of whole requests */
    struct MHD_Connection *connection;
    enum lac_exchange_state state;
    bool suspended; /* only a suspended connection may be resumed */
    bool is_head;
    bool early;
    bool unwanted;    /* early, and answered: the rest of the body is skipped */
    unsigned refusal; /* a status: the body is being skipped, this will be the answer */
    struct MHD_Response *response; /* the same for one that was given early */
    unsigned status;
    size_t received;
    int spool_fd;
    char *spooled;
    bool handed_over;                   /* the spooled file is the caller's */
    struct lac_buf target, body, taken; /* taken: what `read` handed out last */
    struct lac_server_header *headers, *trailers;
    struct lac_server_request request;
    struct lac_buf stream;
    size_t stream_sent;
    bool stream_finished, stream_aborted;
    bool *delivered;                           /* of the `respond` that is running */
    struct MHD_UpgradeResponseHandle *upgrade; /* HTTP is over here: `upgraded` is the socket */
    int upgraded;
};

struct lac_server {
    struct MHD_Daemon *daemon;
    int fd;     /* an epoll set: the daemon's own, and `wake` */
    int wake;   /* readable while work is left that no socket tells of */
    bool awake; /* `wake` is set */
    bool news;  /* of bodies and streams, since `next` last had nothing */
    uint16_t port;
    size_t max_body, spool_over;
    unsigned idle_timeout;
    char *spool, *early;
    size_t capacity;
    uint64_t serial;
    struct lac_exchange *free_list, *first, *last; /* first, last: whole requests not handed out */
    struct lac_exchange exchanges[];
};

/* libmicrohttpd's callbacks: a request's first line, its head and its body, its end. */
void *lac_server_on_line(void *context, const char *target, struct MHD_Connection *connection);
enum MHD_Result lac_server_on_request(void *context, struct MHD_Connection *connection,
                                      const char *decoded, const char *method, const char *version,
                                      const char *piece, size_t *piece_len, void **slot);
void lac_server_on_completed(void *context, struct MHD_Connection *connection, void **slot,
                             enum MHD_RequestTerminationCode how);

/* Lets the daemon do what it can without waiting. */
void lac_server_turn(struct lac_server *server);

/* The exchange of that number, when it is handed over and in that state; else NULL. */
struct lac_exchange *lac_server_find(struct lac_server *server, uint64_t id,
                                     enum lac_exchange_state state);

/* Lets a resting connection go on. */
void lac_server_resume(struct lac_exchange *exchange);

#endif
