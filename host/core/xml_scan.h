/* xml_scan.h — elements by name in the small, flat XML of AWS's answers. Pure, linear, no
 * recursion.
 *
 * Not xml.h, which asks for a document: what S3 and proxies send is not always one. A key with a
 * control character is sent as &#x1;, which XML 1.0 forbids; a refusal may be cut, or quote bytes
 * that are no UTF-8. What such an answer tells (a code, an upload's id) is needed all the same.
 *
 * Elements are found by their bare name, with or without attributes; one may not hold another of
 * its own name. Comments and CDATA sections are not looked for: AWS sends none. */
#ifndef LAC_XML_SCAN_H
#define LAC_XML_SCAN_H

#include "core/buf.h"

/* Takes the next element `name` from the left of `rest`: `inner` is what stands between its tags.
 * False when there is none. */
bool lac_xml_scan_next(struct lac_str *rest, const char *name, struct lac_str *inner);

/* Appends the character data of the first element `name`, entities resolved. */
bool lac_xml_scan_text(struct lac_str text, const char *name, struct lac_buf *out);

#endif
