/* vtl_method.h — the methods that templates may call, by number. */
#ifndef LAC_VTL_METHOD_H
#define LAC_VTL_METHOD_H

#include "core/buf.h"

/* In the order of their names' bytes. */
#define LAC_VTL_METHODS(X)                                                                         \
    X(add)                                                                                         \
    X(addAll)                                                                                      \
    X(base64Decode)                                                                                \
    X(base64Encode)                                                                                \
    X(booleanValue)                                                                                \
    X(charAt)                                                                                      \
    X(clear)                                                                                       \
    X(compareTo)                                                                                   \
    X(concat)                                                                                      \
    X(contains)                                                                                    \
    X(containsKey)                                                                                 \
    X(containsValue)                                                                               \
    X(doubleValue)                                                                                 \
    X(endsWith)                                                                                    \
    X(entrySet)                                                                                    \
    X(equals)                                                                                      \
    X(equalsIgnoreCase)                                                                            \
    X(escapeJavaScript)                                                                            \
    X(get)                                                                                         \
    X(getClass)                                                                                    \
    X(getCount)                                                                                    \
    X(getIndex)                                                                                    \
    X(getKey)                                                                                      \
    X(getOrDefault)                                                                                \
    X(getValue)                                                                                    \
    X(hasNext)                                                                                     \
    X(indexOf)                                                                                     \
    X(intValue)                                                                                    \
    X(isEmpty)                                                                                     \
    X(isFirst)                                                                                     \
    X(isLast)                                                                                      \
    X(json)                                                                                        \
    X(keySet)                                                                                      \
    X(lastIndexOf)                                                                                 \
    X(length)                                                                                      \
    X(longValue)                                                                                   \
    X(matches)                                                                                     \
    X(params)                                                                                      \
    X(parseDouble)                                                                                 \
    X(parseInt)                                                                                    \
    X(parseJson)                                                                                   \
    X(parseLong)                                                                                   \
    X(path)                                                                                        \
    X(put)                                                                                         \
    X(putAll)                                                                                      \
    X(putIfAbsent)                                                                                 \
    X(remove)                                                                                      \
    X(replace)                                                                                     \
    X(replaceAll)                                                                                  \
    X(replaceFirst)                                                                                \
    X(set)                                                                                         \
    X(size)                                                                                        \
    X(split)                                                                                       \
    X(startsWith)                                                                                  \
    X(subList)                                                                                     \
    X(substring)                                                                                   \
    X(toLowerCase)                                                                                 \
    X(toString)                                                                                    \
    X(toUpperCase)                                                                                 \
    X(trim)                                                                                        \
    X(urlDecode)                                                                                   \
    X(urlEncode)                                                                                   \
    X(values)

#define LAC_VTL_METHOD_ITEM(name) LAC_VTL_M_##name,
enum lac_vtl_method { LAC_VTL_METHODS(LAC_VTL_METHOD_ITEM) LAC_VTL_M_UNKNOWN };

/* LAC_VTL_M_UNKNOWN when there is none of this name. */
enum lac_vtl_method lac_vtl_method(struct lac_str name);

#endif
