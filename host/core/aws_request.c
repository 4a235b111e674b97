#include "core/aws_request.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/clock.h"
#include "core/digest.h"
#include "core/interrupt.h"
#include "core/retry.h"
#include "core/signing.h"
#include "core/uri.h"

#define FOREVER 1e6          /* seconds */
#define SKEW_WORTH_TRYING 60 /* seconds: less than this makes no signature invalid */
#define HASH_PIECE 65536
#define LEAST_ATTEMPT 0.001 /* seconds: with less left, none is begun */

/* An exchange on its way: being sent, or waiting to be sent again. One for each that may run at
 * once. */
struct slot {
    struct lac_aws_exchange *exchange; /* NULL: free */
    struct lac_http_exchange http;
    char date[LAC_AMZ_DATE_SIZE]; /* the signed headers refer to it */
    struct lac_signed signature;
    struct lac_header *headers; /* the caller's, and Host */
    struct lac_buf authority, payload_sha256;
    double due; /* when to send again; 0: under way */
    double end; /* when even the last attempt is over; 0: no such time */
    bool skew_corrected;
};

/* How far the services' clocks are ahead of ours: what the last answer that complained said. */
static double skew;

static double machine_random(void) {
    uint32_t number = 0;
    struct lac_error ignored;
    lac_random(&number, sizeof number, &ignored);
    return number / 4294967296.0;
}

static double (*next_random)(void) = machine_random;

void lac_aws_set_random(double (*random)(void)) {
    next_random = random != NULL ? random : machine_random;
}

static bool out_of_memory(struct lac_error *err) {
    return lac_fail(err, LAC_ERR_MEMORY, "out of memory while signing a request");
}

/* ---- Sign ---- */

static bool add_hash(const struct lac_http_request *http, struct lac_buf *out,
                     struct lac_error *err) {
    struct lac_http_source source;
    struct lac_hasher hasher = {0};
    struct lac_digest digest;
    size_t got = 1;
    char *piece = malloc(HASH_PIECE);
    bool ok = (piece != NULL || out_of_memory(err)) && lac_hasher_start(&hasher, LAC_SHA256, err);
    ok = lac_http_source_open(&source, http->body, &http->file, err) && ok;
    while (ok && got > 0) {
        ok = lac_http_source_read(&source, piece, HASH_PIECE, &got, err) &&
             lac_hasher_add(&hasher, (struct lac_str){piece, got}, err);
        if (ok && lac_interrupt_requested() && !http->outlives_interrupt) {
            ok = lac_fail(err, LAC_ERR_INTERRUPT, "interrupted");
        }
    }
    ok = ok && lac_hasher_finish(&hasher, &digest, err);
    if (ok) {
        lac_digest_add_hex(&digest, out);
    }
    lac_http_source_close(&source);
    lac_hasher_free(&hasher);
    free(piece);
    return ok;
}

/* What stays the same through all attempts: the Host and the body's hash. */
static bool prepare(struct slot *slot, const struct lac_uri *uri, struct lac_error *err) {
    const struct lac_aws_request *request = &slot->exchange->request;
    if (slot->headers != NULL) {
        return true;
    }
    slot->headers = calloc(request->http.header_count + 1, sizeof *slot->headers);
    if (slot->headers == NULL) {
        return out_of_memory(err);
    }
    if (request->unsigned_payload) {
        lac_buf_add(&slot->payload_sha256, LAC_SIGV4_UNSIGNED);
    } else if (!add_hash(&request->http, &slot->payload_sha256, err)) {
        return false;
    }
    lac_uri_add_authority(uri, &slot->authority);
    slot->headers[0] = (struct lac_header){LAC_STR("Host"), lac_buf_view(&slot->authority)};
    if (request->http.header_count > 0) {
        memcpy(slot->headers + 1, request->http.headers,
               request->http.header_count * sizeof *slot->headers);
    }
    return (!slot->authority.failed && !slot->payload_sha256.failed) || out_of_memory(err);
}

static struct lac_str method_of(const struct lac_http_request *http) {
    bool has_body = http->body.data != NULL || http->file.path != NULL;
    return http->method.len > 0 ? http->method : has_body ? LAC_STR("POST") : LAC_STR("GET");
}

