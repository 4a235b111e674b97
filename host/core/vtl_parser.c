/* vtl_parser.c — text → statements. What stands in a directive's brackets: vtl_expression.c. */
#include <string.h>

#include "core/vtl_statement.h"

static bool parse_block(struct lac_vtl_parser *parser, struct lac_vtl_node **out);

/* Skips blanks and the end of the line behind them, when nothing else is there. */
static void skip_rest_of_line(struct lac_vtl_parser *parser) {
    size_t ahead = 0;
    while (lac_vtl_peek(parser, ahead) == ' ' || lac_vtl_peek(parser, ahead) == '\t') {
        ahead++;
    }
    char c = lac_vtl_peek(parser, ahead);
    if (c == '\n' || c == '\r') {
        parser->at += ahead + 1 + (c == '\r' && lac_vtl_peek(parser, ahead + 1) == '\n');
    }
}

static bool close_bracket(struct lac_vtl_parser *parser) {
    if (lac_vtl_peek(parser, 0) != ')') {
        return lac_vtl_unexpected(parser, "')'");
    }
    parser->at++;
    skip_rest_of_line(parser);
    return true;
}

/* $!x and ${x} to the left of = name no variable that could be read again. */
static bool lose_odd_target(struct lac_vtl_parser *parser, struct lac_vtl_reference *target) {
    struct lac_str source = target->source;
    bool is_odd = target->tails == NULL && (source.data[1] == '!' || source.data[1] == '{');
    struct lac_str name = {source.data + 1, source.len - 1};
    return !is_odd || lac_vtl_slot(parser, name, &target->slot);
}

static bool parse_set(struct lac_vtl_parser *parser, struct lac_vtl_block_list *block, size_t len) {
    struct lac_vtl_node *node = lac_vtl_new_node(parser, LAC_VTL_SET, parser->at);
    if (node == NULL) {
        return false;
    }
    parser->at += len;
    lac_vtl_skip_space(parser);
    if (lac_vtl_peek(parser, 0) != '$') {
        return lac_vtl_unexpected(parser, "a reference");
    }
    if (!lac_vtl_parse_reference(parser, &node->first) ||
        !lose_odd_target(parser, node->first->reference)) {
        return false;
    }
    lac_vtl_skip_space(parser);
    if (lac_vtl_peek(parser, 0) != '=' || lac_vtl_peek(parser, 1) == '=') {
        return lac_vtl_unexpected(parser, "'='");
    }
    parser->at++;
    if (!lac_vtl_parse_expression(parser, &node->second) || !close_bracket(parser)) {
        return false;
    }
    lac_vtl_append(block, node);
    return true;
}

/* Reads the #end that a block must have. */
static bool parse_end(struct lac_vtl_parser *parser, const struct lac_vtl_node *node) {
    size_t len;
    if (parser->at >= parser->text.len) {
        size_t line, column;
        lac_vtl_place(parser->template, node->at, &line, &column);
        return lac_vtl_fail_parse(parser, parser->at,
                                  "#end is missing for what begins at line %zu, column %zu", line,
                                  column);
    }
    if (lac_vtl_word_at(parser, 0, &len) != LAC_VTL_WORD_END) {
        return lac_vtl_unexpected(parser, "#end");
    }
    parser->at += len;
    skip_rest_of_line(parser);
    return true;
}

static bool parse_condition(struct lac_vtl_parser *parser, struct lac_vtl_node **out) {
    lac_vtl_skip_space(parser);
    if (lac_vtl_peek(parser, 0) != '(') {
        return lac_vtl_unexpected(parser, "'('");
    }
    parser->at++;
    return lac_vtl_parse_expression(parser, out) && close_bracket(parser);
}

/* Reads from behind #if to its #end. Each #elseif hangs below the one before it. */
static bool parse_if(struct lac_vtl_parser *parser, struct lac_vtl_node *node) {
    size_t len;
    const struct lac_vtl_node *begin = node;
    if (!parse_condition(parser, &node->first) || !parse_block(parser, &node->second)) {
        return false;
    }
    while (lac_vtl_word_at(parser, 0, &len) == LAC_VTL_WORD_ELSEIF) {
        node->third = lac_vtl_new_node(parser, LAC_VTL_IF, parser->at);
        parser->at += len;
        node = node->third;
        if (node == NULL || !parse_condition(parser, &node->first) ||
            !parse_block(parser, &node->second)) {
            return false;
        }
    }
    if (lac_vtl_word_at(parser, 0, &len) == LAC_VTL_WORD_ELSE) {
        node->third = lac_vtl_new_node(parser, LAC_VTL_ELSE, parser->at);
        parser->at += len;
        skip_rest_of_line(parser);
        if (node->third == NULL || !parse_block(parser, &node->third->first)) {
            return false;
        }
    }
    return parse_end(parser, begin);
}

static bool has_arguments(const struct lac_vtl_parser *parser) {
    size_t ahead = 0;
    while (lac_vtl_is_space(lac_vtl_peek(parser, ahead))) {
        ahead++;
    }
    return lac_vtl_peek(parser, ahead) == '(';
}

