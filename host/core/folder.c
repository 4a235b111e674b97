#include "core/folder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define OPEN_FOLDER (O_RDONLY | O_DIRECTORY | O_CLOEXEC)
#define MODE_BITS 07777U
#define WRITE_BITS (unsigned)(S_IWUSR | S_IWGRP | S_IWOTH)

void lac_names_free(struct lac_names *names) {
    for (size_t i = 0; i < names->count; i++) {
        free(names->items[i]);
    }
    free(names->items);
    *names = (struct lac_names){0};
}

static bool out_of_memory(struct lac_error *err) {
    return lac_fail(err, LAC_ERR_MEMORY, "out of memory while reading a folder");
}

/* Adds "prefix/name", or the name alone. */
static bool add_name(struct lac_names *names, const char *prefix, const char *name,
                     struct lac_error *err) {
    if (names->count == names->cap) {
        size_t cap = names->cap == 0 ? 16 : names->cap * 2;
        char **items = realloc(names->items, cap * sizeof *items);
        if (items == NULL) {
            return out_of_memory(err);
        }
        names->items = items;
        names->cap = cap;
    }
    struct lac_buf path = {0};
    if (*prefix != '\0') {
        lac_buf_adds(&path, (struct lac_str){prefix, strlen(prefix)}, LAC_STR("/"));
    }
    lac_buf_add(&path, (struct lac_str){name, strlen(name)});
    if (path.failed) {
        lac_buf_free(&path);
        return out_of_memory(err);
    }
    names->items[names->count++] = path.data;
    return true;
}

