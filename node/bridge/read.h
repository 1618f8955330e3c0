/* What the reading routes share: numbers in queries, message rows, documents. The private
 * listener's task. */
#ifndef COMESH_NODE_BRIDGE_READ_H
#define COMESH_NODE_BRIDGE_READ_H

#include "node/bridge/private_parts.h"
#include "proto/record.h"

/* What one answer may have. What is read for it is bounded by its arena. */
#define READ_ANSWER_MAX_BYTES ((size_t)32 << 20)
#define READ_AT_ONCE          32 /* messages with their payloads, where pages are written */

/* RESULT_TOO_LARGE when nothing more may be written. */
enum result read_has_room(const struct buffer *answer, struct error *error) RESULT_CHECKED;

/* Answers with what went wrong about a certificate. When more is held about it than one answer has
 * room for, that is 422: no trouble of the machine's, and the same again would be the same. */
void read_fail(struct exchange *exchange, const struct error *error);

/* A whole number of the query, `standard` when it is not given; false when it is answered by a
 * refusal. */
bool read_number(struct exchange *exchange, const char *name, uint64_t standard, uint64_t max,
                 uint64_t *value);

/* The members of a message as the node knows it. */
void read_message_members(const struct store_message *message, struct jot *jot);

/* The document of a message. RESULT_UNSUPPORTED for a verdict, which has none. */
enum result read_record(const struct store_message *message, struct arena *arena,
                        struct record **record, struct error *error) RESULT_CHECKED;

/* The document as a member, null when it has none. */
enum result read_document(const struct store_message *message, struct arena *arena, struct jot *jot,
                          struct error *error) RESULT_CHECKED;

/* The messages of the certificate that the path names by exporter and number, as that is written;
 * false when it is answered by a refusal. */
bool read_certificate(struct exchange *exchange, struct store_message **messages, size_t *count);

/* Positions in channels, as cursors carry them: "1f0e9c3a5b7d2468-40.9a…-7", one for each channel,
 * ascending. A channel stands by its tag, so that a cursor outlives the store (channel_tag). */
#define CURSOR_CHANNELS_MAX 128
struct cursor {
    struct {
        char channel[CHANNEL_TAG_BYTES];
        uint64_t next; /* the first that was not given */
    } rows[CURSOR_CHANNELS_MAX];
    size_t count;
};
bool cursor_parse(struct text text, struct cursor *cursor);
void cursor_write(const struct cursor *cursor, struct buffer *out);

/* The position in a channel, `standard` when the cursor does not have it; and a new one, false when
 * there is no room for another channel. */
uint64_t cursor_at(const struct cursor *cursor, const char *origin, uint64_t standard);
bool cursor_set(struct cursor *cursor, const char *origin, uint64_t next);

/* The channel that a row is about; NULL when it is not among these. */
const struct store_channel *cursor_channel(const struct cursor *cursor, size_t row,
                                           const struct store_channel *channels, size_t count);

/* ---- routes ---- */

route_answer message_one; /* read_messages.c */
route_answer message_list;
route_answer certificate_show; /* read_certificate.c */
route_answer certificate_document;
route_answer certificate_evidence; /* read_evidence.c */
route_answer partners_list;        /* read_partners.c */
route_answer agreements_list;
route_answer menus_compare;
route_answer events_list; /* events.c */
route_answer events_take;

/* Answers those whose wait for events is over, all of them when `stopping`. Gives the milliseconds
 * until the next one ends, -1 when there is none. */
int events_turn(void *private, bool stopping);

#endif
