/* http.c — transfers under way, and the answers that they become. */
#include "core/http.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/clock.h"
#include "core/http_private.h"
#include "core/interrupt.h"

#define POLL_MS 50 /* how soon an interrupt, an idle transfer or progress is noticed */
#define IDLE_TIMEOUT 60.0
#define MAX_BODY ((size_t)64 << 20)
#define RESOLVERS "/etc/resolv.conf"

/* ---- A handle becomes an answer ---- */

static bool fail_to_resolve(const struct lac_http_transfer *transfer, bool proxy,
                            struct lac_error *err) {
    char reason[128];
    snprintf(reason, sizeof reason, "the %s does not resolve%s", proxy ? "proxy" : "name",
             access(RESOLVERS, R_OK) == 0 ? "" : ": there is no " RESOLVERS " to name a server");
    return lac_http_fail_network(err, transfer, "resolve", true, reason);
}

static bool fail_to_verify(const struct lac_http_transfer *transfer, struct lac_error *err) {
    char reason[CURL_ERROR_SIZE + 256];
    snprintf(reason, sizeof reason, "%s (trusted are those in %.200s)", transfer->reason,
             transfer->bundle != NULL ? transfer->bundle : "no file");
    return lac_http_fail_network(err, transfer, "tls", false, reason);
}

static bool judge(struct lac_http_transfer *transfer, CURLcode result, struct lac_error *err) {
    long number = 0;
    if (transfer->error.kind != LAC_OK) { /* a callback said no, and said why */
        *err = transfer->error;
        return false;
    }
    if (result == CURLE_OK && !transfer->has_headers) {
        result = CURLE_GOT_NOTHING; /* libcurl takes headers that break off for whole */
    }
    switch (result) {
    case CURLE_OK:
        return true;
    case CURLE_OUT_OF_MEMORY:
        return lac_http_out_of_memory(err);
    case CURLE_OPERATION_TIMEDOUT:
        lac_curl.easy_getinfo(transfer->easy, CURLINFO_REQUEST_SIZE, &number);
        return lac_http_fail_network(err, transfer, "timeout", true,
                                     number == 0 ? "not connected in time"
                                                 : "no whole answer in time");
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_RESOLVE_PROXY:
        return fail_to_resolve(transfer, result == CURLE_COULDNT_RESOLVE_PROXY, err);
    case CURLE_COULDNT_CONNECT:
        lac_curl.easy_getinfo(transfer->easy, CURLINFO_OS_ERRNO, &number);
        return lac_http_fail_network(err, transfer, "connect", true,
                                     number != 0 ? strerror((int)number) : "cannot connect");
    case CURLE_GOT_NOTHING:
    case CURLE_PARTIAL_FILE:
    case CURLE_RECV_ERROR:
    case CURLE_SEND_ERROR:
        return lac_http_fail_network(err, transfer, "closed", true,
                                     "the connection was closed before the answer was whole");
    case CURLE_PEER_FAILED_VERIFICATION:
        return fail_to_verify(transfer, err);
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CIPHER:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_ISSUER_ERROR:
    case CURLE_SSL_ENGINE_INITFAILED:
        return lac_http_fail_network(err, transfer, "tls", false,
                                     *transfer->reason ? transfer->reason
                                                       : lac_curl.easy_strerror(result));
    case CURLE_TOO_MANY_REDIRECTS:
        return lac_http_fail_network(err, transfer, "redirect", false, "too many redirects");
    default:
        return lac_http_fail_network(err, transfer, "protocol", false,
                                     lac_curl.easy_strerror(result));
    }
}

static bool take_answer(struct lac_http_transfer *transfer, struct lac_error *err) {
    struct lac_http_response *response = &transfer->exchange->response;
    const char *path = transfer->exchange->request.to_file;
    long status = 0;
    lac_curl.easy_getinfo(transfer->easy, CURLINFO_RESPONSE_CODE, &status);
    if (!lac_http_open_sink(transfer)) { /* an empty body never opened it */
        *err = transfer->error;
        return false;
    }
    if (transfer->sink.fd >= 0 && !lac_http_sink_commit(&transfer->sink, path, err)) {
        return false;
    }
    response->status = (int)status;
    response->body = transfer->sink.bytes;
    transfer->sink.bytes = (struct lac_buf){0};
    return true;
}

