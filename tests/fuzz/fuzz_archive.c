/* fuzz_archive.c — whatever the bytes, they are an archive that unpacks below its folder, or they
 * are refused and leave nothing. */
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

#include "core/archive.h"
#include "core/file.h"
#include "core/folder.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct lac_archive_limits limits = {
    .max_entries = 100, .max_bytes = 1 << 20, .max_entry_bytes = 1 << 20};

/* The folder of this run, and what is in it. In memory where there is some: disks are slow. */
struct scratch {
    struct lac_buf folder, archive, out;
};

static struct scratch *make_scratch(void) {
    static struct scratch scratch;
    struct lac_error err;
    if (scratch.folder.data == NULL) {
        const char *parent = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : NULL;
        if (!lac_folder_temporary(parent, &scratch.folder, &err)) {
            abort();
        }
        lac_buf_addf(&scratch.archive, "%s/x.zip", scratch.folder.data);
        lac_buf_addf(&scratch.out, "%s/out", scratch.folder.data);
    }
    return &scratch;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    const struct scratch *scratch = make_scratch();
    struct lac_archive_facts facts;
    struct lac_names names = {0};
    struct lac_error err;
    if (!lac_folder_make(scratch->folder.data, &err) ||
        !lac_file_append(scratch->archive.data, (struct lac_str){(const char *)data, size}, &err)) {
        abort();
    }
    bool ok = lac_archive_extract(scratch->archive.data, scratch->out.data, &limits, &facts, &err);
    if (!lac_folder_list(scratch->folder.data, &names, &err) || names.count != (ok ? 2U : 1U)) {
        abort(); /* something stands beside the folder, or was left behind */
    }
    lac_names_free(&names);
    if (!lac_folder_remove(scratch->folder.data, &err)) {
        abort();
    }
    return 0;
}
