/* The peers: one DEALER for each partner that can be dialled. A task of its own; what is not said
 * here is for any thread. */
#ifndef COMESH_NODE_LINK_PEERS_H
#define COMESH_NODE_LINK_PEERS_H

#include "node/link/lane.h"

struct peers;

enum result peers_start(void *context, struct flow *flow, struct board *board, struct desk *desk,
                        struct peers **peers, struct error *error) RESULT_CHECKED;

/* What its lanes share, for those who wake it. */
struct lane_host *peers_host(struct peers *peers);

/* Waits until each partner that is dialled has answered our hello, or cannot be reached; `most_ms`
 * at most. Whoever started them. */
void peers_hear(struct peers *peers, int most_ms);

/* The directory changed. */
void peers_reload(struct peers *peers);

/* Stops in order: sends nothing more, what is in the writer comes home, sockets. NULL is harmless.
 */
void peers_stop(struct peers **peers);

#endif