static void release(struct lac_http_transfer *transfer) {
    if (transfer->easy != NULL) {
        lac_curl.multi_remove_handle(lac_http_multi(transfer->batch), transfer->easy);
        lac_curl.easy_cleanup(transfer->easy);
    }
    if (transfer->headers != NULL) {
        lac_curl.slist_free_all(transfer->headers);
    }
    lac_http_source_close(&transfer->source);
    lac_http_sink_close(&transfer->sink);
    transfer->easy = NULL;
    transfer->headers = NULL;
}

static struct lac_http_progress progress_of(const struct lac_http_transfer *transfer) {
    curl_off_t total = -1;
    lac_curl.easy_getinfo(transfer->easy, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &total);
    return (struct lac_http_progress){
        .sent = transfer->source.position,
        .send_total = transfer->source.length,
        .received = transfer->received,
        .receive_total = total > 0 ? (uint64_t)total : 0,
    };
}

static void unlink_from(struct lac_http_transfer **list, struct lac_http_transfer *transfer) {
    while (*list != NULL && *list != transfer) {
        list = &(*list)->next;
    }
    if (*list != NULL) {
        *list = transfer->next;
    }
}

/* Moves a transfer to the end of those that have ended; `ok` or not, it holds nothing any more. */
static void end(struct lac_http_transfer *transfer, bool ok, const struct lac_error *err) {
    struct lac_http_batch *batch = transfer->batch;
    struct lac_http_exchange *exchange = transfer->exchange;
    exchange->response.seconds = lac_clock_monotonic() - transfer->started;
    transfer->total = progress_of(transfer);
    if (!ok) {
        lac_http_response_free(&exchange->response);
        exchange->error = *err;
    }
    release(transfer);
    unlink_from(&batch->running, transfer);
    struct lac_http_transfer **last = &batch->ended;
    while (*last != NULL) {
        last = &(*last)->next;
    }
    transfer->next = NULL;
    *last = transfer;
}

/* ---- Waiting ---- */

static void collect(CURLM *multi) {
    CURLMsg *message;
    int left;
    while ((message = lac_curl.multi_info_read(multi, &left)) != NULL) {
        char *private = NULL;
        CURLcode result = message->data.result;
        lac_curl.easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &private);
        struct lac_http_transfer *transfer = (struct lac_http_transfer *)(void *)private;
        struct lac_error err;
        bool ok = judge(transfer, result, &err) && take_answer(transfer, &err);
        end(transfer, ok, &err);
    }
}

static bool is_stopped(const struct lac_http_batch *batch, const struct lac_http_request *request) {
    return (batch->stopped || lac_interrupt_requested()) && !request->outlives_interrupt;
}

/* Ends what the user interrupted, and what has been silent for too long. */
static void stop_some(struct lac_http_batch *batch) {
    double now = lac_clock_monotonic();
    struct lac_http_transfer *next;
    for (struct lac_http_transfer *transfer = batch->running; transfer != NULL; transfer = next) {
        const struct lac_http_request *request = &transfer->exchange->request;
        double idle = request->idle_timeout > 0 ? request->idle_timeout : IDLE_TIMEOUT;
        struct lac_error err;
        next = transfer->next;
        if (is_stopped(batch, request)) {
            end(transfer, lac_fail(&err, LAC_ERR_INTERRUPT, "interrupted"), &err);
        } else if (now - transfer->active > idle) {
            end(transfer,
                lac_http_fail_network(&err, transfer, "timeout", true, "silent for too long"),
                &err);
        }
    }
}

