/* The minutes of a pairing: a text that comes back as it was, and whose signatures must hold. */
#include "keys/minutes.h"
#include "keys/note.h"
#include "tests/unit/party.h"

static struct party kr;
static struct party id;
static struct minutes minutes;
static struct buffer note;

static void side_fill(enum minutes_role role, const struct party *party, const char *person)
{
    struct minutes_side *side = &minutes.sides[role];
    *side = (struct minutes_side){.serial = party->card.serial, .time_s = PARTY_NOW_S};
    memcpy(side->party, party->card.party, sizeof side->party);
    memcpy(side->domain, party->card.domain, sizeof side->domain);
    memcpy(side->identity, keypair_public(party->keys[KEY_IDENTITY]), KEY_PUBLIC_BYTES);
    (void)snprintf(side->person, sizeof side->person, "%s", person);
}

static void start(void)
{
    party_start(&kr, "KR", "customs.go.kr");
    party_start(&id, "ID", "beacukai.go.id");
    minutes =
        (struct minutes){.environment = "test", .words = "amber zoom acid canyon mosaic zoom"};
    side_fill(MINUTES_LISTENER, &id, "Siti Rahma");
    side_fill(MINUTES_CALLER, &kr, "\xea\xb9\x80\xeb\xaf\xbc\xec\xa4\x80");
    (void)snprintf(minutes.sides[0].place, sizeof minutes.sides[0].place, "Jakarta");
    note = (struct buffer){0};
    minutes_text_append(&minutes, &note);
    buffer_text(&note, "\n");
}

static void end(void)
{
    buffer_free(&note);
    party_end(&kr);
    party_end(&id);
}

static void sign(enum minutes_role role, const struct party *party)
{
    assert_ok(minutes_sign(&minutes, role, party->keys[KEY_IDENTITY], &note, &error));
}

static enum result parse(unsigned *signers)
{
    struct minutes again;
    return minutes_parse(buffer_bytes(&note), &again, signers, &error);
}

START_TEST(minutes_come_back_as_they_were_written)
{
    struct minutes again;
    struct buffer text = {0};
    struct buffer second = {0};
    minutes_text_append(&minutes, &text);
    assert_ok(minutes_text_read(buffer_view(&text), &again, &error));
    minutes_text_append(&again, &second);
    ck_assert(bytes_equal(buffer_bytes(&text), buffer_bytes(&second)));
    ck_assert_str_eq(again.sides[MINUTES_CALLER].person, minutes.sides[MINUTES_CALLER].person);
    ck_assert_str_eq(again.sides[MINUTES_CALLER].place, "");
    buffer_free(&text);
    buffer_free(&second);
}
END_TEST

START_TEST(each_side_signs_and_a_signature_may_be_missing)
{
    unsigned signers = 9;
    assert_ok(parse(&signers));
    ck_assert_uint_eq(signers, 0);
    sign(MINUTES_CALLER, &kr);
    assert_ok(parse(&signers));
    ck_assert_uint_eq(signers, 1U << MINUTES_CALLER);
    sign(MINUTES_LISTENER, &id);
    assert_ok(parse(&signers));
    ck_assert_uint_eq(signers, 3);
}
END_TEST

START_TEST(nobody_signs_for_another)
{
    assert_fails(minutes_sign(&minutes, MINUTES_CALLER, id.keys[KEY_IDENTITY], &note, &error),
                 RESULT_DENIED, "is not the identity of KR");
    assert_fails(minutes_sign(&minutes, MINUTES_CALLER, kr.keys[KEY_CHECKPOINT], &note, &error),
                 RESULT_DENIED, "is not the identity of KR");
}
END_TEST

START_TEST(a_changed_word_breaks_the_signature)
{
    unsigned signers = 0;
    sign(MINUTES_CALLER, &kr);
    uint8_t *person = memmem(note.data, note.size, "Siti", 4);
    person[0] = 'P';
    assert_fails(parse(&signers), RESULT_UNTRUSTED, "does not hold");
}
END_TEST

START_TEST(a_strangers_signature_is_refused)
{
    unsigned signers = 0;
    struct buffer text = {0};
    sign(MINUTES_CALLER, &kr);
    minutes_text_append(&minutes, &text);
    assert_ok(note_add_signature(buffer_view(&text), TEXT("test.coconnect.example.org/identity"),
                                 NOTE_ED25519, 0, id.keys[KEY_IDENTITY], &note, &error));
    assert_fails(parse(&signers), RESULT_UNTRUSTED, "a signature of somebody else");
    buffer_free(&text);
}
END_TEST

