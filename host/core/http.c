#include "core/http.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include <curl/curl.h>

#include "core/clock.h"
#include "core/interrupt.h"
#include "core/late.h"

#define POLL_MS 50 /* how soon an interrupt, an idle transfer or progress is noticed */
#define CONNECT_TIMEOUT 10.0
#define TIMEOUT 300.0
#define IDLE_TIMEOUT 60.0
#define MAX_TIMEOUT 1e6 /* seconds: fits libcurl's milliseconds everywhere */
#define MAX_BODY ((size_t)64 << 20)
#define MAX_URL 65536

/* An exchange under way, or ended and not yet handed out. */
struct transfer {
    struct transfer *next;
    struct lac_http_batch *batch;
    struct lac_http_exchange *exchange;
    CURL *easy;
    struct curl_slist *headers;
    struct lac_http_source source;
    struct lac_http_sink sink;
    struct lac_error error; /* what went wrong in a callback: tells more than libcurl's code */
    char peer[256];         /* host:port, for messages */
    char reason[CURL_ERROR_SIZE];
    double started, active;
    uint64_t received;
    struct lac_http_progress told, total;
    bool has_body;
    bool has_headers; /* up to the empty line */
};

struct lac_http_batch {
    struct transfer *running, *ended;
    bool stopped; /* by a progress function */
};

/* clang-format off */
#define FUNCTIONS(X)                                                                               \
    X(global_init) X(easy_init) X(easy_setopt) X(easy_getinfo) X(easy_strerror) X(easy_cleanup)    \
    X(slist_append) X(slist_free_all) X(multi_init) X(multi_add_handle) X(multi_remove_handle)     \
    X(multi_perform) X(multi_info_read) X(multi_poll) X(url) X(url_set) X(url_get) X(url_cleanup)  \
    X(free)
/* clang-format on */
#define FIELD(name) __typeof__(&curl_##name) name;

#ifdef LAC_CURL_IS_LINKED /* the static program has no other way */
#define VALUE(name) .name = curl_##name,
static const struct { FUNCTIONS(FIELD) } curl = {FUNCTIONS(VALUE)};

static bool open_libcurl(struct lac_error *err) {
    (void)err;
    return true;
}
#else
static struct { FUNCTIONS(FIELD) } curl;

static bool open_libcurl(struct lac_error *err) {
#define ROW(name) {"curl_" #name, &curl.name},
    static const struct lac_late_symbol symbols[] = {FUNCTIONS(ROW)};
    return lac_late_open("libcurl.so.4", symbols, sizeof symbols / sizeof *symbols, err);
}
#endif

/* The process's connections: made by the first request, kept to the end. */
static CURLM *multi;

static bool out_of_memory(struct lac_error *err) {
    return lac_fail(err, LAC_ERR_MEMORY, "out of memory while sending a request");
}

static bool fail_network(struct lac_error *err, const struct transfer *transfer, const char *code,
                         bool retryable, const char *reason) {
    lac_fail(err, LAC_ERR_NETWORK, "%s: %s", transfer->peer, reason);
    snprintf(err->code, sizeof err->code, "%s", code);
    err->retryable = retryable;
    return false;
}

/* ---- What libcurl calls. None of these runs Lua, and none raises. ---- */

static size_t on_header(char *data, size_t size, size_t count, void *context) {
    struct transfer *transfer = context;
    struct lac_headers *headers = &transfer->exchange->response.headers;
    struct lac_str line = {data, size * count};
    transfer->active = lac_clock_monotonic();
    if (line.len >= 5 && memcmp(line.data, "HTTP/", 5) == 0) {
        lac_headers_free(headers); /* what came with a 100 or a redirect is not the answer's */
        transfer->has_headers = false;
        return line.len;
    }
    transfer->has_headers = transfer->has_headers || line.len <= 2;
    if (transfer->has_headers) {
        return line.len; /* the empty line, or a trailer */
    }
    return lac_headers_add_line(headers, line, &transfer->error) ? line.len : 0;
}

static bool is_success(CURL *easy) {
    long status = 0;
    curl.easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
    return status >= 200 && status <= 299;
}

