/* archive.h — zip archives, over libzip (the container) and packed.h (the compression).
 *
 * Written archives are reproducible: entries sorted by the bytes of their names, the time
 * 1980-01-01, Unix modes 0644 or 0755, no extra fields. The same entries give the same bytes on any
 * host.
 *
 * Read archives come from anywhere. Before a byte is unpacked, entries and sizes are held against
 * limits, and names that are absolute, hold "..", "\\", control characters or bytes that are not
 * UTF-8, that come twice, or that are links or devices are refused; every entry's size and CRC-32
 * are verified. */
#ifndef LAC_ARCHIVE_H
#define LAC_ARCHIVE_H

#include <stdint.h>

#include "core/buf.h"
#include "core/digest.h"
#include "core/error.h"

#define LAC_ARCHIVE_LEVEL 6

/* What becomes an entry: exactly one of `data` (data.data not NULL), `path` and `packed`. */
struct lac_archive_entry {
    const char *name;
    struct lac_str data;
    const char *path;   /* a file, to be compressed */
    const char *packed; /* a file of packed.h, copied as it is */
    bool executable;
};

struct lac_archive_facts {
    uint64_t bytes; /* written: of the archive; extracted: of the files */
    size_t entries;
    struct lac_digest sha256; /* of a written archive */
};

/* Writes a draft beside `path`, then renames it; a failure leaves nothing. */
bool lac_archive_write(const char *path, const struct lac_archive_entry *entries, size_t count,
                       int level, struct lac_archive_facts *out, struct lac_error *err);

/* A limit of 0 is the default: 20,000 entries, 262,144,000 bytes in all (what Lambda unpacks), and
 * as many for one entry. */
struct lac_archive_limits {
    uint64_t max_entries, max_bytes, max_entry_bytes;
};

struct lac_archive_item {
    char *name; /* a folder's ends in "/" */
    uint64_t size, packed_size;
    uint32_t crc32;
    bool executable, folder;
};

/* In the order of the archive. `{0}` is an empty list. */
struct lac_archive_items {
    struct lac_archive_item *items;
    size_t count;
};

bool lac_archive_list(const char *path, const struct lac_archive_limits *limits,
                      struct lac_archive_items *out, struct lac_error *err);
void lac_archive_items_free(struct lac_archive_items *items);

/* Appends one entry's bytes. One that is not there is LAC_ERR_INPUT with code "ENOENT". */
bool lac_archive_read(const char *path, const char *name, const struct lac_archive_limits *limits,
                      struct lac_buf *out, struct lac_error *err);

/* Unpacks into `folder`, which must be absent (it and those above it are made) or empty: all of the
 * archive, or nothing. */
bool lac_archive_extract(const char *path, const char *folder,
                         const struct lac_archive_limits *limits, struct lac_archive_facts *out,
                         struct lac_error *err);

#endif
