/* vtl_literal.c — strings, numbers, lists, ranges and maps as a template writes them. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/encoding.h"
#include "core/utf16.h"
#include "core/vtl_private.h"

static bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

/* Returns where a string ends whose opening quote is at parser->at: behind its last quote, a pair
 * of quotes being one of its characters. When the last pair leaves it without an end, that pair is
 * its end. 0 when there is none. */
static size_t find_end(const struct lac_vtl_parser *parser, char quote) {
    struct lac_str text = parser->text;
    size_t at = parser->at + 1, end = 0;
    while (at < text.len) {
        const char *next = memchr(text.data + at, quote, text.len - at);
        if (next == NULL) {
            return end;
        }
        at = (size_t)(next - text.data) + 1;
        end = at;
        if (at >= text.len || text.data[at] != quote) {
            return end;
        }
        at++;
    }
    return end;
}

/* Reads four hexadecimal digits; false when there are none. */
static bool read_unit(struct lac_str text, size_t at, uint32_t *unit) {
    *unit = 0;
    for (size_t i = at; i < at + 4; i++) {
        int digit = i < text.len ? lac_hex_digit(text.data[i]) : -1;
        if (digit < 0) {
            return false;
        }
        *unit = *unit << 4 | (uint32_t)digit;
    }
    return true;
}

static bool is_escape(struct lac_str text, size_t at) {
    return at + 1 < text.len && text.data[at] == '\\' && text.data[at + 1] == 'u';
}

/* Reads \uXXXX, or two of them that are one character; `*at` moves behind. */
static bool read_escape(struct lac_str text, size_t *at, uint32_t *code) {
    uint32_t low;
    if (!read_unit(text, *at + 2, code)) {
        return false;
    }
    *at += 6;
    if (*code >= 0xD800 && *code < 0xDC00 && is_escape(text, *at) &&
        read_unit(text, *at + 2, &low) && low >= 0xDC00 && low < 0xE000) {
        *at += 6;
        *code = 0x10000 + ((*code - 0xD800) << 10) + (low - 0xDC00);
    } else if (*code >= 0xD800 && *code < 0xE000) {
        *code = '?';
    }
    return true;
}

/* Adds what a string says: pairs of quotes made one, and \uXXXX a character, between double quotes.
 */
static bool add_unquoted(struct lac_vtl_parser *parser, struct lac_str inner, char quote,
                         struct lac_buf *out) {
    for (size_t i = 0; i < inner.len;) {
        uint32_t code;
        if (quote == '"' && is_escape(inner, i)) {
            size_t begin = parser->at + 1 + i;
            if (!read_escape(inner, &i, &code)) {
                return lac_vtl_fail_parse(parser, begin, "\\u without four hexadecimal digits");
            }
            lac_utf8_add(out, code);
            continue;
        }
        lac_buf_add(out, (struct lac_str){inner.data + i, 1});
        bool is_pair = inner.data[i] == quote && i + 1 < inner.len && inner.data[i + 1] == quote;
        i += is_pair ? 2 : 1;
    }
    return true;
}

/* What a string says. One byte more than it needs is a space, for who parses it as a template. */
static bool unquote(struct lac_vtl_parser *parser, struct lac_str inner, char quote,
                    struct lac_str *out) {
    struct lac_buf text = {0};
    bool ok = add_unquoted(parser, inner, quote, &text);
    size_t len = text.len;
    lac_buf_add(&text, LAC_STR(" "));
    char *copy = ok && !text.failed ? lac_vtl_take(parser, text.len + 1) : NULL;
    ok = ok && (!text.failed || lac_vtl_fail_parse(parser, parser->at, "out of memory"));
    if (copy != NULL) {
        memcpy(copy, text.data, text.len);
        *out = (struct lac_str){copy, len};
    }
    lac_buf_free(&text);
    return ok && copy != NULL;
}

static bool is_template(struct lac_str text) {
    return memchr(text.data, '$', text.len) != NULL || memchr(text.data, '#', text.len) != NULL;
}

