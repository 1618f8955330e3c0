/* A file in ZPL (ZeroMQ RFC 4) as a flat list of items, each with its line. zconfig reads the
 * values; it keeps no line numbers, stops at the first mistake and tells it on stdout, so the form
 * of every line is checked here before, and all mistakes are told at once.
 * Knows nothing of what the items mean. */
#ifndef COMESH_NODE_CORE_ZPL_H
#define COMESH_NODE_CORE_ZPL_H

#include "proto/bytes.h"

#define ZPL_FILE_MAX_BYTES ((size_t)64 << 10)
#define ZPL_LINES_MAX      2048 /* zconfig takes itself down recursively, one call a line */
#define ZPL_LINE_MAX_BYTES ((size_t)1000)

/* What is wrong with a file, a line each: "file:line: name: sentence", in the order of the lines.
 * The report is empty at first. */
struct problems {
    struct buffer *report;
    const char *path;
    size_t count;
};

void problem_add(struct problems *problems, size_t line, const char *name, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

struct zpl_item {
    const char *name;
    const char *value; /* "" when there is none */
    size_t line;       /* from 1 */
    unsigned level;    /* 0 for a section */
};

struct zpl {
    struct zpl_item items[ZPL_LINES_MAX]; /* as they stand in the file */
    size_t count;
    void *tree; /* zconfig's, owns the texts */
};

/* Reads the file. Lines of bad form, and what stands below them, become problems and are left out.
 * An error only when the file cannot be read at all. */
enum result zpl_read(const char *path, struct zpl **zpl, struct problems *problems,
                     struct error *error) RESULT_CHECKED;
void zpl_destroy(struct zpl **zpl);

#endif
