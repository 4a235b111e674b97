/* http_trust.h — whose certificates are believed: a file of them, in PEM form, a "bundle". The
 * first of these says which:
 *
 *     what the request asks for
 *     AWS_CA_BUNDLE, SSL_CERT_FILE, CURL_CA_BUNDLE    (an empty one counts as not set)
 *     the system's own: where Amazon Linux, Debian and others keep it
 *
 * What is asked for by name is taken or is an error: it is never passed over for the next. */
#ifndef LAC_HTTP_TRUST_H
#define LAC_HTTP_TRUST_H

#include <stdbool.h>

#include "core/error.h"

/* `asked` is a path, or NULL. The path in `out` is `asked`, the environment's or ours. An error of
 * kind input names the file that cannot be read, and who asked for it; one of kind system, where
 * there is no bundle at all, names the places that were looked at and what to set. */
bool lac_http_find_bundle(const char *asked, const char **out, struct lac_error *err);

#endif
