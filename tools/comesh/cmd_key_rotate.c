/* comesh key rotate: a new key of a role beside the old one, on a new card that partners hold
 * before the old key ends. */
#include "keys/card_next.h"
#include "keys/text.h"
#include "keys/text_reader.h"
#include "tools/comesh/acts.h"
#include "tools/comesh/identity_file.h"
#include "tools/comesh/output.h"
#include "tools/comesh/own.h"
#include "tools/comesh/reach.h"
#include "tools/comesh/unlock.h"

#include <inttypes.h>
#include <unistd.h>

#define OVERLAP_DAYS     30
#define OVERLAP_DAYS_MAX 3660
#define DAY_S            ((uint64_t)86400)

/* A rotation under way. */
struct rotation {
    struct own own;
    enum key_role role;
    uint64_t from_s;
    uint64_t overlap_s;
    const char *endpoint;
    struct reach reach;
    struct keypair *key; /* the new one; NULL for an identity key that was made elsewhere */
    uint8_t public_key[KEY_PUBLIC_BYTES];
    char key_path[CONFIG_PATH_BYTES];
    bool key_written;
    struct card *next;
    enum own_outcome outcome;
};

static enum result read_options(struct rotation *rotation, struct error *error)
{
    struct call *call = rotation->own.call;
    uint64_t days = 0;
    if (!key_role_parse(text_of(call->operands[0]), &rotation->role)) {
        return call_usage(call, error,
                          "'%.40s' is no role; accepted: identity, checkpoint, receipt, transport",
                          call->operands[0]);
    }
    rotation->endpoint = call_value(call, "endpoint");
    enum result result = call_number(call, "overlap", OVERLAP_DAYS, OVERLAP_DAYS_MAX, &days, error);
    rotation->overlap_s = days * DAY_S;
    if (result == RESULT_OK) {
        result = own_time(&rotation->own, "from", rotation->own.now_s - CARD_KEY_EARLY_S,
                          &rotation->from_s, error);
    }
    if (result == RESULT_OK && rotation->endpoint != NULL && rotation->role != KEY_TRANSPORT) {
        result = call_usage(call, error, "--endpoint is for a transport key");
    }
    if (result == RESULT_OK && rotation->role != KEY_IDENTITY &&
        call_value(call, "identity") != NULL) {
        result = call_usage(call, error, "--identity is for an identity key");
    }
    return result;
}

/* CURVE has one server key on each port: two keys are served on two. */
static enum result check_endpoint(struct rotation *rotation, struct error *error)
{
    const struct card *card = own_card(&rotation->own);
    if (rotation->role != KEY_TRANSPORT || card->mesh_endpoint[0] == '\0') {
        return RESULT_OK;
    }
    bool taken = rotation->endpoint == NULL ||
                 text_equal(text_of(rotation->endpoint), text_of(card->mesh_endpoint));
    for (size_t i = 0; i < card->key_count[KEY_TRANSPORT] && !taken; i++) {
        const char *other = card->keys[KEY_TRANSPORT][i].endpoint;
        taken = text_equal(text_of(rotation->endpoint), text_of(other));
    }
    if (!taken) {
        return RESULT_OK;
    }
    return call_usage(rotation->own.call, error,
                      "a new transport key is served beside the old one, so it needs a port of its "
                      "own: add a `bind` to comesh.zpl and name it here with --endpoint "
                      "tcp://HOST:PORT (%s is taken)",
                      rotation->endpoint == NULL ? card->mesh_endpoint : rotation->endpoint);
}

/* The pair of the new key, or the public half of one that was made on another machine. */
static enum result make_key(struct rotation *rotation, struct error *error)
{
    struct own *own = &rotation->own;
    const char *file = call_value(own->call, "identity");
    if (rotation->role == KEY_IDENTITY && file != NULL) {
        return identity_file_read(file, own->config->party, own->config->environment,
                                  rotation->public_key, error);
    }
    if (rotation->role == KEY_IDENTITY && own->identity == NULL) {
        return error_set(error, RESULT_NOT_FOUND,
                         "the identity key is on another machine: make the new one there with "
                         "`comesh key new-identity`, and name its file with --identity");
    }
    enum result result = keypair_generate(rotation->role, &rotation->key, error);
    if (result == RESULT_OK) {
        memcpy(rotation->public_key, keypair_public(rotation->key), KEY_PUBLIC_BYTES);
    }
    return result;
}

