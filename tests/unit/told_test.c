/* What a server told, as a sentence: problems are read, all else is made harmless. */
#include "node/bridge/told.h"

#include "tests/unit/suite.h"

static const char *told(const char *body)
{
    struct buffer out = {0};
    told_append(text_of(body), &out);
    buffer_append(&out, "", 1);
    const char *kept = arena_text(&arena, text_of((const char *)out.data)).data;
    buffer_free(&out);
    return kept;
}

START_TEST(a_problem_is_told_by_title_detail_and_its_first_findings)
{
    ck_assert_str_eq(told("{\"title\": \"Conflict\", \"detail\": \"held already\"}"),
                     "Conflict: held already");
    ck_assert_str_eq(told("{\"detail\": \"no\", \"errors\": [{\"pointer\": \"/a\", \"detail\": "
                          "\"x\"}, {\"detail\": \"y\"}, 5, {\"detail\": \"too many\"}]}"),
                     "no; /a: x; y");
}
END_TEST

START_TEST(what_is_no_problem_is_told_as_it_is_on_one_line)
{
    ck_assert_str_eq(told(""), "");
    ck_assert_str_eq(told("<html>\n\t<b>502</b>\r\n"), "<html> <b>502</b>");
    ck_assert_str_eq(told("{\"status\": 5}"), "{\"status\": 5}");
    ck_assert_str_eq(told("{\"title\": 5}"), "{\"title\": 5}");
    ck_assert_str_eq(told("[1]"), "[1]");
}
END_TEST

START_TEST(hostile_text_shows_what_it_is_and_has_an_end)
{
    ck_assert_str_eq(told("\x1b[31mred\x1b[0m \xe2\x80\xae"
                          "evil\xff\xfe"),
                     "[31mred [0m evil");
    char *flood = malloc(100001);
    ck_assert_ptr_nonnull(flood);
    memset(flood, 'a', 100000);
    flood[100000] = '\0';
    ck_assert_uint_lt(strlen(told(flood)), 400);
    memset(flood, '[', 100000);
    ck_assert_uint_lt(strlen(told(flood)), 400);
    free(flood);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {a_problem_is_told_by_title_detail_and_its_first_findings,
                                  what_is_no_problem_is_told_as_it_is_on_one_line,
                                  hostile_text_shows_what_it_is_and_has_an_end};
    return suite_run("told", tests, SUITE_COUNT(tests), NULL);
}
