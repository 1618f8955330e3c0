/* Pins of certificates: the hash that openssl computes, and their validity; names and keys. */
#include "keys/certificate.h"

#include "tests/unit/folder.h"

/* Made by openssl, which also told the hash of its public key. */
static const char pem[] = "-----BEGIN CERTIFICATE-----\n"
                          "MIIBcDCCARWgAwIBAgIUFZiX/JkEXqHCR0/31D64kqCtZ6MwCgYIKoZIzj0EAwIw\n"
                          "DTELMAkGA1UEAwwCanAwHhcNMjYxMTIyMDUzOTQxWhcNMjYxMjIyMDUzOTQxWjAN\n"
                          "MQswCQYDVQQDDAJqcDBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABN/9JL83fouJ\n"
                          "QtD+2xkEOLaxLtfRj5Omy3HbxNFAo2JlYJZDbVzf0faxDGmPaxfLNZHla+W/aNiN\n"
                          "/GojKVg3h2ejUzBRMB0GA1UdDgQWBBTJKNLsFg6ng+BRaFMFMzx3WFG80zAfBgNV\n"
                          "HSMEGDAWgBTJKNLsFg6ng+BRaFMFMzx3WFG80zAPBgNVHRMBAf8EBTADAQH/MAoG\n"
                          "CCqGSM49BAMCA0kAMEYCIQDYXpjf2NhfkQWrIf7cuO1ItUMjmAZa3N99nBfehc1v\n"
                          "xgIhAN/I6Zqj8I6RVTrsbhaq1D/QV3Su8Ftu2Aux+K9miuni\n"
                          "-----END CERTIFICATE-----\n";
static const char key_hash[] = "2c71ca0b6c933ec28a87f6bbd8c66d6d1a4ecd1c4eede78f72121ee12a283acf";

/* For two names, until 2036, and its key, which is used for nothing else. */
static const char named[] = "-----BEGIN CERTIFICATE-----\n"
                            "MIIBpTCCAUugAwIBAgIUPB3h15ext2YGCOGkxdVPWkLyem4wCgYIKoZIzj0EAwIw\n"
                            "DDEKMAgGA1UEAwwBeDAeFw0yNjExMjIwOTA0MDdaFw0zNjExMTkwOTA0MDdaMAwx\n"
                            "CjAIBgNVBAMMAXgwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAARppZAgu9yqpKuQ\n"
                            "7CUoKUkCnJ0kOucaFzmL9SXFPBzbBV/cYQrFNTHDG2lOaI+ylH48RNPfZVc5IEa3\n"
                            "kXkVVqajo4GKMIGHMB0GA1UdDgQWBBSe/nDuEmgVyED3Utf+Ey4ksltMRTAfBgNV\n"
                            "HSMEGDAWgBSe/nDuEmgVyED3Utf+Ey4ksltMRTAPBgNVHRMBAf8EBTADAQH/MDQG\n"
                            "A1UdEQQtMCuCHHRlc3QuY29jb25uZWN0LmN1c3RvbXMuZ28ua3KCCyouYi5leGFt\n"
                            "cGxlMAoGCCqGSM49BAMCA0gAMEUCIQDRGnjzzZtRpG/OO1l5bJaMM4Ct7ZrMS3tB\n"
                            "7msdcYMudgIgO0pLeOB04mnycN3g3acYlSV+GCVDk157kKRlrKhM4mk=\n"
                            "-----END CERTIFICATE-----\n";
static const char secret[] = "-----BEGIN PRIVATE KEY-----\n"
                             "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgvzYgLRyTAzYvQE8c\n"
                             "ExAmg9Uy2KNG4tnWH/BrApXp+F2hRANCAARppZAgu9yqpKuQ7CUoKUkCnJ0kOuca\n"
                             "FzmL9SXFPBzbBV/cYQrFNTHDG2lOaI+ylH48RNPfZVc5IEa3kXkVVqaj\n"
                             "-----END PRIVATE KEY-----\n";

/* For an address, whose bytes read as "ABCD", and a name. */
static const char addressed[] = "-----BEGIN CERTIFICATE-----\n"
                                "MIIBiTCCAS+gAwIBAgIUNxk20mnuy7iQK9IRXIONACLmF7owCgYIKoZIzj0EAwIw\n"
                                "DDEKMAgGA1UEAwwBeDAeFw0yNjExMjIxMDE4MDZaFw0zNjExMTkxMDE4MDZaMAwx\n"
                                "CjAIBgNVBAMMAXgwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAASkJze4p8vUzzDq\n"
                                "8ojv7XmG3JZ45IQpIlXO0KK5JsNbFwy58NYN5tKpLsJLQX6UqMEJ8A37FlrJVROa\n"
                                "7s6Zzov5o28wbTAdBgNVHQ4EFgQUzQAGFdi6px8zzyHLwvKyYRe5ZicwHwYDVR0j\n"
                                "BBgwFoAUzQAGFdi6px8zzyHLwvKyYRe5ZicwDwYDVR0TAQH/BAUwAwEB/zAaBgNV\n"
                                "HREEEzARhwRBQkNEggl5LmV4YW1wbGUwCgYIKoZIzj0EAwIDSAAwRQIhANBVqSsy\n"
                                "WFAnp8Y1IgGtn68WiCed+kRLCeGks24bffe2AiAgglAOVsh6YXc4dWCOM63hphRn\n"
                                "sZC6hs5ngZLk3MYcbg==\n"
                                "-----END CERTIFICATE-----\n";

