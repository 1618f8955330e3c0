/* A party for the tests of keys/: four keys from fixed seeds, and its signed card. */
#ifndef COMESH_TESTS_PARTY_H
#define COMESH_TESTS_PARTY_H

#include "keys/card.h"
#include "keys/revocation.h"
#include "tests/unit/suite.h"

#include <stdio.h>

#define PARTY_FROM_S  ((uint64_t)1767225600) /* 2026-01-01T00:00:00Z */
#define PARTY_UNTIL_S ((uint64_t)1830297600) /* 2028-01-01T00:00:00Z */
#define PARTY_NOW_S   ((uint64_t)1767605400) /* 2026-01-05T09:30:00Z */

struct party {
    struct keypair *keys[KEY_ROLE_COUNT];
    struct card card;
};

/* Fills the card; the tests change it before they sign it with party_sign. */
static inline void party_start(struct party *party, const char *code, const char *domain)
{
    *party = (struct party){.card = {.environment = "test", .serial = 1, .issued_s = PARTY_NOW_S}};
    (void)snprintf(party->card.party, sizeof party->card.party, "%s", code);
    (void)snprintf(party->card.domain, sizeof party->card.domain, "%s", domain);
    (void)snprintf(party->card.name, sizeof party->card.name, "Customs of %s", code);
    (void)snprintf(party->card.mesh_endpoint, sizeof party->card.mesh_endpoint,
                   "tcp://mesh.%s:7710", domain);
    assert_ok(keys_init(&error));
    for (unsigned role = 0; role < KEY_ROLE_COUNT; role++) {
        uint8_t seed[KEY_SECRET_BYTES] = {(uint8_t)role, (uint8_t)code[0], (uint8_t)code[1]};
        assert_ok(keypair_from_secret((enum key_role)role, seed, &party->keys[role], &error));
        struct card_key *key = &party->card.keys[role][0];
        memcpy(key->public_key, keypair_public(party->keys[role]), KEY_PUBLIC_BYTES);
        key->from_s = PARTY_FROM_S;
        key->until_s = PARTY_UNTIL_S;
        party->card.key_count[role] = 1;
    }
}

static inline void party_sign(struct party *party)
{
    assert_ok(card_sign(&party->card, party->keys[KEY_IDENTITY], &error));
}

/* The next card of the party, signed. */
static inline void party_next_card(struct party *party)
{
    party->card.serial++;
    party_sign(party);
}

/* The party makes itself a new identity, and signs its next card with it. */
static inline void party_change_identity(struct party *party)
{
    keypair_destroy(&party->keys[KEY_IDENTITY]);
    assert_ok(keypair_generate(KEY_IDENTITY, &party->keys[KEY_IDENTITY], &error));
    memcpy(party->card.keys[KEY_IDENTITY][0].public_key, keypair_public(party->keys[KEY_IDENTITY]),
           KEY_PUBLIC_BYTES);
    party_next_card(party);
}

/* The party revokes that key, which is its own when the revocation is to count. */
static inline void party_revoke(const struct party *party, enum key_role role, const uint8_t *key,
                                struct revocation *revocation)
{
    *revocation = (struct revocation){.environment = "test",
                                      .role = role,
                                      .reason = "stolen",
                                      .trusted_until_s = PARTY_NOW_S,
                                      .issued_s = PARTY_NOW_S + 60};
    memcpy(revocation->party, party->card.party, sizeof revocation->party);
    memcpy(revocation->domain, party->card.domain, sizeof revocation->domain);
    memcpy(revocation->key, key, KEY_PUBLIC_BYTES);
    memcpy(revocation->identity, keypair_public(party->keys[KEY_IDENTITY]), KEY_PUBLIC_BYTES);
    assert_ok(revocation_sign(revocation, party->keys[KEY_IDENTITY], &error));
}

static inline void party_end(struct party *party)
{
    for (unsigned role = 0; role < KEY_ROLE_COUNT; role++) {
        keypair_destroy(&party->keys[role]);
    }
    buffer_free(&party->card.note);
}

#endif
