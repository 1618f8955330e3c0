/* Findings: what is wrong with a document, told so that a person can mend it. A finding names the
 * element with its ids, the place, and what to do; it never carries a whole document.
 * Any thread; the list belongs to its arena. */
#ifndef COMESH_PROTO_FINDING_H
#define COMESH_PROTO_FINDING_H

#include "proto/arena.h"

struct element;

#define FINDINGS_MAX 100 /* the rest is counted, not kept */

enum severity { SEVERITY_WARNING, SEVERITY_REFUSAL };

struct finding {
    struct finding *next;
    enum severity severity;
    const char *code; /* static kebab-case: "missing", "too-long", "not-in-list", … */
    const struct element *element; /* NULL for the document as a whole */
    struct text place;             /* JSON pointer (RFC 6901) */
    struct text detail;            /* a sentence: value, what is accepted, remedy */
};

struct findings {
    struct arena *arena; /* where findings and their texts live */
    struct finding *first;
    struct finding *last;
    size_t count;    /* all, kept or not */
    size_t refusals; /* of them, those that refuse the document */
};

/* Adds one; `place` is copied. Out of memory is counted as a refusal without text. */
void finding_add(struct findings *findings, enum severity severity, const char *code,
                 const struct element *element, struct text place, const char *format, ...)
    __attribute__((format(printf, 6, 7)));

#define QUOTE_BYTES 64

/* `value` made fit for a sentence: cut at a whole character with "…" behind it, control characters
 * as "?". Returns `out`. */
const char *finding_quote(struct text value, char out[QUOTE_BYTES]);

/* The first refusal as one error sentence "ELEMENT (WCO id, OIF id) at PLACE: detail (and N
 * more)". RESULT_OK when nothing refuses. */
enum result findings_error(const struct findings *findings, struct error *error) RESULT_CHECKED;

#endif
