/* One partner without a node, as the task that posts to it sees it: the letter that is under way,
 * what its answer comes to, and when the next one goes. Used by outbound.c alone. */
#ifndef COMESH_NODE_BRIDGE_MAILBOX_H
#define COMESH_NODE_BRIDGE_MAILBOX_H

#include "node/bridge/outbound.h"
#include "node/bridge/way.h"

struct mailbox;

/* What all mailboxes share; outlives them. */
struct mailbox_office {
    struct flow *flow;
    struct store_reader *reader;
    struct queue *home;
    struct calls *calls;
    const struct way_files *files;
};

enum result mailbox_new(const struct mailbox_office *office, const struct rest_card *card,
                        struct mailbox **box, struct error *error) RESULT_CHECKED;
void mailbox_destroy(struct mailbox **box);

/* The partner's card of now, and it is tried at once; NULL: it has none and is not posted to. */
void mailbox_look(struct mailbox *box, const struct rest_card *card);

/* True when it can go: without card, and with nothing in the writer. */
bool mailbox_is_over(const struct mailbox *box);
size_t mailbox_pending(const struct mailbox *box);

/* Posts the next letter when it is time for one. */
void mailbox_advance(struct mailbox *box);

/* When it wants to be advanced though nothing happens: steady milliseconds. */
uint64_t mailbox_due_ms(const struct mailbox *box);

/* What is under way is broken off; nothing more is posted. */
void mailbox_break_off(struct mailbox *box);

const struct standing *mailbox_status(const struct mailbox *box);

#endif
