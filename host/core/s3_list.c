/* s3_list.c — what a bucket holds: objects, and uploads that were begun and not ended. */
#include <stdlib.h>
#include <string.h>

#include "core/s3_private.h"
#include "core/uri.h"
#include "core/xml_scan.h"

void lac_s3_items_free(struct lac_s3_items *items) {
    for (size_t i = 0; i < items->count; i++) {
        lac_buf_free(&items->items[i].key);
        lac_buf_free(&items->items[i].etag);
        lac_buf_free(&items->items[i].last_modified);
        lac_buf_free(&items->items[i].upload_id);
    }
    free(items->items);
    *items = (struct lac_s3_items){0};
}

static struct lac_s3_item *append_item(struct lac_s3_items *out) {
    bool full = (out->count & (out->count - 1)) == 0; /* a power of two, or nothing yet */
    if (full) {
        size_t capacity = out->count == 0 ? 1 : out->count * 2;
        struct lac_s3_item *items = realloc(out->items, capacity * sizeof *items);
        if (items == NULL) {
            return NULL;
        }
        out->items = items;
    }
    out->items[out->count] = (struct lac_s3_item){0};
    return &out->items[out->count++];
}

/* Keys come percent-encoded when the server understood that we asked for it. */
static bool add_key(struct lac_str element, const char *name, bool encoded, struct lac_buf *out,
                    struct lac_error *err) {
    struct lac_buf text = {0};
    bool ok = lac_xml_scan_text(element, name, &text);
    if (ok && encoded) {
        ok = lac_uri_decode(lac_buf_view(&text), true, out, err);
    } else {
        lac_buf_add(out, lac_buf_view(&text));
    }
    lac_buf_free(&text);
    return ok || lac_fail(err, LAC_ERR_NETWORK, LAC_S3_PROTOCOL);
}

static bool read_item(struct lac_str element, bool encoded, struct lac_s3_items *out,
                      struct lac_error *err) {
    struct lac_s3_item *item = append_item(out);
    struct lac_buf text = {0};
    if (item == NULL) {
        return lac_s3_out_of_memory(err);
    }
    lac_xml_scan_text(element, "LastModified", &item->last_modified);
    lac_xml_scan_text(element, "UploadId", &item->upload_id);
    lac_xml_scan_text(element, "ETag", &text);
    lac_buf_add(&item->etag, lac_s3_without_quotes(lac_buf_view(&text)));
    text.len = 0;
    if (lac_xml_scan_text(element, "Size", &text) && text.len > 0) {
        item->size = strtoull(text.data, NULL, 10);
    }
    lac_buf_free(&text);
    return add_key(element, "Key", encoded, &item->key, err);
}

/* What differs between the two listings. */
struct listing {
    const char *kind[2];             /* a parameter of the first page, and its value */
    const char *element;             /* of one item */
    const char *next[2], *marker[2]; /* what a page says about the next, and how to ask for that */
};

static const struct listing objects = {
    {"list-type", "2"}, "Contents", {"NextContinuationToken", NULL}, {"continuation-token", NULL}};
static const struct listing uploads = {{"uploads", ""},
                                       "Upload",
                                       {"NextKeyMarker", "NextUploadIdMarker"},
                                       {"key-marker", "upload-id-marker"}};

/* Reads one page. `*more` when another follows, whose markers are then in `next`. */
static bool read_page(const struct listing *listing, struct lac_str body, size_t limit,
                      struct lac_s3_items *out, struct lac_buf next[2], bool *more,
                      struct lac_error *err) {
    struct lac_buf truncated = {0}, encoding = {0};
    struct lac_str rest = body, element;
    bool ok = true;
    lac_xml_scan_text(body, "IsTruncated", &truncated);
    lac_xml_scan_text(body, "EncodingType", &encoding);
    bool encoded = encoding.len == 3 && memcmp(encoding.data, "url", 3) == 0;
    *more = truncated.len == 4 && memcmp(truncated.data, "true", 4) == 0;
    while (ok && out->count < limit && lac_xml_scan_next(&rest, listing->element, &element)) {
        ok = read_item(element, encoded, out, err);
    }
    bool moved = false;
    for (size_t i = 0; ok && *more && i < 2 && listing->next[i] != NULL; i++) {
        struct lac_buf marker = {0};
        bool is_key = strcmp(listing->next[i], "NextKeyMarker") == 0;
        ok = add_key(body, listing->next[i], is_key && encoded, &marker, err);
        moved = moved || marker.len != next[i].len ||
                (marker.len > 0 && memcmp(marker.data, next[i].data, marker.len) != 0);
        lac_buf_free(&next[i]);
        next[i] = marker;
    }
    if (ok && *more && !moved) { /* else it would never end */
        ok = lac_fail(err, LAC_ERR_NETWORK, LAC_S3_PROTOCOL);
    }
    lac_buf_free(&truncated);
    lac_buf_free(&encoding);
    return ok;
}

static bool list(const struct listing *listing, const struct lac_s3_target *target,
                 struct lac_str prefix, size_t limit, struct lac_s3_items *out,
                 struct lac_error *err) {
    struct lac_buf next[2] = {{0}, {0}};
    size_t most = limit > 0 ? limit : LAC_S3_MOST_LISTED;
    bool ok = true, more = true;
    *out = (struct lac_s3_items){0};
    for (bool first = true; ok && more && out->count < most; first = false) {
        struct lac_http_response response = {0};
        struct lac_buf url = {0};
        ok = lac_s3_add_url(target, false, &url, err);
        if (ok) {
            lac_s3_add_parameter(&url, listing->kind[0],
                                 (struct lac_str){listing->kind[1], strlen(listing->kind[1])});
            lac_s3_add_parameter(&url, "encoding-type", LAC_STR("url"));
            if (prefix.len > 0) {
                lac_s3_add_parameter(&url, "prefix", prefix);
            }
            for (size_t i = 0; !first && i < 2 && listing->marker[i] != NULL; i++) {
                lac_s3_add_parameter(&url, listing->marker[i], lac_buf_view(&next[i]));
            }
            struct lac_aws_request request = lac_s3_request(target, LAC_STR("GET"), &url);
            ok = (!url.failed || lac_s3_out_of_memory(err)) &&
                 lac_s3_perform(&request, false, &response, err) &&
                 read_page(listing, lac_buf_view(&response.body), most, out, next, &more, err);
        }
        lac_http_response_free(&response);
        lac_buf_free(&url);
    }
    if (ok && more && limit == 0) {
        ok = lac_fail(err, LAC_ERR_LIMIT, "more than %d objects", LAC_S3_MOST_LISTED);
    }
    lac_buf_free(&next[0]);
    lac_buf_free(&next[1]);
    if (!ok) {
        lac_s3_items_free(out);
    }
    return ok;
}

bool lac_s3_list(const struct lac_s3_target *target, struct lac_str prefix, size_t limit,
                 struct lac_s3_items *out, struct lac_error *err) {
    return list(&objects, target, prefix, limit, out, err);
}

bool lac_s3_unfinished(const struct lac_s3_target *target, struct lac_str prefix,
                       struct lac_s3_items *out, struct lac_error *err) {
    return list(&uploads, target, prefix, 0, out, err);
}
