/* Bearer tokens: made once, found by their hash, revoked; and a file that is no file of tokens. */
#include "keys/file.h"
#include "keys/keypair.h"
#include "keys/token.h"
#include "tests/unit/folder.h"
#include "tests/unit/suite.h"

#define NOW 1800000000

static struct tokens tokens;

static enum result make(const char *name, unsigned roles, uint64_t until_s, char *text)
{
    struct token wanted = {.roles = roles, .created_s = NOW, .until_s = until_s};
    (void)snprintf(wanted.name, sizeof wanted.name, "%s", name);
    return token_new(folder, &wanted, text, &error);
}

START_TEST(a_token_is_found_by_what_its_owner_shows_and_by_nothing_else)
{
    char text[TOKEN_TEXT_BYTES];
    char other[TOKEN_TEXT_BYTES];
    assert_ok(make("nsw", TOKEN_SUBMIT | TOKEN_READ, UINT64_MAX, text));
    assert_ok(make("other", TOKEN_METRICS, UINT64_MAX, other));
    ck_assert_str_ne(text, other);
    ck_assert_uint_eq(strlen(text), TOKEN_TEXT_BYTES - 1);
    assert_ok(tokens_load(folder, &tokens, &error));
    const struct token *found = tokens_find(&tokens, text_of(text), NOW);
    ck_assert_ptr_nonnull(found);
    ck_assert_str_eq(found->name, "nsw");
    ck_assert_uint_eq(found->roles, TOKEN_SUBMIT | TOKEN_READ);
    ck_assert_str_eq(tokens_find(&tokens, text_of(other), NOW)->name, "other");
    text[20] ^= 1;
    ck_assert_ptr_null(tokens_find(&tokens, text_of(text), NOW));
    ck_assert_ptr_null(tokens_find(&tokens, TEXT(""), NOW));
}
END_TEST

START_TEST(a_token_ends_at_its_time_and_when_it_is_revoked)
{
    char text[TOKEN_TEXT_BYTES];
    assert_ok(make("timed", TOKEN_READ, NOW + 10, text));
    assert_ok(tokens_load(folder, &tokens, &error));
    ck_assert_ptr_nonnull(tokens_find(&tokens, text_of(text), NOW + 9));
    ck_assert_ptr_null(tokens_find(&tokens, text_of(text), NOW + 10));
    assert_ok(token_revoke(folder, "timed", &error));
    assert_ok(tokens_load(folder, &tokens, &error));
    ck_assert_uint_eq(tokens.count, 0);
    assert_fails(token_revoke(folder, "timed", &error), RESULT_NOT_FOUND, "timed");
}
END_TEST

START_TEST(a_name_is_taken_once_and_is_a_plain_word)
{
    char text[TOKEN_TEXT_BYTES];
    assert_ok(make("a-1", TOKEN_READ, UINT64_MAX, text));
    assert_fails(make("a-1", TOKEN_READ, UINT64_MAX, text), RESULT_CONFLICT, "a-1");
    assert_fails(make("", TOKEN_READ, UINT64_MAX, text), RESULT_INVALID, "no name");
    assert_fails(make("a b", TOKEN_READ, UINT64_MAX, text), RESULT_INVALID, "no name");
    assert_fails(make("a\nb", TOKEN_READ, UINT64_MAX, text), RESULT_INVALID, "no name");
    assert_fails(make("b", 0, UINT64_MAX, text), RESULT_INVALID, "role");
}
END_TEST

START_TEST(a_file_that_is_damaged_or_open_to_others_gives_no_token)
{
    static const char *const damaged[] = {
        "", "comesh tokens 2\n", "comesh tokens 1\nx\n", "comesh tokens 1",
        "comesh tokens 1\nnsw root 2026-01-05T09:30:00Z never 00\n"};
    char text[TOKEN_TEXT_BYTES];
    const char *path = folder_path("tokens");
    assert_ok(make("nsw", TOKEN_READ, UINT64_MAX, text));
    ck_assert_int_eq(chmod(path, 0644), 0);
    assert_fails(tokens_load(folder, &tokens, &error), RESULT_DENIED, "tokens");
    ck_assert_uint_eq(tokens.count, 0);
    for (size_t i = 0; i < SUITE_COUNT(damaged); i++) {
        assert_ok(file_replace(path, text_bytes(text_of(damaged[i])), FILE_SECRET, &error));
        assert_fails(tokens_load(folder, &tokens, &error), RESULT_INVALID, "tokens");
        ck_assert_uint_eq(tokens.count, 0);
    }
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        a_token_is_found_by_what_its_owner_shows_and_by_nothing_else,
        a_token_ends_at_its_time_and_when_it_is_revoked,
        a_name_is_taken_once_and_is_a_plain_word,
        a_file_that_is_damaged_or_open_to_others_gives_no_token,
    };
    if (keys_init(&error) != RESULT_OK) {
        return EXIT_FAILURE;
    }
    return suite_run_with("token", tests, SUITE_COUNT(tests), folder_start, folder_end);
}
