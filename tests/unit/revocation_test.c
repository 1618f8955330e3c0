/* Revocations: signed and read back, every line that is wrong refused, and what they spare. */
#include "keys/note.h"
#include "keys/revocation.h"
#include "tests/unit/party.h"

#define ORIGIN "test.coconnect.customs.go.kr/ID/1"

static struct party party;
static struct revocation revocation;
static struct revocation *parsed;

static void start(void)
{
    party_start(&party, "KR", "customs.go.kr");
    revocation = (struct revocation){.party = "KR",
                                     .environment = "test",
                                     .domain = "customs.go.kr",
                                     .role = KEY_CHECKPOINT,
                                     .reason = "the disk of node 2 was stolen",
                                     .trusted_until_s = PARTY_NOW_S - 3600,
                                     .limits = {{ORIGIN, 1200}},
                                     .limit_count = 1,
                                     .issued_s = PARTY_NOW_S};
    memcpy(revocation.key, keypair_public(party.keys[KEY_CHECKPOINT]), KEY_PUBLIC_BYTES);
    memcpy(revocation.identity, keypair_public(party.keys[KEY_IDENTITY]), KEY_PUBLIC_BYTES);
}

static void end(void)
{
    party_end(&party);
    buffer_free(&revocation.note);
    revocation_destroy(&parsed);
    revocation_destroy(&parsed);
}

static enum result sign(void)
{
    return revocation_sign(&revocation, party.keys[KEY_IDENTITY], &error);
}

static enum result parse(void)
{
    return revocation_parse(buffer_bytes(&revocation.note), &parsed, &error);
}

START_TEST(a_signed_revocation_reads_back_as_it_was_made)
{
    assert_ok(sign());
    assert_ok(parse());
    ck_assert_str_eq(parsed->party, "KR");
    ck_assert_str_eq(parsed->environment, "test");
    ck_assert_str_eq(parsed->domain, "customs.go.kr");
    ck_assert_int_eq(parsed->role, KEY_CHECKPOINT);
    ck_assert_mem_eq(parsed->key, revocation.key, KEY_PUBLIC_BYTES);
    ck_assert_str_eq(parsed->reason, "the disk of node 2 was stolen");
    ck_assert_uint_eq(parsed->trusted_until_s, PARTY_NOW_S - 3600);
    ck_assert_uint_eq(parsed->limit_count, 1);
    ck_assert_str_eq(parsed->limits[0].origin, ORIGIN);
    ck_assert_uint_eq(parsed->limits[0].size, 1200);
    ck_assert_uint_eq(parsed->issued_s, PARTY_NOW_S);
    ck_assert_mem_eq(parsed->identity, revocation.identity, KEY_PUBLIC_BYTES);
    ck_assert(bytes_equal(buffer_bytes(&parsed->note), buffer_bytes(&revocation.note)));
}
END_TEST

START_TEST(a_transport_key_is_named_as_Z85_and_has_no_channels)
{
    revocation.role = KEY_TRANSPORT;
    memcpy(revocation.key, keypair_public(party.keys[KEY_TRANSPORT]), KEY_PUBLIC_BYTES);
    assert_fails(sign(), RESULT_INVALID, "is not for this key, which signs no channels");
    revocation.limit_count = 0;
    assert_ok(sign());
    assert_ok(parse());
    ck_assert_mem_eq(parsed->key, revocation.key, KEY_PUBLIC_BYTES);
}
END_TEST

START_TEST(what_was_signed_in_time_and_within_the_size_stays_proof)
{
    const uint64_t until = revocation.trusted_until_s;
    ck_assert(revocation_spares(&revocation, until - 1, TEXT(ORIGIN), 1200));
    ck_assert(!revocation_spares(&revocation, until, TEXT(ORIGIN), 1200));
    ck_assert(!revocation_spares(&revocation, until - 1, TEXT(ORIGIN), 1201));
    ck_assert(revocation_spares(&revocation, until - 1, TEXT("another/UY/1"), 5000));
    ck_assert(!revocation_spares(&revocation, until, TEXT("another/UY/1"), 1));
}
END_TEST

/* The text of the good revocation with `from` replaced by `to`. */
static void text_changed(const char *from, const char *to, struct buffer *out)
{
    struct buffer text = {0};
    revocation_text_append(&revocation, &text);
    text_with(&text, from, to, out);
}

