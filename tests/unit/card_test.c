/* Cards: signed and read back, and every line that is wrong refused by its number. */
#include "keys/card_text.h"
#include "keys/note.h"
#include "tests/unit/party.h"

static struct party party;
static struct card *parsed;

static void start(void)
{
    party_start(&party, "KR", "customs.go.kr");
}

static void end(void)
{
    party_end(&party);
    card_destroy(&parsed);
    card_destroy(&parsed);
}

START_TEST(a_signed_card_reads_back_as_it_was_made)
{
    (void)snprintf(party.card.https_endpoint, sizeof party.card.https_endpoint,
                   "https://test.coconnect.customs.go.kr");
    party_sign(&party);
    assert_ok(card_parse(buffer_bytes(&party.card.note), &parsed, &error));
    ck_assert_str_eq(parsed->party, "KR");
    ck_assert_str_eq(parsed->name, "Customs of KR");
    ck_assert_str_eq(parsed->environment, "test");
    ck_assert_str_eq(parsed->domain, "customs.go.kr");
    ck_assert_str_eq(parsed->mesh_endpoint, "tcp://mesh.customs.go.kr:7710");
    ck_assert_str_eq(parsed->https_endpoint, "https://test.coconnect.customs.go.kr");
    ck_assert_uint_eq(parsed->serial, 1);
    ck_assert_uint_eq(parsed->issued_s, PARTY_NOW_S);
    ck_assert_mem_eq(parsed->keys, party.card.keys, sizeof parsed->keys);
    ck_assert_mem_eq(parsed->key_count, party.card.key_count, sizeof parsed->key_count);
    ck_assert(bytes_equal(buffer_bytes(&parsed->note), buffer_bytes(&party.card.note)));
}
END_TEST

START_TEST(names_of_the_endpoint_and_of_keys_come_from_the_card)
{
    char name[CARD_NAME_BYTES];
    card_endpoint_name(&party.card, name);
    ck_assert_str_eq(name, "test.coconnect.customs.go.kr");
    card_key_name(&party.card, KEY_RECEIPT, name);
    ck_assert_str_eq(name, "test.coconnect.customs.go.kr/receipt");
}
END_TEST

START_TEST(a_fingerprint_is_25_digits_that_change_with_party_environment_and_key)
{
    char digits[FINGERPRINT_DIGITS_BYTES];
    char other[FINGERPRINT_DIGITS_BYTES];
    card_fingerprint(&party.card, digits);
    ck_assert_uint_eq(strlen(digits), 29);
    ck_assert_uint_eq(strspn(digits, "0123456789-"), 29);
    party.card.party[0] = 'X';
    card_fingerprint(&party.card, other);
    ck_assert_str_ne(digits, other);
    party.card.party[0] = 'K';
    party.card.environment[0] = 'b';
    card_fingerprint(&party.card, other);
    ck_assert_str_ne(digits, other);
    party.card.environment[0] = 't';
    party.card.keys[KEY_IDENTITY][0].public_key[0] ^= 1;
    card_fingerprint(&party.card, other);
    ck_assert_str_ne(digits, other);
}
END_TEST

/* The text of the good card with `from` replaced by `to`. */
static void text_changed(const char *from, const char *to, struct buffer *out)
{
    struct buffer text = {0};
    card_text_append(&party.card, &text);
    text_with(&text, from, to, out);
}

