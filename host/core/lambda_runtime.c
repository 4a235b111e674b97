#define _GNU_SOURCE /* SOCK_CLOEXEC, MSG_NOSIGNAL */
#include "core/lambda_runtime.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <unistd.h>

#include "core/http_answer.h"
#include "core/interrupt.h"
#include "core/lambda_runtime_private.h"

#define API "/2018-06-01/runtime"
#define ERROR_TYPE "Lambda-Runtime-Function-Error-Type: "
#define MAX_ANSWER ((size_t)8 * 1024 * 1024) /* an event has at most 6 MB */
#define KEPT ((size_t)1024 * 1024)           /* a larger buffer is not kept between events */
#define PIECE ((size_t)16 * 1024)            /* read at once, while nobody knows how much comes */
#define SMALL ((size_t)4 * 1024)             /* a body that is quicker copied than gathered */
#define MAX_ID 256
#define MAX_LINE ((size_t)256 * 1024) /* of a log */

/* ---- where ------------------------------------------------------------------------------------
 */

static bool bad_address(const char *address, struct lac_error *err) {
    return lac_fail(err, LAC_ERR_INPUT, "no address of a Runtime API: '%.100s' (127.0.0.1:9001)",
                    address);
}

bool lac_lambda_runtime_open(const char *address, struct lac_lambda_runtime *out,
                             struct lac_error *err) {
    struct lac_lambda_runtime runtime = {.open = true, .fd = -1};
    size_t name_len = strcspn(address, "/");
    const char *colon = memchr(address, ':', name_len);
    const char *path = address + name_len;
    size_t path_len = strlen(path);
    while (path_len > 0 && path[path_len - 1] == '/') {
        path_len--;
    }
    if (colon == NULL || name_len >= sizeof runtime.name ||
        path_len + sizeof API > sizeof runtime.prefix || strpbrk(path, " \r\n") != NULL) {
        return bad_address(address, err);
    }
    memcpy(runtime.name, address, name_len);
    memcpy(runtime.prefix, path, path_len);
    memcpy(runtime.prefix + path_len, API, sizeof API);
    snprintf(runtime.lines, sizeof runtime.lines,
             " HTTP/1.1\r\nHost: %s\r\nUser-Agent: laconic\r\n", runtime.name);

    char host[sizeof runtime.name], *end;
    snprintf(host, sizeof host, "%.*s", (int)(colon - address), address);
    unsigned long port = strtoul(runtime.name + (colon - address) + 1, &end, 10);
    runtime.address.sin_family = AF_INET;
    runtime.address.sin_port = htons((uint16_t)port);
    if (port == 0 || port > 65535 || *end != '\0' ||
        inet_pton(AF_INET, strcmp(host, "localhost") == 0 ? "127.0.0.1" : host,
                  &runtime.address.sin_addr) != 1) {
        return bad_address(address, err);
    }
    *out = runtime;
    return true;
}

void lac_lambda_runtime_disconnect(struct lac_lambda_runtime *runtime) {
    if (runtime->fd >= 0) {
        close(runtime->fd);
    }
    runtime->fd = -1;
}

bool lac_lambda_runtime_unreachable(const struct lac_lambda_runtime *runtime, int number,
                                    struct lac_error *err) {
    lac_fail_errno(err, number, "the Runtime API at %s", runtime->name);
    err->kind = LAC_ERR_NETWORK;
    return false;
}

