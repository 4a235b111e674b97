#include "core/http_trust.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAX_BUNDLE ((off_t)16 << 20) /* those of all authorities take 0.2 MB */

static const char *const variables[] = {"AWS_CA_BUNDLE", "SSL_CERT_FILE", "CURL_CA_BUNDLE"};

#define AMAZON_LINUX "/etc/pki/tls/certs/ca-bundle.crt"
#define DEBIAN "/etc/ssl/certs/ca-certificates.crt"
#define SUSE "/etc/ssl/ca-bundle.pem"
#define ALPINE "/etc/ssl/cert.pem"

static const char *const places[] = {AMAZON_LINUX, DEBIAN, SUSE, ALPINE};

/* Why the file cannot be a bundle; NULL: it may be one. A pipe or a device could keep us reading
 * for ever. */
static const char *judge(const char *path) {
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    struct stat facts;
    const char *reason = NULL;
    if (fd < 0 || fstat(fd, &facts) != 0) {
        reason = strerror(errno);
    } else if (!S_ISREG(facts.st_mode)) {
        reason = "not a file";
    } else if (facts.st_size > MAX_BUNDLE) {
        reason = "longer than 16 MiB";
    }
    if (fd >= 0) {
        close(fd);
    }
    return reason;
}

static bool take(const char *who, const char *path, const char **out, struct lac_error *err) {
    const char *reason = judge(path);
    if (reason != NULL) {
        return lac_fail(err, LAC_ERR_INPUT,
                        "the certificates to trust, named by %s, cannot be read: "
                        "%s: %s",
                        who, path, reason);
    }
    *out = path;
    return true;
}

bool lac_http_find_bundle(const char *asked, const char **out, struct lac_error *err) {
    if (asked != NULL) {
        return take("ca_bundle", asked, out, err);
    }
    for (size_t i = 0; i < sizeof variables / sizeof *variables; i++) {
        const char *path = getenv(variables[i]);
        if (path != NULL && *path != '\0') {
            return take(variables[i], path, out, err);
        }
    }
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        if (judge(places[i]) == NULL) {
            *out = places[i];
            return true;
        }
    }
    return lac_fail(err, LAC_ERR_SYSTEM,
                    "there are no certificates to trust: no " AMAZON_LINUX ", " DEBIAN ", " SUSE
                    ", " ALPINE "; set AWS_CA_BUNDLE or SSL_CERT_FILE to a file of them");
}