static int compare_names(const void *a, const void *b) {
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static void sort_names(struct lac_names *names) {
    if (names->count > 1) {
        qsort(names->items, names->count, sizeof *names->items, compare_names);
    }
}

static bool is_dots(const char *name) {
    return strcmp(name, ".") == 0 || strcmp(name, "..") == 0;
}

/* Takes over `fd`. */
static bool read_names(int fd, const char *folder, struct lac_names *out, struct lac_error *err) {
    DIR *dir = fdopendir(fd);
    if (dir == NULL) {
        int number = errno;
        close(fd);
        return lac_fail_errno(err, number, "cannot read folder %s", folder);
    }
    bool ok = true;
    struct dirent *entry;
    errno = 0;
    while (ok && (entry = readdir(dir)) != NULL) {
        ok = is_dots(entry->d_name) || add_name(out, "", entry->d_name, err);
        errno = 0;
    }
    if (ok && errno != 0) {
        ok = lac_fail_errno(err, errno, "cannot read folder %s", folder);
    }
    closedir(dir);
    return ok;
}

bool lac_folder_list(const char *folder, struct lac_names *out, struct lac_error *err) {
    int fd = open(folder, OPEN_FOLDER);
    if (fd < 0) {
        return lac_fail_errno(err, errno, "cannot read folder %s", folder);
    }
    bool ok = read_names(fd, folder, out, err);
    sort_names(out);
    return ok;
}

/* Sorts what is in one folder of the tree (`below` the root at `root`) into folders and the rest.
 */
static bool walk_folder(int root, const char *below, struct lac_names *folders,
                        struct lac_names *out, struct lac_error *err) {
    int fd = openat(root, *below == '\0' ? "." : below, OPEN_FOLDER | O_NOFOLLOW);
    if (fd < 0) {
        return lac_fail_errno(err, errno, "cannot read folder %s", below);
    }
    DIR *dir = fdopendir(fd);
    if (dir == NULL) {
        int number = errno;
        close(fd);
        return lac_fail_errno(err, number, "cannot read folder %s", below);
    }
    bool ok = true;
    struct dirent *entry;
    while (ok && (entry = readdir(dir)) != NULL) {
        struct stat facts;
        if (is_dots(entry->d_name)) {
            continue;
        }
        ok = fstatat(fd, entry->d_name, &facts, AT_SYMLINK_NOFOLLOW) == 0
                 ? add_name(S_ISDIR(facts.st_mode) ? folders : out, below, entry->d_name, err)
                 : lac_fail_errno(err, errno, "cannot look at %s/%s", below, entry->d_name);
    }
    closedir(dir);
    return ok;
}

bool lac_folder_walk(const char *folder, size_t most, struct lac_names *out,
                     struct lac_error *err) {
    int root = open(folder, OPEN_FOLDER);
    if (root < 0) {
        return lac_fail_errno(err, errno, "cannot read folder %s", folder);
    }
    struct lac_names folders = {0};
    bool ok = walk_folder(root, "", &folders, out, err);
    for (size_t i = 0; ok && i < folders.count; i++) {
        ok = walk_folder(root, folders.items[i], &folders, out, err);
        if (ok && (out->count > most || folders.count > most)) {
            ok = lac_fail(err, LAC_ERR_LIMIT, "%s holds more than %zu files", folder, most);
        }
    }
    if (ok && out->count > most) {
        ok = lac_fail(err, LAC_ERR_LIMIT, "%s holds more than %zu files", folder, most);
    }
    lac_names_free(&folders);
    close(root);
    sort_names(out);
    return ok;
}

static bool is_folder(const char *path) {
    struct stat facts;
    return stat(path, &facts) == 0 && S_ISDIR(facts.st_mode);
}

static bool make_one(const char *path, struct lac_error *err) {
    if (mkdir(path, 0777) == 0) {
        return true;
    }
    int number = errno;
    return is_folder(path) || lac_fail_errno(err, number, "cannot make folder %s", path);
}

bool lac_folder_make(const char *path, struct lac_error *err) {
    if (is_folder(path)) {
        return true;
    }
    char *part = strdup(path);
    if (part == NULL) {
        return out_of_memory(err);
    }
    bool ok = true;
    for (char *slash = strchr(part + (*part != '\0'), '/'); ok && slash != NULL;
         slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        ok = make_one(part, err);
        *slash = '/';
    }
    ok = ok && make_one(part, err);
    free(part);
    return ok;
}

static bool remove_at(int parent, const char *name, struct lac_error *err);

/* The names in an open folder, all read before anything is done to them: a folder that changes
 * while it is read may be read twice or not at all. */
static bool names_at(int fd, const char *name, struct lac_names *out, struct lac_error *err) {
    int copy = fcntl(fd, F_DUPFD_CLOEXEC, 0);
    return copy >= 0 ? read_names(copy, name, out, err)
                     : lac_fail_errno(err, errno, "cannot read folder %s", name);
}

/* Lets the owner change a sealed folder again; where that fails, removing tells why. */
static void unseal(int fd) {
    struct stat facts;
    if (fstat(fd, &facts) == 0 && (facts.st_mode & S_IWUSR) == 0) {
        fchmod(fd, (facts.st_mode & MODE_BITS) | S_IWUSR);
    }
}

/* Takes over `fd`, an open folder. */
static bool remove_contents(int fd, const char *name, struct lac_error *err) {
    struct lac_names names = {0};
    unseal(fd);
    bool ok = names_at(fd, name, &names, err);
    for (size_t i = 0; ok && i < names.count; i++) {
        ok = remove_at(fd, names.items[i], err);
    }
    lac_names_free(&names);
    close(fd);
    return ok;
}

static bool remove_at(int parent, const char *name, struct lac_error *err) {
    int fd = openat(parent, name, OPEN_FOLDER | O_NOFOLLOW);
    if (fd >= 0) {
        return remove_contents(fd, name, err) &&
               (unlinkat(parent, name, AT_REMOVEDIR) == 0 || errno == ENOENT ||
                lac_fail_errno(err, errno, "cannot remove folder %s", name));
    }
    if (errno == ENOTDIR || errno == ELOOP) { /* a file, or a link */
        fd = unlinkat(parent, name, 0);
    }
    return fd == 0 || errno == ENOENT || lac_fail_errno(err, errno, "cannot remove %s", name);
}

bool lac_folder_remove(const char *path, struct lac_error *err) {
    return remove_at(AT_FDCWD, path, err);
}

static bool seal_at(int parent, const char *name, struct lac_error *err);

/* Takes over `fd`, an open folder. */
static bool seal_contents(int fd, const char *name, struct lac_error *err) {
    struct lac_names names = {0};
    bool ok = names_at(fd, name, &names, err);
    for (size_t i = 0; ok && i < names.count; i++) {
        ok = seal_at(fd, names.items[i], err);
    }
    lac_names_free(&names);
    close(fd);
    return ok;
}

static bool seal_at(int parent, const char *name, struct lac_error *err) {
    struct stat facts;
    if (fstatat(parent, name, &facts, AT_SYMLINK_NOFOLLOW) != 0) {
        return lac_fail_errno(err, errno, "cannot look at %s", name);
    }
    if (S_ISDIR(facts.st_mode)) {
        int fd = openat(parent, name, OPEN_FOLDER | O_NOFOLLOW);
        if (fd < 0) {
            return lac_fail_errno(err, errno, "cannot read folder %s", name);
        }
        if (!seal_contents(fd, name, err)) {
            return false;
        }
    }
    return S_ISLNK(facts.st_mode) ||
           fchmodat(parent, name, facts.st_mode & MODE_BITS & ~WRITE_BITS, 0) == 0 ||
           lac_fail_errno(err, errno, "cannot seal %s", name);
}

bool lac_folder_seal(const char *path, struct lac_error *err) {
    return seal_at(AT_FDCWD, path, err);
}

bool lac_folder_temporary(const char *parent, struct lac_buf *out, struct lac_error *err) {
    const char *chosen = parent != NULL ? parent : getenv("TMPDIR");
    if (chosen == NULL || *chosen == '\0') {
        chosen = "/tmp";
    }
    struct lac_buf path = {0};
    lac_buf_adds(&path, (struct lac_str){chosen, strlen(chosen)}, LAC_STR("/laconic-XXXXXX"));
    bool ok = !path.failed || out_of_memory(err);
    if (ok && mkdtemp(path.data) == NULL) {
        ok = lac_fail_errno(err, errno, "cannot make a folder in %s", chosen);
    }
    if (ok) {
        lac_buf_add(out, lac_buf_view(&path));
    }
    lac_buf_free(&path);
    return ok;
}

bool lac_path_real(const char *path, struct lac_buf *out, struct lac_error *err) {
    char *real = realpath(path, NULL);
    if (real == NULL) {
        return lac_fail_errno(err, errno, "cannot find %s", path);
    }
    lac_buf_add(out, (struct lac_str){real, strlen(real)});
    free(real);
    return true;
}

bool lac_path_current_folder(struct lac_buf *out, struct lac_error *err) {
    char path[PATH_MAX];
    if (getcwd(path, sizeof path) == NULL) {
        return lac_fail_errno(err, errno, "cannot tell the current folder");
    }
    lac_buf_add(out, (struct lac_str){path, strlen(path)});
    return true;
}

bool lac_path_program(struct lac_buf *out, struct lac_error *err) {
    char path[PATH_MAX];
    ssize_t len = readlink("/proc/self/exe", path, sizeof path);
    if (len < 0) {
        return lac_fail_errno(err, errno, "cannot tell the program's own file");
    }
    lac_buf_add(out, (struct lac_str){path, (size_t)len});
    return true;
}
