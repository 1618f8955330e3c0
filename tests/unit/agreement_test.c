/* Agreements: a text that is read strictly, signatures of its parties alone, and the quorum of two
 * versions, tried with fifteen parties. */
#include "tests/unit/pact.h"

static struct agreement *first;  /* version 1 */
static struct agreement *second; /* version 2 */
static struct agreement *parsed;
static struct agreement_count count;

static void start(void)
{
    pact_start();
}

static void end(void)
{
    agreement_destroy(&first);
    agreement_destroy(&second);
    agreement_destroy(&parsed);
    pact_end();
}

static enum result parse(struct bytes note)
{
    agreement_destroy(&parsed);
    return agreement_parse(note, &parsed, &error);
}

START_TEST(an_agreement_reads_back_as_it_was_made)
{
    struct agreement *draft = pact_draft(2, 2);
    draft->lists[0] = (struct agreement_list){.id = CODES_PACKAGE, .edition = "Revision 12"};
    draft->list_count = 1;
    draft->menus[1].text = pact_menu("rcep.menu", 2);
    draft->menu_count = 2;
    draft->parties[1].imports = false;
    first = pact_make(draft);
    pact_sign(&first, NULL, 1);
    assert_ok(parse(buffer_bytes(&first->bytes)));
    ck_assert_str_eq(parsed->code, "RCEP");
    ck_assert_uint_eq(parsed->version, 1);
    ck_assert_str_eq(parsed->name, draft->name);
    ck_assert_str_eq(parsed->reference, draft->reference);
    ck_assert_uint_eq(parsed->from_s, PACT_FROM_S);
    ck_assert_uint_eq(parsed->until_s, PACT_UNTIL_S);
    ck_assert_uint_eq(parsed->grace_days, 30);
    ck_assert_uint_eq(parsed->quorum, 2);
    ck_assert_mem_eq(parsed->parties, draft->parties, sizeof parsed->parties);
    ck_assert_mem_eq(parsed->lists, draft->lists, sizeof parsed->lists);
    ck_assert(text_equal(parsed->menus[1].text, draft->menus[1].text));
    ck_assert_ptr_eq(agreement_menu(parsed, 2), parsed->menus[1].menu);
    ck_assert_ptr_null(agreement_menu(parsed, 3));
    ck_assert_uint_eq(parsed->signers, 1);
    ck_assert(!agreement_party(parsed, TEXT("BN"))->imports);
    ck_assert_ptr_null(agreement_party(parsed, TEXT("KR")));
}
END_TEST

/* The text of the good agreement with `from` replaced by `to`, unsigned. */
static void text_changed(const char *from, const char *to, struct buffer *out)
{
    struct buffer text = {0};
    agreement_text_append(first, &text);
    buffer_text(&text, "\n");
    text_with(&text, from, to, out);
}

