/* Cards of REST-only partners: one spelling, one pattern of endpoint, and a folder that is taken
 * whole or not at all. */
#include "keys/directory.h"
#include "tests/unit/folder.h"
#include "tests/unit/party.h"

static const char japan[] = "comesh rest card v1\n"
                            "party JP\n"
                            "name Japan Customs 税関\n"
                            "environment test\n"
                            "domain customs.go.jp\n"
                            "https https://test.coconnect.customs.go.jp:8443\n"
                            "serial 3\n"
                            "issued 2026-01-05T09:30:00Z\n"
                            "client AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA= from "
                            "2026-01-01T00:00:00Z until 2027-01-01T00:00:00Z\n"
                            "client AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE= from "
                            "2026-12-01T00:00:00Z until 2028-01-01T00:00:00Z\n"
                            "server AgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgI= from "
                            "2026-01-01T00:00:00Z until 2027-01-01T00:00:00Z\n";

static struct rest_card card;
static struct rest_cards *cards;

static enum result read_text(const char *text)
{
    return rest_card_read(bytes_of(text, strlen(text)), &card, &error);
}

/* The text of Japan's card with its first `old` as `new`. */
static const char *changed(const char *old, const char *new)
{
    struct buffer text = {0};
    const char *at = strstr(japan, old);
    ck_assert_ptr_nonnull(at);
    buffer_printf(&text, "%.*s%s%s", (int)(at - japan), japan, new, at + strlen(old));
    const char *kept = arena_text(&arena, buffer_view(&text)).data;
    buffer_free(&text);
    return kept;
}

static void start(void)
{
    folder_start();
    assert_ok(keys_init(&error));
}

static void end(void)
{
    rest_cards_destroy(&cards);
    folder_end();
}

START_TEST(a_card_is_read_and_written_back_as_the_same_bytes)
{
    struct buffer text = {0};
    char host[CARD_NAME_BYTES];
    assert_ok(read_text(japan));
    ck_assert_str_eq(card.party, "JP");
    ck_assert_uint_eq(card.port, 8443);
    ck_assert_uint_eq(card.serial, 3);
    ck_assert_uint_eq(card.pin_count[REST_CLIENT], 2);
    ck_assert_uint_eq(card.pin_count[REST_SERVER], 1);
    rest_card_host(&card, host);
    ck_assert_str_eq(host, "test.coconnect.customs.go.jp");
    rest_card_append(&card, &text);
    ck_assert(text_equal(buffer_view(&text), text_of(japan)));
    buffer_free(&text);
    assert_ok(read_text(changed(":8443", "")));
    ck_assert_uint_eq(card.port, 443);
}
END_TEST

START_TEST(every_other_spelling_is_refused_with_its_line)
{
    static const struct {
        const char *old;
        const char *new;
        const char *words;
    } wrong[] = {
        {"card v1", "card v2", "line 1"},
        {"party JP", "party jp", "line 2"},
        {"name Japan Customs 税関", "name ", "line 3"},
        {"environment test", "environment live", "line 4"},
        {"domain customs.go.jp", "domain Customs.go.jp", "line 5"},
        {"test.coconnect.customs.go.jp:8443", "test.coconnect.customs.go.jp:443", "line 6"},
        {"test.coconnect.customs.go.jp:8443", "prod.coconnect.customs.go.jp", "line 6"},
        {"https://test", "http://test", "line 6"},
        {":8443", ":8443/base", "line 6"},
        {"serial 3", "serial 0", "line 7"},
        {"2026-01-05T09:30:00Z", "2026-01-05 09:30:00Z", "line 8"},
        {"AAAAAAA=", "AAAA=", "line 9"},
        {"AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=",
         "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=", "line 10"},
        {"until 2028", "until 2025", "line 10"},
        {"server Ag", "extra Ag", "line 11"},
    };
    for (size_t i = 0; i < SUITE_COUNT(wrong); i++) {
        assert_fails(read_text(changed(wrong[i].old, wrong[i].new)), RESULT_INVALID,
                     wrong[i].words);
    }
    struct buffer twice = {0};
    buffer_printf(&twice, "%s%s", japan, japan);
    assert_fails(rest_card_read(buffer_bytes(&twice), &card, &error), RESULT_INVALID, "line 12");
    buffer_free(&twice);
}
END_TEST

