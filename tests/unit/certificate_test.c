/* Pins of certificates: the hash that openssl computes, and their validity. */
#include "keys/certificate.h"

#include "tests/unit/suite.h"

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

int main(void)
{
    const TTest *const tests[] = {the_pin_is_the_hash_of_the_public_key_with_its_validity,
                                  what_is_no_certificate_is_refused};
    return suite_run("certificate", tests, SUITE_COUNT(tests), NULL);
}