START_TEST(a_line_that_is_wrong_is_refused_by_its_number)
{
    static const struct {
        const char *from;
        const char *to;
        const char *words;
    } rows[] = {
        {"comesh agreement v1", "comesh agreement v2", "line 1: 'comesh agreement v2'"},
        {"code RCEP", "code Rcep", "line 2: 'code Rcep' is not 'code' and 1 to 35 capital"},
        {"code RCEP", "code RC/EP", "line 2"},
        {"code RCEP", "code ..", "line 2"},
        {"code RCEP", "code 1RCEP", "line 2"},
        {"Regional", "Regi\xd0\xbenal", "line 3"},
        {"Regional", "Regional\xe2\x80\xae", "line 3"},
        {"annex 3B", "\xef\xbd\x81nnex 3B", "line 4"},
        {"environment test", "environment live", "dev, test or prod"},
        {"version 1\n", "version 01\n", "line 6"},
        {"version 1\n", "version 0\n", "line 6"},
        {"version 1\n", "version 10000\n", "line 6"},
        {"version 1\n", "version 2\n", "line 7: 'from 2026-01-01T00:00:00Z' is not 'previous'"},
        {"version 1\n", "version 1\nprevious AAAA\n", "line 7"},
        {"until 2028", "until 2026", "line 8: 'until 2026-01-01T00:00:00Z' is not 'until'"},
        {"grace 30 days", "grace 367 days", "line 9"},
        {"grace 30 days", "grace 30", "line 9"},
        {"quorum 2", "quorum 1", "line 10"},
        {"quorum 2", "quorum 3", "quorum 3 of 2 parties; accepted: 2 to 2"},
        {"party AU", "party au", "line 11"},
        {"party AU customs.au", "party AU customs.bn", "line 12"},
        {"party BN", "party AU", "line 12: 'party AU customs.bn"},
        {"party BN", "party AA", "in the order of party codes"},
        {"customs.au ", "customs.au  ", "line 11"},
        {" exporter importer\nparty BN", "\nparty BN", "line 11"},
        {" exporter importer\nparty BN", " importer exporter\nparty BN", "line 11"},
        {"menu begin\n", "list no-such-list edition 1\nmenu begin\n", "line 13"},
        {"menu begin\n", "menu end\n", "'menu begin'"},
        {"menu begin\n", "\nmenu begin\n", "line 13: a second signature block"},
        {"menu begin\n", "\xe2\x80\x94 x c2lnbmF0dXJl\nmenu begin\n", "a second signature block"},
        {"menu RCEP 1", "menu AKFTA 1", "holds a menu of AKFTA"},
        {"menu end\n", "", "ends after line"},
        {"menu end\n", "menu end\nmore\n", "'more' is not a line that belongs here"},
        {"menu end\n", "\xe2\x80\x94 x c2lnbmF0dXJl\nmenu end\n", "first menu:"},
        {"menu begin\n", "menu begin\n# seen \xe2\x80\xae hidden\n", "hidden characters"},
    };
    first = pact_make(pact_draft(2, 2));
    for (size_t i = 0; i < SUITE_COUNT(rows); i++) {
        struct buffer text = {0};
        text_changed(rows[i].from, rows[i].to, &text);
        assert_fails(parse(buffer_bytes(&text)), RESULT_INVALID, rows[i].words);
        buffer_free(&text);
    }
}
END_TEST

START_TEST(a_menu_stands_once_with_each_version)
{
    struct agreement *draft = pact_draft(2, 2);
    draft->menus[1].text = draft->menus[0].text;
    draft->menu_count = 2;
    assert_fails(agreement_draft(draft, &parsed, &error), RESULT_INVALID,
                 "menu version 1 stands behind 1");
}
END_TEST

START_TEST(names_that_look_alike_cannot_be_parties)
{
    static const char *const lines[] = {
        "party \xd0\x90U customs.au", /* a Cyrillic A */
        "party AU \xd1\x81ustoms.au", /* a Cyrillic c */
        "party AU Customs.au",
        "party AU customs.au.",
    };
    first = pact_make(pact_draft(2, 2));
    for (size_t i = 0; i < SUITE_COUNT(lines); i++) {
        struct buffer text = {0};
        text_changed("party AU customs.au", lines[i], &text);
        assert_fails(parse(buffer_bytes(&text)), RESULT_INVALID, "line 11");
        buffer_free(&text);
    }
}
END_TEST

START_TEST(one_key_or_domain_is_not_two_parties)
{
    struct agreement *draft = pact_draft(3, 2);
    memcpy(draft->parties[2].identity, draft->parties[0].identity, KEY_PUBLIC_BYTES);
    assert_fails(agreement_draft(draft, &parsed, &error), RESULT_INVALID, "line 13");
    draft = pact_draft(3, 2);
    memcpy(draft->parties[2].domain, draft->parties[0].domain, DOMAIN_MAX_BYTES);
    assert_fails(agreement_draft(draft, &parsed, &error), RESULT_INVALID,
                 "repeats the code, domain or key");
}
END_TEST

