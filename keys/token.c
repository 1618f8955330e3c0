/* Bearer tokens. See token.h. The file `tokens` has a head line, then a token a line:
 * NAME ROLES CREATED UNTIL HASH. */
#include "keys/token.h"

#include "keys/file.h"
#include "keys/text.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#define FILE_HEAD      "comesh tokens 1"
#define FILE_MAX_BYTES ((size_t)64 << 10)
#define TOKEN_START    "comesh_"
#define SECRET_BYTES   32
#define NEVER          "never"

static const char *const role_words[TOKEN_ROLE_COUNT] = {
#define TOKEN_ROLE_WORD(symbol, word, help) word,
    TOKEN_ROLE_MAP(TOKEN_ROLE_WORD)
#undef TOKEN_ROLE_WORD
};

unsigned token_role_read(struct text word)
{
    for (unsigned i = 0; i < TOKEN_ROLE_COUNT; i++) {
        if (text_equal(word, text_of(role_words[i]))) {
            return 1U << i;
        }
    }
    return 0;
}

void token_roles_append(unsigned roles, struct buffer *out)
{
    const char *before = "";
    for (unsigned i = 0; i < TOKEN_ROLE_COUNT; i++) {
        if ((roles & 1U << i) != 0) {
            buffer_printf(out, "%s%s", before, role_words[i]);
            before = ",";
        }
    }
}

/* ---- the file ---- */

static bool is_name(struct text name)
{
    bool good = name.size > 0 && name.size < TOKEN_NAME_BYTES;
    for (size_t i = 0; i < name.size && good; i++) {
        char c = name.data[i];
        good = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
    }
    return good;
}

static bool read_roles(struct text words, unsigned *roles)
{
    *roles = 0;
    while (words.size > 0) {
        unsigned role = token_role_read(text_until(&words, ','));
        (void)text_skip(&words, ",");
        if (role == 0) {
            return false;
        }
        *roles |= role;
    }
    return *roles != 0;
}

static struct text next_word(struct text *line)
{
    struct text word = text_until(line, ' ');
    (void)text_skip(line, " ");
    return word;
}

static bool read_line(struct text line, struct token *token)
{
    struct text name = next_word(&line);
    struct text roles = next_word(&line);
    struct text created = next_word(&line);
    struct text until = next_word(&line);
    bool for_ever = text_equal(until, TEXT(NEVER));
    *token = (struct token){.until_s = UINT64_MAX};
    if (!is_name(name) || !read_roles(roles, &token->roles) ||
        !text_time_read(created, &token->created_s) ||
        (!for_ever && !text_time_read(until, &token->until_s))) {
        return false;
    }
    memcpy(token->name, name.data, name.size);
    return hex_decode(line, token->hash, sizeof token->hash);
}

static enum result read_tokens(const char *path, struct text content, struct tokens *tokens,
                               struct error *error)
{
    struct text_lines lines = {.rest = content};
    bool good = text_lines_next(&lines) && text_equal(lines.line, TEXT(FILE_HEAD));
    while (good && text_lines_next(&lines)) {
        good = tokens->count < TOKENS_MAX && read_line(lines.line, &tokens->rows[tokens->count]);
        tokens->count++;
    }
    if (!good || lines.rest.size > 0) {
        return error_set(error, RESULT_INVALID,
                         "%s: line %zu is no token; restore the file, or remove it and make the "
                         "tokens again",
                         path, lines.number);
    }
    return RESULT_OK;
}

static enum result path_of(const char *directory, char path[PATH_MAX], struct error *error)
{
    int size = snprintf(path, PATH_MAX, "%s/tokens", directory);
    return size < PATH_MAX ? RESULT_OK
                           : error_set(error, RESULT_TOO_LARGE, "%s: too long", directory);
}

enum result tokens_load(const char *directory, struct tokens *tokens, struct error *error)
{
    char path[PATH_MAX];
    struct buffer content = {0};
    tokens->count = 0;
    enum result result = path_of(directory, path, error);
    if (result == RESULT_OK) {
        result = file_read(path, FILE_MAX_BYTES, FILE_SECRET, &content, error);
    }
    if (result == RESULT_OK) {
        result = read_tokens(path, buffer_view(&content), tokens, error);
    } else if (result == RESULT_NOT_FOUND) {
        result = RESULT_OK;
    }
    tokens->count = result == RESULT_OK ? tokens->count : 0;
    buffer_free(&content);
    return result;
}

static enum result tokens_store(const char *directory, const struct tokens *tokens,
                                struct error *error)
{
    char path[PATH_MAX];
    struct buffer content = {0};
    buffer_text(&content, FILE_HEAD "\n");
    for (size_t i = 0; i < tokens->count; i++) {
        const struct token *token = &tokens->rows[i];
        char created[TEXT_TIME_BYTES];
        char until[TEXT_TIME_BYTES] = NEVER;
        char hash[2 * TOKEN_HASH_BYTES + 1];
        text_time(token->created_s, created);
        if (token->until_s != UINT64_MAX) {
            text_time(token->until_s, until);
        }
        hex_encode((struct bytes){token->hash, sizeof token->hash}, hash);
        buffer_printf(&content, "%s ", token->name);
        token_roles_append(token->roles, &content);
        buffer_printf(&content, " %s %s %s\n", created, until, hash);
    }
    enum result result = buffer_check(&content, error);
    if (result == RESULT_OK) {
        result = path_of(directory, path, error);
    }
    if (result == RESULT_OK) {
        result = file_replace(path, buffer_bytes(&content), FILE_SECRET, error);
    }
    buffer_free(&content);
    return result;
}