/* Writes the text with `from` replaced by `to`, and reads it. */
static enum result read_changed(const char *from, const char *to)
{
    struct minutes again;
    struct buffer text = {0};
    struct buffer changed = {0};
    minutes_text_append(&minutes, &text);
    const uint8_t *found = memmem(text.data, text.size, from, strlen(from));
    ck_assert_ptr_nonnull(found);
    size_t before = (size_t)(found - text.data);
    buffer_append(&changed, text.data, before);
    buffer_text(&changed, to);
    buffer_append(&changed, found + strlen(from), text.size - before - strlen(from));
    enum result result = minutes_text_read(buffer_view(&changed), &again, &error);
    buffer_free(&text);
    buffer_free(&changed);
    return result;
}

START_TEST(lines_that_are_wrong_are_named)
{
    assert_fails(read_changed("minutes v1", "minutes v2"), RESULT_INVALID, "line 1");
    assert_fails(read_changed("environment test", "environment demo"), RESULT_INVALID, "line 2");
    assert_fails(read_changed("amber zoom", "AMBER zoom"), RESULT_INVALID, "line 3");
    assert_fails(read_changed("listener ID", "listener id"), RESULT_INVALID, "line 4");
    assert_fails(read_changed("serial 1", "serial 0"), RESULT_INVALID, "line 6");
    assert_fails(read_changed("fingerprint ", "fingerprint 0"), RESULT_INVALID, "line 8");
    assert_fails(read_changed("Siti Rahma", "Siti  Rahma"), RESULT_INVALID, "line 9");
    assert_fails(read_changed("place Jakarta", "place "), RESULT_INVALID, "line 10");
    assert_fails(read_changed("T09:30:00Z", " 09:30:00Z"), RESULT_INVALID, "line 11");
    assert_fails(read_changed("caller KR", "listener KR"), RESULT_INVALID, "line 12");
}
END_TEST

START_TEST(signatures_of_two_copies_come_together_in_one_order)
{
    struct buffer copies[2] = {{0}, {0}};
    struct buffer merged[2] = {{0}, {0}};
    unsigned signers = 0;
    for (unsigned i = 0; i < 2; i++) {
        minutes_text_append(&minutes, &copies[i]);
        buffer_text(&copies[i], "\n");
    }
    assert_ok(minutes_sign(&minutes, MINUTES_LISTENER, id.keys[KEY_IDENTITY], &copies[0], &error));
    assert_ok(minutes_sign(&minutes, MINUTES_CALLER, kr.keys[KEY_IDENTITY], &copies[1], &error));
    for (unsigned i = 0; i < 2; i++) {
        assert_ok(minutes_merge(buffer_bytes(&copies[i]), buffer_bytes(&copies[1 - i]), &merged[i],
                                &signers, &error));
        ck_assert_uint_eq(signers, 3);
    }
    ck_assert(bytes_equal(buffer_bytes(&merged[0]), buffer_bytes(&merged[1])));
    minutes.sides[0].time_s++;
    buffer_clear(&note);
    minutes_text_append(&minutes, &note);
    buffer_text(&note, "\n");
    buffer_clear(&merged[0]);
    assert_fails(
        minutes_merge(buffer_bytes(&copies[0]), buffer_bytes(&note), &merged[0], &signers, &error),
        RESULT_CONFLICT, "other minutes");
    for (unsigned i = 0; i < 2; i++) {
        buffer_free(&copies[i]);
        buffer_free(&merged[i]);
    }
}
END_TEST

START_TEST(text_behind_the_end_is_refused)
{
    struct minutes again;
    struct buffer text = {0};
    minutes_text_append(&minutes, &text);
    buffer_text(&text, "more\n");
    assert_fails(minutes_text_read(buffer_view(&text), &again, &error), RESULT_INVALID, "more");
    buffer_free(&text);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        minutes_come_back_as_they_were_written,
        each_side_signs_and_a_signature_may_be_missing,
        nobody_signs_for_another,
        a_changed_word_breaks_the_signature,
        a_strangers_signature_is_refused,
        lines_that_are_wrong_are_named,
        signatures_of_two_copies_come_together_in_one_order,
        text_behind_the_end_is_refused,
    };
    return suite_run_with("minutes", tests, SUITE_COUNT(tests), start, end);
}
