/* Schemas of the documents and a table of their elements, generated from the dataset: JSON Schema
 * 2020-12, XML Schema 1.0 and Markdown. They agree with the structural check as far as their
 * languages can. The committed copies are in proto/schema and proto/README.md; `make generate`
 * writes them. Any thread. */
#ifndef COMESH_PROTO_SCHEMA_H
#define COMESH_PROTO_SCHEMA_H

#include "proto/operation.h"

/* Appends the JSON Schema of an operation's documents, or of those of all operations for
 * OPERATION_NONE. Nothing for an operation without documents. */
void schema_json(enum operation operation, struct buffer *out);

/* Appends the members of a $defs object: what the documents of an operation are made of, a
 * definition for each class and each type of value. `place` goes before every name that is referred
 * to ("#/$defs/"), `prefix` before every name ("send-co."), so that several operations have room in
 * one object, the components of an OpenAPI document too. `depth` is that of the members. */
void schema_json_definitions(enum operation operation, const char *place, const char *prefix,
                             unsigned depth, struct buffer *out);

/* Appends the members of the schema of an operation's whole document, which refers to the
 * definitions; place, prefix and depth as there. */
void schema_json_document(enum operation operation, const char *place, const char *prefix,
                          unsigned depth, struct buffer *out);

/* Appends the XML Schema of the documents of all operations. */
void schema_xsd(struct buffer *out);

/* Appends code lists and elements as Markdown tables. */
void schema_markdown(struct buffer *out);

#endif
