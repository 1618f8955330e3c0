/* Texts that wait for a signature by an identity key on another machine: the files requests/NAME of
 * a node's directory. A request is the text itself, as it will be signed: a card or a revocation;
 * nothing of it is secret. People compare it by a hash, as words or digits. */
#ifndef COMESH_TOOLS_COMESH_REQUESTS_H
#define COMESH_TOOLS_COMESH_REQUESTS_H

#include "keys/revocation.h"
#include "keys/words.h"
#include "node/core/config.h"

#define REQUEST_MAX_BYTES CARD_MAX_BYTES /* that of a revocation is the same */

#define REQUEST_NAME_BYTES 64

/* A request, read: what it is, of whom, and by which identity key it is to be signed. */
enum request_kind { REQUEST_CARD, REQUEST_REVOCATION };
struct request {
    enum request_kind kind;
    struct buffer text;
    struct card card;             /* of a card */
    struct revocation revocation; /* of a revocation */
    const char *party;
    const char *environment;
    const uint8_t *identity;
    char name[REQUEST_NAME_BYTES]; /* "card-000002", "revocation-checkpoint-…": of its file */
};

/* Reads a text as strictly as its signed form is read. Allocated. */
enum result request_parse(struct bytes text, struct request **request,
                          struct error *error) RESULT_CHECKED;
void request_destroy(struct request **request);

/* SHA-256 of the text: what two people, or one between two machines, compare. */
void request_hash(struct bytes text, uint8_t hash[WORDS_HASH_BYTES]);

/* One sentence: "card 2 of KR (test)". */
void request_describe(const struct request *request, struct buffer *out);

/* Writes requests/NAME.request. RESULT_CONFLICT when another text waits there. */
enum result request_put(const struct config *config, struct bytes text,
                        struct error *error) RESULT_CHECKED;

/* Reads requests/NAME.request; with `name` NULL the only one. RESULT_NOT_FOUND when there is none,
 * RESULT_CONFLICT, with all names, when there are several. */
enum result request_get(const struct config *config, const char *name, struct request **request,
                        struct error *error) RESULT_CHECKED;

/* Takes it away, when it was answered. */
enum result request_done(const struct config *config, const struct request *request,
                         struct error *error) RESULT_CHECKED;

#endif
