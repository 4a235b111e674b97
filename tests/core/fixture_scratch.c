#include "fixture_scratch.h"

#include <unistd.h>

#include "core/folder.h"

int make_scratch(void **state) {
    static struct lac_buf folder;
    struct lac_error err;
    if (!lac_folder_temporary(NULL, &folder, &err) || chdir(folder.data) != 0) {
        return -1;
    }
    *state = &folder;
    return 0;
}

int remove_scratch(void **state) {
    struct lac_buf *folder = *state;
    struct lac_error err;
    bool ok = chdir("/") == 0 && lac_folder_remove(folder->data, &err);
    lac_buf_free(folder);
    return ok ? 0 : -1;
}