static bool sign(struct slot *slot, struct lac_error *err) {
    const struct lac_aws_request *request = &slot->exchange->request;
    const struct lac_http_request *http = &request->http;
    struct lac_uri uri;
    const char *url = http->url != NULL ? http->url : "";
    if (!lac_uri_parse((struct lac_str){url, strlen(url)}, &uri, err) ||
        !prepare(slot, &uri, err)) {
        return false;
    }
    lac_clock_amz_date(lac_clock_now() + skew, slot->date);
    const struct lac_sigv4_signer signer = {
        .access_key_id = request->credentials.access_key_id,
        .secret_access_key = request->credentials.secret_access_key,
        .session_token = request->credentials.session_token,
        .region = request->region,
        .service = request->service,
        .amz_date = {slot->date, sizeof slot->date - 1},
    };
    const struct lac_sigv4_request plain = {
        .method = method_of(http),
        .path = uri.path,
        .query = uri.query.data != NULL ? uri.query : LAC_STR(""),
        .headers = slot->headers,
        .header_count = http->header_count + 1,
        .payload_sha256 = lac_buf_view(&slot->payload_sha256),
    };
    const struct lac_sign_options options = {
        .sign_body = lac_sigv4_is_s3(&signer) || request->unsigned_payload,
    };
    lac_signed_free(&slot->signature);
    if (!lac_sign(&signer, &plain, &options, &slot->signature, err)) {
        return false;
    }
    slot->http.request = *http;
    slot->http.request.method = plain.method;
    slot->http.request.headers = slot->signature.headers;
    slot->http.request.header_count = slot->signature.header_count;
    return true;
}

/* ---- One attempt, and what follows from it ---- */

static void release(struct slot *slot) {
    lac_signed_free(&slot->signature);
    lac_buf_free(&slot->authority);
    lac_buf_free(&slot->payload_sha256);
    free(slot->headers);
    *slot = (struct slot){0};
}

/* The exchange has its outcome; the slot is free for the next. */
static bool settle(struct slot *slot) {
    struct lac_aws_exchange *exchange = slot->exchange;
    exchange->response = slot->http.response;
    exchange->error = slot->http.error;
    release(slot);
    return exchange->error.kind == LAC_OK;
}

/* True when the refusal was about the time, and the answer's Date tells another one. */
static bool correct_skew(struct slot *slot) {
    static const char *const about_time[] = {"RequestTimeTooSkewed",  "RequestExpired",
                                             "RequestInTheFuture",    "InvalidSignatureException",
                                             "SignatureDoesNotMatch", "AuthFailure"};
    struct lac_str date = lac_headers_get(&slot->http.response.headers, LAC_STR("date"));
    struct lac_error ignored;
    double theirs;
    bool suspect = false;
    for (size_t i = 0; i < sizeof about_time / sizeof *about_time; i++) {
        suspect = suspect || strcmp(slot->http.error.code, about_time[i]) == 0;
    }
    if (slot->skew_corrected || !suspect || date.data == NULL ||
        !lac_clock_parse(date, &theirs, &ignored)) {
        return false;
    }
    double found = theirs - lac_clock_now();
    if (fabs(found - skew) < SKEW_WORTH_TRYING) {
        return false;
    }
    skew = found;
    slot->skew_corrected = true;
    return true;
}

/* Bounds an attempt by what is left of the time for all. */
static bool bound_by_end(struct slot *slot, struct lac_error *err) {
    struct lac_http_request *http = &slot->http.request;
    double left = slot->end - lac_clock_monotonic();
    if (slot->end <= 0) {
        return true;
    }
    if (left < LEAST_ATTEMPT) {
        lac_fail(err, LAC_ERR_NETWORK, "no time is left for the request");
        strcpy(err->code, "timeout");
        err->retryable = true;
        return false;
    }
    if (http->timeout <= 0 || http->timeout > left) {
        http->timeout = left;
    }
    return true;
}

static int default_attempts(void) {
    const char *text = getenv("AWS_MAX_ATTEMPTS");
    long number = text != NULL ? strtol(text, NULL, 10) : 0;
    return number >= 1 && number <= LAC_AWS_MOST_ATTEMPTS ? (int)number : LAC_AWS_ATTEMPTS;
}

/* Whether the slot is to be sent again; then `due` says when. */
static bool decide(struct slot *slot) {
    const struct lac_aws_request *request = &slot->exchange->request;
    struct lac_http_response *response = &slot->http.response;
    struct lac_error *error = &slot->http.error;
    if (error->kind == LAC_OK && response->status < 400) {
        return false;
    }
    if (error->kind == LAC_OK) {
        lac_aws_error(response, error, slot->exchange->request_id);
        error->retryable = lac_retry_may_help(error);
    }
    struct lac_retry failed = {
        .attempt = slot->exchange->attempts,
        .attempts = request->attempts > 0 ? request->attempts : default_attempts(),
        .error = error,
        .asked = lac_retry_asked(lac_headers_get(&response->headers, LAC_STR("retry-after")),
                                 lac_headers_get(&response->headers, LAC_STR("x-amz-retry-after"))),
    };
    double wait = 0;
    bool again = error->kind == LAC_ERR_SERVICE && correct_skew(slot);
    again = again || lac_retry(&failed, next_random(), &wait);
    again = again && !slot->http.handed_out;
    again = again && (slot->end <= 0 || lac_clock_monotonic() + wait + LEAST_ATTEMPT < slot->end);
    if (again) {
        slot->due = lac_clock_monotonic() + wait;
        lac_http_response_free(response);
    }
    return again;
}

