/* vtl_text.c — what stands between directives: text, references, and what escapes them. */
#include <string.h>

#include "core/vtl_statement.h"

static const struct lac_str words[] = {
    [LAC_VTL_WORD_BREAK] = LAC_STR_INIT("break"),
    [LAC_VTL_WORD_DEFINE] = LAC_STR_INIT("define"),
    [LAC_VTL_WORD_FOREACH] = LAC_STR_INIT("foreach"),
    [LAC_VTL_WORD_INCLUDE] = LAC_STR_INIT("include"),
    [LAC_VTL_WORD_MACRO] = LAC_STR_INIT("macro"),
    [LAC_VTL_WORD_PARSE] = LAC_STR_INIT("parse"),
    [LAC_VTL_WORD_STOP] = LAC_STR_INIT("stop"),
    [LAC_VTL_WORD_SET] = LAC_STR_INIT("set"),
    [LAC_VTL_WORD_ELSE] = LAC_STR_INIT("else"),
    [LAC_VTL_WORD_ELSEIF] = LAC_STR_INIT("elseif"),
    [LAC_VTL_WORD_END] = LAC_STR_INIT("end"),
    [LAC_VTL_WORD_IF] = LAC_STR_INIT("if"),
};

void lac_vtl_append(struct lac_vtl_block_list *block, struct lac_vtl_node *node) {
    *block->end = node;
    block->end = &node->next;
    block->last = node;
}

bool lac_vtl_append_text(struct lac_vtl_parser *parser, struct lac_vtl_block_list *block,
                         struct lac_str text) {
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
        lac_vtl_append(block, node);
    }
    return node != NULL;
}

bool lac_vtl_append_since(struct lac_vtl_parser *parser, struct lac_vtl_block_list *block,
                          size_t begin) {
    struct lac_str text = {parser->text.data + begin, parser->at - begin};
    return lac_vtl_append_text(parser, block, text);
}

enum lac_vtl_word lac_vtl_word_at(const struct lac_vtl_parser *parser, size_t ahead, size_t *len) {
    bool braced = lac_vtl_peek(parser, ahead + 1) == '{';
    size_t begin = ahead + 1 + braced, end = begin;
    *len = 0;
    if (lac_vtl_peek(parser, ahead) != '#' ||
        !(lac_vtl_is_letter(lac_vtl_peek(parser, end)) || lac_vtl_peek(parser, end) == '@')) {
        return LAC_VTL_WORD_NONE;
    }
    while (lac_vtl_is_of_word(lac_vtl_peek(parser, end))) {
        end++;
    }
    if (braced && lac_vtl_peek(parser, end) != '}') {
        return LAC_VTL_WORD_NONE;
    }
    *len = end + braced - ahead;
    struct lac_str name = {parser->text.data + parser->at + begin, end - begin};
    for (enum lac_vtl_word word = LAC_VTL_WORD_BREAK; word <= LAC_VTL_WORD_IF; word++) {
        if (name.len == words[word].len && memcmp(name.data, words[word].data, name.len) == 0) {
            return word;
        }
    }
    return LAC_VTL_WORD_OTHER;
}

bool lac_vtl_is_set(const struct lac_vtl_parser *parser, size_t *len) {
    size_t blanks = 0, word;
    while (lac_vtl_peek(parser, blanks) == ' ' || lac_vtl_peek(parser, blanks) == '\t') {
        blanks++;
    }
    if (lac_vtl_word_at(parser, blanks, &word) != LAC_VTL_WORD_SET) {
        return false;
    }
    *len = blanks + word;
    while (lac_vtl_peek(parser, *len) == ' ') {
        ++*len;
    }
    return lac_vtl_peek(parser, (*len)++) == '(';
}