static bool open_sink(struct transfer *transfer) {
    const char *path = transfer->exchange->request.to_file;
    return path == NULL || transfer->sink.fd >= 0 || !is_success(transfer->easy) ||
           lac_http_sink_to_file(&transfer->sink, path, &transfer->error);
}

static size_t on_body(char *data, size_t size, size_t count, void *context) {
    struct transfer *transfer = context;
    struct lac_str bytes = {data, size * count};
    transfer->active = lac_clock_monotonic();
    transfer->received += bytes.len;
    bool ok = open_sink(transfer) && lac_http_sink_write(&transfer->sink, bytes, &transfer->error);
    return ok ? bytes.len : 0;
}

static size_t on_read(char *out, size_t size, size_t count, void *context) {
    struct transfer *transfer = context;
    size_t got = 0;
    transfer->active = lac_clock_monotonic();
    if (!lac_http_source_read(&transfer->source, out, size * count, &got, &transfer->error)) {
        return CURL_READFUNC_ABORT;
    }
    return got;
}

/* libcurl sends a body again when a kept connection turns out to be dead. */
static int on_seek(void *context, curl_off_t offset, int origin) {
    struct transfer *transfer = context;
    if (origin != SEEK_SET || offset < 0 || (uint64_t)offset > transfer->source.length) {
        return CURL_SEEKFUNC_CANTSEEK;
    }
    transfer->source.position = (uint64_t)offset;
    return CURL_SEEKFUNC_OK;
}

/* A program that we start must not hold our connections open. */
static int on_socket(void *context, curl_socket_t fd, curlsocktype purpose) {
    (void)context;
    (void)purpose;
    fcntl(fd, F_SETFD, FD_CLOEXEC);
    return CURL_SOCKOPT_OK;
}

/* ---- A request becomes a handle ---- */

static bool start_libcurl(struct lac_error *err) {
    if (multi != NULL) {
        return true;
    }
    if (!open_libcurl(err)) {
        return false;
    }
    if (curl.global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK) {
        multi = curl.multi_init();
    }
    return multi != NULL || out_of_memory(err);
}

static bool is_direct(const char *host) {
    return strcasecmp(host, "localhost") == 0 || strncmp(host, "127.", 4) == 0 ||
           strcmp(host, "[::1]") == 0 || strncmp(host, "169.254.", 8) == 0;
}

/* Judges the URL, and keeps its host and port for messages. */
static bool read_url(struct transfer *transfer, bool *direct, bool *secure, struct lac_error *err) {
    const char *text = transfer->exchange->request.url;
    CURLU *url = curl.url();
    char *scheme = NULL, *host = NULL, *port = NULL;
    bool ok = url != NULL && text != NULL && strnlen(text, MAX_URL) < MAX_URL &&
              curl.url_set(url, CURLUPART_URL, text, CURLU_PATH_AS_IS) == CURLUE_OK &&
              curl.url_get(url, CURLUPART_SCHEME, &scheme, 0) == CURLUE_OK &&
              curl.url_get(url, CURLUPART_HOST, &host, 0) == CURLUE_OK &&
              curl.url_get(url, CURLUPART_PORT, &port, CURLU_DEFAULT_PORT) == CURLUE_OK &&
              (strcmp(scheme, "http") == 0 || strcmp(scheme, "https") == 0);
    if (ok) {
        *secure = strcmp(scheme, "https") == 0;
        *direct = is_direct(host);
        snprintf(transfer->peer, sizeof transfer->peer, "%.240s:%s", host, port);
    } else {
        lac_fail(err, LAC_ERR_INPUT, "the URL is not an http or https one");
    }
    curl.free(scheme);
    curl.free(host);
    curl.free(port);
    curl.url_cleanup(url);
    return ok;
}

static bool add_line(struct transfer *transfer, const char *line, struct lac_error *err) {
    struct curl_slist *longer = curl.slist_append(transfer->headers, line);
    if (longer == NULL) {
        return out_of_memory(err);
    }
    transfer->headers = longer;
    return true;
}

