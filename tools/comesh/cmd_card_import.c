/* comesh card import and remove: whom this node trusts. A card comes in only when a person has
 * confirmed its fingerprint. */
#include "keys/directory.h"
#include "keys/file.h"
#include "tools/comesh/cards.h"
#include "tools/comesh/client.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#define CONFIRM_DIGITS 10 /* typed on a terminal: the first two groups */

/* The digits of `text`, without blanks and hyphens; false when there is anything else. */
static bool digits_of(const char *text, char *out, size_t size)
{
    size_t count = 0;
    for (; *text != '\0' && *text != '\n'; text++) {
        if (isdigit((unsigned char)*text) && count + 1 < size) {
            out[count++] = *text;
        } else if (*text != '-' && *text != ' ') {
            return false;
        }
    }
    out[count] = '\0';
    return true;
}

static enum result not_confirmed(const struct card *card, const char *digits, struct error *error)
{
    return error_set(error, RESULT_UNTRUSTED,
                     "NOT IMPORTED: the fingerprint of this card is %s, not what you gave; either "
                     "it was mistyped, or this is not the card of %s: get it again, and compare",
                     digits, card->party);
}

/* A person compares on a terminal. */
static enum result confirm_typed(const struct card *card, const char *digits, const char *plain,
                                 struct error *error)
{
    char line[128];
    char typed[64];
    (void)fprintf(
        stderr,
        "\nAsk %s for the fingerprint of its card, by telephone or in person, and compare."
        "\nIf it is the same, type its first two groups (10 digits): ",
        card->party);
    if (fgets(line, sizeof line, stdin) == NULL || !digits_of(line, typed, sizeof typed) ||
        strlen(typed) < CONFIRM_DIGITS || strncmp(plain, typed, strlen(typed)) != 0) {
        return not_confirmed(card, digits, error);
    }
    return RESULT_OK;
}

static enum result confirm(struct call *call, const struct card *card, struct error *error)
{
    char digits[FINGERPRINT_DIGITS_BYTES];
    char plain[FINGERPRINT_DIGITS_BYTES];
    char wanted[64];
    card_fingerprint(card, digits);
    (void)digits_of(digits, plain, sizeof plain);
    const char *given = call_value(call, "fingerprint");
    if (given != NULL) {
        bool same = digits_of(given, wanted, sizeof wanted) && strcmp(wanted, plain) == 0;
        return same ? RESULT_OK : not_confirmed(card, digits, error);
    }
    card_print(card, stderr);
    if (isatty(STDIN_FILENO) == 0) {
        return error_set(error, RESULT_DENIED,
                         "NOT IMPORTED: nobody confirmed the fingerprint; ask %s for it, and give "
                         "it with --fingerprint",
                         card->party);
    }
    return confirm_typed(card, digits, plain, error);
}

static enum result check_fits(const struct config *config, const struct card *card,
                              struct error *error)
{
    if (strcmp(card->environment, config->environment) != 0) {
        return error_set(error, RESULT_DENIED,
                         "the card of %s is of environment %s, and this node of %s", card->party,
                         card->environment, config->environment);
    }
    if (strcmp(card->party, config->party) == 0) {
        return error_set(error, RESULT_DENIED, "this is a card of the own party, %s", card->party);
    }
    return RESULT_OK;
}

static enum result import_card(struct call *call, struct error *error)
{
    struct config *config = NULL;
    struct card *card = NULL;
    struct buffer note = {0};
    char cards[CONFIG_PATH_BYTES];
    enum result result = node_config(call, &config, error);
    if (result == RESULT_OK) {
        result = file_read(call->operands[0], CARD_MAX_BYTES, FILE_PUBLIC, &note, error);
    }
    if (result == RESULT_OK) {
        result = card_parse(buffer_bytes(&note), &card, error);
    }
    if (result == RESULT_OK) {
        result = check_fits(config, card, error);
    }
    if (result == RESULT_OK) {
        result = confirm(call, card, error);
    }
    if (result == RESULT_OK) {
        result = config_place(config, "cards", cards, error);
    }
    if (result == RESULT_OK) {
        result = directory_store(cards, card, error);
    }
    if (result == RESULT_OK) {
        (void)fprintf(stderr, "comesh: %s is a partner now: %s, serial %llu\n", card->party,
                      card->domain, (unsigned long long)card->serial);
        result = node_reload(config, error);
    }
    card_destroy(&card);
    buffer_free(&note);
    free(config);
    return result;
}

/* Makes the removal last: the folder itself is synced. */
static enum result remove_synced(const char *path, struct error *error)
{
    char folder[CONFIG_PATH_BYTES];
    (void)snprintf(folder, sizeof folder, "%s", path);
    *strrchr(folder, '/') = '\0';
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    enum result result = RESULT_OK;
    if (fd < 0 || unlink(path) != 0 || fsync(fd) != 0) {
        result = error_system(error, errno, "%s", path);
    }
    if (fd >= 0) {
        (void)close(fd);
    }
    return result;
}

static enum result drop(struct call *call, struct error *error)
{
    const char *party = call->operands[0];
    struct config *config = NULL;
    char path[CONFIG_PATH_BYTES];
    enum result result = node_config(call, &config, error);
    if (result == RESULT_OK && strcmp(party, config->party) == 0) {
        result = error_set(error, RESULT_DENIED, "%s is the own party; its card stays", party);
    }
    if (result == RESULT_OK) {
        result = card_path(config, party, path, error);
    }
    if (result == RESULT_OK) {
        result = remove_synced(path, error);
    }
    if (result == RESULT_NOT_FOUND && config != NULL) {
        result = error_set(error, result, "there is no card of '%s'", party);
    }
    if (result == RESULT_OK) {
        (void)fprintf(stderr, "comesh: %s is no partner any more; its channels are kept\n", party);
        result = node_reload(config, error);
    }
    free(config);
    return result;
}

const struct command command_card_import = {
    .name = "card import",
    .operands = "FILE",
    .summary = "trust a partner, after its fingerprint was confirmed",
    .examples = "  comesh card import ID.card\n"
                "  comesh card import ID.card --fingerprint 12345-67890-12345-67890-12345\n",
    .details =
        "Shows the card and asks for the first digits of its fingerprint, which you must have\n"
        "heard from the partner itself. A running node takes the card over at once. A card with a\n"
        "lower serial, or with another identity key than before, is refused.\n",
    .options = {{"fingerprint", "DIGITS", "the whole fingerprint, for scripts; asks nothing",
                 false}},
    .least_operands = 1,
    .most_operands = 1,
    .run = import_card,
};

const struct command command_card_remove = {
    .name = "card remove",
    .operands = "PARTY",
    .summary = "trust a partner no more; its lanes close at once",
    .examples = "  comesh card remove ID\n",
    .details = "What was exchanged stays, and can be traced and verified with the card put back.\n",
    .least_operands = 1,
    .most_operands = 1,
    .run = drop,
};
