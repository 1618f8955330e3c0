/* Who is trusted. See directory.h. */
#include "keys/directory.h"

#include "keys/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define OWN_NAME        "own.card"
#define PARTNERS_FOLDER "partners"
#define SUFFIX          ".card"

/* Never changes after it was loaded, but for its holders. */
struct directory {
    atomic_size_t holders;
    struct card *own;
    struct card **partners; /* ascending by party */
    size_t count;
    struct rest_cards *rest;
};

static enum result path_make(char out[PATH_MAX], const char *folder, const char *name,
                             struct error *error)
{
    int size = snprintf(out, PATH_MAX, "%s/%s", folder, name);
    if (size < 0 || size >= PATH_MAX) {
        return error_set(error, RESULT_INVALID, "'%s/%s' is too long a path", folder, name);
    }
    return RESULT_OK;
}

static enum result card_read(const char *path, struct card **card, struct error *error)
{
    struct buffer note = {0};
    enum result result = file_read(path, CARD_MAX_BYTES, FILE_PUBLIC, &note, error);
    if (result == RESULT_OK) {
        result = card_parse(buffer_bytes(&note), card, error);
        if (result != RESULT_OK) {
            (void)error_wrap(error, "'%s'", path);
        }
    }
    buffer_free(&note);
    return result;
}

static enum result environment_check(const char *path, const struct card *card,
                                     struct text environment, struct error *error)
{
    if (text_equal(text_of(card->environment), environment)) {
        return RESULT_OK;
    }
    return error_set(error, RESULT_INVALID,
                     "'%s': a card of %s for %s, where this node is for %.*s; remove it", path,
                     card->party, card->environment, TEXT_ARGS(environment));
}

