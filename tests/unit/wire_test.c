/* The control socket's frames, requests, replies and rows. */
#include "node/control/wire.h"
#include "tests/unit/suite.h"

#include <sys/socket.h>
#include <unistd.h>

static struct buffer out;

static void start(void)
{
    buffer_free(&out);
}

static struct bytes cut(struct bytes *received)
{
    struct bytes frame;
    assert_ok(wire_frame_cut(received, &frame, &error));
    return frame;
}

START_TEST(a_request_is_read_as_it_was_written)
{
    struct wire_request request;
    size_t begin = wire_request_begin(&out, 7, "messages", 3);
    mp_put_uint(&out, 1);
    mp_put_uint(&out, 300);
    mp_put_uint(&out, 20);
    wire_frame_end(&out, begin);
    struct bytes received = buffer_bytes(&out);
    struct bytes frame = cut(&received);
    ck_assert_ptr_nonnull(frame.data);
    ck_assert_uint_eq(received.size, 0);
    assert_ok(wire_request_read(frame, &request, &error));
    ck_assert_uint_eq(request.number, 7);
    ck_assert(text_equal(request.verb, TEXT("messages")));
    ck_assert_uint_eq(request.argument_count, 3);
    ck_assert_uint_eq(mp_get_uint(&request.arguments, UINT32_MAX), 1);
    ck_assert_uint_eq(mp_get_uint(&request.arguments, UINT64_MAX), 300);
    ck_assert_uint_eq(mp_get_uint(&request.arguments, 100), 20);
    assert_ok(mp_finish(&request.arguments, "messages", &error));
    buffer_free(&out);
}
END_TEST

START_TEST(a_frame_is_cut_only_when_it_is_whole)
{
    wire_put_end(&out, 1);
    wire_put_end(&out, 2);
    size_t one = out.size / 2;
    for (size_t size = 0; size < one; size++) {
        struct bytes received = {out.data, size};
        ck_assert_ptr_null(cut(&received).data);
        ck_assert_uint_eq(received.size, size);
    }
    struct bytes received = buffer_bytes(&out);
    ck_assert_uint_eq(cut(&received).size, one - WIRE_HEAD_BYTES);
    ck_assert_uint_eq(received.size, one);
    ck_assert_uint_eq(cut(&received).size, one - WIRE_HEAD_BYTES);
    buffer_free(&out);
}
END_TEST

START_TEST(a_frame_over_the_limit_is_refused_by_its_head)
{
    uint8_t head[] = {0x00, 0x10, 0x00, 0x01};
    struct bytes received = {head, sizeof head};
    struct bytes frame;
    assert_fails(wire_frame_cut(&received, &frame, &error), RESULT_TOO_LARGE, "1048577 bytes");
}
END_TEST

START_TEST(a_part_gives_back_its_rows)
{
    struct buffer rows = {0};
    struct wire_reply reply;
    struct wire_row row;
    for (unsigned i = 0; i < 2; i++) {
        wire_row(&rows, &wire_shape_queue);
        wire_text(&rows, WIRE_QUEUE_PARTNER, i == 0 ? TEXT("ID") : TEXT("UY"));
        wire_uint(&rows, WIRE_QUEUE_CHANNEL, i);
        wire_uint(&rows, WIRE_QUEUE_FIRST, 0);
        wire_uint(&rows, WIRE_QUEUE_COUNT, 100000);
        wire_time(&rows, WIRE_QUEUE_OLDEST, 0);
        wire_text(&rows, WIRE_QUEUE_WHY, TEXT(""));
        wire_bool(&rows, WIRE_QUEUE_ALARM, i == 1);
    }
    wire_put_part(&out, 9, buffer_bytes(&rows), 2);
    struct bytes received = buffer_bytes(&out);
    assert_ok(wire_reply_read(cut(&received), &reply, &error));
    ck_assert_uint_eq(reply.number, 9);
    ck_assert_int_eq(reply.kind, WIRE_PART);
    ck_assert_uint_eq(reply.row_count, 2);
    wire_row_read(&reply.rows, &wire_shape_queue, &row);
    ck_assert(text_equal(wire_row_text(&row, WIRE_QUEUE_PARTNER), TEXT("ID")));
    ck_assert_uint_eq(wire_row_uint(&row, WIRE_QUEUE_COUNT), 100000);
    ck_assert_int_eq(row.values[WIRE_QUEUE_OLDEST].type, MP_NIL);
    ck_assert_uint_eq(wire_row_text(&row, WIRE_QUEUE_WHY).size, 0);
    ck_assert(!wire_row_bool(&row, WIRE_QUEUE_ALARM));
    wire_row_read(&reply.rows, &wire_shape_queue, &row);
    ck_assert(wire_row_bool(&row, WIRE_QUEUE_ALARM));
    assert_ok(mp_finish(&reply.rows, "rows", &error));
    buffer_free(&rows);
    buffer_free(&out);
}
END_TEST

