/* datagram.h — one UDP datagram to an agent on this machine, such as X-Ray's daemon.
 *
 * Sent and forgotten: nothing is waited for, and nobody says whether it arrived. The address is a
 * number and not a name, and never leaves the machine: loopback (127.0.0.0/8), or link-local
 * (169.254.0.0/16), where Lambda has its daemon. */
#ifndef LAC_DATAGRAM_H
#define LAC_DATAGRAM_H

#include <stdbool.h>

#include "core/buf.h"
#include "core/error.h"

/* What one datagram of IPv4 carries: 65,535 bytes less the headers of IP and UDP. */
#define LAC_DATAGRAM_MAX ((size_t)65507)

/* `address` is "127.0.0.1:2000". LAC_ERR_INPUT for any other form and for an address elsewhere,
 * LAC_ERR_LIMIT for bytes past LAC_DATAGRAM_MAX, LAC_ERR_NETWORK, retryable when the system only
 * has no room for it now. */
bool lac_datagram_send(const char *address, struct lac_str bytes, struct lac_error *err);

#endif
