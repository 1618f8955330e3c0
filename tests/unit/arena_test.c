/* Arenas: what is given out stays whole, and a limit is a limit. */
#include "tests/unit/suite.h"

#include <stdalign.h>

START_TEST(pieces_are_aligned_and_apart)
{
    uint8_t *pieces[200];
    for (size_t i = 0; i < SUITE_COUNT(pieces); i++) {
        pieces[i] = arena_alloc(&arena, i * 7 + 1);
        ck_assert_ptr_nonnull(pieces[i]);
        ck_assert_uint_eq((uintptr_t)pieces[i] % alignof(max_align_t), 0);
        memset(pieces[i], (int)i, i * 7 + 1);
    }
    for (size_t i = 0; i < SUITE_COUNT(pieces); i++) {
        for (size_t k = 0; k < i * 7 + 1; k++) {
            ck_assert_uint_eq(pieces[i][k], (uint8_t)i);
        }
    }
}
END_TEST

START_TEST(zeroed_memory_is_zero_even_where_it_was_used)
{
    memset(arena_alloc(&arena, 1000), 0xff, 1000);
    arena_reset(&arena);
    const uint8_t *zeros = arena_zero(&arena, 1000);
    for (size_t i = 0; i < 1000; i++) {
        ck_assert_uint_eq(zeros[i], 0);
    }
}
END_TEST

START_TEST(a_text_is_copied_with_a_nul_behind_it)
{
    char original[] = "origin";
    struct text copy = arena_text(&arena, (struct text){original, 6});
    original[0] = 'X';
    ck_assert_str_eq(copy.data, "origin");
    ck_assert_uint_eq(copy.size, 6);
    ck_assert_str_eq(arena_text(&arena, (struct text){NULL, 0}).data, "");
}
END_TEST

START_TEST(past_the_limit_there_is_no_memory)
{
    struct arena small = {.limit = 1000};
    ck_assert_ptr_nonnull(arena_alloc(&small, 900));
    ck_assert(!small.is_full);
    ck_assert_ptr_null(arena_alloc(&small, 200));
    ck_assert(small.is_full);
    arena_reset(&small);
    ck_assert(!small.is_full);
    ck_assert_ptr_null(arena_alloc(&small, SIZE_MAX));
    ck_assert_ptr_null(arena_text(&small, (struct text){"x", SIZE_MAX - 1}).data);
    ck_assert_uint_le(small.total, 1000);
    arena_free(&small);
}
END_TEST

START_TEST(a_reset_arena_gives_the_same_memory_out_again)
{
    for (int round = 0; round < 100; round++) {
        for (int i = 0; i < 100; i++) {
            ck_assert_ptr_nonnull(arena_alloc(&arena, 1000));
        }
        size_t total = arena.total;
        arena_reset(&arena);
        ck_assert_uint_eq(arena.total, total);
    }
    ck_assert_uint_lt(arena.total, (size_t)400 << 10);
    arena_free(&arena);
    arena_free(&arena);
    ck_assert_uint_eq(arena.total, 0);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        pieces_are_aligned_and_apart,
        zeroed_memory_is_zero_even_where_it_was_used,
        a_text_is_copied_with_a_nul_behind_it,
        past_the_limit_there_is_no_memory,
        a_reset_arena_gives_the_same_memory_out_again,
    };
    return suite_run("arena", tests, SUITE_COUNT(tests), NULL);
}
