/* comesh init: the directory of a node, with its keys, its card and its configuration. */
#include "keys/audit.h"
#include "keys/card_next.h"
#include "keys/file.h"
#include "keys/keyfile.h"
#include "node/core/config.h"
#include "node/core/world.h"
#include "tools/comesh/acts.h"
#include "tools/comesh/identity_file.h"
#include "tools/comesh/init_config.h"
#include "tools/comesh/made.h"
#include "tools/comesh/requests.h"
#include "tools/comesh/unlock.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *const folders[] = {"", "keys", "cards", "cards/partners", "store"};

/* A node that is being made. */
struct making {
    struct call *call;
    struct card card;
    struct keypair *keys[KEY_ROLE_COUNT]; /* no identity key when that is on another machine */
    struct passphrase *passphrase;
    enum keyfile_cost cost;
    struct made made;
};

static enum result copy_option(struct call *call, const char *name, bool required, char *out,
                               size_t size, struct error *error)
{
    const char *value = call_value(call, name);
    if (value == NULL && !required) {
        return RESULT_OK;
    }
    enum result result = call_required(call, name, &value, error);
    if (result == RESULT_OK && strlen(value) >= size) {
        result = call_usage(call, error, "--%s is %zu bytes long; accepted: at most %zu", name,
                            strlen(value), size - 1);
    }
    if (result == RESULT_OK) {
        memcpy(out, value, strlen(value) + 1);
    }
    return result;
}

static enum result read_options(struct making *making, struct error *error)
{
    struct card *card = &making->card;
    const struct {
        const char *name;
        bool required;
        char *out;
        size_t size;
    } rows[] = {
        {"party", true, card->party, sizeof card->party},
        {"domain", true, card->domain, sizeof card->domain},
        {"environment", true, card->environment, sizeof card->environment},
        {"name", true, card->name, sizeof card->name},
        {"endpoint", false, card->mesh_endpoint, sizeof card->mesh_endpoint},
        {"https", false, card->https_endpoint, sizeof card->https_endpoint},
    };
    enum result result = RESULT_OK;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0] && result == RESULT_OK; i++) {
        result = copy_option(making->call, rows[i].name, rows[i].required, rows[i].out,
                             rows[i].size, error);
    }
    const char *kdf = call_value(making->call, "kdf");
    making->cost = KEYFILE_MODERATE;
    if (result == RESULT_OK && kdf != NULL && !keyfile_cost_parse(text_of(kdf), &making->cost)) {
        result = call_usage(making->call, error,
                            "--kdf '%s'; accepted: interactive, moderate, sensitive", kdf);
    }
    return result;
}

/* A new pair; of an identity that was made on another machine only the public half. */
static enum result make_key(struct making *making, enum key_role role, struct error *error)
{
    struct card *card = &making->card;
    struct card_key *key = &card->keys[role][0];
    const char *elsewhere = call_value(making->call, "identity");
    enum result result = RESULT_OK;
    if (role == KEY_IDENTITY && elsewhere != NULL) {
        result =
            identity_file_read(elsewhere, card->party, card->environment, key->public_key, error);
    } else {
        result = keypair_generate(role, &making->keys[role], error);
        if (result == RESULT_OK) {
            memcpy(key->public_key, keypair_public(making->keys[role]), KEY_PUBLIC_BYTES);
        }
    }
    card->key_count[role] = 1;
    key->from_s = card->issued_s - CARD_KEY_EARLY_S;
    key->until_s = card->issued_s + card_key_life_s(role);
    return result;
}

/* The card, signed where the identity key is here; otherwise read as others will. */
static enum result make_card(struct making *making, struct error *error)
{
    struct card *card = &making->card;
    struct buffer text = {0};
    card->serial = 1;
    card->issued_s = world_wall_ms(world_real()) / 1000;
    enum result result = RESULT_OK;
    for (unsigned role = 0; role < KEY_ROLE_COUNT && result == RESULT_OK; role++) {
        result = make_key(making, (enum key_role)role, error);
    }
    if (result != RESULT_OK) {
        return result;
    }
    result = making->keys[KEY_IDENTITY] == NULL
                 ? card_next_text(card, &text, error)
                 : card_sign(card, making->keys[KEY_IDENTITY], error);
    buffer_free(&text);
    if (result == RESULT_INVALID) {
        return call_usage(making->call, error, "%.700s", error->message);
    }
    return result;
}

/* The folders, 0700. One that is there already is taken when nothing of a node is in it. */
static enum result make_folders(struct making *making, struct error *error)
{
    for (size_t i = 0; i < sizeof folders / sizeof folders[0]; i++) {
        char path[CONFIG_PATH_BYTES];
        enum result result = made_place(&making->made, folders[i], path, error);
        if (result != RESULT_OK) {
            return result;
        }
        if (mkdir(path, 0700) == 0) {
            made_note(&making->made, path);
        } else if (errno != EEXIST) {
            return error_system(error, errno, "%s", path);
        }
    }
    return RESULT_OK;
}

