/* What is kept of pairings. See pairings.h. */
#include "tools/comesh/pairings.h"

#include "keys/directory.h"
#include "keys/file.h"
#include "keys/text.h"
#include "tools/comesh/acts.h"
#include "tools/comesh/cards.h"

#include <inttypes.h>

static struct bytes identity_of(const struct card *card)
{
    return (struct bytes){card->keys[KEY_IDENTITY][0].public_key, KEY_PUBLIC_BYTES};
}

static enum result held_compare(const struct card *held, const struct card *card,
                                struct error *error)
{
    char known[FINGERPRINT_DIGITS_BYTES];
    if (!bytes_equal(identity_of(held), identity_of(card))) {
        card_fingerprint(held, known);
        return error_set(error, RESULT_CONFLICT,
                         "%s is held with another identity (fingerprint %s); only when they have "
                         "changed it, remove the old card and pair again",
                         card->party, known);
    }
    if (card->serial < held->serial) {
        return error_set(error, RESULT_CONFLICT,
                         "this card of %s has serial %" PRIu64 ", and %" PRIu64
                         " is held: it shows an old card",
                         card->party, card->serial, held->serial);
    }
    return RESULT_OK;
}

enum result pairings_check(const struct config *config, const struct card *card,
                           struct error *error)
{
    struct directory *directory = NULL;
    char cards[CONFIG_PATH_BYTES];
    enum result result = config_place(config, "cards", cards, error);
    if (result == RESULT_OK) {
        result = directory_load(cards, text_of(config->environment), &directory, error);
    }
    if (result == RESULT_OK) {
        const struct text party = {card->party, strlen(card->party)};
        const struct card *held = directory_party(directory, party);
        if (held != NULL && !directory_is_suspended(directory, party)) {
            result = held_compare(held, card, error);
        }
    }
    directory_release(&directory);
    return result;
}

void pairings_signers(const struct minutes *minutes, unsigned signers, struct buffer *out)
{
    const char *separator = "signed by ";
    for (unsigned role = 0; role < MINUTES_ROLES; role++) {
        if ((signers & 1U << role) != 0) {
            buffer_printf(out, "%s%s", separator, minutes->sides[role].party);
            separator = " and ";
        }
    }
    separator = out->size > 0 ? "; the signature of " : "not signed yet by ";
    for (unsigned role = 0; role < MINUTES_ROLES; role++) {
        if ((signers & 1U << role) == 0) {
            buffer_printf(out, "%s%s", separator, minutes->sides[role].party);
            separator = " and ";
        }
    }
    buffer_text(out, signers == 1 || signers == 2 ? " is missing" : "");
}

enum result pairings_path(const struct config *config, const struct minutes *minutes,
                          char out[CONFIG_PATH_BYTES], struct error *error)
{
    unsigned own = text_equal(text_of(minutes->sides[0].party), text_of(config->party)) ? 0 : 1;
    char time[TEXT_TIME_BYTES];
    char name[128];
    if (!text_equal(text_of(minutes->sides[own].party), text_of(config->party))) {
        return error_set(error, RESULT_DENIED, "these are minutes of %s and %s, not of %s",
                         minutes->sides[0].party, minutes->sides[1].party, config->party);
    }
    text_time(minutes->sides[own].time_s, time);
    (void)snprintf(
        name, sizeof name, PAIRINGS_FOLDER "/%s-%.4s%.2s%.2sT%.2s%.2s%.2sZ" PAIRINGS_SUFFIX,
        minutes->sides[1 - own].party, time, time + 5, time + 8, time + 11, time + 14, time + 17);
    return config_place(config, name, out, error);
}

static enum result minutes_keep(const struct config *config, const struct pairing *pairing,
                                struct error *error)
{
    char folder[CONFIG_PATH_BYTES];
    char path[CONFIG_PATH_BYTES];
    struct buffer note = {0};
    struct buffer told = {0};
    struct minutes minutes;
    unsigned signers = 0;
    enum result result = pairing_minutes(pairing, &note, &signers, error);
    if (result == RESULT_OK) {
        result = minutes_parse(buffer_bytes(&note), &minutes, &signers, error);
    }
    if (result == RESULT_OK) {
        result = config_place(config, PAIRINGS_FOLDER, folder, error);
    }
    if (result == RESULT_OK) {
        result = file_folder(folder, error);
    }
    if (result == RESULT_OK) {
        result = pairings_path(config, &minutes, path, error);
    }
    if (result == RESULT_OK) {
        result = file_replace(path, buffer_bytes(&note), FILE_PUBLIC, error);
    }
    if (result == RESULT_OK) {
        pairings_signers(&minutes, signers, &told);
        (void)fprintf(stderr, "comesh: the minutes are in %s, %.*s\n", path,
                      TEXT_ARGS(buffer_view(&told)));
    }
    buffer_free(&told);
    buffer_free(&note);
    return result;
}

/* The minutes first: a card that is trusted by pairing never lacks them. */
enum result pairings_keep(const struct call *call, const struct config *config,
                          const struct pairing *pairing, struct error *error)
{
    const struct card *card = pairing_card(pairing);
    char cards[CONFIG_PATH_BYTES];
    enum result result = minutes_keep(config, pairing, error);
    if (result == RESULT_OK) {
        result = config_place(config, "cards", cards, error);
    }
    if (result == RESULT_OK) {
        result = directory_store(cards, card, error);
    }
    if (result == RESULT_OK) {
        (void)fprintf(stderr, "comesh: %s is a partner now: %s, serial %" PRIu64 "\n", card->party,
                      card->domain, card->serial);
        result = act_record_card(call, config->directory, "pair", card, error);
    }
    return result == RESULT_OK ? node_reload(config, error) : result;
}
