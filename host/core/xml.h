/* xml.h — XML answers as a tree, over expat, within bounds.
 *
 * A document type is taken for what it is, but entity declarations are refused: nothing expands,
 * nothing is fetched. Names lose their namespace's prefix; comments and processing instructions are
 * skipped. */
#ifndef LAC_XML_H
#define LAC_XML_H

#include "core/buf.h"
#include "core/error.h"

struct lac_xml_limits {
    size_t max_bytes, max_depth, max_nodes; /* 0: 16 MiB, 64, 200,000 */
};

/* What is found, in the document's order. Elements nest; the text of one may come in pieces. A
 * callback that returns false stops the parser, which then fails with LAC_ERR_MEMORY. */
struct lac_xml_visitor {
    bool (*start)(void *context, struct lac_str name);
    bool (*attribute)(void *context, struct lac_str name, struct lac_str value);
    bool (*text)(void *context, struct lac_str text);
    bool (*end)(void *context);
    void *context;
};

/* Fails as LAC_ERR_INPUT, with line and column, for what is no XML; as LAC_ERR_LIMIT past a limit.
 * An element and an attribute are a node each. */
bool lac_xml_parse(struct lac_str text, const struct lac_xml_limits *limits,
                   const struct lac_xml_visitor *visitor, struct lac_error *err);

/* & < > " ' and control characters, made safe for text and attributes. What XML 1.0 cannot say at
 * all (most control characters, bytes that are no UTF-8) becomes U+FFFD. */
void lac_xml_escape(struct lac_str text, struct lac_buf *out);

#endif
