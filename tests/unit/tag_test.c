/* Tests of node/bridge/tag: a tag stands for its content, and for nothing without the secret. */
#include "node/bridge/tag.h"
#include "tests/unit/suite.h"

static struct tag_secret secret;

static void assert_differ(const struct tag_secret *with, struct bytes content, const char *other)
{
    char tag[TAG_BYTES];
    tag_write(with, content, tag);
    ck_assert_str_ne(tag, other);
}

START_TEST(a_tag_is_thirty_two_digits_in_quotes)
{
    char tag[TAG_BYTES];
    tag_secret_make(world_real(), &secret);
    tag_write(&secret, text_bytes(TEXT("content")), tag);
    ck_assert_uint_eq(strlen(tag), 34);
    ck_assert(tag[0] == '"' && tag[33] == '"');
    ck_assert_uint_eq(strspn(tag + 1, "0123456789abcdef"), 32);
}
END_TEST

START_TEST(the_same_content_has_the_same_tag_and_each_bit_of_it_counts)
{
    uint8_t content[700] = {0};
    char tag[TAG_BYTES];
    char again[TAG_BYTES];
    tag_secret_make(world_real(), &secret);
    for (size_t size = 1; size <= sizeof content; size = size * 2 + 1) {
        tag_write(&secret, (struct bytes){content, size}, tag);
        tag_write(&secret, (struct bytes){content, size}, again);
        ck_assert_str_eq(tag, again);
        assert_differ(&secret, (struct bytes){content, size - 1}, tag);
        for (size_t bit = 0; bit < 8 * size; bit++) {
            content[bit / 8] ^= (uint8_t)(1U << bit % 8);
            assert_differ(&secret, (struct bytes){content, size}, tag);
            content[bit / 8] ^= (uint8_t)(1U << bit % 8);
        }
    }
}
END_TEST

START_TEST(another_start_has_other_tags)
{
    struct tag_secret other;
    static const uint8_t content[6000];
    const size_t sizes[] = {0, 1, 100, 200, 300, sizeof content};
    tag_secret_make(world_real(), &secret);
    tag_secret_make(world_real(), &other);
    for (size_t i = 0; i < SUITE_COUNT(sizes); i++) {
        char tag[TAG_BYTES];
        tag_write(&secret, (struct bytes){content, sizes[i]}, tag);
        assert_differ(&other, (struct bytes){content, sizes[i]}, tag);
    }
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        a_tag_is_thirty_two_digits_in_quotes,
        the_same_content_has_the_same_tag_and_each_bit_of_it_counts,
        another_start_has_other_tags,
    };
    return suite_run("tag", tests, SUITE_COUNT(tests), NULL);
}