START_TEST(a_line_that_is_wrong_is_refused_by_its_number)
{
    static const struct {
        const char *from;
        const char *to;
        const char *words;
    } rows[] = {
        {"comesh card v1", "comesh card v2", "line 1: 'comesh card v2'"},
        {"party KR", "party kr", "line 2: 'party kr' is not 'party' and two capital letters"},
        {"party KR", "Party KR", "line 2"},
        {"party KR", "party  KR", "line 2"},
        {"party KR\n", "", "line 2: 'name Customs of KR' is not 'party'"},
        {"party KR\n", "party KR\nparty KR\n", "line 3"},
        {"Customs of KR",
         "Customs \xe2\x80\xae"
         "of KR",
         "line 3"},
        {"environment test", "environment live", "dev, test or prod"},
        {"customs.go.kr\nmesh", "Customs.go.kr\nmesh", "line 5"},
        {"tcp://mesh", "tcp://*", "line 6: 'mesh tcp://*"},
        {"mesh tcp", "https tcp", "line 6: 'https tcp"},
        {"serial 1", "serial 0", "line 7"},
        {"serial 1", "serial 01", "line 7"},
        {"serial 1", "serial 9223372036854775808", "line 7"},
        {"issued 2026", "issued 26", "line 8"},
        {"T09:30:00Z", "T09:30:00+09:00", "line 8"},
        {"identity ", "identities ", "line 9: 'identities"},
        {" from 2026-01-01T00:00:00Z", "", "line 9"},
        {"until 2028", "until 2025", "line 9"},
        {"\ncheckpoint ", "\nchequepoint ", "line 10: 'chequepoint"},
        {"\ntransport ", "\nremark ", "line 12: 'remark"},
        {"serial 1\n", "serial 1\nmore 1\n", "line 8: 'more 1'"},
        {"serial 1\n", "serial 1\n\n", "line 8: a second signature block, or an empty line"},
    };
    for (size_t i = 0; i < SUITE_COUNT(rows); i++) {
        struct buffer text = {0};
        struct card card = {0};
        text_changed(rows[i].from, rows[i].to, &text);
        assert_fails(card_text_read(buffer_view(&text), &card, &error), RESULT_INVALID,
                     rows[i].words);
        buffer_free(&text);
    }
}
END_TEST

/* A second transport key on the card. */
static void second_transport_key(const char *endpoint)
{
    struct keypair *second = NULL;
    struct card_key *key = &party.card.keys[KEY_TRANSPORT][1];
    assert_ok(keypair_generate(KEY_TRANSPORT, &second, &error));
    *key = party.card.keys[KEY_TRANSPORT][0];
    memcpy(key->public_key, keypair_public(second), KEY_PUBLIC_BYTES);
    (void)snprintf(key->endpoint, sizeof key->endpoint, "%s", endpoint);
    party.card.key_count[KEY_TRANSPORT] = 2;
    keypair_destroy(&second);
}

START_TEST(a_transport_key_is_served_where_its_line_says)
{
    second_transport_key("tcp://mesh.customs.go.kr:7711");
    party_sign(&party);
    assert_ok(card_parse(buffer_bytes(&party.card.note), &parsed, &error));
    const struct card_key *keys = parsed->keys[KEY_TRANSPORT];
    ck_assert_str_eq(card_key_endpoint(parsed, &keys[0]), "tcp://mesh.customs.go.kr:7710");
    ck_assert_str_eq(card_key_endpoint(parsed, &keys[1]), "tcp://mesh.customs.go.kr:7711");
}
END_TEST

START_TEST(an_endpoint_that_a_key_cannot_have_is_refused)
{
    static const struct {
        const char *from;
        const char *to;
        const char *words;
    } rows[] = {
        {" at tcp://mesh.customs.go.kr:7711", " at mesh.customs.go.kr:7711", "line 13"},
        {" at tcp://mesh.customs.go.kr:7711", " at ", "line 13"},
        {" at tcp://mesh.customs.go.kr:7711", " tcp://mesh.customs.go.kr:7711", "line 13"},
        {"Z\nreceipt ", "Z at tcp://mesh.customs.go.kr:7711\nreceipt ", "line 10"},
        {"mesh tcp://mesh.customs.go.kr:7710\n", "", "has no 'mesh' endpoint"},
    };
    second_transport_key("tcp://mesh.customs.go.kr:7711");
    for (size_t i = 0; i < SUITE_COUNT(rows); i++) {
        struct buffer text = {0};
        struct card card = {0};
        text_changed(rows[i].from, rows[i].to, &text);
        assert_fails(card_text_read(buffer_view(&text), &card, &error), RESULT_INVALID,
                     rows[i].words);
        buffer_free(&text);
    }
}
END_TEST

START_TEST(every_truncation_of_a_card_is_refused)
{
    party_sign(&party);
    for (size_t size = 0; size < party.card.note.size; size++) {
        ck_assert_int_ne(card_parse(bytes_of(party.card.note.data, size), &parsed, NULL),
                         RESULT_OK);
        ck_assert_ptr_null(parsed);
    }
}
END_TEST