START_TEST(a_line_that_is_wrong_is_refused_by_its_number)
{
    static const struct {
        const char *from;
        const char *to;
        const char *words;
    } rows[] = {
        {"comesh revocation v1", "comesh card v1", "line 1: 'comesh card v1'"},
        {"party KR", "party kr", "line 2: 'party kr' is not 'party' and two capital letters"},
        {"party KR\n", "party KR\r\n", "line 2"},
        {"environment test", "environment live", "line 3"},
        {"customs.go.kr\n", "Customs.go.kr\n", "line 4"},
        {"role checkpoint", "role chequepoint", "line 5"},
        {"role checkpoint", "role transport", "line 6"},
        {"key ", "key A", "line 6"},
        {"reason the", "reason  the", "line 7"},
        {"the disk", "the \xe2\x80\xae disk", "line 7"},
        {"T08:30:00Z", "T08:30:00+09:00", "line 8"},
        {"T08:30:00Z", "T10:30:00Z", "trusted until a time after it was issued"},
        {"/ID/1 1200", "/ID/0 1200", "line 9"},
        {"/ID/1 1200", "/ID/1 01200", "line 9"},
        {"/ID/1 1200\n", "/ID/1 1200\nchannel " ORIGIN " 7\n", "line 10"},
        {"issued ", "issued at ", "line 10"},
        {"identity ", "identities ", "line 11"},
        {"issued 2026-01-05T09:30:00Z\n", "issued 2026-01-05T09:30:00Z\n\n", "second signature"},
    };
    for (size_t i = 0; i < SUITE_COUNT(rows); i++) {
        struct buffer text = {0};
        struct revocation read = {0};
        text_changed(rows[i].from, rows[i].to, &text);
        assert_fails(revocation_text_read(buffer_view(&text), &read, &error), RESULT_INVALID,
                     rows[i].words);
        buffer_free(&text);
    }
}
END_TEST

START_TEST(a_changed_byte_and_every_truncation_are_refused)
{
    assert_ok(sign());
    for (size_t i = 0; i < revocation.note.size; i++) {
        ck_assert(revocation_parse(bytes_of(revocation.note.data, i), &parsed, NULL) != RESULT_OK);
        revocation.note.data[i] ^= 1;
        ck_assert_msg(revocation_parse(buffer_bytes(&revocation.note), &parsed, NULL) != RESULT_OK,
                      "byte %zu", i);
        revocation.note.data[i] ^= 1;
    }
}
END_TEST

START_TEST(only_the_identity_that_is_named_signs_and_it_signs_alone)
{
    struct buffer line = {0};
    struct keypair *other = NULL;
    assert_ok(keypair_generate(KEY_IDENTITY, &other, &error));
    assert_fails(revocation_sign(&revocation, other, &error), RESULT_INVALID,
                 "not the identity it names");
    assert_ok(sign());
    struct text body = {(const char *)revocation.note.data, 0};
    body.size = (size_t)(strstr(body.data, "\n\n") - body.data) + 1;
    assert_ok(
        note_add_signature(body, TEXT("other/identity"), NOTE_ED25519, 0, other, &line, &error));
    buffer_append(&revocation.note, line.data, line.size);
    assert_fails(parse(), RESULT_INVALID, "2 signatures, where the identity key signs alone");
    keypair_destroy(&other);
    buffer_free(&line);
}
END_TEST

START_TEST(a_revocation_above_its_limit_is_refused_unread)
{
    static uint8_t bytes[REVOCATION_MAX_BYTES + 1];
    assert_fails(revocation_parse(bytes_of(bytes, sizeof bytes), &parsed, &error), RESULT_TOO_LARGE,
                 "above the limit of 16384");
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        a_signed_revocation_reads_back_as_it_was_made,
        a_transport_key_is_named_as_Z85_and_has_no_channels,
        what_was_signed_in_time_and_within_the_size_stays_proof,
        a_line_that_is_wrong_is_refused_by_its_number,
        a_changed_byte_and_every_truncation_are_refused,
        only_the_identity_that_is_named_signs_and_it_signs_alone,
        a_revocation_above_its_limit_is_refused_unread,
    };
    return suite_run_with("revocation", tests, SUITE_COUNT(tests), start, end);
}
