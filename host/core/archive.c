/* archive.c — archives written. Read: archive_read.c. */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "core/archive_private.h"
#include "core/file.h"
#include "core/json_text.h"
#include "core/packed.h"

/* 1980-01-01 00:00:00, where the time of DOS begins. */
#define DOS_TIME 0
#define DOS_DATE (1 << 5 | 1)

#define MOST_NAME 1024
#define WRITE_BLOCK ((size_t)64 * 1024)

/* ---- names ---- */

static bool is_safe_part(const char *part, size_t len) {
    return len > 0 && !(len == 1 && part[0] == '.') && !(len == 2 && memcmp(part, "..", 2) == 0);
}

bool lac_archive_is_safe_name(const char *name, size_t len) {
    const char *end = name + len, *part = name;
    if (len > MOST_NAME) {
        return false;
    }
    for (const char *at = name; at < end;) {
        unsigned char byte = (unsigned char)*at;
        int size = byte < 0x80 ? 1 : lac_utf8_length(at, end);
        if (byte < 0x20 || byte == 0x7F || byte == '\\' || size == 0) {
            return false;
        }
        if (byte == '/') {
            if (!is_safe_part(part, (size_t)(at - part))) {
                return false;
            }
            part = at + 1;
        }
        at += size;
    }
    return is_safe_part(part, (size_t)(end - part));
}

bool lac_archive_refuse_name(const char *name, struct lac_error *err) {
    struct lac_buf shown = {0}; /* control characters stay out of terminals */
    for (const char *at = name; *at != '\0' && shown.len < 200; at++) {
        bool plain = *at >= 0x20 && *at < 0x7F;
        lac_buf_add(&shown, plain ? (struct lac_str){at, 1} : LAC_STR("?"));
    }
    lac_fail(err, LAC_ERR_INPUT, "'%s' is not a safe name for an entry", lac_buf_view(&shown).data);
    lac_buf_free(&shown);
    return false;
}

/* ---- writing ---- */

/* One entry on its way into the archive: packed by us before libzip sees it. libzip would use zlib,
 * which is slower, and whose bytes differ from version to version. */
struct source {
    const struct lac_archive_entry *entry;
    struct lac_packed packed;
    size_t at;
    zip_error_t error;
};

static bool make_packed(struct source *source, int level, struct lac_error *err) {
    const struct lac_archive_entry *entry = source->entry;
    if (entry->packed != NULL) {
        return lac_packed_read(entry->packed, &source->packed, err);
    }
    if (entry->path == NULL) {
        return lac_packed_make(entry->data, level, &source->packed, err);
    }
    struct lac_buf bytes = {0};
    bool ok = lac_file_read(entry->path, LAC_PACKED_MOST, &bytes, err) &&
              lac_packed_make(lac_buf_view(&bytes), level, &source->packed, err);
    lac_buf_free(&bytes);
    return ok;
}

static zip_int32_t method_of(const struct source *source) {
    return source->packed.deflated ? ZIP_CM_DEFLATE : ZIP_CM_STORE;
}

static zip_int64_t describe(const struct source *source, zip_stat_t *stat) {
    zip_stat_init(stat);
    stat->size = source->packed.size;
    stat->comp_size = source->packed.bytes.len;
    stat->comp_method = (zip_uint16_t)method_of(source);
    stat->crc = source->packed.crc32;
    stat->encryption_method = ZIP_EM_NONE;
    stat->valid = ZIP_STAT_SIZE | ZIP_STAT_COMP_SIZE | ZIP_STAT_COMP_METHOD | ZIP_STAT_CRC |
                  ZIP_STAT_ENCRYPTION_METHOD;
    return sizeof *stat;
}

static zip_int64_t give_bytes(struct source *source, char *out, size_t size) {
    struct lac_str bytes = lac_buf_view(&source->packed.bytes);
    size_t left = bytes.len - source->at;
    size_t count = left < size ? left : size;
    memcpy(out, bytes.data + source->at, count);
    source->at += count;
    return (zip_int64_t)count;
}

static zip_int64_t answer(void *context, void *data, zip_uint64_t len, zip_source_cmd_t command) {
    struct source *source = context;
    switch (command) {
    case ZIP_SOURCE_SUPPORTS:
        return zip_source_make_command_bitmap(ZIP_SOURCE_OPEN, ZIP_SOURCE_READ, ZIP_SOURCE_CLOSE,
                                              ZIP_SOURCE_STAT, ZIP_SOURCE_ERROR, ZIP_SOURCE_FREE,
                                              -1);
    case ZIP_SOURCE_STAT:
        return describe(source, data);
    case ZIP_SOURCE_OPEN:
        source->at = 0;
        return 0;
    case ZIP_SOURCE_READ:
        return give_bytes(source, data, (size_t)len);
    case ZIP_SOURCE_CLOSE: /* libzip has copied them, and asks for each entry once */
        lac_buf_free(&source->packed.bytes);
        return 0;
    case ZIP_SOURCE_ERROR:
        return zip_error_to_data(&source->error, data, len);
    case ZIP_SOURCE_FREE:
        lac_packed_free(&source->packed);
        return 0;
    default:
        zip_error_set(&source->error, ZIP_ER_OPNOTSUPP, 0);
        return -1;
    }
}

static bool fail_zip(zip_t *zip, const char *path, struct lac_error *err) {
    return lac_fail(err, LAC_ERR_SYSTEM, "cannot write %s: %s", path, zip_strerror(zip));
}

