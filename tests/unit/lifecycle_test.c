/* Tests of proto/lifecycle: the states of a certificate, what is due, and how documents are read.
 */
#include "proto/json.h"
#include "tests/unit/lifecycle_scene.h"
#include "tests/unit/store_fixture.h"

#define DAY_MS ((uint64_t)24 * 3600 * 1000)

/* ---- states ---- */

START_TEST(a_certificate_is_issued_then_used_until_it_is_exhausted)
{
    say(issue());
    assert_state("issued");
    say(use(1, "A", "40"));
    say(use(1, "B", "60"));
    assert_state("issued");
    ck_assert_str_eq(lifecycle_roll_up(&life), "some items are treated");
    say(use(2, "B", "50.500"));
    assert_state("exhausted");
    ck_assert_str_eq(lifecycle_roll_up(&life), "all items are granted");
}
END_TEST

START_TEST(both_regimes_of_correction_are_agreed_by_the_importing_party)
{
    say(issue());
    say(amend_quantity(1, "120"));
    assert_state("change asked");
    say(answer(1, ANSWER_PENDING));
    assert_state("change asked");
    say(answer(1, ANSWER_AGREED));
    assert_state("amended");
    ck_assert_uint_eq(life.revision, 2);
    say(use(1, "A", "120"));
    say(amend(2, EFFECT_REPLACE));
    assert_state("cancelation asked");
    say(answer(2, ANSWER_AGREED));
    assert_state("replaced");
    ck_assert(text_equal(life.replaced_by, TEXT("KR-2")));
}
END_TEST

START_TEST(a_cancelation_that_is_declined_leaves_the_certificate_as_it_was)
{
    say(issue());
    say(amend(1, EFFECT_CANCEL));
    say(answer(1, ANSWER_DECLINED));
    say(answer(1, ANSWER_AGREED));
    assert_state("issued");
}
END_TEST

START_TEST(a_cancelled_certificate_is_final)
{
    say(issue());
    say(amend(1, EFFECT_CANCEL));
    say(answer(1, ANSWER_AGREED));
    assert_state("cancelled");
    assert_refused(amend(2, EFFECT_CORRECT), "cancelled", "issue a new one");
    assert_refused(use(1, "A", "1"), "cancelled", "cannot be used");
    assert_refused(use(1, "A", "0.5"), "cancelled", "cannot be used");
    say(use(1, "A", "0"));
    say(treat(1, TREATMENT_SUSPENDED));
    say(treat_with(1, TREATMENT_DENIED, "A", "5", PIECES));
    assert_used(1, "0");
}
END_TEST

START_TEST(a_certificate_without_items_is_neither_exhausted_nor_suspended)
{
    struct lifecycle_event event = issue();
    event.line_count = 0;
    say(event);
    assert_state("issued");
}
END_TEST

START_TEST(an_answer_behind_the_cancelation_or_to_nothing_changes_nothing)
{
    say(issue());
    take(answer(9, ANSWER_AGREED));
    assert_state("issued");
    say(amend(1, EFFECT_CANCEL));
    say(amend_quantity(2, "80"));
    say(amend(3, EFFECT_REPLACE));
    say(answer(1, ANSWER_AGREED));
    take(answer(2, ANSWER_AGREED));
    take(answer(3, ANSWER_AGREED));
    assert_state("cancelled");
    ck_assert_uint_eq(life.revision, 1);
    ck_assert_int_eq(decimal_compare(life.items[0].certified, quantity_of("100")), 0);
}
END_TEST

START_TEST(a_certificate_is_issued_once)
{
    say(issue());
    say(use(1, "A", "40"));
    take(issue());
    assert_used(1, "40");
}
END_TEST

START_TEST(a_certificate_expires_behind_its_last_day)
{
    say(issue());
    ck_assert_int_eq(lifecycle_state(&life, ISSUED + 10000), LIFECYCLE_ISSUED);
    ck_assert_int_eq(lifecycle_state(&life, ISSUED + 10001), LIFECYCLE_EXPIRED);
}
END_TEST

