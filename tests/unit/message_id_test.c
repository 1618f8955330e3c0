/* Message ids as UUIDs. */
#include "proto/message_id.h"
#include "tests/unit/suite.h"

START_TEST(an_id_is_written_as_a_uuid_and_read_in_any_case)
{
    struct message_id id;
    char text[UUID_TEXT_BYTES];
    ck_assert(message_id_parse(TEXT("F81D4fae-7dec-41d0-A765-00a0c91e6bf6"), &id));
    ck_assert_uint_eq(id.bytes[0], 0xf8);
    ck_assert_uint_eq(id.bytes[15], 0xf6);
    message_id_format(&id, text);
    ck_assert_str_eq(text, "f81d4fae-7dec-41d0-a765-00a0c91e6bf6");
}
END_TEST

START_TEST(what_is_no_uuid_is_refused_and_changes_nothing)
{
    static const char *const refused[] = {"",
                                          "f81d4fae7dec41d0a76500a0c91e6bf6",
                                          "f81d4fae-7dec-41d0-a765-00a0c91e6bf",
                                          "f81d4fae-7dec-41d0-a765-00a0c91e6bf66",
                                          "f81d4fae-7dec-41d0-a765-00a0c91e6bfg",
                                          "f81d4fae_7dec-41d0-a765-00a0c91e6bf6",
                                          "{81d4fae-7dec-41d0-a765-00a0c91e6bf6"};
    struct message_id id = {.bytes = {7}};
    for (size_t i = 0; i < SUITE_COUNT(refused); i++) {
        ck_assert_msg(!message_id_parse(text_of(refused[i]), &id), "%s", refused[i]);
    }
    ck_assert_uint_eq(id.bytes[0], 7);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        an_id_is_written_as_a_uuid_and_read_in_any_case,
        what_is_no_uuid_is_refused_and_changes_nothing,
    };
    return suite_run("message_id", tests, SUITE_COUNT(tests), NULL);
}