START_TEST(ids_hashes_and_nested_rows_come_back)
{
    struct message_id id = {{1, 2, 3}};
    struct message_id found;
    struct wire_row row;
    struct mp_reader reader;
    wire_row(&out, &wire_shape_answer);
    wire_text(&out, WIRE_ANSWER_CODE, TEXT("ok"));
    wire_nil(&out, WIRE_ANSWER_SENTENCE);
    wire_id(&out, WIRE_ANSWER_ID, &id);
    wire_nil(&out, WIRE_ANSWER_PARTNER);
    wire_nil(&out, WIRE_ANSWER_NUMBER);
    wire_uint(&out, WIRE_ANSWER_CHANNEL, 1);
    wire_uint(&out, WIRE_ANSWER_INDEX, 2);
    wire_rows(&out, WIRE_ANSWER_FINDINGS, 1);
    wire_row(&out, &wire_shape_finding);
    wire_bool(&out, WIRE_FINDING_REFUSES, true);
    wire_text(&out, WIRE_FINDING_CODE, TEXT("missing"));
    wire_nil(&out, WIRE_FINDING_ELEMENT);
    wire_text(&out, WIRE_FINDING_PLACE, TEXT("/LPCO"));
    wire_nil(&out, WIRE_FINDING_DETAIL);
    mp_reader_init(&reader, buffer_bytes(&out));
    wire_row_read(&reader, &wire_shape_answer, &row);
    assert_ok(mp_finish(&reader, "row", &error));
    ck_assert(wire_row_id(&row, WIRE_ANSWER_ID, &found));
    ck_assert_int_eq(memcmp(&id, &found, sizeof id), 0);
    ck_assert_uint_eq(row.values[WIRE_ANSWER_FINDINGS].count, 1);
    struct mp_reader nested = row.values[WIRE_ANSWER_FINDINGS].rows;
    wire_row_read(&nested, &wire_shape_finding, &row);
    ck_assert(wire_row_bool(&row, WIRE_FINDING_REFUSES));
    ck_assert(text_equal(wire_row_text(&row, WIRE_FINDING_PLACE), TEXT("/LPCO")));
    buffer_free(&out);
}
END_TEST

START_TEST(a_key_of_a_newer_node_is_passed_over)
{
    struct wire_row row;
    struct mp_reader reader;
    mp_put_map(&out, 3);
    wire_text(&out, WIRE_METRIC_NAME, TEXT("commits"));
    wire_uint(&out, WIRE_METRIC_VALUE, 5);
    mp_put_uint(&out, 200);
    mp_put_array(&out, 1);
    mp_put_bool(&out, true);
    mp_reader_init(&reader, buffer_bytes(&out));
    wire_row_read(&reader, &wire_shape_metric, &row);
    assert_ok(mp_finish(&reader, "row", &error));
    ck_assert_uint_eq(wire_row_uint(&row, WIRE_METRIC_VALUE), 5);
    ck_assert_int_eq(row.values[WIRE_METRIC_HELP].type, MP_NONE);
    buffer_free(&out);
}
END_TEST

