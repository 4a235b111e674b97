#include "core/uri.h"

#include <stdint.h>
#include <string.h>
#include <strings.h>

#include "core/encoding.h"

static bool is_alphanumeric(char c) {
    char lower = (char)(c | 0x20);
    return (c >= '0' && c <= '9') || (lower >= 'a' && lower <= 'z');
}

static bool is_one_of(char c, const char *set) {
    return c != '\0' && strchr(set, c) != NULL;
}

static bool is_unreserved(char c) {
    return is_alphanumeric(c) || is_one_of(c, "-._~");
}

void lac_uri_encode(struct lac_str text, const char *keep, struct lac_buf *out) {
    static const char digits[] = "0123456789ABCDEF";
    size_t start = 0; /* of the run of bytes that stay */
    for (size_t i = 0; i < text.len; i++) {
        if (is_unreserved(text.data[i]) || is_one_of(text.data[i], keep)) {
            continue;
        }
        unsigned char byte = (unsigned char)text.data[i];
        const char escape[] = {'%', digits[byte >> 4], digits[byte & 15]};
        lac_buf_add(out, (struct lac_str){text.data + start, i - start});
        lac_buf_add(out, (struct lac_str){escape, sizeof escape});
        start = i + 1;
    }
    lac_buf_add(out, (struct lac_str){text.data + start, text.len - start});
}

bool lac_uri_decode(struct lac_str text, bool plus, struct lac_buf *out, struct lac_error *err) {
    size_t before = out->len, start = 0;
    for (size_t i = 0; i < text.len; i++) {
        char byte = ' ';
        size_t width = 1;
        if (text.data[i] == '%') {
            int high = text.len - i > 2 ? lac_hex_digit(text.data[i + 1]) : -1;
            int low = text.len - i > 2 ? lac_hex_digit(text.data[i + 2]) : -1;
            if (high < 0 || low < 0) {
                lac_buf_cut(out, before);
                return lac_fail(err, LAC_ERR_INPUT, "malformed escape at byte %zu", i + 1);
            }
            byte = (char)(high << 4 | low);
            width = 3;
        } else if (!plus || text.data[i] != '+') {
            continue;
        }
        lac_buf_add(out, (struct lac_str){text.data + start, i - start});
        lac_buf_add(out, (struct lac_str){&byte, 1});
        start = i + width;
        i = start - 1;
    }
    lac_buf_add(out, (struct lac_str){text.data + start, text.len - start});
    return true;
}

static struct lac_str from(struct lac_str text, size_t start) {
    return (struct lac_str){text.data + start, text.len - start};
}

/* Takes what stands before the first byte of `stops`, or everything; that byte stays in `rest`. */
static struct lac_str take_until(struct lac_str *rest, const char *stops) {
    size_t len = 0;
    while (len < rest->len && !is_one_of(rest->data[len], stops)) {
        len++;
    }
    struct lac_str taken = {rest->data, len};
    *rest = from(*rest, len);
    return taken;
}

static bool take_scheme(struct lac_str *rest, struct lac_uri *out) {
    static const struct {
        struct lac_str name;
        int port;
    } schemes[] = {{LAC_STR_INIT("https"), 443}, {LAC_STR_INIT("http"), 80}};
    for (size_t i = 0; i < sizeof schemes / sizeof *schemes; i++) {
        size_t len = schemes[i].name.len;
        if (rest->len >= len + 3 && strncasecmp(rest->data, schemes[i].name.data, len) == 0 &&
            memcmp(rest->data + len, "://", 3) == 0) {
            out->scheme = schemes[i].name;
            out->port = out->scheme_port = schemes[i].port;
            *rest = from(*rest, len + 3);
            return true;
        }
    }
    return false;
}

/* "host:" with nothing behind it names the scheme's own port. */
static bool parse_port(struct lac_str text, int *port) {
    if (text.len == 0) {
        return true;
    }
    int value = 0;
    for (size_t i = 0; i < text.len && value <= UINT16_MAX; i++) {
        if (text.data[i] < '0' || text.data[i] > '9') {
            return false;
        }
        value = value * 10 + (text.data[i] - '0');
    }
    *port = value;
    return value >= 1 && value <= UINT16_MAX;
}

static bool is_host(struct lac_str host, bool bracketed) {
    for (size_t i = 0; i < host.len; i++) {
        bool fits = bracketed ? lac_hex_digit(host.data[i]) >= 0 || is_one_of(host.data[i], ":.")
                              : is_unreserved(host.data[i]);
        if (!fits) {
            return false;
        }
    }
    return host.len > 0;
}

/* [userinfo@]host[:port] */
static bool parse_authority(struct lac_str rest, struct lac_uri *out, struct lac_error *err) {
    for (size_t i = rest.len; i > 0; i--) {
        if (rest.data[i - 1] == '@') {
            out->userinfo = (struct lac_str){rest.data, i - 1};
            rest = from(rest, i);
            break;
        }
    }
    bool bracketed = rest.len > 0 && rest.data[0] == '[';
    if (bracketed) {
        rest = from(rest, 1);
        out->host = take_until(&rest, "]");
        if (rest.len == 0) {
            return lac_fail(err, LAC_ERR_INPUT, "the URL's host has no closing bracket");
        }
        rest = from(rest, 1);
    } else {
        out->host = take_until(&rest, ":");
    }
    if (!is_host(out->host, bracketed)) {
        return lac_fail(err, LAC_ERR_INPUT, "the URL's host is empty or malformed");
    }
    if (rest.len > 0 && (rest.data[0] != ':' || !parse_port(from(rest, 1), &out->port))) {
        return lac_fail(err, LAC_ERR_INPUT, "the URL's port is not a number from 1 to 65535");
    }
    return true;
}

bool lac_uri_parse(struct lac_str url, struct lac_uri *out, struct lac_error *err) {
    *out = (struct lac_uri){.path = LAC_STR("/")};
    for (size_t i = 0; i < url.len; i++) {
        unsigned char byte = (unsigned char)url.data[i];
        if (byte <= ' ' || byte == 0x7f || byte == '#') {
            return lac_fail(err, LAC_ERR_INPUT, "the URL has %s at byte %zu",
                            byte == '#' ? "a fragment" : "a space or a control character", i + 1);
        }
    }
    struct lac_str rest = url;
    if (!take_scheme(&rest, out)) {
        return lac_fail(err, LAC_ERR_INPUT, "the URL does not begin with http:// or https://");
    }
    if (!parse_authority(take_until(&rest, "/?"), out, err)) {
        return false;
    }
    struct lac_str path = take_until(&rest, "?");
    if (path.len > 0) {
        out->path = path;
    }
    if (rest.len > 0) {
        out->query = from(rest, 1);
    }
    return true;
}

void lac_uri_add_authority(const struct lac_uri *uri, struct lac_buf *out) {
    bool bracketed = memchr(uri->host.data, ':', uri->host.len) != NULL;
    lac_buf_adds(out, bracketed ? LAC_STR("[") : LAC_STR(""), uri->host,
                 bracketed ? LAC_STR("]") : LAC_STR(""));
    if (uri->port != uri->scheme_port) {
        lac_buf_addf(out, ":%d", uri->port);
    }
}

bool lac_uri_next_pair(struct lac_str *query, struct lac_str *name, struct lac_str *value) {
    while (query->len > 0 && query->data[0] == '&') {
        *query = from(*query, 1);
    }
    if (query->len == 0) {
        return false;
    }
    struct lac_str pair = take_until(query, "&");
    *name = take_until(&pair, "=");
    *value = pair.len > 0 ? from(pair, 1) : pair;
    return true;
}