static enum keyfile_cost cost_of(const struct own *own)
{
    return own->keyring.count > 0 ? own->keyring.files[0].clear.cost : KEYFILE_MODERATE;
}

static enum result write_key(struct rotation *rotation, struct error *error)
{
    struct own *own = &rotation->own;
    const struct keyfile_owner owner = {text_of(own->config->party),
                                        text_of(own->config->environment)};
    if (rotation->key == NULL) {
        return RESULT_OK;
    }
    enum result result =
        own_key_path(own, rotation->role, rotation->next->serial, rotation->key_path, error);
    if (result == RESULT_OK) {
        result = keyfile_write(rotation->key_path, &owner, rotation->key,
                               passphrase_bytes(own->passphrase), cost_of(own), error);
        rotation->key_written = result == RESULT_OK;
    }
    return result;
}

static enum result make_card(struct rotation *rotation, struct error *error)
{
    const struct card_change change = {rotation->role, rotation->public_key, rotation->from_s,
                                       rotation->overlap_s, rotation->endpoint};
    enum result result =
        card_next(own_card(&rotation->own), rotation->own.now_s, &rotation->next, error);
    return result == RESULT_OK ? card_next_add(rotation->next, &change, error) : result;
}

/* An identity key signs its own card; the others are signed by that of the card in force. */
static const struct keypair *signer(const struct rotation *rotation)
{
    return rotation->role == KEY_IDENTITY ? rotation->key : rotation->own.identity;
}

static enum result rotate(struct rotation *rotation, struct error *error)
{
    struct own *own = &rotation->own;
    char detail[64];
    bool stored = false;
    bool made_elsewhere = call_value(own->call, "identity") != NULL;
    enum result result = made_elsewhere ? RESULT_OK : own_unlock(own, error);
    if (result == RESULT_OK) {
        result = make_key(rotation, error);
    }
    if (result == RESULT_OK) {
        result = make_card(rotation, error);
    }
    if (result == RESULT_OK) {
        result = write_key(rotation, error);
    }
    if (result == RESULT_OK) {
        result = own_put_card(own, rotation->next, signer(rotation), &rotation->outcome, error);
        stored = result == RESULT_OK;
    }
    if (!stored && rotation->key_written) {
        (void)unlink(rotation->key_path);
    }
    if (result == RESULT_OK) {
        (void)snprintf(detail, sizeof detail, "card %" PRIu64 "%s", rotation->next->serial,
                       rotation->outcome == OWN_SIGNED ? "" : ", to be signed");
        result = act_record(own->call, own->config->directory, "key rotate",
                            key_role_text(rotation->role), detail, error);
    }
    return result == RESULT_OK && rotation->outcome == OWN_SIGNED ? own_tell(own, error) : result;
}

static void say_identity(const struct rotation *rotation)
{
    char digits[FINGERPRINT_DIGITS_BYTES];
    card_fingerprint(rotation->next, digits);
    (void)printf("The fingerprint of the new identity: %s\n\n"
                 "Partners go on with the old card until they trust the new identity. Either\n"
                 "  a new version of each agreement names it, signed by its quorum, or\n"
                 "  each partner removes the old card and imports the new one, and you read the\n"
                 "  fingerprint to them: comesh card export --output %s.card\n"
                 "Keep the old key file until they have; then: comesh key revoke, or prune.\n",
                 digits, rotation->next->party);
}

