/* vtl_private.h — between the files of vtl.h: the tree of a template, and the run that walks it. */
#ifndef LAC_VTL_PRIVATE_H
#define LAC_VTL_PRIVATE_H

#include "core/regex.h"
#include "core/vtl.h"
#include "core/vtl_method.h"

enum lac_vtl_node_kind {
    /* Statements. */
    LAC_VTL_TEXT,      /* text */
    LAC_VTL_REFERENCE, /* reference */
    LAC_VTL_SET,       /* first = second */
    LAC_VTL_IF,      /* first: condition; second: block; third: another IF, or the block of #else */
    LAC_VTL_ELSE,    /* first: block */
    LAC_VTL_FOREACH, /* slot; first: what to iterate; second: block */
    LAC_VTL_DEFINE,  /* slot; first: block */
    LAC_VTL_BREAK,
    LAC_VTL_STOP,
    /* Expressions; a REFERENCE is one, too. */
    LAC_VTL_CONSTANT,     /* value */
    LAC_VTL_INTERPOLATED, /* first: block */
    LAC_VTL_LIST_OF,      /* first: items */
    LAC_VTL_MAP_OF,       /* first: key, value, key, value */
    LAC_VTL_RANGE,        /* first..second */
    LAC_VTL_NOT,
    LAC_VTL_OR,
    LAC_VTL_AND,
    LAC_VTL_EQUAL,
    LAC_VTL_UNEQUAL,
    LAC_VTL_LESS,
    LAC_VTL_LESS_OR_EQUAL,
    LAC_VTL_GREATER,
    LAC_VTL_GREATER_OR_EQUAL,
    LAC_VTL_ADD,
    LAC_VTL_SUBTRACT,
    LAC_VTL_MULTIPLY,
    LAC_VTL_DIVIDE,
    LAC_VTL_MODULO,
};

/* .name, .name(arguments) or [index] behind a reference. */
struct lac_vtl_tail {
    enum { LAC_VTL_PROPERTY, LAC_VTL_CALL, LAC_VTL_INDEX } kind;
    uint32_t at;
    struct lac_str name;
    enum lac_vtl_method method;     /* of a CALL */
    struct lac_vtl_node *arguments; /* of a CALL; the index of an INDEX */
    uint32_t count;
    struct lac_vtl_tail *next;
};

struct lac_vtl_reference {
    struct lac_str prefix; /* printed before the value: backslashes, and $ that begin nothing */
    struct lac_str source; /* as written, from its $ */
    struct lac_vtl_tail *tails;
    uint32_t slot;
    bool is_escaped; /* prints its source instead of its value */
};

struct lac_vtl_node {
    uint8_t kind;
    uint32_t at;   /* where it begins, for errors */
    uint32_t slot; /* the variable of FOREACH and DEFINE */
    struct lac_vtl_node *next;
    union {
        struct lac_str text;
        struct lac_vtl_value value;
        struct lac_vtl_reference *reference;
        struct {
            struct lac_vtl_node *first, *second, *third;
        };
    };
};

/* Variables are numbered when a template is compiled; these have the first numbers. */
enum {
    LAC_VTL_SLOT_INPUT,
    LAC_VTL_SLOT_UTIL,
    LAC_VTL_SLOT_CONTEXT,
    LAC_VTL_SLOT_STAGE_VARIABLES,
    LAC_VTL_SLOT_FOREACH,
    LAC_VTL_SLOT_COUNT,
    LAC_VTL_SLOT_HAS_NEXT,
    LAC_VTL_SLOTS,
};

struct lac_vtl_template {
    struct lac_arena arena;
    struct lac_str text;
    struct lac_vtl_map *names; /* of variables → their slots */
    struct lac_vtl_node *body;
    struct lac_vtl_map *wanted[LAC_VTL_SOURCES]; /* names that it asks for by constants */
    bool wants_all[LAC_VTL_SOURCES];             /* it asks for others, too */
    bool has_overrides; /* it may set $context.requestOverride or responseOverride */
};

/* Parses a text, the template's own or that of a string in it, into a list of statements. */
struct lac_vtl_parser {
    struct lac_vtl_template *template;
    struct lac_str text;
    size_t at;
    size_t origin;     /* of a string's text: where the string begins in the template */
    bool is_string;    /* places in the text are none in the template */
    bool in_arguments; /* of a method: there, a bare word is null */
    unsigned depth;    /* of what is open */
    struct lac_error *err;
};

#define LAC_VTL_NESTING_MOST 200

/* Of vtl_template.c: line and column (in characters) of a byte of the template, from 1. */
void lac_vtl_place(const struct lac_vtl_template *template, size_t at, size_t *line,
                   size_t *column);

bool lac_vtl_parse(struct lac_vtl_parser *parser, struct lac_vtl_node **out);

