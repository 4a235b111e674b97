/* no_dl.c — what a static program has no use for, in the place of libc's own: the loader of shared
 * objects, which would search Lambda's file system for another libc, and the resolver of names,
 * which needs that loader. The linker puts each __wrap_f where Lua and libcrypto call f. */
#include <netdb.h>
#include <stddef.h>

void *__wrap_dlopen(const char *file, int mode);
void *__wrap_dlsym(void *handle, const char *name);
int __wrap_dlclose(void *handle);
char *__wrap_dlerror(void);
int __wrap_getaddrinfo(const char *host, const char *service, const struct addrinfo *hints,
                       struct addrinfo **out);
struct hostent *__wrap_gethostbyname(const char *name);

void *__wrap_dlopen(const char *file, int mode) {
    (void)file, (void)mode;
    return NULL;
}

void *__wrap_dlsym(void *handle, const char *name) {
    (void)handle, (void)name;
    return NULL;
}

int __wrap_dlclose(void *handle) {
    (void)handle;
    return 0;
}

char *__wrap_dlerror(void) {
    static char message[] = "the static runtime loads no C modules";
    return message;
}

int __wrap_getaddrinfo(const char *host, const char *service, const struct addrinfo *hints,
                       struct addrinfo **out) {
    (void)host, (void)service, (void)hints;
    *out = NULL;
    return EAI_FAIL;
}

struct hostent *__wrap_gethostbyname(const char *name) {
    (void)name;
    return NULL;
}
