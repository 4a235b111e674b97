/* vtl_scan.c — the small things that all parsing of templates is made of. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "core/vtl_private.h"

char lac_vtl_peek(const struct lac_vtl_parser *parser, size_t ahead) {
    size_t at = parser->at + ahead;
    return at < parser->text.len ? parser->text.data[at] : '\0';
}

bool lac_vtl_at(const struct lac_vtl_parser *parser, struct lac_str word) {
    return parser->text.len - parser->at >= word.len &&
           memcmp(parser->text.data + parser->at, word.data, word.len) == 0;
}

bool lac_vtl_is_space(char c) {
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

bool lac_vtl_is_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

bool lac_vtl_is_of_word(char c) {
    return lac_vtl_is_letter(c) || (c >= '0' && c <= '9') || c == '@';
}

void lac_vtl_skip_space(struct lac_vtl_parser *parser) {
    while (lac_vtl_is_space(lac_vtl_peek(parser, 0))) {
        parser->at++;
    }
}

uint32_t lac_vtl_origin(const struct lac_vtl_parser *parser, size_t at) {
    return (uint32_t)(parser->is_string ? parser->origin : at);
}

bool lac_vtl_fail_parse(struct lac_vtl_parser *parser, size_t at, const char *format, ...) {
    char message[256];
    va_list args;
    va_start(args, format);
    vsnprintf(message, sizeof message, format, args);
    va_end(args);
    size_t line, column;
    lac_vtl_place(parser->template, lac_vtl_origin(parser, at), &line, &column);
    return lac_fail(parser->err, LAC_ERR_INPUT, "line %zu, column %zu: %s%s", line, column,
                    parser->is_string ? "in a string: " : "", message);
}

bool lac_vtl_unexpected(struct lac_vtl_parser *parser, const char *wanted) {
    char c = lac_vtl_peek(parser, 0);
    if (parser->at >= parser->text.len) {
        return lac_vtl_fail_parse(parser, parser->at, "%s expected, got the end", wanted);
    }
    if (c > ' ' && c < 0x7F) {
        return lac_vtl_fail_parse(parser, parser->at, "%s expected, got '%c'", wanted, c);
    }
    return lac_vtl_fail_parse(parser, parser->at, "%s expected, got byte 0x%02X", wanted,
                              (unsigned char)c);
}

bool lac_vtl_deeper(struct lac_vtl_parser *parser) {
    if (parser->depth >= LAC_VTL_NESTING_MOST) {
        lac_vtl_fail_parse(parser, parser->at, "nested deeper than %d", LAC_VTL_NESTING_MOST);
        parser->err->kind = LAC_ERR_LIMIT;
        return false;
    }
    parser->depth++;
    return true;
}

bool lac_vtl_no_memory(struct lac_vtl_parser *parser) {
    lac_vtl_fail_parse(parser, parser->at, "the template takes more memory than allowed");
    parser->err->kind = LAC_ERR_LIMIT;
    return false;
}

void *lac_vtl_take(struct lac_vtl_parser *parser, size_t size) {
    void *taken = lac_arena_zeroed(&parser->template->arena, size);
    if (taken == NULL) {
        lac_vtl_no_memory(parser);
    }
    return taken;
}

struct lac_vtl_node *lac_vtl_new_node(struct lac_vtl_parser *parser, enum lac_vtl_node_kind kind,
                                      size_t at) {
    struct lac_vtl_node *node = lac_vtl_take(parser, sizeof *node);
    if (node != NULL) {
        node->kind = (uint8_t)kind;
        node->at = lac_vtl_origin(parser, at);
    }
    return node;
}

bool lac_vtl_slot(struct lac_vtl_parser *parser, struct lac_str name, uint32_t *slot) {
    struct lac_vtl_map *names = parser->template->names;
    struct lac_vtl_entry *entry = lac_vtl_map_find_text(names, name);
    if (entry == NULL) {
        entry = lac_vtl_map_put(&parser->template->arena, names, lac_vtl_string(name),
                                lac_vtl_integer(names->count));
    }
    if (entry == NULL) {
        return lac_vtl_no_memory(parser);
    }
    *slot = (uint32_t)entry->value.integer;
    return true;
}