bool lac_lambda_runtime_connect(struct lac_lambda_runtime *runtime, struct lac_error *err) {
    int yes = 1;
    runtime->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (runtime->fd < 0 || connect(runtime->fd, (const struct sockaddr *)&runtime->address,
                                   sizeof runtime->address) != 0) {
        lac_lambda_runtime_unreachable(runtime, errno, err);
        lac_lambda_runtime_disconnect(runtime);
        return false;
    }
    setsockopt(runtime->fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    return true;
}

/* ---- one exchange -----------------------------------------------------------------------------
 */

static ssize_t send_parts(int fd, struct lac_str head, struct lac_str body) {
    if (body.len == 0) {
        return send(fd, head.data, head.len, MSG_NOSIGNAL);
    }
    struct iovec parts[2] = {{(char *)head.data, head.len}, {(char *)body.data, body.len}};
    struct msghdr message = {.msg_iov = parts, .msg_iovlen = 2};
    return sendmsg(fd, &message, MSG_NOSIGNAL);
}

/* Head and body in one write, as long as the socket takes them. errno on failure. */
static bool send_request(const struct lac_lambda_runtime *runtime, struct lac_str body) {
    struct lac_str head = lac_buf_view(&runtime->head);
    while (head.len + body.len > 0) {
        ssize_t count = send_parts(runtime->fd, head, body);
        if (count < 0 && errno != EINTR) {
            return false;
        }
        size_t sent = count > 0 ? (size_t)count : 0, of_head = sent < head.len ? sent : head.len;
        head = (struct lac_str){head.data + of_head, head.len - of_head};
        body = (struct lac_str){body.data + (sent - of_head), body.len - (sent - of_head)};
    }
    return true;
}

/* Waits in the call that reads: one system call for most answers. A signal wakes it, for its
 * handler was set without SA_RESTART; see lac_interrupt_watch for one that comes just before. */
static ssize_t wait_and_read(int fd, char *space, size_t size) {
    const struct timeval never = {0};
    ssize_t count = -1;
    errno = EINTR;
    lac_interrupt_watch(fd);
    while (!lac_interrupt_requested() && (count = recv(fd, space, size, 0)) < 0 &&
           (errno == EAGAIN || errno == EINTR)) {
        setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &never, sizeof never);
        errno = EINTR;
    }
    lac_interrupt_watch(-1);
    return count;
}

/* Reads on, `expected` bytes when so many are known to come; `end` when the other side closed or
 * broke the connection. */
static bool receive(struct lac_lambda_runtime *runtime, size_t expected, bool *end,
                    struct lac_error *err) {
    size_t before = runtime->answer.len, size = expected > PIECE ? expected : PIECE;
    if (expected > MAX_ANSWER || before + expected > MAX_ANSWER) {
        return lac_fail(err, LAC_ERR_LIMIT, "the Runtime API sent more than %zu bytes", MAX_ANSWER);
    }
    char *space = lac_buf_grow(&runtime->answer, size, 1);
    if (space == NULL) {
        lac_buf_free(&runtime->answer);
        return lac_fail(err, LAC_ERR_MEMORY, "out of memory while reading an event");
    }
    ssize_t count = wait_and_read(runtime->fd, space, size);
    lac_buf_cut(&runtime->answer, before + (count > 0 ? (size_t)count : 0));
    if (count < 0 && lac_interrupt_requested()) {
        return lac_fail(err, LAC_ERR_INTERRUPT, "interrupted");
    }
    *end = count <= 0;
    return true;
}

/* What of a body with a length is not there yet. */
static size_t missing(const struct lac_lambda_runtime *runtime,
                      const struct lac_http_answer *answer) {
    if (answer->body.data == NULL) {
        return 0;
    }
    size_t before = (size_t)(answer->body.data - runtime->answer.data);
    size_t there = runtime->answer.len - before;
    return answer->body.len > there ? answer->body.len - there : 0;
}

bool lac_lambda_runtime_answer(struct lac_lambda_runtime *runtime, struct lac_http_answer *answer,
                               bool *again, struct lac_error *err) {
    enum lac_http_answer_state state = LAC_HTTP_ANSWER_PARTIAL;
    bool end = false;
    runtime->answer.len = 0;
    *answer = (struct lac_http_answer){0};
    while (state == LAC_HTTP_ANSWER_PARTIAL) {
        if (!receive(runtime, missing(runtime, answer), &end, err)) {
            return false;
        }
        if (end && runtime->answer.len == 0) {
            *again = true;
            return lac_fail(err, LAC_ERR_NETWORK, "the Runtime API at %s closed the connection",
                            runtime->name);
        }
        state = lac_http_answer_take(runtime->answer.data, runtime->answer.len, end, answer);
    }
    return state == LAC_HTTP_ANSWER_WHOLE ||
           lac_fail(err, LAC_ERR_NETWORK, "the Runtime API at %s sent no HTTP answer",
                    runtime->name);
}

