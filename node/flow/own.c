/* Who we are now. See own.h. */
#include "node/flow/own.h"

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

const struct keypair *own_key(const struct own *own, enum key_role role, uint64_t known,
                              struct error *error)
{
    enum unlocked_choice choice = known == own->card->serial ? UNLOCKED_NEWEST : UNLOCKED_OLDEST;
    const struct keypair *key = unlocked_key(own->unlocked, own->card, role, own->now_s, choice);
    if (key == NULL) {
        (void)error_set(error, RESULT_DENIED,
                        "no %s key of our card is valid now, unrevoked and unlocked; see 'comesh "
                        "key list'",
                        key_role_text(role));
    }
    return key;
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
