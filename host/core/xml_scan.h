/* xml_scan.h — elements by name in the small, flat XML of AWS's answers: no document is asked for,
 * so that an answer which is cut or wrong elsewhere still tells what it can. Pure, linear, no
 * recursion. Elements are found by their bare name, with or without attributes; one may not hold
 * another of its own name. */
#ifndef LAC_XML_SCAN_H
#define LAC_XML_SCAN_H

#include "core/buf.h"

/* Takes the next element `name` from the left of `rest`: `inner` is what stands between its tags.
 * False when there is none. */
bool lac_xml_scan_next(struct lac_str *rest, const char *name, struct lac_str *inner);

/* Appends the character data of the first element `name`, entities resolved. */
bool lac_xml_scan_text(struct lac_str text, const char *name, struct lac_buf *out);

#endif
