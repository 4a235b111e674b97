/* http_request.c — a request becomes one of libcurl's handles, with the functions that it calls. */
#include <fcntl.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "core/clock.h"
#include "core/http_private.h"
#include "core/http_text.h"
#include "core/http_trust.h"

#define CONNECT_TIMEOUT 10.0
#define TIMEOUT 300.0
#define MAX_URL 65536
#define SINK_AHEAD ((size_t)1 << 20) /* bytes that wait for a sink before the answer has to */

CURLM *lac_curl_multi;

bool lac_http_out_of_memory(struct lac_error *err) {
    return lac_fail(err, LAC_ERR_MEMORY, "out of memory while sending a request");
}

bool lac_http_fail_network(struct lac_error *err, const struct lac_http_transfer *transfer,
                           const char *code, bool retryable, const char *reason) {
    lac_fail(err, LAC_ERR_NETWORK, "%s: %s", transfer->peer, reason);
    snprintf(err->code, sizeof err->code, "%s", code);
    err->retryable = retryable;
    return false;
}

/* ---- What libcurl calls. None of these runs Lua, and none raises. ---- */

static size_t on_header(char *data, size_t size, size_t count, void *context) {
    struct lac_http_transfer *transfer = context;
    struct lac_headers *headers = &transfer->exchange->response.headers;
    struct lac_str line = {data, size * count};
    transfer->active = lac_clock_monotonic();
    if (line.len >= 5 && memcmp(line.data, "HTTP/", 5) == 0) {
        lac_headers_free(headers); /* what came with a 100 or a redirect is not the answer's */
        headers->apart = transfer->exchange->request.headers_apart;
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
    lac_curl.easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
    return status >= 200 && status <= 299;
}

bool lac_http_open_sink(struct lac_http_transfer *transfer) {
    const char *path = transfer->exchange->request.to_file;
    return path == NULL || transfer->sink.fd >= 0 || !is_success(transfer->easy) ||
           lac_http_sink_to_file(&transfer->sink, path, &transfer->error);
}

bool lac_http_has_sink(const struct lac_http_transfer *transfer) {
    return transfer->exchange->request.sink != NULL && is_success(transfer->easy);
}

static bool take_for_sink(struct lac_http_transfer *transfer, struct lac_str bytes) {
    size_t most = transfer->exchange->request.max_body;
    if (most > 0 && transfer->received > most) {
        return lac_fail(&transfer->error, LAC_ERR_LIMIT, "the answer is longer than %zu bytes",
                        most);
    }
    return lac_http_sink_write(&transfer->sink, bytes, &transfer->error);
}

static size_t on_body(char *data, size_t size, size_t count, void *context) {
    struct lac_http_transfer *transfer = context;
    struct lac_str bytes = {data, size * count};
    transfer->active = lac_clock_monotonic();
    if (lac_http_has_sink(transfer) && transfer->sink.bytes.len >= SINK_AHEAD) {
        transfer->paused = true;
        return CURL_WRITEFUNC_PAUSE;
    }
    transfer->received += bytes.len;
    if (lac_http_has_sink(transfer)) {
        return take_for_sink(transfer, bytes) ? bytes.len : 0;
    }
    bool ok = lac_http_open_sink(transfer) &&
              lac_http_sink_write(&transfer->sink, bytes, &transfer->error);
    return ok ? bytes.len : 0;
}

static size_t on_read(char *out, size_t size, size_t count, void *context) {
    struct lac_http_transfer *transfer = context;
    size_t got = 0;
    transfer->active = lac_clock_monotonic();
    if (!lac_http_source_read(&transfer->source, out, size * count, &got, &transfer->error)) {
        return CURL_READFUNC_ABORT;
    }
    return got;
}

/* libcurl sends a body again when a kept connection turns out to be dead. */
static int on_seek(void *context, curl_off_t offset, int origin) {
    struct lac_http_transfer *transfer = context;
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

CURLM *lac_http_multi(const struct lac_http_batch *batch) {
    return batch->multi != NULL ? batch->multi : lac_curl_multi;
}

bool lac_http_start_libcurl(struct lac_error *err) {
    if (lac_curl_multi != NULL) {
        return true;
    }
    if (!lac_http_open_libcurl(err)) {
        return false;
    }
    if (lac_curl.global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK) {
        lac_curl_multi = lac_curl.multi_init();
    }
    return lac_curl_multi != NULL || lac_http_out_of_memory(err);
}

static bool is_direct(const char *host) {
    return strcasecmp(host, "localhost") == 0 || strncmp(host, "127.", 4) == 0 ||
           strcmp(host, "[::1]") == 0 || strncmp(host, "169.254.", 8) == 0;
}

/* Judges the URL, and keeps its host and port for messages. */
static bool read_url(struct lac_http_transfer *transfer, bool *direct, bool *secure,
                     struct lac_error *err) {
    const char *text = transfer->exchange->request.url;
    CURLU *url = lac_curl.url();
    char *scheme = NULL, *host = NULL, *port = NULL;
    bool ok = url != NULL && text != NULL && strnlen(text, MAX_URL) < MAX_URL &&
              lac_curl.url_set(url, CURLUPART_URL, text, CURLU_PATH_AS_IS) == CURLUE_OK &&
              lac_curl.url_get(url, CURLUPART_SCHEME, &scheme, 0) == CURLUE_OK &&
              lac_curl.url_get(url, CURLUPART_HOST, &host, 0) == CURLUE_OK &&
              lac_curl.url_get(url, CURLUPART_PORT, &port, CURLU_DEFAULT_PORT) == CURLUE_OK &&
              (strcmp(scheme, "http") == 0 || strcmp(scheme, "https") == 0);
    if (ok) {
        *secure = strcmp(scheme, "https") == 0;
        *direct = is_direct(host);
        snprintf(transfer->peer, sizeof transfer->peer, "%.240s:%s", host, port);
    } else {
        lac_fail(err, LAC_ERR_INPUT, "the URL is not an http or https one");
    }
    lac_curl.free(scheme);
    lac_curl.free(host);
    lac_curl.free(port);
    lac_curl.url_cleanup(url);
    return ok;
}

static bool add_line(struct lac_http_transfer *transfer, const char *line, struct lac_error *err) {
    struct curl_slist *longer = lac_curl.slist_append(transfer->headers, line);
    if (longer == NULL) {
        return lac_http_out_of_memory(err);
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
    if (lac_http_same(header->name, LAC_STR("transfer-encoding"))) {
        return lac_fail(err, LAC_ERR_INPUT,
                        "header 'Transfer-Encoding': a body goes out with its Content-Length");
    }
    if (lac_http_same(header->name, LAC_STR("content-length"))) {
        char wanted[24];
        int digits = snprintf(wanted, sizeof wanted, "%" PRIu64, length);
        bool same = header->value.len == (size_t)digits &&
                    memcmp(header->value.data, wanted, header->value.len) == 0;
        return same ||
               lac_fail(err, LAC_ERR_INPUT, "header 'Content-Length': the body has another length");
    }
    *keep = !lac_http_same(header->name, LAC_STR("expect"));
    return true;
}

static bool add_headers(struct lac_http_transfer *transfer, struct lac_error *err) {
    const struct lac_http_request *request = &transfer->exchange->request;
    bool ok = add_line(transfer, "Expect:", err), named = false;
    for (size_t i = 0; ok && i < request->header_count; i++) {
        const struct lac_header *header = &request->headers[i];
        bool keep;
        ok = judge_header(header, transfer->source.length, &keep, err);
        if (!ok || !keep) {
            continue;
        }
        named = named || lac_http_same(header->name, LAC_STR("user-agent"));
        struct lac_buf line = {0};
        /* "Name;" is how libcurl is told of a header without a value. */
        lac_buf_adds(&line, header->name, header->value.len > 0 ? LAC_STR(": ") : LAC_STR(";"),
                     header->value);
        ok = line.failed ? lac_http_out_of_memory(err) : add_line(transfer, line.data, err);
        lac_buf_free_secret(&line);
    }
    return ok && (named || add_line(transfer, "User-Agent: laconic", err));
}

static bool equals(struct lac_str text, const char *word) {
    return text.len == strlen(word) && memcmp(text.data, word, text.len) == 0;
}

/* The method, with how libcurl is to treat it: who may have a body, and who must. */
static bool set_method(struct lac_http_transfer *transfer, struct lac_error *err) {
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
        lac_curl.easy_setopt(easy, CURLOPT_UPLOAD, 1L);
        lac_curl.easy_setopt(easy, CURLOPT_INFILESIZE_LARGE, (curl_off_t)transfer->source.length);
    } else if (head) {
        lac_curl.easy_setopt(easy, CURLOPT_NOBODY, 1L);
    }
    return lac_curl.easy_setopt(easy, CURLOPT_CUSTOMREQUEST, name) == CURLE_OK ||
           lac_http_out_of_memory(err);
}

static long milliseconds(double seconds, double fallback) {
    double chosen = seconds > 0 ? seconds : fallback;
    return (long)ceil((chosen < LAC_HTTP_MOST_SECONDS ? chosen : LAC_HTTP_MOST_SECONDS) * 1000);
}

/* Certificates are verified in any case: where there is no bundle, none is believed. That is told
 * here when it will be needed for sure; a proxy or a redirect only may lead to TLS. */
static bool set_trust(struct lac_http_transfer *transfer, bool direct, bool secure,
                      struct lac_error *err) {
    const struct lac_http_request *request = &transfer->exchange->request;
    if (!secure && direct && request->proxy == NULL && request->follow == 0) {
        return true;
    }
    struct lac_error why;
    if (!lac_http_find_bundle(request->ca_bundle, &transfer->bundle, &why)) {
        bool none_needed = !secure && why.kind == LAC_ERR_SYSTEM;
        return none_needed || lac_http_fail_network(err, transfer, "tls", false, why.message);
    }
    bool ok = lac_curl.easy_setopt(transfer->easy, CURLOPT_CAINFO, transfer->bundle) == CURLE_OK &&
              lac_curl.easy_setopt(transfer->easy, CURLOPT_CAPATH, NULL) == CURLE_OK;
    return ok || lac_http_out_of_memory(err);
}

static void set_options(struct lac_http_transfer *transfer, bool direct) {
    const struct lac_http_request *request = &transfer->exchange->request;
    CURL *easy = transfer->easy;
    lac_curl.easy_setopt(easy, CURLOPT_PRIVATE, transfer);
    lac_curl.easy_setopt(easy, CURLOPT_ERRORBUFFER, transfer->reason);
    lac_curl.easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    lac_curl.easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L); /* never wait for a resolver that hangs */
    lac_curl.easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    lac_curl.easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
    lac_curl.easy_setopt(easy, CURLOPT_REDIR_PROTOCOLS_STR, "http,https");
    lac_curl.easy_setopt(easy, CURLOPT_PATH_AS_IS, 1L); /* "a/../b" is a key like any other */
    lac_curl.easy_setopt(easy, CURLOPT_TCP_NODELAY, 1L);
    lac_curl.easy_setopt(easy, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
    lac_curl.easy_setopt(easy, CURLOPT_HTTPHEADER, transfer->headers);
    lac_curl.easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS,
                         milliseconds(request->connect_timeout, CONNECT_TIMEOUT));
    lac_curl.easy_setopt(easy, CURLOPT_TIMEOUT_MS, milliseconds(request->timeout, TIMEOUT));
    lac_curl.easy_setopt(easy, CURLOPT_FOLLOWLOCATION, request->follow > 0 ? 1L : 0L);
    lac_curl.easy_setopt(easy, CURLOPT_MAXREDIRS, (long)request->follow);
    if (request->proxy != NULL || direct) {
        lac_curl.easy_setopt(easy, CURLOPT_PROXY, request->proxy != NULL ? request->proxy : "");
    }
    if (request->proxy != NULL) {
        lac_curl.easy_setopt(easy, CURLOPT_NOPROXY, ""); /* said aloud, it wins over no_proxy */
    }
    lac_curl.easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_header);
    lac_curl.easy_setopt(easy, CURLOPT_HEADERDATA, transfer);
    lac_curl.easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
    lac_curl.easy_setopt(easy, CURLOPT_WRITEDATA, transfer);
    lac_curl.easy_setopt(easy, CURLOPT_READFUNCTION, on_read);
    lac_curl.easy_setopt(easy, CURLOPT_READDATA, transfer);
    lac_curl.easy_setopt(easy, CURLOPT_SEEKFUNCTION, on_seek);
    lac_curl.easy_setopt(easy, CURLOPT_SEEKDATA, transfer);
    lac_curl.easy_setopt(easy, CURLOPT_SOCKOPTFUNCTION, on_socket);
}

bool lac_http_begin(struct lac_http_transfer *transfer, struct lac_error *err) {
    const struct lac_http_request *request = &transfer->exchange->request;
    bool direct = false, secure = false;
    if (request->body.data != NULL && request->file.path != NULL) {
        return lac_fail(err, LAC_ERR_INPUT, "a body is text or a file, not both");
    }
    if (!lac_http_start_libcurl(err) || !read_url(transfer, &direct, &secure, err) ||
        !lac_http_source_open(&transfer->source, request->body, &request->file, err) ||
        !add_headers(transfer, err)) {
        return false;
    }
    transfer->easy = lac_curl.easy_init();
    if (transfer->easy == NULL) {
        return lac_http_out_of_memory(err);
    }
    set_options(transfer, direct);
    return set_trust(transfer, direct, secure, err) && set_method(transfer, err) &&
           (lac_curl.easy_setopt(transfer->easy, CURLOPT_URL, request->url) == CURLE_OK ||
            lac_http_out_of_memory(err)) &&
           (lac_curl.multi_add_handle(lac_http_multi(transfer->batch), transfer->easy) ==
                CURLM_OK ||
            lac_http_out_of_memory(err));
}
