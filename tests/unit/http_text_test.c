/* What the HTTP bridge reads before anybody is asked: targets, media types, lines, cursors,
 * idempotency keys, routes; and the problems it answers with. */
#include "node/bridge/idempotency.h"
#include "node/bridge/lines.h"
#include "node/bridge/problem.h"
#include "node/bridge/read.h"
#include "proto/dataset.h"
#include "tests/unit/suite.h"

#include <stdio.h>

/* ---- targets ---- */

START_TEST(a_target_is_read_into_decoded_segments_and_parameters)
{
    struct target target;
    assert_ok(
        target_read(TEXT("/v1/a%2Fb/%EA%B4%80?after=1-2&x=%20y&flag"), &arena, &target, &error));
    ck_assert_uint_eq(target.segment_count, 3);
    ck_assert(text_equal(target.segments[1], TEXT("a/b")));
    ck_assert(text_equal(target.segments[2], TEXT("관")));
    ck_assert(text_equal(target_query(&target, "after"), TEXT("1-2")));
    ck_assert(text_equal(target_query(&target, "x"), TEXT(" y")));
    ck_assert(target_query(&target, "flag").data != NULL);
    ck_assert(target_query(&target, "other").data == NULL);
    ck_assert(text_equal(target.path, TEXT("/v1/a%2Fb/%EA%B4%80")));
    assert_ok(target_read(TEXT("/"), &arena, &target, &error));
    ck_assert_uint_eq(target.segment_count, 0);
}
END_TEST

START_TEST(a_path_with_another_spelling_is_refused)
{
    static const char *const bad[] = {
        "",           "a",         "*",
        "http://a/b", "//a",       "/a/",
        "/a//b",      "/./a",      "/..",
        "/%2e",       "/%2E%2e",   "/%61",
        "/%",         "/%4",       "/%zz",
        "/%00",       "/%0a",      "/%7f",
        "/a b",       "/a\\b",     "/a#b",
        "/%c3(",      "/\xc3\xa4", "/a?x&x",
        "/a?=1",      "/a?x=%",    "/1/2/3/4/5/6/7/8/9",
        "/a?x=\"",
    };
    struct target target;
    for (size_t i = 0; i < SUITE_COUNT(bad); i++) {
        ck_assert_msg(target_read(text_of(bad[i]), &arena, &target, &error) == RESULT_INVALID,
                      "'%s'", bad[i]);
    }
}
END_TEST

START_TEST(a_target_above_its_limit_is_refused_before_it_is_read)
{
    static char longest[TARGET_MAX_BYTES + 2];
    struct target target;
    memset(longest, 'a', sizeof longest);
    longest[0] = '/';
    assert_ok(target_read((struct text){longest, TARGET_MAX_BYTES}, &arena, &target, &error));
    assert_fails(target_read((struct text){longest, TARGET_MAX_BYTES + 1}, &arena, &target, &error),
                 RESULT_INVALID, "2048 bytes");
}
END_TEST

/* ---- media types ---- */

START_TEST(a_content_type_is_known_by_name_charset_and_version)
{
    static const struct {
        const char *header;
        enum media media;
    } good[] = {
        {"application/json", MEDIA_JSON},
        {"Application/JSON; Charset=\"UTF-8\"", MEDIA_JSON},
        {" application/xml ;charset=utf-8 ; version=1", MEDIA_XML},
        {"application/x-ndjson", MEDIA_NDJSON},
        {"application/json; other=x", MEDIA_JSON},
        {"", MEDIA_NONE},
    };
    static const char *const bad[] = {
        "application/json; charset=latin-1",
        "application/json; version=2",
        "application/json;",
        "application/json; charset",
        "application/json charset=utf-8",
        "json",
        "/json",
        "application/",
        "text/csv",
        "application/json; charset=\"utf-8",
        ";",
        "*/*",
    };
    enum media media;
    for (size_t i = 0; i < SUITE_COUNT(good); i++) {
        assert_ok(media_read(text_of(good[i].header), &media, &error));
        ck_assert_int_eq(media, good[i].media);
    }
    for (size_t i = 0; i < SUITE_COUNT(bad); i++) {
        ck_assert_msg(media_read(text_of(bad[i]), &media, &error) == RESULT_UNSUPPORTED, "'%s'",
                      bad[i]);
    }
}
END_TEST