static bool has_line_comment(struct lac_str text) {
    for (size_t i = 0; i + 1 < text.len; i++) {
        if (text.data[i] == '#' && text.data[i + 1] == '#') {
            return true;
        }
    }
    return false;
}

/* A string with references or directives is a template of its own. It is parsed with a space behind
 * it, which is taken off what it makes, so that it may end in $ or #. */
static bool parse_interpolated(struct lac_vtl_parser *parser, struct lac_str text, size_t begin,
                               struct lac_vtl_node **out) {
    struct lac_vtl_node *node = lac_vtl_new_node(parser, LAC_VTL_INTERPOLATED, begin);
    if (node == NULL || !lac_vtl_deeper(parser)) {
        return false;
    }
    bool is_padded = !has_line_comment(text);
    struct lac_vtl_parser inner = {
        .template = parser->template,
        .text = {text.data, text.len + is_padded},
        .origin = parser->is_string ? parser->origin : begin,
        .is_string = true,
        .depth = parser->depth,
        .err = parser->err,
    };
    node->slot = is_padded;
    parser->depth--;
    *out = node;
    return lac_vtl_parse(&inner, &node->first);
}

bool lac_vtl_parse_string(struct lac_vtl_parser *parser, struct lac_vtl_node **out) {
    char quote = lac_vtl_peek(parser, 0);
    size_t begin = parser->at, end = find_end(parser, quote);
    if (end == 0) {
        return lac_vtl_fail_parse(parser, begin, "no quote ends the string that begins here");
    }
    struct lac_str text = {parser->text.data + begin + 1, end - begin - 2};
    bool interpolates = quote == '"' && is_template(text);
    if (!unquote(parser, text, quote, &text)) {
        return false;
    }
    parser->at = end;
    if (interpolates) {
        return parse_interpolated(parser, text, begin, out);
    }
    *out = lac_vtl_new_node(parser, LAC_VTL_CONSTANT, begin);
    if (*out != NULL) {
        (*out)->value = lac_vtl_string(text);
    }
    return *out != NULL;
}

static void skip_digits(struct lac_vtl_parser *parser) {
    while (is_digit(lac_vtl_peek(parser, 0))) {
        parser->at++;
    }
}

static bool skip_exponent(struct lac_vtl_parser *parser) {
    if ((lac_vtl_peek(parser, 0) | 0x20) != 'e') {
        return false;
    }
    char sign = lac_vtl_peek(parser, 1);
    size_t ahead = sign == '+' || sign == '-' ? 2 : 1;
    if (!is_digit(lac_vtl_peek(parser, ahead))) {
        return false;
    }
    parser->at += ahead;
    skip_digits(parser);
    return true;
}

/* Of digits that end in a NUL. */
static struct lac_vtl_value number_of(struct lac_str digits, bool is_float) {
    if (is_float) {
        return lac_vtl_double(strtod(digits.data, NULL));
    }
    errno = 0;
    long long integer = strtoll(digits.data, NULL, 10);
    struct lac_vtl_value big = lac_vtl_string(digits);
    big.kind = LAC_VTL_BIG;
    return errno == 0 ? lac_vtl_integer(integer) : big;
}

bool lac_vtl_is_number_ahead(const struct lac_vtl_parser *parser) {
    size_t ahead = lac_vtl_peek(parser, 0) == '-';
    ahead += lac_vtl_peek(parser, ahead) == '.';
    return is_digit(lac_vtl_peek(parser, ahead));
}

bool lac_vtl_parse_number(struct lac_vtl_parser *parser, struct lac_vtl_node **out) {
    size_t begin = parser->at;
    bool is_float = false;
    parser->at += lac_vtl_peek(parser, 0) == '-';
    skip_digits(parser);
    if (lac_vtl_peek(parser, 0) == '.' && lac_vtl_peek(parser, 1) != '.') {
        is_float = true;
        parser->at++;
        skip_digits(parser);
    }
    is_float = skip_exponent(parser) || is_float;
    size_t len = parser->at - begin;
    char *digits = lac_vtl_take(parser, len + 1);
    *out = digits == NULL ? NULL : lac_vtl_new_node(parser, LAC_VTL_CONSTANT, begin);
    if (*out != NULL) {
        memcpy(digits, parser->text.data + begin, len);
        (*out)->value = number_of((struct lac_str){digits, len}, is_float);
    }
    return *out != NULL;
}

