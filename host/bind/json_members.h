/* json_members.h — the members of an object that is being written, in the order of their names. */
#ifndef LAC_JSON_MEMBERS_H
#define LAC_JSON_MEMBERS_H

#include <stddef.h>
#include <stdint.h>

#include "core/buf.h"

/* One member; its name and value stay on the Lua stack. */
struct bind_json_member {
    uint64_t begin; /* of the name, as a number in the order of its bytes */
    struct lac_str name;
    int slot; /* of the name; its value is above it */
};

struct bind_json_member bind_json_member_at(int slot, struct lac_str name);

/* In the order of the names' bytes. */
void bind_json_sort_members(struct bind_json_member *members, size_t count);

#endif
