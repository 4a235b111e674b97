/* file.h — one file at a time: read, write so that readers see all or nothing, look at, lock.
 *
 * Paths are C strings. An error says what was tried on which path, and carries errno's name as its
 * code. */
#ifndef LAC_FILE_H
#define LAC_FILE_H

#include <stdint.h>

#include "core/buf.h"
#include "core/error.h"

/* Appends the file's bytes. Past `most` bytes: LAC_ERR_LIMIT. */
bool lac_file_read(const char *path, size_t most, struct lac_buf *out, struct lac_error *err);

/* Writes all of them, however many calls that takes; false, and errno tells, when it cannot. */
bool lac_file_write_all(int fd, struct lac_str bytes);

/* How a file is made; the umask applies. */
struct lac_file_mode {
    bool executable; /* 0777 rather than 0666 */
    bool owner_only; /* nothing for group and others */
    bool sync;       /* on the disk before it is seen under its name */
};

/* Writes a draft beside `path` and renames it. A link at `path` is replaced, not followed. */
bool lac_file_write(const char *path, struct lac_str bytes, const struct lac_file_mode *mode,
                    struct lac_error *err);

/* The steps of it, for who writes piece by piece. `{0}` is no draft. A draft that is not kept must
 * be dropped; dropping one that was kept, or failed to be, does nothing. */
struct lac_file_draft {
    char *path; /* where the draft is; owned */
    int fd;
    bool open;
};

bool lac_file_draft(struct lac_file_draft *draft, const char *path,
                    const struct lac_file_mode *mode, struct lac_error *err);
bool lac_file_draft_add(struct lac_file_draft *draft, struct lac_str bytes, struct lac_error *err);
bool lac_file_draft_keep(struct lac_file_draft *draft, const char *path,
                         const struct lac_file_mode *mode, struct lac_error *err);
void lac_file_draft_drop(struct lac_file_draft *draft);

/* Makes a file that must not be there yet (code EEXIST), without a draft: for folders that are
 * drafts themselves. */
bool lac_file_make(const char *path, struct lac_str bytes, bool executable, struct lac_error *err);

/* Appends to the file, made when absent, in one write. */
bool lac_file_append(const char *path, struct lac_str bytes, struct lac_error *err);

/* Keeps the first `size` bytes of a file; one that is not longer stays as it is. */
bool lac_file_shorten(const char *path, uint64_t size, struct lac_error *err);

enum lac_file_kind { LAC_FILE_REGULAR, LAC_FILE_FOLDER, LAC_FILE_LINK, LAC_FILE_OTHER };

struct lac_file_facts {
    enum lac_file_kind kind;
    uint64_t size;
    double modified; /* seconds since 1970 */
    bool executable; /* by its owner */
};

/* Of the link itself when `path` is one. */
bool lac_file_stat(const char *path, struct lac_file_facts *out, struct lac_error *err);

/* Whether something is there; a link that leads nowhere is not. */
bool lac_file_exists(const char *path);

/* Removes a file or a link; an absent one is a success. */
bool lac_file_remove(const char *path, struct lac_error *err);
bool lac_file_rename(const char *from, const char *to, struct lac_error *err);

/* Copies bytes and the right to execute, with a draft and a rename. */
bool lac_file_copy(const char *from, const char *to, struct lac_error *err);

/* Takes a lock on the file (made when absent) and leaves its descriptor in `fd`: closing it, or the
 * end of the process, gives the lock back. Many may hold a shared one, nobody another beside an
 * exclusive one. Code EAGAIN when someone else's lock is in the way. */
bool lac_file_lock(const char *path, bool shared, int *fd, struct lac_error *err);

#endif
