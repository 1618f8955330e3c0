/* Lines, base64, times and printable names. */
#include "keys/text.h"
#include "tests/unit/suite.h"

START_TEST(lines_are_counted_and_the_last_must_end)
{
    struct text_lines lines = {.rest = TEXT("a\n\nb\nc")};
    ck_assert(text_lines_next(&lines) && text_equal(lines.line, TEXT("a")));
    ck_assert(text_lines_next(&lines) && lines.line.size == 0);
    ck_assert(text_lines_next(&lines) && text_equal(lines.line, TEXT("b")));
    ck_assert_uint_eq(lines.number, 3);
    ck_assert(!text_lines_next(&lines));
    ck_assert(text_equal(lines.rest, TEXT("c")));
}
END_TEST

START_TEST(base64_has_one_spelling)
{
    static const char *const refused[] = {"",      "Zg",   "Zg=",  "Zg===",    "Zh==", "Zg==\n",
                                          " Zg==", "Zm9=", "Zm-_", "Zg==Zg==", "====", "Z"};
    uint8_t out[8];
    size_t size = 0;
    struct buffer text = {0};
    text_base64_append(&text, bytes_of("foobar", 6));
    ck_assert(text_equal(buffer_view(&text), TEXT("Zm9vYmFy")));
    ck_assert(text_base64_read(buffer_view(&text), out, 6, &size));
    ck_assert_uint_eq(size, 6);
    ck_assert(!text_base64_read(buffer_view(&text), out, 5, &size));
    ck_assert(text_base64_read(TEXT("Zg=="), out, sizeof out, &size) && size == 1);
    for (size_t i = 0; i < SUITE_COUNT(refused); i++) {
        ck_assert_msg(!text_base64_read(text_of(refused[i]), out, sizeof out, &size), "%s",
                      refused[i]);
    }
    for (unsigned byte = 0; byte < 256; byte++) {
        char one[4] = {'Z', (char)byte, '8', '='};
        bool digit = strchr("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/",
                            (int)byte) != NULL &&
                     byte != 0;
        bool taken = text_base64_read((struct text){one, 4}, out, sizeof out, &size);
        ck_assert_msg(taken == digit, "byte %u", byte);
    }
    buffer_free(&text);
}
END_TEST

START_TEST(a_time_has_one_spelling)
{
    static const char *const refused[] = {"2026-02-30T00:00:00Z",
                                          "2026-01-05T24:00:00Z",
                                          "2026-01-05T09:30:60Z",
                                          "2026-1-05T09:30:00Z",
                                          "2026-01-05 09:30:00Z",
                                          "2026-01-05T09:30:00z",
                                          "2026-01-05T09:30:00+00:00",
                                          "1969-12-31T23:59:59Z",
                                          "2026-13-01T00:00:00Z",
                                          "2026-00-10T00:00:00Z",
                                          "2026-01-05T09:30:00",
                                          "20260105T0930000000Z",
                                          "",
                                          "-026-01-05T09:30:00Z"};
    char text[TEXT_TIME_BYTES];
    uint64_t seconds = 0;
    ck_assert(text_time_read(TEXT("2026-01-05T09:30:00Z"), &seconds));
    ck_assert_uint_eq(seconds, 1767605400);
    text_time(seconds, text);
    ck_assert_str_eq(text, "2026-01-05T09:30:00Z");
    ck_assert(text_time_read(TEXT("9999-12-31T23:59:59Z"), &seconds));
    ck_assert_uint_eq(seconds, TEXT_TIME_MAX_S);
    text_time(UINT64_MAX, text);
    ck_assert_str_eq(text, "9999-12-31T23:59:59Z");
    ck_assert(text_time_read(TEXT("2024-02-29T00:00:00Z"), &seconds));
    for (size_t i = 0; i < SUITE_COUNT(refused); i++) {
        ck_assert_msg(!text_time_read(text_of(refused[i]), &seconds), "%s", refused[i]);
    }
}
END_TEST

START_TEST(a_name_shows_what_it_is)
{
    static const char *const taken[] = {"Korea Customs Service", "관세청",
                                        "Dirección Nacional",    "a",
                                        "گمرک جمهوری اسلامی",    "Zoll (DE) – Nr. 1",
                                        "Таможня РФ, EAEU",      "Ελλάς (EL)",
                                        "한-아세안 FTA",         "Hải quan Việt Nam",
                                        "海关总署（北京）"};
    static const struct {
        const char *name;
        const char *text;
    } refused[] = {
        {"empty", ""},
        {"only a blank", " "},
        {"blank before", " a"},
        {"blank behind", "a "},
        {"two blanks", "a  b"},
        {"newline", "a\nb"},
        {"escape", "a\x1b[31m"},
        {"delete", "a\x7f"},
        {"C1 control", "a\xc2\x85"},
        {"no-break space", "a\xc2\xa0"
                           "b"},
        {"soft hyphen", "a\xc2\xad"
                        "b"},
        {"right-to-left override", "a\xe2\x80\xae"
                                   "b"},
        {"isolate", "a\xe2\x81\xa6"
                    "b"},
        {"zero width space", "a\xe2\x80\x8b"
                             "b"},
        {"byte order mark", "\xef\xbb\xbf"
                            "a"},
        {"replacement character", "a\xef\xbf\xbd"},
        {"tag", "a\xf3\xa0\x81\x81"},
        {"no UTF-8", "a\xff"},
        {"a Cyrillic A in a Latin word", "\xd0\x90KFTA"},
        {"a Latin word that ends in Greek", "Kore\xce\xb1"},
        {"a Cherokee letter in a Latin word", "\xe1\x8e\xaa"
                                              "KFTA"},
        {"an accent apart from its letter", "Direccio\xcc\x81n"},
        {"a syllable of Hangul in its letters", "\xe1\x84\x80\xe1\x85\xaa\xe1\x86\xab"},
        {"fullwidth letters", "\xef\xbc\xa1KFTA"},
        {"mathematical letters", "\xf0\x9d\x90\x80KFTA"},
        {"a Roman numeral that is one character", "Annex \xe2\x85\xa0"},
        {"a ligature", "Tari\xef\xac\x80"},
        {"a Kelvin sign", "\xe2\x84\xaaorea"},
    };
    for (size_t i = 0; i < SUITE_COUNT(taken); i++) {
        ck_assert_msg(text_is_printable(text_of(taken[i])), "%s", taken[i]);
    }
    for (size_t i = 0; i < SUITE_COUNT(refused); i++) {
        ck_assert_msg(!text_is_printable(text_of(refused[i].text)), "%s", refused[i].name);
    }
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        lines_are_counted_and_the_last_must_end,
        base64_has_one_spelling,
        a_time_has_one_spelling,
        a_name_shows_what_it_is,
    };
    return suite_run("text", tests, SUITE_COUNT(tests), NULL);
}
