/* Conformance of an HTTPS endpoint: numbered assertions, each one request with the documents that
 * it needs and what must come back. The table is in conform_table.c, the documents are made in
 * conform_document.c, the requests in conform_http.c; `comesh conformance` runs them. One thread.
 */
#ifndef COMESH_TOOLS_COMESH_CONFORM_H
#define COMESH_TOOLS_COMESH_CONFORM_H

#include "proto/bytes.h"
#include "proto/err.h"

#include <jansson.h>

#define CONFORM_STATUSES_MAX 6
#define CONFORM_SHUT         1 /* among statuses: the connection ends without an answer */
#define CONFORM_HOST_BYTES   512
#define CONFORM_WHY_BYTES    512

/* Who the client says that it is. */
enum conform_client { CLIENT_OWN, CLIENT_NONE, CLIENT_STRANGER };

/* What a caller has to give for an assertion. */
enum conform_need { NEED_CO, NEED_THEIR_CO, NEED_THEIR_AMENDMENT, NEED_COUNT };

struct conform_answer {
    unsigned status; /* CONFORM_SHUT: none came */
    struct buffer head;
    struct buffer body;
    char location[1024];
    char type[128];
    char allow[128];
};

struct curl_slist;

/* A run. */
struct conform {
    const char *url;     /* https://test.coconnect.customs.go.kr */
    const char *connect; /* HOST:PORT to connect to instead, or NULL */
    const char *certificate;
    const char *key;
    const char *authorities; /* CA file, or NULL for the system's */
    char host[CONFORM_HOST_BYTES];
    char environment[8];
    void *curl;                            /* the connection that is kept */
    struct buffer stranger;                /* certificate and key in PEM, that nobody knows */
    json_t *given[NEED_COUNT];             /* what the caller gave */
    char run[9];                           /* makes the numbers of this run its own */
    unsigned made;                         /* certificates */
    struct buffer document;                /* the body of the request that is being made */
    struct buffer first;                   /* the first certificate, as it was sent */
    json_t *co;                            /* the same, parsed */
    struct conform_answer taken;           /* the answer to it */
    char key_used[40];                     /* Idempotency-Key */
    char not_a_problem[CONFORM_WHY_BYTES]; /* the first refusal that was no problem document */
    unsigned refusals;
};

typedef enum result conform_make(struct conform *conform, struct error *error);

/* A further look at an answer with one of the statuses: false, with the reason in `why`. */
typedef bool conform_look(struct conform *conform, const struct conform_answer *answer,
                          char why[CONFORM_WHY_BYTES]);

struct assertion {
    const char *number;
    const char *sentence;
    const char *method; /* NULL: POST */
    const char *path;   /* NULL: no request, `look` alone, without an answer */
    const char *host;   /* another than the endpoint's; "ENV" is its host of another environment */
    const char *type;   /* NULL: application/json */
    const char *accept; /* NULL: application/json */
    const char *header; /* one more, or NULL */
    conform_make *make; /* the body, NULL: none */
    conform_look *look;
    enum conform_need need; /* when needs_documents */
    enum conform_client client;
    unsigned statuses[CONFORM_STATUSES_MAX];
    bool needs_documents;
    bool old_tls;         /* at most TLS 1.1 */
    bool idempotency_key; /* with the run's */
};

extern const struct assertion conform_assertions[];
extern const size_t conform_assertion_count;

/* ---- conform_http.c ---- */

/* Makes the connection's handle and the stranger's certificate. */
enum result conform_open(struct conform *conform, struct error *error) RESULT_CHECKED;
void conform_close(struct conform *conform);

/* Asks, with conform->document as body. RESULT_UNAVAILABLE when the endpoint is not reached. */
enum result conform_ask(struct conform *conform, const struct assertion *assertion,
                        struct conform_answer *answer, struct error *error) RESULT_CHECKED;
void conform_answer_free(struct conform_answer *answer);

/* ---- conform_document.c: each leaves its document in conform->document ---- */

conform_make make_first, make_first_again, make_next, make_same_number, make_same_id, make_xml,
    make_without_exporter, make_cut, make_twice, make_fraction, make_foreign, make_large,
    make_doctype, make_amendment, make_amendment_unknown, make_amendment_without_reason,
    make_status, make_status_wrong_code, make_feedback, make_feedback_wrong_code, make_empty;

/* ---- conform_look.c ---- */

conform_look look_name, look_created, look_location, look_same_receipt, look_allow, look_errors,
    look_xml, look_problems;

#endif
