/* launcher.c — the `bootstrap` of services with C modules: a static program without libc, which
 * starts the real one, lib/laconic/runtime, by the loader that travels with it:
 *
 *     lib/laconic/ld-linux-… --inhibit-cache --library-path lib/laconic:/opt/lib RUNTIME
 *
 * (RUNTIME is lib/laconic/runtime),
 * so that nothing depends on the libraries of the machine. All of these stand beside the launcher,
 * wherever it was unpacked. Where that is, the kernel says: as the path that was executed, which
 * needs no /proc; should that be a link to elsewhere, as /proc/self/exe; and Lambda says
 * LAMBDA_TASK_ROOT. */
#include <stddef.h>
#include <stdint.h>

#if defined(__x86_64__)
#define LOADER "ld-linux-x86-64.so.2"
enum { SYS_WRITE = 1, SYS_EXECVE = 59, SYS_EXIT = 60, SYS_READLINKAT = 267 };
__asm__(
    ".globl _start\n"
    "_start:\n"
    "    xor %ebp, %ebp\n"
    "    mov %rsp, %rdi\n"
    "    and $-16, %rsp\n"
    "    call launch\n");
#elif defined(__aarch64__)
#define LOADER "ld-linux-aarch64.so.1"
enum { SYS_WRITE = 64, SYS_EXECVE = 221, SYS_EXIT = 93, SYS_READLINKAT = 78 };
__asm__(
    ".globl _start\n"
    "_start:\n"
    "    mov x29, #0\n"
    "    mov x30, #0\n"
    "    mov x0, sp\n"
    "    bl launch\n");
#else
#error "Lambda runs x86_64 and aarch64"
#endif

#define FOLDER "lib/laconic"
#define MOST 4096

enum { AUX_END = 0, AUX_EXECUTED = 31, HERE = -100 /* AT_FDCWD */ };

void launch(char **stack) __attribute__((noreturn, used));

static long system_call(long number, long a, long b, long c, long d) {
#if defined(__x86_64__)
    register long fourth __asm__("r10") = d;
    long result;
    __asm__ volatile("syscall"
                     : "=a"(result)
                     : "a"(number), "D"(a), "S"(b), "d"(c), "r"(fourth)
                     : "rcx", "r11", "memory");
    return result;
#else
    register long x8 __asm__("x8") = number;
    register long x0 __asm__("x0") = a;
    register long x1 __asm__("x1") = b;
    register long x2 __asm__("x2") = c;
    register long x3 __asm__("x3") = d;
    __asm__ volatile("svc 0" : "+r"(x0) : "r"(x8), "r"(x1), "r"(x2), "r"(x3) : "memory");
    return x0;
#endif
}

/* A path of at most MOST bytes; `len` past MOST says that it did not fit. Never initialized as a
 * whole: that would call libc's memset. */
struct path {
    char text[MOST + 1];
    size_t len;
};

static void add(struct path *path, const char *text) {
    for (; *text != '\0' && path->len <= MOST; text++) {
        path->text[path->len++] = *text;
    }
    path->text[path->len <= MOST ? path->len : MOST] = '\0';
}

static void set(struct path *path, const char *text) {
    path->len = 0;
    add(path, text);
}

/* Cuts "/var/task/bootstrap" to "/var/task/", and "bootstrap" to "". */
static void cut_name(struct path *path) {
    while (path->len > 0 && path->text[path->len - 1] != '/') {
        path->len--;
    }
    path->text[path->len] = '\0';
}

/* Starts what stands in `folder`; returns only when it does not stand there. */
static void start_in(const struct path *folder, char **environment) {
    struct path loader, libraries, program;
    set(&loader, folder->text), add(&loader, FOLDER "/" LOADER);
    set(&libraries, folder->text), add(&libraries, FOLDER ":/opt/lib");
    set(&program, folder->text), add(&program, FOLDER "/runtime");
    const char *words[] = {
        loader.text, "--inhibit-cache", "--library-path", libraries.text, program.text, NULL,
    };
    if (loader.len <= MOST && libraries.len <= MOST && program.len <= MOST) {
        system_call(SYS_EXECVE, (long)loader.text, (long)words, (long)environment, 0);
    }
}

static const char *variable(char **environment, const char *name) {
    for (; *environment != NULL; environment++) {
        const char *at = *environment;
        size_t i = 0;
        while (name[i] != '\0' && at[i] == name[i]) {
            i++;
        }
        if (name[i] == '\0' && at[i] == '=') {
            return at + i + 1;
        }
    }
    return "";
}

/* What the kernel put behind the environment: the path that was executed. */
static const char *executed(char **environment) {
    while (*environment != NULL) {
        environment++;
    }
    const uintptr_t *aux = (const uintptr_t *)(environment + 1);
    for (; aux[0] != AUX_END; aux += 2) {
        if (aux[0] == AUX_EXECUTED) {
            return (const char *)aux[1];
        }
    }
    return "";
}

void launch(char **stack) {
    char **environment = stack + (uintptr_t)stack[0] + 2; /* argc, argv, NULL */
    struct path folder;
    set(&folder, executed(environment));
    if (folder.len <= MOST) {
        cut_name(&folder);
        start_in(&folder, environment);
    }

    long len = system_call(SYS_READLINKAT, HERE, (long)"/proc/self/exe", (long)folder.text, MOST);
    if (len > 0) {
        folder.len = (size_t)len;
        cut_name(&folder);
        start_in(&folder, environment);
    }

    set(&folder, variable(environment, "LAMBDA_TASK_ROOT"));
    add(&folder, "/");
    if (folder.len <= MOST) {
        start_in(&folder, environment);
    }

    static const char message[] =
        "bootstrap: cannot start " FOLDER "/" LOADER ", which must stand beside it\n";
    system_call(SYS_WRITE, 2, (long)message, sizeof message - 1, 0);
    for (;;) {
        system_call(SYS_EXIT, 127, 0, 0, 0);
    }
}
