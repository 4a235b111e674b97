/* vtl_lua.c — require "host.vtl": the Lua face of core/vtl.h. */
#include <string.h>

#include "bind/bind.h"
#include "bind/vtl_values.h"

#define TEMPLATE_TYPE "laconic.vtl.template"
#define RENDERING_TYPE "laconic.vtl.rendering"

static const char *const render_keys[] = {"body",        "params",     "context", "stage_variables",
                                          "output_most", "steps_most", NULL};
static const char *const param_keys[] = {"path", "querystring", "header", NULL};

/* A compiled template: a box around its pointer. */
static struct lac_vtl_template **check_template(lua_State *L) {
    return luaL_checkudata(L, 1, TEMPLATE_TYPE);
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

static void free_rendering(struct rendering *rendering) {
    lac_vtl_finish(&rendering->run);
    lac_buf_free(&rendering->out);
}

static int rendering_gc(lua_State *L) {
    free_rendering(luaL_checkudata(L, 1, RENDERING_TYPE));
    return 0;
}

static struct rendering *new_rendering(lua_State *L) {
    struct rendering *rendering = lua_newuserdatauv(L, sizeof *rendering, 0);
    *rendering = (struct rendering){0};
    luaL_setmetatable(L, RENDERING_TYPE);
    return rendering;
}

static void check_params(lua_State *L, struct lac_vtl_run *run) {
    const struct lac_vtl_map *wanted = lac_vtl_wanted(run->template, LAC_VTL_PARAMS);
    if (lua_getfield(L, 2, "params") != LUA_TNIL) {
        int params = lua_gettop(L);
        if (!lua_istable(L, params)) {
            luaL_argerror(L, 2,
                          lua_pushfstring(L, "field 'params': table expected, got %s",
                                          luaL_typename(L, params)));
        }
        bind_check_keys(L, params, param_keys);
        bind_vtl_map(L, params, "path", &run->arena, wanted, run->path);
        bind_vtl_map(L, params, "querystring", &run->arena, wanted, run->querystring);
        bind_vtl_map(L, params, "header", &run->arena, wanted, run->header);
    }
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

/* template:render { … } -> text, changed | nil, error */
static int l_render(lua_State *L) {
    struct lac_vtl_template *template = *check_template(L);
    luaL_argcheck(L, template != NULL, 1, "closed template");
    bind_check_keys(L, 2, render_keys);
    lua_settop(L, 2);
    struct lac_str body = bind_opt_field(L, 2, "body", LAC_STR(""));
    lua_Integer output = bind_opt_integer(L, 2, "output_most", 1, (lua_Integer)LAC_VTL_OUTPUT_MOST,
                                          (lua_Integer)LAC_VTL_OUTPUT_MOST);
    lua_Integer steps = bind_opt_integer(L, 2, "steps_most", 1, (lua_Integer)LAC_VTL_STEPS_MOST,
                                         (lua_Integer)LAC_VTL_STEPS_MOST);

    struct rendering *rendering = new_rendering(L);
    struct lac_vtl_run *run = &rendering->run;
    struct lac_error err;
    if (!lac_vtl_start(run, template, &err)) {
        return bind_fail(L, &err);
    }
    run->body = body;
    run->output_most = (size_t)output;
    run->steps_most = (size_t)steps;
    check_params(L, run);
    bind_vtl_map(L, 2, "context", &run->arena, lac_vtl_wanted(template, LAC_VTL_CONTEXT),
                 run->context);
    bind_vtl_map(L, 2, "stage_variables", &run->arena,
                 lac_vtl_wanted(template, LAC_VTL_STAGE_VARIABLES), run->stage_variables);

    if (!lac_vtl_render(run, &rendering->out, &err)) {
        free_rendering(rendering);
        return bind_fail(L, &err);
    }
    if (bind_push_buf(L, &rendering->out) != 1) {
        return 2;
    }
    if (!push_changes(L, run->context)) {
        lac_fail(&err, LAC_ERR_LIMIT, "the template sets more in $context than allowed");
        return bind_fail(L, &err);
    }
    free_rendering(rendering); /* rather than when the collector comes round */
    return 2;
}

/* vtl.compile(text) -> template | nil, error */
static int l_compile(lua_State *L) {
    struct lac_str text = bind_string(L, 1);

    struct lac_vtl_template **box = lua_newuserdatauv(L, sizeof *box, 0);
    struct lac_error err;
    *box = NULL;
    luaL_setmetatable(L, TEMPLATE_TYPE);
    *box = lac_vtl_compile(text, &err);
    return *box == NULL ? bind_fail(L, &err) : 1;
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
    luaL_newlib(L, methods);
    lua_setfield(L, -2, "__index");
    luaL_newlib(L, functions);
    return 1;
}
