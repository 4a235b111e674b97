/* json.h — JSON text exactly as RFC 8259 has it, as a stream of events.
 *
 * The reader turns text into events, the writer turns events into text. Neither keeps a tree: who
 * reads builds what it needs (Lua tables, a cJSON tree), who writes walks what it has.
 *
 *     struct lac_json_reader reader = {.text = text, .scratch = &scratch};
 *     while (lac_json_next(&reader, &event, &err) && event.kind != LAC_JSON_END) { ... }
 *
 * Nothing is lost on the way: 64-bit integers are exact and apart from floats, strings keep their
 * NULs, and bytes that are not UTF-8, lone surrogates, comments, trailing commas, leading zeros or
 * a byte order mark are refused. */
#ifndef LAC_JSON_H
#define LAC_JSON_H

#include <stdint.h>

#include "core/buf.h"
#include "core/error.h"

#define LAC_JSON_DEFAULT_DEPTH 512
#define LAC_JSON_MOST_DEPTH 4096

enum lac_json_kind {
    LAC_JSON_END, /* the one value of the text is complete, and nothing follows it */
    LAC_JSON_NULL,
    LAC_JSON_BOOLEAN,
    LAC_JSON_INTEGER, /* no fraction, no exponent, within 64 bits, not -0 */
    LAC_JSON_FLOAT,   /* every other number */
    LAC_JSON_STRING,
    LAC_JSON_NAME, /* of a member; its value follows */
    LAC_JSON_ARRAY,
    LAC_JSON_ARRAY_END,
    LAC_JSON_OBJECT,
    LAC_JSON_OBJECT_END,
};

struct lac_json_event {
    enum lac_json_kind kind;
    bool boolean;
    int64_t integer;
    double number;
    struct lac_str text; /* of a STRING or a NAME, without escapes; good until the next event */
};

struct lac_json_reader {
    struct lac_str text;
    struct lac_buf *scratch; /* the caller's: holds strings that had escapes */
    size_t max_depth;        /* 0: LAC_JSON_DEFAULT_DEPTH; LAC_JSON_MOST_DEPTH at most */

    /* The reader's own. */
    size_t at, depth;
    int expects;
    uint64_t in_object[LAC_JSON_MOST_DEPTH / 64]; /* a bit for each open level */
};

/* Gives the next event. A text that is not JSON is LAC_ERR_INPUT, one that nests too deep or holds
 * a number beyond a double's range LAC_ERR_LIMIT; the message begins with line, column and byte.
 * After a failure or LAC_JSON_END the reader has nothing more to say. Members that share a name are
 * all reported, in the order of the text. */
bool lac_json_next(struct lac_json_reader *reader, struct lac_json_event *event,
                   struct lac_error *err);

struct lac_json_writer {
    struct lac_buf *out;
    int indent; /* spaces for each level; 0 writes one line */

    /* The writer's own. */
    size_t depth;
    bool has_items, after_name;
};

/* Appends the event. Floats are written in the shortest form that reads back as the same double,
 * and always as floats ("1.0"). Refuses (LAC_ERR_INPUT) NaN, the infinities and text that is not
 * UTF-8; whether the events nest as they should is the caller's business. An allocation that fails
 * is found in out->failed. */
bool lac_json_write(struct lac_json_writer *writer, const struct lac_json_event *event,
                    struct lac_error *err);

/* The same texts one by one, for who knows itself what stands between them. */
bool lac_json_add_string(struct lac_buf *out, struct lac_str text, struct lac_error *err);
void lac_json_add_integer(struct lac_buf *out, int64_t value);
bool lac_json_add_float(struct lac_buf *out, double value, struct lac_error *err);

/* Where a value stands: appends ".name" (or the name alone, at the beginning of a path; in brackets
 * and quotes when it is not a plain word), and "[index]". */
void lac_json_add_path_name(struct lac_buf *path, struct lac_str name);
void lac_json_add_path_index(struct lac_buf *path, int64_t index);

#endif
