/* aws_request.h — a signed request to AWS: sign, send, and send again what may succeed later. The
 * only C file where signing, sending and retrying meet.
 *
 * Every attempt is signed anew, at its own time. A clock that differs from the service's is learnt
 * from the answer's Date, once for each request, and kept for those that follow.
 *
 * An answer whose sink has had a byte is not asked for again.
 *
 * With a `total_timeout` no attempt outlasts it, and none is waited for that could not be made. */
#ifndef LAC_AWS_REQUEST_H
#define LAC_AWS_REQUEST_H

#include "core/aws_error.h"
#include "core/http.h"

#define LAC_AWS_ATTEMPTS 3 /* in all, unless AWS_MAX_ATTEMPTS or the request says otherwise */
#define LAC_AWS_MOST_ATTEMPTS 20

struct lac_aws_credentials {
    struct lac_str access_key_id, secret_access_key;
    struct lac_str session_token; /* len 0: none */
};

/* Borrowed until the exchange has ended. */
struct lac_aws_request {
    struct lac_http_request http; /* as it would be sent unsigned; its `follow` must be 0 */
    struct lac_aws_credentials credentials;
    struct lac_str region, service; /* the signing name */
    bool unsigned_payload;          /* else the body, text or file, is hashed first */
    int attempts;                   /* how many in all; 0: the default */
    double total_timeout; /* seconds for all attempts and the waits between; 0: no bound */
};

/* `error.kind` is LAC_OK when the answer's status is 2xx or 3xx. Any other status is
 * LAC_ERR_SERVICE with what aws_error.h reads out of it, and `response` still holds the answer. */
struct lac_aws_exchange {
    struct lac_aws_request request;
    struct lac_http_response response;
    struct lac_error error;
    char request_id[LAC_AWS_REQUEST_ID_SIZE]; /* of a refusal */
    int attempts;                             /* made */
};

bool lac_aws_send(struct lac_aws_exchange *exchange);

/* Several, `parallel` at a time. With `together`, the first that fails ends all: what is under way
 * is dropped, the rest is not sent, and both end as LAC_ERR_INTERRUPT. */
void lac_aws_send_all(struct lac_aws_exchange *exchanges, size_t count, size_t parallel,
                      bool together);

/* The random numbers of the back-off, in [0, 1), for tests to own; NULL: the machine's again. */
void lac_aws_set_random(double (*random)(void));

#endif
