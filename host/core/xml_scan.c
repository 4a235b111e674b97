#include "core/xml_scan.h"

#include <string.h>

/* Where `part` begins in `text`, or text.len. */
static size_t search(struct lac_str text, struct lac_str part) {
    for (size_t i = 0; i + part.len <= text.len; i++) {
        const char *found = memchr(text.data + i, *part.data, text.len - part.len + 1 - i);
        if (found == NULL) {
            break;
        }
        i = (size_t)(found - text.data);
        if (memcmp(found, part.data, part.len) == 0) {
            return i;
        }
    }
    return text.len;
}

static struct lac_str after(struct lac_str text, size_t count) {
    return (struct lac_str){text.data + count, text.len - count};
}

/* Moves `rest` behind the next "<name …>"; true when that was no "<name/>". */
static bool pass_opening(struct lac_str *rest, struct lac_str name, bool *empty) {
    for (;;) {
        *rest = after(*rest, search(*rest, LAC_STR("<")));
        if (rest->len < name.len + 2) {
            return false;
        }
        *rest = after(*rest, 1);
        bool same = memcmp(rest->data, name.data, name.len) == 0 &&
                    strchr(" \t\r\n/>", rest->data[name.len]) != NULL &&
                    rest->data[name.len] != '\0';
        size_t end = search(*rest, LAC_STR(">"));
        if (same && end < rest->len) {
            *empty = rest->data[end - 1] == '/';
            *rest = after(*rest, end + 1);
            return true;
        }
    }
}

bool lac_xml_scan_next(struct lac_str *rest, const char *name, struct lac_str *inner) {
    struct lac_buf closing = {0};
    struct lac_str opening = {name, strlen(name)};
    bool empty = false, found = pass_opening(rest, opening, &empty);
    *inner = (struct lac_str){rest->data, 0};
    if (found && !empty) {
        lac_buf_adds(&closing, LAC_STR("</"), opening, LAC_STR(">"));
        inner->len = search(*rest, lac_buf_view(&closing));
        found = !closing.failed && inner->len < rest->len;
        *rest = after(*rest, inner->len + (found ? closing.len : 0));
    }
    lac_buf_free(&closing);
    return found;
}

/* Appends character data, with the five entities that XML has of itself and the two characters that
 * S3 sends by their numbers. */
static void add_unescaped(struct lac_buf *out, struct lac_str text) {
    static const struct {
        struct lac_str entity, meaning;
    } entities[] = {
        {LAC_STR_INIT("&lt;"), LAC_STR_INIT("<")},    {LAC_STR_INIT("&gt;"), LAC_STR_INIT(">")},
        {LAC_STR_INIT("&quot;"), LAC_STR_INIT("\"")}, {LAC_STR_INIT("&apos;"), LAC_STR_INIT("'")},
        {LAC_STR_INIT("&amp;"), LAC_STR_INIT("&")},   {LAC_STR_INIT("&#34;"), LAC_STR_INIT("\"")},
        {LAC_STR_INIT("&#39;"), LAC_STR_INIT("'")},
    };
    while (text.len > 0) {
        struct lac_str plain = {text.data, search(text, LAC_STR("&"))};
        lac_buf_add(out, plain);
        text = after(text, plain.len);
        struct lac_str meaning = {text.data, text.len > 0 ? 1 : 0};
        size_t len = meaning.len;
        for (size_t i = 0; i < sizeof entities / sizeof *entities; i++) {
            struct lac_str entity = entities[i].entity;
            if (text.len >= entity.len && memcmp(text.data, entity.data, entity.len) == 0) {
                meaning = entities[i].meaning;
                len = entity.len;
            }
        }
        lac_buf_add(out, meaning);
        text = after(text, len);
    }
}

bool lac_xml_scan_text(struct lac_str text, const char *name, struct lac_buf *out) {
    struct lac_str inner;
    bool found = lac_xml_scan_next(&text, name, &inner);
    if (found) {
        add_unescaped(out, inner);
    }
    return found;
}
