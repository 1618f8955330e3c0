/* What becomes of a signed text that came from a partner. Blocks on the disk. See trust_parts.h. */
#include "node/flow/trust_parts.h"

#include "keys/audit.h"
#include "keys/words.h"
#include "node/core/log.h"
#include "node/flow/own.h"
#include "node/flow/vouch.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#define DETAIL_BYTES 384

/* The act, as the audit log has it. */
struct act {
    const char *verb;
    char detail[DETAIL_BYTES];
};

static void record(const struct trust *trust, const char *partner, const char *name,
                   const struct act *act)
{
    char detail[DETAIL_BYTES + 32];
    struct error error;
    (void)snprintf(detail, sizeof detail, "%s, from %s", act->detail, partner);
    const struct audit_act audited = {.time_s = trust_now_s(trust),
                                      .who = TEXT("comeshd"),
                                      .verb = text_of(act->verb),
                                      .subject = text_of(name),
                                      .detail = text_of(detail)};
    log_event(LOG_LEVEL_INFO, "trust", act->verb, "about=%s detail=\"%s\"", name, detail);
    if (audit_append(trust->node.flow->config->directory, &audited, &error) != RESULT_OK) {
        log_error("trust", "audit log", &error);
    }
}

static enum result take_card(struct trust *trust, struct bytes note, char name[NEWS_NAME_BYTES],
                             struct act *act, bool *news, struct error *error)
{
    struct card *card = NULL;
    bool named = false;
    char digits[FINGERPRINT_DIGITS_BYTES];
    enum result result = card_parse(note, &card, error);
    if (result != RESULT_OK) {
        return result;
    }
    (void)snprintf(name, NEWS_NAME_BYTES, "%s", card->party);
    result = vouch_check(trust->node.flow, card, error);
    if (result == RESULT_OK) {
        result = vouch_take(trust->node.flow, card, &named, news, error);
    }
    card_fingerprint(card, digits);
    act->verb = "card take";
    (void)snprintf(act->detail, sizeof act->detail, "serial %" PRIu64 ", %s, fingerprint %s%s",
                   card->serial, card->domain, digits, named ? ", named by an agreement" : "");
    card_destroy(&card);
    return result;
}

static enum result take_agreement(struct trust *trust, struct bytes note,
                                  char name[NEWS_NAME_BYTES], struct act *act, bool *news,
                                  struct error *error)
{
    static const char *const verbs[] = {[AGREEMENTS_UNCHANGED] = "agreement unchanged",
                                        [AGREEMENTS_PROPOSED] = "agreement propose",
                                        [AGREEMENTS_ACCEPTED] = "agreement accept",
                                        [AGREEMENTS_SIGNED] = "agreement add signatures"};
    const struct config *config = trust->node.flow->config;
    enum agreements_outcome outcome = AGREEMENTS_UNCHANGED;
    struct agreement *agreement = NULL;
    char path[CONFIG_PATH_BYTES];
    uint8_t hash[WORDS_HASH_BYTES];
    char digits[WORDS_DIGITS_BYTES];
    enum result result = agreement_parse(note, &agreement, error);
    if (result != RESULT_OK) {
        return result;
    }
    (void)snprintf(name, NEWS_NAME_BYTES, "%s", agreement->code);
    agreement_fingerprint(agreement, hash);
    words_digits(hash, digits);
    (void)snprintf(act->detail, sizeof act->detail, "version %u, fingerprint %s, %zu signatures",
                   agreement->version, digits, agreement->note.signature_count);
    agreement_destroy(&agreement);
    result = config_place(config, "agreements", path, error);
    if (result == RESULT_OK) {
        struct directory *directory = flow_directory(trust->node.flow);
        const struct agreements_trust who = {
            .environment = text_of(config->environment),
            .party = text_of(config->party),
            .identity = directory_own(directory)->keys[KEY_IDENTITY][0].public_key,
            .now_s = world_wall_ms(trust->node.flow->world) / 1000};
        result = agreements_import(path, note, &who, &outcome, error);
        directory_release(&directory);
    }
    act->verb = verbs[outcome];
    *news = result == RESULT_OK && outcome != AGREEMENTS_UNCHANGED;
    return result == RESULT_DUPLICATE ? RESULT_OK : result;
}

