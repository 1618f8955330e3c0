/* Verdicts: both ways, their limits, and what is refused. */
#include "proto/entry.h"
#include "proto/mp.h"
#include "proto/verdict.h"
#include "tests/unit/suite.h"

static struct verdict_remark remarks[VERDICT_REMARKS_MAX + 1];

static enum result pass_through(const struct verdict *verdict, struct verdict *read)
{
    struct buffer packed = {0};
    verdict_pack(verdict, &packed);
    struct text copy = arena_text(&arena, buffer_view(&packed));
    buffer_free(&packed);
    return verdict_unpack(text_bytes(copy), &arena, read, &error);
}

START_TEST(a_verdict_reads_back_as_it_was_written)
{
    struct verdict read;
    remarks[0] = (struct verdict_remark){
        10,           VERDICT_REFUSED, TEXT("missing"), TEXT("Importer (R037)"),
        TEXT("/a/b"), TEXT("give it")};
    remarks[1] = (struct verdict_remark){.index = 10, .outcome = VERDICT_ACCEPTED_WITH_WARNINGS};
    remarks[2] = (struct verdict_remark){.index = 12, .outcome = VERDICT_DUPLICATE};
    struct verdict verdict = {10, 3, true, 9, remarks, 3};
    assert_ok(pass_through(&verdict, &read));
    ck_assert_uint_eq(read.first, 10);
    ck_assert_uint_eq(read.count, 3);
    ck_assert(read.has_taken);
    ck_assert_uint_eq(read.taken, 9);
    ck_assert_uint_eq(read.remark_count, 3);
    ck_assert(text_equal(read.remarks[0].code, TEXT("missing")));
    ck_assert(text_equal(read.remarks[0].element, TEXT("Importer (R037)")));
    ck_assert(text_equal(read.remarks[0].place, TEXT("/a/b")));
    ck_assert(text_equal(read.remarks[0].detail, TEXT("give it")));
    ck_assert_int_eq(read.remarks[1].outcome, VERDICT_ACCEPTED_WITH_WARNINGS);
    ck_assert_uint_eq(read.remarks[1].detail.size, 0);
    ck_assert_uint_eq(read.remarks[2].index, 12);
}
END_TEST

START_TEST(a_verdict_without_remarks_is_five_bytes)
{
    struct buffer packed = {0};
    verdict_pack(&(struct verdict){.first = 1, .count = 2}, &packed);
    ck_assert_uint_eq(packed.size, 5);
    buffer_free(&packed);
}
END_TEST

START_TEST(the_largest_verdict_fits_a_payload_and_longer_texts_are_cut)
{
    static char long_text[1000];
    struct verdict read;
    struct buffer packed = {0};
    memset(long_text, 'x', sizeof long_text);
    struct text text = {long_text, sizeof long_text};
    for (size_t i = 0; i < VERDICT_REMARKS_MAX; i++) {
        remarks[i] =
            (struct verdict_remark){MERKLE_SIZE_MAX - 1, VERDICT_REFUSED, text, text, text, text};
    }
    struct verdict verdict = {MERKLE_SIZE_MAX - 1, 1,       true,
                              MERKLE_SIZE_MAX,     remarks, VERDICT_REMARKS_MAX};
    verdict_pack(&verdict, &packed);
    ck_assert_uint_le(packed.size, PAYLOAD_MAX_BYTES);
    assert_ok(verdict_unpack(buffer_bytes(&packed), &arena, &read, &error));
    ck_assert_uint_eq(read.remarks[0].code.size, VERDICT_CODE_MAX_BYTES);
    ck_assert_uint_eq(read.remarks[VERDICT_REMARKS_MAX - 1].detail.size, VERDICT_TEXT_MAX_BYTES);
    buffer_free(&packed);
}
END_TEST

START_TEST(remarks_outside_the_run_or_out_of_order_are_refused)
{
    struct verdict read;
    remarks[0] = (struct verdict_remark){.index = 9, .outcome = VERDICT_REFUSED};
    assert_fails(pass_through(&(struct verdict){10, 3, false, 0, remarks, 1}, &read),
                 RESULT_INVALID, "index of a remark");
    remarks[0].index = 13;
    assert_fails(pass_through(&(struct verdict){10, 3, false, 0, remarks, 1}, &read),
                 RESULT_INVALID, "index of a remark");
    remarks[0].index = 12;
    remarks[1] = (struct verdict_remark){.index = 11, .outcome = VERDICT_REFUSED};
    assert_fails(pass_through(&(struct verdict){10, 3, false, 0, remarks, 2}, &read),
                 RESULT_INVALID, "index of a remark");
    remarks[0].index = 0;
    assert_fails(pass_through(&(struct verdict){0, 0, false, 0, remarks, 1}, &read), RESULT_INVALID,
                 "remarks");
}
END_TEST