static bool add_entry(zip_t *zip, struct source *source, int level, struct lac_error *err) {
    const struct lac_archive_entry *entry = source->entry;
    if (!make_packed(source, level, err)) {
        return false;
    }
    zip_source_t *from = zip_source_function(zip, answer, source);
    zip_int64_t added = from == NULL ? -1 : zip_file_add(zip, entry->name, from, ZIP_FL_ENC_UTF_8);
    if (added < 0) {
        zip_source_free(from);
        return fail_zip(zip, entry->name, err);
    }
    zip_uint64_t index = (zip_uint64_t)added;
    zip_uint32_t mode = S_IFREG | (entry->executable ? 0755U : 0644U);
    return (zip_set_file_compression(zip, index, method_of(source), 0) == 0 &&
            zip_file_set_dostime(zip, index, DOS_TIME, DOS_DATE, 0) == 0 &&
            zip_file_set_external_attributes(zip, index, 0, ZIP_OPSYS_UNIX, mode << 16) == 0) ||
           fail_zip(zip, entry->name, err);
}

static int compare_sources(const void *a, const void *b) {
    return strcmp(((const struct source *)a)->entry->name, ((const struct source *)b)->entry->name);
}

static bool check_names(const struct source *sources, size_t count, struct lac_error *err) {
    for (size_t i = 0; i < count; i++) {
        const char *name = sources[i].entry->name;
        if (!lac_archive_is_safe_name(name, strlen(name))) {
            return lac_archive_refuse_name(name, err);
        }
        if (i > 0 && strcmp(name, sources[i - 1].entry->name) == 0) {
            return lac_fail(err, LAC_ERR_INPUT, "two entries are named '%s'", name);
        }
    }
    return count > 0 || lac_fail(err, LAC_ERR_INPUT, "an archive needs an entry");
}

/* libzip writes when it closes; an archive that it could not close is still ours to discard. It
 * writes to memory: to a file it would write in pieces of 4 KB, to a second draft of its own. */
static bool zip_to_memory(zip_source_t *whole, const char *path, struct source *sources,
                          size_t count, int level, struct lac_error *err) {
    zip_error_t error;
    zip_error_init(&error); /* libzip frees what it finds in one */
    zip_t *zip = zip_open_from_source(whole, ZIP_CREATE | ZIP_TRUNCATE, &error);
    if (zip == NULL) {
        lac_fail(err, LAC_ERR_SYSTEM, "cannot write %s: %s", path, zip_error_strerror(&error));
        zip_error_fini(&error);
        return false;
    }
    zip_source_keep(whole); /* the caller's; `zip` has taken a share of its own */
    bool ok = true;
    for (size_t i = 0; ok && i < count; i++) {
        ok = add_entry(zip, &sources[i], level, err);
    }
    if (ok && zip_close(zip) == 0) {
        return true;
    }
    if (ok) {
        fail_zip(zip, path, err);
    }
    zip_discard(zip);
    return false;
}

/* Copies the archive from memory to its draft, and hashes it on the way. */
static bool write_draft(zip_source_t *whole, struct lac_file_draft *draft,
                        struct lac_archive_facts *out, struct lac_error *err) {
    char block[WRITE_BLOCK];
    struct lac_hasher hasher = {0};
    zip_int64_t count = zip_source_open(whole);
    bool ok = lac_hasher_start(&hasher, LAC_SHA256, err);
    while (ok && count >= 0 && (count = zip_source_read(whole, block, sizeof block)) > 0) {
        struct lac_str bytes = {block, (size_t)count};
        ok = lac_hasher_add(&hasher, bytes, err) && lac_file_draft_add(draft, bytes, err);
        out->bytes += bytes.len;
    }
    if (ok && count < 0) {
        ok = lac_fail(err, LAC_ERR_SYSTEM, "cannot write %s: %s", draft->path,
                      zip_error_strerror(zip_source_error(whole)));
    }
    ok = ok && lac_hasher_finish(&hasher, &out->sha256, err);
    lac_hasher_free(&hasher);
    return ok;
}

static bool write_zip(struct lac_file_draft *draft, struct source *sources, size_t count, int level,
                      struct lac_archive_facts *out, struct lac_error *err) {
    zip_source_t *whole = zip_source_buffer_create(NULL, 0, 0, NULL);
    if (whole == NULL) {
        return lac_fail(err, LAC_ERR_MEMORY, "out of memory while writing %s", draft->path);
    }
    *out = (struct lac_archive_facts){.entries = count};
    bool ok = zip_to_memory(whole, draft->path, sources, count, level, err) &&
              write_draft(whole, draft, out, err);
    zip_source_free(whole);
    return ok;
}

bool lac_archive_write(const char *path, const struct lac_archive_entry *entries, size_t count,
                       int level, struct lac_archive_facts *out, struct lac_error *err) {
    const struct lac_file_mode mode = {0};
    struct source *sources = calloc(count + 1, sizeof *sources);
    if (sources == NULL) {
        return lac_fail(err, LAC_ERR_MEMORY, "out of memory while writing %s", path);
    }
    for (size_t i = 0; i < count; i++) {
        sources[i] = (struct source){.entry = &entries[i]};
    }
    qsort(sources, count, sizeof *sources, compare_sources);
    struct lac_file_draft draft = {0};
    bool ok = check_names(sources, count, err) && lac_file_draft(&draft, path, &mode, err) &&
              write_zip(&draft, sources, count, level, out, err) &&
              lac_file_draft_keep(&draft, path, &mode, err);
    lac_file_draft_drop(&draft);
    for (size_t i = 0; i < count; i++) {
        lac_packed_free(&sources[i].packed);
    }
    free(sources);
    return ok;
}