/* Whether the header goes out as given; what libcurl says itself does not, and must not differ. */
static bool judge_header(const struct lac_header *header, uint64_t length, bool *keep,
                         struct lac_error *err) {
    *keep = false;
    if (!lac_header_check(header, err)) {
        return false;
    }
    if (lac_header_same_name(header->name, LAC_STR("transfer-encoding"))) {
        return lac_fail(err, LAC_ERR_INPUT,
                        "header 'Transfer-Encoding': a body goes out with its Content-Length");
    }
    if (lac_header_same_name(header->name, LAC_STR("content-length"))) {
        char wanted[24];
        int digits = snprintf(wanted, sizeof wanted, "%" PRIu64, length);
        bool same = header->value.len == (size_t)digits &&
                    memcmp(header->value.data, wanted, header->value.len) == 0;
        return same ||
               lac_fail(err, LAC_ERR_INPUT, "header 'Content-Length': the body has another length");
    }
    *keep = !lac_header_same_name(header->name, LAC_STR("expect"));
    return true;
}

static bool add_headers(struct transfer *transfer, struct lac_error *err) {
    const struct lac_http_request *request = &transfer->exchange->request;
    bool ok = add_line(transfer, "Expect:", err), named = false;
    for (size_t i = 0; ok && i < request->header_count; i++) {
        const struct lac_header *header = &request->headers[i];
        bool keep;
        ok = judge_header(header, transfer->source.length, &keep, err);
        if (!ok || !keep) {
            continue;
        }
        named = named || lac_header_same_name(header->name, LAC_STR("user-agent"));
        struct lac_buf line = {0};
        /* "Name;" is how libcurl is told of a header without a value. */
        lac_buf_adds(&line, header->name, header->value.len > 0 ? LAC_STR(": ") : LAC_STR(";"),
                     header->value);
        ok = line.failed ? out_of_memory(err) : add_line(transfer, line.data, err);
        lac_buf_free_secret(&line);
    }
    return ok && (named || add_line(transfer, "User-Agent: laconic", err));
}

static bool equals(struct lac_str text, const char *word) {
    return text.len == strlen(word) && memcmp(text.data, word, text.len) == 0;
}

/* The method, with how libcurl is to treat it: who may have a body, and who must. */
static bool set_method(struct transfer *transfer, struct lac_error *err) {
    const struct lac_http_request *request = &transfer->exchange->request;
    struct lac_str method = request->method;
    if (method.len == 0) {
        method = transfer->has_body ? LAC_STR("POST") : LAC_STR("GET");
    }
    struct lac_header as_token = {method, LAC_STR("")};
    if (method.len > 32 || !lac_header_check(&as_token, err)) {
        return lac_fail(err, LAC_ERR_INPUT, "the method is not a word of letters");
    }
    bool get = equals(method, "GET"), head = equals(method, "HEAD");
    if (request->follow != 0 && ((!get && !head) || transfer->has_body)) {
        return lac_fail(err, LAC_ERR_INPUT, "only GET and HEAD without a body follow redirects");
    }
    if (head && transfer->has_body) {
        return lac_fail(err, LAC_ERR_INPUT, "HEAD has no body");
    }
    CURL *easy = transfer->easy;
    char name[33] = {0};
    memcpy(name, method.data, method.len);
    if (transfer->has_body || equals(method, "POST") || equals(method, "PUT") ||
        equals(method, "PATCH")) {
        curl.easy_setopt(easy, CURLOPT_UPLOAD, 1L);
        curl.easy_setopt(easy, CURLOPT_INFILESIZE_LARGE, (curl_off_t)transfer->source.length);
    } else if (head) {
        curl.easy_setopt(easy, CURLOPT_NOBODY, 1L);
    }
    return curl.easy_setopt(easy, CURLOPT_CUSTOMREQUEST, name) == CURLE_OK || out_of_memory(err);
}

static long milliseconds(double seconds, double fallback) {
    double chosen = seconds > 0 ? seconds : fallback;
    return (long)ceil((chosen < MAX_TIMEOUT ? chosen : MAX_TIMEOUT) * 1000);
}

