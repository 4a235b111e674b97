/* yaml.c — libyaml's events, and what it would take that is no YAML 1.2. */
#include "core/yaml.h"

#include <stdio.h>
#include <string.h>

#include <yaml.h>

#include "core/json_text.h"
#include "core/late.h"
#include "core/yaml_private.h"

#define FUNCTIONS(X)                                                                               \
    X(parser_initialize)                                                                           \
    X(parser_set_encoding)                                                                         \
    X(parser_set_input_string)                                                                     \
    X(parser_parse)                                                                                \
    X(parser_delete)                                                                               \
    X(event_delete)

#define FIELD(name) __typeof__(&yaml_##name) name;
static struct { FUNCTIONS(FIELD) } libyaml;

static bool open_libyaml(struct lac_error *err) {
#define ROW(name) {"yaml_" #name, &libyaml.name},
    static const struct lac_late_symbol symbols[] = {FUNCTIONS(ROW)};
    static bool is_open;
    is_open =
        is_open || lac_late_open("libyaml-0.so.2", symbols, sizeof symbols / sizeof *symbols, err);
    return is_open;
}

struct reader {
    yaml_parser_t parser;
    struct lac_yaml_tree tree;
    size_t documents;
};

static bool out_of_memory(struct reader *reader) {
    return lac_fail(reader->tree.err, LAC_ERR_MEMORY, "out of memory while reading YAML");
}

static bool fail_at(struct reader *reader, const yaml_mark_t *mark) {
    return lac_yaml_fail_at(reader->tree.out, mark->line + 1, mark->column + 1, reader->tree.err);
}

static bool refuse(struct reader *reader, const yaml_mark_t *mark, const char *reason) {
    lac_fail(reader->tree.err, LAC_ERR_INPUT, "%s", reason);
    return fail_at(reader, mark);
}

/* What libyaml says of a text that is no YAML: "did not find expected key while parsing a block
 * mapping that begins at line 3". */
static bool fail_by_parser(struct reader *reader) {
    const yaml_parser_t *parser = &reader->parser;
    if (parser->error == YAML_MEMORY_ERROR) {
        return out_of_memory(reader);
    }
    const char *problem = parser->problem != NULL ? parser->problem : "this is not YAML";
    bool elsewhere =
        parser->context != NULL && parser->context_mark.line != parser->problem_mark.line;
    char begins[64] = "";
    if (elsewhere) {
        snprintf(begins, sizeof begins, " that begins at line %zu", parser->context_mark.line + 1);
    }
    lac_fail(reader->tree.err, LAC_ERR_INPUT, "%s%s%s%s", problem,
             parser->context != NULL ? " " : "", parser->context != NULL ? parser->context : "",
             begins);
    return fail_at(reader, &parser->problem_mark);
}

/* Bytes that libyaml would refuse without a line, or read in YAML 1.1's way. */
static bool check_bytes(struct reader *reader, struct lac_str text) {
    const char *end = text.data + text.len;
    size_t line = 1, column = 1;
    for (const char *at = text.data; at < end; column++) {
        unsigned char byte = (unsigned char)*at;
        int len = byte < 0x80 ? 1 : lac_utf8_length(at, end);
        bool ends_line = (len == 2 && memcmp(at, "\xC2\x85", 2) == 0) ||
                         (len == 3 && (memcmp(at, "\xE2\x80\xA8", 3) == 0 ||
                                       memcmp(at, "\xE2\x80\xA9", 3) == 0));
        if (len == 0) {
            lac_fail(reader->tree.err, LAC_ERR_INPUT, "the text is not UTF-8");
        } else if ((byte < 0x20 && byte != '\t' && byte != '\n' && byte != '\r') || byte == 0x7F) {
            lac_fail(reader->tree.err, LAC_ERR_INPUT,
                     "the control character 0x%02X takes an escape", byte);
        } else if (ends_line) {
            lac_fail(reader->tree.err, LAC_ERR_INPUT,
                     "a line separator of Unicode takes an escape, in double quotes");
        } else {
            at += len;
            if (byte == '\n' || (byte == '\r' && (at == end || *at != '\n'))) {
                line++;
                column = 0;
            }
            continue;
        }
        return lac_yaml_fail_at(reader->tree.out, line, column, reader->tree.err);
    }
    return true;
}

static bool begin_document(struct reader *reader, const yaml_event_t *event) {
    const yaml_version_directive_t *version = event->data.document_start.version_directive;
    if (reader->documents++ > 0) {
        return refuse(reader, &event->start_mark, "a second document begins");
    }
    if (version != NULL && (version->major != 1 || version->minor != 2)) {
        return refuse(reader, &event->start_mark, "YAML 1.2 is read here: leave %YAML out");
    }
    return event->data.document_start.tag_directives.start ==
               event->data.document_start.tag_directives.end ||
           refuse(reader, &event->start_mark, "%TAG is not taken");
}

