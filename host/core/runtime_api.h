/* runtime_api.h — Lambda's Runtime API, as a cloud serves it to the runtimes that it has started.
 *
 * One socket on 127.0.0.1 is there for all instances. Each has a name, which begins the path that
 * its runtime is told to call, and which nobody else knows:
 *     AWS_LAMBDA_RUNTIME_API=127.0.0.1:PORT/NAME
 *
 * A runtime asks for its next event, which it is given when there is one, and says what came of it.
 * Its requests are read, checked and answered here; what they mean comes out of `next` as news.
 *
 * Nothing here waits: call `turn` when `fd` is readable, then `next` until it has nothing. What
 * comes from outside is bounded: heads (64 KiB), answers (`max_payload`, else 413), connections
 * (1,024), and the bytes of a stream that wait to be read (256 KiB; then its sender waits). */
#ifndef LAC_RUNTIME_API_H
#define LAC_RUNTIME_API_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/buf.h"
#include "core/error.h"

struct lac_runtime_api;

/* Any free port. */
bool lac_runtime_api_listen(size_t max_payload, struct lac_runtime_api **out,
                            struct lac_error *err);
uint16_t lac_runtime_api_port(const struct lac_runtime_api *api);
int lac_runtime_api_fd(const struct lac_runtime_api *api);
void lac_runtime_api_close(struct lac_runtime_api *api); /* NULL is allowed */

/* Lets the runtime that knows `name` call from now on. `id` is never 0, and not given twice. */
bool lac_runtime_api_admit(struct lac_runtime_api *api, struct lac_str name, uint64_t *id,
                           struct lac_error *err);

/* Drops an instance with its connections; nothing is heard of it any more. */
void lac_runtime_api_dismiss(struct lac_runtime_api *api, uint64_t id);

struct lac_runtime_event {
    struct lac_str request_id, arn, trace_id;
    struct lac_str tenant_id, client_context; /* {NULL, 0}: none */
    uint64_t deadline;                        /* milliseconds since 1970 */
    struct lac_str payload;
};

/* Gives an instance its next event: sent at once when its runtime waits, kept until it asks when
 * not. Fails when the instance is unknown, or memory has ended. */
bool lac_runtime_api_give(struct lac_runtime_api *api, uint64_t id,
                          const struct lac_runtime_event *event, struct lac_error *err);

enum lac_runtime_news_kind {
    LAC_RUNTIME_ASKS, /* for its first event, or for another without a word about the last */
    LAC_RUNTIME_ANSWERS,
    LAC_RUNTIME_OVERSIZED, /* what it answered was too large, and refused */
    LAC_RUNTIME_FAILS,
    LAC_RUNTIME_CANNOT_START,
    LAC_RUNTIME_STREAMS, /* there is something to `read`: a beginning, more, or the end */
};

/* The views live until the next call of `next`, `turn`, `dismiss` or `close`. */
struct lac_runtime_news {
    uint64_t id; /* of the instance */
    enum lac_runtime_news_kind kind;
    struct lac_str body;       /* of an answer or an error; of a stream its Content-Type */
    struct lac_str error_type; /* the header's; {NULL, 0}: none */
};

/* Does what the sockets are ready for. */
void lac_runtime_api_turn(struct lac_runtime_api *api);
bool lac_runtime_api_next(struct lac_runtime_api *api, struct lac_runtime_news *out);

enum lac_runtime_stream {
    LAC_RUNTIME_STREAM_MORE, /* what has come; perhaps nothing */
    LAC_RUNTIME_STREAM_END,  /* the same, and no more will come; `trailers` are set */
    LAC_RUNTIME_STREAM_GONE, /* it broke off: what has come is all, or there is none */
};

/* Takes what has come of the answer that an instance streams; the views live until the next call
 * for it. `trailers` are header lines: see http_head.h. */
enum lac_runtime_stream lac_runtime_api_read(struct lac_runtime_api *api, uint64_t id,
                                             struct lac_str *piece, struct lac_str *trailers);

/* Accepts a stream that has ended, or refuses it (413): what is still to come is skipped. */
void lac_runtime_api_finish(struct lac_runtime_api *api, uint64_t id, bool fits);

#endif
