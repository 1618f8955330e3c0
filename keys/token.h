/* Bearer tokens of the private listener: what a national system shows, and the file in which a node
 * keeps them. A token is 32 random bytes, so that it cannot be guessed and needs no slow hash: the
 * file holds its BLAKE2b alone, and whoever reads the file cannot show a token. A token is seen
 * once, when it is made. Any thread, any process; changes are locked. */
#ifndef COMESH_KEYS_TOKEN_H
#define COMESH_KEYS_TOKEN_H

#include "proto/bytes.h"

#define TOKEN_TEXT_BYTES 51 /* "comesh_", 43 characters, a NUL */
#define TOKEN_NAME_BYTES 33 /* with the NUL */
#define TOKEN_HASH_BYTES 32
#define TOKENS_MAX       256

/* symbol, word, what it is for */
#define TOKEN_ROLE_MAP(X)                                                                          \
    X(SUBMIT, "submit", "say something: the four operations")                                      \
    X(READ, "read", "look: certificates, messages, events, partners, evidence")                    \
    X(TAKE, "take", "acknowledge events, so that their senders see `delivered`")                   \
    X(METRICS, "metrics", "read the counters, and nothing else")

enum token_role_index {
#define TOKEN_ROLE_INDEX(symbol, word, help) TOKEN_INDEX_##symbol,
    TOKEN_ROLE_MAP(TOKEN_ROLE_INDEX)
#undef TOKEN_ROLE_INDEX
        TOKEN_ROLE_COUNT
};

/* Roles are bits. */
enum token_role {
#define TOKEN_ROLE_BIT(symbol, word, help) TOKEN_##symbol = 1 << TOKEN_INDEX_##symbol,
    TOKEN_ROLE_MAP(TOKEN_ROLE_BIT)
#undef TOKEN_ROLE_BIT
};

struct token {
    char name[TOKEN_NAME_BYTES];
    unsigned roles;
    uint64_t created_s;
    uint64_t until_s; /* UINT64_MAX: until it is revoked */
    uint8_t hash[TOKEN_HASH_BYTES];
};

struct tokens {
    struct token rows[TOKENS_MAX];
    size_t count;
};

/* The bit of a role's word, 0 when there is none; and the words of some roles, "submit,read". */
unsigned token_role_read(struct text word);
void token_roles_append(unsigned roles, struct buffer *out);

/* The tokens of the node in `directory`; none when there is no file. RESULT_DENIED when others than
 * the owner can read it. */
enum result tokens_load(const char *directory, struct tokens *tokens,
                        struct error *error) RESULT_CHECKED;

/* Makes a token and writes its hash; `text` is what its owner shows, to be wiped with token_wipe.
 * RESULT_CONFLICT when the name is taken. */
enum result token_new(const char *directory, const struct token *wanted,
                      char text[TOKEN_TEXT_BYTES], struct error *error) RESULT_CHECKED;

/* RESULT_NOT_FOUND when there is none of that name. */
enum result token_revoke(const char *directory, const char *name,
                         struct error *error) RESULT_CHECKED;

/* The token that `given` is, and that is valid at `now_s`; NULL. How long it takes does not depend
 * on how much of a token was guessed. */
const struct token *tokens_find(const struct tokens *tokens, struct text given, uint64_t now_s);

void token_wipe(char text[TOKEN_TEXT_BYTES]);

#endif
