/* vtl_value.h — what a template computes with: Java's values, as far as templates can tell.
 *
 * Values live in an arena. Lists and maps are shared, as in Java: who changes one changes it for
 * all that hold it. */
#ifndef LAC_VTL_VALUE_H
#define LAC_VTL_VALUE_H

#include <stdint.h>

#include "core/arena.h"
#include "core/error.h"

enum lac_vtl_kind {
    LAC_VTL_NULL, /* also what was never set */
    LAC_VTL_BOOLEAN,
    LAC_VTL_INTEGER, /* an Integer or a Long */
    LAC_VTL_DOUBLE,
    LAC_VTL_BIG,       /* a number that keeps its digits, and with which nothing is computed */
    LAC_VTL_CHARACTER, /* the text of one */
    LAC_VTL_STRING,
    LAC_VTL_LIST,
    LAC_VTL_MAP,
    LAC_VTL_ENTRY, /* of a map */
    LAC_VTL_BLOCK, /* of #define */
    LAC_VTL_LOOP,  /* $foreach */
    LAC_VTL_INPUT, /* $input */
    LAC_VTL_UTIL,  /* $util */
};

/* 16 bytes. The text of strings, characters and big numbers is borrowed from the arena, the
 * template or the caller. */
struct lac_vtl_value {
    uint8_t kind;
    uint32_t len;
    union {
        bool boolean;
        int64_t integer;
        double number;
        const char *text;
        struct lac_vtl_list *list;
        struct lac_vtl_map *map;
        struct lac_vtl_entry *entry;
        struct lac_vtl_block *block;
        struct lac_vtl_loop *loop;
    };
};

enum lac_vtl_flavour {
    LAC_VTL_PLAIN, /* an ArrayList, a LinkedHashMap */
    LAC_VTL_JSON,  /* made of JSON: a list prints as JSON text */
    LAC_VTL_ARRAY, /* of Java: fixed in size */
    LAC_VTL_VIEW,  /* a map's keys, values or entries: iterated, but without index */
};

struct lac_vtl_list {
    struct lac_vtl_value *items;
    uint32_t count, room, changes;
    uint8_t flavour;
};

struct lac_vtl_entry {
    struct lac_vtl_value key, value;
    bool is_changed; /* set or put while a template ran */
};

struct lac_vtl_map {
    struct lac_vtl_entry *entries; /* in the order of their first insertion */
    uint32_t count, room, changes;
    uint8_t flavour;
    uint32_t *index, index_size; /* positions + 1 by hash, once there are more than a few */
};

struct lac_vtl_loop {
    uint32_t position;
    bool has_next;
    struct lac_vtl_value parent;
};

struct lac_vtl_block {
    const struct lac_vtl_node *body;
    uint32_t depth; /* how many times it is being rendered at the moment */
};

static inline struct lac_vtl_value lac_vtl_boolean(bool value) {
    return (struct lac_vtl_value){.kind = LAC_VTL_BOOLEAN, .boolean = value};
}

static inline struct lac_vtl_value lac_vtl_integer(int64_t value) {
    return (struct lac_vtl_value){.kind = LAC_VTL_INTEGER, .integer = value};
}

static inline struct lac_vtl_value lac_vtl_double(double value) {
    return (struct lac_vtl_value){.kind = LAC_VTL_DOUBLE, .number = value};
}

/* Of a text that lasts as long as the value, and is shorter than 4 GiB. */
static inline struct lac_vtl_value lac_vtl_string(struct lac_str text) {
    return (struct lac_vtl_value){
        .kind = LAC_VTL_STRING, .len = (uint32_t)text.len, .text = text.data};
}

/* The text of a string, a character or a big number. */
static inline struct lac_str lac_vtl_text(const struct lac_vtl_value *value) {
    return (struct lac_str){value->text, value->len};
}

static inline bool lac_vtl_is_number(const struct lac_vtl_value *value) {
    return value->kind >= LAC_VTL_INTEGER && value->kind <= LAC_VTL_BIG;
}

/* A new list or map; NULL when the arena has no room. */
struct lac_vtl_list *lac_vtl_new_list(struct lac_arena *arena, enum lac_vtl_flavour flavour);
struct lac_vtl_map *lac_vtl_new_map(struct lac_arena *arena, enum lac_vtl_flavour flavour);

/* What makes a value of one: */
struct lac_vtl_value lac_vtl_of_list(struct lac_vtl_list *list);
struct lac_vtl_value lac_vtl_of_map(struct lac_vtl_map *map);

/* Inserts before position `at`; false when the arena has no room. */
bool lac_vtl_list_insert(struct lac_arena *arena, struct lac_vtl_list *list, size_t at,
                         struct lac_vtl_value value);
bool lac_vtl_list_add(struct lac_arena *arena, struct lac_vtl_list *list,
                      struct lac_vtl_value value);
void lac_vtl_list_remove(struct lac_vtl_list *list, size_t at);

/* The entry of a key, or NULL. A list or a map as a key is found by being the same one. */
struct lac_vtl_entry *lac_vtl_map_find(const struct lac_vtl_map *map,
                                       const struct lac_vtl_value *key);
struct lac_vtl_entry *lac_vtl_map_find_text(const struct lac_vtl_map *map, struct lac_str key);

/* Sets a key: its entry, which keeps its place when it was there; NULL when there is no room. */
struct lac_vtl_entry *lac_vtl_map_put(struct lac_arena *arena, struct lac_vtl_map *map,
                                      struct lac_vtl_value key, struct lac_vtl_value value);

/* Adds a key that is known not to be there, a string, to a map that is being filled. In the end,
 * lac_vtl_map_index makes the keys found; lac_vtl_map_sort does, too, and brings them into the
 * order of their bytes. */
bool lac_vtl_map_add(struct lac_arena *arena, struct lac_vtl_map *map, struct lac_str key,
                     struct lac_vtl_value value);
bool lac_vtl_map_index(struct lac_arena *arena, struct lac_vtl_map *map);
bool lac_vtl_map_sort(struct lac_arena *arena, struct lac_vtl_map *map);
void lac_vtl_map_remove(struct lac_vtl_map *map, struct lac_vtl_entry *entry);

/* Reads a whole JSON text. What is not JSON, or nests deeper than 256, is an error; LAC_ERR_LIMIT
 * without a place means that the arena has no room. Strings may be borrowed from `text`. */
bool lac_vtl_from_json(struct lac_arena *arena, struct lac_str text, struct lac_vtl_value *out,
                       struct lac_error *err);

#endif
