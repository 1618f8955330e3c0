/* UTF-8: what is valid, where it is cut, which characters it holds. */
#include "proto/utf8.h"
#include "tests/unit/suite.h"

START_TEST(every_character_is_valid_and_reads_back)
{
    for (uint32_t character = 0; character < 0x110000; character++) {
        char bytes[4];
        size_t size = 0;
        if (character < 0x80) {
            bytes[size++] = (char)character;
        } else {
            size_t more = character < 0x800 ? 1 : character < 0x10000 ? 2 : 3;
            static const uint8_t first[] = {0, 0xc0, 0xe0, 0xf0};
            bytes[size++] = (char)(first[more] | character >> (6 * more));
            while (more-- > 0) {
                bytes[size++] = (char)(0x80 | (character >> (6 * more) & 0x3f));
            }
        }
        struct text text = {bytes, size};
        bool surrogate = character >= 0xd800 && character <= 0xdfff;
        ck_assert_msg(utf8_valid(text) == !surrogate, "U+%04X", character);
        if (!surrogate) {
            ck_assert_uint_eq(utf8_next(&text), character);
            ck_assert_uint_eq(text.size, 0);
        }
    }
}
END_TEST

START_TEST(broken_sequences_are_refused_wherever_they_stand)
{
    static const char *const broken[] = {"\x80",
                                         "\xc0\x80",
                                         "\xc1\xbf",
                                         "\xc2",
                                         "\xe0\x9f\xbf",
                                         "\xe2\x82",
                                         "\xe2\x28\xa1",
                                         "\xed\xa0\x80",
                                         "\xf0\x8f\xbf\xbf",
                                         "\xf4\x90\x80\x80",
                                         "\xf5\x80\x80\x80",
                                         "\xff",
                                         "\xf0\x90\x80",
                                         "\xc3\xc3"};
    for (size_t i = 0; i < SUITE_COUNT(broken); i++) {
        for (size_t before = 0; before < 20; before++) {
            char text[32];
            memset(text, 'a', sizeof text);
            memcpy(text + before, broken[i], strlen(broken[i]));
            struct text whole = {text, before + strlen(broken[i])};
            ck_assert(!utf8_valid(whole));
            ck_assert(!utf8_valid((struct text){text, sizeof text}));
            ck_assert_uint_eq(utf8_cut(whole, sizeof text).size, before);
        }
    }
    ck_assert(utf8_valid((struct text){NULL, 0}));
}
END_TEST

START_TEST(a_cut_falls_between_characters)
{
    struct text text = TEXT("관세청");
    ck_assert_uint_eq(utf8_cut(text, 100).size, 9);
    ck_assert_uint_eq(utf8_cut(text, 8).size, 6);
    ck_assert_uint_eq(utf8_cut(text, 6).size, 6);
    ck_assert_uint_eq(utf8_cut(text, 2).size, 0);
    ck_assert_uint_eq(utf8_cut((struct text){NULL, 0}, 5).size, 0);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        every_character_is_valid_and_reads_back,
        broken_sequences_are_refused_wherever_they_stand,
        a_cut_falls_between_characters,
    };
    return suite_run("utf8", tests, SUITE_COUNT(tests), NULL);
}
