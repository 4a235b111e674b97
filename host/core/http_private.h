/* http_private.h — what the halves of HTTP share: http_request.c, which makes a request into one of
 * libcurl's handles, and http.c, which runs the handles and makes answers of them. */
#ifndef LAC_HTTP_PRIVATE_H
#define LAC_HTTP_PRIVATE_H

#include <curl/curl.h>

#include "core/http.h"

#define LAC_HTTP_MOST_SECONDS 1e6 /* fits libcurl's milliseconds everywhere */

/* What is called of libcurl, by way of a table that http_libcurl.c fills. */
/* clang-format off */
#define LAC_CURL_FUNCTIONS(X)                                                                      \
    X(global_init) X(easy_init) X(easy_setopt) X(easy_getinfo) X(easy_strerror) X(easy_cleanup)    \
    X(slist_append) X(slist_free_all) X(multi_init) X(multi_add_handle) X(multi_remove_handle)     \
    X(multi_perform) X(multi_info_read) X(multi_poll) X(url) X(url_set) X(url_get) X(url_cleanup)  \
    X(easy_pause) X(free) X(multi_setopt) X(multi_socket_action) X(multi_cleanup)
/* clang-format on */
#define LAC_CURL_FIELD(name) __typeof__(&curl_##name) name;

struct lac_curl {
    LAC_CURL_FUNCTIONS(LAC_CURL_FIELD)
};
extern struct lac_curl lac_curl;

/* The process's connections: made by the first request, kept to the end. */
extern CURLM *lac_curl_multi;

struct lac_http_batch {
    CURLM *multi; /* NULL: the process's connections */
    struct lac_http_transfer *running, *ended;
    bool stopped; /* by a progress function */
};

CURLM *lac_http_multi(const struct lac_http_batch *batch);

/* An exchange under way, or ended and not yet handed out. */
struct lac_http_transfer {
    struct lac_http_transfer *next;
    struct lac_http_batch *batch;
    struct lac_http_exchange *exchange;
    CURL *easy;
    struct curl_slist *headers;
    struct lac_http_source source;
    struct lac_http_sink sink;
    struct lac_error error; /* what went wrong in a callback: tells more than libcurl's code */
    const char *bundle;     /* the certificates that are believed; NULL: none needed */
    char peer[256];         /* host:port, for messages */
    char reason[CURL_ERROR_SIZE];
    double started, active;
    uint64_t received;
    struct lac_http_progress told, total;
    bool has_body;
    bool has_headers; /* up to the empty line */
    bool paused;      /* until the sink has taken what there is */
};

bool lac_http_out_of_memory(struct lac_error *err);
bool lac_http_fail_network(struct lac_error *err, const struct lac_http_transfer *transfer,
                           const char *code, bool retryable, const char *reason);

/* Fills the table. Opening libcurl again changes nothing. */
bool lac_http_open_libcurl(struct lac_error *err);

/* Opens libcurl and its connections, once. */
bool lac_http_start_libcurl(struct lac_error *err);

/* Makes the transfer's handle out of its request, and begins. What is made is the transfer's, also
 * after a failure. */
bool lac_http_begin(struct lac_http_transfer *transfer, struct lac_error *err);

/* What libcurl has done of late becomes answers; then the first that has ended, or NULL. */
struct lac_http_exchange *lac_http_batch_settle(struct lac_http_batch *batch);

/* Ends all that is under way: libcurl cannot go on. */
void lac_http_batch_fail(struct lac_http_batch *batch);

/* Ends an exchange which will not be handed out; one that is not there is no mistake. */
void lac_http_batch_drop(struct lac_http_batch *batch, struct lac_http_exchange *exchange);

/* Ends all of them, likewise. */
void lac_http_batch_clear(struct lac_http_batch *batch);

/* Whether the answer's body goes to the request's sink: it is a 2xx. */
bool lac_http_has_sink(const struct lac_http_transfer *transfer);

/* Opens the file that a 2xx answer's body goes to, when there is one and it is not open yet; what
 * is wrong is in transfer->error. */
bool lac_http_open_sink(struct lac_http_transfer *transfer);

#endif
