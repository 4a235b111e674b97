#include "core/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/interrupt.h"

#define PIECE 65536

/* Drafts that a killed process of our number may have left behind. */
#define MOST_DRAFTS 1000

/* Pipes with names may keep us waiting: whoever asks to stop is obeyed. */
static int open_file(const char *path, int flags, mode_t mode) {
    int fd;
    do {
        fd = open(path, flags | O_CLOEXEC, mode);
    } while (fd < 0 && errno == EINTR && !lac_interrupt_requested());
    return fd;
}

static ssize_t read_piece(int fd, char *piece, size_t size) {
    ssize_t count;
    do {
        count = read(fd, piece, size);
    } while (count < 0 && errno == EINTR && !lac_interrupt_requested());
    return count;
}

bool lac_file_write_all(int fd, struct lac_str bytes) {
    while (bytes.len > 0) {
        ssize_t count = write(fd, bytes.data, bytes.len);
        if (count < 0 && errno != EINTR) {
            return false;
        }
        size_t done = count > 0 ? (size_t)count : 0;
        bytes = (struct lac_str){bytes.data + done, bytes.len - done};
    }
    return true;
}

/* Reads to the end, in pieces, however much a stat said there would be: files grow, and /proc knows
 * no sizes. The first piece takes the whole of a file that was told rightly, and finds its end. */
static bool read_all(int fd, const char *path, size_t first, size_t most, struct lac_buf *out,
                     struct lac_error *err) {
    size_t before = out->len;
    for (size_t size = first;; size = PIECE) {
        size_t len = out->len;
        char *piece = lac_buf_grow(out, size, 1);
        if (piece == NULL) {
            return lac_fail(err, LAC_ERR_MEMORY, "out of memory while reading %s", path);
        }
        ssize_t count = read_piece(fd, piece, size);
        if (count < 0) {
            return lac_fail_errno(err, errno, "cannot read %s", path);
        }
        lac_buf_cut(out, len + (size_t)count);
        if (count == 0) {
            return true;
        }
        if (out->len - before > most) {
            return lac_fail(err, LAC_ERR_LIMIT, "%s is larger than %zu bytes", path, most);
        }
    }
}

bool lac_file_read(const char *path, size_t most, struct lac_buf *out, struct lac_error *err) {
    int fd = open_file(path, O_RDONLY, 0);
    if (fd < 0) {
        return lac_fail_errno(err, errno, "cannot read %s", path);
    }
    struct stat facts;
    bool ok = fstat(fd, &facts) == 0 || lac_fail_errno(err, errno, "cannot read %s", path);
    bool regular = ok && S_ISREG(facts.st_mode);
    if (regular && (uintmax_t)facts.st_size > most) {
        ok = lac_fail(err, LAC_ERR_LIMIT, "%s is larger than %zu bytes", path, most);
    }
    ok = ok && read_all(fd, path, regular ? (size_t)facts.st_size + 1 : PIECE, most, out, err);
    close(fd);
    return ok;
}

bool lac_file_draft(struct lac_file_draft *draft, const char *path,
                    const struct lac_file_mode *mode, struct lac_error *err) {
    mode_t bits = mode->executable ? 0777 : 0666;
    bits &= mode->owner_only ? 0700 : 0777;
    size_t size = strlen(path) + sizeof ".4294967295.1000.tmp";
    draft->path = malloc(size);
    if (draft->path == NULL) {
        return lac_fail(err, LAC_ERR_MEMORY, "out of memory while writing %s", path);
    }
    for (int i = 0; i < MOST_DRAFTS; i++) {
        snprintf(draft->path, size, "%s.%u.%d.tmp", path, (unsigned)getpid(), i);
        draft->fd = open_file(draft->path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, bits);
        if (draft->fd >= 0 || errno != EEXIST) {
            break;
        }
    }
    draft->open = draft->fd >= 0;
    if (!draft->open) {
        int number = errno;
        lac_file_draft_drop(draft);
        return lac_fail_errno(err, number, "cannot write %s", path);
    }
    return true;
}

bool lac_file_draft_add(struct lac_file_draft *draft, struct lac_str bytes, struct lac_error *err) {
    return lac_file_write_all(draft->fd, bytes) ||
           lac_fail_errno(err, errno, "cannot write %s", draft->path);
}

/* The rename itself is on the disk only when the folder is. */
static bool sync_folder_of(const char *path) {
    const char *slash = strrchr(path, '/');
    char *folder = slash == NULL   ? strdup(".")
                   : slash == path ? strdup("/")
                                   : strndup(path, (size_t)(slash - path));
    int fd = folder == NULL ? -1 : open_file(folder, O_RDONLY | O_DIRECTORY, 0);
    bool ok = fd >= 0 && fsync(fd) == 0;
    if (fd >= 0) {
        close(fd);
    }
    free(folder);
    return ok;
}

bool lac_file_draft_keep(struct lac_file_draft *draft, const char *path,
                         const struct lac_file_mode *mode, struct lac_error *err) {
    bool ok = !mode->sync || fsync(draft->fd) == 0;
    draft->open = false;
    ok = close(draft->fd) == 0 && ok && rename(draft->path, path) == 0;
    if (ok) {
        free(draft->path);
        *draft = (struct lac_file_draft){0};
        ok = !mode->sync || sync_folder_of(path);
    }
    int number = errno;
    lac_file_draft_drop(draft);
    return ok || lac_fail_errno(err, number, "cannot write %s", path);
}