START_TEST(a_certificate_is_suspended_as_a_whole_or_when_all_its_items_are)
{
    struct lifecycle_event held = treat(1, TREATMENT_SUSPENDED);
    held.hold = HOLD_SET;
    say(issue());
    say(treat(1, TREATMENT_SUSPENDED));
    assert_state("issued");
    say(held);
    assert_state("suspended");
    held.hold = HOLD_LIFTED;
    say(held);
    assert_state("issued");
    say(treat(2, TREATMENT_SUSPENDED));
    assert_state("suspended");
    say(treat(2, TREATMENT_REINSTATED));
    assert_state("issued");
}
END_TEST

START_TEST(a_certificate_that_a_verdict_refused_is_refused_whatever_else_was_said)
{
    say(issue());
    life.refused = true;
    assert_state("refused");
    take(amend(1, EFFECT_REPLACE));
    take(answer(1, ANSWER_AGREED));
    assert_state("refused");
    life.refused = false;
    assert_state("replaced");
}
END_TEST

START_TEST(an_answer_needs_an_amendment_of_the_certificate)
{
    say(issue());
    assert_refused(answer(9, ANSWER_AGREED), "unknown-amendment", "ReferencedMessageID");
}
END_TEST

/* ---- what is due ---- */

static struct lifecycle_matter matter(size_t at, size_t count)
{
    struct lifecycle_matter matters[4];
    ck_assert_uint_eq(lifecycle_open(&life, matters, SUITE_COUNT(matters)), count);
    return matters[at];
}

START_TEST(a_verification_has_its_two_dates_and_ends_with_the_next_treatment)
{
    say(issue());
    say(treat(1, TREATMENT_SUSPENDED));
    uint64_t since = clock_ms;
    say(treat(1, TREATMENT_SUSPENDED));
    ck_assert_uint_eq(matter(0, 2).due_ms, since + 90 * DAY_MS);
    ck_assert_uint_eq(matter(1, 2).due_ms, since + 180 * DAY_MS);
    say(treat(1, TREATMENT_GRANTED));
    ck_assert_uint_eq(lifecycle_open(&life, NULL, 0), 0);
}
END_TEST

START_TEST(the_reasons_of_a_denial_are_due_in_sixty_days)
{
    struct lifecycle_event denial = treat(2, TREATMENT_DENIED);
    say(issue());
    say(denial);
    ck_assert_uint_eq(matter(0, 1).due_ms, denial.time_ms + 60 * DAY_MS);
    ck_assert_uint_eq(matter(0, 1).item, 2);
    struct lifecycle_line line = denial.lines[0];
    line.has_reasons = true;
    denial.lines = &line;
    say(denial);
    ck_assert_uint_eq(lifecycle_open(&life, NULL, 0), 0);
    say(treat(2, TREATMENT_DENIED)); /* again: they were given */
    ck_assert_uint_eq(lifecycle_open(&life, NULL, 0), 0);
    say(treat(2, TREATMENT_REINSTATED));
    say(treat(2, TREATMENT_DENIED)); /* anew: they are due anew */
    ck_assert_uint_eq(matter(0, 1).due_ms, clock_ms + 60 * DAY_MS);
}
END_TEST

START_TEST(what_is_due_beyond_the_place_for_it_is_counted)
{
    struct lifecycle_matter matters[2] = {{.what = "untouched"}, {.what = "untouched"}};
    say(issue());
    say(treat(1, TREATMENT_SUSPENDED));
    ck_assert_uint_eq(lifecycle_open(&life, matters, 1), 2);
    ck_assert_str_ne(matters[0].what, "untouched");
    ck_assert_str_eq(matters[1].what, "untouched");
}
END_TEST

START_TEST(an_amendment_is_open_until_its_final_answer)
{
    say(issue());
    say(amend(1, EFFECT_CANCEL));
    ck_assert_str_eq(matter(0, 1).what, "answer to the cancelation");
    ck_assert_uint_eq(matter(0, 1).due_ms, 0);
    say(answer(1, ANSWER_PENDING));
    ck_assert_str_eq(matter(0, 1).what, "answer to the cancelation");
    say(answer(1, ANSWER_DECLINED));
    ck_assert_uint_eq(lifecycle_open(&life, NULL, 0), 0);
}
END_TEST

START_TEST(a_day_is_one_of_utc)
{
    ck_assert_uint_eq(lifecycle_day(1767571200000), 20260105);
    ck_assert_uint_eq(lifecycle_day(1798761599999), 20261231);
    ck_assert_uint_eq(lifecycle_day(1798761600000), 20270101);
}
END_TEST