/* Refuses to touch what is there. */
static enum result check_free(const struct making *making, struct error *error)
{
    static const char *const names[] = {"comesh.zpl",        "cards/own.card",
                                        "keys/identity.key", "keys/checkpoint.key",
                                        "keys/receipt.key",  "keys/transport.key"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        char path[CONFIG_PATH_BYTES];
        enum result result = made_place(&making->made, names[i], path, error);
        if (result != RESULT_OK) {
            return result;
        }
        if (access(path, F_OK) == 0) {
            return error_set(error, RESULT_CONFLICT,
                             "%s is there already and is not overwritten; choose another directory "
                             "with -C",
                             path);
        }
    }
    return RESULT_OK;
}

static enum result write_keys(struct making *making, struct error *error)
{
    struct keyfile_owner owner = {text_of(making->card.party), text_of(making->card.environment)};
    for (size_t role = 0; role < KEY_ROLE_COUNT; role++) {
        char name[64];
        char path[CONFIG_PATH_BYTES];
        if (making->keys[role] == NULL) {
            continue;
        }
        (void)snprintf(name, sizeof name, "keys/%s.key", key_role_text((enum key_role)role));
        enum result result = made_place(&making->made, name, path, error);
        if (result == RESULT_OK) {
            made_note(&making->made, path);
            result = keyfile_write(path, &owner, making->keys[role],
                                   passphrase_bytes(making->passphrase), making->cost, error);
        }
        if (result != RESULT_OK) {
            return result;
        }
    }
    return RESULT_OK;
}

/* The first act of the audit log, under its first checkpoint. */
static enum result record(struct making *making, struct error *error)
{
    static const char *const names[] = {"audit", "audit/log", "audit/checkpoints"};
    const struct card *const own = &making->card;
    const char *directory = making->call->directory;
    enum result result = RESULT_OK;
    for (size_t i = 0; i < sizeof names / sizeof names[0] && result == RESULT_OK; i++) {
        char path[CONFIG_PATH_BYTES];
        result = made_place(&making->made, names[i], path, error);
        made_note(&making->made, path);
    }
    if (result == RESULT_OK) {
        result = act_record_card(making->call, directory, "init", own, error);
    }
    if (result == RESULT_OK) {
        result = audit_sign(directory, &own, 1, making->keys[KEY_CHECKPOINT], error);
    }
    return result;
}

/* The signed card, or what is to be signed. */
static enum result write_card(struct making *making, const struct config *config,
                              struct error *error)
{
    static const char *const names[] = {"requests", "requests/card-000001.request"};
    struct buffer text = {0};
    char path[CONFIG_PATH_BYTES];
    if (making->keys[KEY_IDENTITY] != NULL) {
        enum result result = made_place(&making->made, "cards/own.card", path, error);
        made_note(&making->made, path);
        return result == RESULT_OK
                   ? file_replace(path, buffer_bytes(&making->card.note), FILE_SECRET, error)
                   : result;
    }
    enum result result = card_next_text(&making->card, &text, error);
    for (size_t i = 0; i < sizeof names / sizeof names[0] && result == RESULT_OK; i++) {
        result = made_place(&making->made, names[i], path, error);
        made_note(&making->made, path);
    }
    if (result == RESULT_OK) {
        result = request_put(config, buffer_bytes(&text), error);
    }
    buffer_free(&text);
    return result;
}

/* The last step: with comesh.zpl the directory is a node's. What is wrong in it is told as
 * comeshd would. */
static enum result write_texts(struct making *making, const struct buffer *text,
                               struct error *error)
{
    char path[CONFIG_PATH_BYTES];
    struct config *config = malloc(sizeof *config);
    struct buffer report = {0};
    enum result result = config == NULL ? error_set(error, RESULT_NO_MEMORY, "no memory")
                                        : made_place(&making->made, "comesh.zpl", path, error);
    if (result == RESULT_OK) {
        made_note(&making->made, path);
        result = file_replace(path, buffer_bytes(text), FILE_SECRET, error);
    }
    if (result == RESULT_OK) {
        result = config_load(path, config, &report, error);
    }
    if (result == RESULT_INVALID && report.size > 0) {
        (void)fprintf(stderr, "%.*s", TEXT_ARGS(buffer_view(&report)));
        result = call_usage(making->call, error,
                            "the options make no good configuration: the "
                            "lines above; nothing was made");
    }
    if (result == RESULT_OK) {
        result = write_card(making, config, error);
    }
    buffer_free(&report);
    free(config);
    return result;
}

