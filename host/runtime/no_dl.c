/* no_dl.c — a static program opens no shared objects: instead of libc's loader, which would search
 * Lambda's file system for another libc, a sentence that says so. */
#include <dlfcn.h>
#include <stddef.h>

void *dlopen(const char *file, int mode) {
    (void)file, (void)mode;
    return NULL;
}

void *dlsym(void *handle, const char *name) {
    (void)handle, (void)name;
    return NULL;
}

int dlclose(void *handle) {
    (void)handle;
    return 0;
}

char *dlerror(void) {
    static char message[] = "the static runtime loads no C modules";
    return message;
}
