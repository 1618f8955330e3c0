/* Signed notes: what is refused, and that a signature is of one key, one name and one text. Known
 * answers stand in vectors_keys_test. */
#include "keys/note.h"
#include "tests/unit/suite.h"

#define NAME "test.coconnect.customs.go.kr/checkpoint"
#define DASH "\xe2\x80\x94"
#define LINE DASH " " NAME " c2lnbmF0dXJl\n"

static struct note note;
static struct keypair *checkpoint_key;
static struct keypair *receipt_key;

static void start(void)
{
    assert_ok(keys_init(&error));
    assert_ok(keypair_generate(KEY_CHECKPOINT, &checkpoint_key, &error));
    assert_ok(keypair_generate(KEY_RECEIPT, &receipt_key, &error));
}

static void end(void)
{
    keypair_destroy(&checkpoint_key);
    keypair_destroy(&receipt_key);
}

static enum result parse(const char *text)
{
    return note_parse(text_bytes(text_of(text)), &note, &error);
}

START_TEST(a_note_is_taken_apart_at_its_last_empty_line)
{
    assert_ok(parse("one\n\ntwo\n\n" LINE));
    ck_assert(text_equal(note.body, TEXT("one\n\ntwo\n")));
    ck_assert_uint_eq(note.signature_count, 1);
    ck_assert(text_equal(note.signatures[0].name, TEXT(NAME)));
    ck_assert_mem_eq(note.signatures[0].key_id, "sign", 4);
    ck_assert_uint_eq(note.signatures[0].size, 5);
    ck_assert_mem_eq(note.signatures[0].bytes, "ature", 5);
}
END_TEST

START_TEST(another_form_is_refused_with_its_line)
{
    static const struct {
        const char *text;
        const char *words;
    } rows[] = {
        {"", "does not end in a newline"},
        {"text", "does not end in a newline"},
        {"text\n", "no empty line"},
        {"text\n\n", "nobody has signed"},
        {"text\n" LINE, "no empty line"},
        {"\n" LINE, "no empty line"},
        {"text\r\n\r\n" LINE, "carriage return"},
        {"te\txt\n\n" LINE, "control character"},
        {"te\x7fxt\n\n" LINE, "control character"},
        {"te\xffxt\n\n" LINE, "UTF-8"},
        {"text\n\n- " NAME " c2lnbmF0dXJl\n", "line 3: not a signature line"},
        {"text\n\n" DASH NAME " c2lnbmF0dXJl\n", "line 3"},
        {"text\n\n" DASH "  c2lnbmF0dXJl\n", "line 3"},
        {"text\n\n" DASH " a+b c2lnbmF0dXJl\n", "line 3"},
        {"text\n\n" DASH " a\xc3\xbc c2lnbmF0dXJl\n", "line 3"},
        {"text\n\n" DASH " " NAME "\n", "line 3"},
        {"text\n\n" DASH " " NAME " \n", "line 3"},
        {"text\n\n" DASH " " NAME " c2lnbg==\n", "line 3"},
        {"text\n\n" DASH " " NAME " c2lnbmF0dXJl \n", "line 3"},
        {"text\n\n" DASH " " NAME " c2lnbmF0dXJ\n", "line 3"},
        {"text\n\n" LINE "more\n", "line 4"},
        {"text\n\n" LINE LINE, "line 4: a second signature of the key"},
        {"text\n\n" LINE DASH " " NAME " c2lnbmF0dXJl", "does not end in a newline"},
    };
    for (size_t i = 0; i < SUITE_COUNT(rows); i++) {
        assert_fails(parse(rows[i].text), RESULT_INVALID, rows[i].words);
    }
    assert_fails(note_parse(bytes_of("te\0xt\n\n" LINE, 7 + sizeof LINE - 1), &note, &error),
                 RESULT_INVALID, "control character");
}
END_TEST

START_TEST(limits_hold)
{
    struct buffer text = {0};
    buffer_text(&text, "text\n\n");
    for (int i = 0; i <= NOTE_SIGNATURES_MAX; i++) {
        buffer_printf(&text, DASH " key%d c2lnbmF0dXJl\n", i);
    }
    assert_fails(note_parse(buffer_bytes(&text), &note, &error), RESULT_TOO_LARGE,
                 "more than 64 signatures");
    while (text.size <= NOTE_MAX_BYTES) {
        buffer_text(&text, LINE);
    }
    assert_fails(note_parse(buffer_bytes(&text), &note, &error), RESULT_TOO_LARGE,
                 "above the limit of 262144");
    buffer_clear(&text);
    buffer_text(&text, "text\n\n" DASH " a ");
    for (int i = 0; i < 27; i++) {
        buffer_text(&text, "AAAA");
    }
    buffer_text(&text, "\n");
    assert_fails(note_parse(buffer_bytes(&text), &note, &error), RESULT_INVALID, "line 3");
    buffer_free(&text);
}
END_TEST

