/* vtl_lua.c — require "host.vtl": the Lua face of core/vtl.h. */
#include <string.h>

#include "bind/bind.h"
#include "bind/vtl_values.h"

#define TEMPLATE_TYPE "laconic.vtl.template"
#define RENDERING_TYPE "laconic.vtl.rendering"

/* Where render has its values on the stack: the fields of its table, and of the params in it. */
enum {
    VALUES = 2,
    BODY,
    PARAMS,
    CONTEXT,
    STAGE_VARIABLES,
    OUTPUT_MOST,
    STEPS_MOST,
    PATH,
    QUERYSTRING,
    HEADER,
    NAMES, /* from here on for each lac_vtl_source the names that are wanted */
};
static const char *const render_keys[] = {"body",        "params",     "context", "stage_variables",
                                          "output_most", "steps_most", NULL};

/* The user values of a template: for each source, from 1 on, the names that it asks for; and a
 * rendering that rests. */
enum { RESTING_VALUE = LAC_VTL_SOURCES + 1, USER_VALUES = RESTING_VALUE };

/* A compiled template: a box around its pointer. */
static struct lac_vtl_template **check_template(lua_State *L) {
    return luaL_checkudata(L, 1, TEMPLATE_TYPE);
}

/* The same for a method whose upvalue is the metatable: without a search by its name. */
static struct lac_vtl_template *method_template(lua_State *L) {
    bool is_ours = lua_getmetatable(L, 1) && lua_rawequal(L, -1, lua_upvalueindex(1));
    struct lac_vtl_template **box = is_ours ? lua_touserdata(L, 1) : check_template(L);
    lua_pop(L, 1);
    luaL_argcheck(L, *box != NULL, 1, "closed template");
    return *box;
}

static int template_gc(lua_State *L) {
    struct lac_vtl_template **box = check_template(L);
    lac_vtl_template_free(*box);
    *box = NULL;
    return 0;
}

/* One rendering, and what it makes. */
struct rendering {
    struct lac_vtl_run run;
    struct lac_buf out;
};

static int rendering_gc(lua_State *L) {
    struct rendering *rendering = luaL_checkudata(L, 1, RENDERING_TYPE);
    lac_vtl_finish(&rendering->run);
    lac_buf_free(&rendering->out);
    return 0;
}

/* Pushes the rendering that rests with the template, or a new one. The template has none meanwhile:
 * a finalizer may render it, too, and one that a raise interrupts is left to the collector. */
static struct rendering *push_rendering(lua_State *L) {
    if (lua_getiuservalue(L, 1, RESTING_VALUE) == LUA_TUSERDATA) {
        lua_pushnil(L);
        lua_setiuservalue(L, 1, RESTING_VALUE);
        return lua_touserdata(L, -1);
    }
    lua_pop(L, 1);
    struct rendering *rendering = lua_newuserdatauv(L, sizeof *rendering, 0);
    *rendering = (struct rendering){0};
    luaL_setmetatable(L, RENDERING_TYPE);
    return rendering;
}

/* Frees what a rendering holds, but for a little memory, and leaves it, at `index`, with its
 * template. */
static void rest(lua_State *L, struct rendering *rendering, int index) {
    lac_vtl_rest(&rendering->run);
    if (rendering->out.failed || rendering->out.cap > LAC_VTL_KEPT_MOST) {
        lac_buf_free(&rendering->out);
    }
    lac_buf_cut(&rendering->out, 0);
    lua_pushvalue(L, index);
    lua_setiuservalue(L, 1, RESTING_VALUE);
}

static void wrong_type(lua_State *L, int index, const char *key, const char *want) {
    luaL_argerror(
        L, VALUES,
        lua_pushfstring(L, "field '%s': %s expected, got %s", key, want, luaL_typename(L, index)));
}

static struct lac_str check_body(lua_State *L) {
    int type = lua_type(L, BODY);
    struct lac_str body = LAC_STR("");
    if (type != LUA_TSTRING && type != LUA_TNIL) {
        wrong_type(L, BODY, "body", "string");
    }
    if (type == LUA_TSTRING) {
        body.data = lua_tolstring(L, BODY, &body.len);
    }
    return body;
}

static size_t check_bound(lua_State *L, int index, size_t most) {
    const char *key = render_keys[index - BODY];
    if (lua_isnil(L, index)) {
        return most;
    }
    int is_integer = 0;
    lua_Integer value =
        lua_type(L, index) == LUA_TNUMBER ? lua_tointegerx(L, index, &is_integer) : 0;
    if (!is_integer) {
        wrong_type(L, index, key, "integer");
    }
    if (value < 1 || (lua_Unsigned)value > most) {
        luaL_argerror(L, VALUES,
                      lua_pushfstring(L, "field '%s': %I is not between 1 and %I", key,
                                      (LUAI_UACINT)value, (LUAI_UACINT)most));
    }
    return (size_t)value;
}

/* Pushes the fields of the values, and of the params in them, where the enum says. */
static void push_fields(lua_State *L) {
    bind_fields(L, VALUES, render_keys);
    if (lua_isnil(L, PARAMS)) {
        lua_settop(L, HEADER);
        return;
    }
    if (!lua_istable(L, PARAMS)) {
        wrong_type(L, PARAMS, "params", "table");
    }
    bind_fields(L, PARAMS, bind_vtl_param_keys);
}

/* Where the values of `source` come from: what stands at `index`. */
static struct bind_vtl_source source_of(struct lac_vtl_run *run, enum lac_vtl_source source,
                                        int index, const char *key) {
    return (struct bind_vtl_source){.index = index,
                                    .key = key,
                                    .arg = VALUES,
                                    .wanted = lac_vtl_wanted(run->template, source),
                                    .names = NAMES + (int)source,
                                    .arena = &run->arena};
}

