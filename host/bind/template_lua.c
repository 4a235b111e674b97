/* template_lua.c — require "host.template": the Lua face of core/template.h. */
#include <stdlib.h>
#include <string.h>

#include "bind/bind.h"
#include "bind/json_events.h"
#include "core/template.h"

#define TREE_TYPE "laconic.template.tree"
#define PROBLEMS_TYPE "laconic.template.problems"

static const char *const kind_names[] = {
    [LAC_PROBLEM_REFERENCE] = "reference",
    [LAC_PROBLEM_LIMIT] = "limit",
    [LAC_PROBLEM_SHAPE] = "shape",
    [LAC_PROBLEM_CYCLE] = "cycle",
};

static int tree_gc(lua_State *L) {
    lac_template_free(luaL_checkudata(L, 1, TREE_TYPE));
    return 0;
}

static int problems_gc(lua_State *L) {
    lac_problems_free(luaL_checkudata(L, 1, PROBLEMS_TYPE));
    return 0;
}

/* Pushes a zeroed userdata that its type's `gc` frees. */
static void *new_box(lua_State *L, size_t size, const char *type, lua_CFunction gc) {
    void *box = lua_newuserdatauv(L, size, 0);
    memset(box, 0, size);
    if (luaL_newmetatable(L, type)) {
        lua_pushcfunction(L, gc);
        lua_setfield(L, -2, "__gc");
    }
    lua_setmetatable(L, -2);
    return box;
}

static bool take_event(void *builder, const struct lac_json_event *event, struct lac_error *err) {
    return lac_template_take(builder, event, err);
}

/* Makes the tree of the table at 1 and pushes its box, whose end frees it; NULL with an error. */
static struct lac_template_builder *push_tree(lua_State *L, struct lac_error *err) {
    struct lac_template_builder *builder = new_box(L, sizeof *builder, TREE_TYPE, tree_gc);
    struct bind_json_sink sink = {.take = take_event, .context = builder};
    return bind_json_events(L, 1, &sink, err) ? builder : NULL;
}

/* template.marshal(value) -> string | nil, error */
static int l_marshal(lua_State *L) {
    luaL_checktype(L, 1, LUA_TTABLE);

    struct lac_buf *out = bind_newbuf(L);
    struct lac_error err;
    struct lac_template_builder *tree = push_tree(L, &err);
    if (tree == NULL) {
        return bind_fail(L, &err);
    }
    bool ok = lac_template_marshal(tree->root, out, &err);
    lac_template_free(tree);
    return ok ? bind_push_buf(L, out) : bind_fail(L, &err);
}

static void push_problem(lua_State *L, const struct lac_problem *problem) {
    lua_createtable(L, 0, 4);
    lua_pushstring(L, kind_names[problem->kind]);
    lua_setfield(L, -2, "kind");
    lua_pushstring(L, problem->path);
    lua_setfield(L, -2, "path");
    lua_pushstring(L, problem->message);
    lua_setfield(L, -2, "message");
    if (problem->resource != NULL) {
        lua_pushstring(L, problem->resource);
        lua_setfield(L, -2, "resource");
    }
}

static void push_problems(lua_State *L, const struct lac_problems *problems) {
    lua_createtable(L, (int)problems->count, 0);
    for (size_t i = 0; i < problems->count; i++) {
        push_problem(L, &problems->items[i]);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
}

/* template.render(value) -> string, problems | nil, error: both from one tree. */
static int l_render(lua_State *L) {
    luaL_checktype(L, 1, LUA_TTABLE);

    struct lac_problems *problems = new_box(L, sizeof *problems, PROBLEMS_TYPE, problems_gc);
    struct lac_buf *out = bind_newbuf(L);
    struct lac_error err;
    struct lac_template_builder *tree = push_tree(L, &err);
    bool ok = tree != NULL && lac_template_marshal(tree->root, out, &err) &&
              lac_template_check(tree->root, out->len, problems, &err);
    if (!ok) {
        return bind_fail(L, &err);
    }
    lac_template_free(tree);
    bind_push_buf(L, out);
    push_problems(L, problems);
    return 2;
}

/* template.problems(value, text) -> problems | nil, error */
static int l_problems(lua_State *L) {
    luaL_checktype(L, 1, LUA_TTABLE);
    bool measured = !lua_isnoneornil(L, 2);
    size_t bytes = measured ? bind_string(L, 2).len : 0;

    struct lac_problems *problems = new_box(L, sizeof *problems, PROBLEMS_TYPE, problems_gc);
    struct lac_buf *text = bind_newbuf(L);
    struct lac_error err;
    struct lac_template_builder *tree = push_tree(L, &err);
    bool ok = tree != NULL && (measured || lac_template_marshal(tree->root, text, &err));
    ok = ok && lac_template_check(tree->root, measured ? bytes : text->len, problems, &err);
    if (!ok) {
        return bind_fail(L, &err);
    }
    lac_template_free(tree);
    lac_buf_free(text);
    push_problems(L, problems);
    return 1;
}

static void keep_name(void *context, struct lac_str name) {
    lac_buf_add(context, (struct lac_str){(const char *)&name, sizeof name});
}

static int compare_names(const void *a, const void *b) {
    const struct lac_str *one = a, *two = b;
    size_t len = one->len < two->len ? one->len : two->len;
    int order = memcmp(one->data, two->data, len);
    return order != 0 ? order : (one->len > two->len) - (one->len < two->len);
}

/* template.references(definition) -> names | nil, error */
static int l_references(lua_State *L) {
    luaL_checktype(L, 1, LUA_TTABLE);

    struct lac_buf *found = bind_newbuf(L);
    struct lac_error err;
    struct lac_template_builder *tree = push_tree(L, &err);
    if (tree == NULL) {
        return bind_fail(L, &err);
    }
    lac_template_references(tree->root, keep_name, found);
    if (found->failed) {
        lac_fail(&err, LAC_ERR_MEMORY, "out of memory while reading references");
        return bind_fail(L, &err);
    }
    struct lac_str *names = (struct lac_str *)found->data;
    size_t count = found->len / sizeof *names;
    if (count > 1) {
        qsort(names, count, sizeof *names, compare_names);
    }
    lua_createtable(L, (int)count, 0);
    lua_Integer last = 0;
    for (size_t i = 0; i < count; i++) {
        if (i == 0 || compare_names(&names[i - 1], &names[i]) != 0) {
            lua_pushlstring(L, names[i].data, names[i].len);
            lua_rawseti(L, -2, ++last);
        }
    }
    return 1;
}

static const luaL_Reg functions[] = {
    {"marshal", l_marshal},
    {"problems", l_problems},
    {"references", l_references},
    {"render", l_render},
    {NULL, NULL},
};

int luaopen_host_template(lua_State *L) {
    luaL_newlib(L, functions);
    return 1;
}
