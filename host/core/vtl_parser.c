/* vtl_parser.c — text → statements. What stands in a directive's brackets: vtl_expression.c. */
#include <string.h>

#include "core/vtl_private.h"

/* What # and a word begin. */
enum word {
    WORD_NONE, /* no word follows */
    WORD_OTHER,
    WORD_BREAK,
    WORD_DEFINE,
    WORD_FOREACH,
    WORD_INCLUDE,
    WORD_MACRO,
    WORD_PARSE,
    WORD_STOP,
    WORD_SET,
    WORD_ELSE,
    WORD_ELSEIF,
    WORD_END,
    WORD_IF,
};

static const struct lac_str words[] = {
    [WORD_BREAK] = LAC_STR_INIT("break"),     [WORD_DEFINE] = LAC_STR_INIT("define"),
    [WORD_FOREACH] = LAC_STR_INIT("foreach"), [WORD_INCLUDE] = LAC_STR_INIT("include"),
    [WORD_MACRO] = LAC_STR_INIT("macro"),     [WORD_PARSE] = LAC_STR_INIT("parse"),
    [WORD_STOP] = LAC_STR_INIT("stop"),       [WORD_SET] = LAC_STR_INIT("set"),
    [WORD_ELSE] = LAC_STR_INIT("else"),       [WORD_ELSEIF] = LAC_STR_INIT("elseif"),
    [WORD_END] = LAC_STR_INIT("end"),         [WORD_IF] = LAC_STR_INIT("if"),
};

/* A list of statements while it grows. */
struct block {
    struct lac_vtl_node *first, **end;
    struct lac_vtl_node *last;
};

static bool parse_block(struct lac_vtl_parser *parser, struct lac_vtl_node **out);

static void append(struct block *block, struct lac_vtl_node *node) {
    *block->end = node;
    block->end = &node->next;
    block->last = node;
}

/* Adds text, to the last statement when that is the text right before it. */
static bool append_text(struct lac_vtl_parser *parser, struct block *block, struct lac_str text) {
    struct lac_vtl_node *last = block->last;
    if (last != NULL && last->kind == LAC_VTL_TEXT &&
        last->text.data + last->text.len == text.data) {
        last->text.len += text.len;
        return true;
    }
    if (text.len == 0) {
        return true;
    }
    struct lac_vtl_node *node =
        lac_vtl_new_node(parser, LAC_VTL_TEXT, (size_t)(text.data - parser->text.data));
    if (node != NULL) {
        node->text = text;
        append(block, node);
    }
    return node != NULL;
}

/* Adds the text from `begin` to where the parser stands. */
static bool append_since(struct lac_vtl_parser *parser, struct block *block, size_t begin) {
    struct lac_str text = {parser->text.data + begin, parser->at - begin};
    return append_text(parser, block, text);
}

static bool is_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static bool is_of_word(char c) {
    return is_letter(c) || (c >= '0' && c <= '9') || c == '@';
}

/* Reads #word or #{word} `ahead` of the parser; `*len` is how long it is. */
static enum word word_at(const struct lac_vtl_parser *parser, size_t ahead, size_t *len) {
    bool braced = lac_vtl_peek(parser, ahead + 1) == '{';
    size_t begin = ahead + 1 + braced, end = begin;
    *len = 0;
    if (lac_vtl_peek(parser, ahead) != '#' ||
        !(is_letter(lac_vtl_peek(parser, end)) || lac_vtl_peek(parser, end) == '@')) {
        return WORD_NONE;
    }
    while (is_of_word(lac_vtl_peek(parser, end))) {
        end++;
    }
    if (braced && lac_vtl_peek(parser, end) != '}') {
        return WORD_NONE;
    }
    *len = end + braced - ahead;
    struct lac_str name = {parser->text.data + parser->at + begin, end - begin};
    for (enum word word = WORD_BREAK; word <= WORD_IF; word++) {
        if (name.len == words[word].len && memcmp(name.data, words[word].data, name.len) == 0) {
            return word;
        }
    }
    return WORD_OTHER;
}

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