/* Reads `,` or `close` behind an item; `*more` tells which. */
static bool read_comma(struct lac_vtl_parser *parser, char close, bool *more) {
    char c = lac_vtl_peek(parser, 0);
    if (c != ',' && c != close) {
        return lac_vtl_unexpected(parser, close == ']' ? "',' or ']'" : "',' or '}'");
    }
    parser->at++;
    *more = c == ',';
    return true;
}

static bool read_item(struct lac_vtl_parser *parser, struct lac_vtl_node **out) {
    lac_vtl_skip_space(parser);
    bool ok = lac_vtl_parse_operand(parser, out);
    lac_vtl_skip_space(parser);
    return ok;
}

/* Reads the second end of a range, and ]. */
static bool read_range(struct lac_vtl_parser *parser, struct lac_vtl_node *node) {
    parser->at += 2;
    lac_vtl_skip_space(parser);
    char c = lac_vtl_peek(parser, 0);
    if (c != '$' && c != '-' && !is_digit(c)) {
        return lac_vtl_unexpected(parser, "an integer or a reference");
    }
    node->kind = LAC_VTL_RANGE;
    if (!read_item(parser, &node->second)) {
        return false;
    }
    if (lac_vtl_peek(parser, 0) != ']') {
        return lac_vtl_unexpected(parser, "']'");
    }
    parser->at++;
    return true;
}

/* Reads what stands behind [: `node` becomes a list or a range. */
static bool read_list(struct lac_vtl_parser *parser, struct lac_vtl_node *node) {
    struct lac_vtl_node **end = &node->first;
    bool more = true;
    while (more) {
        char c = lac_vtl_peek(parser, 0);
        bool may_be_range = end == &node->first && (c == '$' || c == '-' || is_digit(c));
        if (!read_item(parser, end)) {
            return false;
        }
        if (may_be_range && lac_vtl_at(parser, LAC_STR(".."))) {
            return read_range(parser, node);
        }
        if (!read_comma(parser, ']', &more)) {
            return false;
        }
        end = &(*end)->next;
    }
    return true;
}

static bool read_map(struct lac_vtl_parser *parser, struct lac_vtl_node *node) {
    struct lac_vtl_node **end = &node->first;
    bool more = true;
    while (more) {
        if (!read_item(parser, end)) {
            return false;
        }
        if (lac_vtl_peek(parser, 0) != ':') {
            return lac_vtl_unexpected(parser, "':'");
        }
        parser->at++;
        end = &(*end)->next;
        if (!read_item(parser, end) || !read_comma(parser, '}', &more)) {
            return false;
        }
        end = &(*end)->next;
    }
    return true;
}

static bool parse_container(struct lac_vtl_parser *parser, enum lac_vtl_node_kind kind,
                            struct lac_vtl_node **out) {
    *out = lac_vtl_new_node(parser, kind, parser->at);
    if (*out == NULL || !lac_vtl_deeper(parser)) {
        return false;
    }
    parser->at++;
    lac_vtl_skip_space(parser);
    bool is_list = kind == LAC_VTL_LIST_OF;
    bool is_empty = lac_vtl_peek(parser, 0) == (is_list ? ']' : '}');
    parser->at += is_empty;
    bool ok = is_empty || (is_list ? read_list(parser, *out) : read_map(parser, *out));
    parser->depth -= ok;
    return ok;
}

bool lac_vtl_parse_list(struct lac_vtl_parser *parser, struct lac_vtl_node **out) {
    return parse_container(parser, LAC_VTL_LIST_OF, out);
}

bool lac_vtl_parse_map(struct lac_vtl_parser *parser, struct lac_vtl_node **out) {
    return parse_container(parser, LAC_VTL_MAP_OF, out);
}