START_TEST(a_note_with_carriage_returns_or_without_end_is_refused)
{
    struct buffer text = {0};
    first = pact_make(pact_draft(2, 2));
    pact_sign(&first, NULL, 3);
    text_changed("quorum 2\n", "quorum 2\r\n", &text);
    assert_fails(parse(buffer_bytes(&text)), RESULT_INVALID, "carriage return");
    struct bytes note = buffer_bytes(&first->bytes);
    assert_fails(parse((struct bytes){note.data, note.size - 1}), RESULT_INVALID,
                 "does not end in a newline");
    for (size_t size = 0; size < note.size; size += 97) {
        memset(&error, 0, sizeof error);
        ck_assert_int_ne(parse((struct bytes){note.data, size}), RESULT_OK);
    }
    buffer_free(&text);
}
END_TEST

START_TEST(a_note_of_a_megabyte_is_refused)
{
    struct buffer text = {0};
    while (text.size < (size_t)1 << 20) {
        buffer_text(&text, "comesh agreement v1\n");
    }
    assert_fails(parse(buffer_bytes(&text)), RESULT_TOO_LARGE, "above the limit of 262144");
    buffer_free(&text);
}
END_TEST

START_TEST(a_changed_byte_is_refused)
{
    first = pact_make(pact_draft(2, 2));
    pact_sign(&first, NULL, 3);
    size_t size = first->bytes.size;
    for (size_t at = 0; at < size; at += size < 4000 ? 1 : 7) {
        first->bytes.data[at] ^= 1;
        memset(&error, 0, sizeof error);
        enum result result = parse(buffer_bytes(&first->bytes));
        if (result == RESULT_OK) { /* a changed key name or id: then it is a stranger's */
            result = agreement_quorum(parsed, NULL, &count, &error);
        }
        ck_assert_msg(result == RESULT_INVALID || result == RESULT_UNTRUSTED, "byte %zu: %s", at,
                      result_text(result));
        first->bytes.data[at] ^= 1;
    }
}
END_TEST

START_TEST(a_bilateral_agreement_needs_both)
{
    struct buffer text = {0};
    first = pact_make(pact_draft(2, 2));
    assert_ok(agreement_quorum(first, NULL, &count, &error));
    ck_assert(!count.met && count.signed_by == 0);
    pact_sign(&first, NULL, 1);
    assert_ok(agreement_quorum(first, NULL, &count, &error));
    ck_assert(!count.met && count.signed_by == 1);
    agreement_describe_signers(first, count.signers, &text);
    ck_assert(text_equal(buffer_view(&text), TEXT("signed by AU; not by BN; 1 of 2, quorum 2")));
    pact_sign(&first, NULL, 2);
    assert_ok(agreement_quorum(first, NULL, &count, &error));
    ck_assert(count.met && count.signers == 3);
    buffer_free(&text);
}
END_TEST

START_TEST(a_party_signs_once)
{
    struct buffer note = {0};
    first = pact_make(pact_draft(2, 2));
    pact_sign(&first, NULL, 1);
    assert_fails(agreement_sign(first, NULL, pact_keys[0], &note, &error), RESULT_DUPLICATE,
                 "AU has signed it already");
    buffer_clear(&note);
    buffer_append(&note, first->bytes.data, first->bytes.size);
    struct text line = buffer_view(&first->bytes);
    line =
        (struct text){line.data + first->note.body.size + 1, line.size - first->note.body.size - 1};
    buffer_append(&note, line.data, line.size);
    assert_fails(parse(buffer_bytes(&note)), RESULT_INVALID, "a second signature of the key");
    buffer_free(&note);
}
END_TEST