START_TEST(a_text_that_ends_within_a_line_is_refused)
{
    struct buffer text = {0};
    card_text_append(&party.card, &text);
    for (size_t size = 0; size < text.size; size++) {
        struct card card = {0};
        bool whole_lines = size > 0 && text.data[size - 1] == '\n';
        enum result result =
            card_text_read((struct text){(const char *)text.data, size}, &card, NULL);
        ck_assert(result == RESULT_INVALID || whole_lines);
    }
    buffer_free(&text);
}
END_TEST

START_TEST(a_changed_byte_of_a_card_is_refused)
{
    party_sign(&party);
    for (size_t i = 0; i < party.card.note.size; i++) {
        party.card.note.data[i] ^= 1;
        ck_assert_msg(card_parse(buffer_bytes(&party.card.note), &parsed, NULL) != RESULT_OK,
                      "byte %zu", i);
        party.card.note.data[i] ^= 1;
    }
}
END_TEST

START_TEST(one_key_in_two_roles_is_refused)
{
    memcpy(party.card.keys[KEY_RECEIPT][0].public_key, keypair_public(party.keys[KEY_CHECKPOINT]),
           KEY_PUBLIC_BYTES);
    assert_fails(card_sign(&party.card, party.keys[KEY_IDENTITY], &error), RESULT_INVALID,
                 "one key stands as checkpoint key and again as receipt key");
}
END_TEST

START_TEST(a_second_identity_key_or_none_is_refused)
{
    party.card.key_count[KEY_IDENTITY] = 0;
    assert_fails(card_sign(&party.card, party.keys[KEY_IDENTITY], &error), RESULT_INVALID,
                 "an identity key");
    party.card.key_count[KEY_IDENTITY] = 2;
    party.card.keys[KEY_IDENTITY][1] = party.card.keys[KEY_CHECKPOINT][0];
    assert_fails(card_sign(&party.card, party.keys[KEY_IDENTITY], &error), RESULT_INVALID,
                 "limit of keys of one role");
}
END_TEST

START_TEST(only_the_identity_key_on_the_card_signs_it)
{
    struct keypair *other = NULL;
    struct buffer note = {0};
    assert_ok(keypair_generate(KEY_IDENTITY, &other, &error));
    assert_fails(card_sign(&party.card, other, &error), RESULT_INVALID, "not its identity key");
    card_text_append(&party.card, &note);
    assert_ok(note_sign(&note, TEXT("test.coconnect.customs.go.kr/identity"), other, &error));
    assert_fails(card_parse(buffer_bytes(&note), &parsed, &error), RESULT_UNTRUSTED,
                 "not by the identity key it names");
    buffer_clear(&note);
    card_text_append(&party.card, &note);
    assert_ok(note_sign(&note, TEXT("test.coconnect.customs.go.kr/checkpoint"),
                        party.keys[KEY_CHECKPOINT], &error));
    assert_fails(card_parse(buffer_bytes(&note), &parsed, &error), RESULT_UNTRUSTED,
                 "signed by test.coconnect.customs.go.kr/checkpoint");
    buffer_free(&note);
    keypair_destroy(&other);
}
END_TEST

START_TEST(a_second_signature_is_refused_inside_and_behind)
{
    struct buffer line = {0};
    struct buffer twice = {0};
    party_sign(&party);
    struct text body = {(const char *)party.card.note.data, 0};
    body.size = (size_t)(strstr(body.data, "\n\n") - body.data) + 1;
    assert_ok(note_add_signature(body, TEXT("other/identity"), NOTE_ED25519, 0,
                                 party.keys[KEY_CHECKPOINT], &line, &error));
    buffer_append(&party.card.note, line.data, line.size);
    assert_fails(card_parse(buffer_bytes(&party.card.note), &parsed, &error), RESULT_INVALID,
                 "2 signatures, where the identity key signs alone");
    party.card.note.size -= line.size;
    buffer_append(&twice, party.card.note.data, party.card.note.size);
    assert_ok(note_sign(&twice, TEXT("test.coconnect.customs.go.kr/identity"),
                        party.keys[KEY_IDENTITY], &error));
    assert_fails(card_parse(buffer_bytes(&twice), &parsed, &error), RESULT_INVALID,
                 "a second signature block");
    buffer_free(&line);
    buffer_free(&twice);
}
END_TEST