START_TEST(accept_picks_by_weight_and_by_the_more_exact_range)
{
    const unsigned offered = MEDIA_BIT(MEDIA_JSON) | MEDIA_BIT(MEDIA_XML) | MEDIA_BIT(MEDIA_HTML);
    static const struct {
        const char *header;
        enum media media;
    } cases[] = {
        {"", MEDIA_JSON},
        {"*/*", MEDIA_JSON},
        {"application/xml", MEDIA_XML},
        {"text/*", MEDIA_HTML},
        {"application/json;q=0.5, application/xml;q=0.7", MEDIA_XML},
        {"text/html, application/xhtml+xml, application/xml;q=0.9, */*;q=0.8", MEDIA_HTML},
        {"*/*, application/json;q=0", MEDIA_XML},
        {"application/*;q=0.1, text/html;q=0.05", MEDIA_JSON},
        {"image/png", MEDIA_NONE},
        {"application/json;q=0", MEDIA_NONE},
        {"rubbish,,;q=1", MEDIA_NONE},
    };
    for (size_t i = 0; i < SUITE_COUNT(cases); i++) {
        ck_assert_msg(media_accepted(text_of(cases[i].header), offered) == cases[i].media, "'%s'",
                      cases[i].header);
    }
}
END_TEST

/* ---- lines ---- */

/* The lines of `text` in pieces of `size` bytes, as "number:size " each. */
static struct text cut(struct text text, size_t size)
{
    struct lines lines = {0};
    struct line line;
    struct buffer told = {0};
    for (size_t at = 0; at < text.size; at += size) {
        size_t left = text.size - at;
        struct bytes piece = {(const uint8_t *)text.data + at, left < size ? left : size};
        while (lines_next(&lines, &piece, &line)) {
            buffer_printf(&told, "%llu:%zu%s ", (unsigned long long)lines.number, line.bytes.size,
                          line.too_long ? "!" : "");
        }
    }
    if (lines_last(&lines, &line)) {
        buffer_printf(&told, "%llu:%zu ", (unsigned long long)lines.number, line.bytes.size);
    }
    struct text kept = arena_text(&arena, buffer_view(&told));
    buffer_free(&told);
    lines_free(&lines);
    return kept;
}

START_TEST(lines_are_the_same_however_the_stream_is_cut)
{
    struct text text = TEXT("one\ntwo22\n\n  \r\nfive5\r\nsix");
    for (size_t size = 1; size <= text.size; size++) {
        struct text told = cut(text, size);
        ck_assert_msg(text_equal(told, TEXT("1:3 2:5 5:6 6:3 ")), "%zu: %.*s", size,
                      TEXT_ARGS(told));
    }
    ck_assert_uint_eq(cut(TEXT("\n\n"), 1).size, 0);
    ck_assert_uint_eq(cut(TEXT(""), 1).size, 0);
}
END_TEST

START_TEST(a_line_over_the_limit_is_told_and_costs_no_more_than_the_limit)
{
    size_t size = 3 * LINE_MAX_BYTES;
    char *text = malloc(size);
    ck_assert_ptr_nonnull(text);
    memset(text, 'x', size);
    text[LINE_MAX_BYTES] = '\n';
    text[size - 2] = '\n';
    struct text told = cut((struct text){text, size}, 10000);
    ck_assert_msg(text_equal(told, TEXT("1:262144 2:0! 3:1 ")), "%.*s", TEXT_ARGS(told));
    free(text);
}
END_TEST

/* ---- cursors ---- */

#define ORIGIN_KR "test.coconnect.customs.go.kr/ID/1"
#define ORIGIN_UY "test.coconnect.aduana.gub.uy/ID/1"
#define ORIGIN_MY "test.coconnect.customs.gov.my/ID/1"

START_TEST(a_cursor_reads_back_as_it_was_written)
{
    struct cursor cursor = {.count = 0};
    struct cursor again;
    struct buffer text = {0};
    ck_assert(cursor_set(&cursor, ORIGIN_KR, 40));
    ck_assert(cursor_set(&cursor, ORIGIN_UY, UINT64_MAX));
    ck_assert(cursor_set(&cursor, ORIGIN_KR, 41));
    cursor_write(&cursor, &text);
    ck_assert_uint_eq(text.size, 16 + 3 + 1 + 16 + 21);
    ck_assert(cursor_parse(buffer_view(&text), &again));
    ck_assert_uint_eq(again.count, 2);
    ck_assert_uint_eq(cursor_at(&again, ORIGIN_KR, 0), 41);
    ck_assert_uint_eq(cursor_at(&again, ORIGIN_UY, 0), UINT64_MAX);
    ck_assert_uint_eq(cursor_at(&again, ORIGIN_MY, 99), 99);
    buffer_free(&text);
    ck_assert(cursor_parse(TEXT(""), &cursor));
    ck_assert_uint_eq(cursor.count, 0);
}
END_TEST