START_TEST(the_fingerprint_is_of_every_byte)
{
    char one[WORDS_DIGITS_BYTES];
    char other[WORDS_DIGITS_BYTES];
    assert_ok(read_text(japan));
    rest_card_fingerprint(&card, one);
    ck_assert_uint_eq(strlen(one), 29);
    assert_ok(read_text(changed("AgICAg", "AwICAg")));
    rest_card_fingerprint(&card, other);
    ck_assert_str_ne(one, other);
}
END_TEST

START_TEST(a_client_key_names_its_partner_and_its_validity)
{
    const struct rest_pin *pin = NULL;
    uint8_t hash[REST_PIN_BYTES] = {0};
    assert_ok(read_text(japan));
    assert_ok(rest_cards_put(folder, &card, &error));
    assert_ok(rest_cards_load(folder, TEXT("test"), &cards, &error));
    ck_assert_str_eq(rest_cards_client(cards, hash, &pin)->party, "JP");
    ck_assert(rest_pin_is_valid(pin, PARTY_NOW_S));
    ck_assert(!rest_pin_is_valid(pin, PARTY_UNTIL_S));
    memset(hash, 2, sizeof hash); /* the server's key opens nothing */
    ck_assert_ptr_null(rest_cards_client(cards, hash, &pin));
    ck_assert_ptr_null(rest_cards_party(cards, TEXT("KR")));
    ck_assert_str_eq(rest_cards_party(cards, TEXT("JP"))->domain, "customs.go.jp");
    ck_assert_ptr_null(rest_cards_at(cards, 1));
}
END_TEST

START_TEST(a_card_is_replaced_by_a_higher_serial_only)
{
    assert_ok(read_text(japan));
    assert_ok(rest_cards_put(folder, &card, &error));
    assert_ok(rest_cards_put(folder, &card, &error));
    assert_ok(read_text(changed("AgICAg", "AwICAg")));
    assert_fails(rest_cards_put(folder, &card, &error), RESULT_CONFLICT, "serial 3");
    card.serial = 2;
    assert_fails(rest_cards_put(folder, &card, &error), RESULT_CONFLICT, "higher serial");
    card.serial = 4;
    assert_ok(rest_cards_put(folder, &card, &error));
    memcpy(card.domain, "zeikan.go.jp", 13);
    card.serial = 5;
    assert_fails(rest_cards_put(folder, &card, &error), RESULT_CONFLICT, "customs.go.jp");
    assert_ok(rest_cards_drop(folder, TEXT("JP"), &error));
    assert_fails(rest_cards_drop(folder, TEXT("JP"), &error), RESULT_NOT_FOUND, "JP");
    ck_assert_int_eq(access(folder_path("rest-history/JP-000003.card"), F_OK), 0);
    ck_assert_int_eq(access(folder_path("rest-history/JP-000004.card"), F_OK), 0);
    ck_assert_int_ne(access(folder_path("rest-history/JP-000005.card"), F_OK), 0);
    assert_ok(read_text(japan)); /* what it was is not written over by what it never was */
    assert_ok(rest_cards_put(folder, &card, &error));
    assert_ok(rest_cards_drop(folder, TEXT("JP"), &error));
    assert_ok(read_text(changed("AgICAg", "AwICAg")));
    assert_fails(rest_cards_put(folder, &card, &error), RESULT_CONFLICT,
                 "serial 3 was held with another text");
}
END_TEST