/* Gives the request's sink these bytes, and frees them. */
static void feed(struct lac_http_transfer *transfer, struct lac_buf *bytes) {
    struct lac_http_exchange *exchange = transfer->exchange;
    const struct lac_http_request *request = &exchange->request;
    if (bytes->len > 0 && !transfer->batch->stopped) {
        exchange->handed_out = true;
        transfer->batch->stopped = !request->sink(request->context, lac_buf_view(bytes));
        transfer->active = lac_clock_monotonic();
    }
    lac_buf_free(bytes);
}

static void go_on(struct lac_http_transfer *transfer) {
    if (transfer->paused && transfer->easy != NULL) {
        transfer->paused = false;
        lac_curl.easy_pause(transfer->easy, CURLPAUSE_CONT);
    }
}

/* Like `progress`, a sink may end transfers of this batch: then the list is read from its
 * beginning.
 */
static void feed_sinks(struct lac_http_batch *batch) {
    struct lac_http_transfer *transfer = batch->running;
    while (transfer != NULL && !batch->stopped) {
        if (transfer->sink.bytes.len == 0 || !lac_http_has_sink(transfer)) {
            transfer = transfer->next;
            continue;
        }
        struct lac_buf bytes = transfer->sink.bytes;
        transfer->sink.bytes = (struct lac_buf){0};
        feed(transfer, &bytes);
        go_on(transfer);
        transfer = batch->running;
    }
}

static bool is_news(const struct lac_http_transfer *transfer,
                    const struct lac_http_progress *so_far) {
    return transfer->exchange->request.progress != NULL &&
           (so_far->sent != transfer->told.sent || so_far->received != transfer->told.received);
}

/* `progress` may send requests of its own, which may end transfers of this batch: after each call
 * the list is read from its beginning. */
static void tell_progress(struct lac_http_batch *batch) {
    struct lac_http_transfer *transfer = batch->running;
    while (transfer != NULL) {
        const struct lac_http_request *request = &transfer->exchange->request;
        struct lac_http_progress so_far = progress_of(transfer);
        if (!is_news(transfer, &so_far)) {
            transfer = transfer->next;
            continue;
        }
        transfer->told = so_far;
        if (!request->progress(request->context, &so_far)) {
            batch->stopped = true;
            stop_some(batch);
        }
        transfer = batch->running;
    }
}

static struct lac_http_exchange *hand_out(struct lac_http_batch *batch) {
    struct lac_http_transfer *transfer = batch->ended;
    struct lac_http_exchange *exchange = transfer->exchange;
    batch->ended = transfer->next;
    if (exchange->error.kind == LAC_OK && exchange->request.sink != NULL &&
        exchange->response.status / 100 == 2) {
        feed(transfer, &exchange->response.body);
    }
    if (exchange->error.kind == LAC_OK && is_news(transfer, &transfer->total)) {
        exchange->request.progress(exchange->request.context, &transfer->total);
    }
    free(transfer);
    return exchange;
}

void lac_http_batch_fail(struct lac_http_batch *batch) {
    while (batch->running != NULL) {
        struct lac_error err;
        end(batch->running, lac_http_out_of_memory(&err), &err);
    }
}

struct lac_http_exchange *lac_http_batch_settle(struct lac_http_batch *batch) {
    feed_sinks(batch);
    collect(lac_http_multi(batch));
    stop_some(batch);
    tell_progress(batch);
    return batch->ended != NULL ? hand_out(batch) : NULL;
}

void lac_http_batch_drop(struct lac_http_batch *batch, struct lac_http_exchange *exchange) {
    struct lac_http_transfer **lists[] = {&batch->running, &batch->ended};
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
        struct lac_http_transfer **at = lists[i];
        while (*at != NULL && (*at)->exchange != exchange) {
            at = &(*at)->next;
        }
        struct lac_http_transfer *transfer = *at;
        if (transfer != NULL) {
            *at = transfer->next;
            release(transfer);
            lac_http_response_free(&exchange->response);
            free(transfer);
            return;
        }
    }
}

