/* One partner that we dial: what happens on its connection. See peer.h; how it is opened is in
 * peer_open.c. */
#include "node/link/peer.h"

#include <stdio.h>
#include <stdlib.h>
#include <zmq.h>

#define MESSAGES_PER_TURN 64
#define TRIES_OF_MANY     2   /* to connect to one of several addresses or endpoints */
#define TRIES_OF_ONE      6   /* until a name with one address is looked up again */
#define STATUS_REFUSED    400 /* of ZAP: for good, until somebody changes something */
#define PEER_EVENTS                                                                                \
    (ZMQ_EVENT_HANDSHAKE_SUCCEEDED | ZMQ_EVENT_HANDSHAKE_FAILED_AUTH |                             \
     ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL | ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL |                  \
     ZMQ_EVENT_DISCONNECTED | ZMQ_EVENT_CONNECT_RETRIED)

enum result peer_new(struct lane_host *host, void *context, struct text party, struct peer **peer,
                     struct error *error)
{
    *peer = NULL;
    struct peer *made = calloc(1, sizeof *made);
    if (made == NULL) {
        return error_set(error, RESULT_NO_MEMORY, "partner '%.*s': no memory to dial it",
                         TEXT_ARGS(party));
    }
    enum result result = lane_new(host, party, &made->lane, error);
    if (result != RESULT_OK) {
        free(made);
        return result;
    }
    made->context = context;
    made->lane->connection = made;
    *peer = made;
    return RESULT_OK;
}

void peer_close(struct peer *peer)
{
    monitor_close(&peer->monitor);
    if (peer->dealer != NULL) {
        (void)zmq_close(peer->dealer);
        peer->dealer = NULL;
    }
    peer->more = false;
    lane_disconnected(peer->lane, NULL);
}

void peer_destroy(struct peer **peer)
{
    if (*peer != NULL) {
        peer_close(*peer);
        lookup_end(&(*peer)->lookup);
        lane_destroy(&(*peer)->lane);
        free(*peer);
        *peer = NULL;
    }
}

enum lane_sent peer_send(struct lane *lane, struct bytes frame)
{
    const struct peer *peer = lane->connection;
    if (peer->dealer == NULL) {
        return LANE_GONE;
    }
    if (zmq_send(peer->dealer, frame.data, frame.size, ZMQ_DONTWAIT) < 0) {
        return zmq_errno() == EAGAIN ? LANE_BLOCKED : LANE_GONE;
    }
    return LANE_SENT;
}

/* ---- whether to dial ---- */

void peer_retry(struct peer *peer)
{
    lane_retry(peer->lane);
    if (peer->dealer == NULL) {
        peer->open_at_ms = 0;
    }
}

void peer_tick(struct peer *peer)
{
    const struct lane *lane = peer->lane;
    lane_tick(peer->lane);
    uint64_t openings = board_openings(lane->host->board, lane->party);
    if (openings == peer->openings) {
        return;
    }
    peer->openings = openings;
    if (peer->dealer == NULL && lane->outgoing_half.state == LANE_REFUSED) {
        peer_retry(peer);
    } else if (lane->outgoing_half.state == LANE_CONNECTING && lane->trouble[0] != '\0') {
        peer_close(peer); /* it is there again, and libzmq may wait a minute before it dials */
        peer->open_at_ms = 0;
    }
}

/* True when the connection is to what the card says. */
static bool is_current(const struct peer *peer, const struct directory *directory)
{
    uint64_t now_s = world_wall_ms(peer->lane->host->flow->world) / 1000;
    const struct card *card = directory_transport(directory, peer->server_key, now_s);
    const struct card_key *theirs =
        card == NULL ? NULL : card_key_find(card, KEY_TRANSPORT, peer->server_key);
    return card != NULL && strcmp(card->party, peer->lane->party) == 0 && theirs != NULL &&
           strcmp(card_key_endpoint(card, theirs), peer->endpoint) == 0;
}

/* True when the card has another newest key than when the connection was opened. */
static bool is_outdated(const struct peer *peer, const struct card *card)
{
    uint64_t now_s = world_wall_ms(peer->lane->host->flow->world) / 1000;
    size_t valid = 0;
    const struct card_key *newest = card == NULL ? NULL : peer_server_key(card, now_s, 0, &valid);
    return newest != NULL &&
           memcmp(newest->public_key, peer->newest_key, sizeof peer->newest_key) != 0;
}

/* True when a key of the card is served at the endpoint that is looked up. */
static bool is_endpoint(const struct peer *peer, const struct card *card)
{
    for (size_t i = 0; card != NULL && i < card->key_count[KEY_TRANSPORT]; i++) {
        const char *endpoint = card_key_endpoint(card, &card->keys[KEY_TRANSPORT][i]);
        if (strcmp(endpoint, peer->endpoint) == 0) {
            return true;
        }
    }
    return false;
}

enum result peer_look(struct peer *peer, const struct directory *directory, struct error *error)
{
    struct lane *lane = peer->lane;
    bool we_listen = directory_own(directory)->mesh_endpoint[0] != '\0';
    const struct card *card = directory_party(directory, text_of(lane->party));
    bool is_here = card != NULL && (card->mesh_endpoint[0] != '\0' || !we_listen);
    if (!is_endpoint(peer, card)) {
        lookup_end(&peer->lookup);
    }
    bool is_farewell = lane_now_ms(lane->host) < lane->host->farewell_ms;
    if (peer->dealer != NULL && (!is_current(peer, directory) || is_outdated(peer, card) ||
                                 (!is_farewell && peer_own_is_outdated(peer)))) {
        peer_close(peer);
        peer->open_at_ms = 0;
        peer->server = 0;
        peer->own_other = false;
        peer->own_refused = false;
    }
    return lane_want(lane, is_here, is_here && !we_listen, error);
}

