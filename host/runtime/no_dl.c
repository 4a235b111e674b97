/* no_dl.c — what a static program has no use for, in the place of libc's own: the loader of shared
 * objects, which would search Lambda's file system for another libc, and the names of hosts and
 * services, which need that loader (c-ares resolves hosts); and libcrypto's list of all its
 * ciphers, which is for those who ask by their old names: TLS does not, and they would take 160 kB.
 * The linker puts each __wrap_f where Lua, libcrypto and c-ares call f. */
#include <errno.h>
#include <netdb.h>
#include <stddef.h>

void *__wrap_dlopen(const char *file, int mode);
void *__wrap_dlsym(void *handle, const char *name);
int __wrap_dlclose(void *handle);
char *__wrap_dlerror(void);
int __wrap_getaddrinfo(const char *host, const char *service, const struct addrinfo *hints,
                       struct addrinfo **out);
struct hostent *__wrap_gethostbyname(const char *name);
struct servent *__wrap_getservbyname(const char *name, const char *protocol);
int __wrap_getservbyport_r(int port, const char *protocol, struct servent *space, char *buffer,
                           size_t length, struct servent **out);
void __wrap_openssl_add_all_ciphers_int(void);

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

struct servent *__wrap_getservbyname(const char *name, const char *protocol) {
    (void)name, (void)protocol;
    return NULL;
}

int __wrap_getservbyport_r(int port, const char *protocol, struct servent *space, char *buffer,
                           size_t length, struct servent **out) {
    (void)port, (void)protocol, (void)space, (void)buffer, (void)length;
    *out = NULL;
    return ENOENT;
}

void __wrap_openssl_add_all_ciphers_int(void) {
}
