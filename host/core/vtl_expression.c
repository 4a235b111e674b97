/* vtl_expression.c — what stands in the brackets of #set and #if, and the values of arguments. */
#include <string.h>

#include "core/vtl_private.h"

/* Reads true, false or, among arguments, another word. */
static bool parse_word(struct lac_vtl_parser *parser, struct lac_vtl_node **out) {
    size_t begin = parser->at;
    struct lac_str word = lac_vtl_read_name(parser);
    bool is_true = word.len == 4 && memcmp(word.data, "true", 4) == 0;
    bool is_false = word.len == 5 && memcmp(word.data, "false", 5) == 0;
    if (is_true || is_false) {
        *out = lac_vtl_new_node(parser, LAC_VTL_CONSTANT, begin);
        if (*out != NULL) {
            (*out)->value = lac_vtl_boolean(is_true);
        }
    } else if (parser->in_arguments) {
        *out = lac_vtl_new_node(parser, LAC_VTL_CONSTANT, begin); /* null */
    } else {
        parser->at = begin;
        return lac_vtl_fail_parse(parser, begin, "a bare word is no value");
    }
    return *out != NULL;
}

bool lac_vtl_parse_operand(struct lac_vtl_parser *parser, struct lac_vtl_node **out) {
    char c = lac_vtl_peek(parser, 0);
    if (c == '$') {
        return lac_vtl_parse_reference(parser, out);
    }
    if (c == '"' || c == '\'') {
        return lac_vtl_parse_string(parser, out);
    }
    if (lac_vtl_is_number_ahead(parser)) {
        return lac_vtl_parse_number(parser, out);
    }
    if (c == '[') {
        return lac_vtl_parse_list(parser, out);
    }
    if (c == '{') {
        return lac_vtl_parse_map(parser, out);
    }
    if (lac_vtl_is_letter(c)) {
        return parse_word(parser, out);
    }
    return lac_vtl_unexpected(parser, "a value");
}

/* What stands between two values: its length, its node and how tightly it binds; 0 when nothing. */
struct sign {
    struct lac_str text;
    enum lac_vtl_node_kind kind;
    int binding;
};

/* Longer ones before those that they begin with. */
static const struct sign signs[] = {
    {LAC_STR_INIT("||"), LAC_VTL_OR, 1},
    {LAC_STR_INIT("or"), LAC_VTL_OR, 1},
    {LAC_STR_INIT("&&"), LAC_VTL_AND, 2},
    {LAC_STR_INIT("and"), LAC_VTL_AND, 2},
    {LAC_STR_INIT("=="), LAC_VTL_EQUAL, 3},
    {LAC_STR_INIT("eq"), LAC_VTL_EQUAL, 3},
    {LAC_STR_INIT("!="), LAC_VTL_UNEQUAL, 3},
    {LAC_STR_INIT("ne"), LAC_VTL_UNEQUAL, 3},
    {LAC_STR_INIT("<="), LAC_VTL_LESS_OR_EQUAL, 4},
    {LAC_STR_INIT("le"), LAC_VTL_LESS_OR_EQUAL, 4},
    {LAC_STR_INIT("<"), LAC_VTL_LESS, 4},
    {LAC_STR_INIT("lt"), LAC_VTL_LESS, 4},
    {LAC_STR_INIT(">="), LAC_VTL_GREATER_OR_EQUAL, 4},
    {LAC_STR_INIT("ge"), LAC_VTL_GREATER_OR_EQUAL, 4},
    {LAC_STR_INIT(">"), LAC_VTL_GREATER, 4},
    {LAC_STR_INIT("gt"), LAC_VTL_GREATER, 4},
    {LAC_STR_INIT("+"), LAC_VTL_ADD, 5},
    {LAC_STR_INIT("-"), LAC_VTL_SUBTRACT, 5},
    {LAC_STR_INIT("*"), LAC_VTL_MULTIPLY, 6},
    {LAC_STR_INIT("/"), LAC_VTL_DIVIDE, 6},
    {LAC_STR_INIT("%"), LAC_VTL_MODULO, 6},
};

static bool ends_word(const struct lac_vtl_parser *parser, size_t ahead) {
    char c = lac_vtl_peek(parser, ahead);
    return !lac_vtl_is_of_word(c);
}

static const struct sign *peek_sign(const struct lac_vtl_parser *parser) {
    if (lac_vtl_is_number_ahead(parser)) {
        return NULL; /* its minus */
    }
    for (size_t i = 0; i < sizeof signs / sizeof *signs; i++) {
        const struct sign *sign = &signs[i];
        if (lac_vtl_at(parser, sign->text) &&
            (!lac_vtl_is_letter(sign->text.data[0]) || ends_word(parser, sign->text.len))) {
            return sign;
        }
    }
    return NULL;
}

static bool parse_unary(struct lac_vtl_parser *parser, struct lac_vtl_node **out);

static bool parse_binary(struct lac_vtl_parser *parser, int least, struct lac_vtl_node **out) {
    struct lac_vtl_node *left = NULL;
    unsigned depth = parser->depth;
    if (!parse_unary(parser, &left)) {
        return false;
    }
    for (;;) {
        const struct sign *sign = peek_sign(parser);
        if (sign == NULL || sign->binding < least) {
            parser->depth = depth;
            *out = left;
            return true;
        }
        struct lac_vtl_node *node = lac_vtl_new_node(parser, sign->kind, parser->at);
        if (node == NULL || !lac_vtl_deeper(parser)) { /* a chain is a tree as deep as it is long */
            return false;
        }
        parser->at += sign->text.len;
        node->first = left;
        if (!parse_binary(parser, sign->binding + 1, &node->second)) {
            return false;
        }
        left = node;
    }
}

static bool parse_bracket(struct lac_vtl_parser *parser, struct lac_vtl_node **out) {
    parser->at++;
    if (!lac_vtl_parse_expression(parser, out)) {
        return false;
    }
    if (lac_vtl_peek(parser, 0) != ')') {
        return lac_vtl_unexpected(parser, "an operator or ')'");
    }
    parser->at++;
    return true;
}

static bool parse_not(struct lac_vtl_parser *parser, size_t len, struct lac_vtl_node **out) {
    struct lac_vtl_node *node = lac_vtl_new_node(parser, LAC_VTL_NOT, parser->at);
    parser->at += len;
    if (node == NULL || !lac_vtl_deeper(parser) || !parse_unary(parser, &node->first)) {
        return false;
    }
    parser->depth--;
    *out = node;
    return true;
}

/* Reads a value with the white space around it. */
static bool parse_unary(struct lac_vtl_parser *parser, struct lac_vtl_node **out) {
    lac_vtl_skip_space(parser);
    if (lac_vtl_peek(parser, 0) == '!' && lac_vtl_peek(parser, 1) != '=') {
        return parse_not(parser, 1, out);
    }
    if (lac_vtl_at(parser, LAC_STR("not")) && ends_word(parser, 3)) {
        return parse_not(parser, 3, out);
    }
    bool ok = lac_vtl_peek(parser, 0) == '(' ? parse_bracket(parser, out)
                                             : lac_vtl_parse_operand(parser, out);
    lac_vtl_skip_space(parser);
    return ok;
}

bool lac_vtl_parse_expression(struct lac_vtl_parser *parser, struct lac_vtl_node **out) {
    bool outer = parser->in_arguments;
    parser->in_arguments = false;
    bool ok = lac_vtl_deeper(parser) && parse_binary(parser, 1, out);
    parser->depth -= ok;
    parser->in_arguments = outer;
    return ok;
}
