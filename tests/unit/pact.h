/* Agreements for tests: the fifteen parties of RCEP with their identity keys, drafts, signatures.
 */
#ifndef COMESH_TESTS_PACT_H
#define COMESH_TESTS_PACT_H

#include "keys/agreement_text.h"
#include "tests/unit/party.h"

#define PACT_PARTIES 15
#define PACT_ALL     ((1U << PACT_PARTIES) - 1)
#define PACT_FROM_S  PARTY_FROM_S
#define PACT_UNTIL_S PARTY_UNTIL_S
#define PACT_NOW_S   PARTY_NOW_S

static const char *const pact_codes[PACT_PARTIES] = {"AU", "BN", "CN", "ID", "JP", "KH", "KR", "LA",
                                                     "MM", "MY", "NZ", "PH", "SG", "TH", "VN"};
static struct keypair *pact_keys[PACT_PARTIES];

/* A key that is none of the parties' first ones. */
static inline struct keypair *pact_key(uint8_t number)
{
    uint8_t seed[KEY_SECRET_BYTES] = {'p', 'a', 'c', 't', number};
    struct keypair *key = NULL;
    assert_ok(keypair_from_secret(KEY_IDENTITY, seed, &key, &error));
    return key;
}

static inline void pact_start(void)
{
    assert_ok(keys_init(&error));
    for (size_t i = 0; i < PACT_PARTIES; i++) {
        pact_keys[i] = pact_key((uint8_t)i);
    }
}

static inline void pact_end(void)
{
    for (size_t i = 0; i < PACT_PARTIES; i++) {
        keypair_destroy(&pact_keys[i]);
    }
}

/* The text of a menu that ships, in the arena, as version `version`. */
static inline struct text pact_menu(const char *file, uint32_t version)
{
    struct buffer text = {0};
    for (size_t i = 0; i < menu_text_count; i++) {
        if (text_equal(text_of(menu_texts[i].file), text_of(file))) {
            const char *at = strstr(menu_texts[i].text, " 1\ntitle");
            ck_assert_ptr_nonnull(at);
            buffer_append(&text, menu_texts[i].text, (size_t)(at - menu_texts[i].text));
            buffer_printf(&text, " %u%s", version, at + 2);
        }
    }
    ck_assert_uint_gt(text.size, 0);
    struct text kept = arena_text(&arena, buffer_view(&text));
    buffer_free(&text);
    return kept;
}

static inline void pact_join(struct agreement *draft, const char *code, const char *domain,
                             const struct keypair *key)
{
    struct agreement_party *party = &draft->parties[draft->party_count++];
    *party = (struct agreement_party){.exports = true, .imports = true};
    (void)snprintf(party->party, sizeof party->party, "%s", code);
    (void)snprintf(party->domain, sizeof party->domain, "%s", domain);
    memcpy(party->identity, keypair_public(key), KEY_PUBLIC_BYTES);
}

/* Version 1 of RCEP with the first `count` of the fifteen and that quorum; in the arena. */
static inline struct agreement *pact_draft(size_t count, uint32_t quorum)
{
    struct agreement *draft = arena_zero(&arena, sizeof *draft);
    *draft = (struct agreement){
        .code = "RCEP",
        .version = 1,
        .name = "Regional Comprehensive Economic Partnership",
        .reference = "RCEP Agreement, chapter 3, annex 3B",
        .environment = "test",
        .from_s = PACT_FROM_S,
        .until_s = PACT_UNTIL_S,
        .grace_days = 30,
        .quorum = quorum,
        .menu_count = 1,
    };
    draft->menus[0].text = pact_menu("rcep.menu", 1);
    for (size_t i = 0; i < count; i++) {
        char domain[DOMAIN_MAX_BYTES];
        (void)snprintf(domain, sizeof domain, "customs.%c%c", pact_codes[i][0] | 0x20,
                       pact_codes[i][1] | 0x20);
        pact_join(draft, pact_codes[i], domain, pact_keys[i]);
    }
    return draft;
}

/* A draft of the version behind `agreement`, the same but for number and hash. */
static inline struct agreement *pact_next(const struct agreement *agreement)
{
    struct agreement *draft = arena_zero(&arena, sizeof *draft);
    *draft = *agreement;
    draft->bytes = (struct buffer){0};
    draft->arena = (struct arena){0};
    draft->version++;
    draft->previous = agreement->hash;
    for (size_t i = 0; i < draft->menu_count; i++) {
        draft->menus[i].text = arena_text(&arena, draft->menus[i].text);
    }
    return draft;
}

static inline struct agreement *pact_make(const struct agreement *draft)
{
    struct agreement *made = NULL;
    assert_ok(agreement_draft(draft, &made, &error));
    return made;
}

static inline void pact_sign_with(struct agreement **agreement, const struct agreement *previous,
                                  const struct keypair *key)
{
    struct buffer note = {0};
    struct agreement *made = NULL;
    assert_ok(agreement_sign(*agreement, previous, key, &note, &error));
    assert_ok(agreement_parse(buffer_bytes(&note), &made, &error));
    agreement_destroy(agreement);
    *agreement = made;
    buffer_free(&note);
}

/* Signatures of those of the fifteen whose bit is set. */
static inline void pact_sign(struct agreement **agreement, const struct agreement *previous,
                             uint32_t signers)
{
    for (size_t i = 0; i < PACT_PARTIES; i++) {
        if ((signers & 1U << i) != 0) {
            pact_sign_with(agreement, previous, pact_keys[i]);
        }
    }
}

#endif