/* Of vtl_expression.c. Each reads what begins at parser->at. */
bool lac_vtl_parse_expression(struct lac_vtl_parser *parser, struct lac_vtl_node **out);
bool lac_vtl_parse_operand(struct lac_vtl_parser *parser, struct lac_vtl_node **out);

/* Of vtl_reference_parser.c. */
bool lac_vtl_parse_reference(struct lac_vtl_parser *parser, struct lac_vtl_node **out);

/* Reads a name, whose first letter was seen. A hyphen is part of it. */
struct lac_str lac_vtl_read_name(struct lac_vtl_parser *parser);

/* Reads a name without a $, right behind a reference, and what seems to be called on it. */
bool lac_vtl_read_bare(struct lac_vtl_parser *parser, struct lac_str *name,
                       struct lac_vtl_tail **tails);

/* Of vtl_wanted.c: notes what a reference will ask of the caller's values. */
bool lac_vtl_note_wanted(struct lac_vtl_parser *parser, const struct lac_vtl_reference *reference);

/* Of vtl_literal.c. */
bool lac_vtl_parse_string(struct lac_vtl_parser *parser, struct lac_vtl_node **out);
bool lac_vtl_parse_number(struct lac_vtl_parser *parser, struct lac_vtl_node **out);
bool lac_vtl_is_number_ahead(const struct lac_vtl_parser *parser); /* with its sign or point */
bool lac_vtl_parse_list(struct lac_vtl_parser *parser, struct lac_vtl_node **out);
bool lac_vtl_parse_map(struct lac_vtl_parser *parser, struct lac_vtl_node **out);

