/* The directory of KR on disk, and changes of it: cards of Indonesia, revocations. */
#ifndef COMESH_TESTS_DIRECTORY_SCENE_H
#define COMESH_TESTS_DIRECTORY_SCENE_H

#include "keys/directory.h"
#include "tests/unit/folder.h"
#include "tests/unit/party.h"

static struct party own;
static struct party indonesia;
static struct directory *directory;
static struct revocation revocation;
static bool news;

static inline void scene_start(void)
{
    folder_start();
    party_start(&own, "KR", "customs.go.kr");
    party_start(&indonesia, "ID", "beacukai.go.id");
    party_sign(&own);
    party_sign(&indonesia);
    assert_ok(directory_own_store(folder, &own.card, &error));
}

static inline void scene_end(void)
{
    party_end(&own);
    party_end(&indonesia);
    buffer_free(&revocation.note);
    directory_release(&directory);
    directory_release(&directory);
    folder_end();
}

static inline void load(void)
{
    directory_release(&directory);
    assert_ok(directory_load(folder, TEXT("test"), &directory, &error));
}

static inline enum result take(const struct party *party, bool vouched)
{
    const struct directory_vouch vouch = {0};
    return directory_take(folder, &party->card, vouched ? &vouch : NULL, &news, &error);
}

/* An agreement named that identity for the party, and now names the one of the card. */
static inline enum result take_instead(const struct party *party, const uint8_t *replaced)
{
    const struct directory_vouch vouch = {.replaced = replaced};
    return directory_take(folder, &party->card, &vouch, &news, &error);
}

static inline void make_revocation(const struct party *party, enum key_role role,
                                   const uint8_t *key)
{
    buffer_free(&revocation.note);
    party_revoke(party, role, key, &revocation);
}

static inline enum result revoke_role(const struct party *party, enum key_role role)
{
    make_revocation(party, role, keypair_public(party->keys[role]));
    return directory_revoke(folder, &revocation, &news, &error);
}

static inline uint64_t serial_of(size_t version)
{
    const struct card *card = directory_version(directory, TEXT("ID"), version);
    return card == NULL ? 0 : card->serial;
}

#endif
