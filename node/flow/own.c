/* Who we are now. See own.h. */
#include "node/flow/own.h"

/* What a key signs in its last seconds may be receipted after its end. */
#define OWN_MARGIN_S 60

struct own own_of(struct flow *flow)
{
    struct own own = {.now_s = world_wall_ms(flow->world) / 1000};
    (void)pthread_mutex_lock(&flow->directory_lock);
    own.directory = directory_share(flow->directory);
    own.unlocked = unlocked_share(flow->unlocked);
    (void)pthread_mutex_unlock(&flow->directory_lock);
    own.card = directory_own(own.directory);
    return own;
}

void own_release(struct own *own)
{
    own->card = NULL;
    unlocked_release(&own->unlocked);
    directory_release(&own->directory);
}

uint64_t own_known(const struct store_channel *channel)
{
    return channel != NULL && channel->receipt_size >= channel->carried ? channel->carried_serial
                                                                        : 0;
}

/* The serial of the first card of ours that had the key: who holds that card knows it. */
static uint64_t known_since(const struct own *own, enum key_role role, const struct card_key *key)
{
    struct text party = text_of(own->card->party);
    uint64_t since = own->card->serial;
    const struct card *card;
    for (size_t i = 0; (card = directory_version(own->directory, party, i)) != NULL; i++) {
        if (card->serial < since && card_key_find(card, role, key->public_key) != NULL) {
            since = card->serial;
        }
    }
    return since;
}

/* The keys of a role that are valid so long and unlocked, the one that begins last at the end. */
static size_t usable(const struct own *own, enum key_role role, uint64_t margin_s,
                     const struct card_key *keys[CARD_KEYS_MAX])
{
    size_t count = 0;
    for (size_t i = 0; i < own->card->key_count[role]; i++) {
        const struct card_key *key = &own->card->keys[role][i];
        if (!card_key_is_valid(key, own->now_s) || key->until_s - own->now_s <= margin_s ||
            unlocked_find(own->unlocked, role, key->public_key) == NULL) {
            continue;
        }
        size_t at = count++;
        for (; at > 0 && keys[at - 1]->from_s > key->from_s; at--) {
            keys[at] = keys[at - 1];
        }
        keys[at] = key;
    }
    return count;
}

/* The newest that stands on the card `known`, or the one that stood on a card first. */
static const struct card_key *choose(const struct own *own, enum key_role role, uint64_t known,
                                     uint64_t margin_s)
{
    const struct card_key *keys[CARD_KEYS_MAX];
    const struct card_key *chosen = NULL;
    uint64_t chosen_since = UINT64_MAX;
    size_t count = usable(own, role, margin_s, keys);
    if (count == 1) {
        return keys[0];
    }
    for (size_t i = count; i-- > 0;) {
        uint64_t since = known_since(own, role, keys[i]);
        if (since <= known) {
            return keys[i];
        }
        if (since <= chosen_since) {
            chosen = keys[i];
            chosen_since = since;
        }
    }
    return chosen;
}

const struct keypair *own_key(const struct own *own, enum key_role role, uint64_t known,
                              struct error *error)
{
    const struct card_key *key = choose(own, role, known, OWN_MARGIN_S);
    if (key == NULL || known_since(own, role, key) > known) {
        const struct card_key *ending = choose(own, role, known, 0);
        key = ending == NULL ? key : ending;
    }
    if (key == NULL) {
        (void)error_set(error, RESULT_DENIED,
                        "no %s key of our card is valid now, unrevoked and unlocked; see 'comesh "
                        "key list'",
                        key_role_text(role));
        return NULL;
    }
    return unlocked_find(own->unlocked, role, key->public_key);
}

bool own_is_changing(const struct own *own)
{
    static const enum key_role roles[] = {KEY_CHECKPOINT, KEY_RECEIPT, KEY_TRANSPORT};
    for (size_t i = 0; i < sizeof roles / sizeof roles[0]; i++) {
        size_t live = 0;
        for (size_t k = 0; k < own->card->key_count[roles[i]]; k++) {
            live += own->now_s < own->card->keys[roles[i]][k].until_s;
        }
        if (live > 1) {
            return true;
        }
    }
    return false;
}
