#include "core/archive.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <zip.h>

#include "core/file.h"
#include "core/folder.h"
#include "core/json_text.h"
#include "core/packed.h"

#define DEFAULT_ENTRIES 20000
#define DEFAULT_BYTES 262144000

/* 1980-01-01 00:00:00, where the time of DOS begins. */
#define DOS_TIME 0
#define DOS_DATE (1 << 5 | 1)

#define MOST_NAME 1024
#define WRITE_BLOCK ((size_t)64 * 1024)
#define MOST_DRAFTS 1000

/* ---- names ---- */

static bool is_safe_part(const char *part, size_t len) {
    return len > 0 && !(len == 1 && part[0] == '.') && !(len == 2 && memcmp(part, "..", 2) == 0);
}

/* A relative path in its one form: parts between single slashes, none of them "." or "..". */
static bool is_safe_name(const char *name, size_t len) {
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

static bool refuse_name(const char *name, struct lac_error *err) {
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
        if (!is_safe_name(name, strlen(name))) {
            return refuse_name(name, err);
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
    zip_t *zip = zip_open_from_source(whole, ZIP_CREATE | ZIP_TRUNCATE, &error);
    if (zip == NULL) {
        return lac_fail(err, LAC_ERR_SYSTEM, "cannot write %s: %s", path,
                        zip_error_strerror(&error));
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
    zip_error_t error;
    zip_source_t *whole = zip_source_buffer_create(NULL, 0, 0, &error);
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

/* ---- reading ---- */

static uint64_t limit_or(uint64_t limit, uint64_t fallback) {
    return limit == 0 ? fallback : limit;
}

static struct lac_archive_limits settle_limits(const struct lac_archive_limits *limits) {
    struct lac_archive_limits settled = {
        .max_entries = limit_or(limits->max_entries, DEFAULT_ENTRIES),
        .max_bytes = limit_or(limits->max_bytes, DEFAULT_BYTES),
    };
    settled.max_entry_bytes = limit_or(limits->max_entry_bytes, settled.max_bytes);
    return settled;
}

/* libzip tells "no such file" and "cannot open" from damage; only the second says why, in errno. */
static bool fail_reading(const char *path, int code, int number, struct lac_error *err) {
    if (code == ZIP_ER_NOENT || (code == ZIP_ER_OPEN && number != 0)) {
        return lac_fail_errno(err, code == ZIP_ER_NOENT ? ENOENT : number, "cannot read %s", path);
    }
    zip_error_t error;
    zip_error_init_with_code(&error, code);
    lac_fail(err, LAC_ERR_INPUT, "%s is not a whole zip archive: %s", path,
             zip_error_strerror(&error));
    zip_error_fini(&error);
    return false;
}

/* The facts and the mode of one entry. */
static bool read_item(zip_t *zip, zip_uint64_t index, struct lac_archive_item *out,
                      struct lac_error *err) {
    zip_stat_t stat;
    zip_uint8_t system = 0;
    zip_uint32_t attributes = 0;
    if (zip_stat_index(zip, index, ZIP_FL_ENC_RAW, &stat) != 0 ||
        zip_file_get_external_attributes(zip, index, 0, &system, &attributes) != 0) {
        return lac_fail(err, LAC_ERR_INPUT, "the archive is damaged: %s", zip_strerror(zip));
    }
    size_t len = strlen(stat.name);
    bool folder = len > 0 && stat.name[len - 1] == '/';
    if (!is_safe_name(stat.name, folder ? len - 1 : len)) {
        return refuse_name(stat.name, err);
    }
    zip_uint32_t mode = system == ZIP_OPSYS_UNIX ? attributes >> 16 : 0;
    if ((mode & S_IFMT) != 0 && !S_ISREG(mode) && !S_ISDIR(mode)) {
        return lac_fail(err, LAC_ERR_INPUT, "'%.200s' is a link or a device", stat.name);
    }
    if (stat.encryption_method != ZIP_EM_NONE ||
        (stat.comp_method != ZIP_CM_STORE && stat.comp_method != ZIP_CM_DEFLATE)) {
        return lac_fail(err, LAC_ERR_INPUT, "'%.200s' is encrypted, or not deflated", stat.name);
    }
    if (folder && stat.size > 0) {
        return lac_fail(err, LAC_ERR_INPUT, "'%.200s' is a folder that has bytes", stat.name);
    }
    *out = (struct lac_archive_item){
        .name = strdup(stat.name),
        .size = stat.size,
        .packed_size = stat.comp_size,
        .crc32 = stat.crc,
        .executable = !folder && (mode & S_IXUSR) != 0,
        .folder = folder,
    };
    return out->name != NULL || lac_fail(err, LAC_ERR_MEMORY, "out of memory");
}

static int compare_item_names(const void *a, const void *b) {
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static bool check_unique(const struct lac_archive_items *items, struct lac_error *err) {
    const char **names = calloc(items->count + 1, sizeof *names);
    if (names == NULL) {
        return lac_fail(err, LAC_ERR_MEMORY, "out of memory");
    }
    for (size_t i = 0; i < items->count; i++) {
        names[i] = items->items[i].name;
    }
    qsort(names, items->count, sizeof *names, compare_item_names);
    bool ok = true;
    for (size_t i = 1; ok && i < items->count; i++) {
        if (strcmp(names[i - 1], names[i]) == 0) {
            ok = lac_fail(err, LAC_ERR_INPUT, "two entries are named '%.200s'", names[i]);
        }
    }
    free(names);
    return ok;
}

static bool check_sizes(const struct lac_archive_item *item, uint64_t archive_size, uint64_t *total,
                        const struct lac_archive_limits *limits, struct lac_error *err) {
    if (item->packed_size > archive_size) {
        return lac_fail(err, LAC_ERR_INPUT, "'%.200s' is larger than its archive", item->name);
    }
    if (item->size > limits->max_entry_bytes || item->size > limits->max_bytes - *total) {
        return lac_fail(err, LAC_ERR_LIMIT, "'%.200s' unpacks to more than %llu bytes", item->name,
                        (unsigned long long)(item->size > limits->max_entry_bytes
                                                 ? limits->max_entry_bytes
                                                 : limits->max_bytes));
    }
    *total += item->size;
    return true;
}

/* Everything that can be refused before a byte is unpacked. */
static bool read_items(zip_t *zip, uint64_t archive_size, const struct lac_archive_limits *limits,
                       struct lac_archive_items *out, struct lac_error *err) {
    zip_int64_t count = zip_get_num_entries(zip, 0);
    if (count < 0 || (uint64_t)count > limits->max_entries) {
        return lac_fail(err, LAC_ERR_LIMIT, "the archive has more than %llu entries",
                        (unsigned long long)limits->max_entries);
    }
    out->items = calloc((size_t)count + 1, sizeof *out->items);
    if (out->items == NULL) {
        return lac_fail(err, LAC_ERR_MEMORY, "out of memory");
    }
    uint64_t total = 0;
    for (zip_int64_t i = 0; i < count; i++) {
        struct lac_archive_item *item = &out->items[i];
        if (!read_item(zip, (zip_uint64_t)i, item, err)) {
            return false;
        }
        out->count++;
        if (!check_sizes(item, archive_size, &total, limits, err)) {
            return false;
        }
    }
    return check_unique(out, err);
}

/* Opens the archive and reads what is in it. `zip` is set when true, and the caller's to discard.
 */
static bool open_archive(const char *path, const struct lac_archive_limits *limits, zip_t **zip,
                         struct lac_archive_items *items, struct lac_error *err) {
    struct lac_archive_limits settled = settle_limits(limits);
    int code = 0;
    errno = 0;
    *zip = zip_open(path, ZIP_RDONLY, &code);
    if (*zip == NULL) {
        return fail_reading(path, code, errno, err);
    }
    struct lac_file_facts facts;
    char *real = realpath(path, NULL);
    bool ok = real != NULL ? lac_file_stat(real, &facts, err)
                           : lac_fail_errno(err, errno, "cannot read %s", path);
    free(real);
    if (!ok || !read_items(*zip, facts.size, &settled, items, err)) {
        zip_discard(*zip);
        return false;
    }
    return true;
}

/* The entry's bytes as they are in the archive: we unpack them ourselves. */
static bool read_packed(zip_t *zip, zip_uint64_t index, const struct lac_archive_item *item,
                        struct lac_packed *out, struct lac_error *err) {
    zip_stat_t stat;
    zip_file_t *file = zip_fopen_index(zip, index, ZIP_FL_COMPRESSED);
    if (file == NULL || zip_stat_index(zip, index, 0, &stat) != 0) {
        if (file != NULL) {
            zip_fclose(file);
        }
        return lac_fail(err, LAC_ERR_INPUT, "'%.200s' is damaged: %s", item->name,
                        zip_strerror(zip));
    }
    out->size = item->size;
    out->crc32 = item->crc32;
    out->deflated = stat.comp_method == ZIP_CM_DEFLATE;
    char *space = lac_buf_grow(&out->bytes, (size_t)item->packed_size, 1);
    zip_int64_t count = space == NULL ? -1 : zip_fread(file, space, item->packed_size);
    zip_fclose(file);
    return (count >= 0 && (uint64_t)count == item->packed_size) ||
           lac_fail(err, LAC_ERR_INPUT, "'%.200s' is cut short", item->name);
}

static bool read_entry(zip_t *zip, zip_uint64_t index, const struct lac_archive_item *item,
                       struct lac_buf *out, struct lac_error *err) {
    struct lac_packed packed = {0};
    bool ok = read_packed(zip, index, item, &packed, err);
    if (ok && !lac_packed_open(&packed, out, err)) {
        struct lac_error plain = *err;
        ok = lac_fail(err, plain.kind, "'%.200s': %.200s", item->name, plain.message);
    }
    lac_packed_free(&packed);
    return ok;
}

bool lac_archive_list(const char *path, const struct lac_archive_limits *limits,
                      struct lac_archive_items *out, struct lac_error *err) {
    zip_t *zip;
    if (!open_archive(path, limits, &zip, out, err)) {
        return false;
    }
    zip_discard(zip);
    return true;
}

void lac_archive_items_free(struct lac_archive_items *items) {
    for (size_t i = 0; i < items->count; i++) {
        free(items->items[i].name);
    }
    free(items->items);
    *items = (struct lac_archive_items){0};
}

bool lac_archive_read(const char *path, const char *name, const struct lac_archive_limits *limits,
                      struct lac_buf *out, struct lac_error *err) {
    struct lac_archive_items items = {0};
    zip_t *zip;
    if (!open_archive(path, limits, &zip, &items, err)) {
        lac_archive_items_free(&items);
        return false;
    }
    size_t i = 0;
    while (i < items.count && (items.items[i].folder || strcmp(items.items[i].name, name) != 0)) {
        i++;
    }
    bool ok;
    if (i < items.count) {
        ok = read_entry(zip, i, &items.items[i], out, err);
    } else {
        ok = lac_fail(err, LAC_ERR_INPUT, "%s has no entry '%.200s'", path, name);
        snprintf(err->code, sizeof err->code, "ENOENT");
    }
    lac_archive_items_free(&items);
    zip_discard(zip);
    return ok;
}

/* `folder` is new and ours, so that no name in it can be a link. */
static bool extract_item(zip_t *zip, zip_uint64_t index, const struct lac_archive_item *item,
                         const char *folder, struct lac_error *err) {
    struct lac_buf path = {0}, bytes = {0};
    lac_buf_addf(&path, "%s/%s", folder, item->name);
    if (path.failed) {
        return lac_fail(err, LAC_ERR_MEMORY, "out of memory while unpacking");
    }
    char *slash = strrchr(path.data, '/');
    *slash = '\0';
    bool ok = lac_folder_make(path.data, err);
    *slash = '/';
    if (ok && !item->folder) {
        ok = read_entry(zip, index, item, &bytes, err) &&
             lac_file_make(path.data, lac_buf_view(&bytes), item->executable, err);
    }
    lac_buf_free(&bytes);
    lac_buf_free(&path);
    return ok;
}

/* Makes an empty folder beside `folder`, whose name is in `out`. */
static bool make_draft_folder(const char *folder, struct lac_buf *out, struct lac_error *err) {
    size_t len = strlen(folder);
    while (len > 1 && folder[len - 1] == '/') {
        len--;
    }
    for (int i = 0; i < MOST_DRAFTS; i++) {
        lac_buf_cut(out, 0);
        lac_buf_addf(out, "%.*s.%u.%d.tmp", (int)len, folder, (unsigned)getpid(), i);
        if (out->failed) {
            return lac_fail(err, LAC_ERR_MEMORY, "out of memory while unpacking");
        }
        if (mkdir(out->data, 0777) == 0) {
            return true;
        }
        if (errno != EEXIST) {
            break;
        }
    }
    return lac_fail_errno(err, errno, "cannot unpack to %s", folder);
}

static bool extract_all(zip_t *zip, const struct lac_archive_items *items, const char *folder,
                        struct lac_archive_facts *out, struct lac_error *err) {
    for (size_t i = 0; i < items->count; i++) {
        if (!extract_item(zip, i, &items->items[i], folder, err)) {
            return false;
        }
        out->bytes += items->items[i].size;
        out->entries += items->items[i].folder ? 0 : 1;
    }
    return true;
}

/* Unpacks into a draft and renames it over the empty folder that waits at `folder`. */
static bool extract_draft(zip_t *zip, const struct lac_archive_items *items, const char *folder,
                          struct lac_archive_facts *out, struct lac_error *err) {
    bool was_there = lac_file_exists(folder);
    struct lac_buf draft = {0};
    struct lac_error ignored;
    bool drafted = lac_folder_make(folder, err) && make_draft_folder(folder, &draft, err);
    bool ok = drafted && extract_all(zip, items, draft.data, out, err);
    if (ok && rename(draft.data, folder) != 0) {
        ok = lac_fail_errno(err, errno, "cannot unpack to %s", folder);
    }
    if (drafted && !ok) {
        lac_folder_remove(draft.data, &ignored);
    }
    if (!ok && !was_there) {
        rmdir(folder);
    }
    lac_buf_free(&draft);
    return ok;
}

bool lac_archive_extract(const char *path, const char *folder,
                         const struct lac_archive_limits *limits, struct lac_archive_facts *out,
                         struct lac_error *err) {
    struct lac_archive_items items = {0};
    zip_t *zip;
    *out = (struct lac_archive_facts){0};
    bool ok = open_archive(path, limits, &zip, &items, err);
    if (ok) {
        ok = extract_draft(zip, &items, folder, out, err);
        zip_discard(zip);
    }
    lac_archive_items_free(&items);
    return ok;
}