/* ---- what happens on the connection ---- */

static void close_for(struct peer *peer, uint64_t now_ms, uint64_t pause_ms)
{
    peer_close(peer);
    peer->open_at_ms = now_ms + pause_ms;
}

/* The next address of the name, and behind the last of them the next key of the card. */
static void next_attempt(struct peer *peer, uint64_t now_ms)
{
    peer->attempt++;
    if (peer->attempt % peer->addresses == 0) {
        peer->server++;
    }
    close_for(peer, now_ms, PEER_AGAIN_MS);
}

/* Handshakes end without words when our key is told to come later, or the server has another key
 * than its card says: then the next valid one is tried. */
static void handshake_failed(struct peer *peer, uint64_t now_ms)
{
    lane_trouble(peer->lane,
                 "%s ended the handshake at %s: it turns us away for now, or its key is not that "
                 "of its card; compare its newest card",
                 peer->lane->party, peer->endpoint);
    if (peer->server_keys > 1 || peer->addresses > 1) {
        next_attempt(peer, now_ms);
    }
}

static void turned_away(struct peer *peer, uint64_t now_ms)
{
    char trouble[256];
    if (peer_next_own(peer)) {
        close_for(peer, now_ms, 0);
        return;
    }
    (void)snprintf(trouble, sizeof trouble,
                   "%s does not admit our transport key; give it our newest card. Next try in %d "
                   "minutes",
                   peer->lane->party, LANE_RETRY_MS / 60000);
    close_for(peer, now_ms, LANE_RETRY_MS);
    lane_turned_away(peer->lane, trouble);
    peer->openings = board_openings(peer->lane->host->board, peer->lane->party);
}

static void take_event(struct peer *peer, const struct monitor_event *event, uint64_t now_ms)
{
    struct lane *lane = peer->lane;
    char trouble[ENDPOINT_MAX_BYTES + 48];
    switch (event->event) {
    case ZMQ_EVENT_HANDSHAKE_SUCCEEDED:
        peer->own_refused = false;
        lane_connected(lane);
        break;
    case ZMQ_EVENT_HANDSHAKE_FAILED_AUTH:
        if (event->value == STATUS_REFUSED) {
            turned_away(peer, now_ms);
            break;
        }
        handshake_failed(peer, now_ms);
        break;
    case ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL:
    case ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL:
        handshake_failed(peer, now_ms);
        break;
    case ZMQ_EVENT_DISCONNECTED:
        if (lane->connected) {
            (void)snprintf(trouble, sizeof trouble, "connection to %s lost; dialling again",
                           peer->endpoint);
            lane_disconnected(lane, trouble);
        }
        break;
    default: /* ZMQ_EVENT_CONNECT_RETRIED */
        if (lane->trouble[0] == '\0') {
            lane_trouble(lane, "nobody answers at %s; dialling again", peer->endpoint);
        }
        peer->tries++;
        if ((peer->is_name || peer->server_keys > 1) &&
            peer->tries >=
                (peer->addresses > 1 || peer->server_keys > 1 ? TRIES_OF_MANY : TRIES_OF_ONE)) {
            next_attempt(peer, now_ms);
        }
        break;
    }
}

/* Takes one message; false when there is none. One of several frames is cut. */
static bool receive_one(struct peer *peer)
{
    zmq_msg_t message;
    (void)zmq_msg_init(&message);
    if (zmq_msg_recv(&message, peer->dealer, ZMQ_DONTWAIT) < 0) {
        (void)zmq_msg_close(&message);
        return false;
    }
    bool is_frame = zmq_msg_more(&message) == 0;
    while (zmq_msg_more(&message) != 0 && zmq_msg_recv(&message, peer->dealer, ZMQ_DONTWAIT) >= 0) {
    }
    if (is_frame) {
        lane_receive(peer->lane, (struct bytes){zmq_msg_data(&message), zmq_msg_size(&message)});
    } else {
        lane_cut(peer->lane, "a message of more than one frame");
    }
    (void)zmq_msg_close(&message);
    return true;
}

static void receive(struct peer *peer)
{
    struct directory *directory = flow_directory(peer->lane->host->flow);
    bool trusted = is_current(peer, directory);
    directory_release(&directory);
    if (!trusted) {
        peer_close(peer);
        peer->open_at_ms = 0;
        return;
    }
    size_t taken = 0;
    while (taken < MESSAGES_PER_TURN && !lane_is_over(peer->lane) && receive_one(peer)) {
        taken++;
    }
    peer->more = taken == MESSAGES_PER_TURN;
}

void peer_turn(struct peer *peer, uint64_t now_ms)
{
    struct monitor_event event;
    if (!lane_is_wanted(peer->lane)) {
        peer_close(peer);
        return;
    }
    if (peer->dealer == NULL &&
        (now_ms >= peer->open_at_ms || (peer->lookup != NULL && lookup_is_done(peer->lookup)))) {
        peer_open(peer, now_ms);
    }
    while (monitor_next(&peer->monitor, &event)) {
        take_event(peer, &event, now_ms);
    }
    if (peer->dealer != NULL && peer->lane->connected) {
        receive(peer);
    }
    if (peer->dealer == NULL) {
        return;
    }
    if (lane_is_over(peer->lane)) {
        close_for(peer, now_ms, LANE_RETRY_MS);
    } else if (lane_is_unanswered(peer->lane, now_ms)) {
        lane_trouble(peer->lane, "%s did not answer our hello within %d s; dialling again",
                     peer->lane->party, LANE_WELCOME_MS / 1000);
        close_for(peer, now_ms, PEER_AGAIN_MS);
    }
}