START_TEST(the_pin_is_the_hash_of_the_public_key_with_its_validity)
{
    struct rest_pin pin;
    char hex[2 * REST_PIN_BYTES + 1];
    assert_ok(certificate_pin_pem(bytes_of(pem, sizeof pem - 1), &pin, &error));
    hex_encode((struct bytes){pin.hash, REST_PIN_BYTES}, hex);
    ck_assert_str_eq(hex, key_hash);
    ck_assert_uint_eq(pin.from_s, 1795325981);
    ck_assert_uint_eq(pin.until_s, 1797917981);
}
END_TEST

START_TEST(what_is_no_certificate_is_refused)
{
    struct rest_pin pin;
    static uint8_t flood[CERTIFICATE_MAX_BYTES + 1];
    assert_fails(certificate_pin_pem(bytes_of("", 0), &pin, &error), RESULT_INVALID, "certificate");
    assert_fails(certificate_pin_pem(bytes_of(pem, sizeof pem / 2), &pin, &error), RESULT_INVALID,
                 "certificate");
    assert_fails(certificate_pin_der(bytes_of(pem, sizeof pem - 1), &pin, &error), RESULT_INVALID,
                 "certificate");
    assert_fails(certificate_pin_der(bytes_of(flood, sizeof flood), &pin, &error), RESULT_TOO_LARGE,
                 "above the limit");
}
END_TEST

/* A file with the first `size` bytes of a text, for its owner alone. */
static const char *put(const char *name, const char *text, size_t size)
{
    folder_write(name, text, size);
    ck_assert_int_eq(chmod(folder_path(name), 0600), 0);
    return folder_path(name);
}

static enum result read_pair(const char *certificate, const char *key, struct rest_pin *pin)
{
    struct buffer text = {0};
    enum result result = certificate_pair_read(certificate, key, &text, pin, &error);
    buffer_free(&text);
    return result;
}

START_TEST(a_certificate_is_read_with_its_own_key_alone)
{
    struct rest_pin pin;
    struct rest_pin wanted;
    const char *own = put("own.pem", named, sizeof named - 1);
    const char *key = put("own.key", secret, sizeof secret - 1);
    assert_ok(read_pair(own, key, &pin));
    assert_ok(certificate_pin_pem(bytes_of(named, sizeof named - 1), &wanted, &error));
    ck_assert_mem_eq(&pin, &wanted, sizeof pin);
    assert_fails(read_pair(put("other.pem", pem, sizeof pem - 1), key, &pin), RESULT_CONFLICT,
                 "own.key' is not the key of");
    assert_fails(read_pair(put("half.pem", named, sizeof named / 2), key, &pin), RESULT_INVALID,
                 "half.pem': certificate: ");
    assert_fails(read_pair(own, put("half.key", secret, sizeof secret / 2), &pin), RESULT_INVALID,
                 "half.key': secret key: ");
    assert_fails(read_pair(own, own, &pin), RESULT_INVALID, "own.pem': secret key: ");
    assert_fails(read_pair(own, folder_path("none"), &pin), RESULT_NOT_FOUND, "none");
    ck_assert_int_eq(chmod(key, 0640), 0);
    assert_fails(read_pair(own, key, &pin), RESULT_DENIED, "own.key' can be reached by others");
}
END_TEST

START_TEST(a_certificate_is_for_its_own_names_alone)
{
    const struct bytes text = bytes_of(named, sizeof named - 1);
    assert_ok(certificate_host_pem(text, "test.coconnect.customs.go.kr", &error));
    assert_ok(certificate_host_pem(text, "a.b.example", &error));
    assert_fails(certificate_host_pem(text, "prod.coconnect.customs.go.kr", &error),
                 RESULT_UNTRUSTED,
                 "is for test.coconnect.customs.go.kr, *.b.example, and not for prod.coconnect");
    assert_fails(certificate_host_pem(bytes_of(pem, sizeof pem - 1), "x.example", &error),
                 RESULT_UNTRUSTED, "is for no name");
    assert_fails(certificate_host_pem(bytes_of(addressed, sizeof addressed - 1), "x", &error),
                 RESULT_UNTRUSTED, "is for y.example, and not for x");
    assert_fails(certificate_host_der(text, "a.b.example", &error), RESULT_INVALID, "certificate");
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        the_pin_is_the_hash_of_the_public_key_with_its_validity, what_is_no_certificate_is_refused,
        a_certificate_is_read_with_its_own_key_alone, a_certificate_is_for_its_own_names_alone};
    return suite_run_with("certificate", tests, SUITE_COUNT(tests), folder_start, folder_end);
}
