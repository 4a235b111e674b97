#include "core/retry.h"

#include <string.h>

#define TRANSIENT_BASE 0.05
#define THROTTLED_BASE 1.0

static bool is_one_of(const char *const *names, const char *name) {
    while (*names != NULL && strcmp(*names, name) != 0) {
        names++;
    }
    return *names != NULL;
}

bool lac_retry_is_throttling(int status, const char *code) {
    static const char *const codes[] = {
        "BandwidthLimitExceeded",
        "EC2ThrottledException",
        "PriorRequestNotComplete",
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "RequestThrottled",
        "RequestThrottledException",
        "SlowDown",
        "ThrottledException",
        "Throttling",
        "ThrottlingException",
        "TooManyRequestsException",
        NULL,
    };
    return status == 429 || is_one_of(codes, code);
}

bool lac_retry_may_help(const struct lac_error *error) {
    static const char *const codes[] = {
        "IDPCommunicationError",
        "InternalError",
        "InternalFailure",
        "RequestTimeout",
        "RequestTimeoutException",
        "ServiceUnavailable",
        "TransactionInProgressException",
        NULL,
    };
    if (error->kind == LAC_ERR_NETWORK) {
        return error->retryable;
    }
    int status = error->status;
    return error->kind == LAC_ERR_SERVICE &&
           (status == 500 || (status >= 502 && status <= 504) || is_one_of(codes, error->code) ||
            lac_retry_is_throttling(status, error->code));
}

bool lac_retry(const struct lac_retry *failed, double random, double *wait) {
    const struct lac_error *error = failed->error;
    if (failed->attempt >= failed->attempts || !lac_retry_may_help(error)) {
        return false;
    }
    bool throttled =
        error->kind == LAC_ERR_SERVICE && lac_retry_is_throttling(error->status, error->code);
    double ceiling = throttled ? THROTTLED_BASE : TRANSIENT_BASE;
    for (int i = 1; i < failed->attempt && ceiling < LAC_RETRY_CAP; i++) {
        ceiling *= 2;
    }
    double chosen = random * (ceiling < LAC_RETRY_CAP ? ceiling : LAC_RETRY_CAP);
    double asked = failed->asked < LAC_RETRY_CAP ? failed->asked : LAC_RETRY_CAP;
    *wait = asked > chosen ? asked : chosen;
    return true;
}

/* A plain number of at most nine digits; anything else is 0. */
static double read_number(struct lac_str text) {
    double value = 0;
    for (size_t i = 0; i < text.len; i++) {
        if (i == 9 || text.data[i] < '0' || text.data[i] > '9') {
            return 0;
        }
        value = value * 10 + (text.data[i] - '0');
    }
    return value;
}

double lac_retry_asked(struct lac_str retry_after, struct lac_str amz_retry_after) {
    double seconds = read_number(retry_after), milliseconds = read_number(amz_retry_after);
    return milliseconds / 1000 > seconds ? milliseconds / 1000 : seconds;
}
