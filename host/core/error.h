/* error.h — the one error value of the core. The caller owns it, on its stack; it never allocates.
 */
#ifndef LAC_ERROR_H
#define LAC_ERROR_H

#include <stdbool.h>

enum lac_error_kind {
    LAC_OK = 0,
    LAC_ERR_INPUT,     /* the caller's data cannot mean anything */
    LAC_ERR_MEMORY,    /* an allocation failed */
    LAC_ERR_SYSTEM,    /* the operating system said no: a file, a directory, a process */
    LAC_ERR_NETWORK,   /* no answer came from the other side */
    LAC_ERR_SERVICE,   /* AWS answered, and the answer was no */
    LAC_ERR_LIMIT,     /* outside bytes went past a bound that was set for them */
    LAC_ERR_INTERRUPT, /* the user asked to stop */
};

struct lac_error {
    enum lac_error_kind kind;
    int status;     /* HTTP status, when there is one */
    bool retryable; /* the same call may succeed later */
    char code[64];  /* AWS's code (NoSuchBucket), errno's name (ENOENT), or "" */
    char message[512];
};

/* Sets `err` and returns false, so that a failing function ends in one line. */
bool lac_fail(struct lac_error *err, enum lac_error_kind kind, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* The same for errno, whose number becomes the code and whose text ends the message:
 * lac_fail_errno(err, errno, "cannot read %s", path) -> "cannot read x.lua: No such file or
 * directory". */
bool lac_fail_errno(struct lac_error *err, int number, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#ifdef __clang_analyzer__ /* it reads one file at a time, and is told here what false means */
#define lac_fail(...) ((lac_fail)(__VA_ARGS__), false)
#define lac_fail_errno(...) ((lac_fail_errno)(__VA_ARGS__), false)
#endif

#endif
