/* The folder of REST-only partners. See rest_cards.h. */
#include "keys/rest_cards.h"

#include "keys/file.h"

#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

#define FOLDER         "rest"
#define HISTORY_FOLDER "rest-history"
#define SUFFIX         ".card"

struct rest_cards {
    size_t count;
    struct rest_card cards[]; /* ascending by party */
};

static enum result card_read(const char *path, struct rest_card *card, struct error *error)
{
    struct buffer text = {0};
    enum result result = file_read(path, REST_CARD_MAX_BYTES, FILE_PUBLIC, &text, error);
    if (result == RESULT_OK) {
        result = rest_card_read(buffer_bytes(&text), card, error);
        if (result != RESULT_OK) {
            (void)error_wrap(error, "'%s'", path);
        }
    }
    buffer_free(&text);
    return result;
}

/* ---- loading ---- */

/* A client's key names one partner, and a domain one party. */
static enum result compare(const struct rest_card *a, const struct rest_card *b,
                           struct error *error)
{
    if (text_equal(text_of(a->domain), text_of(b->domain))) {
        return error_set(error, RESULT_CONFLICT,
                         "the REST cards of %s and %s have one domain; keep the right one",
                         a->party, b->party);
    }
    for (size_t i = 0; i < a->pin_count[REST_CLIENT]; i++) {
        if (rest_card_pin(b, REST_CLIENT, a->pins[REST_CLIENT][i].hash) != NULL) {
            return error_set(error, RESULT_CONFLICT,
                             "the REST cards of %s and %s have one client key; ask both for new "
                             "certificates",
                             a->party, b->party);
        }
    }
    return RESULT_OK;
}

static enum result load_one(struct rest_cards *cards, const char *folder, const char *name,
                            struct text environment, struct error *error)
{
    char path[PATH_MAX];
    char expected[PARTY_MAX_BYTES + sizeof SUFFIX];
    struct rest_card *card = &cards->cards[cards->count];
    enum result result = file_place(path, folder, name, error);
    if (result == RESULT_OK) {
        result = card_read(path, card, error);
    }
    if (result != RESULT_OK) {
        return result;
    }
    (void)snprintf(expected, sizeof expected, "%s%s", card->party, SUFFIX);
    if (!text_equal(text_of(card->environment), environment)) {
        return error_set(error, RESULT_INVALID,
                         "'%s': a card of %s for %s, where this node is for %.*s; remove it", path,
                         card->party, card->environment, TEXT_ARGS(environment));
    }
    if (!text_equal(text_of(name), text_of(expected))) {
        return error_set(error, RESULT_INVALID, "'%s': is the card of %s; name it %s", path,
                         card->party, expected);
    }
    for (size_t i = 0; i < cards->count && result == RESULT_OK; i++) {
        result = compare(&cards->cards[i], card, error);
    }
    cards->count++;
    return result;
}

