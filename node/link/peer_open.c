/* Opening the connection to a partner: endpoint and key from its card, an address for its name, and
 * the socket. See peer.h. */
#include "node/flow/own.h"
#include "node/link/peer.h"
#include "node/link/sockopt.h"

#include <stdio.h>
#include <zmq.h>

#define NAME_AGAIN_MS 10000 /* until a name that was not found is looked up again */
#define PEER_EVENTS                                                                                \
    (ZMQ_EVENT_HANDSHAKE_SUCCEEDED | ZMQ_EVENT_HANDSHAKE_FAILED_AUTH |                             \
     ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL | ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL |                  \
     ZMQ_EVENT_DISCONNECTED | ZMQ_EVENT_CONNECT_RETRIED)

const struct card_key *peer_server_key(const struct card *card, uint64_t now_s, size_t choice,
                                       size_t *valid)
{
    const struct card_key *keys[CARD_KEYS_MAX];
    *valid = 0;
    for (size_t i = 0; i < card->key_count[KEY_TRANSPORT]; i++) {
        const struct card_key *key = &card->keys[KEY_TRANSPORT][i];
        if (!card_key_is_valid(key, now_s)) {
            continue;
        }
        size_t at = (*valid)++;
        for (; at > 0 && keys[at - 1]->from_s < key->from_s; at--) {
            keys[at] = keys[at - 1];
        }
        keys[at] = key;
    }
    return *valid == 0 ? NULL : keys[choice % *valid];
}

/* Why there is no key to dial with. */
static void tell_no_key(struct lane *lane, const struct directory *directory)
{
    if (directory_is_suspended(directory, text_of(lane->party))) {
        lane_trouble(lane,
                     "the identity key of %s is revoked, so it is suspended; it goes on with the "
                     "card of its new identity",
                     lane->party);
        return;
    }
    lane_trouble(lane,
                 "the card of %s has no transport key that is valid now; ask %s for its newest "
                 "card and import it",
                 lane->party, lane->party);
}

/* The partner's server key whose turn it is, and its endpoint; false when there is none. */
static bool take_server(struct peer *peer, const struct directory *directory,
                        const struct card *card)
{
    struct lane *lane = peer->lane;
    uint64_t now_s = world_wall_ms(lane->host->flow->world) / 1000;
    if (card == NULL || card->mesh_endpoint[0] == '\0') {
        lane_trouble(lane,
                     "neither our card nor that of %s names an endpoint, so nobody can dial; one "
                     "of both must listen",
                     lane->party);
        return false;
    }
    const struct card_key *newest = peer_server_key(card, now_s, 0, &peer->server_keys);
    const struct card_key *key = peer_server_key(card, now_s, peer->server, &peer->server_keys);
    if (key == NULL || newest == NULL) {
        tell_no_key(lane, directory);
        return false;
    }
    (void)snprintf(peer->endpoint, sizeof peer->endpoint, "%s", card_key_endpoint(card, key));
    memcpy(peer->server_key, key->public_key, sizeof peer->server_key);
    memcpy(peer->newest_key, newest->public_key, sizeof peer->newest_key);
    return true;
}

/* Begins to look the endpoint up; false when it cannot. */
static bool begin(struct peer *peer, const struct directory *directory, const struct card *card)
{
    struct lane *lane = peer->lane;
    struct error error;
    if (!take_server(peer, directory, card)) {
        return false;
    }
    if (lookup_start(peer->endpoint, &lane->host->home, &peer->lookup, &error) != RESULT_OK) {
        lane_trouble(lane, "%s cannot be dialled: %s", lane->party, error.message);
        return false;
    }
    return true;
}

/* The serial of our card that the partner is known to hold; it does not sink while a newer card is
 * on its way. */
static uint64_t known_serial(struct peer *peer)
{
    const struct lane_host *host = peer->lane->host;
    struct text party = text_of(peer->lane->party);
    struct arena arena = {0};
    struct error ignored;
    char origin[ORIGIN_MAX_BYTES];
    const struct store_channel *channel = NULL;
    if (flow_origin(host->flow, party, origin, &ignored) == RESULT_OK &&
        flow_read_channel(host->reader, text_of(origin), &arena, &channel, &ignored) == RESULT_OK) {
        uint64_t known = own_known(channel);
        peer->known = known > peer->known ? known : peer->known;
    }
    arena_free(&arena);
    return peer->known;
}