static const char *environment(const char *name) {
    const char *value = getenv(name);
    return value != NULL && *value != '\0' ? value : NULL;
}

/* Where systems keep their certificates: the same program runs on more than one. */
static const char *find_system_bundle(void) {
    static const char *const known[] = {
        "/etc/ssl/certs/ca-certificates.crt",
        "/etc/pki/tls/certs/ca-bundle.crt",
        "/etc/ssl/ca-bundle.pem",
        "/etc/ssl/cert.pem",
    };
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        if (access(known[i], R_OK) == 0) {
            return known[i];
        }
    }
    return NULL;
}

static void set_trust(CURL *easy, const char *ca_bundle) {
    const char *bundle = ca_bundle;
    bundle = bundle ? bundle : environment("AWS_CA_BUNDLE");
    bundle = bundle ? bundle : environment("SSL_CERT_FILE");
    bundle = bundle ? bundle : find_system_bundle();
    if (bundle != NULL) {
        curl.easy_setopt(easy, CURLOPT_CAINFO, bundle);
        curl.easy_setopt(easy, CURLOPT_CAPATH, NULL);
    }
}

static void set_options(struct transfer *transfer, bool direct, bool secure) {
    const struct lac_http_request *request = &transfer->exchange->request;
    CURL *easy = transfer->easy;
    curl.easy_setopt(easy, CURLOPT_PRIVATE, transfer);
    curl.easy_setopt(easy, CURLOPT_ERRORBUFFER, transfer->reason);
    curl.easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl.easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L); /* never wait for a resolver that hangs */
    curl.easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    curl.easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
    curl.easy_setopt(easy, CURLOPT_REDIR_PROTOCOLS_STR, "http,https");
    curl.easy_setopt(easy, CURLOPT_PATH_AS_IS, 1L); /* "a/../b" is a key like any other */
    curl.easy_setopt(easy, CURLOPT_TCP_NODELAY, 1L);
    curl.easy_setopt(easy, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
    curl.easy_setopt(easy, CURLOPT_HTTPHEADER, transfer->headers);
    curl.easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS,
                     milliseconds(request->connect_timeout, CONNECT_TIMEOUT));
    curl.easy_setopt(easy, CURLOPT_TIMEOUT_MS, milliseconds(request->timeout, TIMEOUT));
    curl.easy_setopt(easy, CURLOPT_FOLLOWLOCATION, request->follow > 0 ? 1L : 0L);
    curl.easy_setopt(easy, CURLOPT_MAXREDIRS, (long)request->follow);
    if (request->proxy != NULL || direct) {
        curl.easy_setopt(easy, CURLOPT_PROXY, request->proxy != NULL ? request->proxy : "");
    }
    if (request->proxy != NULL) {
        curl.easy_setopt(easy, CURLOPT_NOPROXY, ""); /* said aloud, it wins over no_proxy */
    }
    if (secure || request->proxy != NULL || request->follow > 0) {
        set_trust(easy, request->ca_bundle);
    }
    curl.easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_header);
    curl.easy_setopt(easy, CURLOPT_HEADERDATA, transfer);
    curl.easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
    curl.easy_setopt(easy, CURLOPT_WRITEDATA, transfer);
    curl.easy_setopt(easy, CURLOPT_READFUNCTION, on_read);
    curl.easy_setopt(easy, CURLOPT_READDATA, transfer);
    curl.easy_setopt(easy, CURLOPT_SEEKFUNCTION, on_seek);
    curl.easy_setopt(easy, CURLOPT_SEEKDATA, transfer);
    curl.easy_setopt(easy, CURLOPT_SOCKOPTFUNCTION, on_socket);
}

