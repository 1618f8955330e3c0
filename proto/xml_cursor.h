/* XML 1.0 with namespaces, without its meaning: libxml2's reader as a cursor that takes one event
 * at a time, with no document type, no entities, no network and a limited depth. For xml*.c alone.
 * The first failure sticks, with its place. */
#ifndef COMESH_PROTO_XML_CURSOR_H
#define COMESH_PROTO_XML_CURSOR_H

#include "proto/bytes.h"

#define XML_PROBLEM_BYTES 160

enum xml_event {
    XML_EVENT_START, /* of an element; an empty one has its end too */
    XML_EVENT_END,
    XML_EVENT_TEXT, /* a piece of it; blanks and CDATA too */
    XML_EVENT_COMMENT,
    XML_EVENT_INSTRUCTION,
    XML_EVENT_CLOSED, /* behind the root element all is read */
    XML_EVENT_FAILED, /* not well-formed, or no memory */
};

struct xml_cursor {
    struct _xmlTextReader *reader;
    unsigned depth; /* of open elements */
    bool is_empty;  /* the element that was just begun is empty: its end comes next */
    bool no_memory;
    char problem[XML_PROBLEM_BYTES]; /* a clause; empty while all is well */
    int line;                        /* where the problem is, from 1 */
    int column;
};

/* What forbids to parse the bytes at all, as a finding's code and clause, both static: another
 * encoding than UTF-8, a document type declaration. Both NULL when nothing does. */
struct xml_refusal {
    const char *code;
    const char *clause;
};
struct xml_refusal xml_prolog_refusal(struct bytes xml);

/* Begins; `xml` has no refusal, and must last. False without memory. End with xml_cursor_close. */
bool xml_cursor_open(struct xml_cursor *cursor, struct bytes xml);
void xml_cursor_close(struct xml_cursor *cursor);

enum xml_event xml_next(struct xml_cursor *cursor);

/* Passes over the rest of the element that was just begun, to its end. False on failure. */
bool xml_skip(struct xml_cursor *cursor);

/* All of these are valid until the next event. The name has no prefix; the namespace is empty when
 * there is none. */
struct text xml_name(const struct xml_cursor *cursor);
struct text xml_namespace(const struct xml_cursor *cursor);
struct text xml_text(const struct xml_cursor *cursor);

/* Steps to the next attribute of the element that was just begun, namespace declarations left out;
 * xml_name, xml_namespace and xml_text then tell of it. False behind the last, which leads back to
 * the element. */
bool xml_next_attribute(struct xml_cursor *cursor);

#endif