/* Whether blanks and #set( follow; `*len` is how long they are together. */
static bool is_set(const struct lac_vtl_parser *parser, size_t *len) {
    size_t blanks = 0, word;
    while (lac_vtl_peek(parser, blanks) == ' ' || lac_vtl_peek(parser, blanks) == '\t') {
        blanks++;
    }
    if (word_at(parser, blanks, &word) != WORD_SET) {
        return false;
    }
    *len = blanks + word;
    while (lac_vtl_peek(parser, *len) == ' ') {
        ++*len;
    }
    return lac_vtl_peek(parser, (*len)++) == '(';
}

/* $!x and ${x} to the left of = name no variable that could be read again. */
static bool lose_odd_target(struct lac_vtl_parser *parser, struct lac_vtl_reference *target) {
    struct lac_str source = target->source;
    bool is_odd = target->tails == NULL && (source.data[1] == '!' || source.data[1] == '{');
    struct lac_str name = {source.data + 1, source.len - 1};
    return !is_odd || lac_vtl_slot(parser, name, &target->slot);
}

static bool parse_set(struct lac_vtl_parser *parser, struct block *block, size_t len) {
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
    append(block, node);
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
    if (word_at(parser, 0, &len) != WORD_END) {
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
    while (word_at(parser, 0, &len) == WORD_ELSEIF) {
        node->third = lac_vtl_new_node(parser, LAC_VTL_IF, parser->at);
        parser->at += len;
        node = node->third;
        if (node == NULL || !parse_condition(parser, &node->first) ||
            !parse_block(parser, &node->second)) {
            return false;
        }
    }
    if (word_at(parser, 0, &len) == WORD_ELSE) {
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
    if (!is_in || is_of_word(lac_vtl_peek(parser, 2))) {
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
        if (is_letter(lac_vtl_peek(parser, 0))) {
            while (is_of_word(lac_vtl_peek(parser, 0))) {
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
static bool parse_other(struct lac_vtl_parser *parser, struct block *block, size_t begin) {
    static const struct lac_str evaluate = LAC_STR_INIT("#evaluate");
    struct lac_str word = {parser->text.data + begin, parser->at - begin};
    bool is_evaluate = word.len == evaluate.len && memcmp(word.data, evaluate.data, word.len) == 0;
    if (!is_evaluate && has_arguments(parser) && !skip_arguments(parser)) {
        return false;
    }
    return append_since(parser, block, begin);
}

/* Reads a directive whose word was just read. */
static bool parse_directive(struct lac_vtl_parser *parser, struct block *block, enum word word,
                            struct lac_vtl_node *node) {
    bool done = false;
    switch (word) {
    case WORD_IF:
        node->kind = LAC_VTL_IF;
        done = parse_if(parser, node);
        break;
    case WORD_FOREACH:
        node->kind = LAC_VTL_FOREACH;
        done = parse_foreach(parser, node);
        break;
    case WORD_DEFINE:
        node->kind = LAC_VTL_DEFINE;
        done = parse_define(parser, node);
        break;
    case WORD_BREAK:
    case WORD_STOP:
        node->kind = word == WORD_BREAK ? LAC_VTL_BREAK : LAC_VTL_STOP;
        done = !has_arguments(parser) || skip_arguments(parser);
        break;
    case WORD_MACRO:
        return skip_macro(parser, node);
    case WORD_PARSE:
    case WORD_INCLUDE:
        return lac_vtl_fail_parse(parser, node->at, "a template cannot include another");
    default:
        break;
    }
    if (done) {
        append(block, node);
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

static bool parse_literal_block(struct lac_vtl_parser *parser, struct block *block) {
    size_t begin = parser->at + 3;
    if (!skip_past(parser, LAC_STR("]]#"))) {
        return false;
    }
    struct lac_str text = {parser->text.data + begin, parser->at - 3 - begin};
    return append_text(parser, block, text);
}

static bool parse_hash(struct lac_vtl_parser *parser, struct block *block) {
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
    enum word word = word_at(parser, 0, &len);
    parser->at += word == WORD_NONE ? 1 : len;
    if (word == WORD_NONE) { /* a #set swallows a lone # before it, as it does a $ */
        return is_set(parser, &len) || append_since(parser, block, begin);
    }
    if (word == WORD_OTHER || word == WORD_SET) {
        return parse_other(parser, block, begin);
    }
    struct lac_vtl_node *node = lac_vtl_new_node(parser, LAC_VTL_TEXT, begin);
    return node != NULL && parse_directive(parser, block, word, node);
}

/* Reads backslashes that no $ follows. They escape a directive, each pair of them one backslash. */
static bool parse_backslashes(struct lac_vtl_parser *parser, struct block *block, size_t count) {
    size_t len, begin = parser->at, set_len;
    enum word word = word_at(parser, count, &len);
    parser->at += count;
    bool is_directive = word > WORD_OTHER && word != WORD_MACRO;
    bool is_odd = count % 2 != 0;
    bool is_braced = len > 1 && lac_vtl_peek(parser, 1) == '{';
    bool stays = word == WORD_SET || is_set(parser, &set_len) || (word < WORD_SET && is_braced);
    if (!is_directive || (!is_odd && stays)) {
        parser->at += is_odd && word != WORD_NONE ? len : 0;
        return append_since(parser, block, begin);
    }
    struct lac_str half = {parser->text.data + begin, count / 2};
    if (!append_text(parser, block, half)) {
        return false;
    }
    begin = parser->at;
    parser->at += is_odd ? len : 0;
    return append_since(parser, block, begin);
}

/* A $ that begins no reference is text; `behind` it is what the lexer has looked at. */
static bool parse_lone_dollar(struct lac_vtl_parser *parser, struct block *block, size_t begin) {
    size_t len, set_len;
    char next = lac_vtl_peek(parser, 0);
    if (parser->at >= parser->text.len) {
        return lac_vtl_fail_parse(parser, begin, "a template cannot end in $");
    }
    bool has_bang = parser->text.data[parser->at - 1] == '!';
    enum word word = word_at(parser, 0, &len);
    if (word >= WORD_ELSE || is_set(parser, &set_len)) {
        return true; /* the directive swallows the $ before it */
    }
    if (!has_bang || next == '[' || next == '{') {
        return append_since(parser, block, begin);
    }
    struct lac_str without_bang = {parser->text.data + begin, parser->at - 1 - begin};
    return append_text(parser, block, without_bang);
}

/* Whether an identifier follows, perhaps behind a brace. */
static bool is_name_ahead(const struct lac_vtl_parser *parser) {
    bool braced = lac_vtl_peek(parser, 0) == '{';
    return is_letter(lac_vtl_peek(parser, braced));
}

static size_t count_backslashes(const struct lac_vtl_parser *parser) {
    size_t count = 0;
    while (lac_vtl_peek(parser, count) == '\\') {
        count++;
    }
    return count;
}

static bool is_after_property(const struct lac_vtl_tail *tail) {
    while (tail != NULL && tail->next != NULL) {
        tail = tail->next;
    }
    return tail != NULL && tail->kind == LAC_VTL_PROPERTY;
}

/* {name} right behind a reference prints its first brace alone. */
static bool parse_brace(struct lac_vtl_parser *parser, struct block *block) {
    struct lac_str name, brace = {parser->text.data + parser->at, 1};
    struct lac_vtl_tail *ignored;
    parser->at++;
    if (!is_letter(lac_vtl_peek(parser, 0))) {
        return append_text(parser, block, brace);
    }
    if (!lac_vtl_read_bare(parser, &name, &ignored)) {
        return false;
    }
    if (lac_vtl_peek(parser, 0) != '}') {
        return lac_vtl_unexpected(parser, "'}'");
    }
    parser->at++;
    return append_text(parser, block, brace);
}

/* Habits of Velocity's lexer behind a reference without braces. A name there is printed, but what
 * seems to be called on it is not: of $x.trim()example.com, .com is lost. A closing brace is a
 * token of its own, so that blanks behind it may go with a #set. Behind a property, ## begins no
 * comment. */
static bool parse_behind_reference(struct lac_vtl_parser *parser, struct block *block,
                                   struct lac_vtl_tail *tail) {
    struct lac_str name;
    while (is_letter(lac_vtl_peek(parser, 0))) {
        if (!lac_vtl_read_bare(parser, &name, &tail) || !append_text(parser, block, name)) {
            return false;
        }
    }
    if (lac_vtl_peek(parser, 0) == '{') {
        return parse_brace(parser, block);
    }
    size_t begin = parser->at;
    if (is_after_property(tail) && lac_vtl_at(parser, LAC_STR("##"))) {
        parser->at += 2;
    } else if (lac_vtl_peek(parser, 0) == '}') {
        parser->at++;
    }
    return append_since(parser, block, begin);
}

/* Reads a reference with all that stands before it: backslashes, and more $. */
static bool parse_dollar(struct lac_vtl_parser *parser, struct block *block, size_t backslashes) {
    size_t begin = parser->at, dollar = begin + backslashes;
    for (;;) {
        parser->at = dollar + 1;
        parser->at += lac_vtl_peek(parser, 0) == '!';
        if (is_name_ahead(parser)) {
            break;
        }
        size_t count = count_backslashes(parser);
        if (lac_vtl_peek(parser, count) != '$') {
            return parse_lone_dollar(parser, block, begin);
        }
        dollar = parser->at + count;
    }
    struct lac_vtl_node *node;
    parser->at = dollar;
    if (!lac_vtl_parse_reference(parser, &node)) {
        return false;
    }
    size_t escapes = backslashes / 2; /* of the backslashes, those that are printed */
    node->reference->is_escaped = backslashes % 2 != 0;
    size_t from = begin + backslashes - escapes;
    size_t to = node->reference->is_escaped ? from + escapes : dollar;
    node->reference->prefix = (struct lac_str){parser->text.data + from, to - from};
    append(block, node);
    bool is_braced = node->reference->source.data[node->reference->source.len - 1] == '}';
    return is_braced || parse_behind_reference(parser, block, node->reference->tails);
}

static void skip_text(struct lac_vtl_parser *parser) {
    char c;
    while (parser->at < parser->text.len && (c = parser->text.data[parser->at]) != '$' &&
           c != '#' && c != '\\') {
        parser->at++;
    }
}

static bool parse_statement(struct lac_vtl_parser *parser, struct block *block) {
    size_t begin = parser->at, len;
    char c = lac_vtl_peek(parser, 0);
    if ((c == ' ' || c == '\t' || c == '#') && is_set(parser, &len)) {
        return parse_set(parser, block, len);
    }
    if (c == '#') {
        return parse_hash(parser, block);
    }
    size_t backslashes = count_backslashes(parser);
    if (lac_vtl_peek(parser, backslashes) == '$') {
        return parse_dollar(parser, block, backslashes);
    }
    if (backslashes > 0) {
        return parse_backslashes(parser, block, backslashes);
    }
    skip_text(parser);
    return append_since(parser, block, begin);
}

/* Reads statements up to the end, or to the #end, #else or #elseif that ends their block. */
static bool parse_block(struct lac_vtl_parser *parser, struct lac_vtl_node **out) {
    struct block block = {.end = &block.first};
    size_t len;
    if (!lac_vtl_deeper(parser)) {
        return false;
    }
    while (parser->at < parser->text.len) {
        enum word word = lac_vtl_peek(parser, 0) == '#' ? word_at(parser, 0, &len) : WORD_NONE;
        if (word >= WORD_ELSE && word <= WORD_END) {
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
