/* comesh key revoke: one of the own keys is not trusted any more, from now or an earlier time on;
 * with a new card without it, and with a new key where the role would have none left. */
#include "keys/card_next.h"
#include "keys/text.h"
#include "keys/text_reader.h"
#include "node/core/world.h"
#include "tools/comesh/cards.h"
#include "tools/comesh/output.h"
#include "tools/comesh/own.h"
#include "tools/comesh/unlock.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define TYPED_MAX_BYTES 64

/* A revocation under way. */
struct revoking {
    struct own own;
    enum key_role role;
    uint8_t key[KEY_PUBLIC_BYTES];
    struct revocation revocation;
    struct keypair *fresh; /* in the place of the last key of its role */
    char fresh_path[CONFIG_PATH_BYTES];
    struct keypair *self; /* an identity key that revokes itself */
    struct card *next;    /* NULL for an identity key */
    enum own_outcome card_outcome;
    enum own_outcome outcome;
};

/* The key by its text, as `key list` shows it, of whatever role; of any card that was ever ours. */
static bool find_by_text(struct revoking *revoking, struct text given)
{
    const struct card *card;
    const struct text party = text_of(revoking->own.config->party);
    for (size_t i = 0; (card = directory_version(revoking->own.directory, party, i)) != NULL; i++) {
        const struct card_key *key;
        for (size_t k = 0; (key = card_key_at(card, k, &revoking->role)) != NULL; k++) {
            uint8_t read[KEY_PUBLIC_BYTES];
            if (text_key_read(given, revoking->role, read) &&
                memcmp(read, key->public_key, KEY_PUBLIC_BYTES) == 0) {
                memcpy(revoking->key, read, KEY_PUBLIC_BYTES);
                return true;
            }
        }
    }
    return false;
}

/* A role means its key in use. */
static enum result find_key(struct revoking *revoking, struct error *error)
{
    const struct own *own = &revoking->own;
    const char *given = own->call->operands[0];
    if (!key_role_parse(text_of(given), &revoking->role)) {
        return find_by_text(revoking, text_of(given))
                   ? RESULT_OK
                   : error_set(error, RESULT_NOT_FOUND,
                               "'%.60s' is no role and no key of a card of %s; `comesh key list` "
                               "shows them",
                               given, own->config->party);
    }
    const struct card_key *key = card_key_in_use(own_card(own), revoking->role, own->now_s);
    if (key == NULL) {
        return error_set(error, RESULT_NOT_FOUND,
                         "no %s key is in use; name the key itself, as `comesh key list` shows it",
                         given);
    }
    memcpy(revoking->key, key->public_key, KEY_PUBLIC_BYTES);
    return RESULT_OK;
}

/* "ORIGIN=SIZE" */
static enum result read_limits(struct revoking *revoking, struct error *error)
{
    struct revocation *revocation = &revoking->revocation;
    struct call *call = revoking->own.call;
    size_t cursor = 0;
    for (const char *given = call_next(call, "channel", &cursor); given != NULL;
         given = call_next(call, "channel", &cursor)) {
        struct text rest = text_of(given);
        struct text origin = text_until(&rest, '=');
        if (revocation->limit_count == REVOCATION_CHANNELS_MAX) {
            return call_usage(call, error, "more than %d channels", REVOCATION_CHANNELS_MAX);
        }
        struct revocation_limit *limit = &revocation->limits[revocation->limit_count++];
        if (!text_skip(&rest, "=") || !decimal_parse(rest, INT64_MAX, &limit->size) ||
            origin.size >= sizeof limit->origin) {
            return call_usage(call, error,
                              "--channel '%.200s'; accepted: ORIGIN=SIZE, as `comesh reconcile` "
                              "shows them",
                              given);
        }
        memcpy(limit->origin, origin.data, origin.size);
    }
    return RESULT_OK;
}

static enum result read_options(struct revoking *revoking, struct error *error)
{
    struct own *own = &revoking->own;
    struct revocation *revocation = &revoking->revocation;
    const struct card *card = own_card(own);
    const char *reason = NULL;
    enum result result = call_required(own->call, "reason", &reason, error);
    if (result == RESULT_OK) {
        result = find_key(revoking, error);
    }
    if (result == RESULT_OK && strlen(reason) >= sizeof revocation->reason) {
        result = call_usage(own->call, error, "--reason is above %zu bytes",
                            sizeof revocation->reason - 1);
    }
    if (result != RESULT_OK) {
        return result;
    }
    memcpy(revocation->party, card->party, sizeof revocation->party);
    memcpy(revocation->environment, card->environment, sizeof revocation->environment);
    memcpy(revocation->domain, card->domain, sizeof revocation->domain);
    memcpy(revocation->reason, reason, strlen(reason) + 1);
    memcpy(revocation->key, revoking->key, KEY_PUBLIC_BYTES);
    memcpy(revocation->identity, card->keys[KEY_IDENTITY][0].public_key, KEY_PUBLIC_BYTES);
    revocation->role = revoking->role;
    revocation->issued_s = own->now_s;
    result = own_time(own, "trusted-until", own->now_s, &revocation->trusted_until_s, error);
    return result == RESULT_OK ? read_limits(revoking, error) : result;
}

