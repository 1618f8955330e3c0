/* Documents on their way to the node: gathered into requests, several of which are under way at a
 * time, and what became of each, told with its file and line. */
#ifndef COMESH_TOOLS_COMESH_SENDING_H
#define COMESH_TOOLS_COMESH_SENDING_H

#include "proto/operation.h"
#include "tools/comesh/client.h"
#include "tools/comesh/output.h"
#include "tools/comesh/places.h"

#define SENDING_BATCH_BYTES ((size_t)640 << 10)
#define SENDING_BATCH_COUNT 512
#define SENDING_FLIGHTS     4
#define SENDING_TABLE_MAX   20 /* so many documents are listed; more are counted only */

/* Where the documents of one request stand. */
struct flight {
    struct {
        const char *file;
        size_t line;
    } places[SENDING_BATCH_COUNT];
    size_t count;
    size_t answered;
};

struct sending {
    struct client *client;
    enum operation operation;
    bool json;
    bool waits; /* for the receipts of the partners */
    struct flight flights[SENDING_FLIGHTS + 1];
    size_t gathering;     /* the flight that is filled */
    size_t under_way;     /* requests that were sent before it */
    struct buffer packed; /* its documents */
    struct table table;
    struct places places; /* what was queued, for the wait */
    uint64_t queued;
    uint64_t known; /* held before; nothing to do */
    uint64_t refused;
    uint64_t put_off;  /* of them: the node has no room now */
    uint64_t begun_ns; /* steady */
    uint64_t shown_ns; /* when the progress was shown last */
};

void sending_begin(struct sending *sending, struct client *client, enum operation operation,
                   bool json);

/* Before the first document: sending_end will wait, so that the list does not tell states that are
 * over when it is read. */
void sending_waits(struct sending *sending);

/* Adds a document, which is copied; `file` must last. Data NULL: one that is too large. */
enum result sending_add(struct sending *sending, struct bytes document, const char *file,
                        size_t line, struct error *error) RESULT_CHECKED;

/* Sends what was gathered, and receives answers until at most `left` requests are under way. */
enum result sending_flush(struct sending *sending, size_t left, struct error *error) RESULT_CHECKED;

/* Sends the rest, receives all answers, prints the list and the sum. `stored` may be NULL, or how
 * long to wait, in seconds, until the partners have stored everything. RESULT_INVALID when a
 * document was refused. */
enum result sending_end(struct sending *sending, const uint64_t *stored,
                        struct error *error) RESULT_CHECKED;

/* Shows on a terminal how far it is: `part` of all, 0 to 1, or negative. */
void sending_progress(struct sending *sending, double part);

void sending_free(struct sending *sending);

#endif
