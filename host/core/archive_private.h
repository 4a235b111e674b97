/* archive_private.h — what archive.c, which writes, and archive_read.c share: libzip, and which
 * names are allowed. */
#ifndef LAC_ARCHIVE_PRIVATE_H
#define LAC_ARCHIVE_PRIVATE_H

#include <zip.h>

#include "core/archive.h"

/* Whether it is a relative path in its one form: UTF-8 without control characters and "\\", parts
 * between single slashes, none of them "." or "..". */
bool lac_archive_is_safe_name(const char *name, size_t len);

/* Fails, and shows what of the name can be shown. */
bool lac_archive_refuse_name(const char *name, struct lac_error *err);

#endif