/* Signs and sends. False: it failed at once, and the slot has settled. */
static bool begin(struct slot *slot, struct lac_http_batch *batch) {
    slot->due = 0;
    slot->exchange->attempts++;
    slot->http = (struct lac_http_exchange){0};
    if (slot->exchange->request.http.follow != 0) {
        lac_fail(&slot->http.error, LAC_ERR_INPUT, "a signed request follows no redirect");
    } else if (sign(slot, &slot->http.error) && bound_by_end(slot, &slot->http.error)) {
        slot->exchange->request_id[0] = '\0';
        if (lac_http_batch_start(batch, &slot->http)) {
            return true;
        }
    }
    settle(slot);
    return false;
}

/* ---- Several ---- */

struct run {
    struct lac_http_batch *batch;
    struct slot *slots;
    size_t slot_count;
    struct lac_aws_exchange *exchanges;
    size_t count, begun;
    bool together, failed;
};

static double end_of(const struct lac_aws_request *request) {
    return request->total_timeout > 0 ? lac_clock_monotonic() + request->total_timeout : 0;
}

static void note_outcome(struct run *run, bool ok) {
    run->failed = run->failed || (run->together && !ok);
}

/* Fills free slots, and sends again what is due. Returns how many seconds there are until the next
 * is; negative when nothing is left to do. */
static double send_what_is_due(struct run *run) {
    double now = lac_clock_monotonic(), next = -1;
    for (size_t i = 0; i < run->slot_count; i++) {
        struct slot *slot = &run->slots[i];
        bool waits = slot->due > 0 && !lac_interrupt_requested();
        if (slot->exchange != NULL && slot->due > 0 && (!waits || slot->due <= now)) {
            note_outcome(run, begin(slot, run->batch));
        }
        while (slot->exchange == NULL && run->begun < run->count && !run->failed) {
            slot->exchange = &run->exchanges[run->begun++];
            slot->end = end_of(&slot->exchange->request);
            note_outcome(run, begin(slot, run->batch));
        }
        if (slot->exchange != NULL) {
            double left = slot->due > 0 ? slot->due - now : FOREVER;
            next = next < 0 || left < next ? left : next;
        }
    }
    return next;
}

static struct slot *slot_of(struct run *run, const struct lac_http_exchange *http) {
    struct slot *slot = run->slots;
    while (&slot->http != http) {
        slot++;
    }
    return slot;
}

static void drop_rest(struct run *run) {
    lac_http_batch_free(run->batch);
    run->batch = NULL;
    for (size_t i = 0; i < run->slot_count; i++) {
        struct slot *slot = &run->slots[i];
        if (slot->exchange != NULL) {
            slot->http.response = (struct lac_http_response){0};
            lac_fail(&slot->http.error, LAC_ERR_INTERRUPT, "dropped, for another request failed");
            settle(slot);
        }
    }
    while (run->begun < run->count) {
        lac_fail(&run->exchanges[run->begun++].error, LAC_ERR_INTERRUPT,
                 "not sent, for another request failed");
    }
}

void lac_aws_send_all(struct lac_aws_exchange *exchanges, size_t count, size_t parallel,
                      bool together) {
    struct run run = {
        .batch = lac_http_batch_new(),
        .slot_count = parallel < count ? parallel : count,
        .exchanges = exchanges,
        .count = count,
        .together = together,
    };
    run.slots = calloc(run.slot_count + 1, sizeof *run.slots);
    for (size_t i = 0; i < count; i++) {
        exchanges[i].response = (struct lac_http_response){0};
        exchanges[i].error = (struct lac_error){0};
        exchanges[i].attempts = 0;
        exchanges[i].request_id[0] = '\0';
        if (run.batch == NULL || run.slots == NULL) {
            out_of_memory(&exchanges[i].error);
        }
    }
    double wait = -1;
    while (run.batch != NULL && run.slots != NULL && !run.failed &&
           (wait = send_what_is_due(&run)) >= 0) {
        struct lac_http_exchange *http = run.failed ? NULL : lac_http_batch_next(run.batch, wait);
        struct slot *slot = http != NULL ? slot_of(&run, http) : NULL;
        if (slot != NULL && !decide(slot)) {
            note_outcome(&run, settle(slot));
        }
    }
    if (run.failed) {
        drop_rest(&run);
    }
    lac_http_batch_free(run.batch);
    free(run.slots);
}

bool lac_aws_send(struct lac_aws_exchange *exchange) {
    lac_aws_send_all(exchange, 1, 1, false);
    return exchange->error.kind == LAC_OK;
}
