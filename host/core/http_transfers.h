/* http_transfers.h — HTTP out beside whatever else a program does: requests are begun, a descriptor
 * tells that one may have ended, and nothing here waits.
 *
 *     start  ->  poll the descriptor  ->  next, until there is none  ->  poll again
 *
 * Each set of transfers has connections of its own, which are kept and used again. All must be
 * called from the thread that calls http.h. */
#ifndef LAC_HTTP_TRANSFERS_H
#define LAC_HTTP_TRANSFERS_H

#include <stdint.h>

#include "core/http.h"

struct lac_http_transfers;

bool lac_http_transfers_open(struct lac_http_transfers **out, struct lac_error *err);

/* Readable when `next` has something to do. */
int lac_http_transfers_fd(const struct lac_http_transfers *transfers);

/* Begins an exchange; `*id` names it. Nothing of the request is borrowed when this returns: its
 * body is copied. It may have no file, no `progress`, no `sink` and no `ca_bundle`; its `timeout`
 * is the only one besides that for connecting. */
bool lac_http_transfers_start(struct lac_http_transfers *transfers,
                              const struct lac_http_request *request, uint64_t *id,
                              struct lac_error *err);

struct lac_http_ended {
    uint64_t id;
    struct lac_http_response response; /* the caller's, to be freed */
    struct lac_error error;            /* kind LAC_OK: there is a response; as lac_http_send's */
};

/* Goes on with what can go on, and hands out one that has ended; false when none has. */
bool lac_http_transfers_next(struct lac_http_transfers *transfers, struct lac_http_ended *out);

/* Breaks an exchange off, which will not be handed out; one that has ended is no mistake. */
void lac_http_transfers_drop(struct lac_http_transfers *transfers, uint64_t id);

/* Breaks all of them off, and closes their connections. NULL is no mistake. */
void lac_http_transfers_close(struct lac_http_transfers *transfers);

#endif
