#include "core/xml.h"

#include <string.h>

#include <expat.h>

#include "core/json_text.h"

#define DEFAULT_BYTES ((size_t)16 * 1024 * 1024)
#define DEFAULT_DEPTH 64
#define DEFAULT_NODES 200000
#define PIECE ((size_t)1024 * 1024) /* what the parser is given at a time: its sizes are ints */

struct parse {
    XML_Parser parser;
    struct lac_xml_limits limits;
    const struct lac_xml_visitor *visitor;
    size_t depth, nodes;
    bool failed; /* `err` says how; the parser was stopped */
    struct lac_error *err;
};

/* Where the parser stands, for a message. Columns count from 1, in characters. */
static void fail_here(struct parse *parse, enum lac_error_kind kind, const char *problem) {
    lac_fail(parse->err, kind, "line %lu, column %lu: %s",
             (unsigned long)XML_GetCurrentLineNumber(parse->parser),
             (unsigned long)XML_GetCurrentColumnNumber(parse->parser) + 1, problem);
    parse->failed = true;
}

static void stop(struct parse *parse, enum lac_error_kind kind, const char *problem) {
    fail_here(parse, kind, problem);
    XML_StopParser(parse->parser, XML_FALSE);
}

static void expect(struct parse *parse, bool done) {
    if (!done) {
        stop(parse, LAC_ERR_MEMORY, "out of memory");
    }
}

static struct lac_str without_prefix(const char *name) {
    const char *colon = strrchr(name, ':');
    const char *local = colon == NULL ? name : colon + 1;
    return (struct lac_str){local, strlen(local)};
}

static bool count_node(struct parse *parse) {
    if (++parse->nodes > parse->limits.max_nodes) {
        stop(parse, LAC_ERR_LIMIT, "more elements and attributes than allowed");
    }
    return !parse->failed;
}

static void on_start(void *context, const char *name, const char **attributes) {
    struct parse *parse = context;
    if (parse->failed || !count_node(parse)) {
        return;
    }
    if (++parse->depth > parse->limits.max_depth) {
        stop(parse, LAC_ERR_LIMIT, "elements nested deeper than allowed");
        return;
    }
    const struct lac_xml_visitor *visitor = parse->visitor;
    expect(parse, visitor->start(visitor->context, without_prefix(name)));
    for (; *attributes != NULL && !parse->failed && count_node(parse); attributes += 2) {
        struct lac_str value = {attributes[1], strlen(attributes[1])};
        expect(parse, visitor->attribute(visitor->context, without_prefix(attributes[0]), value));
    }
}

static void on_end(void *context, const char *name) {
    (void)name;
    struct parse *parse = context;
    if (!parse->failed) {
        parse->depth--;
        expect(parse, parse->visitor->end(parse->visitor->context));
    }
}

static void on_text(void *context, const char *data, int len) {
    struct parse *parse = context;
    if (!parse->failed) {
        expect(parse,
               parse->visitor->text(parse->visitor->context, (struct lac_str){data, (size_t)len}));
    }
}

static void on_entity(void *context, const char *name, int is_parameter, const char *value,
                      int value_len, const char *base, const char *system_id, const char *public_id,
                      const char *notation) {
    (void)name, (void)is_parameter, (void)value, (void)value_len, (void)base;
    (void)system_id, (void)public_id, (void)notation;
    struct parse *parse = context;
    if (!parse->failed) {
        stop(parse, LAC_ERR_INPUT, "entity declarations are not accepted");
    }
}

static bool feed(struct parse *parse, struct lac_str text) {
    do {
        size_t len = text.len < PIECE ? text.len : PIECE;
        enum XML_Status status = XML_Parse(parse->parser, text.data, (int)len, len == text.len);
        if (status != XML_STATUS_OK && !parse->failed) {
            enum XML_Error code = XML_GetErrorCode(parse->parser);
            enum lac_error_kind kind = code == XML_ERROR_NO_MEMORY ? LAC_ERR_MEMORY : LAC_ERR_INPUT;
            fail_here(parse, kind, XML_ErrorString(code));
        }
        text = (struct lac_str){text.data + len, text.len - len};
    } while (text.len > 0 && !parse->failed);
    return !parse->failed;
}

static size_t limit_or(size_t limit, size_t fallback) {
    return limit == 0 ? fallback : limit;
}

bool lac_xml_parse(struct lac_str text, const struct lac_xml_limits *limits,
                   const struct lac_xml_visitor *visitor, struct lac_error *err) {
    struct parse parse = {
        .limits = {.max_bytes = limit_or(limits->max_bytes, DEFAULT_BYTES),
                   .max_depth = limit_or(limits->max_depth, DEFAULT_DEPTH),
                   .max_nodes = limit_or(limits->max_nodes, DEFAULT_NODES)},
        .visitor = visitor,
        .err = err,
    };
    if (text.len > parse.limits.max_bytes) {
        return lac_fail(err, LAC_ERR_LIMIT, "XML of %zu bytes is longer than the allowed %zu",
                        text.len, parse.limits.max_bytes);
    }
    parse.parser = XML_ParserCreate(NULL);
    if (parse.parser == NULL) {
        return lac_fail(err, LAC_ERR_MEMORY, "out of memory while reading XML");
    }
    XML_SetUserData(parse.parser, &parse);
    XML_SetElementHandler(parse.parser, on_start, on_end);
    XML_SetCharacterDataHandler(parse.parser, on_text);
    XML_SetEntityDeclHandler(parse.parser, on_entity);
    bool ok = feed(&parse, text);
    XML_ParserFree(parse.parser);
    return ok;
}

static struct lac_str reference_of(char c) {
    switch (c) {
    case '&':
        return LAC_STR("&amp;");
    case '<':
        return LAC_STR("&lt;");
    case '>':
        return LAC_STR("&gt;");
    case '"':
        return LAC_STR("&quot;");
    case '\'':
        return LAC_STR("&apos;");
    case '\t':
        return LAC_STR("&#9;"); /* an attribute's white space would become a space */
    case '\n':
        return LAC_STR("&#10;");
    case '\r':
        return LAC_STR("&#13;");
    default:
        return (struct lac_str){NULL, 0};
    }
}

/* U+FFFE and U+FFFF are UTF-8, but no characters of XML. */
static bool is_noncharacter(const char *at, size_t len) {
    return len == 3 && memcmp(at, "\xEF\xBF", 2) == 0 && (unsigned char)at[2] >= 0xBE;
}

void lac_xml_escape(struct lac_str text, struct lac_buf *out) {
    const char *at = text.data, *end = text.data + text.len, *plain = at;
    while (at < end) {
        unsigned char byte = (unsigned char)*at;
        size_t len = byte < 0x80 ? 1 : (size_t)lac_utf8_length(at, end);
        struct lac_str instead = reference_of(*at);
        if (len == 0 || (byte < ' ' && instead.data == NULL) || is_noncharacter(at, len)) {
            instead = LAC_STR("\xEF\xBF\xBD");
        }
        len = len == 0 ? 1 : len;
        if (instead.data != NULL) {
            lac_buf_adds(out, (struct lac_str){plain, (size_t)(at - plain)}, instead);
            plain = at + len;
        }
        at += len;
    }
    lac_buf_add(out, (struct lac_str){plain, (size_t)(end - plain)});
}
