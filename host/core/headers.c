#include "core/headers.h"

#include <stdlib.h>
#include <string.h>

#include "core/http_text.h"

bool lac_header_check(const struct lac_header *header, struct lac_error *err) {
    if (!lac_http_is_token(header->name)) {
        return lac_fail(err, LAC_ERR_INPUT,
                        "a header's name is empty or holds a character that "
                        "no header name may have");
    }
    for (size_t i = 0; i < header->value.len; i++) {
        char c = header->value.data[i];
        if (c == '\r' || c == '\n' || c == '\0') {
            return lac_fail(err, LAC_ERR_INPUT, "header '%.*s': its value holds a line end or NUL",
                            (int)(header->name.len < 64 ? header->name.len : 64),
                            header->name.data);
        }
    }
    return true;
}

static char lower(char c) {
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static struct lac_str trim(struct lac_str text) {
    while (text.len > 0 && strchr(" \t\r\n", text.data[text.len - 1]) != NULL) {
        text.len--;
    }
    while (text.len > 0 && (*text.data == ' ' || *text.data == '\t')) {
        text.data++;
        text.len--;
    }
    return text;
}

static struct lac_headers_item *find(const struct lac_headers *headers, struct lac_str name) {
    for (size_t i = 0; i < headers->count; i++) {
        if (lac_http_same(lac_buf_view(&headers->items[i].name), name)) {
            return &headers->items[i];
        }
    }
    return NULL;
}

static bool out_of_memory(struct lac_error *err) {
    return lac_fail(err, LAC_ERR_MEMORY, "out of memory while reading a header");
}

static struct lac_headers_item *append(struct lac_headers *headers, struct lac_str name) {
    size_t capacity = (headers->count + 1) * sizeof *headers->items;
    struct lac_headers_item *items = realloc(headers->items, capacity);
    if (items == NULL) {
        return NULL;
    }
    headers->items = items;
    struct lac_headers_item *item = &items[headers->count++];
    *item = (struct lac_headers_item){0};
    for (size_t i = 0; i < name.len; i++) {
        char c = headers->apart ? name.data[i] : lower(name.data[i]);
        lac_buf_add(&item->name, (struct lac_str){&c, 1});
    }
    return item;
}

bool lac_headers_add_line(struct lac_headers *headers, struct lac_str line, struct lac_error *err) {
    const char *colon = line.len > 0 ? memchr(line.data, ':', line.len) : NULL;
    struct lac_str name = {line.data, colon ? (size_t)(colon - line.data) : 0};
    if (!lac_http_is_token(name)) {
        lac_fail(err, LAC_ERR_NETWORK, "the answer has a malformed header");
        memcpy(err->code, "protocol", sizeof "protocol");
        return false;
    }
    struct lac_str value = trim((struct lac_str){colon + 1, line.len - name.len - 1});
    headers->bytes += name.len + value.len;
    if (headers->bytes > LAC_HEADERS_MAX_BYTES) {
        return lac_fail(err, LAC_ERR_LIMIT, "the answer's headers are longer than %d bytes",
                        LAC_HEADERS_MAX_BYTES);
    }

    struct lac_headers_item *item = headers->apart ? NULL : find(headers, name);
    if (item != NULL) {
        lac_buf_add(&item->value, LAC_STR(", "));
    } else if (headers->count == LAC_HEADERS_MAX_COUNT) {
        return lac_fail(err, LAC_ERR_LIMIT, "the answer has more than %d headers",
                        LAC_HEADERS_MAX_COUNT);
    } else {
        item = append(headers, name);
    }
    if (item == NULL) {
        return out_of_memory(err);
    }
    lac_buf_add(&item->value, value);
    return (!item->name.failed && !item->value.failed) || out_of_memory(err);
}

struct lac_str lac_headers_get(const struct lac_headers *headers, struct lac_str name) {
    const struct lac_headers_item *item = find(headers, name);
    return item == NULL ? (struct lac_str){NULL, 0} : lac_buf_view(&item->value);
}

void lac_headers_free(struct lac_headers *headers) {
    for (size_t i = 0; i < headers->count; i++) {
        lac_buf_free(&headers->items[i].name);
        lac_buf_free(&headers->items[i].value);
    }
    free(headers->items);
    *headers = (struct lac_headers){0};
}
