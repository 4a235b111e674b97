/* http.h — HTTP out, over libcurl: HTTP/1.1, http and https only, certificates always verified.
 *
 * Nothing is initialised before the first request. Connections are kept and reused by the whole
 * process, which must call this file from one thread only. Requests go through a proxy when the
 * environment (http_proxy, https_proxy, all_proxy, no_proxy) or the request names one; the machine
 * itself and link-local addresses are reached directly unless the request says otherwise.
 *
 * Certificates are judged by those of the request's `ca_bundle`, of a file that the environment
 * names, or of the system (http_trust.h); where there are none, an https request fails.
 *
 * A message of an error names the host and never the path, the query or a header. Every wait ends
 * within 100 ms of an interrupt (interrupt.h). */
#ifndef LAC_HTTP_H
#define LAC_HTTP_H

#include <stdint.h>

#include "core/buf.h"
#include "core/error.h"
#include "core/headers.h"
#include "core/http_body.h"

struct lac_http_progress {
    uint64_t sent, send_total, received, receive_total; /* bytes of bodies; 0: total not known */
};

/* Everything borrowed until the exchange has ended. `{.url = …}` is a GET. */
struct lac_http_request {
    struct lac_str method; /* "": GET, or POST when there is a body */
    const char *url;
    const struct lac_header *headers; /* Host and User-Agent are added when absent */
    size_t header_count;
    struct lac_str body;        /* data NULL: none */
    struct lac_http_slice file; /* or the body is (a part of) a file */
    const char *to_file;        /* a 2xx answer's body goes here, whole or not at all */
    double connect_timeout;     /* seconds; 0: 10 */
    double timeout;             /* for the whole exchange; 0: 300 */
    double idle_timeout;        /* without a byte either way; 0: 60 */
    size_t max_body;            /* bytes held in memory; 0: 64 MiB */
    const char *proxy;          /* NULL: as the environment says; "": none */
    const char *ca_bundle;      /* NULL: as above */
    int follow;                 /* redirects to follow, for GET and HEAD alone */
    bool outlives_interrupt;    /* for cleaning up: an interrupt does not stop it */
    bool headers_apart;         /* of the answer: as in headers.h */
    bool (*progress)(void *context, const struct lac_http_progress *so_far); /* false: stop */
    bool (*sink)(void *context, struct lac_str piece); /* takes a 2xx answer's body; false: stop */
    void *context;
};

struct lac_http_response {
    int status;
    struct lac_headers headers;
    struct lac_buf body; /* empty when it went to a file or a sink */
    double seconds;
};

void lac_http_response_free(struct lac_http_response *response);

/* One request, one answer, whatever its status. Fails as
 *   LAC_ERR_NETWORK    no whole answer; code "timeout", "connect", "resolve", "tls", "closed",
 *                      "redirect" or "protocol"; retryable when the same may succeed later
 *   LAC_ERR_LIMIT      the answer is longer than allowed
 *   LAC_ERR_INTERRUPT  the user, or `progress`, said stop
 *   LAC_ERR_INPUT, LAC_ERR_SYSTEM, LAC_ERR_MEMORY. */
bool lac_http_send(const struct lac_http_request *request, struct lac_http_response *response,
                   struct lac_error *err);

/* A request with its outcome: `error.kind` is LAC_OK when `response` holds one. */
struct lac_http_exchange {
    struct lac_http_request request;
    struct lac_http_response response;
    struct lac_error error;
    bool handed_out; /* the sink has bytes of this answer: to send it again would repeat them */
};

/* Several at once, `parallel` at a time. One that fails does not stop the others; an interrupt
 * stops all, and so does a progress function that says stop. */
void lac_http_send_all(struct lac_http_exchange *exchanges, size_t count, size_t parallel);

/* The same, step by step: exchanges under way, handed out as each ends. `progress` and `sink` are
 * called from lac_http_batch_next alone, never from inside libcurl, and may themselves send
 * requests. What has come for a sink is bounded: an answer that comes faster has to wait.
 * `max_body` bounds what goes to a sink when it is given; the time that a sink takes is not
 * silence. */
struct lac_http_batch;

struct lac_http_batch *lac_http_batch_new(void); /* NULL: out of memory */

/* Begins an exchange, which must stay where it is until it is handed out. False: it failed at once,
 * its `error` says how, and it will not be handed out. */
bool lac_http_batch_start(struct lac_http_batch *batch, struct lac_http_exchange *exchange);

/* The next exchange that ended. NULL when `seconds` have passed before one did, or when an
 * interrupt came and none is under way. */
struct lac_http_exchange *lac_http_batch_next(struct lac_http_batch *batch, double seconds);

/* Drops what is under way. */
void lac_http_batch_free(struct lac_http_batch *batch);

#endif
