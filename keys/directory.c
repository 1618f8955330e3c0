/* Who is trusted: finding in a snapshot, and its holders. See directory.h. */
#include "keys/directory_private.h"

#include <stdlib.h>

struct directory *directory_share(struct directory *directory)
{
    (void)atomic_fetch_add_explicit(&directory->holders, 1, memory_order_relaxed);
    return directory;
}

static void cards_free(struct card **cards, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        card_destroy(&cards[i]);
    }
    free(cards);
}

void directory_release(struct directory **directory)
{
    struct directory *held = *directory;
    *directory = NULL;
    if (held == NULL || atomic_fetch_sub_explicit(&held->holders, 1, memory_order_acq_rel) > 1) {
        return;
    }
    cards_free(held->partners, held->count);
    cards_free(held->versions, held->version_count);
    for (size_t i = 0; i < held->revocation_count; i++) {
        revocation_destroy(&held->revocations[i]);
    }
    free(held->revocations);
    card_destroy(&held->own);
    rest_cards_destroy(&held->rest);
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
        const struct card_key *found = card_key_find(directory->partners[i], KEY_TRANSPORT, key);
        if (found != NULL && card_key_is_valid(found, now_s)) {
            return directory->partners[i];
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

const struct card *directory_version(const struct directory *directory, struct text party,
                                     size_t index)
{
    for (size_t i = 0; i < directory->version_count; i++) {
        bool wanted = party.size == 0 || text_equal(text_of(directory->versions[i]->party), party);
        if (wanted && index-- == 0) {
            return directory->versions[i];
        }
    }
    return NULL;
}

const struct revocation *directory_revocation(const struct directory *directory, size_t index)
{
    return index < directory->revocation_count ? directory->revocations[index] : NULL;
}

const struct revocation *directory_revoked(const struct directory *directory, struct text party,
                                           const uint8_t key[KEY_PUBLIC_BYTES])
{
    for (size_t i = 0; i < directory->revocation_count; i++) {
        const struct revocation *revocation = directory->revocations[i];
        if (memcmp(revocation->key, key, KEY_PUBLIC_BYTES) == 0 &&
            text_equal(text_of(revocation->party), party)) {
            return revocation;
        }
    }
    return NULL;
}

bool directory_had_identity(const struct directory *directory, struct text party,
                            const uint8_t key[KEY_PUBLIC_BYTES])
{
    for (size_t i = 0; i < directory->version_count; i++) {
        const struct card *card = directory->versions[i];
        if (text_equal(text_of(card->party), party) &&
            memcmp(directory_identity(card), key, KEY_PUBLIC_BYTES) == 0) {
            return true;
        }
    }
    return false;
}

bool directory_is_suspended(const struct directory *directory, struct text party)
{
    bool is_own = text_equal(text_of(directory->own->party), party);
    const struct card *card = is_own ? directory->own : directory_party(directory, party);
    return card != NULL && directory_revoked(directory, party, directory_identity(card)) != NULL;
}
