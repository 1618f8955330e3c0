/* The peers: one DEALER for each partner that can be dialled. A task of its own; what is not said
 * here is for any thread. */
#ifndef COMESH_NODE_LINK_PEERS_H
#define COMESH_NODE_LINK_PEERS_H

#include "node/link/board.h"
#include "node/link/desk.h"

struct peers;

enum result peers_start(void *context, struct flow *flow, struct board *board, struct desk *desk,
                        struct peers **peers, struct error *error) RESULT_CHECKED;

/* There may be something to send. */
void peers_wake(struct peers *peers);

/* The directory changed. */
void peers_reload(struct peers *peers);

/* Stops in order: sends nothing more, what is in the writer comes home, sockets. NULL is harmless.
 */
void peers_stop(struct peers **peers);

#endif
