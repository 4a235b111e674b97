#include "core/vtl_value.h"

#include <stdlib.h>
#include <string.h>

#define FEW 8 /* entries that are looked through one by one */

struct lac_vtl_list *lac_vtl_new_list(struct lac_arena *arena, enum lac_vtl_flavour flavour) {
    struct lac_vtl_list *list = lac_arena_zeroed(arena, sizeof *list);
    if (list != NULL) {
        list->flavour = (uint8_t)flavour;
    }
    return list;
}

struct lac_vtl_map *lac_vtl_new_map(struct lac_arena *arena, enum lac_vtl_flavour flavour) {
    struct lac_vtl_map *map = lac_arena_zeroed(arena, sizeof *map);
    if (map != NULL) {
        map->flavour = (uint8_t)flavour;
    }
    return map;
}

struct lac_vtl_value lac_vtl_of_list(struct lac_vtl_list *list) {
    return (struct lac_vtl_value){.kind = LAC_VTL_LIST, .list = list};
}

struct lac_vtl_value lac_vtl_of_map(struct lac_vtl_map *map) {
    return (struct lac_vtl_value){.kind = LAC_VTL_MAP, .map = map};
}

/* Makes room for one more of `size` bytes; the arena takes nothing back. */
static bool make_room(struct lac_arena *arena, void **items, uint32_t count, uint32_t *room,
                      size_t size) {
    if (*items != NULL && count < *room) {
        return true;
    }
    uint32_t more = *room == 0 ? 4 : *room * 2;
    void *moved = more > *room ? lac_arena_take(arena, more * size) : NULL;
    if (moved == NULL) {
        return false;
    }
    if (*items != NULL) {
        memcpy(moved, *items, count * size);
    }
    *items = moved;
    *room = more;
    return true;
}

bool lac_vtl_list_insert(struct lac_arena *arena, struct lac_vtl_list *list, size_t at,
                         struct lac_vtl_value value) {
    void *items = list->items;
    if (!make_room(arena, &items, list->count, &list->room, sizeof value)) {
        return false;
    }
    list->items = items;
    memmove(list->items + at + 1, list->items + at, (list->count - at) * sizeof value);
    list->items[at] = value;
    list->count++;
    list->changes++;
    return true;
}

bool lac_vtl_list_add(struct lac_arena *arena, struct lac_vtl_list *list,
                      struct lac_vtl_value value) {
    return lac_vtl_list_insert(arena, list, list->count, value);
}

void lac_vtl_list_remove(struct lac_vtl_list *list, size_t at) {
    list->count--;
    list->changes++;
    memmove(list->items + at, list->items + at + 1, (list->count - at) * sizeof *list->items);
}

static bool is_text(const struct lac_vtl_value *value) {
    return value->kind == LAC_VTL_STRING || value->kind == LAC_VTL_CHARACTER ||
           value->kind == LAC_VTL_BIG;
}

static bool is_same_key(const struct lac_vtl_value *a, const struct lac_vtl_value *b) {
    if (a->kind != b->kind) {
        return false;
    }
    if (is_text(a)) {
        return a->len == b->len && memcmp(a->text, b->text, a->len) == 0;
    }
    switch (a->kind) {
    case LAC_VTL_NULL:
    case LAC_VTL_INPUT:
    case LAC_VTL_UTIL:
        return true;
    case LAC_VTL_BOOLEAN:
        return a->boolean == b->boolean;
    default: /* numbers and pointers: eight bytes that say all */
        return a->integer == b->integer;
    }
}

/* The arena's address begins the hash: keys cannot be chosen beforehand to meet in one place. */
static uint32_t hash_of(const struct lac_vtl_map *map, const struct lac_vtl_value *key) {
    uint64_t hash = (uint64_t)(uintptr_t)map * UINT64_C(0x9E3779B97F4A7C15);
    if (is_text(key)) {
        for (uint32_t i = 0; i < key->len; i++) {
            hash = (hash ^ (unsigned char)key->text[i]) * UINT64_C(0x100000001B3);
            hash ^= hash >> 29;
        }
    } else if (key->kind != LAC_VTL_NULL) {
        hash ^= key->kind == LAC_VTL_BOOLEAN ? (uint64_t)key->boolean : (uint64_t)key->integer;
    }
    hash *= UINT64_C(0xFF51AFD7ED558CCD);
    return (uint32_t)(hash >> 32);
}

/* The place of a key in the index: its own, or the free one where it belongs. */
static uint32_t *find_place(const struct lac_vtl_map *map, const struct lac_vtl_value *key) {
    uint32_t at = hash_of(map, key) & (map->index_size - 1);
    while (map->index[at] != 0 && !is_same_key(&map->entries[map->index[at] - 1].key, key)) {
        at = (at + 1) & (map->index_size - 1);
    }
    return &map->index[at];
}

