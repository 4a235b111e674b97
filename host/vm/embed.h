/* embed.h — the scripts inside the program, sorted by module name: as source in the
 * host, as byte code in the runtime. */
#ifndef LAC_EMBED_H
#define LAC_EMBED_H

#include <stddef.h>

/* embed.S lays these out. */
struct lac_script {
    const char *module;    /* engine.model */
    const char *chunkname; /* @lua/engine/model.lua: what a traceback shows */
    const unsigned char *bytes;
    size_t len;
};

extern const struct lac_script lac_scripts[];
extern const size_t lac_script_count;

#endif
