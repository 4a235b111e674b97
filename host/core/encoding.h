/* encoding.h — bytes as text: hexadecimal and base64 (RFC 4648). The decoders are strict: base64
 * wants its padding, base64url has none, and nothing takes white space or bits that say nothing. */
#ifndef LAC_ENCODING_H
#define LAC_ENCODING_H

#include "core/buf.h"
#include "core/error.h"

/* Lower-case digits. */
void lac_hex_add(struct lac_str bytes, struct lac_buf *out);

/* Digits of either case. The value of one of them, or -1: */
bool lac_hex_decode(struct lac_str text, struct lac_buf *out, struct lac_error *err);
int lac_hex_digit(char digit);

void lac_base64_add(struct lac_str bytes, struct lac_buf *out);
bool lac_base64_decode(struct lac_str text, struct lac_buf *out, struct lac_error *err);

/* With '-' and '_', and without padding: as JSON web tokens have it (RFC 7515, 2). */
void lac_base64url_add(struct lac_str bytes, struct lac_buf *out);
bool lac_base64url_decode(struct lac_str text, struct lac_buf *out, struct lac_error *err);

#endif