void lac_http_batch_clear(struct lac_http_batch *batch) {
    while (batch->running != NULL) {
        lac_http_batch_drop(batch, batch->running->exchange);
    }
    while (batch->ended != NULL) {
        lac_http_batch_drop(batch, batch->ended->exchange);
    }
}

/* ---- Public ---- */

void lac_http_response_free(struct lac_http_response *response) {
    lac_headers_free(&response->headers);
    lac_buf_free(&response->body);
    *response = (struct lac_http_response){0};
}

bool lac_http_send(const struct lac_http_request *request, struct lac_http_response *response,
                   struct lac_error *err) {
    struct lac_http_exchange exchange = {.request = *request};
    lac_http_send_all(&exchange, 1, 1);
    if (exchange.error.kind != LAC_OK) {
        *err = exchange.error;
        return false;
    }
    *response = exchange.response;
    return true;
}

void lac_http_send_all(struct lac_http_exchange *exchanges, size_t count, size_t parallel) {
    struct lac_http_batch *batch = lac_http_batch_new();
    size_t begun = 0, running = 0;
    while (begun < count || running > 0) {
        if (batch == NULL) {
            lac_http_out_of_memory(&exchanges[begun++].error);
        } else if (begun < count && running < parallel) {
            running += lac_http_batch_start(batch, &exchanges[begun++]) ? 1 : 0;
        } else {
            running -= lac_http_batch_next(batch, LAC_HTTP_MOST_SECONDS) != NULL ? 1 : 0;
        }
    }
    lac_http_batch_free(batch);
}

struct lac_http_batch *lac_http_batch_new(void) {
    return calloc(1, sizeof(struct lac_http_batch));
}

bool lac_http_batch_start(struct lac_http_batch *batch, struct lac_http_exchange *exchange) {
    const struct lac_http_request *request = &exchange->request;
    exchange->response = (struct lac_http_response){0};
    exchange->error = (struct lac_error){0};
    exchange->handed_out = false;
    if (is_stopped(batch, request)) {
        return lac_fail(&exchange->error, LAC_ERR_INTERRUPT, "interrupted");
    }
    struct lac_http_transfer *transfer = calloc(1, sizeof *transfer);
    if (transfer == NULL) {
        return lac_http_out_of_memory(&exchange->error);
    }
    transfer->batch = batch;
    transfer->exchange = exchange;
    transfer->has_body = request->body.data != NULL || request->file.path != NULL;
    transfer->source.fd = -1;
    transfer->started = transfer->active = lac_clock_monotonic();
    lac_http_sink_to_memory(&transfer->sink, request->max_body > 0 ? request->max_body : MAX_BODY);
    if (!lac_http_begin(transfer, &exchange->error)) {
        release(transfer);
        free(transfer);
        return false;
    }
    transfer->next = batch->running;
    batch->running = transfer;
    return true;
}

struct lac_http_exchange *lac_http_batch_next(struct lac_http_batch *batch, double seconds) {
    double until = lac_clock_monotonic() + seconds;
    struct lac_error err;
    while (lac_http_start_libcurl(&err)) {
        int running;
        bool works = lac_curl.multi_perform(lac_curl_multi, &running) == CURLM_OK;
        struct lac_http_exchange *exchange = lac_http_batch_settle(batch);
        if (exchange != NULL) {
            return exchange;
        }
        double left = until - lac_clock_monotonic();
        if (left <= 0 || (batch->running == NULL && lac_interrupt_requested())) {
            return NULL;
        }
        int wait = left * 1000 < POLL_MS ? (int)ceil(left * 1000) : POLL_MS;
        works = works && lac_curl.multi_poll(lac_curl_multi, NULL, 0, wait, NULL) == CURLM_OK;
        if (!works) {
            lac_http_batch_fail(batch);
        }
    }
    return NULL;
}

void lac_http_batch_free(struct lac_http_batch *batch) {
    if (batch != NULL) {
        lac_http_batch_clear(batch);
    }
    free(batch);
}
