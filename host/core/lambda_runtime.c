#include "core/lambda_runtime.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/interrupt.h"
#include "core/lambda_runtime_private.h"

#define API "/2018-06-01/runtime"
#define ERROR_TYPE "Lambda-Runtime-Function-Error-Type: "
#define KEPT ((size_t)1024 * 1024) /* a larger buffer is not kept between events */
#define SMALL ((size_t)4 * 1024)   /* a body that is quicker copied than gathered */
#define MAX_ID 256
#define MAX_LINE ((size_t)256 * 1024) /* of a log */

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
    return lac_lambda_runtime_exchange(runtime, body, &answer, err) &&
           ((answer.status >= 200 && answer.status <= 299) ||
            lac_lambda_runtime_refused(what, &answer, err));
}

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
    bool ok = lac_interrupt_requested()
                  ? lac_fail(err, LAC_ERR_INTERRUPT, "interrupted")
                  : lac_lambda_runtime_exchange(runtime, LAC_STR(""), &answer, err);
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
