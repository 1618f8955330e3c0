/* One message as it comes out of the ROUTER: a routing id, then what should be one frame. A peer
 * decides on its parts and on the id, so neither is believed. The inbox's thread. */
#ifndef COMESH_NODE_LINK_LETTER_H
#define COMESH_NODE_LINK_LETTER_H

#include "node/flow/flow.h"

#include <zmq.h>

/* libzmq makes ids of 5 bytes, the first one zero; others are claims of the peer. */
#define ROUTE_ID_BYTES 5

struct letter {
    uint8_t id[ROUTE_ID_BYTES];
    bool id_is_claimed;
    int fd;                        /* of its connection; -1 unknown */
    uint8_t key[KEY_PUBLIC_BYTES]; /* that its sender proved; letter_party fills it */
    size_t parts;                  /* behind the id */
    zmq_msg_t body;                /* the first of them */
};

/* Takes the next message with all its parts; false when there is none. End with letter_close. */
bool letter_receive(void *router, struct letter *letter);
void letter_close(struct letter *letter);

/* True when it has exactly one part and that is not empty. */
bool letter_is_frame(const struct letter *letter);
struct bytes letter_frame(struct letter *letter);

/* The party of the transport key that the sender proved to the gate, when the directory still has
 * that key for that party; NULL otherwise. Borrows from the letter. */
const char *letter_party(struct letter *letter, struct flow *flow);

#endif
