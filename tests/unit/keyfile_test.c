/* Key files: sealed, opened by their passphrase and owner alone, and whatever is changed refused.
 * The lowest cost is used throughout, as each opening costs 64 MiB and its time. */
#include "keys/file.h"
#include "keys/keyfile.h"
#include "tests/unit/folder.h"

static const struct keyfile_owner owner = {{"KR", 2}, {"test", 4}};
static const struct bytes passphrase = {(const uint8_t *)"korrekt horse", 13};
static struct keypair *key;
static const char *path;

static void start(void)
{
    folder_start();
    path = folder_path("checkpoint.key");
    assert_ok(keys_init(&error));
    assert_ok(keypair_generate(KEY_CHECKPOINT, &key, &error));
    assert_ok(keyfile_write(path, &owner, key, passphrase, KEYFILE_INTERACTIVE, &error));
}

static void end(void)
{
    keypair_destroy(&key);
    folder_end();
}

static enum result open_with(enum key_role role, const struct keyfile_owner *whose,
                             const char *words)
{
    struct keypair *opened = NULL;
    enum result result =
        keyfile_read(path, role, whose, text_bytes(text_of(words)), &opened, &error);
    ck_assert((result == RESULT_OK) == (opened != NULL));
    keypair_destroy(&opened);
    return result;
}

START_TEST(a_key_comes_back_as_it_was_sealed)
{
    struct keypair *opened = NULL;
    assert_ok(keyfile_read(path, KEY_CHECKPOINT, &owner, passphrase, &opened, &error));
    ck_assert_mem_eq(keypair_public(opened), keypair_public(key), KEY_PUBLIC_BYTES);
    ck_assert_mem_eq(keypair_secret(opened), keypair_secret(key), KEY_SECRET_BYTES);
    ck_assert_int_eq(keypair_role(opened), KEY_CHECKPOINT);
    keypair_destroy(&opened);
}
END_TEST

START_TEST(a_wrong_passphrase_does_not_open_it)
{
    assert_fails(open_with(KEY_CHECKPOINT, &owner, "korrekt horse "), RESULT_DENIED,
                 "checkpoint.key': the passphrase does not open it");
    assert_fails(open_with(KEY_CHECKPOINT, &owner, ""), RESULT_DENIED, "passphrase");
}
END_TEST

START_TEST(a_key_of_another_role_party_or_environment_is_refused)
{
    const struct keyfile_owner other_party = {TEXT("UY"), TEXT("test")};
    const struct keyfile_owner other_environment = {TEXT("KR"), TEXT("prod")};
    assert_fails(open_with(KEY_RECEIPT, &owner, "x"), RESULT_DENIED,
                 "holds the checkpoint key of KR for test, where the receipt key of KR for test");
    assert_fails(open_with(KEY_CHECKPOINT, &other_party, "x"), RESULT_DENIED, "key of UY");
    assert_fails(open_with(KEY_CHECKPOINT, &other_environment, "x"), RESULT_DENIED, "for prod");
}
END_TEST

START_TEST(the_secret_is_not_in_the_file)
{
    struct buffer text = {0};
    char hex[2 * KEY_SECRET_BYTES + 1];
    assert_ok(file_read(path, 4096, FILE_SECRET, &text, &error));
    ck_assert_ptr_null(memmem(text.data, text.size, keypair_secret(key), KEY_SECRET_BYTES));
    hex_encode(bytes_of(keypair_secret(key), KEY_SECRET_BYTES), hex);
    ck_assert_ptr_null(memmem(text.data, text.size, hex, 2 * KEY_SECRET_BYTES));
    ck_assert_ptr_null(memmem(text.data, text.size, "korrekt", 7));
    buffer_free(&text);
}
END_TEST

/* Writes the file again with `from` replaced by `to`, of equal length. */
static void change(const char *from, const char *to)
{
    struct buffer text = {0};
    assert_ok(file_read(path, 4096, FILE_SECRET, &text, &error));
    uint8_t *found = memmem(text.data, text.size, from, strlen(from));
    ck_assert_ptr_nonnull(found);
    memcpy(found, to, strlen(to));
    assert_ok(file_replace(path, buffer_bytes(&text), FILE_SECRET, &error));
    buffer_free(&text);
}

START_TEST(the_clear_part_is_bound_to_the_secret)
{
    const struct keyfile_owner prod = {TEXT("KR"), TEXT("prod")};
    change("environment test", "environment prod");
    assert_fails(open_with(KEY_CHECKPOINT, &prod, "korrekt horse"), RESULT_DENIED,
                 "or the file was changed");
}
END_TEST

START_TEST(costs_that_a_file_may_not_ask_for_are_refused)
{
    change("argon2id interactive", "argon2id 99999999999");
    assert_fails(open_with(KEY_CHECKPOINT, &owner, "korrekt horse"), RESULT_INVALID, "line 6");
}
END_TEST

START_TEST(every_truncation_is_refused_with_the_line)
{
    struct buffer text = {0};
    assert_ok(file_read(path, 4096, FILE_SECRET, &text, &error));
    for (size_t size = 0; size < text.size; size++) {
        assert_ok(file_replace(path, bytes_of(text.data, size), FILE_SECRET, &error));
        assert_fails(open_with(KEY_CHECKPOINT, &owner, "korrekt horse"), RESULT_INVALID,
                     "is not of a whole key file");
    }
    buffer_append(&text, "\n", 1);
    assert_ok(file_replace(path, buffer_bytes(&text), FILE_SECRET, &error));
    assert_fails(open_with(KEY_CHECKPOINT, &owner, "korrekt horse"), RESULT_INVALID, "line 10");
    buffer_free(&text);
}
END_TEST

START_TEST(a_file_that_others_can_read_is_refused)
{
    ck_assert_int_eq(chmod(path, 0644), 0);
    assert_fails(open_with(KEY_CHECKPOINT, &owner, "korrekt horse"), RESULT_DENIED, "mode 0644");
}
END_TEST

START_TEST(a_transport_key_is_sealed_too)
{
    struct keypair *transport = NULL;
    struct keypair *opened = NULL;
    assert_ok(keypair_generate(KEY_TRANSPORT, &transport, &error));
    assert_ok(keyfile_write(path, &owner, transport, passphrase, KEYFILE_INTERACTIVE, &error));
    assert_ok(keyfile_read(path, KEY_TRANSPORT, &owner, passphrase, &opened, &error));
    ck_assert_mem_eq(keypair_transport_secret(opened), keypair_transport_secret(transport), 32);
    keypair_destroy(&transport);
    keypair_destroy(&opened);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        a_key_comes_back_as_it_was_sealed,
        a_wrong_passphrase_does_not_open_it,
        a_key_of_another_role_party_or_environment_is_refused,
        the_secret_is_not_in_the_file,
        the_clear_part_is_bound_to_the_secret,
        costs_that_a_file_may_not_ask_for_are_refused,
        every_truncation_is_refused_with_the_line,
        a_file_that_others_can_read_is_refused,
        a_transport_key_is_sealed_too,
    };
    return suite_run_with("keyfile", tests, SUITE_COUNT(tests), start, end);
}