START_TEST(a_stranger_does_not_sign_and_is_not_passed_over)
{
    struct buffer note = {0};
    struct keypair *stranger = pact_key(99);
    first = pact_make(pact_draft(2, 2));
    assert_fails(agreement_sign(first, NULL, stranger, &note, &error), RESULT_DENIED,
                 "of none of its parties");
    pact_sign(&first, NULL, 3);
    struct buffer line = {0};
    assert_ok(note_add_signature(first->note.body, TEXT("test.coconnect.customs.xx/identity"),
                                 NOTE_ED25519, 0, stranger, &line, &error));
    buffer_append(&note, first->bytes.data, first->bytes.size);
    buffer_append(&note, line.data, line.size);
    assert_ok(parse(buffer_bytes(&note)));
    assert_fails(agreement_quorum(parsed, NULL, &count, &error), RESULT_UNTRUSTED,
                 "signed by test.coconnect.customs.xx/identity, no party of it");
    ck_assert(!count.met);
    buffer_free(&note);
    buffer_free(&line);
    keypair_destroy(&stranger);
}
END_TEST

START_TEST(a_partys_name_with_another_key_is_not_the_party)
{
    struct buffer note = {0};
    struct keypair *stranger = pact_key(99);
    first = pact_make(pact_draft(2, 2));
    buffer_append(&note, first->note.body.data, first->note.body.size);
    assert_ok(note_sign(&note, TEXT("test.coconnect.customs.au/identity"), stranger, &error));
    assert_ok(parse(buffer_bytes(&note)));
    assert_fails(agreement_quorum(parsed, NULL, &count, &error), RESULT_UNTRUSTED,
                 "signed in the name of AU with another key");
    buffer_free(&note);
    keypair_destroy(&stranger);
}
END_TEST

START_TEST(fifteen_parties_agree_by_a_quorum_of_eleven)
{
    first = pact_make(pact_draft(PACT_PARTIES, 11));
    pact_sign(&first, NULL, PACT_ALL >> 5);
    assert_ok(agreement_quorum(first, NULL, &count, &error));
    ck_assert_uint_eq(count.signed_by, 10);
    ck_assert(!count.met);
    pact_sign(&first, NULL, 1U << 14);
    assert_ok(agreement_quorum(first, NULL, &count, &error));
    ck_assert(count.met && count.signed_by == 11);
}
END_TEST

START_TEST(a_quorum_is_more_than_half)
{
    struct agreement *draft = pact_draft(PACT_PARTIES, 7);
    assert_fails(agreement_draft(draft, &parsed, &error), RESULT_INVALID,
                 "quorum 7 of 15 parties; accepted: 8 to 15, more than half");
    draft->quorum = 8;
    assert_ok(agreement_draft(draft, &parsed, &error));
}
END_TEST

START_TEST(a_new_version_needs_the_quorum_of_both)
{
    first = pact_make(pact_draft(14, 11));
    pact_sign(&first, NULL, PACT_ALL >> 4);
    struct agreement *draft = pact_next(first);
    draft->party_count = 2; /* twelve leave, VN joins: the two and VN cannot do it alone */
    pact_join(draft, "VN", "customs.vn", pact_keys[14]);
    draft->quorum = 2;
    second = pact_make(draft);
    pact_sign(&second, first, 3);
    assert_ok(agreement_quorum(second, first, &count, &error));
    ck_assert(!count.met && count.signed_by == 2 && count.previous_signed_by == 2);
    pact_sign(&second, first, PACT_ALL >> 4 & ~3U);
    assert_ok(agreement_quorum(second, first, &count, &error));
    ck_assert(count.met && count.signed_by == 2 && count.previous_signed_by == 11);
    ck_assert_uint_eq(count.signers, 3);
}
END_TEST

START_TEST(who_left_may_sign_the_version_it_leaves_by)
{
    first = pact_make(pact_draft(3, 3));
    struct agreement *draft = pact_next(first);
    draft->party_count = 2;
    draft->quorum = 2;
    second = pact_make(draft);
    pact_sign(&second, first, 3);
    assert_ok(agreement_quorum(second, first, &count, &error));
    ck_assert(!count.met);
    pact_sign(&second, first, 4);
    assert_ok(agreement_quorum(second, first, &count, &error));
    ck_assert(count.met);
    assert_fails(agreement_quorum(second, NULL, &count, &error), RESULT_UNTRUSTED,
                 "customs.cn/identity, no party of it; take version 1 first");
}
END_TEST

