#include "core/late.h"

#include <dlfcn.h>
#include <string.h>

bool lac_late_open(const char *library, const struct lac_late_symbol *symbols, size_t count,
                   struct lac_error *err) {
    void *handle = dlopen(library, RTLD_LAZY | RTLD_LOCAL);
    if (handle == NULL) {
        return lac_fail(err, LAC_ERR_SYSTEM, "the library %s cannot be loaded: %s", library,
                        dlerror());
    }
    for (size_t i = 0; i < count; i++) {
        void *address = dlsym(handle, symbols[i].name);
        if (address == NULL) {
            dlclose(handle);
            return lac_fail(err, LAC_ERR_SYSTEM, "the library %s has no %s", library,
                            symbols[i].name);
        }
        memcpy(symbols[i].slot, &address, sizeof address);
    }
    return true;
}