START_TEST(a_folder_that_does_not_fit_together_is_refused_whole)
{
    (void)mkdir(folder_path("rest"), 0755);
    folder_write("rest/JP.card", japan, sizeof japan - 1);
    const char *twin = changed("party JP", "party TH");
    folder_write("rest/TH.card", twin, strlen(twin));
    assert_fails(rest_cards_load(folder, TEXT("test"), &cards, &error), RESULT_CONFLICT, "domain");
    folder_write("rest/TH.card", japan, sizeof japan - 1);
    assert_fails(rest_cards_load(folder, TEXT("test"), &cards, &error), RESULT_INVALID, "JP.card");
    (void)remove(folder_path("rest/TH.card"));
    assert_fails(rest_cards_load(folder, TEXT("prod"), &cards, &error), RESULT_INVALID, "prod");
    assert_ok(rest_cards_load(folder, TEXT("test"), &cards, &error));
}
END_TEST

START_TEST(a_party_has_a_node_or_it_has_none)
{
    struct party own;
    struct party node;
    struct directory *directory = NULL;
    party_start(&own, "KR", "customs.go.kr");
    party_start(&node, "JP", "mesh.customs.go.jp");
    party_sign(&own);
    party_sign(&node);
    folder_write("own.card", own.card.note.data, own.card.note.size);
    assert_ok(read_text(japan));
    assert_ok(directory_rest_store(folder, &card, &error));
    assert_ok(directory_load(folder, TEXT("test"), &directory, &error));
    ck_assert_ptr_nonnull(rest_cards_party(directory_rest(directory), TEXT("JP")));
    directory_release(&directory);
    assert_fails(directory_store(folder, &node.card, &error), RESULT_CONFLICT, "JP");
    assert_ok(directory_load(folder, TEXT("test"), &directory, &error));
    directory_release(&directory);
    assert_ok(directory_rest_remove(folder, TEXT("JP"), &error));
    assert_ok(directory_store(folder, &node.card, &error));
    assert_fails(directory_rest_store(folder, &card, &error), RESULT_CONFLICT, "has a node here");
    party_end(&own);
    party_end(&node);
}
END_TEST

START_TEST(a_card_that_the_folder_would_not_load_with_is_not_stored)
{
    struct party own;
    struct directory *directory = NULL;
    party_start(&own, "KR", "customs.go.kr");
    party_sign(&own);
    folder_write("own.card", own.card.note.data, own.card.note.size);
    assert_ok(read_text(japan));
    assert_ok(directory_rest_store(folder, &card, &error));
    memcpy(card.party, "TH", 3);
    assert_fails(directory_rest_store(folder, &card, &error), RESULT_CONFLICT, "have one domain");
    (void)snprintf(card.domain, sizeof card.domain, "customs.go.th");
    assert_fails(directory_rest_store(folder, &card, &error), RESULT_CONFLICT,
                 "have one client key");
    (void)snprintf(card.domain, sizeof card.domain, "customs.go.kr");
    assert_fails(directory_rest_store(folder, &card, &error), RESULT_DENIED, "of the own party");
    (void)snprintf(card.environment, sizeof card.environment, "prod");
    assert_fails(directory_rest_store(folder, &card, &error), RESULT_DENIED,
                 "is of environment prod, and this node of test");
    assert_ok(directory_load(folder, TEXT("test"), &directory, &error));
    ck_assert_ptr_null(rest_cards_at(directory_rest(directory), 1));
    directory_release(&directory);
    party_end(&own);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        a_card_is_read_and_written_back_as_the_same_bytes,
        every_other_spelling_is_refused_with_its_line,
        the_fingerprint_is_of_every_byte,
        a_client_key_names_its_partner_and_its_validity,
        a_card_is_replaced_by_a_higher_serial_only,
        a_folder_that_does_not_fit_together_is_refused_whole,
        a_party_has_a_node_or_it_has_none,
        a_card_that_the_folder_would_not_load_with_is_not_stored,
    };
    return suite_run_with("rest_card", tests, SUITE_COUNT(tests), start, end);
}