START_TEST(a_party_that_changes_its_key_counts_once_in_each_version)
{
    struct keypair *fresh = pact_key(50);
    first = pact_make(pact_draft(2, 2));
    struct agreement *draft = pact_next(first);
    memcpy(draft->parties[0].identity, keypair_public(fresh), KEY_PUBLIC_BYTES);
    second = pact_make(draft);
    pact_sign_with(&second, first, fresh);
    pact_sign_with(&second, first, pact_keys[0]);
    ck_assert_uint_eq(second->note.signature_count, 2);
    assert_ok(agreement_quorum(second, first, &count, &error));
    ck_assert(!count.met && count.signed_by == 1 && count.previous_signed_by == 1);
    pact_sign(&second, first, 2);
    assert_ok(agreement_quorum(second, first, &count, &error));
    ck_assert(count.met && count.signed_by == 2 && count.previous_signed_by == 2);
    keypair_destroy(&fresh);
}
END_TEST

START_TEST(a_forged_signature_of_the_key_before_refuses_the_whole)
{
    struct keypair *fresh = pact_key(50);
    struct agreement *forged = NULL;
    first = pact_make(pact_draft(2, 2));
    struct agreement *draft = pact_next(first);
    memcpy(draft->parties[0].identity, keypair_public(fresh), KEY_PUBLIC_BYTES);
    second = pact_make(draft);
    pact_sign_with(&second, first, pact_keys[0]);
    uint8_t *place = second->bytes.data + second->bytes.size - 8;
    *place = *place == 'A' ? 'B' : 'A';
    assert_ok(agreement_parse(buffer_bytes(&second->bytes), &forged, &error));
    assert_fails(agreement_quorum(forged, first, &count, &error), RESULT_UNTRUSTED, "AU");
    ck_assert(!count.met);
    agreement_destroy(&forged);
    keypair_destroy(&fresh);
}
END_TEST

START_TEST(all_fifteen_may_change_their_keys_at_once)
{
    struct keypair *fresh[PACT_PARTIES];
    first = pact_make(pact_draft(PACT_PARTIES, 15));
    struct agreement *draft = pact_next(first);
    for (size_t i = 0; i < PACT_PARTIES; i++) {
        fresh[i] = pact_key((uint8_t)(50 + i));
        memcpy(draft->parties[i].identity, keypair_public(fresh[i]), KEY_PUBLIC_BYTES);
    }
    second = pact_make(draft);
    pact_sign(&second, first, PACT_ALL);
    for (size_t i = 0; i < PACT_PARTIES; i++) {
        pact_sign_with(&second, first, fresh[i]);
        keypair_destroy(&fresh[i]);
    }
    assert_ok(agreement_quorum(second, first, &count, &error));
    ck_assert(count.met && count.signers == PACT_ALL && count.previous_signers == PACT_ALL);
    ck_assert_uint_eq(second->note.signature_count, 30);
}
END_TEST

START_TEST(a_party_without_its_old_key_is_covered_by_the_others)
{
    struct keypair *fresh = pact_key(50);
    first = pact_make(pact_draft(PACT_PARTIES, 11));
    struct agreement *draft = pact_next(first);
    memcpy(draft->parties[0].identity, keypair_public(fresh), KEY_PUBLIC_BYTES);
    second = pact_make(draft);
    pact_sign(&second, first, 0x0ffe);
    assert_ok(agreement_quorum(second, first, &count, &error));
    ck_assert(count.met && count.previous_signed_by == 11);
    keypair_destroy(&fresh);
}
END_TEST

START_TEST(a_version_follows_the_text_it_names)
{
    first = pact_make(pact_draft(2, 2));
    struct agreement *draft = pact_next(first);
    draft->previous.bytes[0] ^= 1;
    second = pact_make(draft);
    assert_fails(agreement_quorum(second, first, &count, &error), RESULT_CONFLICT,
                 "follows another text than the RCEP 1 that is held");
    agreement_destroy(&second);
    draft = pact_next(first);
    draft->version = 3;
    second = pact_make(draft);
    assert_fails(agreement_quorum(second, first, &count, &error), RESULT_CONFLICT,
                 "follows another text");
}
END_TEST