/* A note with both kinds of signature. */
static void note_make(struct buffer *text)
{
    buffer_text(text, "origin\n7\nroot\n");
    assert_ok(note_sign(text, TEXT(NAME), checkpoint_key, &error));
    struct buffer line = {0};
    assert_ok(note_add_signature(TEXT("origin\n7\nroot\n"), TEXT("id/receipt"), NOTE_COSIGNATURE_V1,
                                 1767605402, receipt_key, &line, &error));
    buffer_append(text, line.data, line.size);
    buffer_free(&line);
}

static enum result verify_plain(struct text name)
{
    return note_verify(&note, name, NOTE_ED25519, keypair_public(checkpoint_key), NULL, &error);
}

static enum result verify_timed(uint64_t *time_s)
{
    return note_verify(&note, TEXT("id/receipt"), NOTE_COSIGNATURE_V1, keypair_public(receipt_key),
                       time_s, &error);
}

START_TEST(a_signature_is_found_by_name_and_key_and_algorithm)
{
    struct buffer text = {0};
    uint64_t time_s = 0;
    note_make(&text);
    assert_ok(note_parse(buffer_bytes(&text), &note, &error));
    assert_ok(verify_plain(TEXT(NAME)));
    assert_ok(verify_timed(&time_s));
    ck_assert_uint_eq(time_s, 1767605402);
    assert_fails(verify_plain(TEXT("id/receipt")), RESULT_NOT_FOUND, "no signature of the key");
    assert_fails(note_verify(&note, TEXT(NAME), NOTE_COSIGNATURE_V1, keypair_public(checkpoint_key),
                             NULL, &error),
                 RESULT_NOT_FOUND, "no signature");
    assert_fails(
        note_verify(&note, TEXT(NAME), NOTE_ED25519, keypair_public(receipt_key), NULL, &error),
        RESULT_NOT_FOUND, "no signature");
    buffer_free(&text);
}
END_TEST

START_TEST(a_changed_byte_of_the_text_breaks_every_signature)
{
    struct buffer text = {0};
    uint64_t time_s;
    note_make(&text);
    for (size_t i = 0; i < sizeof "origin\n7\nroot" - 1; i++) {
        text.data[i] ^= 1;
        if (note_parse(buffer_bytes(&text), &note, NULL) == RESULT_OK) {
            assert_fails(verify_plain(TEXT(NAME)), RESULT_UNTRUSTED, "does not hold");
            assert_fails(verify_timed(&time_s), RESULT_UNTRUSTED, "key id/receipt");
        }
        text.data[i] ^= 1;
    }
    assert_ok(note_parse(buffer_bytes(&text), &note, &error));
    for (size_t i = 0; i < note.signatures[1].size; i++) {
        note.signatures[1].bytes[i] ^= 1;
        ck_assert_int_eq(verify_timed(&time_s), RESULT_UNTRUSTED);
        note.signatures[1].bytes[i] ^= 1;
    }
    note.signatures[1].size--;
    assert_fails(verify_timed(&time_s), RESULT_UNTRUSTED, "another length");
    buffer_free(&text);
}
END_TEST

static enum result add(struct text body, struct text name, enum note_algorithm algorithm,
                       uint64_t time_s, const struct keypair *key)
{
    struct buffer line = {0};
    enum result result = note_add_signature(body, name, algorithm, time_s, key, &line, &error);
    ck_assert(result == RESULT_OK || line.size == 0);
    buffer_free(&line);
    return result;
}

START_TEST(a_key_signs_within_its_role_only_and_well_formed_texts_only)
{
    struct keypair *transport = NULL;
    assert_ok(keypair_generate(KEY_TRANSPORT, &transport, &error));
    assert_fails(add(TEXT("a\n"), TEXT("n"), NOTE_ED25519, 0, receipt_key), RESULT_DENIED,
                 "a receipt key does not make plain signatures");
    assert_fails(add(TEXT("a\n"), TEXT("n"), NOTE_COSIGNATURE_V1, 0, checkpoint_key), RESULT_DENIED,
                 "a checkpoint key does not make cosignatures");
    assert_fails(add(TEXT("a\n"), TEXT("n"), NOTE_ED25519, 0, transport), RESULT_DENIED,
                 "a transport key");
    assert_fails(add(TEXT("a"), TEXT("n"), NOTE_ED25519, 0, checkpoint_key), RESULT_INVALID,
                 "does not end in a newline");
    assert_fails(add(TEXT("a\n"), TEXT("n m"), NOTE_ED25519, 0, checkpoint_key), RESULT_INVALID,
                 "key name 'n m'");
    assert_fails(add(TEXT("a\n"), TEXT("n"), NOTE_COSIGNATURE_V1, NOTE_TIME_MAX_S + 1, receipt_key),
                 RESULT_INVALID, "above 2^63 - 1");
    assert_ok(add(TEXT("a\n"), TEXT("n"), NOTE_COSIGNATURE_V1, NOTE_TIME_MAX_S, receipt_key));
    keypair_destroy(&transport);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        a_note_is_taken_apart_at_its_last_empty_line,
        another_form_is_refused_with_its_line,
        limits_hold,
        a_signature_is_found_by_name_and_key_and_algorithm,
        a_changed_byte_of_the_text_breaks_every_signature,
        a_key_signs_within_its_role_only_and_well_formed_texts_only,
    };
    return suite_run_with("note", tests, SUITE_COUNT(tests), start, end);
}
