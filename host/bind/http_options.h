/* http_options.h — the part of a request table that host.http, host.aws_request and host.s3 share,
 * and the answer's table. */
#ifndef LAC_HTTP_OPTIONS_H
#define LAC_HTTP_OPTIONS_H

#include "bind/bind.h"
#include "core/http.h"

/* The functions of a request. */
struct bind_http_callbacks {
    struct bind_callback progress, sink;
};

/* Reads the table at `arg`: url, method, headers, body, body_file, to_file, the time-outs,
 * max_body, proxy, ca_bundle, and progress and sink into `callbacks`, which must live as long as
 * the request. What the request points at stays on the stack. */
void bind_http_request(lua_State *L, int arg, struct lac_http_request *out,
                       struct bind_http_callbacks *callbacks);

/* Raises what one of them raised. */
void bind_http_raise(const struct bind_http_callbacks *callbacks);

/* connect_timeout, timeout, idle_timeout, proxy, ca_bundle alone. */
void bind_http_transport(lua_State *L, int arg, struct lac_http_request *out);

/* The field `key`: seconds, above 0; 0 when absent. */
double bind_http_seconds(lua_State *L, int arg, const char *key);

/* The field `key`: a list of { name, value }, or a map, whose names are put in byte order. Left on
 * the stack, the list itself too. */
struct lac_header *bind_http_headers(lua_State *L, int arg, const char *key, size_t *count);

/* Pushes `count` exchanges of `size` bytes each, all zero, whose lac_http_response is at `offset`:
 * the collector frees the responses. Returns the first. */
void *bind_http_box(lua_State *L, size_t count, size_t size, size_t offset);

/* How host.http and host.aws_request send a list of requests: what differs. */
struct bind_http_batch {
    size_t size, response; /* of an exchange, and where in it its lac_http_response is */
    void (*check)(lua_State *L, int arg, void *exchange, struct bind_http_callbacks *callbacks);
    void (*send)(void *exchanges, size_t count, size_t parallel);
    bool (*push_outcome)(lua_State *L,
                         const void *exchange); /* the response, or false: the error */
};

/* The function of Lua that takes a list and { parallel = … }, and returns a list of
 * { response = … } and { err = … }. */
int bind_http_send_all(lua_State *L, const struct bind_http_batch *batch);

/* Pushes { status, headers, body, seconds }. */
void bind_http_push_response(lua_State *L, const struct lac_http_response *response);

/* Pushes { name = value }, names in lower case. */
void bind_http_push_headers(lua_State *L, const struct lac_headers *headers);

#endif
