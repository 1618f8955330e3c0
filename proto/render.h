/* The readable rendering of documents: one HTML page, with everything in it, for screen and A4. It
 * shows what was exchanged and says on every page that it is not the certificate itself. */
#ifndef COMESH_PROTO_RENDER_H
#define COMESH_PROTO_RENDER_H

#include "proto/record.h"

/* How a document was exchanged. */
struct render_fact {
    const char *label;
    struct text value; /* empty: left out */
};
struct render_passage {
    struct text origin;              /* of the channel */
    struct text index;               /* of the entry in it */
    struct text receipt;             /* its time; empty: none yet */
    const struct render_fact *facts; /* its state, and the times of it */
    size_t fact_count;
};

/* The number of the certificate that a document is or is about. */
struct text render_number(const struct record *record);

/* A page: begin, a form for each message, end. RESULT_NO_MEMORY of the buffer is told at the end.
 */
void render_begin(struct buffer *out, struct text number);

/* Draws a document as a form of numbered boxes. `payload` is its packed form, whose SHA-256 the
 * entry of the channel holds; `passage` is NULL for a document that was not exchanged. */
enum result render_message(struct buffer *out, const struct record *record, struct bytes payload,
                           const struct render_passage *passage,
                           struct error *error) RESULT_CHECKED;

enum result render_end(struct buffer *out, struct error *error) RESULT_CHECKED;

#endif
