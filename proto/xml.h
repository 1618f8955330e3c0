/* The dataset in XML, our binding in the style of the WCO: a wrapper MetaData, names as in the
 * table, <UnitCode> as attribute unitCode, dates in a DateTimeString, elements in the order of the
 * table. Reading is streaming, with libxml2, which is known in xml*.c alone. Any thread.
 * Form: proto/README.md. */
#ifndef COMESH_PROTO_XML_H
#define COMESH_PROTO_XML_H

#include "proto/finding.h"
#include "proto/record.h"

#define XML_DEPTH_MAX 32

/* The namespace of everything in a document. The one of the WCO Data Model 4 is not public: this
 * one says that it is ours. */
#define XML_NAMESPACE "urn:comesh:own-binding:wco-dm-4:1"

/* What MetaData says before the document, always the same, in this order. */
struct xml_heading {
    const char *name;
    const char *value;
};
#define XML_HEADING_COUNT 4
extern const struct xml_heading xml_headings[XML_HEADING_COUNT];

/* Reads a document of `operation`. As json_read, but the texts live in the arena, and the places of
 * findings are XPaths. */
enum result xml_read(struct bytes xml, enum operation operation, struct arena *arena,
                     struct findings *findings, struct record **record,
                     struct error *error) RESULT_CHECKED;

/* Appends a checked record as a canonical document: no blanks between elements, or two spaces an
 * indent and a line feed at the end when `pretty`. Failure is sticky in the buffer. */
void xml_write(const struct record *record, bool pretty, struct buffer *out);

/* True when the bytes can only be XML: the first one that is no blank is '<'. */
bool xml_looks_like(struct bytes document);

/* "/LPCO/CurrencyExchange/0/CurrencyTypeCode" as "/MetaData/LPCO/CurrencyExchange[1]/…", for names
 * without prefix in our namespace. */
struct text xml_place(struct text pointer, char out[PLACE_MAX_BYTES]);

/* Turns the places of all findings, those of checks behind the reading, into XPaths. */
void xml_places(struct findings *findings);

#endif
