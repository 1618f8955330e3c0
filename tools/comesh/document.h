/* Documents as the commands handle them: packed payloads read back, printed for people, as JSON,
 * and the few that are made from options. */
#ifndef COMESH_TOOLS_COMESH_DOCUMENT_H
#define COMESH_TOOLS_COMESH_DOCUMENT_H

#include "proto/record.h"
#include "tools/comesh/client.h"

#include <jansson.h>
#include <stdio.h>

/* Reads a payload; the record borrows from it and lives in `arena`. */
enum result document_unpack(struct bytes payload, enum operation operation, struct arena *arena,
                            struct record **record, struct error *error) RESULT_CHECKED;

/* Appends a payload as its JSON document. */
enum result document_json(struct bytes payload, enum operation operation, bool pretty,
                          struct buffer *out, struct error *error) RESULT_CHECKED;

/* The document of a message row as a JSON value; NULL for one that has none or cannot be read. */
json_t *document_of_row(const struct wire_row *row);

/* Prints a record as an outline of labels and values. */
void document_print(const struct record *record, FILE *file);

/* Reads a file, or stdin for "-", of at most `max` bytes. */
enum result document_read(const char *path, size_t max, struct buffer *out,
                          struct error *error) RESULT_CHECKED;

/* Asks with `verb` (show or trace) for what a person named: a message id, or the number of a
 * certificate, with its exporter or without (NULL). */
enum result ask_named(struct client *client, const char *verb, const char *name,
                      const char *exporter, client_row *each, void *self,
                      struct error *error) RESULT_CHECKED;

#endif