START_TEST(a_value_of_another_type_than_its_field_is_refused)
{
    struct wire_row row;
    struct mp_reader reader;
    mp_put_map(&out, 1);
    mp_put_uint(&out, WIRE_METRIC_VALUE);
    mp_put_str(&out, TEXT("five"));
    mp_reader_init(&reader, buffer_bytes(&out));
    wire_row_read(&reader, &wire_shape_metric, &row);
    assert_fails(mp_finish(&reader, "row", &error), RESULT_INVALID, "another type");
    ck_assert_uint_eq(wire_row_uint(&row, WIRE_METRIC_VALUE), 0);
    buffer_free(&out);
}
END_TEST

START_TEST(an_error_keeps_its_code_and_sentence)
{
    struct error problem;
    struct wire_reply reply;
    (void)error_set(&problem, RESULT_HELD, "channel 3 is held");
    wire_put_error(&out, 4, &problem);
    struct bytes received = buffer_bytes(&out);
    assert_ok(wire_reply_read(cut(&received), &reply, &error));
    ck_assert_int_eq(reply.kind, WIRE_ERROR);
    ck_assert_int_eq(reply.error.code, RESULT_HELD);
    ck_assert_str_eq(reply.error.message, "channel 3 is held");
    buffer_free(&out);
}
END_TEST

START_TEST(a_sentence_cut_within_a_character_still_arrives)
{
    struct error problem = {.code = RESULT_IO, .message = "caf\xc3"};
    struct wire_reply reply;
    wire_put_error(&out, 4, &problem);
    struct bytes received = buffer_bytes(&out);
    assert_ok(wire_reply_read(cut(&received), &reply, &error));
    ck_assert_str_eq(reply.error.message, "caf");
    buffer_free(&out);
}
END_TEST

START_TEST(what_is_no_request_or_reply_is_refused)
{
    struct wire_request request;
    struct wire_reply reply;
    mp_put_array(&out, 1);
    mp_put_uint(&out, 1);
    assert_fails(wire_request_read(buffer_bytes(&out), &request, &error), RESULT_INVALID,
                 "control request");
    assert_fails(wire_reply_read(buffer_bytes(&out), &reply, &error), RESULT_INVALID,
                 "control reply");
    buffer_clear(&out);
    mp_put_array(&out, 3);
    mp_put_uint(&out, 1);
    mp_put_uint(&out, WIRE_END);
    mp_put_nil(&out);
    assert_fails(wire_reply_read(buffer_bytes(&out), &reply, &error), RESULT_INVALID,
                 "another number of values");
    buffer_clear(&out);
    mp_put_array(&out, 3 + 8);
    assert_fails(wire_request_read(buffer_bytes(&out), &request, &error), RESULT_INVALID, "limit");
    buffer_free(&out);
}
END_TEST

START_TEST(verbs_have_their_shapes)
{
    ck_assert_ptr_eq(wire_verb_shape(TEXT("status")), &wire_shape_node);
    ck_assert_ptr_eq(wire_verb_shape(TEXT("stop")), &wire_shape_none);
    ck_assert_ptr_null(wire_verb_shape(TEXT("stat")));
    ck_assert_uint_eq(wire_shape_message.count, WIRE_message_COUNT);
    ck_assert_str_eq(wire_shape_message.fields[WIRE_MESSAGE_REPLY_TO].name, "reply_to");
}
END_TEST

START_TEST(a_process_of_the_same_user_is_let_in)
{
    int pair[2];
    ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
    assert_ok(wire_check_peer(pair[0], &error));
    (void)close(pair[0]);
    (void)close(pair[1]);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        a_request_is_read_as_it_was_written,
        a_frame_is_cut_only_when_it_is_whole,
        a_frame_over_the_limit_is_refused_by_its_head,
        a_part_gives_back_its_rows,
        ids_hashes_and_nested_rows_come_back,
        a_key_of_a_newer_node_is_passed_over,
        a_value_of_another_type_than_its_field_is_refused,
        an_error_keeps_its_code_and_sentence,
        a_sentence_cut_within_a_character_still_arrives,
        what_is_no_request_or_reply_is_refused,
        verbs_have_their_shapes,
        a_process_of_the_same_user_is_let_in,
    };
    return suite_run("wire", tests, SUITE_COUNT(tests), start);
}
