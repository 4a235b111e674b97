/* poll.h — waiting for any of several file descriptors. */
#ifndef LAC_POLL_H
#define LAC_POLL_H

#include <stdbool.h>
#include <stddef.h>

#include "core/error.h"

struct lac_poll {
    int fd;
    bool to_write; /* waits until it takes bytes, instead */
    bool ready;    /* out: at its end or broken too: a read, or a write, will not wait */
};

/* Waits until one of them is ready or `timeout` seconds have passed; a negative one waits for ever.
 * Fails with LAC_ERR_INTERRUPT when the user asks to stop, also when that was just before. */
bool lac_poll_wait(struct lac_poll *list, size_t count, double timeout, struct lac_error *err);

#endif
