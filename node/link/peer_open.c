/* Opening the connection to a partner: endpoint and key from its card, an address for its name, and
 * the socket. See peer.h. */
#include "node/link/peer.h"
#include "node/link/sockopt.h"

#include <zmq.h>

#define NAME_AGAIN_MS 10000 /* until a name that was not found is looked up again */
#define PEER_EVENTS                                                                                \
    (ZMQ_EVENT_HANDSHAKE_SUCCEEDED | ZMQ_EVENT_HANDSHAKE_FAILED_AUTH |                             \
     ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL | ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL |                  \
     ZMQ_EVENT_DISCONNECTED | ZMQ_EVENT_CONNECT_RETRIED)

/* The `choice`-th of the card's transport keys that are valid now, the newest first. */
static const uint8_t *choose_key(const struct card *card, uint64_t now_s, size_t choice,
                                 size_t *valid)
{
    const struct card_key *keys[CARD_KEYS_MAX];
    *valid = 0;
    for (size_t i = 0; i < card->key_count[KEY_TRANSPORT]; i++) {
        const struct card_key *key = &card->keys[KEY_TRANSPORT][i];
        if (now_s < key->from_s || now_s >= key->until_s) {
            continue;
        }
        size_t at = (*valid)++;
        for (; at > 0 && keys[at - 1]->from_s < key->from_s; at--) {
            keys[at] = keys[at - 1];
        }
        keys[at] = key;
    }
    return *valid == 0 ? NULL : keys[choice % *valid]->public_key;
}

/* The partner's endpoint, of which the look-up begins; false when it cannot. */
static bool take_endpoint(struct peer *peer, const struct card *card)
{
    struct lane *lane = peer->lane;
    struct error error;
    if (card == NULL || card->mesh_endpoint[0] == '\0') {
        lane_trouble(lane,
                     "neither our card nor that of %s names an endpoint, so nobody can dial; one "
                     "of both must listen",
                     lane->party);
        return false;
    }
    memcpy(peer->endpoint, card->mesh_endpoint, sizeof peer->endpoint);
    if (lookup_start(peer->endpoint, &lane->host->home, &peer->lookup, &error) != RESULT_OK) {
        lane_trouble(lane, "%s cannot be dialled: %s", lane->party, error.message);
        return false;
    }
    return true;
}

static bool take_key(struct peer *peer, const struct card *card)
{
    struct lane *lane = peer->lane;
    uint64_t now_s = world_wall_ms(lane->host->flow->world) / 1000;
    const uint8_t *key =
        choose_key(card, now_s, peer->attempt / peer->addresses, &peer->server_keys);
    if (key == NULL) {
        lane_trouble(lane,
                     "the card of %s has no transport key that is valid now; ask %s for its newest "
                     "card and import it",
                     lane->party, lane->party);
        return false;
    }
    memcpy(peer->server_key, key, sizeof peer->server_key);
    return true;
}

static enum result dial(struct peer *peer, const char *address, struct error *error)
{
    const struct flow *flow = peer->lane->host->flow;
    enum result result =
        sockopt_dealer(peer->context, flow->transport_key, peer->server_key, &peer->dealer, error);
    if (result == RESULT_OK) {
        result = monitor_open(peer->context, peer->dealer, PEER_EVENTS, &peer->monitor, error);
    }
    if (result == RESULT_OK) {
        result = sockopt_family(peer->dealer, address, error);
    }
    if (result == RESULT_OK && zmq_connect(peer->dealer, address) != 0) {
        result = error_set(error, RESULT_INVALID, "%s: %s", address, zmq_strerror(zmq_errno()));
    }
    return result;
}

/* The look-up is done: takes one of its addresses and one of the card's keys in turn. */
static void connect_to(struct peer *peer, const struct card *card, uint64_t now_ms)
{
    struct error error;
    peer->addresses = lookup_count(peer->lookup);
    if (peer->addresses == 0) {
        lane_trouble(peer->lane, "the name in %s is not found: %s; looked up again every %d s",
                     peer->endpoint, lookup_problem(peer->lookup), NAME_AGAIN_MS / 1000);
        peer->open_at_ms = now_ms + NAME_AGAIN_MS;
        return;
    }
    const char *address = lookup_endpoint(peer->lookup, peer->attempt % peer->addresses);
    if (!take_key(peer, card)) {
        return;
    }
    peer->is_name = strcmp(address, peer->endpoint) != 0;
    peer->tries = 0;
    lane_dialling(peer->lane);
    if (dial(peer, address, &error) != RESULT_OK) {
        lane_trouble(peer->lane, "%s cannot be dialled: %s", peer->lane->party, error.message);
        peer_close(peer);
    }
}

void peer_open(struct peer *peer, uint64_t now_ms)
{
    struct directory *directory = flow_directory(peer->lane->host->flow);
    const struct card *card = directory_party(directory, text_of(peer->lane->party));
    peer->open_at_ms = now_ms + PEER_AGAIN_MS;
    bool begun = peer->lookup != NULL || take_endpoint(peer, card);
    if (begun && card != NULL && lookup_is_done(peer->lookup)) {
        connect_to(peer, card, now_ms);
        lookup_end(&peer->lookup);
    }
    directory_release(&directory);
}
