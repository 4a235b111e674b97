/* folder.h — folders, the trees below them, and where the program stands. Errors as in file.h. */
#ifndef LAC_FOLDER_H
#define LAC_FOLDER_H

#include "core/buf.h"
#include "core/error.h"

/* A list of names, each owned and NUL-terminated. `{0}` is an empty one. */
struct lac_names {
    char **items;
    size_t count, cap;
};

void lac_names_free(struct lac_names *names);

/* The names in a folder, sorted by their bytes, without "." and "..". */
bool lac_folder_list(const char *folder, struct lac_names *out, struct lac_error *err);

/* Everything below a folder that is no folder itself, as paths relative to it, sorted by their
 * bytes. A link is listed and not followed. Past `most` paths or folders: LAC_ERR_LIMIT. */
bool lac_folder_walk(const char *folder, size_t most, struct lac_names *out, struct lac_error *err);

/* Makes a folder and those above it; one that is there is a success. */
bool lac_folder_make(const char *path, struct lac_error *err);

/* Removes a folder and all in it, sealed or not; an absent one is a success. Links, `path`
 * included, are removed and never followed, even when someone puts one there meanwhile. */
bool lac_folder_remove(const char *path, struct lac_error *err);

/* Takes the right to write from a folder and from all in it. Links are left alone and not followed.
 * root writes nonetheless. */
bool lac_folder_seal(const char *path, struct lac_error *err);

/* Makes a new folder that only the user may enter, below `parent` (NULL: TMPDIR, else /tmp), and
 * appends its path. */
bool lac_folder_temporary(const char *parent, struct lac_buf *out, struct lac_error *err);

/* Append a path: absolute, without links and dots; of the current folder; of the program's file. */
bool lac_path_real(const char *path, struct lac_buf *out, struct lac_error *err);
bool lac_path_current_folder(struct lac_buf *out, struct lac_error *err);
bool lac_path_program(struct lac_buf *out, struct lac_error *err);

#endif