/* Sends and reads over the connection there is. `again`: it was closed before it gave an answer. */
static bool try_exchange(struct lac_lambda_runtime *runtime, struct lac_str body,
                         struct lac_http_answer *answer, bool *again, struct lac_error *err) {
    *again = false;
    if (!send_request(runtime, body)) {
        *again = errno == EPIPE || errno == ECONNRESET;
        return lac_lambda_runtime_unreachable(runtime, errno, err);
    }
    return lac_lambda_runtime_answer(runtime, answer, again, err);
}

/* The request whose head is in runtime->head. A kept connection may have been closed meanwhile:
 * then once more over a new one. */
static bool exchange(struct lac_lambda_runtime *runtime, struct lac_str body,
                     struct lac_http_answer *answer, struct lac_error *err) {
    bool kept = runtime->fd >= 0, again;
    if (runtime->head.failed) {
        lac_buf_free(&runtime->head);
        return lac_fail(err, LAC_ERR_MEMORY, "out of memory while speaking to the Runtime API");
    }
    if (!kept && !lac_lambda_runtime_connect(runtime, err)) {
        return false;
    }
    bool ok = try_exchange(runtime, body, answer, &again, err);
    if (!ok && kept && again) {
        lac_lambda_runtime_disconnect(runtime);
        ok = lac_lambda_runtime_connect(runtime, err) &&
             try_exchange(runtime, body, answer, &again, err);
    }
    if (!ok || !answer->keep_alive) {
        lac_lambda_runtime_disconnect(runtime);
    }
    return ok;
}

bool lac_lambda_runtime_refused(const char *what, const struct lac_http_answer *answer,
                                struct lac_error *err) {
    lac_fail(err, LAC_ERR_SERVICE, "%s: the Runtime API answered %d", what, answer->status);
    err->status = answer->status;
    return false;
}

static struct lac_str text(const char *bytes) {
    return (struct lac_str){bytes, strlen(bytes)};
}

static void begin_head(struct lac_lambda_runtime *runtime, struct lac_str method) {
    runtime->head.len = 0;
    lac_buf_add(&runtime->head, method);
    lac_buf_add(&runtime->head, text(runtime->prefix));
}

/* Of an answer, which what was printed meanwhile precedes. */
static void begin_post(struct lac_lambda_runtime *runtime) {
    fflush(stdout);
    begin_head(runtime, LAC_STR("POST "));
}

static void add_host(struct lac_lambda_runtime *runtime) {
    lac_buf_add(&runtime->head, text(runtime->lines));
}

/* The length of the beginning of `text` that has visible characters and spaces alone. */
static size_t visible_length(struct lac_str text) {
    size_t len = 0;
    while (len < text.len && text.data[len] >= ' ' && text.data[len] <= '~') {
        len++;
    }
    return len;
}

/* A value that came from a handler: what could end its line is replaced. */
void lac_lambda_runtime_add_value(struct lac_lambda_runtime *runtime, struct lac_str value) {
    struct lac_str rest = {value.data, value.len < MAX_ID ? value.len : MAX_ID};
    while (rest.len > 0) {
        size_t len = visible_length(rest);
        lac_buf_add(&runtime->head, len > 0 ? (struct lac_str){rest.data, len} : LAC_STR("_"));
        len = len > 0 ? len : 1;
        rest.data += len;
        rest.len -= len;
    }
    lac_buf_add(&runtime->head, LAC_STR("\r\n"));
}

