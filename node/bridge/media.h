/* Media types as HTTP headers name them: what a body is (Content-Type) and what the client takes
 * (Accept). RFC 9110, sections 8.3 and 12.5.1. Knows nothing of a connection. Any thread. */
#ifndef COMESH_NODE_BRIDGE_MEDIA_H
#define COMESH_NODE_BRIDGE_MEDIA_H

#include "proto/bytes.h"

/* symbol, name as headers carry it */
#define MEDIA_MAP(X)                                                                               \
    X(JSON, "application/json")                                                                    \
    X(XML, "application/xml")                                                                      \
    X(NDJSON, "application/x-ndjson")                                                              \
    X(HTML, "text/html")                                                                           \
    X(TEXT, "text/plain")                                                                          \
    X(PROBLEM, "application/problem+json")                                                         \
    X(PROBLEM_XML, "application/problem+xml")                                                      \
    X(SCHEMA, "application/schema+json")

enum media {
    MEDIA_NONE,
#define MEDIA_ENUM(symbol, name) MEDIA_##symbol,
    MEDIA_MAP(MEDIA_ENUM)
#undef MEDIA_ENUM
        MEDIA_COUNT
};

#define MEDIA_BIT(media) (1u << (media))

/* The version of the dataset, as the media types' parameter `version` names it. */
#define MEDIA_DATASET_VERSION "1"

/* "application/json"; static. */
const char *media_name(enum media media);

/* As media_name, with the charset where it is text: the value of a Content-Type header. Static. */
const char *media_content_type(enum media media);

/* What a Content-Type header says. RESULT_UNSUPPORTED, with a sentence, for another type than those
 * of the table, a charset other than utf-8, a version other than the dataset's, or what is no media
 * type at all. An empty header is MEDIA_NONE. */
enum result media_read(struct text header, enum media *media, struct error *error) RESULT_CHECKED;

/* The best of `offered` (MEDIA_BITs) by an Accept header: of the highest weight, the
 * media that the table names first. An empty header takes anything.
 * MEDIA_NONE when nothing that is offered is accepted. */
enum media media_accepted(struct text header, unsigned offered);

#endif
