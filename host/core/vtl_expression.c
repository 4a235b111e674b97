/* vtl_expression.c — references, and what stands in the brackets of #set and #if. */
#include <string.h>

#include "core/vtl_private.h"

#define WANTED_DEPTH_MOST 4 /* how deep the names are told apart that a template asks for */

static bool is_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

/* Reads a name, whose first letter was seen. A hyphen is part of it. */
static struct lac_str read_name(struct lac_vtl_parser *parser) {
    size_t begin = parser->at;
    char c = lac_vtl_peek(parser, 0);
    while (is_letter(c) || is_digit(c) || c == '_' || c == '-') {
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
        bool is_name = c == '.' && is_letter(lac_vtl_peek(parser, 1));
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
            tail->name = read_name(parser);
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
    *name = read_name(parser);
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

/* Finds or adds a name among wanted ones: all of it, or names of it that are told later. */
static struct lac_vtl_entry *wanted_entry(struct lac_arena *arena, struct lac_vtl_map *wanted,
                                          struct lac_str name, bool has_parts) {
    struct lac_vtl_entry *entry = lac_vtl_map_find_text(wanted, name);
    if (entry != NULL && has_parts) {
        return entry;
    }
    struct lac_vtl_value value = {.kind = LAC_VTL_NULL};
    if (has_parts) {
        value = lac_vtl_of_map(lac_vtl_new_map(arena, LAC_VTL_PLAIN));
        if (value.map == NULL) {
            return NULL;
        }
    }
    return lac_vtl_map_put(arena, wanted, lac_vtl_string(name), value);
}

/* Notes that a name is wanted: of it, those that stand behind it. */
static bool want(struct lac_vtl_parser *parser, struct lac_vtl_map *wanted, struct lac_str name,
                 const struct lac_vtl_tail *behind) {
    for (unsigned depth = 1;; depth++) {
        bool has_parts =
            behind != NULL && behind->kind == LAC_VTL_PROPERTY && depth < WANTED_DEPTH_MOST;
        const struct lac_vtl_entry *entry =
            wanted_entry(&parser->template->arena, wanted, name, has_parts);
        if (entry == NULL) {
            return lac_vtl_no_memory(parser);
        }
        if (!has_parts || entry->value.kind == LAC_VTL_NULL) {
            return true;
        }
        wanted = entry->value.map;
        name = behind->name;
        behind = behind->next;
    }
}

/* Notes what is wanted of $context or $stageVariables: the name behind it, or all. */
static bool want_of(struct lac_vtl_parser *parser, enum lac_vtl_source source,
                    const struct lac_vtl_tail *tail) {
    struct lac_vtl_template *template = parser->template;
    if (tail != NULL && tail->kind == LAC_VTL_PROPERTY) {
        return want(parser, template->wanted[source], tail->name, tail->next);
    }
    template->wants_all[source] = true;
    return true;
}

/* $input.params("name") wants that one, other uses of params all. */
static bool note_input(struct lac_vtl_parser *parser, const struct lac_vtl_tail *tail) {
    if (tail != NULL && (tail->kind != LAC_VTL_CALL || tail->method != LAC_VTL_M_params)) {
        return true;
    }
    const struct lac_vtl_node *argument = tail != NULL ? tail->arguments : NULL;
    if (argument == NULL || argument->kind != LAC_VTL_CONSTANT ||
        argument->value.kind != LAC_VTL_STRING) {
        parser->template->wants_all[LAC_VTL_PARAMS] = true;
        return true;
    }
    struct lac_vtl_map *wanted = parser->template->wanted[LAC_VTL_PARAMS];
    return want(parser, wanted, lac_vtl_text(&argument->value), NULL);
}

/* Notes what a reference will ask of the caller's values. */
static bool note_wanted(struct lac_vtl_parser *parser, const struct lac_vtl_reference *reference) {
    switch (reference->slot) {
    case LAC_VTL_SLOT_INPUT:
        return note_input(parser, reference->tails);
    case LAC_VTL_SLOT_CONTEXT:
        return want_of(parser, LAC_VTL_CONTEXT, reference->tails);
    case LAC_VTL_SLOT_STAGE_VARIABLES:
        return want_of(parser, LAC_VTL_STAGE_VARIABLES, reference->tails);
    default:
        return true;
    }
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
    if (!is_letter(c) && c != '_') {
        return lac_vtl_unexpected(parser, "a variable's name");
    }
    if (!lac_vtl_slot(parser, read_name(parser), &node->reference->slot) ||
        !read_tails(parser, &node->reference->tails)) {
        return false;
    }
    if (braced && lac_vtl_peek(parser, 0) != '}') {
        return lac_vtl_unexpected(parser, "'}'");
    }
    parser->at += braced;
    node->reference->source = (struct lac_str){parser->text.data + begin, parser->at - begin};
    *out = node;
    return note_wanted(parser, node->reference);
}

/* Reads true, false or, among arguments, another word. */
static bool parse_word(struct lac_vtl_parser *parser, struct lac_vtl_node **out) {
    size_t begin = parser->at;
    struct lac_str word = read_name(parser);
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
    if (is_letter(c) || c == '_') {
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
    return !is_letter(c) && !is_digit(c) && c != '_' && c != '@';
}

static const struct sign *peek_sign(const struct lac_vtl_parser *parser) {
    if (lac_vtl_is_number_ahead(parser)) {
        return NULL; /* its minus */
    }
    for (size_t i = 0; i < sizeof signs / sizeof *signs; i++) {
        const struct sign *sign = &signs[i];
        if (lac_vtl_at(parser, sign->text) &&
            (!is_letter(sign->text.data[0]) || ends_word(parser, sign->text.len))) {
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