START_TEST(a_cursor_means_the_same_channel_whatever_number_it_has)
{
    struct cursor cursor = {.count = 0};
    struct store_channel channels[2] = {{.number = 1, .origin = ORIGIN_UY},
                                        {.number = 2, .origin = ORIGIN_KR}};
    ck_assert(cursor_set(&cursor, ORIGIN_KR, 7));
    ck_assert_ptr_eq(cursor_channel(&cursor, 0, channels, 2), &channels[1]);
    ck_assert_ptr_null(cursor_channel(&cursor, 0, channels, 1));
}
END_TEST

START_TEST(a_cursor_of_another_form_is_refused)
{
    static const char *const bad[] = {
        "1-2",
        "x",
        "0123456789abcdef",
        "0123456789abcdef-",
        "-1",
        "0123456789abcdef-2.",
        ".0123456789abcdef-2",
        "0123456789abcdef-2.0123456789abcdef-3",
        "1123456789abcdef-2.0123456789abcdef-3",
        "0123456789abcdef-02",
        "0123456789abcde-2",
        "0123456789abcdef0-2",
        "0123456789abcdeg-2",
        "0123456789abcdef-2,1123456789abcdef-2",
    };
    struct cursor cursor;
    for (size_t i = 0; i < SUITE_COUNT(bad); i++) {
        ck_assert_msg(!cursor_parse(text_of(bad[i]), &cursor), "'%s'", bad[i]);
    }
    struct cursor full = {.count = 0};
    char origin[ORIGIN_MAX_BYTES];
    for (unsigned i = 0; i < CURSOR_CHANNELS_MAX; i++) {
        (void)snprintf(origin, sizeof origin, ORIGIN_KR "%u", i);
        ck_assert(cursor_set(&full, origin, i));
    }
    ck_assert(!cursor_set(&full, ORIGIN_UY, 1));
}
END_TEST

/* ---- idempotency keys ---- */

START_TEST(a_key_is_its_callers_own_and_forgets_nothing_at_once)
{
    static struct idempotency keys;
    struct merkle_hash one;
    struct merkle_hash two;
    merkle_sha256(text_bytes(TEXT("one")), &one);
    merkle_sha256(text_bytes(TEXT("two")), &two);
    assert_ok(idempotency_note(&keys, TEXT("a"), TEXT("k"), &one, &error));
    assert_ok(idempotency_note(&keys, TEXT("a"), TEXT("k"), &one, &error));
    assert_ok(idempotency_note(&keys, TEXT("b"), TEXT("k"), &two, &error));
    assert_fails(idempotency_note(&keys, TEXT("a"), TEXT("k"), &two, &error), RESULT_CONFLICT,
                 "new key");
    idempotency_forget(&keys, TEXT("a"), TEXT("k"));
    assert_ok(idempotency_note(&keys, TEXT("a"), TEXT("k"), &two, &error));
    for (unsigned i = 0; i < 100000; i++) {
        char key[32];
        (void)snprintf(key, sizeof key, "key-%u", i);
        assert_ok(idempotency_note(&keys, TEXT("a"), text_of(key), &one, &error));
    }
    assert_fails(idempotency_note(&keys, TEXT("a"), TEXT("key-99999"), &two, &error),
                 RESULT_CONFLICT, "another request");
}
END_TEST

START_TEST(a_key_is_visible_ascii)
{
    char longest[IDEMPOTENCY_KEY_MAX_BYTES + 1];
    memset(longest, 'k', sizeof longest);
    ck_assert(idempotency_key_valid(TEXT("8e03978e-40d5-43dd-bc93-6894a57f9324")));
    ck_assert(idempotency_key_valid((struct text){longest, IDEMPOTENCY_KEY_MAX_BYTES}));
    ck_assert(!idempotency_key_valid((struct text){longest, sizeof longest}));
    ck_assert(!idempotency_key_valid(TEXT("")));
    ck_assert(!idempotency_key_valid(TEXT("a b")));
    ck_assert(!idempotency_key_valid(TEXT("a\n")));
    ck_assert(!idempotency_key_valid(TEXT("관")));
}
END_TEST

