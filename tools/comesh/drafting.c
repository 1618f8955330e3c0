/* The parties of a draft: who joins, leaves, changes its key or its role. See drafting.h. */
#include "tools/comesh/drafting.h"

#include "keys/file.h"
#include "tools/comesh/cards.h"
#include "tools/comesh/confirm.h"

static struct agreement_party *find_party(struct drafting *drafting, const char *code)
{
    struct agreement *draft = drafting->draft;
    for (size_t i = 0; i < draft->party_count; i++) {
        if (text_equal(text_of(draft->parties[i].party), text_of(code))) {
            return &draft->parties[i];
        }
    }
    return NULL;
}

/* The card of a party that is held, or one in a file, which a person confirms unless it is ours. */
static enum result card_named(struct drafting *drafting, const char *name, struct card **card,
                              struct error *error)
{
    struct buffer note = {0};
    uint8_t hash[WORDS_HASH_BYTES];
    const char *own = drafting->book.config->party;
    if (name_is_party(text_of(name))) {
        return card_load(drafting->call, strcmp(name, own) == 0 ? NULL : name, card, error);
    }
    enum result result = file_read(name, CARD_MAX_BYTES, FILE_PUBLIC, &note, error);
    if (result == RESULT_OK) {
        result = card_parse(buffer_bytes(&note), card, error);
    }
    if (result == RESULT_OK && strcmp((*card)->party, own) != 0) {
        const struct confirmation confirmation = {.thing = "card",
                                                  .party = (*card)->party,
                                                  .command = "comesh card fingerprint",
                                                  .undone = "NOT MADE"};
        card_fingerprint_hash(*card, hash);
        result = confirm_hash(drafting->call, &confirmation, hash, error);
    }
    if (result != RESULT_OK) {
        card_destroy(card);
    }
    buffer_free(&note);
    return result;
}

static void take_card(struct agreement_party *party, const struct card *card)
{
    memcpy(party->party, card->party, sizeof party->party);
    memcpy(party->domain, card->domain, sizeof party->domain);
    memcpy(party->identity, card->keys[KEY_IDENTITY][0].public_key, KEY_PUBLIC_BYTES);
}

enum result drafting_join(struct drafting *drafting, const char *name, struct error *error)
{
    struct card *card = NULL;
    struct agreement *draft = drafting->draft;
    enum result result = card_named(drafting, name, &card, error);
    if (card == NULL) {
        return result;
    }
    if (find_party(drafting, card->party) != NULL) {
        result = call_usage(drafting->call, error, "--join %s: %s takes part already", name,
                            card->party);
    } else if (draft->party_count == AGREEMENT_PARTIES_MAX) {
        result = call_usage(drafting->call, error, "--join %s: at most %d parties", name,
                            AGREEMENT_PARTIES_MAX);
    }
    if (result == RESULT_OK) {
        size_t at = draft->party_count;
        for (; at > 0 && strcmp(draft->parties[at - 1].party, card->party) > 0; at--) {
            draft->parties[at] = draft->parties[at - 1];
        }
        draft->parties[at] = (struct agreement_party){.exports = true, .imports = true};
        take_card(&draft->parties[at], card);
        draft->party_count++;
    }
    card_destroy(&card);
    return result;
}

static enum result leave(struct drafting *drafting, const char *code, struct error *error)
{
    struct agreement *draft = drafting->draft;
    struct agreement_party *party = find_party(drafting, code);
    if (party == NULL) {
        return call_usage(drafting->call, error, "--leave %s: is no party of %s", code,
                          draft->code);
    }
    size_t behind = draft->party_count - (size_t)(party - draft->parties) - 1;
    memmove(party, party + 1, behind * sizeof *party);
    draft->party_count--;
    return RESULT_OK;
}

static enum result change_identity(struct drafting *drafting, const char *name, struct error *error)
{
    struct card *card = NULL;
    enum result result = card_named(drafting, name, &card, error);
    if (card == NULL) {
        return result;
    }
    struct agreement_party *party = find_party(drafting, card->party);
    if (party == NULL) {
        result = call_usage(drafting->call, error, "--identity %s: %s is no party of %s", name,
                            card->party, drafting->draft->code);
    } else {
        take_card(party, card);
    }
    card_destroy(&card);
    return result;
}

/* "UY=exporter" */
static enum result set_role(struct drafting *drafting, const char *given, struct error *error)
{
    char code[PARTY_MAX_BYTES] = "";
    struct text rest = text_of(given);
    struct text name = text_until(&rest, '=');
    if (name.size < sizeof code) {
        memcpy(code, name.data, name.size);
    }
    struct agreement_party *party = find_party(drafting, code);
    bool both = text_equal(rest, TEXT("=both"));
    bool exports = both || text_equal(rest, TEXT("=exporter"));
    bool imports = both || text_equal(rest, TEXT("=importer"));
    if (party == NULL || (!exports && !imports)) {
        return call_usage(drafting->call, error,
                          "--role '%s'; accepted: PARTY=exporter, PARTY=importer or PARTY=both, of "
                          "a party that takes part",
                          given);
    }
    party->exports = exports;
    party->imports = imports;
    return RESULT_OK;
}

enum result drafting_each(struct drafting *drafting, const char *option, drafting_option *take,
                          struct error *error)
{
    size_t cursor = 0;
    enum result result = RESULT_OK;
    for (const char *value = call_next(drafting->call, option, &cursor);
         value != NULL && result == RESULT_OK; value = call_next(drafting->call, option, &cursor)) {
        result = take(drafting, value, error);
    }
    return result;
}

enum result drafting_parties(struct drafting *drafting, struct error *error)
{
    const struct {
        const char *option;
        drafting_option *take;
    } steps[] = {{"leave", leave},
                 {"join", drafting_join},
                 {"identity", change_identity},
                 {"role", set_role}};
    enum result result = RESULT_OK;
    for (size_t i = 0; i < sizeof steps / sizeof steps[0] && result == RESULT_OK; i++) {
        result = drafting_each(drafting, steps[i].option, steps[i].take, error);
    }
    return result;
}
