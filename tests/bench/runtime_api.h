/* runtime_api.h — Lambda's side of the Runtime API, on 127.0.0.1: one event at a time, to whatever
 * runtime asks, over as many kept connections as it likes. It serves the benchmarks and the tests
 * that count in many thousands; what it costs itself is two system calls more than the runtime's.
 */
#ifndef RUNTIME_API_H
#define RUNTIME_API_H

#include <stdbool.h>
#include <sys/types.h>

#include "core/buf.h"
#include "core/error.h"

#define RUNTIME_API_CONNECTIONS 16

struct runtime_api_connection {
    int fd; /* -1: free */
    struct lac_buf in;
    bool continued; /* it was told to go on sending */
};

struct runtime_api {
    int listener, port;
    struct runtime_api_connection connections[RUNTIME_API_CONNECTIONS];
    struct runtime_api_connection *asking; /* who sent the last request */
    size_t request_len;                    /* of the last request, in its connection's buffer */
    size_t events;                         /* sent so far: the number in the request id */
    struct lac_buf head;                   /* of the last event */
    size_t accepted;                       /* connections since the last runtime came */
    bool settled; /* set by who knows that the runtime has opened all that it ever will */
};

enum runtime_api_call {
    RUNTIME_API_NEXT,
    RUNTIME_API_RESPONSE,
    RUNTIME_API_FAILURE,
    RUNTIME_API_INIT_FAILURE,
};

/* Good until the next call of runtime_api_wait. */
struct runtime_api_request {
    enum runtime_api_call call;
    struct lac_str head, body;
    bool chunked; /* the body is as it came, in chunks */
};

bool runtime_api_open(struct runtime_api *api, struct lac_error *err);

/* Waits for the runtime's next request. Fails when `child` has ended, when it is silent for half a
 * minute, and for a request that no runtime makes. */
bool runtime_api_wait(struct runtime_api *api, pid_t child, struct runtime_api_request *out,
                      struct lac_error *err);

/* Appends the body, without its chunks. */
void runtime_api_add_body(const struct runtime_api_request *request, struct lac_buf *out);

/* Answers the last request: with an event, if it asked for one, else with Lambda's thanks. */
bool runtime_api_send_event(struct runtime_api *api, struct lac_str event, struct lac_error *err);
bool runtime_api_accept(struct runtime_api *api, struct lac_error *err);

/* Drops all connections: another runtime may come. */
void runtime_api_disconnect(struct runtime_api *api);

void runtime_api_close(struct runtime_api *api);

#endif
