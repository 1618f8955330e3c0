/* The text of an agreement: read strictly, refused by line, and known by its fingerprint. */
#include "tests/unit/agreement_scene.h"

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
        a_fingerprint_changes_with_the_text_and_not_with_the_signatures,
    };
    return suite_run_with("agreement", tests, SUITE_COUNT(tests), scene_start, scene_end);
}
