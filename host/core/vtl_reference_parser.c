/* vtl_reference_parser.c — $name, ${name}, $!name, and the names, calls and indexes behind one. */
#include <string.h>

#include "core/vtl_private.h"

struct lac_str lac_vtl_read_name(struct lac_vtl_parser *parser) {
    size_t begin = parser->at;
    char c = lac_vtl_peek(parser, 0);
    while (lac_vtl_is_letter(c) || (c >= '0' && c <= '9') || c == '-') {
        parser->at++;
        c = lac_vtl_peek(parser, 0);
    }
    return (struct lac_str){parser->text.data + begin, parser->at - begin};
}

/* Reads arguments from behind ( to behind ). */
static bool read_arguments(struct lac_vtl_parser *parser, struct lac_vtl_tail *tail) {
    struct lac_vtl_node **end = &tail->arguments;
    lac_vtl_skip_space(parser);
    if (lac_vtl_peek(parser, 0) == ')') {
        parser->at++;
        return true;
    }
    for (;;) {
        lac_vtl_skip_space(parser);
        if (!lac_vtl_parse_operand(parser, end)) {
            return false;
        }
        end = &(*end)->next;
        tail->count++;
        lac_vtl_skip_space(parser);
        char c = lac_vtl_peek(parser, 0);
        if (c != ',' && c != ')') {
            return lac_vtl_unexpected(parser, "',' or ')'");
        }
        parser->at++;
        if (c == ')') {
            return true;
        }
    }
}

static bool read_call(struct lac_vtl_parser *parser, struct lac_vtl_tail *tail) {
    bool outer = parser->in_arguments;
    parser->at++;
    parser->in_arguments = true;
    tail->kind = LAC_VTL_CALL;
    tail->method = lac_vtl_method(tail->name);
    bool ok = lac_vtl_deeper(parser) && read_arguments(parser, tail);
    parser->depth -= ok;
    parser->in_arguments = outer;
    return ok;
}

static bool read_index(struct lac_vtl_parser *parser, struct lac_vtl_tail *tail) {
    bool outer = parser->in_arguments;
    parser->at++;
    parser->in_arguments = false;
    tail->kind = LAC_VTL_INDEX;
    lac_vtl_skip_space(parser);
    char c = lac_vtl_peek(parser, 0);
    if (c == '[' || c == '{' || c == '.') {
        return lac_vtl_unexpected(parser, "a string, an integer or a reference");
    }
    bool ok = lac_vtl_deeper(parser) && lac_vtl_parse_operand(parser, &tail->arguments);
    parser->depth -= ok;
    parser->in_arguments = outer;
    if (!ok) {
        return false;
    }
    lac_vtl_skip_space(parser);
    if (lac_vtl_peek(parser, 0) != ']') {
        return lac_vtl_unexpected(parser, "']'");
    }
    parser->at++;
    return true;
}

static bool read_tails(struct lac_vtl_parser *parser, struct lac_vtl_tail **end) {
    for (;;) {
        char c = lac_vtl_peek(parser, 0);
        char next = lac_vtl_peek(parser, 1);
        bool is_name = c == '.' && next != '_' && lac_vtl_is_letter(next);
        if (c != '[' && !is_name) {
            return true;
        }
        struct lac_vtl_tail *tail = lac_vtl_take(parser, sizeof *tail);
        if (tail == NULL) {
            return false;
        }
        tail->at = lac_vtl_origin(parser, parser->at);
        if (is_name) {
            parser->at++;
            tail->name = lac_vtl_read_name(parser);
        }
        bool is_call = is_name && lac_vtl_peek(parser, 0) == '(';
        if ((is_call && !read_call(parser, tail)) || (!is_name && !read_index(parser, tail))) {
            return false;
        }
        *end = tail;
        end = &tail->next;
    }
}

bool lac_vtl_read_bare(struct lac_vtl_parser *parser, struct lac_str *name,
                       struct lac_vtl_tail **tails) {
    size_t begin = parser->at;
    *tails = NULL;
    *name = lac_vtl_read_name(parser);
    if ((name->len == 4 && memcmp(name->data, "true", 4) == 0) ||
        (name->len == 5 && memcmp(name->data, "false", 5) == 0)) {
        parser->at = begin;
        return lac_vtl_unexpected(parser, "no boolean behind a reference");
    }
    return read_tails(parser, tails);
}

static struct lac_vtl_node *new_reference(struct lac_vtl_parser *parser) {
    struct lac_vtl_node *node = lac_vtl_new_node(parser, LAC_VTL_REFERENCE, parser->at);
    struct lac_vtl_reference *reference =
        node == NULL ? NULL : lac_vtl_take(parser, sizeof *reference);
    if (reference == NULL) {
        return NULL;
    }
    node->reference = reference;
    return node;
}

bool lac_vtl_parse_reference(struct lac_vtl_parser *parser, struct lac_vtl_node **out) {
    struct lac_vtl_node *node = new_reference(parser);
    if (node == NULL) {
        return false;
    }
    size_t begin = parser->at;
    parser->at += lac_vtl_peek(parser, 1) == '!' ? 2 : 1;
    bool braced = lac_vtl_peek(parser, 0) == '{';
    parser->at += braced;
    char c = lac_vtl_peek(parser, 0);
    if (!lac_vtl_is_letter(c)) {
        return lac_vtl_unexpected(parser, "a variable's name");
    }
    if (!lac_vtl_slot(parser, lac_vtl_read_name(parser), &node->reference->slot) ||
        !read_tails(parser, &node->reference->tails)) {
        return false;
    }
    if (braced && lac_vtl_peek(parser, 0) != '}') {
        return lac_vtl_unexpected(parser, "'}'");
    }
    parser->at += braced;
    node->reference->source = (struct lac_str){parser->text.data + begin, parser->at - begin};
    *out = node;
    return lac_vtl_note_wanted(parser, node->reference);
}
