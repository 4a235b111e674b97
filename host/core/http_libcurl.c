/* http_libcurl.c — where libcurl comes from: linked in, or the system's, which brings some thirty
 * libraries along and is therefore opened by the first request. */
#include "core/http_private.h"

#ifdef LAC_LINKED_LIBCURL

#define ROW(name) .name = curl_##name,

struct lac_curl lac_curl = {LAC_CURL_FUNCTIONS(ROW)};

bool lac_http_open_libcurl(struct lac_error *err) {
    (void)err;
    return true;
}

#else

#include "core/late.h"

#define ROW(name) {"curl_" #name, &lac_curl.name},

struct lac_curl lac_curl;

bool lac_http_open_libcurl(struct lac_error *err) {
    static const struct lac_late_symbol symbols[] = {LAC_CURL_FUNCTIONS(ROW)};
    return lac_late_open("libcurl.so.4", symbols, sizeof symbols / sizeof *symbols, err);
}

#endif