bool lac_vtl_parse_backslashes(struct lac_vtl_parser *parser, struct lac_vtl_block_list *block,
                               size_t count) {
    size_t len, begin = parser->at, set_len;
    enum lac_vtl_word word = lac_vtl_word_at(parser, count, &len);
    parser->at += count;
    bool is_directive = word > LAC_VTL_WORD_OTHER && word != LAC_VTL_WORD_MACRO;
    bool is_odd = count % 2 != 0;
    bool is_braced = len > 1 && lac_vtl_peek(parser, 1) == '{';
    bool stays = word == LAC_VTL_WORD_SET || lac_vtl_is_set(parser, &set_len) ||
                 (word < LAC_VTL_WORD_SET && is_braced);
    if (!is_directive || (!is_odd && stays)) {
        parser->at += is_odd && word != LAC_VTL_WORD_NONE ? len : 0;
        return lac_vtl_append_since(parser, block, begin);
    }
    struct lac_str half = {parser->text.data + begin, count / 2};
    if (!lac_vtl_append_text(parser, block, half)) {
        return false;
    }
    begin = parser->at;
    parser->at += is_odd ? len : 0;
    return lac_vtl_append_since(parser, block, begin);
}

/* A $ that begins no reference is text; `behind` it is what the lexer has looked at. */
static bool parse_lone_dollar(struct lac_vtl_parser *parser, struct lac_vtl_block_list *block,
                              size_t begin) {
    size_t len, set_len;
    char next = lac_vtl_peek(parser, 0);
    if (parser->at >= parser->text.len) {
        return lac_vtl_fail_parse(parser, begin, "a template cannot end in $");
    }
    bool has_bang = parser->text.data[parser->at - 1] == '!';
    enum lac_vtl_word word = lac_vtl_word_at(parser, 0, &len);
    if (word >= LAC_VTL_WORD_ELSE || lac_vtl_is_set(parser, &set_len)) {
        return true; /* the directive swallows the $ before it */
    }
    if (!has_bang || next == '[' || next == '{') {
        return lac_vtl_append_since(parser, block, begin);
    }
    struct lac_str without_bang = {parser->text.data + begin, parser->at - 1 - begin};
    return lac_vtl_append_text(parser, block, without_bang);
}

/* Whether an identifier follows, perhaps behind a brace. */
static bool is_name_ahead(const struct lac_vtl_parser *parser) {
    bool braced = lac_vtl_peek(parser, 0) == '{';
    return lac_vtl_is_letter(lac_vtl_peek(parser, braced));
}

size_t lac_vtl_count_backslashes(const struct lac_vtl_parser *parser) {
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
static bool parse_brace(struct lac_vtl_parser *parser, struct lac_vtl_block_list *block) {
    struct lac_str name, brace = {parser->text.data + parser->at, 1};
    struct lac_vtl_tail *ignored;
    parser->at++;
    if (!lac_vtl_is_letter(lac_vtl_peek(parser, 0))) {
        return lac_vtl_append_text(parser, block, brace);
    }
    if (!lac_vtl_read_bare(parser, &name, &ignored)) {
        return false;
    }
    if (lac_vtl_peek(parser, 0) != '}') {
        return lac_vtl_unexpected(parser, "'}'");
    }
    parser->at++;
    return lac_vtl_append_text(parser, block, brace);
}

/* Habits of Velocity's lexer behind a reference without braces. A name there is printed, but what
 * seems to be called on it is not: of $x.trim()example.com, .com is lost. A closing brace is a
 * token of its own, so that blanks behind it may go with a #set. Behind a property, ## begins no
 * comment. */
static bool parse_behind_reference(struct lac_vtl_parser *parser, struct lac_vtl_block_list *block,
                                   struct lac_vtl_tail *tail) {
    struct lac_str name;
    while (lac_vtl_is_letter(lac_vtl_peek(parser, 0))) {
        if (!lac_vtl_read_bare(parser, &name, &tail) || !lac_vtl_append_text(parser, block, name)) {
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
    return lac_vtl_append_since(parser, block, begin);
}

bool lac_vtl_parse_dollar(struct lac_vtl_parser *parser, struct lac_vtl_block_list *block,
                          size_t backslashes) {
    size_t begin = parser->at, dollar = begin + backslashes;
    for (;;) {
        parser->at = dollar + 1;
        parser->at += lac_vtl_peek(parser, 0) == '!';
        if (is_name_ahead(parser)) {
            break;
        }
        size_t count = lac_vtl_count_backslashes(parser);
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
    lac_vtl_append(block, node);
    bool is_braced = node->reference->source.data[node->reference->source.len - 1] == '}';
    return is_braced || parse_behind_reference(parser, block, node->reference->tails);
}