/* Names that begin with a dot are files that file_replace had not finished. */
static int name_is_wanted(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

enum result rest_cards_load(const char *path, struct text environment, struct rest_cards **cards,
                            struct error *error)
{
    char folder[PATH_MAX];
    struct dirent **names = NULL;
    *cards = NULL;
    enum result result = file_place(folder, path, FOLDER, error);
    if (result != RESULT_OK) {
        return result;
    }
    int count = scandir(folder, &names, name_is_wanted, alphasort);
    if (count < 0 && errno != ENOENT) {
        return error_system(error, errno, "folder '%s'", folder);
    }
    count = count < 0 ? 0 : count;
    struct rest_cards *made = calloc(1, sizeof *made + (size_t)count * sizeof(struct rest_card));
    if (made == NULL) {
        result = error_set(error, RESULT_NO_MEMORY, "no memory for %d REST cards", count);
    }
    for (int i = 0; i < count; i++) {
        if (result == RESULT_OK) {
            result = load_one(made, folder, names[i]->d_name, environment, error);
        }
        free(names[i]);
    }
    free(names);
    if (result != RESULT_OK) {
        rest_cards_destroy(&made);
    }
    *cards = made;
    return result;
}

void rest_cards_destroy(struct rest_cards **cards)
{
    free(*cards);
    *cards = NULL;
}

/* ---- looking up ---- */

const struct rest_card *rest_cards_at(const struct rest_cards *cards, size_t index)
{
    return index < cards->count ? &cards->cards[index] : NULL;
}

const struct rest_card *rest_cards_party(const struct rest_cards *cards, struct text party)
{
    for (size_t i = 0; i < cards->count; i++) {
        if (text_equal(text_of(cards->cards[i].party), party)) {
            return &cards->cards[i];
        }
    }
    return NULL;
}

const struct rest_card *rest_cards_client(const struct rest_cards *cards,
                                          const uint8_t hash[REST_PIN_BYTES],
                                          const struct rest_pin **pin)
{
    for (size_t i = 0; i < cards->count; i++) {
        *pin = rest_card_pin(&cards->cards[i], REST_CLIENT, hash);
        if (*pin != NULL) {
            return &cards->cards[i];
        }
    }
    return NULL;
}

/* ---- changing ---- */

/* Whether `card` may take the place of `old`: nothing signs it but the person who confirmed it. */
static enum result replacement_check(const struct rest_card *old, const struct rest_card *card,
                                     struct error *error)
{
    char known[WORDS_DIGITS_BYTES];
    char given[WORDS_DIGITS_BYTES];
    rest_card_fingerprint(old, known);
    rest_card_fingerprint(card, given);
    if (!text_equal(text_of(old->domain), text_of(card->domain))) {
        return error_set(error, RESULT_CONFLICT,
                         "REST card of %s: for %s, where %s is held; remove that one first if the "
                         "party has moved",
                         card->party, card->domain, old->domain);
    }
    if (card->serial < old->serial ||
        (card->serial == old->serial && !text_equal(text_of(known), text_of(given)))) {
        return error_set(error, RESULT_CONFLICT,
                         "REST card of %s: serial %" PRIu64 " (%s), where %" PRIu64
                         " (%s) is held; ask for one with a higher serial",
                         card->party, card->serial, given, old->serial, known);
    }
    return RESULT_OK;
}

/* Whether it may stand beside the others, and in the place of the one that is held. */
static enum result put_check(const struct rest_cards *held, const struct rest_card *card,
                             struct error *error)
{
    enum result result = RESULT_OK;
    for (size_t i = 0; i < held->count && result == RESULT_OK; i++) {
        const struct rest_card *other = &held->cards[i];
        result = text_equal(text_of(other->party), text_of(card->party))
                     ? replacement_check(other, card, error)
                     : compare(other, card, error);
    }
    return result;
}

/* The place of a version in a folder below, which is made when it is missing. */
static enum result place_make(const char *path, const char *below, const char *name,
                              char place[PATH_MAX], struct error *error)
{
    char folder[PATH_MAX];
    enum result result = file_place(folder, path, below, error);
    if (result == RESULT_OK) {
        result = file_folder(folder, error);
    }
    return result == RESULT_OK ? file_place(place, folder, name, error) : result;
}

/* Every version that was ever trusted stays, for whoever asks later who was let in: what was held
 * with that serial is not written over, also when its card was removed since. */
static enum result version_check(const char *place, const struct buffer *text,
                                 const struct rest_card *card, struct error *error)
{
    struct buffer held = {0};
    enum result result = file_read(place, REST_CARD_MAX_BYTES, FILE_PUBLIC, &held, error);
    if (result == RESULT_OK && !bytes_equal(buffer_bytes(&held), buffer_bytes(text))) {
        result = error_set(error, RESULT_CONFLICT,
                           "REST card of %s: serial %" PRIu64
                           " was held with another text; ask for one with a higher serial",
                           card->party, card->serial);
    } else if (result == RESULT_NOT_FOUND) {
        result = RESULT_OK;
    }
    buffer_free(&held);
    return result;
}

/* The version first, so that what was let in is known wherever a power cut stops it. */
static enum result put(const char *path, const struct rest_card *card, const struct buffer *text,
                       struct error *error)
{
    char name[64];
    char place[PATH_MAX];
    (void)snprintf(name, sizeof name, "%s-%06" PRIu64 SUFFIX, card->party, card->serial);
    enum result result = place_make(path, HISTORY_FOLDER, name, place, error);
    if (result == RESULT_OK) {
        result = version_check(place, text, card, error);
    }
    if (result == RESULT_OK) {
        result = file_replace(place, buffer_bytes(text), FILE_PUBLIC, error);
    }
    (void)snprintf(name, sizeof name, "%s" SUFFIX, card->party);
    if (result == RESULT_OK) {
        result = place_make(path, FOLDER, name, place, error);
    }
    return result == RESULT_OK ? file_replace(place, buffer_bytes(text), FILE_PUBLIC, error)
                               : result;
}

enum result rest_cards_put(const char *path, const struct rest_card *card, struct error *error)
{
    struct rest_cards *held = NULL;
    struct buffer text = {0};
    rest_card_append(card, &text);
    enum result result = buffer_check(&text, error);
    if (result == RESULT_OK) {
        result = rest_cards_load(path, text_of(card->environment), &held, error);
    }
    if (held != NULL) {
        result = put_check(held, card, error);
    }
    if (result == RESULT_OK) {
        result = put(path, card, &text, error);
    }
    rest_cards_destroy(&held);
    buffer_free(&text);
    return result;
}

enum result rest_cards_drop(const char *path, struct text party, struct error *error)
{
    char name[PARTY_MAX_BYTES + sizeof SUFFIX];
    char folder[PATH_MAX];
    char place[PATH_MAX];
    (void)snprintf(name, sizeof name, "%.*s" SUFFIX, TEXT_ARGS(party));
    enum result result = file_place(folder, path, FOLDER, error);
    if (result == RESULT_OK) {
        result = file_place(place, folder, name, error);
    }
    if (result == RESULT_OK) {
        result = file_remove(place, error);
    }
    return result == RESULT_NOT_FOUND
               ? error_set(error, result, "there is no REST card of '%.*s'", TEXT_ARGS(party))
               : result;
}
