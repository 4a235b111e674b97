#include "core/canonical.h"

#include <stdlib.h>
#include <string.h>

#include "core/encoding.h"
#include "core/http_text.h"
#include "core/uri.h"

/* The path is taken segment by segment; `..` takes the last one off what was written. */
void lac_canonical_dots(struct lac_str path, struct lac_buf *out) {
    size_t root = out->len;
    for (size_t i = 0; i < path.len;) {
        const char *start = path.data + i;
        const char *slash = memchr(start, '/', path.len - i);
        size_t len = slash == NULL ? path.len - i : (size_t)(slash - start);
        bool is_parent = len == 2 && memcmp(start, "..", 2) == 0;
        if (is_parent) {
            size_t end = out->len;
            while (end > root && out->data[--end] != '/') {
            }
            lac_buf_cut(out, end);
        } else if (len > 0 && !(len == 1 && *start == '.')) {
            lac_buf_adds(out, LAC_STR("/"), (struct lac_str){start, len});
        }
        i += len + 1;
    }
    if (out->len == root || path.data[path.len - 1] == '/') {
        lac_buf_add(out, LAC_STR("/"));
    }
}

static bool is_escape(struct lac_str text, size_t i) {
    return text.data[i] == '%' && text.len - i > 2 && lac_hex_digit(text.data[i + 1]) >= 0 &&
           lac_hex_digit(text.data[i + 2]) >= 0;
}

void lac_canonical_escapes(struct lac_str path, struct lac_buf *out) {
    size_t start = 0;
    for (size_t i = 0; i < path.len; i++) {
        if (is_escape(path, i)) {
            lac_uri_encode((struct lac_str){path.data + start, i - start}, "/", out);
            lac_buf_add(out, (struct lac_str){path.data + i, 3});
            i += 2;
            start = i + 1;
        }
    }
    lac_uri_encode((struct lac_str){path.data + start, path.len - start}, "/", out);
}

/* Names with values, to be sorted. The texts stand one after another in `text`; until they are
 * sorted, an item knows their lengths alone, because `text` moves while it grows. */
struct item {
    struct lac_str name, value;
    size_t order;
};

struct list {
    struct lac_buf text, items;
    size_t count;
};

static void add_item(struct list *list, size_t name_len, size_t value_len) {
    struct item item = {.name.len = name_len, .value.len = value_len, .order = list->count};
    lac_buf_add(&list->items, (struct lac_str){(const char *)&item, sizeof item});
    list->count++;
}

static int compare(struct lac_str a, struct lac_str b) {
    int order = memcmp(a.data, b.data, a.len < b.len ? a.len : b.len);
    return order != 0 ? order : (a.len > b.len) - (a.len < b.len);
}

static int by_name_and_value(const void *a, const void *b) {
    const struct item *left = a, *right = b;
    int order = compare(left->name, right->name);
    return order != 0 ? order : compare(left->value, right->value);
}

static int by_name_and_order(const void *a, const void *b) {
    const struct item *left = a, *right = b;
    int order = compare(left->name, right->name);
    return order != 0 ? order : (left->order > right->order) - (left->order < right->order);
}

/* The items in order; NULL when there are none, or memory had run out. */
static const struct item *sort(struct list *list, int (*order)(const void *, const void *)) {
    if (list->text.failed || list->items.failed || list->count == 0) {
        return NULL;
    }
    struct item *items = (struct item *)(void *)list->items.data;
    const char *next = lac_buf_view(&list->text).data;
    for (size_t i = 0; i < list->count; i++) {
        items[i].name.data = next;
        items[i].value.data = next + items[i].name.len;
        next += items[i].name.len + items[i].value.len;
    }
    qsort(items, list->count, sizeof *items, order);
    return items;
}

static void free_list(struct list *list, struct lac_buf *out) {
    out->failed = out->failed || list->text.failed || list->items.failed;
    lac_buf_free(&list->text);
    lac_buf_free(&list->items);
}

/* Encodes again what was encoded by another hand, so that only one spelling is left. */
static size_t add_encoded(struct lac_str text, struct lac_buf *scratch, struct lac_buf *out) {
    size_t before = out->len;
    lac_buf_cut(scratch, 0);
    for (size_t i = 0; i < text.len; i++) {
        char byte = text.data[i];
        if (is_escape(text, i)) {
            byte = (char)(lac_hex_digit(text.data[i + 1]) << 4 | lac_hex_digit(text.data[i + 2]));
            i += 2;
        }
        lac_buf_add(scratch, (struct lac_str){&byte, 1});
    }
    lac_uri_encode(lac_buf_view(scratch), "", out);
    return out->len - before;
}

