/* How far a webhook has come, on disk, and the key that signs it. */
#include "node/core/hook_file.h"

#include "keys/webhook_key.h"
#include "tests/unit/folder.h"

#include <sodium.h>

#define ORIGIN "test.coconnect.customs.go.kr/ID/1"

static struct config config;
static struct hook_file *file;

static void start(void)
{
    folder_start();
    assert_ok(keys_init(&error));
    (void)snprintf(config.directory, sizeof config.directory, "%.1000s", folder);
    file = calloc(1, sizeof *file);
}

static void end(void)
{
    free(file);
    folder_end();
}

START_TEST(what_is_written_is_read_again)
{
    char path[CONFIG_PATH_BYTES];
    struct hook_file *again = calloc(1, sizeof *again);
    (void)snprintf(file->url, sizeof file->url, "https://example.org/hook");
    (void)snprintf(file->state, sizeof file->state, "waiting");
    (void)snprintf(file->trouble, sizeof file->trouble, "answered 503: closed");
    file->delivered = 7;
    file->next[file->next_count++] = (struct hook_place){ORIGIN, 40};
    file->dead[file->dead_count++] = (struct hook_dead){
        .place = {ORIGIN, 12}, .time_s = 1767605400, .reason = "answered 422: no"};
    assert_ok(hook_file_path(&config, file->url, HOOK_STATE, path, &error));
    assert_fails(hook_file_read(path, again, &error), RESULT_NOT_FOUND, "");
    assert_ok(hook_file_write(path, file, &error));
    assert_ok(hook_file_read(path, again, &error));
    ck_assert_mem_eq(again, file, sizeof *file);
    free(again);
}
END_TEST

START_TEST(another_form_is_refused_with_what_to_do)
{
    static const char *const bad[] = {
        "",
        "comesh webhook v2\n",
        "comesh webhook v1\nurl x\nstate open\n",
        "comesh webhook v1\nurl x\nstate open\ndelivered -1\n",
        "comesh webhook v1\nurl x\nstate open\ndelivered 1\nnext " ORIGIN "\n",
        "comesh webhook v1\nurl x\nstate open\ndelivered 1\nnext " ORIGIN " 4 5\n",
        "comesh webhook v1\nurl x\nstate open\ndelivered 1\nnext 3 4\n",
        "comesh webhook v1\nurl x\nstate open\ndelivered 1\ndead " ORIGIN " 4 yesterday no\n",
        "comesh webhook v1\nurl x\nstate open\ndelivered 1\nmore\n",
        "comesh webhook v1\nurl x\nstate a-state-that-is-too-long\ndelivered 1\n",
    };
    for (size_t i = 0; i < SUITE_COUNT(bad); i++) {
        folder_write("state", bad[i], strlen(bad[i]));
        assert_fails(hook_file_read(folder_path("state"), file, &error), RESULT_INVALID,
                     "remove it");
    }
}
END_TEST

START_TEST(each_url_has_its_own_file)
{
    char one[CONFIG_PATH_BYTES];
    char other[CONFIG_PATH_BYTES];
    assert_ok(hook_file_path(&config, "https://a.example/", HOOK_STATE, one, &error));
    assert_ok(hook_file_path(&config, "https://a.example/b", HOOK_STATE, other, &error));
    ck_assert_str_ne(one, other);
}
END_TEST

START_TEST(the_key_is_made_once_is_secret_and_signs)
{
    struct webhook_key *key = NULL;
    char path[CONFIG_PATH_BYTES];
    char public_text[WEBHOOK_PUBLIC_BYTES];
    char again[WEBHOOK_PUBLIC_BYTES];
    struct stat status;
    struct buffer signature = {0};
    uint8_t public_key[32];
    uint8_t signed_bytes[64];
    size_t size = 0;
    assert_ok(hook_key_path(&config, path, &error));
    assert_ok(webhook_key_open(path, &key, &error));
    webhook_key_public(key, public_text);
    ck_assert_int_eq(strncmp(public_text, "whpk_", 5), 0);
    ck_assert_int_eq(stat(path, &status), 0);
    ck_assert_uint_eq(status.st_mode & 0777, 0600);
    webhook_key_sign(key, bytes_of("msg_1.5.{}", 10), &signature);
    ck_assert_int_eq(memcmp(signature.data, "v1a,", 4), 0);
    ck_assert_int_eq(sodium_base642bin(public_key, 32, public_text + 5, strlen(public_text) - 5,
                                       NULL, &size, NULL, sodium_base64_VARIANT_ORIGINAL),
                     0);
    ck_assert_int_eq(sodium_base642bin(signed_bytes, 64, (const char *)signature.data + 4,
                                       signature.size - 4, NULL, &size, NULL,
                                       sodium_base64_VARIANT_ORIGINAL),
                     0);
    ck_assert_int_eq(
        crypto_sign_verify_detached(signed_bytes, (const uint8_t *)"msg_1.5.{}", 10, public_key),
        0);
    buffer_free(&signature);
    webhook_key_destroy(&key);
    assert_ok(webhook_key_open(path, &key, &error));
    webhook_key_public(key, again);
    ck_assert_str_eq(public_text, again);
    webhook_key_destroy(&key);
    ck_assert_int_eq(chmod(path, 0644), 0);
    assert_fails(webhook_key_open(path, &key, &error), RESULT_DENIED, "signing.key");
    (void)chmod(path, 0600);
    folder_write("webhooks/signing.key", "comesh webhook key v1\nwhsk_AAAA\n", 32);
    (void)chmod(path, 0600);
    assert_fails(webhook_key_open(path, &key, &error), RESULT_INVALID, "no webhook key");
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        what_is_written_is_read_again, another_form_is_refused_with_what_to_do,
        each_url_has_its_own_file, the_key_is_made_once_is_secret_and_signs};
    return suite_run_with("hook_file", tests, SUITE_COUNT(tests), start, end);
}
