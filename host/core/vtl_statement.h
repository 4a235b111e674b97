/* vtl_statement.h — between vtl_parser.c, which reads directives, and vtl_text.c, which reads what
 * stands between them. */
#ifndef LAC_VTL_STATEMENT_H
#define LAC_VTL_STATEMENT_H

#include "core/vtl_private.h"

/* What # and a word begin. */
enum lac_vtl_word {
    LAC_VTL_WORD_NONE, /* no word follows */
    LAC_VTL_WORD_OTHER,
    LAC_VTL_WORD_BREAK,
    LAC_VTL_WORD_DEFINE,
    LAC_VTL_WORD_FOREACH,
    LAC_VTL_WORD_INCLUDE,
    LAC_VTL_WORD_MACRO,
    LAC_VTL_WORD_PARSE,
    LAC_VTL_WORD_STOP,
    LAC_VTL_WORD_SET,
    LAC_VTL_WORD_ELSE,
    LAC_VTL_WORD_ELSEIF,
    LAC_VTL_WORD_END,
    LAC_VTL_WORD_IF,
};

/* A list of statements while it grows. */
struct lac_vtl_block_list {
    struct lac_vtl_node *first, **end;
    struct lac_vtl_node *last;
};

void lac_vtl_append(struct lac_vtl_block_list *block, struct lac_vtl_node *node);

/* Adds text, to the last statement when that is the text right before it; or the text from `begin`
 * to where the parser stands. */
bool lac_vtl_append_text(struct lac_vtl_parser *parser, struct lac_vtl_block_list *block,
                         struct lac_str text);
bool lac_vtl_append_since(struct lac_vtl_parser *parser, struct lac_vtl_block_list *block,
                          size_t begin);

/* Reads #word or #{word} `ahead` of the parser; `*len` is how long it is. */
enum lac_vtl_word lac_vtl_word_at(const struct lac_vtl_parser *parser, size_t ahead, size_t *len);

/* Whether blanks and #set( follow; `*len` is how long they are together. */
bool lac_vtl_is_set(const struct lac_vtl_parser *parser, size_t *len);

size_t lac_vtl_count_backslashes(const struct lac_vtl_parser *parser);

/* Reads backslashes that no $ follows. They escape a directive, each pair of them one backslash. */
bool lac_vtl_parse_backslashes(struct lac_vtl_parser *parser, struct lac_vtl_block_list *block,
                               size_t count);

/* Reads a reference with all that stands before it: backslashes, and more $. */
bool lac_vtl_parse_dollar(struct lac_vtl_parser *parser, struct lac_vtl_block_list *block,
                          size_t backslashes);

#endif