/* Nobody revokes by a slip of the hand. */
static enum result confirm(const struct revoking *revoking, struct error *error)
{
    const struct own *own = &revoking->own;
    char typed[TYPED_MAX_BYTES] = "";
    char until[TEXT_TIME_BYTES];
    if (call_value(own->call, "yes") != NULL) {
        return RESULT_OK;
    }
    text_time(revoking->revocation.trusted_until_s, until);
    (void)fprintf(stderr,
                  "The %s key of %s will never be valid again, and proves nothing from %s on.%s\n"
                  "Type %s to revoke it: ",
                  key_role_text(revoking->role), own->config->party, until,
                  revoking->role == KEY_IDENTITY ? "\nPartners take nothing more from you until "
                                                   "they trust another identity."
                                                 : "",
                  key_role_text(revoking->role));
    if (isatty(STDIN_FILENO) == 0 || fgets(typed, sizeof typed, stdin) == NULL ||
        !text_equal((struct text){typed, strcspn(typed, "\n")},
                    text_of(key_role_text(revoking->role)))) {
        return error_set(error, RESULT_DENIED,
                         "NOT REVOKED: nobody confirmed it (--yes asks nothing)");
    }
    return RESULT_OK;
}

/* The role keeps a key: a new one, valid at once, where the last one goes. */
static enum result replace_key(struct revoking *revoking, struct error *error)
{
    struct own *own = &revoking->own;
    const struct keyfile_owner owner = {text_of(own->config->party),
                                        text_of(own->config->environment)};
    if (card_key_in_use(revoking->next, revoking->role, own->now_s) != NULL) {
        return RESULT_OK;
    }
    enum result result = keypair_generate(revoking->role, &revoking->fresh, error);
    if (result == RESULT_OK) {
        const struct card_change change = {revoking->role, keypair_public(revoking->fresh),
                                           own->now_s - CARD_KEY_EARLY_S, 0, NULL};
        result = card_next_add(revoking->next, &change, error);
    }
    if (result == RESULT_OK) {
        result =
            own_key_path(own, revoking->role, revoking->next->serial, revoking->fresh_path, error);
    }
    return result == RESULT_OK
               ? keyfile_write(revoking->fresh_path, &owner, revoking->fresh,
                               passphrase_bytes(own->passphrase),
                               own->keyring.count > 0 ? own->keyring.files[0].clear.cost
                                                      : KEYFILE_MODERATE,
                               error)
               : result;
}

/* A card without the key; none when it is not on the card in force, and none for an identity. */
static enum result replace_card(struct revoking *revoking, struct error *error)
{
    struct own *own = &revoking->own;
    if (revoking->role == KEY_IDENTITY ||
        card_key_find(own_card(own), revoking->role, revoking->key) == NULL) {
        return RESULT_OK;
    }
    enum result result = card_next(own_card(own), own->now_s, &revoking->next, error);
    if (result == RESULT_OK) {
        struct error ignored;
        if (card_next_drop(revoking->next, revoking->role, revoking->key, &ignored) != RESULT_OK) {
            return RESULT_OK; /* past its time: the next card leaves it out anyway */
        }
        result = replace_key(revoking, error);
    }
    if (result == RESULT_OK) {
        result = own_put_card(own, revoking->next, own->identity, &revoking->card_outcome, error);
    }
    if (result != RESULT_OK && revoking->fresh_path[0] != '\0') {
        (void)unlink(revoking->fresh_path);
    }
    return result;
}

/* An identity key that is still here revokes itself: also partners that do not know a newer one
 * take that. */
static enum result choose_signer(struct revoking *revoking, const struct keypair **signer,
                                 struct error *error)
{
    struct own *own = &revoking->own;
    const struct keyfile_owner owner = {text_of(own->config->party),
                                        text_of(own->config->environment)};
    const struct keyring_file *file = revoking->role == KEY_IDENTITY
                                          ? keyring_find(&own->keyring, KEY_IDENTITY, revoking->key)
                                          : NULL;
    *signer = own->identity;
    if (file == NULL) {
        return RESULT_OK;
    }
    enum result result = keyfile_read(file->path, KEY_IDENTITY, &owner,
                                      passphrase_bytes(own->passphrase), &revoking->self, error);
    if (result == RESULT_OK) {
        *signer = revoking->self;
        memcpy(revoking->revocation.identity, revoking->key, KEY_PUBLIC_BYTES);
    }
    return result;
}

