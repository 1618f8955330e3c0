/* Key pairs: known answers of Ed25519, Curve25519 and Z85, and that roles are kept apart. */
#include "keys/keypair.h"
#include "tests/unit/suite.h"

#include <sys/wait.h>
#include <unistd.h>

static void start(void)
{
    assert_ok(keys_init(&error));
}

static void check_hex(const uint8_t *bytes, size_t size, const char *expected)
{
    char hex[129];
    hex_encode(bytes_of(bytes, size), hex);
    ck_assert_str_eq(hex, expected);
}

static struct keypair *key_of(enum key_role role, const char *secret)
{
    uint8_t bytes[KEY_SECRET_BYTES];
    struct keypair *key = NULL;
    ck_assert(hex_decode(text_of(secret), bytes, sizeof bytes));
    assert_ok(keypair_from_secret(role, bytes, &key, &error));
    return key;
}

/* RFC 8032, section 7.1, test 2. */
START_TEST(a_signature_is_that_of_the_standard)
{
    uint8_t signature[KEY_SIGNATURE_BYTES];
    struct keypair *key = key_of(KEY_IDENTITY, "4ccd089b28ff96da9db6c346ec114e0f"
                                               "5b8a319f35aba624da8cf6ed4fb8a6fb");
    check_hex(keypair_public(key), KEY_PUBLIC_BYTES,
              "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c");
    assert_ok(keypair_sign(key, bytes_of("\x72", 1), signature, &error));
    check_hex(signature, sizeof signature,
              "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
              "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00");
    keypair_destroy(&key);
}
END_TEST

/* RFC 7748, section 6.1: Alice. */
START_TEST(a_transport_key_is_that_of_the_standard)
{
    struct keypair *key = key_of(KEY_TRANSPORT, "77076d0a7318a57d3c16c17251b26645"
                                                "df4c2f87ebc0992ab177fba51db92c2a");
    check_hex(keypair_public(key), KEY_PUBLIC_BYTES,
              "8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a");
    keypair_destroy(&key);
}
END_TEST

START_TEST(a_changed_message_key_or_signature_does_not_hold)
{
    uint8_t signature[KEY_SIGNATURE_BYTES];
    uint8_t public_key[KEY_PUBLIC_BYTES];
    struct keypair *key = NULL;
    struct keypair *other = NULL;
    assert_ok(keypair_generate(KEY_CHECKPOINT, &key, &error));
    assert_ok(keypair_generate(KEY_CHECKPOINT, &other, &error));
    ck_assert_mem_ne(keypair_public(key), keypair_public(other), KEY_PUBLIC_BYTES);
    memcpy(public_key, keypair_public(key), sizeof public_key);
    assert_ok(keypair_sign(key, bytes_of("message", 7), signature, &error));
    assert_ok(key_verify(public_key, bytes_of("message", 7), signature, &error));
    assert_fails(key_verify(public_key, bytes_of("massage", 7), signature, &error),
                 RESULT_UNTRUSTED, "does not hold");
    assert_fails(key_verify(keypair_public(other), bytes_of("message", 7), signature, &error),
                 RESULT_UNTRUSTED, "does not hold");
    signature[40] ^= 1;
    assert_fails(key_verify(public_key, bytes_of("message", 7), signature, &error),
                 RESULT_UNTRUSTED, "does not hold");
    keypair_destroy(&key);
    keypair_destroy(&other);
    keypair_destroy(&other);
}
END_TEST

START_TEST(a_transport_key_does_not_sign_and_no_other_goes_to_curve)
{
    uint8_t signature[KEY_SIGNATURE_BYTES];
    struct keypair *key = NULL;
    assert_ok(keypair_generate(KEY_TRANSPORT, &key, &error));
    ck_assert_int_eq(keypair_role(key), KEY_TRANSPORT);
    ck_assert_ptr_nonnull(keypair_transport_secret(key));
    assert_fails(keypair_sign(key, bytes_of("x", 1), signature, &error), RESULT_INVALID,
                 "transport key does not sign");
    keypair_destroy(&key);
    assert_ok(keypair_generate(KEY_RECEIPT, &key, &error));
    ck_assert_ptr_null(keypair_transport_secret(key));
    keypair_destroy(&key);
}
END_TEST

START_TEST(the_secret_in_memory_cannot_be_overwritten)
{
    struct keypair *key = NULL;
    assert_ok(keypair_generate(KEY_IDENTITY, &key, &error));
    pid_t child = fork();
    if (child == 0) {
        (void)close(STDERR_FILENO); /* the sanitizer would tell of it */
        uintptr_t address = (uintptr_t)keypair_secret(key);
        *(volatile uint8_t *)address = 1;
        _exit(0);
    }
    int status = 0;
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert(!WIFEXITED(status) || WEXITSTATUS(status) != 0);
    keypair_destroy(&key);
}
END_TEST