/* Of vtl_scan.c: the small things that all parsing is made of. */
char lac_vtl_peek(const struct lac_vtl_parser *parser, size_t ahead); /* NUL at the end */
bool lac_vtl_at(const struct lac_vtl_parser *parser, struct lac_str word);
bool lac_vtl_is_space(char c);
bool lac_vtl_is_letter(char c);  /* or _ */
bool lac_vtl_is_of_word(char c); /* of #word */
void lac_vtl_skip_space(struct lac_vtl_parser *parser);
bool lac_vtl_fail_parse(struct lac_vtl_parser *parser, size_t at, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
bool lac_vtl_unexpected(struct lac_vtl_parser *parser, const char *wanted);
bool lac_vtl_deeper(struct lac_vtl_parser *parser); /* parser->depth-- undoes it */
uint32_t lac_vtl_origin(const struct lac_vtl_parser *parser, size_t at); /* in the template */
bool lac_vtl_no_memory(struct lac_vtl_parser *parser);                   /* an error, and false */
void *lac_vtl_take(struct lac_vtl_parser *parser, size_t size); /* zeroed; NULL with an error */
struct lac_vtl_node *lac_vtl_new_node(struct lac_vtl_parser *parser, enum lac_vtl_node_kind kind,
                                      size_t at); /* NULL with an error */
bool lac_vtl_slot(struct lac_vtl_parser *parser, struct lac_str name, uint32_t *slot);

/* What walks the tree. */
struct lac_vtl_machine {
    struct lac_vtl_run *run;
    struct lac_arena *arena;
    struct lac_buf *out;
    size_t out_most; /* out->len may not go past it */
    struct lac_vtl_value *slots;
    struct lac_vtl_value document; /* the body, once it was parsed */
    bool has_document;
    size_t steps;           /* that are left */
    unsigned depth;         /* of what is being evaluated */
    struct lac_regex regex; /* the last that was used, and its pattern */
    struct lac_str pattern;
    enum { LAC_VTL_GO_ON, LAC_VTL_BREAKING, LAC_VTL_STOPPING } signal;
    uint32_t at; /* of what is being evaluated, for errors */
    struct lac_error *err;
};

#define LAC_VTL_DEPTH_MOST 400

/* Of vtl_machine.c. A failure tells the template's place, `machine->at`. */
bool lac_vtl_fail(struct lac_vtl_machine *machine, enum lac_error_kind kind, const char *format,
                  ...) __attribute__((format(printf, 3, 4)));
bool lac_vtl_no_room(struct lac_vtl_machine *machine);
bool lac_vtl_spend(struct lac_vtl_machine *machine, size_t steps);
bool lac_vtl_deepen(struct lac_vtl_machine *machine); /* machine->depth-- undoes it */
bool lac_vtl_write(struct lac_vtl_machine *machine, struct lac_str text);

/* Appends `len` bytes for the caller to write, and returns the first; NULL with an error. Inline
 * where there is room: templates write in small pieces. */
char *lac_vtl_more_room(struct lac_vtl_machine *machine, size_t len);
static inline char *lac_vtl_room(struct lac_vtl_machine *machine, size_t len) {
    struct lac_buf *out = machine->out;
    if (len >= out->cap - out->len || len > machine->out_most - out->len) {
        return lac_vtl_more_room(machine, len);
    }
    char *room = out->data + out->len;
    out->len += len;
    out->data[out->len] = '\0';
    return room;
}

/* Whether all is well with what was appended to machine->out without asking. */
bool lac_vtl_check_written(struct lac_vtl_machine *machine);

/* Takes what was written since out->len was `begun` off the output, as a string. */
bool lac_vtl_take_written(struct lac_vtl_machine *machine, size_t begun, struct lac_vtl_value *out);

/* Of vtl_render.c. */
bool lac_vtl_render_block(struct lac_vtl_machine *machine, const struct lac_vtl_node *node);

/* Of vtl_run.c: makes the variables, and gives them what a template finds when it begins. */
bool lac_vtl_prepare(struct lac_vtl_machine *machine);

/* Of vtl_evaluate.c. */
bool lac_vtl_evaluate(struct lac_vtl_machine *machine, const struct lac_vtl_node *node,
                      struct lac_vtl_value *out);
bool lac_vtl_is_true(struct lac_vtl_machine *machine, const struct lac_vtl_node *node, bool *out);

/* Of vtl_reference.c. */
bool lac_vtl_get(struct lac_vtl_machine *machine, const struct lac_vtl_reference *reference,
                 struct lac_vtl_value *out);
bool lac_vtl_set(struct lac_vtl_machine *machine, const struct lac_vtl_reference *reference,
                 struct lac_vtl_value value);

/* Of vtl_arithmetic.c: operators upon values. */
bool lac_vtl_compute(struct lac_vtl_machine *machine, enum lac_vtl_node_kind operation,
                     const struct lac_vtl_value *left, const struct lac_vtl_value *right,
                     struct lac_vtl_value *out);
double lac_vtl_double_of(const struct lac_vtl_value *number);
bool lac_vtl_compare(const struct lac_vtl_value *left, const struct lac_vtl_value *right,
                     int *order); /* false when they are not two numbers */
bool lac_vtl_equal(struct lac_vtl_machine *machine, const struct lac_vtl_value *left,
                   const struct lac_vtl_value *right, bool *out); /* as == has it */
bool lac_vtl_same(struct lac_vtl_machine *machine, const struct lac_vtl_value *left,
                  const struct lac_vtl_value *right, bool *out); /* as Java's equals has it */

/* Of vtl_print.c: writes a value as Java prints it, or as JSON. */
bool lac_vtl_print(struct lac_vtl_machine *machine, const struct lac_vtl_value *value);
bool lac_vtl_print_json(struct lac_vtl_machine *machine, const struct lac_vtl_value *value);
bool lac_vtl_to_string(struct lac_vtl_machine *machine, const struct lac_vtl_value *value,
                       struct lac_vtl_value *out);

/* A method call. `out` is null when the object has no such method for these arguments. */
struct lac_vtl_call {
    struct lac_vtl_value object;
    enum lac_vtl_method method;
    const struct lac_vtl_value *arguments;
    uint32_t count;
};
bool lac_vtl_call(struct lac_vtl_machine *machine, const struct lac_vtl_call *call,
                  struct lac_vtl_value *out);
bool lac_vtl_call_string(struct lac_vtl_machine *machine, const struct lac_vtl_call *call,
                         struct lac_vtl_value *out);
struct lac_regex *lac_vtl_regex(struct lac_vtl_machine *machine, struct lac_str pattern);
bool lac_vtl_split(struct lac_vtl_machine *machine, struct lac_str text, struct lac_str pattern,
                   int64_t limit, struct lac_vtl_value *out);
bool lac_vtl_call_list(struct lac_vtl_machine *machine, const struct lac_vtl_call *call,
                       struct lac_vtl_value *out);
bool lac_vtl_call_map(struct lac_vtl_machine *machine, const struct lac_vtl_call *call,
                      struct lac_vtl_value *out);
bool lac_vtl_call_input(struct lac_vtl_machine *machine, const struct lac_vtl_call *call,
                        struct lac_vtl_value *out);
bool lac_vtl_call_util(struct lac_vtl_machine *machine, const struct lac_vtl_call *call,
                       struct lac_vtl_value *out);

/* list.get(index) and map.get(key), as [ ] has them, too. */
bool lac_vtl_at_index(struct lac_vtl_machine *machine, const struct lac_vtl_value *object,
                      const struct lac_vtl_value *index, struct lac_vtl_value *out);

/* To be called before a list or a map is changed: $input.path() shall not see it. */
void lac_vtl_touch(struct lac_vtl_machine *machine, uint8_t flavour);

/* Of vtl_path.c: what a JSONPath finds in a value; null when it finds nothing or is none. */
bool lac_vtl_path(struct lac_vtl_machine *machine, const struct lac_vtl_value *root,
                  struct lac_str path, struct lac_vtl_value *out);

#endif
