/* archive_read.c — archives listed, read and unpacked. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/archive_private.h"
#include "core/file.h"
#include "core/folder.h"
#include "core/packed.h"

#define DEFAULT_ENTRIES 20000
#define DEFAULT_BYTES 262144000
#define MOST_DRAFTS 1000

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
    if (!lac_archive_is_safe_name(stat.name, folder ? len - 1 : len)) {
        return lac_archive_refuse_name(stat.name, err);
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
    uint64_t most =
        limits->max_entry_bytes < limits->max_bytes ? limits->max_entry_bytes : limits->max_bytes;
    if (item->size > most) {
        return lac_fail(err, LAC_ERR_LIMIT, "'%.200s' unpacks to more than %llu bytes", item->name,
                        (unsigned long long)most);
    }
    if (item->size > limits->max_bytes - *total) {
        return lac_fail(err, LAC_ERR_LIMIT,
                        "'%.200s' and what stands before it unpack to more than %llu bytes",
                        item->name, (unsigned long long)limits->max_bytes);
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