/* How much of the party's channel to us, and of the receipts for ours to it, is stored now: that
 * stays trusted whatever comes. */
static void tell_trusted(const struct flow *flow, const struct revocation *revocation,
                         struct act *act)
{
    struct store_reader *reader = NULL;
    struct arena arena = {0};
    const struct store_channel *channels = NULL;
    struct error ignored;
    size_t count = 0;
    size_t used = strlen(act->detail);
    if (flow->store == NULL || store_reader_open(flow->store, &reader, &ignored) != RESULT_OK ||
        store_read_channels(reader, &arena, &channels, &count, &ignored) != RESULT_OK) {
        count = 0;
    }
    for (size_t i = 0; i < count; i++) {
        bool ours = channels[i].direction == STORE_OUTGOING;
        if (text_equal(text_of(channels[i].partner), text_of(revocation->party)) &&
            ours == (revocation->role == KEY_RECEIPT)) {
            (void)snprintf(act->detail + used, sizeof act->detail - used,
                           "; %s trusted up to %" PRIu64 " entries of %s",
                           ours ? "its receipts are" : "it is",
                           ours ? channels[i].receipt_size : channels[i].size, channels[i].origin);
            break;
        }
    }
    store_reader_close(&reader);
    arena_free(&arena);
}

static enum result take_revocation(struct trust *trust, struct bytes note,
                                   char name[NEWS_NAME_BYTES], struct act *act, bool *news,
                                   struct error *error)
{
    struct revocation *revocation = NULL;
    char path[CONFIG_PATH_BYTES];
    enum result result = revocation_parse(note, &revocation, error);
    if (result != RESULT_OK) {
        return result;
    }
    (void)snprintf(name, NEWS_NAME_BYTES, "%s", revocation->party);
    act->verb = "revocation take";
    (void)snprintf(act->detail, sizeof act->detail, "%s key: %s", key_role_text(revocation->role),
                   revocation->reason);
    tell_trusted(trust->node.flow, revocation, act);
    result = config_place(trust->node.flow->config, "cards", path, error);
    if (result == RESULT_OK) {
        result = directory_revoke(path, revocation, news, error);
    }
    revocation_destroy(&revocation);
    return result;
}

enum result trust_take(struct trust *trust, const char *partner, enum frame_kind kind,
                       struct bytes note, char name[NEWS_NAME_BYTES], bool *news,
                       struct error *error)
{
    struct act act = {.verb = "take"};
    enum result result = RESULT_OK;
    *news = false;
    name[0] = '\0';
    if (kind == FRAME_CARD) {
        result = take_card(trust, note, name, &act, news, error);
    } else if (kind == FRAME_AGREEMENT) {
        result = take_agreement(trust, note, name, &act, news, error);
    } else {
        result = take_revocation(trust, note, name, &act, news, error);
    }
    if (result == RESULT_OK && *news) {
        record(trust, partner, name, &act);
    }
    return result;
}

void trust_sign_audit(struct trust *trust)
{
    struct flow *flow = trust->node.flow;
    struct error error;
    struct own own = own_of(flow);
    const struct card **cards = NULL;
    size_t count = 0;
    const struct keypair *key = own_key(&own, KEY_CHECKPOINT, own.card->serial, &error);
    enum result result =
        key == NULL ? RESULT_DENIED : audit_signers(own.directory, &cards, &count, &error);
    if (result == RESULT_OK) {
        result = audit_sign(flow->config->directory, cards, count, key, &error);
    }
    if (result != RESULT_OK) {
        log_error("trust", "audit log", &error);
    }
    free(cards);
    own_release(&own);
}
