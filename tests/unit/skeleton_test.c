/* Names that look alike, and names that do not. */
#include "keys/skeleton.h"
#include "tests/unit/suite.h"

START_TEST(names_that_look_alike_have_one_skeleton)
{
    static const char *const rows[][2] = {
        {"Customs of Korea", "Customs of Korea"},
        {"Customs of Korea", "CUSTOMS OF KOREA"},
        {"Customs of Korea", "Customs-of Korea."},
        {"Customs of Korea", "Сustоms of Коrea"}, /* Cyrillic С, о, К, о */
        {"Customs of Korea", "Customs οf Korea"}, /* Greek ο */
        {"Customs of Korea", "Ｃustoms of Korea"},
        {"Dirección de Aduanas", "Direccio\xcc\x81n de Aduanas"},
        {"Dirección de Aduanas", "Direccion de Aduanas"},
        {"Illinois", "lllin0is"},
        {"관세청", "관세청"},
    };
    for (size_t i = 0; i < SUITE_COUNT(rows); i++) {
        ck_assert_msg(skeleton_is_same(text_of(rows[i][0]), text_of(rows[i][1])), "%s", rows[i][1]);
    }
}
END_TEST

START_TEST(names_that_differ_to_the_eye_have_two)
{
    static const char *const rows[][2] = {
        {"Customs of Korea", "Customs of Kenya"},
        {"관세청", "국세청"},
        {"Таможня", "Tamozhnya"},
        {"a", "\\61;"},
    };
    for (size_t i = 0; i < SUITE_COUNT(rows); i++) {
        ck_assert_msg(!skeleton_is_same(text_of(rows[i][0]), text_of(rows[i][1])), "%s",
                      rows[i][1]);
    }
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        names_that_look_alike_have_one_skeleton,
        names_that_differ_to_the_eye_have_two,
    };
    return suite_run("skeleton", tests, SUITE_COUNT(tests), NULL);
}
