/* json_events.h — a Lua value as the events of core/json.h, and what Lua has no word for: null,
 * and the marks that tell an empty array from an empty object.
 *
 * Tables are read raw: a metatable that is not one of our two marks says nothing about how a value
 * is written. */
#ifndef LAC_BIND_JSON_EVENTS_H
#define LAC_BIND_JSON_EVENTS_H

#include "bind/bind.h"
#include "core/json.h"

/* Null is one userdata of the state, with a metatable of its own (a light userdata would have to
 * share its metatable with every other light userdata of the program). */
void bind_push_null(lua_State *L);

/* Push the metatables that mark a table as an array or as an object. */
void bind_push_array_mark(lua_State *L);
void bind_push_object_mark(lua_State *L);

/* Who takes the events. Must not raise. */
struct bind_json_sink {
    bool (*take)(void *context, const struct lac_json_event *event, struct lac_error *err);
    void *context;
    bool unsorted; /* members in the order of the table's own storage: quicker */
};

/* Sends the value at `index` (absolute) to the sink, members in byte order. False with an error
 * that begins with the path ("Resources.Fn.Properties[3]: ") when the value, or a part of it, has
 * no place in JSON, or the sink refuses. May raise when Lua runs out of memory. */
bool bind_json_events(lua_State *L, int index, const struct bind_json_sink *sink,
                      struct lac_error *err);

#endif