START_TEST(a_card_issued_outside_its_identitys_validity_is_refused)
{
    party.card.issued_s = PARTY_UNTIL_S;
    assert_fails(card_sign(&party.card, party.keys[KEY_IDENTITY], &error), RESULT_INVALID,
                 "issued at 2028-01-01T00:00:00Z");
}
END_TEST

START_TEST(a_card_above_its_limit_is_refused_unread)
{
    static uint8_t bytes[CARD_MAX_BYTES + 1];
    assert_fails(card_parse(bytes_of(bytes, sizeof bytes), &parsed, &error), RESULT_TOO_LARGE,
                 "above the limit of 16384");
}
END_TEST

/* As another party's program might spell it, with a signature that would hold. */
START_TEST(a_note_with_crlf_another_key_id_or_a_megabyte_is_refused)
{
    struct buffer bad = {0};
    party_sign(&party);
    for (size_t i = 0; i < party.card.note.size; i++) {
        buffer_append(&bad, "\r", party.card.note.data[i] == '\n');
        buffer_append(&bad, &party.card.note.data[i], 1);
    }
    assert_fails(card_parse(buffer_bytes(&bad), &parsed, &error), RESULT_INVALID,
                 "carriage return");
    buffer_clear(&bad);
    struct text note = buffer_view(&party.card.note);
    const char *line = strstr(note.data, "/identity ") + strlen("/identity ");
    buffer_append(&bad, note.data, note.size);
    bad.data[line - note.data] = *line == 'A' ? 'B' : 'A';
    assert_fails(card_parse(buffer_bytes(&bad), &parsed, &error), RESULT_UNTRUSTED,
                 "not by the identity key it names");
    while (bad.size < (size_t)1 << 20) {
        buffer_append(&bad, note.data, note.size);
    }
    assert_fails(card_parse(buffer_bytes(&bad), &parsed, &error), RESULT_TOO_LARGE, "above the");
    buffer_free(&bad);
}
END_TEST

START_TEST(a_card_is_not_taken_after_its_end_nor_a_day_before_it_was_issued)
{
    assert_ok(card_check_time(&party.card, PARTY_NOW_S - 86400, &error));
    assert_ok(card_check_time(&party.card, PARTY_UNTIL_S - 1, &error));
    assert_fails(card_check_time(&party.card, PARTY_UNTIL_S, &error), RESULT_UNTRUSTED,
                 "its identity key ended at 2028-01-01T00:00:00Z");
    assert_fails(card_check_time(&party.card, PARTY_NOW_S - 366 * 86400, &error), RESULT_UNTRUSTED,
                 "issued at 2026-01-05T09:30:00Z, which has not come");
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        a_signed_card_reads_back_as_it_was_made,
        names_of_the_endpoint_and_of_keys_come_from_the_card,
        a_fingerprint_is_25_digits_that_change_with_party_environment_and_key,
        a_line_that_is_wrong_is_refused_by_its_number,
        a_transport_key_is_served_where_its_line_says,
        an_endpoint_that_a_key_cannot_have_is_refused,
        every_truncation_of_a_card_is_refused,
        a_text_that_ends_within_a_line_is_refused,
        a_changed_byte_of_a_card_is_refused,
        one_key_in_two_roles_is_refused,
        a_second_identity_key_or_none_is_refused,
        only_the_identity_key_on_the_card_signs_it,
        a_second_signature_is_refused_inside_and_behind,
        a_card_issued_outside_its_identitys_validity_is_refused,
        a_card_above_its_limit_is_refused_unread,
        a_note_with_crlf_another_key_id_or_a_megabyte_is_refused,
        a_card_is_not_taken_after_its_end_nor_a_day_before_it_was_issued,
    };
    return suite_run_with("card", tests, SUITE_COUNT(tests), start, end);
}
