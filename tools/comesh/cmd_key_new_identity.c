/* comesh key new-identity: an identity key on a machine without network, and its public half for
 * the node. */
#include "keys/file.h"
#include "keys/keyfile.h"
#include "proto/operation.h"
#include "tools/comesh/acts.h"
#include "tools/comesh/identity_file.h"
#include "tools/comesh/unlock.h"

#include <limits.h>
#include <stdio.h>

struct newborn {
    const char *party;
    const char *environment;
    enum keyfile_cost cost;
};

static enum result read_options(struct call *call, struct newborn *newborn, struct error *error)
{
    const char *kdf = call_value(call, "kdf");
    enum result result = call_required(call, "party", &newborn->party, error);
    if (result == RESULT_OK) {
        result = call_required(call, "environment", &newborn->environment, error);
    }
    if (result == RESULT_OK && (!name_is_party(text_of(newborn->party)) ||
                                !environment_valid(text_of(newborn->environment)))) {
        result = call_usage(call, error,
                            "--party '%.20s' --environment '%.20s'; accepted: two capital letters, "
                            "and dev, test or prod",
                            newborn->party, newborn->environment);
    }
    newborn->cost = KEYFILE_SENSITIVE;
    if (result == RESULT_OK && kdf != NULL && !keyfile_cost_parse(text_of(kdf), &newborn->cost)) {
        result =
            call_usage(call, error, "--kdf '%s'; accepted: interactive, moderate, sensitive", kdf);
    }
    return result;
}

/* keys/identity.key, or the next free name when there is one: keys/identity-2.key. */
static enum result free_path(struct call *call, char out[PATH_MAX], struct error *error)
{
    enum result result = file_place(out, call->directory, "keys", error);
    if (result == RESULT_OK) {
        result = file_folder(call->directory, error);
    }
    if (result == RESULT_OK) {
        result = file_folder(out, error);
    }
    for (unsigned i = 1; result == RESULT_OK; i++) {
        char name[64] = "keys/identity.key";
        struct buffer content = {0};
        if (i > 1) {
            (void)snprintf(name, sizeof name, "keys/identity-%u.key", i);
        }
        result = file_place(out, call->directory, name, error);
        enum result found =
            result == RESULT_OK ? file_read(out, 1, FILE_PUBLIC, &content, error) : result;
        buffer_free(&content);
        if (found == RESULT_NOT_FOUND) {
            return RESULT_OK;
        }
    }
    return result;
}

static enum result write_identity(struct call *call, const struct newborn *newborn,
                                  const struct keypair *identity, const char *path,
                                  struct error *error)
{
    const struct keyfile_owner owner = {text_of(newborn->party), text_of(newborn->environment)};
    const char *output = call_value(call, "output");
    struct passphrase *passphrase = NULL;
    struct buffer text = {0};
    identity_file_append(newborn->party, newborn->environment, keypair_public(identity), &text);
    enum result result = unlock_passphrase(call, "passphrase-fd", "Passphrase for the identity key",
                                           true, &passphrase, error);
    if (result == RESULT_OK) {
        result = keyfile_write(path, &owner, identity, passphrase_bytes(passphrase), newborn->cost,
                               error);
    }
    if (result == RESULT_OK && output != NULL) {
        result = file_replace(output, buffer_bytes(&text), FILE_PUBLIC, error);
    } else if (result == RESULT_OK) {
        (void)fwrite(text.data, 1, text.size, stdout);
    }
    if (result == RESULT_OK) {
        result = act_record(call, call->directory, "key new-identity", newborn->party,
                            newborn->environment, error);
    }
    buffer_free(&text);
    passphrase_destroy(&passphrase);
    return result;
}

static enum result new_identity(struct call *call, struct error *error)
{
    struct newborn newborn = {0};
    struct keypair *identity = NULL;
    char path[PATH_MAX];
    enum result result = read_options(call, &newborn, error);
    if (result == RESULT_OK) {
        result = free_path(call, path, error);
    }
    if (result == RESULT_OK) {
        result = keypair_generate(KEY_IDENTITY, &identity, error);
    }
    if (result == RESULT_OK) {
        result = write_identity(call, &newborn, identity, path, error);
    }
    if (result == RESULT_OK) {
        (void)fprintf(stderr, "comesh: the secret stays here, in %s; back it up\n", path);
    }
    keypair_destroy(&identity);
    return result;
}

const struct command command_key_new_identity = {
    .name = "key new-identity",
    .operands = "--party CODE --environment ENV",
    .summary = "make an identity key on a machine without network",
    .examples = "  comesh -C /media/vault key new-identity --party KR --environment test \\\n"
                "         --output KR.identity\n",
    .details =
        "Writes keys/identity.key, encrypted, and its public half to --output or stdout. Take "
        "that\n"
        "to the node: `comesh init --identity FILE`, or `comesh key rotate identity --identity\n"
        "FILE` where there is one already.\n",
    .options = {{"party", "CODE", "the party, ISO 3166-1 alpha-2", false},
                {"environment", "ENV", "dev, test or prod", false},
                {"output", "FILE", "the public half; stdout without it", false},
                UNLOCK_OPTION,
                {"kdf", "COST", "interactive, moderate or sensitive (default)", false},
                {"by", "NAME", "who made it, for the log", false}},
    .run = new_identity,
};