/* Letters, digits, and three more. */
static const bool of_ids[256] = {
    ['-'] = true, ['.'] = true, ['_'] = true, ['0'] = true, ['1'] = true, ['2'] = true,
    ['3'] = true, ['4'] = true, ['5'] = true, ['6'] = true, ['7'] = true, ['8'] = true,
    ['9'] = true, ['A'] = true, ['B'] = true, ['C'] = true, ['D'] = true, ['E'] = true,
    ['F'] = true, ['G'] = true, ['H'] = true, ['I'] = true, ['J'] = true, ['K'] = true,
    ['L'] = true, ['M'] = true, ['N'] = true, ['O'] = true, ['P'] = true, ['Q'] = true,
    ['R'] = true, ['S'] = true, ['T'] = true, ['U'] = true, ['V'] = true, ['W'] = true,
    ['X'] = true, ['Y'] = true, ['Z'] = true, ['a'] = true, ['b'] = true, ['c'] = true,
    ['d'] = true, ['e'] = true, ['f'] = true, ['g'] = true, ['h'] = true, ['i'] = true,
    ['j'] = true, ['k'] = true, ['l'] = true, ['m'] = true, ['n'] = true, ['o'] = true,
    ['p'] = true, ['q'] = true, ['r'] = true, ['s'] = true, ['t'] = true, ['u'] = true,
    ['v'] = true, ['w'] = true, ['x'] = true, ['y'] = true, ['z'] = true,
};

static bool is_id(struct lac_str id) {
    for (size_t i = 0; i < id.len; i++) {
        if (!of_ids[(unsigned char)id.data[i]]) {
            return false;
        }
    }
    return id.len > 0 && id.len <= MAX_ID;
}

static bool post(struct lac_lambda_runtime *runtime, const char *what, struct lac_str body,
                 struct lac_error *err) {
    struct lac_http_answer answer = {0};
    lac_buf_add(&runtime->head, LAC_STR("Content-Length: "));
    lac_buf_add_unsigned(&runtime->head, body.len);
    lac_buf_add(&runtime->head, LAC_STR("\r\n\r\n"));
    if (body.len <= SMALL) {
        lac_buf_add(&runtime->head, body);
        body.len = 0;
    }
    return exchange(runtime, body, &answer, err) &&
           ((answer.status >= 200 && answer.status <= 299) ||
            lac_lambda_runtime_refused(what, &answer, err));
}

/* ---- the calls --------------------------------------------------------------------------------
 */

/* One buffer for all events, which stays in the environment: setenv would keep every value there
 * ever was. */
static void publish_trace_id(struct lac_str trace_id) {
    static bool published = false;
    static char variable[1024] = "_X_AMZN_TRACE_ID=";
    static const size_t name_len = sizeof "_X_AMZN_TRACE_ID=" - 1;
    size_t len = trace_id.len < sizeof variable - name_len ? trace_id.len : 0;
    memcpy(variable + name_len, len > 0 ? trace_id.data : "", len);
    variable[name_len + len] = '\0';
    published = published || putenv(variable) == 0;
}

static double read_deadline(struct lac_str milliseconds) {
    double value = 0;
    for (size_t i = 0; i < milliseconds.len && i < 16; i++) {
        if (milliseconds.data[i] < '0' || milliseconds.data[i] > '9') {
            return 0;
        }
        value = value * 10 + (milliseconds.data[i] - '0');
    }
    return value / 1000;
}

