/* Answers: one tree, in JSON and in XML. */
#include "node/bridge/jot.h"
#include "tests/unit/suite.h"

/* The text of a buffer, to be compared. */
static const char *string_of(struct buffer *out)
{
    buffer_append(out, "", 1);
    return (const char *)out->data;
}

static void write_all(struct jot *jot)
{
    const uint8_t bytes[] = {0, 255, 16};
    jot_open(jot, NULL, '{');
    jot_string(jot, "title", "a < b & \"c\"\nsecond line");
    jot_uint(jot, "status", 422);
    jot_bool(jot, "held", true);
    jot_null(jot, "nothing");
    jot_time_ms(jot, "never", 0);
    jot_hex(jot, "hash", (struct bytes){bytes, sizeof bytes});
    jot_base64(jot, "entry", (struct bytes){bytes, sizeof bytes});
    jot_open(jot, "errors", '[');
    jot_open(jot, NULL, '{');
    jot_string(jot, "code", "missing");
    jot_close(jot, '}');
    jot_string(jot, NULL, "x");
    jot_close(jot, ']');
    jot_close(jot, '}');
    jot_end(jot);
}

START_TEST(an_answer_is_compact_json)
{
    struct buffer out = {0};
    struct jot jot = {.out = &out};
    write_all(&jot);
    ck_assert_str_eq(string_of(&out),
                     "{\"title\":\"a < b & \\\"c\\\"\\nsecond line\",\"status\":422,\"held\":true,"
                     "\"nothing\":null,\"never\":null,\"hash\":\"00ff10\",\"entry\":\"AP8Q\","
                     "\"errors\":[{\"code\":\"missing\"},\"x\"]}\n");
    buffer_free(&out);
}
END_TEST

START_TEST(the_same_in_xml_has_an_element_for_each_member_and_i_in_arrays)
{
    struct buffer out = {0};
    struct jot jot = {.out = &out, .root = &jot_problem};
    write_all(&jot);
    ck_assert_str_eq(string_of(&out),
                     "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
                     "<problem xmlns=\"urn:ietf:rfc:7807\">"
                     "<title>a &lt; b &amp; \"c\"\nsecond line</title><status>422</status>"
                     "<held>true</held><hash>00ff10</hash><entry>AP8Q</entry>"
                     "<errors><i><code>missing</code></i><i>x</i></errors></problem>\n");
    buffer_free(&out);
}
END_TEST

START_TEST(what_xml_cannot_have_is_replaced)
{
    struct buffer out = {0};
    struct jot jot = {.out = &out, .root = &jot_receipt};
    jot_open(&jot, NULL, '{');
    jot_text(&jot, "a", TEXT("\x01\x1b\r]]>\xef\xbf\xbe"));
    jot_text(&jot, "b", TEXT("whole \xff not"));
    jot_close(&jot, '}');
    ck_assert_ptr_nonnull(strstr(string_of(&out),
                                 "<a>\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd]]&gt;\xef\xbf\xbd</a>"
                                 "<b>whole </b></receipt>"));
    buffer_free(&out);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {an_answer_is_compact_json,
                                  the_same_in_xml_has_an_element_for_each_member_and_i_in_arrays,
                                  what_xml_cannot_have_is_replaced};
    return suite_run("jot", tests, SUITE_COUNT(tests), NULL);
}