static void take_values(lua_State *L, struct lac_vtl_run *run) {
    struct bind_vtl_source params = source_of(run, LAC_VTL_PARAMS, PATH, "params");
    struct bind_vtl_source context = source_of(run, LAC_VTL_CONTEXT, CONTEXT, "context");
    struct bind_vtl_source variables =
        source_of(run, LAC_VTL_STAGE_VARIABLES, STAGE_VARIABLES, "stage_variables");
    bind_vtl_params(L, &params, run);
    bind_vtl_map(L, &context, run->context);
    bind_vtl_map(L, &variables, run->stage_variables);
}

static bool is_override(const struct lac_vtl_entry *entry) {
    struct lac_str key = lac_vtl_text(&entry->key);
    return (key.len == 15 && memcmp(key.data, "requestOverride", 15) == 0) ||
           (key.len == 16 && memcmp(key.data, "responseOverride", 16) == 0);
}

/* Takes the parts of an override out in which nothing was set; whether anything is left. */
static bool prune(struct lac_vtl_value *override) {
    if (override->kind != LAC_VTL_MAP) {
        return true;
    }
    for (uint32_t i = override->map->count; i > 0; i--) {
        struct lac_vtl_entry *part = &override->map->entries[i - 1];
        if (part->value.kind == LAC_VTL_MAP && part->value.map->count == 0) {
            lac_vtl_map_remove(override->map, part);
        }
    }
    return override->map->count > 0;
}

/* Pushes what the template has set in $context, or nil. False when there is too much of it. */
static bool push_changes(lua_State *L, struct lac_vtl_map *context) {
    bool any = false;
    for (uint32_t i = 0; i < context->count; i++) {
        struct lac_vtl_entry *entry = &context->entries[i];
        if (entry->key.kind != LAC_VTL_STRING ||
            !(is_override(entry) ? prune(&entry->value) : entry->is_changed)) {
            continue;
        }
        if (!any) {
            lua_newtable(L);
            any = true;
        }
        lua_pushlstring(L, entry->key.text, entry->key.len);
        if (!bind_push_vtl(L, &entry->value)) {
            return false;
        }
        lua_rawset(L, -3);
    }
    if (!any) {
        lua_pushnil(L);
    }
    return true;
}

/* Pushes the text and the changes, or nil and an error; how many that are. */
static int push_made(lua_State *L, const struct rendering *rendering) {
    struct lac_error err;
    int pushed = bind_push_buf(L, &rendering->out);
    if (pushed == 1 && !push_changes(L, rendering->run.context)) {
        lac_fail(&err, LAC_ERR_LIMIT, "the template sets more in $context than allowed");
        return bind_fail(L, &err);
    }
    return 2;
}

/* template:render { … } -> text, changed | nil, error */
static int l_render(lua_State *L) {
    lua_settop(L, VALUES);
    const struct lac_vtl_template *template = method_template(L);
    push_fields(L);
    struct lac_str body = check_body(L);
    size_t output_most = check_bound(L, OUTPUT_MOST, LAC_VTL_OUTPUT_MOST);
    size_t steps_most = check_bound(L, STEPS_MOST, LAC_VTL_STEPS_MOST);

    for (int source = 0; source < LAC_VTL_SOURCES; source++) {
        lua_getiuservalue(L, 1, source + 1);
    }
    struct rendering *rendering = push_rendering(L);
    int index = lua_gettop(L);
    struct lac_vtl_run *run = &rendering->run;
    struct lac_error err;
    if (!lac_vtl_start(run, template, &err)) {
        return bind_fail(L, &err);
    }
    run->body = body;
    run->output_most = output_most;
    run->steps_most = steps_most;
    take_values(L, run);

    bool ok = lac_vtl_render(run, &rendering->out, &err);
    int pushed = ok ? push_made(L, rendering) : bind_fail(L, &err);
    rest(L, rendering, index);
    return pushed;
}

/* vtl.compile(text) -> template | nil, error */
static int l_compile(lua_State *L) {
    struct lac_str text = bind_string(L, 1);

    struct lac_vtl_template **box = lua_newuserdatauv(L, sizeof *box, USER_VALUES);
    struct lac_error err;
    *box = NULL;
    luaL_setmetatable(L, TEMPLATE_TYPE);
    *box = lac_vtl_compile(text, &err);
    if (*box == NULL) {
        return bind_fail(L, &err);
    }
    for (int source = 0; source < LAC_VTL_SOURCES; source++) {
        bind_vtl_push_names(L, lac_vtl_wanted(*box, (enum lac_vtl_source)source));
        lua_setiuservalue(L, -2, source + 1);
    }
    return 1;
}

static const luaL_Reg methods[] = {
    {"render", l_render},
    {NULL, NULL},
};

static const luaL_Reg functions[] = {
    {"compile", l_compile},
    {NULL, NULL},
};

int luaopen_host_vtl(lua_State *L) {
    luaL_newmetatable(L, RENDERING_TYPE);
    lua_pushcfunction(L, rendering_gc);
    lua_setfield(L, -2, "__gc");
    luaL_newmetatable(L, TEMPLATE_TYPE);
    lua_pushcfunction(L, template_gc);
    lua_setfield(L, -2, "__gc");
    luaL_newlibtable(L, methods);
    lua_pushvalue(L, -2);
    luaL_setfuncs(L, methods, 1);
    lua_setfield(L, -2, "__index");
    luaL_newlib(L, functions);
    return 1;
}