static bool open_arguments(struct lac_vtl_parser *parser) {
    lac_vtl_skip_space(parser);
    if (lac_vtl_peek(parser, 0) != '(') {
        return lac_vtl_unexpected(parser, "'('");
    }
    parser->at++;
    lac_vtl_skip_space(parser);
    return true;
}

/* Reads a plain variable: the one that #foreach or #define sets. */
static bool parse_variable(struct lac_vtl_parser *parser, uint32_t *slot) {
    struct lac_vtl_node *node;
    if (lac_vtl_peek(parser, 0) != '$') {
        return lac_vtl_unexpected(parser, "a variable");
    }
    size_t begin = parser->at;
    if (!lac_vtl_parse_reference(parser, &node)) {
        return false;
    }
    *slot = node->reference->slot;
    return node->reference->tails == NULL ||
           lac_vtl_fail_parse(parser, begin, "a plain variable expected");
}

static bool parse_foreach(struct lac_vtl_parser *parser, struct lac_vtl_node *node) {
    if (!open_arguments(parser) || !parse_variable(parser, &node->slot)) {
        return false;
    }
    lac_vtl_skip_space(parser);
    bool is_in = (lac_vtl_peek(parser, 0) | 0x20) == 'i' && (lac_vtl_peek(parser, 1) | 0x20) == 'n';
    if (!is_in || lac_vtl_is_of_word(lac_vtl_peek(parser, 2))) {
        return lac_vtl_unexpected(parser, "'in'");
    }
    parser->at += 2;
    lac_vtl_skip_space(parser);
    if (!lac_vtl_parse_operand(parser, &node->first)) {
        return false;
    }
    lac_vtl_skip_space(parser);
    return close_bracket(parser) && parse_block(parser, &node->second) && parse_end(parser, node);
}

static bool parse_define(struct lac_vtl_parser *parser, struct lac_vtl_node *node) {
    if (!open_arguments(parser) || !parse_variable(parser, &node->slot)) {
        return false;
    }
    lac_vtl_skip_space(parser);
    return close_bracket(parser) && parse_block(parser, &node->first) && parse_end(parser, node);
}

/* Reads the arguments of a directive that does nothing with them: values and words. */
static bool skip_arguments(struct lac_vtl_parser *parser) {
    struct lac_vtl_node *ignored;
    if (!open_arguments(parser)) {
        return false;
    }
    while (lac_vtl_peek(parser, 0) != ')') {
        if (lac_vtl_peek(parser, 0) == ',') {
            parser->at++;
            lac_vtl_skip_space(parser);
        }
        if (lac_vtl_is_letter(lac_vtl_peek(parser, 0))) {
            while (lac_vtl_is_of_word(lac_vtl_peek(parser, 0))) {
                parser->at++;
            }
        } else if (!lac_vtl_parse_operand(parser, &ignored)) {
            return false;
        }
        lac_vtl_skip_space(parser);
    }
    return close_bracket(parser);
}

/* A definition of a macro makes nothing, and its calls stay text. */
static bool skip_macro(struct lac_vtl_parser *parser, const struct lac_vtl_node *node) {
    struct lac_vtl_node *ignored;
    return skip_arguments(parser) && parse_block(parser, &ignored) && parse_end(parser, node);
}

/* A word that is no directive is text, and so is what stands in brackets behind it. #evaluate is
 * not known either, but what is in its brackets is read as a template. */
static bool parse_other(struct lac_vtl_parser *parser, struct lac_vtl_block_list *block,
                        size_t begin) {
    static const struct lac_str evaluate = LAC_STR_INIT("#evaluate");
    struct lac_str word = {parser->text.data + begin, parser->at - begin};
    bool is_evaluate = word.len == evaluate.len && memcmp(word.data, evaluate.data, word.len) == 0;
    if (!is_evaluate && has_arguments(parser) && !skip_arguments(parser)) {
        return false;
    }
    return lac_vtl_append_since(parser, block, begin);
}

/* Reads a directive whose word was just read. */
static bool parse_directive(struct lac_vtl_parser *parser, struct lac_vtl_block_list *block,
                            enum lac_vtl_word word, struct lac_vtl_node *node) {
    bool done = false;
    switch (word) {
    case LAC_VTL_WORD_IF:
        node->kind = LAC_VTL_IF;
        done = parse_if(parser, node);
        break;
    case LAC_VTL_WORD_FOREACH:
        node->kind = LAC_VTL_FOREACH;
        done = parse_foreach(parser, node);
        break;
    case LAC_VTL_WORD_DEFINE:
        node->kind = LAC_VTL_DEFINE;
        done = parse_define(parser, node);
        break;
    case LAC_VTL_WORD_BREAK:
    case LAC_VTL_WORD_STOP:
        node->kind = word == LAC_VTL_WORD_BREAK ? LAC_VTL_BREAK : LAC_VTL_STOP;
        done = !has_arguments(parser) || skip_arguments(parser);
        break;
    case LAC_VTL_WORD_MACRO:
        return skip_macro(parser, node);
    case LAC_VTL_WORD_PARSE:
    case LAC_VTL_WORD_INCLUDE:
        return lac_vtl_fail_parse(parser, node->at, "a template cannot include another");
    default:
        break;
    }
    if (done) {
        lac_vtl_append(block, node);
    }
    return done;
}