/* Our keys to show: the one that the partner is known to hold, and the other one when there are
 * two; NULL when there is none. */
static const struct keypair *choose_own(struct peer *peer, const struct own *own,
                                        const struct keypair **other, struct error *error)
{
    uint64_t serial = own->card->serial;
    uint64_t known = serial;
    if (own->card->key_count[KEY_TRANSPORT] > 1) {
        known = known_serial(peer);
    }
    const struct keypair *first = own_key(own, KEY_TRANSPORT, known, error);
    *other = own_key(own, KEY_TRANSPORT, known == serial ? 0 : serial, error);
    if (*other == first) {
        *other = NULL;
    }
    return first;
}

static bool is_shown(const struct peer *peer, const struct keypair *key)
{
    return key != NULL && memcmp(keypair_public(key), peer->own_key, sizeof peer->own_key) == 0;
}

bool peer_own_is_outdated(struct peer *peer)
{
    struct error ignored;
    const struct keypair *other = NULL;
    struct own own = own_of(peer->lane->host->flow);
    const struct keypair *first = choose_own(peer, &own, &other, &ignored);
    peer->own_other = peer->own_other && is_shown(peer, other);
    bool is_best = peer->own_other || is_shown(peer, first);
    own_release(&own);
    return !is_best;
}

bool peer_next_own(struct peer *peer)
{
    struct error ignored;
    const struct keypair *other = NULL;
    struct own own = own_of(peer->lane->host->flow);
    const struct keypair *first = choose_own(peer, &own, &other, &ignored);
    bool is_first = is_shown(peer, first);
    bool is_next = !peer->own_refused && (is_first ? other : first) != NULL;
    peer->own_other = is_next && is_first;
    peer->own_refused = is_next && (is_first || is_shown(peer, other));
    own_release(&own);
    return is_next;
}

static enum result dial(struct peer *peer, const char *address, struct error *error)
{
    struct own own = own_of(peer->lane->host->flow);
    const struct keypair *other = NULL;
    const struct keypair *key = choose_own(peer, &own, &other, error);
    key = peer->own_other && other != NULL ? other : key;
    enum result result =
        key == NULL ? error->code
                    : sockopt_dealer(peer->context, key, peer->server_key, &peer->dealer, error);
    if (result == RESULT_OK) {
        memcpy(peer->own_key, keypair_public(key), sizeof peer->own_key);
        result = monitor_open(peer->context, peer->dealer, PEER_EVENTS, &peer->monitor, error);
    }
    if (result == RESULT_OK) {
        result = sockopt_family(peer->dealer, address, error);
    }
    if (result == RESULT_OK && zmq_connect(peer->dealer, address) != 0) {
        result = error_set(error, RESULT_INVALID, "%s: %s", address, zmq_strerror(zmq_errno()));
    }
    own_release(&own);
    return result;
}

/* The look-up is done: takes one of its addresses in turn. */
static void connect_to(struct peer *peer, uint64_t now_ms)
{
    struct error error;
    peer->addresses = lookup_count(peer->lookup);
    if (peer->addresses == 0) {
        lane_trouble(peer->lane, "the name in %s is not found: %s; looked up again every %d s",
                     peer->endpoint, lookup_problem(peer->lookup), NAME_AGAIN_MS / 1000);
        peer->open_at_ms = now_ms + NAME_AGAIN_MS;
        peer->server++;
        return;
    }
    const char *address = lookup_endpoint(peer->lookup, peer->attempt % peer->addresses);
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
    bool begun = peer->lookup != NULL || begin(peer, directory, card);
    if (begun && lookup_is_done(peer->lookup)) {
        connect_to(peer, now_ms);
        lookup_end(&peer->lookup);
    }
    directory_release(&directory);
}
