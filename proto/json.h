/* The dataset in JSON (RFC 8259), our binding: names as in the table, decimals as strings, a value
 * with an attribute as {"Value": …, "UnitCode": …}, an array wherever several may stand. Reading is
 * one pass over the bytes, driven by the table. Any thread. Form: proto/README.md. */
#ifndef COMESH_PROTO_JSON_H
#define COMESH_PROTO_JSON_H

#include "proto/finding.h"
#include "proto/record.h"

#define JSON_DEPTH_MAX 32

/* Reads a document of `operation`. The record is in `arena`, its texts borrow from `json`. What is
 * wrong becomes findings, with places, as many as there are; then *record is NULL and the result is
 * RESULT_INVALID with the first of them. RESULT_TOO_LARGE above DOCUMENT_MAX_BYTES. Only the form
 * is judged: check_record judges the values. */
enum result json_read(struct bytes json, enum operation operation, struct arena *arena,
                      struct findings *findings, struct record **record,
                      struct error *error) RESULT_CHECKED;

/* Appends the record as a canonical document: table order, no blanks, or two spaces an indent and a
 * line feed at the end when `pretty`. Failure is sticky in the buffer. */
void json_write(const struct record *record, bool pretty, struct buffer *out);

/* Appends `text` as a JSON string with its quotes. */
void json_write_string(struct text text, struct buffer *out);

/* Appends the name of a member, which needs no escape, with its quotes and colon. */
void json_write_name(struct text name, struct buffer *out);

#endif
