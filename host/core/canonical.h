/* canonical.h — the canonical forms of a request's path, query and headers: what a signature is
 * computed over, so that both sides see the same bytes. Pure; an allocation that fails latches in
 * the buffers. */
#ifndef LAC_CANONICAL_H
#define LAC_CANONICAL_H

#include "core/buf.h"
#include "core/error.h"
#include "core/headers.h"

/* Collapses . and .. and //, keeping a / at the end. An empty path is /. */
void lac_canonical_dots(struct lac_str path, struct lac_buf *out);

/* Escapes what is neither unreserved nor a / nor an escape already. */
void lac_canonical_escapes(struct lac_str path, struct lac_buf *out);

/* Decodes each name and value, encodes them again, and sorts by name, then value; `a` becomes `a=`.
 * A % that is no escape stands for itself. Pairs called `leave_out` are left out; "" is none. */
void lac_canonical_query(struct lac_str query, struct lac_str leave_out, struct lac_buf *out);

/* Adds a line `name:value` for each name to `lines`, and the names with ; between them to `names`:
 * lower case, sorted, equal names joined with a comma in their order, white space (a folded line's
 * too) collapsed. `only` is the list of names that count; NULL: all of them. A name that no header
 * can have is an error. */
bool lac_canonical_headers(const struct lac_header *headers, size_t count,
                           const struct lac_str *only, size_t only_count, struct lac_buf *lines,
                           struct lac_buf *names, struct lac_error *err);

#endif
