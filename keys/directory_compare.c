/* Who is trusted: what cannot stand together in one directory. See directory.h. */
#include "keys/directory_private.h"
#include "keys/skeleton.h"

static enum result keys_compare(const struct card *a, const struct card *b, struct error *error)
{
    enum key_role role;
    enum key_role other_role;
    const struct card_key *key;
    const struct card_key *other;
    for (size_t i = 0; (key = card_key_at(a, i, &role)) != NULL; i++) {
        for (size_t k = 0; (other = card_key_at(b, k, &other_role)) != NULL; k++) {
            if (key_is_same(role, key->public_key, other_role, other->public_key)) {
                return error_set(error, RESULT_CONFLICT,
                                 "the cards of %s and %s have one key, as %s and as %s key; ask "
                                 "both for new cards",
                                 a->party, b->party, key_role_text(role),
                                 key_role_text(other_role));
            }
        }
    }
    return RESULT_OK;
}

enum result directory_compare(const struct card *a, const struct card *b, struct error *error)
{
    bool one_party = text_equal(text_of(a->party), text_of(b->party));
    if (one_party || text_equal(text_of(a->domain), text_of(b->domain))) {
        return error_set(error, RESULT_CONFLICT,
                         "the cards of %s and %s have one %s; keep the right one", a->party,
                         b->party, one_party ? "party code" : "domain");
    }
    if (skeleton_is_same(text_of(a->name), text_of(b->name))) {
        return error_set(error, RESULT_CONFLICT,
                         "the cards of %s and %s have names that look alike, '%s' and '%s'; ask "
                         "both who they are",
                         a->party, b->party, a->name, b->name);
    }
    return keys_compare(a, b, error);
}

bool directory_is_one_party(const struct card *card, const struct rest_card *rest)
{
    return text_equal(text_of(card->party), text_of(rest->party)) ||
           text_equal(text_of(card->domain), text_of(rest->domain));
}

/* A party is reached by one way: it has a node, or it has none. */
enum result directory_compare_rest(const struct directory *directory, const struct card *card,
                                   struct error *error)
{
    const struct rest_card *rest;
    for (size_t i = 0; (rest = rest_cards_at(directory->rest, i)) != NULL; i++) {
        if (directory_is_one_party(card, rest)) {
            return error_set(error, RESULT_CONFLICT,
                             "the REST card of %s and the card of %s have one party code or "
                             "domain; keep the right one",
                             rest->party, card->party);
        }
    }
    return RESULT_OK;
}
