#include "bind/json_members.h"

#include <endian.h>
#include <stdlib.h>
#include <string.h>

/* Up to here members are sorted by insertion. */
#define FEW 16

static uint64_t begin_of(struct lac_str name) {
    uint64_t word = 0;
    if (name.len >= sizeof word) {
        memcpy(&word, name.data, sizeof word);
        return be64toh(word);
    }
    for (size_t i = 0; i < name.len; i++) {
        word |= (uint64_t)(unsigned char)name.data[i] << (56 - 8 * i);
    }
    return word;
}

struct bind_json_member bind_json_member_at(int slot, struct lac_str name) {
    return (struct bind_json_member){.begin = begin_of(name), .name = name, .slot = slot};
}

static int compare(const void *a, const void *b) {
    const struct bind_json_member *one = a, *two = b;
    if (one->begin != two->begin) {
        return one->begin < two->begin ? -1 : 1;
    }
    size_t len = one->name.len < two->name.len ? one->name.len : two->name.len;
    int order = memcmp(one->name.data, two->name.data, len);
    return order != 0 ? order : (one->name.len > two->name.len) - (one->name.len < two->name.len);
}

void bind_json_sort_members(struct bind_json_member *members, size_t count) {
    if (count > FEW) {
        qsort(members, count, sizeof *members, compare);
        return;
    }
    for (size_t i = 1; i < count; i++) {
        struct bind_json_member member = members[i];
        size_t at = i;
        for (; at > 0 && compare(&members[at - 1], &member) > 0; at--) {
            members[at] = members[at - 1];
        }
        members[at] = member;
    }
}
