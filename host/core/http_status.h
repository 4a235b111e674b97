/* http_status.h — the words of HTTP's status codes (RFC 9110, 15; IANA's registry). */
#ifndef LAC_HTTP_STATUS_H
#define LAC_HTTP_STATUS_H

/* "Not Found" of 404; "Unknown" of one that nobody has registered. */
const char *lac_http_status_reason(unsigned status);

#endif
