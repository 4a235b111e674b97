/* uri.h — percent-encoding as AWS has it, and http(s) URLs taken apart. Pure. A URL may be a signed
 * one: no message here repeats it. */
#ifndef LAC_URI_H
#define LAC_URI_H

#include "core/buf.h"
#include "core/error.h"

/* Encodes every byte but A-Z a-z 0-9 - . _ ~ and those in `keep` (say "/"), in upper-case hex. */
void lac_uri_encode(struct lac_str text, const char *keep, struct lac_buf *out);

/* Decodes %XX, and + as a space when `plus`. A % that no two digits follow is an error, after which
 * `out` is as it was. */
bool lac_uri_decode(struct lac_str text, bool plus, struct lac_buf *out, struct lac_error *err);

/* An absolute URL's parts, as written; views into it. */
struct lac_uri {
    struct lac_str scheme;   /* http or https, in lower case */
    struct lac_str userinfo; /* data is NULL when there is none */
    struct lac_str host;     /* without the brackets of an IPv6 address */
    struct lac_str path;     /* at least / */
    struct lac_str query;    /* without the ?; data is NULL when there is none */
    int port, scheme_port;   /* the same when the URL names none */
};

/* Refuses what no request line or Host header could carry: white space, control characters, a
 * fragment, a host of other than letters, digits and - . _ ~ */
bool lac_uri_parse(struct lac_str url, struct lac_uri *out, struct lac_error *err);

/* What a Host header says: brackets where they belong, the port when it is not the scheme's. */
void lac_uri_add_authority(const struct lac_uri *uri, struct lac_buf *out);

/* Takes the next name=value from the left of a query, as written; false at its end. Nothing between
 * two & is nothing; `a` alone has the value "". */
bool lac_uri_next_pair(struct lac_str *query, struct lac_str *name, struct lac_str *value);

#endif
