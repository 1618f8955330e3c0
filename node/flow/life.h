/* The life of a certificate out of the store, for who must decide about the next message: the
 * messages that are held, folded (proto/lifecycle.h). One truth for the sender, the receiver and
 * `comesh status NUMBER`; nothing of it is kept on disk beside the messages. */
#ifndef COMESH_NODE_FLOW_LIFE_H
#define COMESH_NODE_FLOW_LIFE_H

#include "node/store/store.h"
#include "proto/lifecycle.h"

#define LIFE_MESSAGES_MAX 10000 /* about one certificate */

/* Whether a message that the store holds does not count. */
typedef bool life_skips(const void *self, uint32_t channel, uint64_t index);

/* The life of the certificate that was asked about last, for the time of one work of the writer, so
 * that many messages about one certificate cost one reading. Start with {0}, or with `skips`. */
struct life {
    life_skips *skips; /* or NULL */
    const void *self;
    uint64_t certificate; /* its row; 0 for none */
    struct arena arena;   /* of the state */
    struct arena scratch;
    struct lifecycle state;
};
void life_end(struct life *life);

/* Whether `message`, packed as `payload`, may be said about its certificate, which is held; when it
 * may, it counts for what `life` is asked next. In the writer, within a batch. A refusal has a
 * static `code`, see lifecycle_judge; an error without a code is the store's. */
enum result life_weigh(struct life *life, struct store *store, const struct message *message,
                       struct bytes payload, uint64_t time_ms, const char **code,
                       struct error *error) RESULT_CHECKED;

/* Folds a message that is held into `state`; one that cannot be read moves nothing. Texts of the
 * state live in its own arena, `scratch` is reset. */
enum result life_fold(struct lifecycle *state, struct bytes entry, struct bytes payload,
                      struct arena *scratch, struct error *error) RESULT_CHECKED;

/* The message that issues a certificate: the first that counts, else the last one refused; NULL
 * when none does. Its document is NULL when it cannot be read. */
struct life_issue {
    const struct store_message *message;
    struct record *document;
};

/* The life of the exporter's certificate, folded from its messages as store_read_certificate gives
 * them; without an issue nothing is folded. `state` has its arena, in which the issue's document
 * is too, and nothing else. */
enum result life_read(const struct store_message *messages, size_t count, struct text exporter,
                      struct life_issue *issue, struct lifecycle *state,
                      struct error *error) RESULT_CHECKED;

#endif