/* No two cards share a party, a domain, or a key in whatever roles. */
static enum result cards_compare(const struct card *a, const struct card *b, struct error *error)
{
    enum key_role role;
    enum key_role other_role;
    const struct card_key *key;
    const struct card_key *other;
    bool one_party = text_equal(text_of(a->party), text_of(b->party));
    if (one_party || text_equal(text_of(a->domain), text_of(b->domain))) {
        return error_set(error, RESULT_CONFLICT,
                         "the cards of %s and %s have one %s; keep the right one", a->party,
                         b->party, one_party ? "party code" : "domain");
    }
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

/* Reads one file of the partners' folder into the next place, which is there. */
static enum result partner_load(struct directory *directory, const char *folder, const char *name,
                                struct error *error)
{
    char path[PATH_MAX];
    char expected[PARTY_MAX_BYTES + sizeof SUFFIX];
    struct card *card = NULL;
    enum result result = path_make(path, folder, name, error);
    if (result == RESULT_OK) {
        result = card_read(path, &card, error);
    }
    if (result != RESULT_OK) {
        return result;
    }
    directory->partners[directory->count++] = card;
    result = environment_check(path, card, text_of(directory->own->environment), error);
    if (result != RESULT_OK) {
        return result;
    }
    (void)snprintf(expected, sizeof expected, "%s%s", card->party, SUFFIX);
    if (strcmp(name, expected) != 0) {
        return error_set(error, RESULT_INVALID, "'%s': is the card of %s; name it %s", path,
                         card->party, expected);
    }
    result = cards_compare(directory->own, card, error);
    for (size_t i = 0; i + 1 < directory->count && result == RESULT_OK; i++) {
        result = cards_compare(directory->partners[i], card, error);
    }
    return result;
}

/* Names that begin with a dot are files that file_replace had not finished. */
static int name_is_wanted(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

static int names_compare(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

static enum result partners_load(struct directory *directory, const char *folder,
                                 struct error *error)
{
    struct dirent **names = NULL;
    enum result result = RESULT_OK;
    int count = scandir(folder, &names, name_is_wanted, names_compare);
    if (count < 0 && errno == ENOENT) {
        return RESULT_OK;
    }
    if (count < 0) {
        return error_system(error, errno, "folder '%s'", folder);
    }
    directory->partners = calloc((size_t)count + 1, sizeof(struct card *));
    for (int i = 0; i < count; i++) {
        if (directory->partners == NULL) {
            result = error_set(error, RESULT_NO_MEMORY, "no memory for %d partners", count);
        } else if (result == RESULT_OK) {
            result = partner_load(directory, folder, names[i]->d_name, error);
        }
        free(names[i]);
    }
    free(names);
    return result;
}

/* A party is reached by one way: it has a node, or it has none. */
static enum result rest_load(struct directory *directory, const char *path, struct error *error)
{
    const struct rest_card *rest;
    enum result result =
        rest_cards_load(path, text_of(directory->own->environment), &directory->rest, error);
    for (size_t i = 0; result == RESULT_OK && (rest = rest_cards_at(directory->rest, i)) != NULL;
         i++) {
        for (size_t k = 0; k <= directory->count && result == RESULT_OK; k++) {
            const struct card *card =
                k < directory->count ? directory->partners[k] : directory->own;
            if (text_equal(text_of(card->party), text_of(rest->party)) ||
                text_equal(text_of(card->domain), text_of(rest->domain))) {
                result = error_set(error, RESULT_CONFLICT,
                                   "the REST card of %s and the card of %s have one party code or "
                                   "domain; keep the right one",
                                   rest->party, card->party);
            }
        }
    }
    return result;
}

enum result directory_load(const char *path, struct text environment, struct directory **directory,
                           struct error *error)
{
    char own[PATH_MAX];
    char partners[PATH_MAX];
    struct directory *made = calloc(1, sizeof *made);
    *directory = NULL;
    if (made == NULL) {
        return error_set(error, RESULT_NO_MEMORY, "no memory for the directory of cards");
    }
    atomic_init(&made->holders, 1);
    enum result result = path_make(own, path, OWN_NAME, error);
    if (result == RESULT_OK) {
        result = path_make(partners, path, PARTNERS_FOLDER, error);
    }
    if (result == RESULT_OK) {
        result = card_read(own, &made->own, error);
    }
    if (result == RESULT_OK) {
        result = environment_check(own, made->own, environment, error);
    }
    if (result == RESULT_OK) {
        result = partners_load(made, partners, error);
    }
    if (result == RESULT_OK) {
        result = rest_load(made, path, error);
    }
    if (result != RESULT_OK) {
        directory_release(&made);
    }
    *directory = made;
    return result;
}

struct directory *directory_share(struct directory *directory)
{
    (void)atomic_fetch_add_explicit(&directory->holders, 1, memory_order_relaxed);
    return directory;
}

void directory_release(struct directory **directory)
{
    struct directory *held = *directory;
    *directory = NULL;
    if (held == NULL || atomic_fetch_sub_explicit(&held->holders, 1, memory_order_acq_rel) > 1) {
        return;
    }
    for (size_t i = 0; i < held->count; i++) {
        card_destroy(&held->partners[i]);
    }
    card_destroy(&held->own);
    rest_cards_destroy(&held->rest);
    free(held->partners);
    free(held);
}

const struct card *directory_own(const struct directory *directory)
{
    return directory->own;
}

const struct card *directory_party(const struct directory *directory, struct text party)
{
    for (size_t i = 0; i < directory->count; i++) {
        if (text_equal(text_of(directory->partners[i]->party), party)) {
            return directory->partners[i];
        }
    }
    return NULL;
}

const struct card *directory_transport(const struct directory *directory,
                                       const uint8_t key[KEY_PUBLIC_BYTES], uint64_t now_s)
{
    for (size_t i = 0; i < directory->count; i++) {
        const struct card *card = directory->partners[i];
        for (size_t k = 0; k < card->key_count[KEY_TRANSPORT]; k++) {
            const struct card_key *own = &card->keys[KEY_TRANSPORT][k];
            if (memcmp(own->public_key, key, KEY_PUBLIC_BYTES) == 0 &&
                card_key_is_valid(own, now_s)) {
                return card;
            }
        }
    }
    return NULL;
}

const struct rest_cards *directory_rest(const struct directory *directory)
{
    return directory->rest;
}

size_t directory_count(const struct directory *directory)
{
    return directory->count;
}

const struct card *directory_at(const struct directory *directory, size_t index)
{
    return index < directory->count ? directory->partners[index] : NULL;
}

/* Whether `card` may take the place of `old`. */
static enum result replacement_check(const struct card *old, const struct card *card,
                                     struct error *error)
{
    char known[FINGERPRINT_DIGITS_BYTES];
    char given[FINGERPRINT_DIGITS_BYTES];
    if (memcmp(old->keys[KEY_IDENTITY][0].public_key, card->keys[KEY_IDENTITY][0].public_key,
               KEY_PUBLIC_BYTES) != 0) {
        card_fingerprint(old, known);
        card_fingerprint(card, given);
        return error_set(error, RESULT_CONFLICT,
                         "card of %s: fingerprint %s, where %s was confirmed; ask %s by telephone, "
                         "and remove the old card only if they changed their identity",
                         card->party, given, known, card->party);
    }
    if (strcmp(old->domain, card->domain) != 0 ||
        strcmp(old->environment, card->environment) != 0) {
        return error_set(error, RESULT_CONFLICT,
                         "card of %s: for %s.coconnect.%s, where %s.coconnect.%s is held",
                         card->party, card->environment, card->domain, old->environment,
                         old->domain);
    }
    if (card->serial < old->serial) {
        return error_set(error, RESULT_CONFLICT,
                         "card of %s: serial %" PRIu64 " is older than %" PRIu64
                         ", which is held; ask for the newest",
                         card->party, card->serial, old->serial);
    }
    if (card->serial == old->serial &&
        !bytes_equal(buffer_bytes(&card->note), buffer_bytes(&old->note))) {
        return error_set(error, RESULT_CONFLICT,
                         "card of %s: serial %" PRIu64
                         " is held with another text; ask for one with a new serial",
                         card->party, card->serial);
    }
    return RESULT_OK;
}

/* Compares and replaces, while the lock on the folder keeps other processes out. */
static enum result card_replace(const char *folder, const struct card *card, struct error *error)
{
    char name[PARTY_MAX_BYTES + sizeof SUFFIX];
    char path[PATH_MAX];
    struct card *old = NULL;
    (void)snprintf(name, sizeof name, "%s%s", card->party, SUFFIX);
    enum result result = path_make(path, folder, name, error);
    if (result != RESULT_OK) {
        return result;
    }
    result = card_read(path, &old, error);
    if (result == RESULT_OK) {
        result = replacement_check(old, card, error);
    } else if (result == RESULT_NOT_FOUND) {
        result = RESULT_OK;
    }
    if (result == RESULT_OK) {
        result = file_replace(path, buffer_bytes(&card->note), FILE_PUBLIC, error);
    }
    card_destroy(&old);
    return result;
}

enum result directory_store(const char *path, const struct card *card, struct error *error)
{
    char folder[PATH_MAX];
    enum result result = path_make(folder, path, PARTNERS_FOLDER, error);
    if (result != RESULT_OK) {
        return result;
    }
    if (mkdir(folder, 0755) != 0 && errno != EEXIST) {
        return error_system(error, errno, "folder '%s'", folder);
    }
    int lock = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
    if (lock < 0 || flock(lock, LOCK_EX) != 0) {
        result = error_system(error, errno, "folder '%s'", folder);
    } else {
        result = card_replace(folder, card, error);
    }
    if (lock >= 0) {
        (void)close(lock);
    }
    return result;
}