START_TEST(outcomes_that_no_remark_has_are_refused)
{
    struct verdict read;
    remarks[0] = (struct verdict_remark){.index = 0, .outcome = VERDICT_ACCEPTED};
    assert_fails(pass_through(&(struct verdict){0, 1, false, 0, remarks, 1}, &read), RESULT_INVALID,
                 "outcome of a remark");
    remarks[0].outcome = (enum verdict_outcome)4;
    assert_fails(pass_through(&(struct verdict){0, 1, false, 0, remarks, 1}, &read), RESULT_INVALID,
                 "outcome of a remark");
    ck_assert_str_eq(verdict_outcome_text((enum verdict_outcome)4), "unknown");
}
END_TEST

START_TEST(more_remarks_than_the_limit_are_refused)
{
    struct verdict read;
    for (size_t i = 0; i <= VERDICT_REMARKS_MAX; i++) {
        remarks[i] = (struct verdict_remark){.index = 0, .outcome = VERDICT_REFUSED};
    }
    struct verdict verdict = {0, 1, false, 0, remarks, VERDICT_REMARKS_MAX + 1};
    assert_fails(pass_through(&verdict, &read), RESULT_INVALID, "more elements than its limit");
}
END_TEST

START_TEST(other_maps_are_refused_with_the_reason)
{
    static const struct {
        const char *bytes;
        size_t size;
        const char *words;
    } rows[] = {
        {"\x80", 1, "first index"},
        {"\x81\x01\x00", 3, "count of entries"},
        {"\x82\x02\x00\x03\x00", 5, "first index"},
        {"\x83\x01\x00\x02\x00\x05\x00", 7, "names nothing that belongs here"},
        {"\x83\x01\x00\x02\x01\x04\x90", 7, "are none, and must then be left out"},
        {"\x83\x01\x00\x02\x01\x04\x91\x83\x01\x00\x02\x02\x03\xa0", 14, "is empty"},
        {"\x83\x01\x00\x02\x01\x04\x91\x83\x01\x00\x02\x02\x07\x00", 14, "names nothing"},
        {"\x83\x01\x00\x02\x01\x04\x91\x80", 8, "index of a remark"},
        {"\x82\x02\x00\x01\x00", 5, "first index"},
        {"\x82\x01\xcf\x7f\xff\xff\xff\xff\xff\xff\xff\x02\x01", 13, "count of entries"},
        {"\xdf\xff\xff\xff\xff", 5, "more elements"},
    };
    struct verdict read;
    for (size_t i = 0; i < SUITE_COUNT(rows); i++) {
        assert_fails(verdict_unpack(bytes_of(rows[i].bytes, rows[i].size), &arena, &read, &error),
                     RESULT_INVALID, rows[i].words);
    }
}
END_TEST

START_TEST(an_arena_without_room_is_told)
{
    struct arena small = {.limit = 10};
    struct verdict read;
    struct buffer packed = {0};
    remarks[0] = (struct verdict_remark){.index = 0, .outcome = VERDICT_REFUSED};
    verdict_pack(&(struct verdict){0, 1, false, 0, remarks, 1}, &packed);
    assert_fails(verdict_unpack(buffer_bytes(&packed), &small, &read, &error), RESULT_NO_MEMORY,
                 "no memory for 1 remarks");
    buffer_free(&packed);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        a_verdict_reads_back_as_it_was_written,
        a_verdict_without_remarks_is_five_bytes,
        the_largest_verdict_fits_a_payload_and_longer_texts_are_cut,
        remarks_outside_the_run_or_out_of_order_are_refused,
        outcomes_that_no_remark_has_are_refused,
        more_remarks_than_the_limit_are_refused,
        other_maps_are_refused_with_the_reason,
        an_arena_without_room_is_told,
    };
    return suite_run("verdict", tests, SUITE_COUNT(tests), NULL);
}
