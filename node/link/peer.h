/* A peer: one partner that we dial, with the DEALER, its monitor and the lane it hosts. The peers'
 * thread. */
#ifndef COMESH_NODE_LINK_PEER_H
#define COMESH_NODE_LINK_PEER_H

#include "node/link/lane.h"
#include "node/link/lookup.h"
#include "node/link/monitor.h"

#define PEER_AGAIN_MS 1000 /* between two tries to open, where the fault is here */

struct peer {
    struct lane *lane; /* its connection is the peer */
    void *context;
    void *dealer; /* NULL while closed */
    struct monitor monitor;
    char endpoint[ENDPOINT_MAX_BYTES]; /* of the server key, by the card */
    bool is_name;                      /* not an address */
    struct lookup *lookup;             /* of the endpoint, before it is opened; NULL: none */
    uint8_t server_key[KEY_PUBLIC_BYTES];
    uint8_t newest_key[KEY_PUBLIC_BYTES]; /* of the card when it was opened */
    uint8_t own_key[KEY_PUBLIC_BYTES];    /* that we show */
    uint64_t known;                       /* serial of our card that the partner holds at least */
    bool own_other;     /* show another key than the one that the partner is known to hold */
    bool own_refused;   /* one of the two was turned away since a handshake succeeded */
    size_t addresses;   /* of the endpoint when it was opened */
    size_t server_keys; /* valid ones in the card then */
    size_t server;      /* which of them is tried, the newest first */
    size_t attempt;     /* which address is tried */
    unsigned tries;     /* to connect, since it was opened */
    uint64_t open_at_ms;
    uint64_t openings; /* board_openings as of the last tick */
    bool more;         /* messages were left for the next turn */
};

enum result peer_new(struct lane_host *host, void *context, struct text party, struct peer **peer,
                     struct error *error) RESULT_CHECKED;

/* Only when its lane has nothing pending. Sets to NULL. */
void peer_destroy(struct peer **peer);

/* A host's way to send, see struct lane_host. */
enum lane_sent peer_send(struct lane *lane, struct bytes frame);

/* The directory may have changed: takes over which channels belong here, and closes a connection
 * whose card, endpoint or key is not there any more, or for which there is a newer key. */
enum result peer_look(struct peer *peer, const struct directory *directory,
                      struct error *error) RESULT_CHECKED;

/* Takes what the monitor and the socket have; opens and closes by time and state. */
void peer_turn(struct peer *peer, uint64_t now_ms);

/* Dials now, whatever was before. */
void peer_retry(struct peer *peer);

/* About once a second: a partner that turned us away and has come to us since is dialled again. */
void peer_tick(struct peer *peer);
void peer_close(struct peer *peer);

/* The `choice`-th of the card's transport keys that are valid now, the newest first, and how many
 * there are; NULL when there is none. */
const struct card_key *peer_server_key(const struct card *card, uint64_t now_s, size_t choice,
                                       size_t *valid);

/* True when the key that we show on the connection is over, or the partner is known to hold a newer
 * one. */
bool peer_own_is_outdated(struct peer *peer);

/* The partner turned away the key that we showed: true when there is another one to show at once,
 * which was not turned away itself since a handshake succeeded. */
bool peer_next_own(struct peer *peer);

/* Begins to look the endpoint up, or dials when that is done; says why it cannot. */
void peer_open(struct peer *peer, uint64_t now_ms);

#endif