static enum result revoke_key(struct revoking *revoking, struct error *error)
{
    struct own *own = &revoking->own;
    const struct keypair *signer = NULL;
    enum result result = own_unlock(own, error);
    if (result == RESULT_OK && call_value(own->call, "trusted-until") == NULL) {
        /* what was signed while a person typed was signed by the node itself */
        revoking->revocation.issued_s = world_wall_ms(world_real()) / 1000;
        revoking->revocation.trusted_until_s = revoking->revocation.issued_s;
    }
    if (result == RESULT_OK) {
        result = choose_signer(revoking, &signer, error);
    }
    if (result == RESULT_OK) {
        result = replace_card(revoking, error);
    }
    if (result == RESULT_OK) {
        result = own_put_revocation(own, &revoking->revocation, signer, &revoking->outcome, error);
    }
    return result == RESULT_OK && revoking->outcome == OWN_SIGNED ? own_tell(own, error) : result;
}

static void say(const struct revoking *revoking)
{
    const char *party = revoking->own.config->party;
    char until[TEXT_TIME_BYTES];
    text_time(revoking->revocation.trusted_until_s, until);
    if (revoking->outcome == OWN_REQUESTED) {
        (void)printf(
            "Nothing is revoked yet: the identity key is on another machine. Have signed "
            "there, each with\n`comesh key request`, `key sign` and `key import`, the card "
            "first:\n");
        if (revoking->next != NULL) {
            (void)printf("  card-%06" PRIu64 "\n", revoking->next->serial);
        }
        (void)printf("  the revocation of the %s key\n", key_role_text(revoking->role));
        return;
    }
    (void)printf("The %s key of %s is revoked; what it signed before %s stays proof.\n",
                 key_role_text(revoking->role), party, until);
    if (revoking->next != NULL) {
        (void)printf("Card %" PRIu64 " is without it%s.\n", revoking->next->serial,
                     revoking->fresh == NULL ? "" : ", and has a new key in its place");
    }
    if (revoking->role == KEY_IDENTITY) {
        (void)printf("Partners suspend %s until they trust a new identity: `comesh key rotate "
                     "identity`, and then a new\nversion of each agreement, or the fingerprint by "
                     "telephone.\n",
                     party);
    }
}

static enum result run(struct call *call, struct error *error)
{
    struct revoking revoking = {0};
    enum result result = own_change(call, &revoking.own, error);
    if (result == RESULT_OK) {
        result = read_options(&revoking, error);
    }
    if (result == RESULT_OK) {
        result = confirm(&revoking, error);
    }
    if (result == RESULT_OK) {
        result = revoke_key(&revoking, error);
    }
    if (result == RESULT_OK) {
        say(&revoking);
    }
    keypair_destroy(&revoking.fresh);
    keypair_destroy(&revoking.self);
    card_destroy(&revoking.next);
    buffer_free(&revoking.revocation.note);
    own_free(&revoking.own);
    return result;
}

const struct command command_key_revoke = {
    .name = "key revoke",
    .operands = "ROLE|KEY",
    .summary = "a key is not trusted any more; a new card without it, and partners are told",
    .examples =
        "  comesh key revoke transport --reason 'the disk was stolen'\n"
        "  comesh key revoke checkpoint --reason 'copied' --trusted-until 2026-02-28T18:00:00Z\n"
        "  comesh key revoke 'BASE64' --reason 'lost' --yes\n",
    .details =
        "ROLE means its key in use; KEY is a key as `comesh key list` shows it. What the key "
        "signed\n"
        "before --trusted-until stays proof, for a channel that is named up to its size; nothing\n"
        "else does, and the key never comes back. The role gets a new key when it has no other. "
        "An\n"
        "identity key revokes itself: partners suspend this party until they trust another one.\n",
    .options = {{"reason", "TEXT", "why; partners read it", false},
                {"trusted-until", "TIME", "now (default), 2026-02-28 or 2026-02-28T18:00:00Z",
                 false},
                {"channel", "ORIGIN=SIZE", "and of this channel up to so many entries", true},
                {"yes", NULL, "ask nothing", false},
                UNLOCK_OPTION,
                {"by", "NAME", "who did it, for the audit log", false}},
    .least_operands = 1,
    .most_operands = 1,
    .run = run,
};
