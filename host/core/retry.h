/* retry.h — whether to send a request again, and how long to wait before. Pure: the failure and a
 * random number go in, the decision comes out.
 *
 * Tried again: transport failures that may pass, the statuses 429 500 502 503 504, and AWS's codes
 * for throttling and for passing trouble. The wait grows twofold with each attempt, from 50 ms, or
 * from 1 s when throttled, with full jitter; it is as long as the answer asked for, when it asked;
 * and never longer than LAC_RETRY_CAP. */
#ifndef LAC_RETRY_H
#define LAC_RETRY_H

#include "core/buf.h"
#include "core/error.h"

#define LAC_RETRY_CAP 20.0 /* seconds */

struct lac_retry {
    int attempt;                   /* the one that failed; 1 is the first */
    int attempts;                  /* how many there may be in all */
    const struct lac_error *error; /* kind, status, code and retryable count */
    double asked;                  /* seconds: see lac_retry_asked */
};

/* `random` is in [0, 1). True: send again after `*wait` seconds. */
bool lac_retry(const struct lac_retry *failed, double random, double *wait);

/* Whether the failure is of those that pass, however many attempts there were. */
bool lac_retry_may_help(const struct lac_error *error);
bool lac_retry_is_throttling(int status, const char *code);

/* How long an answer asks to wait, from its Retry-After (seconds) and x-amz-retry-after
 * (milliseconds): the longer one; 0 when neither is a plain number. */
double lac_retry_asked(struct lac_str retry_after, struct lac_str amz_retry_after);

#endif
