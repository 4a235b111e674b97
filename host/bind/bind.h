/* bind.h — what every binding shares: options in, errors out, owned buffers, callbacks.
 *
 * A binding function has four paragraphs: check (may raise, owns nothing), box (the userdata that
 * owns), call (core, no Lua inside), push or `return bind_fail(L, &err)`. Misuse raises and names
 * the field; the world's refusal returns nil and an error object. */
#ifndef LAC_BIND_H
#define LAC_BIND_H

#include <stdbool.h>

#include <lauxlib.h>
#include <lua.h>

#include "core/buf.h"
#include "core/error.h"

/* Raises an argument error for a key of the table at `arg` that is not in `allowed` (ends in
 * NULL). */
void bind_check_keys(lua_State *L, int arg, const char *const *allowed);

/* Pushes the fields of the table at `arg` in the order of `names` (at most 16, then NULL), nil for
 * those that are absent; raises as bind_check_keys does. For calls that are made often: it goes
 * through the table once, and no metatable is asked. */
void bind_fields(lua_State *L, int arg, const char *const *names);

/* The string argument `arg`, NULs and all. Raises when it is not a string. */
struct lac_str bind_string(lua_State *L, int arg);

/* The same for a text that C must see as one (a path, a URL): raises when it holds a NUL. */
const char *bind_text_arg(lua_State *L, int arg);

/* The boolean argument `arg`; false when it is nil or absent. Raises for any other type. */
bool bind_opt_flag(lua_State *L, int arg);

/* The string field `key` of the table at `arg`. Raises when absent. Leaves the string on the stack:
 * that keeps the view alive until the C function returns. */
struct lac_str bind_field(lua_State *L, int arg, const char *key);

/* The same for a field that may be absent: then `fallback`. */
struct lac_str bind_opt_field(lua_State *L, int arg, const char *key, struct lac_str fallback);

/* As bind_field and bind_opt_field, for a text that C must see as one. */
const char *bind_text(lua_State *L, int arg, const char *key);
const char *bind_opt_text(lua_State *L, int arg, const char *key, const char *fallback);

/* Fields that are numbers or booleans. An integer outside [least, most] raises. */
lua_Integer bind_opt_integer(lua_State *L, int arg, const char *key, lua_Integer least,
                             lua_Integer most, lua_Integer fallback);
lua_Number bind_opt_number(lua_State *L, int arg, const char *key, lua_Number fallback);
bool bind_opt_boolean(lua_State *L, int arg, const char *key, bool fallback);

/* Item `i` of the list at `index`, a string; left on the stack. */
struct lac_str bind_item(lua_State *L, int index, lua_Integer i);

/* Pushes an empty buffer that Lua's collector frees, and returns it. */
struct lac_buf *bind_newbuf(lua_State *L);

/* Pushes what the buffer holds and returns 1; when an append had failed, nil and an error: 2. */
int bind_push_buf(lua_State *L, const struct lac_buf *buf);

/* A Lua function called while C holds what a raise would leak. What it raises is kept, and raised
 * again by bind_callback_raise once the C library has returned. */
struct bind_callback {
    lua_State *L;
    int slot; /* where on the stack the function is, and later what it raised; 0: there is none */
    bool failed;
};

/* The function field `key` of the table at `arg`, or nil. Left on the stack. */
struct bind_callback bind_opt_callback(lua_State *L, int arg, const char *key);

/* Calls it with integers; false when it raised, now or before. Itself never raises: the caller must
 * have reserved `count` + 2 stack slots. */
bool bind_callback_call(struct bind_callback *callback, const lua_Integer *numbers, int count);

/* The same with a text, which Lua copies under its own protection: 3 slots. */
bool bind_callback_call_text(struct bind_callback *callback, struct lac_str text);
void bind_callback_raise(const struct bind_callback *callback);

/* Pushes nil and the error object { kind, message, code?, status?, retryable? }, and returns 2. */
int bind_fail(lua_State *L, const struct lac_error *err);

/* Pushes the error object alone. */
void bind_push_error(lua_State *L, const struct lac_error *err);

#endif