/* ---- documents ---- */

static struct lifecycle_event event_of(const char *path, enum operation operation, const char *from,
                                       const char *to)
{
    size_t size;
    struct record *record = NULL;
    struct message message;
    struct lifecycle_event event;
    struct findings findings = {.arena = &arena};
    uint8_t *json = file_read(path, &size);
    char *kept = arena_zero(&arena, size + 1);
    memcpy(kept, json, size);
    free(json);
    if (from != NULL) {
        char *at = strstr(kept, from);
        ck_assert_ptr_nonnull(at);
        memcpy(at, text_of(to).data, text_of(to).size);
    }
    assert_ok(json_read(bytes_of(kept, size), operation, &arena, &findings, &record, &error));
    assert_ok(message_from_record(record, &message, &findings, &error));
    assert_ok(lifecycle_read(&message, record, clock_ms, &event, &error));
    return event;
}

START_TEST(a_certificate_is_read_with_its_quantities_and_is_valid_for_twelve_months)
{
    say(event_of("tests/samples/kr-id-co.json", OPERATION_CO, "\"TCI\"", "\"IRT\""));
    ck_assert_uint_eq(life.issued_day, 20260105);
    ck_assert_uint_eq(life.valid_until, 20270105);
    ck_assert_str_eq(life.kinds, "issued retroactively");
    ck_assert_uint_eq(life.item_count, 4);
    ck_assert_int_eq(decimal_compare(life.items[1].certified, quantity_of("12")), 0);
    ck_assert(text_equal(life.items[1].unit, TEXT("NCL")));
}
END_TEST

START_TEST(the_messages_about_a_certificate_are_read)
{
    say(event_of("tests/samples/kr-id-co.json", OPERATION_CO, NULL, NULL));
    say(event_of("tests/samples/id-kr-feedback.json", OPERATION_FEEDBACK, NULL, NULL));
    assert_used(1, "1800");
    ck_assert_int_eq(life.items[1].treatment, TREATMENT_DENIED);
    ck_assert_int_eq(life.items[2].treatment, TREATMENT_SUSPENDED);
    say(event_of("tests/samples/kr-id-amendment.json", OPERATION_AMENDMENT, NULL, NULL));
    assert_state("change asked");
    say(event_of("tests/samples/id-kr-cancelation-status.json", OPERATION_CANCELATION_STATUS, NULL,
                 NULL));
    assert_state("amended");
    ck_assert_uint_eq(life.revision, 2);
}
END_TEST

START_TEST(an_item_that_stands_twice_in_a_feedback_is_noticed)
{
    struct lifecycle_event event = event_of("tests/samples/id-kr-feedback.json", OPERATION_FEEDBACK,
                                            "\"SequenceNumeric\": 3", "\"SequenceNumeric\": 1");
    ck_assert_uint_eq(event.repeated, 1);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        a_certificate_is_issued_then_used_until_it_is_exhausted,
        both_regimes_of_correction_are_agreed_by_the_importing_party,
        a_cancelation_that_is_declined_leaves_the_certificate_as_it_was,
        a_cancelled_certificate_is_final,
        a_certificate_without_items_is_neither_exhausted_nor_suspended,
        an_answer_behind_the_cancelation_or_to_nothing_changes_nothing,
        a_certificate_is_issued_once,
        a_certificate_expires_behind_its_last_day,
        a_certificate_is_suspended_as_a_whole_or_when_all_its_items_are,
        a_certificate_that_a_verdict_refused_is_refused_whatever_else_was_said,
        an_answer_needs_an_amendment_of_the_certificate,
        a_verification_has_its_two_dates_and_ends_with_the_next_treatment,
        the_reasons_of_a_denial_are_due_in_sixty_days,
        what_is_due_beyond_the_place_for_it_is_counted,
        an_amendment_is_open_until_its_final_answer,
        a_day_is_one_of_utc,
        a_certificate_is_read_with_its_quantities_and_is_valid_for_twelve_months,
        the_messages_about_a_certificate_are_read,
        an_item_that_stands_twice_in_a_feedback_is_noticed,
    };
    return suite_run("lifecycle", tests, SUITE_COUNT(tests), scene_start);
}