static void say(const struct rotation *rotation)
{
    char from[TEXT_TIME_BYTES];
    char end[TEXT_TIME_BYTES];
    text_time(rotation->from_s, from);
    text_time(rotation->from_s + rotation->overlap_s, end);
    (void)printf("A new %s key, on card %" PRIu64 " of %s: used from %s.\n",
                 key_role_text(rotation->role), rotation->next->serial, rotation->next->party,
                 from);
    if (rotation->role != KEY_IDENTITY) {
        (void)printf("The old one stays valid until %s, and ends by itself.\n", end);
    }
    if (rotation->outcome == OWN_REQUESTED) {
        (void)printf("\nThe card is not signed: the identity key is on another machine. Take it "
                     "there:\n  comesh key request --output card.request     here\n"
                     "  comesh key sign card.request                 there\n"
                     "  comesh key import card.request.signed        here\n");
    } else if (rotation->role == KEY_IDENTITY) {
        say_identity(rotation);
    }
}

static json_t *plan_json(const struct rotation *rotation, bool done)
{
    char from[TEXT_TIME_BYTES];
    char end[TEXT_TIME_BYTES];
    json_int_t serial = (json_int_t)own_card(&rotation->own)->serial + 1;
    text_time(rotation->from_s, from);
    text_time(rotation->from_s + rotation->overlap_s, end);
    return json_pack("{s:s, s:I, s:s, s:s, s:b, s:b, s:o}", "role", key_role_text(rotation->role),
                     "serial", serial, "from", from, "old_until", end, "done", done, "signed",
                     done && rotation->outcome == OWN_SIGNED, "partners",
                     reach_json(&rotation->reach));
}

static enum result report(struct rotation *rotation, bool done, struct error *error)
{
    if (rotation->own.call->json) {
        return output_json(plan_json(rotation, done), error);
    }
    if (done) {
        say(rotation);
        (void)printf("\n");
    }
    reach_print(&rotation->reach, stdout);
    return RESULT_OK;
}

static enum result run(struct call *call, struct error *error)
{
    struct rotation rotation = {0};
    bool dry_run = call_value(call, "dry-run") != NULL;
    enum result result = own_change(call, &rotation.own, error);
    if (result == RESULT_OK) {
        result = read_options(&rotation, error);
    }
    if (result == RESULT_OK) {
        result = check_endpoint(&rotation, error);
    }
    if (result == RESULT_OK) {
        result = reach_look(&rotation.own, rotation.role, rotation.from_s + rotation.overlap_s,
                            &rotation.reach, error);
    }
    if (result == RESULT_OK && !dry_run) {
        result = rotate(&rotation, error);
    }
    if (result == RESULT_OK) {
        result = report(&rotation, !dry_run, error);
    }
    reach_free(&rotation.reach);
    keypair_destroy(&rotation.key);
    card_destroy(&rotation.next);
    own_free(&rotation.own);
    return result;
}

const struct command command_key_rotate = {
    .name = "key rotate",
    .operands = "ROLE",
    .summary = "a new key beside the old one, on a new card that partners get before it ends",
    .examples = "  comesh key rotate checkpoint --dry-run     # who would be locked out, and why\n"
                "  comesh key rotate checkpoint\n"
                "  comesh key rotate receipt --overlap 60 --from 2026-03-01\n"
                "  comesh key rotate transport --endpoint tcp://mesh.customs.go.kr:7448\n"
                "  comesh key rotate identity\n",
    .details =
        "Writes keys/ROLE-SERIAL.key, signs the next card, and tells the running node, which\n"
        "passes the card on to every partner and uses both keys. The old key ends by itself after\n"
        "the overlap; its card is kept, so that what it signed stays proof. Without the identity\n"
        "key here the card becomes a request (`comesh key request`). A new identity is trusted\n"
        "only when a new version of an agreement names it, or a person confirms its fingerprint.\n",
    .options = {{"overlap", "DAYS", "how long the old key stays valid; 30 by default", false},
                {"from", "TIME", "when the new key begins: now (default) or 2026-03-01", false},
                {"endpoint", "tcp://HOST:PORT", "where the new transport key is served", false},
                {"identity", "FILE", "the new identity, made elsewhere: `key new-identity`", false},
                {"dry-run", NULL, "only say who would be locked out, and why", false},
                UNLOCK_OPTION,
                {"by", "NAME", "who did it, for the audit log", false}},
    .json = true,
    .least_operands = 1,
    .most_operands = 1,
    .run = run,
};