void lac_file_draft_drop(struct lac_file_draft *draft) {
    if (draft->open) {
        close(draft->fd);
    }
    if (draft->path != NULL) {
        unlink(draft->path);
        free(draft->path);
    }
    *draft = (struct lac_file_draft){0};
}

bool lac_file_write(const char *path, struct lac_str bytes, const struct lac_file_mode *mode,
                    struct lac_error *err) {
    struct lac_file_draft draft = {0};
    bool ok = lac_file_draft(&draft, path, mode, err) && lac_file_draft_add(&draft, bytes, err) &&
              lac_file_draft_keep(&draft, path, mode, err);
    lac_file_draft_drop(&draft);
    return ok;
}

/* Writes and closes; an `fd` of -1 is the failure to open. */
static bool write_and_close(int fd, struct lac_str bytes, const char *what, const char *path,
                            struct lac_error *err) {
    bool ok = fd >= 0 && lac_file_write_all(fd, bytes);
    int number = errno;
    if (fd >= 0 && close(fd) != 0 && ok) {
        number = errno;
        ok = false;
    }
    return ok || lac_fail_errno(err, number, "cannot %s %s", what, path);
}

bool lac_file_make(const char *path, struct lac_str bytes, bool executable, struct lac_error *err) {
    int flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW;
    int fd = open_file(path, flags, executable ? 0777 : 0666);
    return write_and_close(fd, bytes, "make", path, err);
}

bool lac_file_append(const char *path, struct lac_str bytes, struct lac_error *err) {
    int fd = open_file(path, O_WRONLY | O_CREAT | O_APPEND, 0666);
    return write_and_close(fd, bytes, "append to", path, err);
}

bool lac_file_shorten(const char *path, uint64_t size, struct lac_error *err) {
    int fd = open_file(path, O_WRONLY, 0);
    struct stat facts;
    bool ok = fd >= 0 && fstat(fd, &facts) == 0 &&
              ((uint64_t)facts.st_size <= size || ftruncate(fd, (off_t)size) == 0);
    int number = errno;
    if (fd >= 0) {
        close(fd);
    }
    return ok || lac_fail_errno(err, number, "cannot shorten %s", path);
}

bool lac_file_stat(const char *path, struct lac_file_facts *out, struct lac_error *err) {
    struct stat facts;
    if (lstat(path, &facts) != 0) {
        return lac_fail_errno(err, errno, "cannot look at %s", path);
    }
    *out = (struct lac_file_facts){
        .kind = S_ISREG(facts.st_mode)   ? LAC_FILE_REGULAR
                : S_ISDIR(facts.st_mode) ? LAC_FILE_FOLDER
                : S_ISLNK(facts.st_mode) ? LAC_FILE_LINK
                                         : LAC_FILE_OTHER,
        .size = (uint64_t)facts.st_size,
        .modified = (double)facts.st_mtim.tv_sec + (double)facts.st_mtim.tv_nsec / 1e9,
        .executable = (facts.st_mode & S_IXUSR) != 0,
    };
    return true;
}

bool lac_file_exists(const char *path) {
    return access(path, F_OK) == 0;
}

bool lac_file_remove(const char *path, struct lac_error *err) {
    return unlink(path) == 0 || errno == ENOENT ||
           lac_fail_errno(err, errno, "cannot remove %s", path);
}

bool lac_file_rename(const char *from, const char *to, struct lac_error *err) {
    return rename(from, to) == 0 || lac_fail_errno(err, errno, "cannot rename %s to %s", from, to);
}

static bool copy_pieces(int fd, const char *from, struct lac_file_draft *draft,
                        struct lac_error *err) {
    char piece[PIECE];
    ssize_t count;
    while ((count = read_piece(fd, piece, sizeof piece)) > 0) {
        if (!lac_file_draft_add(draft, (struct lac_str){piece, (size_t)count}, err)) {
            return false;
        }
    }
    return count == 0 || lac_fail_errno(err, errno, "cannot read %s", from);
}

bool lac_file_copy(const char *from, const char *to, struct lac_error *err) {
    int fd = open_file(from, O_RDONLY, 0);
    struct stat facts;
    if (fd < 0 || fstat(fd, &facts) != 0) {
        int number = errno;
        if (fd >= 0) {
            close(fd);
        }
        return lac_fail_errno(err, number, "cannot read %s", from);
    }
    struct lac_file_mode mode = {.executable = (facts.st_mode & S_IXUSR) != 0,
                                 .owner_only = (facts.st_mode & 077) == 0};
    struct lac_file_draft draft = {0};
    bool ok = lac_file_draft(&draft, to, &mode, err) && copy_pieces(fd, from, &draft, err) &&
              lac_file_draft_keep(&draft, to, &mode, err);
    lac_file_draft_drop(&draft);
    close(fd);
    return ok;
}

bool lac_file_lock(const char *path, bool shared, int *fd, struct lac_error *err) {
    *fd = open_file(path, O_RDWR | O_CREAT, 0600);
    if (*fd < 0) {
        return lac_fail_errno(err, errno, "cannot lock %s", path);
    }
    if (flock(*fd, (shared ? LOCK_SH : LOCK_EX) | LOCK_NB) != 0) {
        int number = errno;
        close(*fd);
        *fd = -1;
        return lac_fail_errno(err, number, "cannot lock %s", path);
    }
    return true;
}
