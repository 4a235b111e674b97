/* json_quick.h — a Lua value as JSON text on one line, straight from its tables.
 *
 * What bind/json_events.h says in events and with errors, for the values that nearly all are: of
 * strings, numbers, booleans and null, in lists without holes and objects with names alone. It
 * gives up at anything else, and leaves it to the other to say why, or to write it after all; what
 * both write is the same. */
#ifndef LAC_BIND_JSON_QUICK_H
#define LAC_BIND_JSON_QUICK_H

#include "bind/bind.h"

/* What it works with; all but `sorted` stays the same from one value to the next. */
struct bind_json_quick {
    const void *null, *array_mark, *object_mark;
    bool sorted;             /* members in byte order */
    struct lac_buf *members; /* for its own use */
    struct lac_buf *out;     /* appended to */
};

/* Writes the value at `index` (absolute). False: given up, `out` holds a part of it. Never raises
 * and never runs the collector. */
bool bind_json_quick(lua_State *L, int index, struct bind_json_quick *quick);

#endif