static bool begin(struct transfer *transfer, struct lac_error *err) {
    const struct lac_http_request *request = &transfer->exchange->request;
    bool direct = false, secure = false;
    if (request->body.data != NULL && request->file.path != NULL) {
        return lac_fail(err, LAC_ERR_INPUT, "a body is text or a file, not both");
    }
    if (!start_libcurl(err) || !read_url(transfer, &direct, &secure, err) ||
        !lac_http_source_open(&transfer->source, request->body, &request->file, err) ||
        !add_headers(transfer, err)) {
        return false;
    }
    transfer->easy = curl.easy_init();
    if (transfer->easy == NULL) {
        return out_of_memory(err);
    }
    set_options(transfer, direct, secure);
    return set_method(transfer, err) &&
           (curl.easy_setopt(transfer->easy, CURLOPT_URL, request->url) == CURLE_OK ||
            out_of_memory(err)) &&
           (curl.multi_add_handle(multi, transfer->easy) == CURLM_OK || out_of_memory(err));
}

/* ---- A handle becomes an answer ---- */

static bool judge(struct transfer *transfer, CURLcode result, struct lac_error *err) {
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
        return out_of_memory(err);
    case CURLE_OPERATION_TIMEDOUT:
        curl.easy_getinfo(transfer->easy, CURLINFO_REQUEST_SIZE, &number);
        return fail_network(err, transfer, "timeout", true,
                            number == 0 ? "not connected in time" : "no whole answer in time");
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_RESOLVE_PROXY:
        return fail_network(err, transfer, "resolve", true,
                            result == CURLE_COULDNT_RESOLVE_HOST ? "the name does not resolve"
                                                                 : "the proxy does not resolve");
    case CURLE_COULDNT_CONNECT:
        curl.easy_getinfo(transfer->easy, CURLINFO_OS_ERRNO, &number);
        return fail_network(err, transfer, "connect", true,
                            number != 0 ? strerror((int)number) : "cannot connect");
    case CURLE_GOT_NOTHING:
    case CURLE_PARTIAL_FILE:
    case CURLE_RECV_ERROR:
    case CURLE_SEND_ERROR:
        return fail_network(err, transfer, "closed", true,
                            "the connection was closed before the answer was whole");
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CIPHER:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_ISSUER_ERROR:
    case CURLE_SSL_ENGINE_INITFAILED:
        return fail_network(err, transfer, "tls", false,
                            *transfer->reason ? transfer->reason : curl.easy_strerror(result));
    case CURLE_TOO_MANY_REDIRECTS:
        return fail_network(err, transfer, "redirect", false, "too many redirects");
    default:
        return fail_network(err, transfer, "protocol", false, curl.easy_strerror(result));
    }
}