static bool skip_past(struct lac_vtl_parser *parser, struct lac_str mark) {
    size_t begin = parser->at;
    while (parser->at < parser->text.len && !lac_vtl_at(parser, mark)) {
        parser->at++;
    }
    if (parser->at >= parser->text.len) {
        return lac_vtl_fail_parse(parser, begin, "no %s ends what begins here", mark.data);
    }
    parser->at += mark.len;
    return true;
}

static bool skip_line(struct lac_vtl_parser *parser) {
    char c;
    while ((c = lac_vtl_peek(parser, 0)) != '\n' && c != '\r' && parser->at < parser->text.len) {
        parser->at++;
    }
    skip_rest_of_line(parser);
    return true;
}

static bool parse_literal_block(struct lac_vtl_parser *parser, struct lac_vtl_block_list *block) {
    size_t begin = parser->at + 3;
    if (!skip_past(parser, LAC_STR("]]#"))) {
        return false;
    }
    struct lac_str text = {parser->text.data + begin, parser->at - 3 - begin};
    return lac_vtl_append_text(parser, block, text);
}

static bool parse_hash(struct lac_vtl_parser *parser, struct lac_vtl_block_list *block) {
    if (lac_vtl_at(parser, LAC_STR("##"))) {
        return skip_line(parser);
    }
    if (lac_vtl_at(parser, LAC_STR("#*"))) {
        parser->at += 2;
        return skip_past(parser, LAC_STR("*#"));
    }
    if (lac_vtl_at(parser, LAC_STR("#[["))) {
        return parse_literal_block(parser, block);
    }
    if (parser->at + 1 == parser->text.len) {
        return lac_vtl_fail_parse(parser, parser->at, "a template cannot end in #");
    }
    size_t len, begin = parser->at;
    enum lac_vtl_word word = lac_vtl_word_at(parser, 0, &len);
    parser->at += word == LAC_VTL_WORD_NONE ? 1 : len;
    if (word == LAC_VTL_WORD_NONE) { /* a #set swallows a lone # before it, as it does a $ */
        return lac_vtl_is_set(parser, &len) || lac_vtl_append_since(parser, block, begin);
    }
    if (word == LAC_VTL_WORD_OTHER || word == LAC_VTL_WORD_SET) {
        return parse_other(parser, block, begin);
    }
    struct lac_vtl_node *node = lac_vtl_new_node(parser, LAC_VTL_TEXT, begin);
    return node != NULL && parse_directive(parser, block, word, node);
}

static void skip_text(struct lac_vtl_parser *parser) {
    char c;
    while (parser->at < parser->text.len && (c = parser->text.data[parser->at]) != '$' &&
           c != '#' && c != '\\') {
        parser->at++;
    }
}

static bool parse_statement(struct lac_vtl_parser *parser, struct lac_vtl_block_list *block) {
    size_t begin = parser->at, len;
    char c = lac_vtl_peek(parser, 0);
    if ((c == ' ' || c == '\t' || c == '#') && lac_vtl_is_set(parser, &len)) {
        return parse_set(parser, block, len);
    }
    if (c == '#') {
        return parse_hash(parser, block);
    }
    size_t backslashes = lac_vtl_count_backslashes(parser);
    if (lac_vtl_peek(parser, backslashes) == '$') {
        return lac_vtl_parse_dollar(parser, block, backslashes);
    }
    if (backslashes > 0) {
        return lac_vtl_parse_backslashes(parser, block, backslashes);
    }
    skip_text(parser);
    return lac_vtl_append_since(parser, block, begin);
}

/* Reads statements up to the end, or to the #end, #else or #elseif that ends their block. */
static bool parse_block(struct lac_vtl_parser *parser, struct lac_vtl_node **out) {
    struct lac_vtl_block_list block = {.end = &block.first};
    size_t len;
    if (!lac_vtl_deeper(parser)) {
        return false;
    }
    while (parser->at < parser->text.len) {
        enum lac_vtl_word word =
            lac_vtl_peek(parser, 0) == '#' ? lac_vtl_word_at(parser, 0, &len) : LAC_VTL_WORD_NONE;
        if (word >= LAC_VTL_WORD_ELSE && word <= LAC_VTL_WORD_END) {
            break;
        }
        if (!parse_statement(parser, &block)) {
            return false;
        }
    }
    parser->depth--;
    *out = block.first;
    return true;
}

bool lac_vtl_parse(struct lac_vtl_parser *parser, struct lac_vtl_node **out) {
    if (!parse_block(parser, out)) {
        return false;
    }
    if (parser->at < parser->text.len) {
        return lac_vtl_fail_parse(parser, parser->at, "this belongs to no #if or #foreach");
    }
    return true;
}
