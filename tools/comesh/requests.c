/* Texts that wait for a signature. See requests.h. */
#include "tools/comesh/requests.h"

#include "keys/card_text.h"
#include "keys/file.h"
#include "proto/merkle.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#define FOLDER "requests"
#define SUFFIX ".request"

static void card_name(struct request *request)
{
    request->party = request->card.party;
    request->environment = request->card.environment;
    request->identity = request->card.keys[KEY_IDENTITY][0].public_key;
    (void)snprintf(request->name, sizeof request->name, "card-%06" PRIu64, request->card.serial);
}

static void revocation_name(struct request *request)
{
    char hex[17];
    request->party = request->revocation.party;
    request->environment = request->revocation.environment;
    request->identity = request->revocation.identity;
    hex_encode((struct bytes){request->revocation.key, 8}, hex);
    (void)snprintf(request->name, sizeof request->name, "revocation-%s-%s",
                   key_role_text(request->revocation.role), hex);
}

static enum result text_read(struct request *request, struct error *error)
{
    struct text text = buffer_view(&request->text);
    struct text first = text;
    if (text_skip(&first, "comesh revocation ")) {
        request->kind = REQUEST_REVOCATION;
        enum result result = revocation_text_read(text, &request->revocation, error);
        revocation_name(request);
        return result;
    }
    request->kind = REQUEST_CARD;
    enum result result = card_text_read(text, &request->card, error);
    card_name(request);
    return result;
}

enum result request_parse(struct bytes text, struct request **request, struct error *error)
{
    struct request *made = calloc(1, sizeof *made);
    *request = NULL;
    if (made == NULL) {
        return error_set(error, RESULT_NO_MEMORY, "no memory for a request");
    }
    buffer_append(&made->text, text.data, text.size);
    enum result result = buffer_check(&made->text, error);
    if (result == RESULT_OK) {
        result = text_read(made, error);
    }
    if (result != RESULT_OK) {
        request_destroy(&made);
    }
    *request = made;
    return result;
}

void request_destroy(struct request **request)
{
    if (*request != NULL) {
        buffer_free(&(*request)->text);
        free(*request);
        *request = NULL;
    }
}

void request_hash(struct bytes text, uint8_t hash[WORDS_HASH_BYTES])
{
    struct merkle_hash sum;
    merkle_sha256(text, &sum);
    memcpy(hash, sum.bytes, WORDS_HASH_BYTES);
}

void request_describe(const struct request *request, struct buffer *out)
{
    if (request->kind == REQUEST_CARD) {
        buffer_printf(out, "card %" PRIu64 " of %s (%s)", request->card.serial, request->party,
                      request->environment);
    } else {
        buffer_printf(out, "revocation of the %s key of %s (%s)",
                      key_role_text(request->revocation.role), request->party,
                      request->environment);
    }
}

static enum result request_path(const struct config *config, const char *name, char out[PATH_MAX],
                                struct error *error)
{
    char folder[CONFIG_PATH_BYTES];
    char file[REQUEST_NAME_BYTES + sizeof SUFFIX];
    enum result result = config_place(config, FOLDER, folder, error);
    if (result == RESULT_OK) {
        result = file_folder(folder, error);
    }
    (void)snprintf(file, sizeof file, "%s" SUFFIX, name);
    return result == RESULT_OK ? file_place(out, folder, file, error) : result;
}

enum result request_put(const struct config *config, struct bytes text, struct error *error)
{
    struct request *request = NULL;
    struct buffer held = {0};
    char path[PATH_MAX];
    enum result result = request_parse(text, &request, error);
    if (result == RESULT_OK) {
        result = request_path(config, request->name, path, error);
    }
    if (result == RESULT_OK) {
        result = file_read(path, REQUEST_MAX_BYTES, FILE_PUBLIC, &held, error);
    }
    if (result == RESULT_OK && !bytes_equal(buffer_bytes(&held), text)) {
        result = error_set(error, RESULT_CONFLICT,
                           "%s waits for its signature; sign and import it, or delete %s",
                           request->name, path);
    } else if (result == RESULT_NOT_FOUND) {
        result = file_replace(path, text, FILE_PUBLIC, error);
    }
    buffer_free(&held);
    request_destroy(&request);
    return result;
}

/* The only request, or all names in one sentence. */
struct choice {
    char name[REQUEST_NAME_BYTES];
    size_t count;
    struct buffer names;
};

static enum result name_take(void *self, const char *path, const char *name, struct error *error)
{
    struct choice *choice = self;
    size_t size = strlen(name);
    (void)path;
    if (size <= strlen(SUFFIX) || size >= REQUEST_NAME_BYTES) {
        return RESULT_OK;
    }
    (void)snprintf(choice->name, sizeof choice->name, "%.*s", (int)(size - strlen(SUFFIX)), name);
    buffer_printf(&choice->names, "%s%s", choice->count++ == 0 ? "" : ", ", choice->name);
    return buffer_check(&choice->names, error);
}

static enum result name_choose(const struct config *config, struct choice *choice,
                               struct error *error)
{
    char folder[CONFIG_PATH_BYTES];
    enum result result = config_place(config, FOLDER, folder, error);
    if (result == RESULT_OK) {
        result = file_walk(folder, name_take, choice, error);
    }
    if (result == RESULT_OK && choice->count == 0) {
        result = error_set(error, RESULT_NOT_FOUND, "nothing waits for a signature");
    } else if (result == RESULT_OK && choice->count > 1) {
        result = error_set(error, RESULT_CONFLICT, "%zu texts wait for a signature; name one: %.*s",
                           choice->count, TEXT_ARGS(buffer_view(&choice->names)));
    }
    return result;
}

enum result request_get(const struct config *config, const char *name, struct request **request,
                        struct error *error)
{
    struct choice choice = {0};
    struct buffer text = {0};
    char path[PATH_MAX];
    enum result result = name == NULL ? name_choose(config, &choice, error) : RESULT_OK;
    *request = NULL;
    if (name != NULL && strchr(name, '/') != NULL) {
        result = error_set(error, RESULT_NOT_FOUND, "'%.60s' is the name of no request", name);
    }
    if (result == RESULT_OK) {
        result = request_path(config, name == NULL ? choice.name : name, path, error);
    }
    if (result == RESULT_OK) {
        result = file_read(path, REQUEST_MAX_BYTES, FILE_PUBLIC, &text, error);
    }
    if (result == RESULT_OK) {
        result = request_parse(buffer_bytes(&text), request, error);
    }
    buffer_free(&choice.names);
    buffer_free(&text);
    return result;
}

enum result request_done(const struct config *config, const struct request *request,
                         struct error *error)
{
    char path[PATH_MAX];
    enum result result = request_path(config, request->name, path, error);
    return result == RESULT_OK ? file_remove(path, error) : result;
}