/* Sets our own event; false for those of libyaml that are no part of the tree. */
static bool translate(const yaml_event_t *event, struct lac_yaml_event *out) {
    const yaml_char_t *tag = NULL, *anchor = NULL;
    *out = (struct lac_yaml_event){.line = event->start_mark.line + 1,
                                   .column = event->start_mark.column + 1};
    switch (event->type) {
    case YAML_SCALAR_EVENT:
        out->kind = LAC_YAML_SCALAR;
        out->text =
            (struct lac_str){(const char *)event->data.scalar.value, event->data.scalar.length};
        out->plain = event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
        tag = event->data.scalar.tag;
        anchor = event->data.scalar.anchor;
        break;
    case YAML_ALIAS_EVENT:
        out->kind = LAC_YAML_ALIAS;
        anchor = event->data.alias.anchor;
        break;
    case YAML_SEQUENCE_START_EVENT:
        out->kind = LAC_YAML_LIST;
        tag = event->data.sequence_start.tag;
        anchor = event->data.sequence_start.anchor;
        break;
    case YAML_MAPPING_START_EVENT:
        out->kind = LAC_YAML_MAPPING;
        tag = event->data.mapping_start.tag;
        anchor = event->data.mapping_start.anchor;
        break;
    case YAML_SEQUENCE_END_EVENT:
    case YAML_MAPPING_END_EVENT:
        out->kind = LAC_YAML_END;
        break;
    default:
        return false;
    }
    out->tag = (const char *)tag;
    out->anchor = (const char *)anchor;
    return true;
}

static bool take_event(struct reader *reader, const yaml_event_t *event) {
    struct lac_yaml_event its;
    if (event->type == YAML_DOCUMENT_START_EVENT) {
        return begin_document(reader, event);
    }
    return !translate(event, &its) || lac_yaml_take(&reader->tree, &its);
}

static bool read_events(struct reader *reader) {
    bool ok = true, more = true;
    while (ok && more) {
        yaml_event_t event;
        if (libyaml.parser_parse(&reader->parser, &event) == 0) {
            return fail_by_parser(reader);
        }
        more = event.type != YAML_STREAM_END_EVENT;
        ok = take_event(reader, &event);
        libyaml.event_delete(&event);
    }
    return ok;
}

static bool read_text(struct reader *reader, struct lac_str text) {
    if (libyaml.parser_initialize(&reader->parser) == 0) {
        return out_of_memory(reader);
    }
    libyaml.parser_set_encoding(&reader->parser, YAML_UTF8_ENCODING);
    libyaml.parser_set_input_string(&reader->parser, (const unsigned char *)text.data, text.len);
    bool ok = read_events(reader);
    libyaml.parser_delete(&reader->parser);
    if (ok && reader->tree.out->root == NULL) {
        lac_fail(reader->tree.err, LAC_ERR_INPUT, "there is no document");
        return lac_yaml_fail_at(reader->tree.out, 1, 1, reader->tree.err);
    }
    return ok;
}

bool lac_yaml_read(struct lac_str text, const struct lac_yaml_limits *limits, struct lac_yaml *out,
                   struct lac_error *err) {
    struct reader reader = {.tree = {.out = out, .limits = *limits, .err = err}};
    struct lac_yaml_limits *most = &reader.tree.limits;
    *out = (struct lac_yaml){0};
    most->max_bytes = most->max_bytes > 0 ? most->max_bytes : LAC_YAML_DEFAULT_BYTES;
    most->max_depth = most->max_depth > 0 ? most->max_depth : LAC_YAML_DEFAULT_DEPTH;
    most->max_nodes = most->max_nodes > 0 ? most->max_nodes : LAC_YAML_DEFAULT_NODES;
    if (text.len > most->max_bytes) {
        return lac_fail(err, LAC_ERR_LIMIT, "YAML of %zu bytes is longer than the allowed %zu",
                        text.len, most->max_bytes);
    }
    if (text.len >= 3 && memcmp(text.data, "\xEF\xBB\xBF", 3) == 0) {
        text = (struct lac_str){text.data + 3, text.len - 3};
    }
    bool ok = open_libyaml(err) && check_bytes(&reader, text) && read_text(&reader, text);
    lac_yaml_tree_free(&reader.tree);
    return ok;
}

void lac_yaml_free(struct lac_yaml *yaml) {
    lac_arena_free(&yaml->arena);
    *yaml = (struct lac_yaml){0};
}