START_TEST(the_text_of_a_menu_version_does_not_change)
{
    struct buffer text = {0};
    first = pact_make(pact_draft(2, 2));
    struct agreement *draft = pact_next(first);
    buffer_append(&text, draft->menus[0].text.data, draft->menus[0].text.size);
    buffer_text(&text, "# changed\n");
    draft->menus[0].text = arena_text(&arena, buffer_view(&text));
    second = pact_make(draft);
    assert_fails(agreement_quorum(second, first, &count, &error), RESULT_CONFLICT,
                 "changes the text of menu version 1");
    buffer_free(&text);
}
END_TEST

START_TEST(merged_signatures_make_one_text_in_any_order)
{
    struct agreement *other = NULL;
    struct buffer ways[2] = {{0}, {0}};
    size_t added = 0;
    first = pact_make(pact_draft(PACT_PARTIES, 11));
    other = pact_make(pact_draft(PACT_PARTIES, 11));
    pact_sign(&first, NULL, 0x5555 & PACT_ALL);
    pact_sign(&other, NULL, 0x2aab);
    assert_ok(agreement_merge(first, other, &ways[0], &added, &error));
    ck_assert_uint_eq(added, 7);
    assert_ok(agreement_merge(other, first, &ways[1], &added, &error));
    ck_assert_uint_eq(added, 7);
    ck_assert(bytes_equal(buffer_bytes(&ways[0]), buffer_bytes(&ways[1])));
    assert_ok(parse(buffer_bytes(&ways[0])));
    ck_assert_uint_eq(parsed->signers, PACT_ALL);
    buffer_free(&ways[0]);
    buffer_free(&ways[1]);
    agreement_destroy(&other);
}
END_TEST

START_TEST(a_fingerprint_changes_with_the_text_and_not_with_the_signatures)
{
    uint8_t hash[WORDS_HASH_BYTES];
    uint8_t other[WORDS_HASH_BYTES];
    first = pact_make(pact_draft(2, 2));
    agreement_fingerprint(first, hash);
    pact_sign(&first, NULL, 3);
    agreement_fingerprint(first, other);
    ck_assert_mem_eq(hash, other, sizeof hash);
    second = pact_make(pact_next(first));
    agreement_fingerprint(second, other);
    ck_assert_mem_ne(hash, other, sizeof hash);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        an_agreement_reads_back_as_it_was_made,
        a_line_that_is_wrong_is_refused_by_its_number,
        a_menu_stands_once_with_each_version,
        names_that_look_alike_cannot_be_parties,
        one_key_or_domain_is_not_two_parties,
        a_note_with_carriage_returns_or_without_end_is_refused,
        a_note_of_a_megabyte_is_refused,
        a_changed_byte_is_refused,
        a_bilateral_agreement_needs_both,
        a_party_signs_once,
        a_stranger_does_not_sign_and_is_not_passed_over,
        a_partys_name_with_another_key_is_not_the_party,
        fifteen_parties_agree_by_a_quorum_of_eleven,
        a_quorum_is_more_than_half,
        a_new_version_needs_the_quorum_of_both,
        who_left_may_sign_the_version_it_leaves_by,
        a_party_that_changes_its_key_counts_once_in_each_version,
        a_forged_signature_of_the_key_before_refuses_the_whole,
        all_fifteen_may_change_their_keys_at_once,
        a_party_without_its_old_key_is_covered_by_the_others,
        a_version_follows_the_text_it_names,
        the_text_of_a_menu_version_does_not_change,
        merged_signatures_make_one_text_in_any_order,
        a_fingerprint_changes_with_the_text_and_not_with_the_signatures,
    };
    return suite_run_with("agreement", tests, SUITE_COUNT(tests), start, end);
}