/* ---- routes ---- */

START_TEST(a_route_is_found_by_path_and_method)
{
    struct target target;
    struct route_match match;
    assert_ok(target_read(TEXT("/v1/certificates/KR/A-1/document"), &arena, &target, &error));
    route_find(&private_routes, TEXT("HEAD"), &target, &match);
    ck_assert_ptr_nonnull(match.route);
    ck_assert(text_equal(match.values[0], TEXT("KR")));
    ck_assert(text_equal(match.values[1], TEXT("A-1")));
    assert_ok(target_read(TEXT("/send-co"), &arena, &target, &error));
    route_find(&private_routes, TEXT("GET"), &target, &match);
    ck_assert_ptr_null(match.route);
    ck_assert_str_eq(match.allow, "POST, OPTIONS");
    assert_ok(target_read(TEXT("/v1/messages/1"), &arena, &target, &error));
    route_find(&private_routes, TEXT("POST"), &target, &match);
    ck_assert_ptr_null(match.route);
    ck_assert_str_eq(match.allow, "GET, HEAD, OPTIONS");
    assert_ok(target_read(TEXT("/Send-CO"), &arena, &target, &error));
    route_find(&private_routes, TEXT("POST"), &target, &match);
    ck_assert_ptr_null(match.route);
    ck_assert_str_eq(match.allow, "");
}
END_TEST

/* ---- problems ---- */

START_TEST(a_problem_tells_findings_with_element_and_place)
{
    struct findings findings = {.arena = &arena};
    struct buffer out = {0};
    finding_add(&findings, SEVERITY_REFUSAL, "missing", dataset_find(OPERATION_CO, "IssueDateTime"),
                TEXT("/LPCO/IssueDateTime"), "is \"missing\"");
    finding_add(&findings, SEVERITY_WARNING, "odd", NULL, TEXT(""), "is odd");
    const struct problem problem = {.status = 422,
                                    .code = "invalid",
                                    .detail = TEXT("bad\xff"),
                                    .findings = &findings,
                                    .request = "00"};
    problem_write(&problem, false, &out);
    struct text wanted = TEXT(
        "{\"type\":\"about:blank\",\"title\":\"Unprocessable Content\",\"status\":422,"
        "\"code\":\"invalid\",\"detail\":\"bad\",\"errors\":[{\"pointer\":\"/LPCO/IssueDateTime\","
        "\"element\":{\"name\":\"IssueDateTime\",\"wcoId\":\"D011\",\"oifId\":\"OIF.001\"},"
        "\"code\":\"missing\",\"detail\":\"is \\\"missing\\\"\"}],\"warnings\":[{\"pointer\":\"\","
        "\"code\":\"odd\",\"detail\":\"is odd\"}],\"request\":\"00\"}\n");
    ck_assert_msg(text_equal(buffer_view(&out), wanted), "%.*s", TEXT_ARGS(buffer_view(&out)));
    buffer_free(&out);
}
END_TEST

START_TEST(every_result_has_a_status_with_a_title)
{
    for (unsigned code = RESULT_INVALID; code < RESULT_COUNT; code++) {
        unsigned status = problem_status((enum result)code);
        ck_assert_msg(status == 200 || status >= 400, "%s: %u", result_text((enum result)code),
                      status);
        ck_assert_str_ne(status == 200 ? "" : problem_title(status), "Error");
    }
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        a_target_is_read_into_decoded_segments_and_parameters,
        a_path_with_another_spelling_is_refused,
        a_target_above_its_limit_is_refused_before_it_is_read,
        a_content_type_is_known_by_name_charset_and_version,
        accept_picks_by_weight_and_by_the_more_exact_range,
        lines_are_the_same_however_the_stream_is_cut,
        a_line_over_the_limit_is_told_and_costs_no_more_than_the_limit,
        a_cursor_reads_back_as_it_was_written,
        a_cursor_means_the_same_channel_whatever_number_it_has,
        a_cursor_of_another_form_is_refused,
        a_key_is_its_callers_own_and_forgets_nothing_at_once,
        a_key_is_visible_ascii,
        a_route_is_found_by_path_and_method,
        a_problem_tells_findings_with_element_and_place,
        every_result_has_a_status_with_a_title,
    };
    return suite_run("http_text", tests, SUITE_COUNT(tests), NULL);
}