static bool take_answer(struct transfer *transfer, struct lac_error *err) {
    struct lac_http_response *response = &transfer->exchange->response;
    const char *path = transfer->exchange->request.to_file;
    long status = 0;
    curl.easy_getinfo(transfer->easy, CURLINFO_RESPONSE_CODE, &status);
    if (!open_sink(transfer)) { /* an empty body never opened it */
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

static void release(struct transfer *transfer) {
    if (transfer->easy != NULL) {
        curl.multi_remove_handle(multi, transfer->easy);
        curl.easy_cleanup(transfer->easy);
    }
    if (transfer->headers != NULL) {
        curl.slist_free_all(transfer->headers);
    }
    lac_http_source_close(&transfer->source);
    lac_http_sink_close(&transfer->sink);
    transfer->easy = NULL;
    transfer->headers = NULL;
}

static struct lac_http_progress progress_of(const struct transfer *transfer) {
    curl_off_t total = -1;
    curl.easy_getinfo(transfer->easy, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &total);
    return (struct lac_http_progress){
        .sent = transfer->source.position,
        .send_total = transfer->source.length,
        .received = transfer->received,
        .receive_total = total > 0 ? (uint64_t)total : 0,
    };
}

static void unlink_from(struct transfer **list, struct transfer *transfer) {
    while (*list != NULL && *list != transfer) {
        list = &(*list)->next;
    }
    if (*list != NULL) {
        *list = transfer->next;
    }
}

/* Moves a transfer to the end of those that have ended; `ok` or not, it holds nothing any more. */
static void end(struct transfer *transfer, bool ok, const struct lac_error *err) {
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
    struct transfer **last = &batch->ended;
    while (*last != NULL) {
        last = &(*last)->next;
    }
    transfer->next = NULL;
    *last = transfer;
}

/* ---- Waiting ---- */

static void collect(void) {
    CURLMsg *message;
    int left;
    while ((message = curl.multi_info_read(multi, &left)) != NULL) {
        char *private = NULL;
        CURLcode result = message->data.result;
        curl.easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &private);
        struct transfer *transfer = (struct transfer *)(void *)private;
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
    struct transfer *next;
    for (struct transfer *transfer = batch->running; transfer != NULL; transfer = next) {
        const struct lac_http_request *request = &transfer->exchange->request;
        double idle = request->idle_timeout > 0 ? request->idle_timeout : IDLE_TIMEOUT;
        struct lac_error err;
        next = transfer->next;
        if (is_stopped(batch, request)) {
            end(transfer, lac_fail(&err, LAC_ERR_INTERRUPT, "interrupted"), &err);
        } else if (now - transfer->active > idle) {
            end(transfer, fail_network(&err, transfer, "timeout", true, "silent for too long"),
                &err);
        }
    }
}

static bool is_news(const struct transfer *transfer, const struct lac_http_progress *so_far) {
    return transfer->exchange->request.progress != NULL &&
           (so_far->sent != transfer->told.sent || so_far->received != transfer->told.received);
}

/* `progress` may send requests of its own, which may end transfers of this batch: after each call
 * the list is read from its beginning. */
static void tell_progress(struct lac_http_batch *batch) {
    struct transfer *transfer = batch->running;
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
    struct transfer *transfer = batch->ended;
    struct lac_http_exchange *exchange = transfer->exchange;
    batch->ended = transfer->next;
    if (exchange->error.kind == LAC_OK && is_news(transfer, &transfer->total)) {
        exchange->request.progress(exchange->request.context, &transfer->total);
    }
    free(transfer);
    return exchange;
}

static void fail_all(struct lac_http_batch *batch) {
    while (batch->running != NULL) {
        struct lac_error err;
        end(batch->running, out_of_memory(&err), &err);
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
            out_of_memory(&exchanges[begun++].error);
        } else if (begun < count && running < parallel) {
            running += lac_http_batch_start(batch, &exchanges[begun++]) ? 1 : 0;
        } else {
            running -= lac_http_batch_next(batch, MAX_TIMEOUT) != NULL ? 1 : 0;
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
    if (is_stopped(batch, request)) {
        return lac_fail(&exchange->error, LAC_ERR_INTERRUPT, "interrupted");
    }
    struct transfer *transfer = calloc(1, sizeof *transfer);
    if (transfer == NULL) {
        return out_of_memory(&exchange->error);
    }
    transfer->batch = batch;
    transfer->exchange = exchange;
    transfer->has_body = request->body.data != NULL || request->file.path != NULL;
    transfer->source.fd = -1;
    transfer->started = transfer->active = lac_clock_monotonic();
    lac_http_sink_to_memory(&transfer->sink, request->max_body > 0 ? request->max_body : MAX_BODY);
    if (!begin(transfer, &exchange->error)) {
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
    while (start_libcurl(&err)) {
        int running;
        bool works = curl.multi_perform(multi, &running) == CURLM_OK;
        collect();
        stop_some(batch);
        tell_progress(batch);
        if (batch->ended != NULL) {
            return hand_out(batch);
        }
        double left = until - lac_clock_monotonic();
        if (left <= 0 || (batch->running == NULL && lac_interrupt_requested())) {
            return NULL;
        }
        int wait = left * 1000 < POLL_MS ? (int)ceil(left * 1000) : POLL_MS;
        works = works && curl.multi_poll(multi, NULL, 0, wait, NULL) == CURLM_OK;
        if (!works) {
            fail_all(batch);
        }
    }
    return NULL;
}

void lac_http_batch_free(struct lac_http_batch *batch) {
    while (batch != NULL && batch->running != NULL) {
        struct lac_error err;
        end(batch->running, lac_fail(&err, LAC_ERR_INTERRUPT, "dropped"), &err);
    }
    while (batch != NULL && batch->ended != NULL) {
        struct transfer *transfer = batch->ended;
        batch->ended = transfer->next;
        lac_http_response_free(&transfer->exchange->response);
        free(transfer);
    }
    free(batch);
}