struct lac_vtl_entry *lac_vtl_map_find(const struct lac_vtl_map *map,
                                       const struct lac_vtl_value *key) {
    if (map->index != NULL) {
        uint32_t place = *find_place(map, key);
        return place == 0 ? NULL : &map->entries[place - 1];
    }
    for (uint32_t i = 0; i < map->count; i++) {
        if (is_same_key(&map->entries[i].key, key)) {
            return &map->entries[i];
        }
    }
    return NULL;
}

struct lac_vtl_entry *lac_vtl_map_find_text(const struct lac_vtl_map *map, struct lac_str key) {
    struct lac_vtl_value text = lac_vtl_string(key);
    return lac_vtl_map_find(map, &text);
}

static void fill_index(struct lac_vtl_map *map) {
    memset(map->index, 0, map->index_size * sizeof *map->index);
    for (uint32_t i = 0; i < map->count; i++) {
        *find_place(map, &map->entries[i].key) = i + 1;
    }
}

/* Makes an index of which more than half is free. */
static bool widen_index(struct lac_arena *arena, struct lac_vtl_map *map) {
    uint32_t size = map->index_size == 0 ? FEW * 4 : map->index_size;
    while (size <= map->count * 2) {
        size *= 2;
    }
    uint32_t *index = lac_arena_take(arena, size * sizeof *index);
    if (index == NULL) {
        return false;
    }
    map->index = index;
    map->index_size = size;
    fill_index(map);
    return true;
}

struct lac_vtl_entry *lac_vtl_map_put(struct lac_arena *arena, struct lac_vtl_map *map,
                                      struct lac_vtl_value key, struct lac_vtl_value value) {
    struct lac_vtl_entry *entry = lac_vtl_map_find(map, &key);
    if (entry != NULL) {
        entry->value = value;
        return entry;
    }
    void *entries = map->entries;
    if (!make_room(arena, &entries, map->count, &map->room, sizeof *entry)) {
        return NULL;
    }
    map->entries = entries;
    if (map->count >= FEW && map->count * 2 >= map->index_size && !widen_index(arena, map)) {
        return NULL;
    }
    entry = &map->entries[map->count];
    *entry = (struct lac_vtl_entry){.key = key, .value = value};
    if (map->index != NULL) {
        *find_place(map, &key) = map->count + 1;
    }
    map->count++;
    map->changes++;
    return entry;
}

bool lac_vtl_map_add(struct lac_arena *arena, struct lac_vtl_map *map, struct lac_str key,
                     struct lac_vtl_value value) {
    void *entries = map->entries;
    if (!make_room(arena, &entries, map->count, &map->room, sizeof *map->entries)) {
        return false;
    }
    map->entries = entries;
    map->entries[map->count++] = (struct lac_vtl_entry){.key = lac_vtl_string(key), .value = value};
    return true;
}

static int compare_keys(const void *a, const void *b) {
    const struct lac_vtl_value *left = &((const struct lac_vtl_entry *)a)->key;
    const struct lac_vtl_value *right = &((const struct lac_vtl_entry *)b)->key;
    int order = memcmp(left->text, right->text, left->len < right->len ? left->len : right->len);
    return order != 0 ? order : (left->len > right->len) - (left->len < right->len);
}

/* Few entries, mostly, and then in any order: put into their places one by one. */
static void sort_few(struct lac_vtl_entry *entries, uint32_t count) {
    for (uint32_t i = 1; i < count; i++) {
        struct lac_vtl_entry entry = entries[i];
        uint32_t at = i;
        for (; at > 0 && compare_keys(&entries[at - 1], &entry) > 0; at--) {
            entries[at] = entries[at - 1];
        }
        entries[at] = entry;
    }
}

bool lac_vtl_map_index(struct lac_arena *arena, struct lac_vtl_map *map) {
    return map->count <= FEW || widen_index(arena, map);
}

bool lac_vtl_map_sort(struct lac_arena *arena, struct lac_vtl_map *map) {
    if (map->count <= FEW * 2) {
        sort_few(map->entries, map->count);
    } else {
        qsort(map->entries, map->count, sizeof *map->entries, compare_keys);
    }
    return lac_vtl_map_index(arena, map);
}

void lac_vtl_map_remove(struct lac_vtl_map *map, struct lac_vtl_entry *entry) {
    size_t at = (size_t)(entry - map->entries);
    map->count--;
    map->changes++;
    memmove(entry, entry + 1, (map->count - at) * sizeof *entry);
    if (map->index != NULL) {
        fill_index(map);
    }
}
