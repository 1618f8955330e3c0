/* What two parties hold of a channel, compared: Korea sends to Indonesia, each asks the other. */
#include "node/flow/reconcile.h"
#include "tests/unit/flow_fixture.h"

static struct question question;
static struct comparison *rows;
static size_t count;

/* One asks the other: what `holds` says, and what is different. */
static enum result ask(struct mesh_node *asker, struct store_reader *reader, const char *partner,
                       bool is_outgoing, struct store_reader *theirs,
                       void (*change)(struct frame_holds *holds))
{
    struct buffer answer = {0};
    struct text party = text_of(asker->config.party);
    assert_ok(reconcile_question(&asker->flow, reader, text_of(partner), is_outgoing, 0,
                                 FRAME_ROWS_MAX, &question, &error));
    const struct frame_ask asked = {1, text_of(question.origin), question.first, question.max};
    assert_ok(reconcile_answer(theirs, party, &asked, &arena, &answer, &error));
    struct frame frame = unpack(&answer);
    ck_assert_int_eq(frame.kind, FRAME_HOLDS);
    ck_assert_uint_eq(frame.holds.number, 1);
    if (change != NULL) {
        change(&frame.holds);
    }
    enum result result =
        reconcile_compare(reader, &question, &frame.holds, &arena, &rows, &count, &error);
    buffer_free(&answer);
    return result;
}

static void korea_asks(void (*change)(struct frame_holds *holds))
{
    assert_ok(ask(&korea, korea_reader, "ID", true, indonesia_reader, change));
}

static void indonesia_asks(void (*change)(struct frame_holds *holds))
{
    assert_ok(ask(&indonesia, indonesia_reader, "KR", false, korea_reader, change));
}

static void check(size_t at, enum mismatch wanted)
{
    ck_assert_uint_lt(at, count);
    ck_assert_msg(rows[at].mismatch == wanted, "%s", mismatch_text(rows[at].mismatch));
}

START_TEST(what_was_not_sent_yet_waits_seen_from_both_ends)
{
    ck_assert_int_eq(submit_certificate(1).result, RESULT_OK);
    korea_asks(NULL);
    ck_assert_uint_eq(count, 1);
    check(0, MISMATCH_WAITING);
    ck_assert_str_eq(holding_text(rows[0].ours), "stored");
    ck_assert_str_eq(holding_text(rows[0].theirs), "-");
    indonesia_asks(NULL);
    check(0, MISMATCH_WAITING);
    ck_assert_ptr_null(rows[0].ours);
}
END_TEST

START_TEST(what_is_stored_differs_by_the_verdict_until_it_came_and_by_who_took_it)
{
    ck_assert_int_eq(submit_certificate(1).result, RESULT_OK);
    open_lane();
    carry_all();
    korea_asks(NULL);
    check(0, MISMATCH_VERDICT);
    ck_assert_str_eq(holding_text(rows[0].theirs), "accepted");
    indonesia_asks(NULL);
    check(0, MISMATCH_VERDICT);
}
END_TEST

START_TEST(a_refusal_is_shown_to_both)
{
    indonesia.config.agreement_count = 0;
    ck_assert_int_eq(submit_certificate(1).result, RESULT_OK);
    open_lane();
    carry_all();
    korea_asks(NULL);
    check(0, MISMATCH_REFUSED);
    indonesia_asks(NULL);
    check(0, MISMATCH_REFUSED);
}
END_TEST

static struct frame_row changed[2];

static void other_leaf(struct frame_holds *holds)
{
    changed[0] = holds->rows[0];
    changed[0].leaf.bytes[31] ^= 1;
    holds->rows = changed;
}

static void one_more(struct frame_holds *holds)
{
    changed[0] = changed[1] = holds->rows[0];
    *holds = (struct frame_holds){.size = 2, .rows = changed, .count = 2};
}

static void nothing(struct frame_holds *holds)
{
    *holds = (struct frame_holds){0};
}

static void fewer(struct frame_holds *holds)
{
    holds->size = 2;
}

START_TEST(a_fork_a_loss_and_an_old_store_of_our_own_are_told_apart)
{
    ck_assert_int_eq(submit_certificate(1).result, RESULT_OK);
    open_lane();
    carry_all();
    korea_asks(other_leaf);
    check(0, MISMATCH_FORK);
    korea_asks(nothing);
    check(0, MISMATCH_LOST);
    korea_asks(one_more);
    check(1, MISMATCH_MISSING);
    indonesia_asks(nothing);
    check(0, MISMATCH_LOST);
}
END_TEST

START_TEST(an_answer_without_the_rows_of_its_size_is_refused_with_both_figures)
{
    ck_assert_int_eq(submit_certificate(1).result, RESULT_OK);
    open_lane();
    carry_all();
    assert_fails(ask(&korea, korea_reader, "ID", true, indonesia_reader, fewer), RESULT_INVALID,
                 "shows 1 from entry 0 on, where 2 were due");
}
END_TEST

START_TEST(nobody_learns_of_a_channel_that_is_not_its_own)
{
    struct buffer answer = {0};
    ck_assert_int_eq(submit_certificate(1).result, RESULT_OK);
    korea_asks(NULL);
    const struct frame_ask asked = {7, text_of(question.origin), 0, 256};
    assert_ok(reconcile_answer(korea_reader, TEXT("UY"), &asked, &arena, &answer, &error));
    struct frame frame = unpack(&answer);
    ck_assert_uint_eq(frame.holds.size, 0);
    ck_assert_uint_eq(frame.holds.count, 0);
    buffer_free(&answer);
    assert_fails(
        reconcile_question(&korea.flow, korea_reader, TEXT("UY"), true, 0, 256, &question, &error),
        RESULT_NOT_FOUND, "no card of 'UY'");
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        what_was_not_sent_yet_waits_seen_from_both_ends,
        what_is_stored_differs_by_the_verdict_until_it_came_and_by_who_took_it,
        a_refusal_is_shown_to_both,
        a_fork_a_loss_and_an_old_store_of_our_own_are_told_apart,
        an_answer_without_the_rows_of_its_size_is_refused_with_both_figures,
        nobody_learns_of_a_channel_that_is_not_its_own,
    };
    return suite_run_with("reconcile", tests, SUITE_COUNT(tests), flows_start, flows_end);
}
