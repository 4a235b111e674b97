/* json_reader.c — text → events. One call, one event: no recursion, so that depth costs a bit. */
#include <string.h>

#include "core/json_private.h"

enum expects {
    EXPECT_TEXT = 0,     /* the beginning */
    EXPECT_VALUE,        /* after "," in an array, after ":" */
    EXPECT_FIRST_ITEM,   /* a value or "]" */
    EXPECT_FIRST_MEMBER, /* a name or "}" */
    EXPECT_REST,         /* "," or the end of what is open */
    EXPECT_NOTHING,
};

static const char *skip_space(const char *at, const char *end) {
    while (at < end && (*at == ' ' || *at == '\n' || *at == '\r' || *at == '\t')) {
        at++;
    }
    return at;
}

static bool read_word(struct lac_json_reader *reader, const char **at, struct lac_str word,
                      struct lac_error *err) {
    size_t left = (size_t)(reader->text.data + reader->text.len - *at);
    if (left < word.len || memcmp(*at, word.data, word.len) != 0) {
        return lac_json_unexpected(reader, *at, "a value", err);
    }
    *at += word.len;
    return true;
}

static bool is_in_object(const struct lac_json_reader *reader) {
    size_t level = reader->depth - 1;
    return (reader->in_object[level / 64] >> level % 64 & 1) != 0;
}

static bool open_level(struct lac_json_reader *reader, const char *at, bool object,
                       struct lac_error *err) {
    size_t most = reader->max_depth == 0 ? LAC_JSON_DEFAULT_DEPTH : reader->max_depth;
    if (reader->depth >= most || reader->depth >= LAC_JSON_MOST_DEPTH) {
        return lac_json_too_deep(reader, at, err);
    }
    uint64_t bit = UINT64_C(1) << reader->depth % 64;
    uint64_t *word = &reader->in_object[reader->depth / 64];
    *word = object ? *word | bit : *word & ~bit;
    reader->depth++;
    reader->expects = object ? EXPECT_FIRST_MEMBER : EXPECT_FIRST_ITEM;
    return true;
}

static bool close_level(struct lac_json_reader *reader, struct lac_json_event *event) {
    event->kind = is_in_object(reader) ? LAC_JSON_OBJECT_END : LAC_JSON_ARRAY_END;
    reader->depth--;
    reader->expects = EXPECT_REST;
    return true;
}

static bool read_value(struct lac_json_reader *reader, const char **at,
                       struct lac_json_event *event, struct lac_error *err) {
    const char *end = reader->text.data + reader->text.len;
    reader->expects = EXPECT_REST;
    switch (*at < end ? **at : '\0') {
    case '"':
        event->kind = LAC_JSON_STRING;
        ++*at;
        return lac_json_read_string(reader, at, &event->text, err);
    case '{':
        event->kind = LAC_JSON_OBJECT;
        return open_level(reader, (*at)++, true, err);
    case '[':
        event->kind = LAC_JSON_ARRAY;
        return open_level(reader, (*at)++, false, err);
    case 't':
        event->kind = LAC_JSON_BOOLEAN;
        event->boolean = true;
        return read_word(reader, at, LAC_STR("true"), err);
    case 'f':
        event->kind = LAC_JSON_BOOLEAN;
        event->boolean = false;
        return read_word(reader, at, LAC_STR("false"), err);
    case 'n':
        event->kind = LAC_JSON_NULL;
        return read_word(reader, at, LAC_STR("null"), err);
    default:
        if (*at < end && (**at == '-' || lac_json_is_digit(*at, end))) {
            return lac_json_read_number(reader, at, event, err);
        }
        return lac_json_unexpected(reader, *at, "a value", err);
    }
}

/* A member's name and the colon behind it. */
static bool read_name(struct lac_json_reader *reader, const char **at, struct lac_json_event *event,
                      struct lac_error *err) {
    const char *end = reader->text.data + reader->text.len;
    if (*at == end || **at != '"') {
        return lac_json_unexpected(reader, *at, "a name in quotes", err);
    }
    ++*at;
    event->kind = LAC_JSON_NAME;
    if (!lac_json_read_string(reader, at, &event->text, err)) {
        return false;
    }
    *at = skip_space(*at, end);
    if (*at == end || **at != ':') {
        return lac_json_unexpected(reader, *at, "':'", err);
    }
    ++*at;
    reader->expects = EXPECT_VALUE;
    return true;
}

/* A value is complete: what comes next depends on what is open. */
static bool read_rest(struct lac_json_reader *reader, const char **at, struct lac_json_event *event,
                      struct lac_error *err) {
    const char *end = reader->text.data + reader->text.len;
    if (reader->depth == 0) {
        event->kind = LAC_JSON_END;
        reader->expects = EXPECT_NOTHING;
        return *at == end || lac_json_unexpected(reader, *at, "the end of the text", err);
    }
    bool object = is_in_object(reader);
    if (*at < end && **at == (object ? '}' : ']')) {
        ++*at;
        return close_level(reader, event);
    }
    if (*at == end || **at != ',') {
        return lac_json_unexpected(reader, *at, object ? "',' or '}'" : "',' or ']'", err);
    }
    *at = skip_space(*at + 1, end);
    return object ? read_name(reader, at, event, err) : read_value(reader, at, event, err);
}

static bool read_event(struct lac_json_reader *reader, const char **at,
                       struct lac_json_event *event, struct lac_error *err) {
    const char *end = reader->text.data + reader->text.len;
    switch (reader->expects) {
    case EXPECT_TEXT:
        if (end - *at >= 3 && memcmp(*at, "\xEF\xBB\xBF", 3) == 0) {
            return lac_json_fail_at(reader, *at, LAC_ERR_INPUT,
                                    "JSON cannot begin with a byte order mark (BOM)", err);
        }
        return read_value(reader, at, event, err);
    case EXPECT_FIRST_ITEM:
    case EXPECT_FIRST_MEMBER:
        if (*at < end && **at == (reader->expects == EXPECT_FIRST_ITEM ? ']' : '}')) {
            ++*at;
            return close_level(reader, event);
        }
        return reader->expects == EXPECT_FIRST_ITEM ? read_value(reader, at, event, err)
                                                    : read_name(reader, at, event, err);
    case EXPECT_VALUE:
        return read_value(reader, at, event, err);
    case EXPECT_REST:
        return read_rest(reader, at, event, err);
    default:
        event->kind = LAC_JSON_END;
        return true;
    }
}

bool lac_json_next(struct lac_json_reader *reader, struct lac_json_event *event,
                   struct lac_error *err) {
    const char *at = reader->text.data + reader->at;
    at = skip_space(at, reader->text.data + reader->text.len);
    bool ok = read_event(reader, &at, event, err);
    reader->at = (size_t)(at - reader->text.data);
    if (!ok) {
        reader->expects = EXPECT_NOTHING;
    }
    return ok;
}
