/* late.h — shared libraries that are opened when they are first needed. libcurl alone brings some
 * thirty others along, and a command that sends nothing should not wait for them.
 *
 *     #define FUNCTIONS(X) X(easy_init) X(easy_perform)
 *     #define FIELD(name) __typeof__(&curl_##name) name;
 *     static struct { FUNCTIONS(FIELD) } curl;
 *     #define ROW(name) {"curl_" #name, &curl.name},
 *     static const struct lac_late_symbol symbols[] = {FUNCTIONS(ROW)};
 *
 * and calls curl.easy_init() once lac_late_open has answered true. */
#ifndef LAC_LATE_H
#define LAC_LATE_H

#include <stdbool.h>
#include <stddef.h>

#include "core/error.h"

struct lac_late_symbol {
    const char *name;
    void *slot; /* the address of a function pointer */
};

/* Opens the library and fills every slot. The library stays open until the program ends. A library
 * or a symbol that is not there is an error of kind system that names it. Call it once: the user
 * keeps a flag. */
bool lac_late_open(const char *library, const struct lac_late_symbol *symbols, size_t count,
                   struct lac_error *err);

#endif