/* ---- changes ---- */

/* Two changes at a time would lose one: the folder is locked meanwhile. Gives the descriptor. */
static enum result lock(const char *directory, int *fd, struct error *error)
{
    *fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (*fd >= 0 && flock(*fd, LOCK_EX) == 0) {
        return RESULT_OK;
    }
    return error_system(error, errno, "folder '%s'", directory);
}

static struct token *find_name(struct tokens *tokens, const char *name)
{
    for (size_t i = 0; i < tokens->count; i++) {
        if (text_equal(text_of(tokens->rows[i].name), text_of(name))) {
            return &tokens->rows[i];
        }
    }
    return NULL;
}

static void hash_token(struct text token, uint8_t hash[TOKEN_HASH_BYTES])
{
    (void)crypto_generichash(hash, TOKEN_HASH_BYTES, (const unsigned char *)token.data, token.size,
                             NULL, 0);
}

static enum result check_new(struct tokens *tokens, const struct token *wanted, struct error *error)
{
    if (!is_name(text_of(wanted->name))) {
        return error_set(error, RESULT_INVALID,
                         "'%s' is no name of a token; accepted: 1 to %d lower-case letters, digits "
                         "and hyphens",
                         wanted->name, TOKEN_NAME_BYTES - 1);
    }
    if (wanted->roles == 0) {
        return error_set(error, RESULT_INVALID, "a token without a role can do nothing");
    }
    if (find_name(tokens, wanted->name) != NULL) {
        return error_set(error, RESULT_CONFLICT,
                         "there is a token '%s'; revoke it first, or take another name",
                         wanted->name);
    }
    if (tokens->count == TOKENS_MAX) {
        return error_set(error, RESULT_TOO_LARGE, "there are %d tokens; revoke one first",
                         TOKENS_MAX);
    }
    return RESULT_OK;
}

static void make_token(struct token *token, char text[TOKEN_TEXT_BYTES])
{
    uint8_t secret[SECRET_BYTES];
    randombytes_buf(secret, sizeof secret);
    memcpy(text, TOKEN_START, sizeof TOKEN_START - 1);
    (void)sodium_bin2base64(text + sizeof TOKEN_START - 1,
                            TOKEN_TEXT_BYTES - (sizeof TOKEN_START - 1), secret, sizeof secret,
                            sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    sodium_memzero(secret, sizeof secret);
    hash_token(text_of(text), token->hash);
}

enum result token_new(const char *directory, const struct token *wanted,
                      char text[TOKEN_TEXT_BYTES], struct error *error)
{
    static _Thread_local struct tokens tokens;
    int fd = -1;
    enum result result = lock(directory, &fd, error);
    if (result == RESULT_OK) {
        result = tokens_load(directory, &tokens, error);
    }
    if (result == RESULT_OK) {
        result = check_new(&tokens, wanted, error);
    }
    if (result == RESULT_OK) {
        struct token *token = &tokens.rows[tokens.count++];
        *token = *wanted;
        make_token(token, text);
        result = tokens_store(directory, &tokens, error);
    }
    if (fd >= 0) {
        (void)close(fd);
    }
    return result;
}

enum result token_revoke(const char *directory, const char *name, struct error *error)
{
    static _Thread_local struct tokens tokens;
    int fd = -1;
    enum result result = lock(directory, &fd, error);
    if (result == RESULT_OK) {
        result = tokens_load(directory, &tokens, error);
    }
    if (result == RESULT_OK) {
        struct token *token = find_name(&tokens, name);
        if (token == NULL) {
            result = error_set(error, RESULT_NOT_FOUND,
                               "there is no token '%s'; `comesh token list` tells them", name);
        } else {
            *token = tokens.rows[--tokens.count];
            result = tokens_store(directory, &tokens, error);
        }
    }
    if (fd >= 0) {
        (void)close(fd);
    }
    return result;
}

/* ---- looking up ---- */

const struct token *tokens_find(const struct tokens *tokens, struct text given, uint64_t now_s)
{
    const struct token *found = NULL;
    uint8_t hash[TOKEN_HASH_BYTES];
    hash_token(given, hash);
    for (size_t i = 0; i < tokens->count; i++) {
        if (sodium_memcmp(tokens->rows[i].hash, hash, sizeof hash) == 0) {
            found = &tokens->rows[i];
        }
    }
    return found != NULL && now_s < found->until_s ? found : NULL;
}

void token_wipe(char text[TOKEN_TEXT_BYTES])
{
    sodium_memzero(text, TOKEN_TEXT_BYTES);
}
