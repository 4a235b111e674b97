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

/* The same for descriptors that are waited for again and again, until they can be read: a set,
 * which the kernel keeps. One that is closed leaves it by itself. `{0}` is a closed one.
 *
 * Before it sleeps it looks again and again for 50 microseconds, where there is a second processor
 * to work meanwhile: what answers that soon is not kept waiting until the kernel has woken us. */
struct lac_poll_set {
    bool open;
    bool lingers;
    int fd;
};

bool lac_poll_set_open(struct lac_poll_set *set, struct lac_error *err);
void lac_poll_set_close(struct lac_poll_set *set);

/* Adding what is in already, and removing what is not, or closed, is no mistake. Regular files,
 * which are always ready, are refused. */
bool lac_poll_set_add(struct lac_poll_set *set, int fd, struct lac_error *err);
void lac_poll_set_remove(struct lac_poll_set *set, int fd);

/* Waits as lac_poll_wait does, to the millisecond. Sets `ready` to at most LAC_POLL_READY of those
 * that are; the others are next. */
#define LAC_POLL_READY 64
bool lac_poll_set_wait(struct lac_poll_set *set, double timeout, int ready[LAC_POLL_READY],
                       size_t *count, struct lac_error *err);

#endif
