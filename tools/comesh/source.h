/* Documents to send: files, folders of files, stdin. A file whose first line is a whole JSON object
 * holds one document a line (JSON lines); any other file is one document, in JSON or XML. */
#ifndef COMESH_TOOLS_COMESH_SOURCE_H
#define COMESH_TOOLS_COMESH_SOURCE_H

#include "proto/bytes.h"

struct source;

/* Finds all files first: a name that cannot be sent is told before anything is. */
enum result source_open(char *const *names, size_t count, struct source **source,
                        struct error *error) RESULT_CHECKED;
void source_close(struct source **source);

/* A document and where it stands. A too large one has data NULL and its size. */
struct sourced {
    struct bytes bytes; /* until the next call */
    const char *file;   /* until source_close */
    size_t line;        /* from 1 */
};

/* The next document; `document->file` is NULL behind the last. */
enum result source_next(struct source *source, struct sourced *document,
                        struct error *error) RESULT_CHECKED;

/* False when the next document would have to be waited for. */
bool source_is_ready(struct source *source);

/* The part of all bytes that was read, 0 to 1; negative when it cannot be told. */
double source_progress(const struct source *source);

#endif
