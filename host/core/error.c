#include "core/error.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#undef lac_fail /* see the header */
#undef lac_fail_errno

static const char *name_of(int number) {
    switch (number) {
    case EACCES:
        return "EACCES";
    case EADDRINUSE:
        return "EADDRINUSE";
    case EAGAIN:
        return "EAGAIN";
    case ECHILD:
        return "ECHILD";
    case ECONNREFUSED:
        return "ECONNREFUSED";
    case EEXIST:
        return "EEXIST";
    case EISDIR:
        return "EISDIR";
    case ELOOP:
        return "ELOOP";
    case EMFILE:
        return "EMFILE";
    case ENAMETOOLONG:
        return "ENAMETOOLONG";
    case ENOENT:
        return "ENOENT";
    case ENOMEM:
        return "ENOMEM";
    case ENOSPC:
        return "ENOSPC";
    case ENOTDIR:
        return "ENOTDIR";
    case ENOTEMPTY:
        return "ENOTEMPTY";
    case EPERM:
        return "EPERM";
    case EROFS:
        return "EROFS";
    default:
        return "";
    }
}

static void set(struct lac_error *err, enum lac_error_kind kind, const char *format, va_list args) {
    *err = (struct lac_error){.kind = kind};
    vsnprintf(err->message, sizeof err->message, format, args);
}

bool lac_fail(struct lac_error *err, enum lac_error_kind kind, const char *format, ...) {
    va_list args;
    va_start(args, format);
    set(err, kind, format, args);
    va_end(args);
    return false;
}

bool lac_fail_errno(struct lac_error *err, int number, const char *format, ...) {
    va_list args;
    va_start(args, format);
    set(err, LAC_ERR_SYSTEM, format, args);
    va_end(args);
    size_t len = strlen(err->message);
    snprintf(err->message + len, sizeof err->message - len, ": %s", strerror(number));
    snprintf(err->code, sizeof err->code, "%s", name_of(number));
    return false;
}