static void say_offline(const struct making *making)
{
    const char *directory = making->call->directory;
    (void)printf("Made the node of %s (%s, %s) in %s, but for the signature of its card.\n\n"
                 "Its identity key is on another machine. Take the card there and back:\n"
                 "  comesh -C %s key request --output card.request    here; it shows a "
                 "fingerprint\n"
                 "  comesh -C VAULT key sign card.request             there; it asks for it\n"
                 "  comesh -C %s key import card.request.signed       here\n",
                 making->card.party, making->card.name, making->card.environment, directory,
                 directory, directory);
}

static void say_next(const struct making *making)
{
    const char *directory = making->call->directory;
    const struct card *card = &making->card;
    uint8_t hash[WORDS_HASH_BYTES];
    char words[WORDS_TEXT_BYTES];
    char digits[WORDS_DIGITS_BYTES];
    card_fingerprint_hash(card, hash);
    words_text(hash, words);
    words_digits(hash, digits);
    (void)printf("Made the node of %s (%s, %s) in %s.\n"
                 "Fingerprint of its identity: %s\n"
                 "             the same in digits: %s\n\n"
                 "Give this file to your partners, and read them the fingerprint by telephone:\n"
                 "  comesh -C %s card export --output %s.card\n"
                 "For the card of each partner:\n"
                 "  comesh -C %s card import FILE\n"
                 "Sign an agreement with them, or take theirs:\n"
                 "  comesh -C %s agreement new CODE --join PARTY --name NAME --reference TEXT\n"
                 "  comesh -C %s agreement import FILE\n"
                 "Run the node, and see how it is:\n"
                 "  comeshd --config %s/comesh.zpl\n"
                 "  comesh -C %s status\n",
                 card->party, card->name, card->environment, directory, words, digits, directory,
                 card->party, directory, directory, directory, directory, directory);
}

static enum result run(struct call *call, struct error *error)
{
    struct making making = {.call = call, .made = {.directory = call->directory}};
    struct buffer config = {0};
    enum result result = read_options(&making, error);
    if (result == RESULT_OK) {
        result = check_free(&making, error);
    }
    if (result == RESULT_OK) {
        result = make_card(&making, error);
    }
    if (result == RESULT_OK) {
        result = init_config(call, &making.card, &config, error);
    }
    if (result == RESULT_OK) {
        result = unlock_passphrase(call, "passphrase-fd", "Passphrase for the new keys", true,
                                   &making.passphrase, error);
    }
    if (result == RESULT_OK) {
        result = make_folders(&making, error);
    }
    if (result == RESULT_OK) {
        result = write_keys(&making, error);
    }
    if (result == RESULT_OK) {
        result = record(&making, error);
    }
    if (result == RESULT_OK) {
        result = write_texts(&making, &config, error);
    }
    if (result == RESULT_OK && making.keys[KEY_IDENTITY] == NULL) {
        say_offline(&making);
    } else if (result == RESULT_OK) {
        say_next(&making);
    } else {
        made_take_away(&making.made);
    }
    for (size_t role = 0; role < KEY_ROLE_COUNT; role++) {
        keypair_destroy(&making.keys[role]);
    }
    passphrase_destroy(&making.passphrase);
    buffer_free(&making.card.note);
    buffer_free(&config);
    return result;
}

const struct command command_init = {
    .name = "init",
    .operands = "--party CODE --domain DOMAIN --environment ENV --name NAME",
    .summary = "make the directory of a node: keys, card, configuration",
    .examples = "  comesh -C /srv/kr init --party KR --domain customs.go.kr --environment test \\\n"
                "         --name \"Korea Customs Service\" --bind 'tcp://*:7447' \\\n"
                "         --endpoint tcp://mesh.customs.go.kr:7447 --agreement AKFTA:1:KR,ID\n",
    .details =
        "Asks for a passphrase, which encrypts the four secret keys in keys/. Nothing that is\n"
        "there is overwritten; when something fails, nothing is left behind. With --identity the\n"
        "card waits for its signature by an identity key that stays on a machine without "
        "network.\n",
    .options =
        {
            {"party", "CODE", "the party, ISO 3166-1 alpha-2", false},
            {"domain", "DOMAIN", "its domain, which names its channels and keys for ever", false},
            {"environment", "ENV", "dev, test or prod", false},
            {"name", "NAME", "its name, for people", false},
            {"bind", "tcp://HOST:PORT", "where this node listens; without it, it only dials out",
             true},
            {"endpoint", "tcp://HOST:PORT", "where partners reach it; goes on the card", false},
            {"https", "https://HOST", "its HTTPS endpoint, where it has one; goes on the card",
             false},
            {"agreement", "CODE:MENU:PARTIES", "to try out in dev and test: AKFTA:1:KR,ID", true},
            {"identity", "FILE", "of `comesh key new-identity`: the identity key is elsewhere",
             false},
            UNLOCK_OPTION,
            {"kdf", "COST", "interactive, moderate (default) or sensitive: how hard to guess",
             false},
        },
    .run = run,
};
