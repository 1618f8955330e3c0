/* Who is trusted: changes of the partners without a node, under the same lock as all others and
 * against all others. See directory.h. */
#include "keys/directory_private.h"
#include "keys/file.h"

/* A party is reached by one way, and the folder must load with the card in it. */
static enum result rest_check(const struct directory *held, const struct rest_card *card,
                              struct error *error)
{
    const struct card *other = NULL;
    if (!text_equal(text_of(card->environment), text_of(held->own->environment))) {
        return error_set(error, RESULT_DENIED,
                         "the card of %s is of environment %s, and this node of %s", card->party,
                         card->environment, held->own->environment);
    }
    if (directory_is_one_party(held->own, card)) {
        return error_set(error, RESULT_DENIED,
                         "the card is of %s (%s), which has the party code or the domain of the "
                         "own party, %s (%s)",
                         card->party, card->domain, held->own->party, held->own->domain);
    }
    for (size_t i = 0; (other = directory_at(held, i)) != NULL; i++) {
        if (directory_is_one_party(other, card)) {
            return error_set(error, RESULT_CONFLICT,
                             "%s (%s) has a node here; `comesh card remove %s` first if it has "
                             "none any more",
                             other->party, other->domain, other->party);
        }
    }
    return RESULT_OK;
}

enum result directory_rest_store(const char *path, const struct rest_card *card,
                                 struct error *error)
{
    struct directory_change change;
    enum result result = directory_change_begin(&change, path, true, error);
    if (result == RESULT_OK) {
        result = rest_check(change.held, card, error);
    }
    if (result == RESULT_OK) {
        result = rest_cards_put(path, card, error);
    }
    directory_change_end(&change);
    return result;
}

enum result directory_rest_remove(const char *path, struct text party, struct error *error)
{
    int lock = -1;
    enum result result = file_lock(path, &lock, error);
    if (result == RESULT_OK) {
        result = rest_cards_drop(path, party, error);
    }
    file_unlock(&lock);
    return result;
}