void lac_canonical_query(struct lac_str query, struct lac_str leave_out, struct lac_buf *out) {
    struct list list = {0};
    struct lac_buf scratch = {0};
    struct lac_str name, value;
    while (lac_uri_next_pair(&query, &name, &value)) {
        size_t start = list.text.len;
        size_t name_len = add_encoded(name, &scratch, &list.text);
        if (leave_out.len > 0 && name_len == leave_out.len && !list.text.failed &&
            memcmp(list.text.data + start, leave_out.data, name_len) == 0) {
            lac_buf_cut(&list.text, start);
        } else {
            add_item(&list, name_len, add_encoded(value, &scratch, &list.text));
        }
    }
    const struct item *items = sort(&list, by_name_and_value);
    for (size_t i = 0; items != NULL && i < list.count; i++) {
        lac_buf_adds(out, i > 0 ? LAC_STR("&") : LAC_STR(""), items[i].name, LAC_STR("="),
                     items[i].value);
    }
    out->failed = out->failed || scratch.failed;
    lac_buf_free(&scratch);
    free_list(&list, out);
}

static bool is_space(char c) {
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* Trims the value, and makes one space of each run of white space inside it. */
static size_t add_value(struct lac_str value, struct lac_buf *out) {
    size_t before = out->len;
    for (size_t i = 0; i < value.len;) {
        size_t end = i;
        while (end < value.len && !is_space(value.data[end])) {
            end++;
        }
        if (end > i) {
            lac_buf_adds(out, out->len > before ? LAC_STR(" ") : LAC_STR(""),
                         (struct lac_str){value.data + i, end - i});
        }
        i = end + 1;
    }
    return out->len - before;
}

static bool check_name(struct lac_str name, struct lac_error *err) {
    for (size_t i = 0; i < name.len; i++) {
        unsigned char byte = (unsigned char)name.data[i];
        if (byte <= ' ' || byte >= 0x7f || byte == ':' || byte == ';') {
            return lac_fail(err, LAC_ERR_INPUT, "a header's name holds what no name may hold");
        }
    }
    return name.len > 0 || lac_fail(err, LAC_ERR_INPUT, "a header has no name");
}

static size_t add_lower(struct lac_str name, struct lac_buf *out) {
    char *lower = lac_buf_grow(out, name.len, 1);
    for (size_t i = 0; lower != NULL && i < name.len; i++) {
        char c = name.data[i];
        lower[i] = c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
    }
    return name.len;
}

static bool counts(struct lac_str name, const struct lac_str *only, size_t only_count) {
    bool found = only == NULL;
    for (size_t i = 0; i < only_count && !found; i++) {
        found = lac_http_same(name, only[i]);
    }
    return found;
}

static void write_headers(const struct item *items, size_t count, struct lac_buf *lines,
                          struct lac_buf *names) {
    for (size_t i = 0; i < count; i++) {
        if (i > 0 && compare(items[i].name, items[i - 1].name) == 0) {
            lac_buf_adds(lines, LAC_STR(","), items[i].value);
            continue;
        }
        lac_buf_adds(lines, i > 0 ? LAC_STR("\n") : LAC_STR(""), items[i].name, LAC_STR(":"),
                     items[i].value);
        lac_buf_adds(names, i > 0 ? LAC_STR(";") : LAC_STR(""), items[i].name);
    }
    lac_buf_add(lines, count > 0 ? LAC_STR("\n") : LAC_STR(""));
}

bool lac_canonical_headers(const struct lac_header *headers, size_t count,
                           const struct lac_str *only, size_t only_count, struct lac_buf *lines,
                           struct lac_buf *names, struct lac_error *err) {
    struct list list = {0};
    bool ok = true;
    for (size_t i = 0; ok && i < count; i++) {
        ok = check_name(headers[i].name, err);
        if (ok && counts(headers[i].name, only, only_count)) {
            size_t name_len = add_lower(headers[i].name, &list.text);
            add_item(&list, name_len, add_value(headers[i].value, &list.text));
        }
    }
    const struct item *items = ok ? sort(&list, by_name_and_order) : NULL;
    if (items != NULL) {
        write_headers(items, list.count, lines, names);
    }
    free_list(&list, lines);
    return ok;
}
