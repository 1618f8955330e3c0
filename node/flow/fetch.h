/* What a partner gives back. A store that was put back from an older backup, or was lost, lacks the
 * ends of both channels with each partner; the partner holds them: our entries under its receipts,
 * its own under ours. They are asked for run by run, each proven by the root that both signed then,
 * and stored in an order in which they were said: the partner's entries before our verdict on them,
 * so that every view is what it was. proto/README.md, "Fetching back"; CHANNEL.md, section 3.
 * A fetch lives in the thread of the socket that hosts the outgoing. Nothing here knows a socket.
 */
#ifndef COMESH_NODE_FLOW_FETCH_H
#define COMESH_NODE_FLOW_FETCH_H

#include "node/flow/ours.h"
#include "proto/frame.h"

struct fetch;

/* Begins: the partner holds `until` entries of our channel, more than this store. `ours` must
 * outlive the fetch. */
enum result fetch_new(const struct ours *ours, uint64_t until, struct fetch **fetch,
                      struct error *error) RESULT_CHECKED;

/* Something of it is in the writer: not to be destroyed. */
bool fetch_is_pending(const struct fetch *fetch);
void fetch_destroy(struct fetch **fetch);

/* All has come back: the lane begins anew, and finds out. */
bool fetch_is_over(const struct fetch *fetch);

/* Appends the next question, a fetch frame; nothing while an answer or a commit is awaited. What
 * came and could not be stored is its error: the lane begins anew after a while. */
enum result fetch_ask(struct fetch *fetch, struct buffer *out, struct error *error) RESULT_CHECKED;

/* An answer. RESULT_UNTRUSTED when it is not what both signed, or does not go on from what we hold:
 * a person must look. One that was not asked for is passed over. */
enum result fetch_take(struct fetch *fetch, const struct frame_entries *entries,
                       struct error *error) RESULT_CHECKED;

/* The answer to a partner's question, appended to `out` as an entries frame: of a channel between
 * it and us, what lies under receipts. Of any other nothing is held. Any thread with a reader. */
enum result fetch_answer(struct store_reader *reader, struct text partner,
                         const struct frame_fetch *asked, struct arena *arena, struct buffer *out,
                         struct error *error) RESULT_CHECKED;

#endif
