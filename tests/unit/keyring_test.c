/* The key files of a node: listed without a passphrase, and found by their public keys. */
#include "keys/file.h"
#include "keys/keyring.h"
#include "tests/unit/folder.h"

static const struct keyfile_owner owner = {{"KR", 2}, {"test", 4}};
static const struct bytes passphrase = {(const uint8_t *)"korrekt horse", 13};
static struct keypair *receipt;
static struct keypair *transport;
static struct keyring keyring;

static void write_key(const char *name, const struct keypair *key)
{
    assert_ok(
        keyfile_write(folder_path(name), &owner, key, passphrase, KEYFILE_INTERACTIVE, &error));
}

static void start(void)
{
    folder_start();
    assert_ok(keys_init(&error));
    assert_ok(keypair_generate(KEY_RECEIPT, &receipt, &error));
    assert_ok(keypair_generate(KEY_TRANSPORT, &transport, &error));
    write_key("receipt.key", receipt);
    write_key("transport-000003.key", transport);
}

static void end(void)
{
    keyring_free(&keyring);
    keypair_destroy(&receipt);
    keypair_destroy(&transport);
    folder_end();
}

START_TEST(files_are_found_by_the_public_key_they_name)
{
    folder_write("notes.txt", "x", 1);
    folder_write(".receipt.key.ab12cd", "half", 4);
    assert_ok(keyring_load(folder, &owner, &keyring, &error));
    ck_assert_uint_eq(keyring.count, 2);
    const struct keyring_file *file =
        keyring_find(&keyring, KEY_TRANSPORT, keypair_public(transport));
    ck_assert_str_eq(file->path, folder_path("transport-000003.key"));
    ck_assert_int_eq(file->clear.cost, KEYFILE_INTERACTIVE);
    ck_assert_ptr_null(keyring_find(&keyring, KEY_RECEIPT, keypair_public(transport)));
}
END_TEST

START_TEST(a_key_file_that_is_not_this_nodes_or_not_whole_is_named)
{
    static const struct keyfile_owner prod = {{"KR", 2}, {"prod", 4}};
    struct buffer text = {0};
    assert_fails(keyring_load(folder, &prod, &keyring, &error), RESULT_DENIED,
                 "receipt.key': holds the receipt key of KR for test, where");
    assert_ok(file_read(folder_path("receipt.key"), 4096, FILE_SECRET, &text, &error));
    for (size_t size = 0; size < text.size; size += 7) {
        assert_ok(file_replace(folder_path("receipt.key"), (struct bytes){text.data, size},
                               FILE_SECRET, &error));
        assert_fails(keyring_load(folder, &owner, &keyring, &error), RESULT_INVALID,
                     "is not of a whole key file");
        ck_assert_ptr_null(keyring.files);
    }
    buffer_free(&text);
}
END_TEST

START_TEST(a_key_file_that_others_can_read_is_refused)
{
    ck_assert_int_eq(chmod(folder_path("receipt.key"), 0640), 0);
    assert_fails(keyring_load(folder, &owner, &keyring, &error), RESULT_DENIED,
                 "can be reached by others");
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        files_are_found_by_the_public_key_they_name,
        a_key_file_that_is_not_this_nodes_or_not_whole_is_named,
        a_key_file_that_others_can_read_is_refused,
    };
    return suite_run_with("keyring", tests, SUITE_COUNT(tests), start, end);
}