START_TEST(a_key_in_its_curve_form_is_the_same_key)
{
    struct keypair *transport = NULL;
    struct keypair *signing = key_of(KEY_IDENTITY, "07070707070707070707070707070707"
                                                   "07070707070707070707070707070707");
    const uint8_t *key = keypair_public(signing);
    uint8_t converted[KEY_PUBLIC_BYTES];
    ck_assert(hex_decode(TEXT("761d88ec830413919dfe9d4d1d56f17e653c8c994082df5b137b90a0ae6edf74"),
                         converted, sizeof converted));
    assert_ok(keypair_generate(KEY_TRANSPORT, &transport, &error));
    ck_assert(key_is_same(KEY_IDENTITY, key, KEY_RECEIPT, key));
    ck_assert(key_is_same(KEY_IDENTITY, key, KEY_TRANSPORT, converted));
    ck_assert(key_is_same(KEY_TRANSPORT, converted, KEY_CHECKPOINT, key));
    ck_assert(!key_is_same(KEY_IDENTITY, key, KEY_TRANSPORT, keypair_public(transport)));
    ck_assert(!key_is_same(KEY_IDENTITY, key, KEY_RECEIPT, converted));
    keypair_destroy(&signing);
    keypair_destroy(&transport);
}
END_TEST

START_TEST(bytes_that_are_no_point_are_no_signing_key)
{
    uint8_t zeros[KEY_PUBLIC_BYTES] = {0};
    uint8_t small_order[KEY_PUBLIC_BYTES] = {1};
    struct keypair *key = NULL;
    ck_assert(!key_is_valid(KEY_IDENTITY, zeros));
    ck_assert(!key_is_valid(KEY_IDENTITY, small_order));
    ck_assert(!key_is_valid(KEY_TRANSPORT, zeros));
    assert_ok(keypair_generate(KEY_IDENTITY, &key, &error));
    ck_assert(key_is_valid(KEY_IDENTITY, keypair_public(key)));
    keypair_destroy(&key);
}
END_TEST

START_TEST(roles_have_words_that_find_them_again)
{
    enum key_role role;
    for (unsigned i = 0; i < KEY_ROLE_COUNT; i++) {
        ck_assert(key_role_parse(text_of(key_role_text((enum key_role)i)), &role));
        ck_assert_uint_eq(role, i);
    }
    ck_assert(!key_role_parse(TEXT("Identity"), &role));
    ck_assert(!key_role_parse(TEXT(""), &role));
    ck_assert_str_eq(key_role_text(KEY_ROLE_COUNT), "unknown");
}
END_TEST

/* The server's public key of the manual page zmq_curve. */
START_TEST(z85_is_that_of_zeromq)
{
    static const char text[] = "rq:rM>}U?@Lns47E1%kR.o@n%FcmmsL/@{H8]yf7";
    uint8_t key[KEY_PUBLIC_BYTES];
    char again[KEY_Z85_BYTES];
    ck_assert(key_z85_parse(text_of(text), key));
    check_hex(key, sizeof key, "54fcba24e93249969316fb617c872bb0c1d1ff14800427c594cbfacf1bc2d652");
    key_z85(key, again);
    ck_assert_str_eq(again, text);
    ck_assert(!key_z85_parse(TEXT("rq:rM>}U?@Lns47E1%kR.o@n%FcmmsL/@{H8]yf"), key));
    ck_assert(!key_z85_parse(TEXT("rq:rM>}U?@Lns47E1%kR.o@n%FcmmsL/@{H8]yf~"), key));
    ck_assert(!key_z85_parse(TEXT("#####>}U?@Lns47E1%kR.o@n%FcmmsL/@{H8]yf7"), key));
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        a_signature_is_that_of_the_standard,
        a_transport_key_is_that_of_the_standard,
        a_changed_message_key_or_signature_does_not_hold,
        a_transport_key_does_not_sign_and_no_other_goes_to_curve,
        the_secret_in_memory_cannot_be_overwritten,
        a_key_in_its_curve_form_is_the_same_key,
        bytes_that_are_no_point_are_no_signing_key,
        roles_have_words_that_find_them_again,
        z85_is_that_of_zeromq,
    };
    return suite_run("keypair", tests, SUITE_COUNT(tests), start);
}