bool lac_lambda_runtime_next(struct lac_lambda_runtime *runtime, struct lac_lambda_invocation *out,
                             struct lac_error *err) {
    struct lac_http_answer answer = {0};
    if (runtime->answer.cap > KEPT) {
        lac_buf_free(&runtime->answer);
    }
    begin_head(runtime, LAC_STR("GET "));
    lac_buf_add(&runtime->head, LAC_STR("/invocation/next"));
    add_host(runtime);
    lac_buf_add(&runtime->head, LAC_STR("\r\n"));
    lac_interrupt_set_idle(true);
    bool ok = lac_interrupt_requested() ? lac_fail(err, LAC_ERR_INTERRUPT, "interrupted")
                                        : exchange(runtime, LAC_STR(""), &answer, err);
    lac_interrupt_set_idle(false);
    if (!ok) {
        return false;
    }
    if (answer.status != 200) {
        return lac_lambda_runtime_refused("next", &answer, err);
    }
    struct lac_str deadline;
    const struct lac_http_wanted wanted[] = {
        {LAC_STR_INIT("lambda-runtime-aws-request-id"), &out->request_id},
        {LAC_STR_INIT("lambda-runtime-invoked-function-arn"), &out->function_arn},
        {LAC_STR_INIT("lambda-runtime-trace-id"), &out->trace_id},
        {LAC_STR_INIT("lambda-runtime-client-context"), &out->client_context},
        {LAC_STR_INIT("lambda-runtime-cognito-identity"), &out->cognito_identity},
        {LAC_STR_INIT("lambda-runtime-aws-tenant-id"), &out->tenant_id},
        {LAC_STR_INIT("lambda-runtime-deadline-ms"), &deadline},
    };
    lac_http_answer_headers(&answer, wanted, sizeof wanted / sizeof *wanted);
    out->deadline = read_deadline(deadline);
    out->body = answer.body;
    publish_trace_id(out->trace_id);
    return is_id(out->request_id) ||
           lac_fail(err, LAC_ERR_NETWORK, "next: the Runtime API sent no request id");
}

bool lac_lambda_runtime_begin_response(struct lac_lambda_runtime *runtime,
                                       struct lac_str request_id, struct lac_str content_type,
                                       struct lac_error *err) {
    if (!is_id(request_id)) {
        return lac_fail(err, LAC_ERR_INPUT, "response: no request id");
    }
    begin_post(runtime);
    lac_buf_adds(&runtime->head, LAC_STR("/invocation/"), request_id, LAC_STR("/response"));
    add_host(runtime);
    lac_buf_add(&runtime->head, LAC_STR("Content-Type: "));
    lac_lambda_runtime_add_value(runtime, content_type);
    return true;
}

bool lac_lambda_runtime_respond(struct lac_lambda_runtime *runtime, struct lac_str request_id,
                                struct lac_str body, struct lac_str content_type,
                                struct lac_error *err) {
    return lac_lambda_runtime_begin_response(runtime, request_id, content_type, err) &&
           post(runtime, "response", body, err);
}

bool lac_lambda_runtime_fail(struct lac_lambda_runtime *runtime, struct lac_str request_id,
                             struct lac_str error_type, struct lac_str body,
                             struct lac_error *err) {
    if (!is_id(request_id)) {
        return lac_fail(err, LAC_ERR_INPUT, "error: no request id");
    }
    begin_post(runtime);
    lac_buf_adds(&runtime->head, LAC_STR("/invocation/"), request_id, LAC_STR("/error"));
    add_host(runtime);
    lac_buf_add(&runtime->head, LAC_STR("Content-Type: application/json\r\n" ERROR_TYPE));
    lac_lambda_runtime_add_value(runtime, error_type);
    return post(runtime, "error", body, err);
}

bool lac_lambda_runtime_fail_init(struct lac_lambda_runtime *runtime, struct lac_str error_type,
                                  struct lac_str body, struct lac_error *err) {
    begin_post(runtime);
    lac_buf_add(&runtime->head, LAC_STR("/init/error"));
    add_host(runtime);
    lac_buf_add(&runtime->head, LAC_STR("Content-Type: application/json\r\n" ERROR_TYPE));
    lac_lambda_runtime_add_value(runtime, error_type);
    return post(runtime, "init error", body, err);
}

void lac_lambda_runtime_buffer_lines(void) {
    static char lines[MAX_LINE];
    setvbuf(stdout, lines, _IOLBF, sizeof lines);
}

void lac_lambda_runtime_close(struct lac_lambda_runtime *runtime) {
    if (runtime->open) {
        lac_lambda_runtime_disconnect(runtime);
    }
    lac_buf_free(&runtime->head);
    lac_buf_free(&runtime->answer);
    *runtime = (struct lac_lambda_runtime){0};
}
