/* Who speaks for a card. See vouch.h. */
#include "node/flow/vouch.h"

static const uint8_t *identity_of(const struct card *card)
{
    return card->keys[KEY_IDENTITY][0].public_key;
}

static bool is_replaced(const struct flow *flow, const struct agreements *agreements,
                        const struct card *card)
{
    return agreements_replaced(agreements, text_of(card->party), identity_of(card),
                               world_wall_ms(flow->world) / 1000);
}

enum result vouch_check(struct flow *flow, const struct card *card, struct error *error)
{
    enum result result = card_check_time(card, world_wall_ms(flow->world) / 1000, error);
    if (result != RESULT_OK) {
        return result;
    }
    struct agreements *agreements = flow_agreements(flow);
    if (is_replaced(flow, agreements, card)) {
        result = error_set(error, RESULT_UNTRUSTED,
                           "card of %s: an agreement in force names another identity for %s in the "
                           "place of the one that signed it",
                           card->party, card->party);
    }
    agreements_release(&agreements);
    return result;
}

enum result vouch_take(struct flow *flow, const struct card *card, bool *named, bool *news,
                       struct error *error)
{
    char path[CONFIG_PATH_BYTES];
    struct directory_vouch vouch = {0};
    struct agreements *agreements = flow_agreements(flow);
    struct directory *directory = flow_directory(flow);
    const struct card *held = directory_party(directory, text_of(card->party));
    *news = false;
    *named = agreements_vouch(agreements, text_of(card->party), text_of(card->domain),
                              identity_of(card), world_wall_ms(flow->world) / 1000);
    if (held != NULL && is_replaced(flow, agreements, held)) {
        vouch.replaced = identity_of(held);
    }
    enum result result = config_place(flow->config, "cards", path, error);
    if (result == RESULT_OK) {
        result = directory_take(path, card, *named ? &vouch : NULL, news, error);
    }
    directory_release(&directory);
    agreements_release(&agreements);
    return result;
}
