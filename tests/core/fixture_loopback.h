/* fixture_loopback.h — an HTTP server of the tests' own: a thread, 127.0.0.1, a port of the
 * kernel's choice. It writes what its script says, byte for byte, well formed or not, and remembers
 * what it was asked. */
#ifndef FIXTURE_LOOPBACK_H
#define FIXTURE_LOOPBACK_H

#include "core/buf.h"

enum loopback_then {
    LOOPBACK_KEEP,  /* the connection stays for the next request */
    LOOPBACK_CLOSE, /* it ends in order */
    LOOPBACK_RESET, /* it is torn down */
    LOOPBACK_STALL, /* silence, until the fixture stops */
};

struct loopback_answer {
    const char *bytes; /* written as they are */
    size_t len;        /* 0: up to the NUL */
    enum loopback_then then;
    size_t after; /* written once so many requests have come in all: proof of what runs at once */
};

struct loopback;

/* The n-th request gets the n-th answer, one past the last a closed connection. */
struct loopback *loopback_start(const struct loopback_answer *script, size_t count);

/* The answer is a function of the request, called in the fixture's thread. What it points at must
 * live until the next call. */
typedef struct loopback_answer loopback_respond(void *context, struct lac_str request);
struct loopback *loopback_start_with(loopback_respond *respond, void *context);

/* The same over TLS, with a certificate for 127.0.0.1 that signs itself, as a PEM file at
 * `certificate`. */
struct loopback *loopback_start_tls(const struct loopback_answer *script, size_t count,
                                    const char *certificate);

/* "http://127.0.0.1:41234" + path; good until the next call. */
const char *loopback_url(struct loopback *loopback, const char *path);
int loopback_port(const struct loopback *loopback);

/* What came in: the whole requests so far, in the order in which they were complete. */
size_t loopback_request_count(struct loopback *loopback);
struct lac_str loopback_request(struct loopback *loopback, size_t i);
size_t loopback_connection_count(struct loopback *loopback);

/* Whether the text holds a part, NULs and all. */
bool loopback_holds(struct lac_str text, const char *part);

/* Waits until the script has been written to its end, and who was met with silence has gone. */
void loopback_wait(struct loopback *loopback);

void loopback_stop(struct loopback *loopback);

#endif
