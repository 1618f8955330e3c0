/* Tests of proto/lifecycle: states, the ledger, due dates, and that both ends come to the same
 * state however the messages of the two channels cross. */
#include "proto/json.h"
#include "proto/lifecycle.h"
#include "tests/unit/store_fixture.h"

#include <stdio.h>

#define DAY_MS   ((uint64_t)24 * 3600 * 1000)
#define ISSUED   20260105
#define IN_TIME  20260601
#define MESSAGES ((size_t)8)
#define PIECES   "C62"

static struct lifecycle life;
static uint64_t clock_ms;

static void start(void)
{
    clock_ms = 1767571200000; /* 5 January 2026 */
    life = (struct lifecycle){.arena = &arena};
}

/* ---- messages ---- */

static struct decimal quantity_of(const char *text)
{
    struct decimal decimal = {0};
    ck_assert(decimal_read(text_of(text), &decimal));
    return decimal;
}

static struct message_id id_of(uint8_t number)
{
    struct message_id id = {{0}};
    id.bytes[0] = number;
    return id;
}

static struct lifecycle_line *lines_of(size_t count)
{
    return arena_zero(&arena, count * sizeof(struct lifecycle_line));
}

/* A certificate of two items: 100 and 50.5 pieces. */
static struct lifecycle_event issue(void)
{
    struct lifecycle_line *lines = lines_of(2);
    lines[0] = (struct lifecycle_line){1, true, quantity_of("100"), TEXT(PIECES), .use_count = 0};
    lines[1] = (struct lifecycle_line){2, true, quantity_of("50.5"), TEXT(PIECES), .use_count = 0};
    return (struct lifecycle_event){.operation = OPERATION_CO,
                                    .time_ms = ++clock_ms,
                                    .issued = ISSUED,
                                    .valid_until = ISSUED + 10000,
                                    .lines = lines,
                                    .line_count = 2};
}

static struct lifecycle_event amend(uint8_t id, enum lifecycle_effect asked)
{
    return (struct lifecycle_event){.operation = OPERATION_AMENDMENT,
                                    .id = id_of(id),
                                    .time_ms = ++clock_ms,
                                    .asked = asked,
                                    .replacement =
                                        asked == EFFECT_REPLACE ? TEXT("KR-2") : TEXT("")};
}

/* A correction of the quantity of item 1. */
static struct lifecycle_event amend_quantity(uint8_t id, const char *quantity)
{
    struct lifecycle_event event = amend(id, EFFECT_CORRECT);
    struct lifecycle_line *line = lines_of(1);
    *line = (struct lifecycle_line){1, true, quantity_of(quantity), TEXT(PIECES), .use_count = 0};
    event.lines = line;
    event.line_count = 1;
    return event;
}

static struct lifecycle_event answer(uint8_t amendment, enum lifecycle_answer said)
{
    return (struct lifecycle_event){.operation = OPERATION_CANCELATION_STATUS,
                                    .time_ms = ++clock_ms,
                                    .answers = id_of(amendment),
                                    .answer = said};
}

static struct lifecycle_event treat_with(uint32_t item, enum lifecycle_treatment treatment,
                                         const char *declaration, const char *quantity,
                                         const char *unit)
{
    struct lifecycle_line *line = lines_of(1);
    struct lifecycle_use *use = arena_zero(&arena, sizeof *use);
    *line = (struct lifecycle_line){.number = item, .treatment = treatment, .uses = use};
    if (quantity != NULL) {
        *use = (struct lifecycle_use){text_of(declaration), quantity_of(quantity), text_of(unit)};
        line->use_count = 1;
    }
    return (struct lifecycle_event){
        .operation = OPERATION_FEEDBACK, .time_ms = ++clock_ms, .lines = line, .line_count = 1};
}

static struct lifecycle_event use(uint32_t item, const char *declaration, const char *quantity)
{
    return treat_with(item, TREATMENT_GRANTED, declaration, quantity, PIECES);
}

static struct lifecycle_event treat(uint32_t item, enum lifecycle_treatment treatment)
{
    return treat_with(item, treatment, "", NULL, "");
}

/* ---- taking them in ---- */

static void take(struct lifecycle_event event)
{
    assert_ok(lifecycle_fold(&life, &event, &error));
}

/* What may be said, and is. */
static void say(struct lifecycle_event event)
{
    const char *code = NULL;
    assert_ok(lifecycle_judge(&life, &event, &code, &error));
    take(event);
}

static void assert_refused(struct lifecycle_event event, const char *code, const char *words)
{
    const char *told = NULL;
    assert_fails(lifecycle_judge(&life, &event, &told, &error), RESULT_INVALID, words);
    ck_assert_str_eq(told, code);
}

static void assert_state(const char *wanted)
{
    ck_assert_str_eq(lifecycle_state_text(lifecycle_state(&life, IN_TIME)), wanted);
}

static void assert_used(uint32_t item, const char *wanted)
{
    char text[DECIMAL_BYTES];
    ck_assert_str_eq(decimal_write(life.items[item - 1].used, text), wanted);
}

/* All that can be seen of a life, as text. */
static void describe(const struct lifecycle *of, char *out, size_t size)
{
    struct lifecycle_matter matters[2 * MESSAGES];
    size_t open = lifecycle_open(of, matters, 2 * MESSAGES);
    int at =
        snprintf(out, size, "%s %u %.*s %s|", lifecycle_state_text(lifecycle_state(of, IN_TIME)),
                 of->revision, TEXT_ARGS(of->replaced_by), lifecycle_roll_up(of));
    for (size_t i = 0; i < of->item_count; i++) {
        char used[DECIMAL_BYTES];
        char certified[DECIMAL_BYTES];
        const struct lifecycle_item *item = &of->items[i];
        at += snprintf(out + at, size - (size_t)at, "%s of %s %.*s %s %llu|",
                       decimal_write(item->used, used), decimal_write(item->certified, certified),
                       TEXT_ARGS(item->unit), lifecycle_treatment_text(item->treatment),
                       (unsigned long long)item->treated_ms);
    }
    for (size_t i = 0; i < open; i++) {
        at += snprintf(out + at, size - (size_t)at, "%s %u %llu %llu|", matters[i].what,
                       matters[i].item, (unsigned long long)matters[i].since_ms,
                       (unsigned long long)matters[i].due_ms);
    }
}

/* ---- every interleaving ---- */

/* Two channels after the issue. `after[i]` is how many messages of the exporter's channel must have
 * come before message i of the importer's: who answers a message has read it. */
struct crossing {
    struct lifecycle_event exporter[MESSAGES];
    size_t exporter_count;
    struct lifecycle_event importer[MESSAGES];
    size_t importer_count;
    size_t after[MESSAGES];
};

static void interleave(const struct crossing *crossing, char *order, size_t from, size_t to,
                       char *first, size_t *tried)
{
    if (from < crossing->exporter_count) {
        order[from + to] = 'E';
        interleave(crossing, order, from + 1, to, first, tried);
    }
    if (to < crossing->importer_count && crossing->after[to] <= from) {
        order[from + to] = 'I';
        interleave(crossing, order, from, to + 1, first, tried);
    }
    if (from < crossing->exporter_count || to < crossing->importer_count) {
        return;
    }
    char found[2048];
    size_t next[2] = {0, 0};
    struct lifecycle_event issued = issue();
    life = (struct lifecycle){.arena = &arena};
    take(issued);
    for (size_t i = 0; i < from + to; i++) {
        take(order[i] == 'E' ? crossing->exporter[next[0]++] : crossing->importer[next[1]++]);
    }
    describe(&life, found, sizeof found);
    if ((*tried)++ == 0) {
        memcpy(first, found, sizeof found);
    }
    ck_assert_msg(strcmp(first, found) == 0, "%.*s gives\n%s\ninstead of\n%s", (int)(from + to),
                  order, found, first);
}

/* Gives how many interleavings there were; `life` is as after the last. */
static size_t assert_crossing(const struct crossing *crossing)
{
    char order[2 * MESSAGES] = "";
    char first[2048] = "";
    size_t tried = 0;
    interleave(crossing, order, 0, 0, first, &tried);
    return tried;
}

START_TEST(a_cancelation_that_crosses_a_use_has_one_result_at_both_ends)
{
    struct crossing crossing = {
        .exporter = {amend(1, EFFECT_CANCEL)},
        .exporter_count = 1,
        .importer = {use(1, "A", "40"), answer(1, ANSWER_DECLINED), use(1, "B", "60")},
        .importer_count = 3,
        .after = {0, 1, 1},
    };
    ck_assert_uint_eq(assert_crossing(&crossing), 2);
    assert_state("issued");
    assert_used(1, "100");
}
END_TEST

START_TEST(two_amendments_that_cross_answers_and_uses_have_one_result)
{
    struct crossing crossing = {
        .exporter = {amend_quantity(1, "80"), amend(2, EFFECT_REPLACE), amend(3, EFFECT_CORRECT)},
        .exporter_count = 3,
        .importer = {use(1, "A", "90"), answer(1, ANSWER_AGREED), use(1, "B", "5"),
                     treat(2, TREATMENT_SUSPENDED), answer(2, ANSWER_PENDING),
                     answer(2, ANSWER_AGREED), use(2, "C", "1"), treat(2, TREATMENT_DENIED)},
        .importer_count = 8,
        .after = {0, 1, 1, 1, 2, 2, 2, 2},
    };
    ck_assert_uint_gt(assert_crossing(&crossing), 10);
    assert_state("replaced");
    assert_used(1, "90");
    assert_used(2, "0");
    ck_assert_uint_eq(life.revision, 2);
}
END_TEST

START_TEST(every_answer_to_every_amendment_crosses_to_one_result)
{
    static const enum lifecycle_answer said[] = {ANSWER_PENDING, ANSWER_AGREED, ANSWER_DECLINED};
    for (unsigned asked = EFFECT_CORRECT; asked <= EFFECT_REPLACE; asked++) {
        for (unsigned turn = 0; turn < 9; turn++) {
            struct crossing crossing = {
                .exporter = {amend_quantity(1, "70"), amend(2, (enum lifecycle_effect)asked)},
                .exporter_count = 2,
                .importer = {use(1, "A", "60"), answer(1, said[turn % 3]), use(1, "B", "30"),
                             answer(2, said[turn / 3]), use(1, "A", "0"), answer(1, said[1])},
                .importer_count = 6,
                .after = {0, 1, 1, 2, 2, 2},
            };
            ck_assert_uint_ge(assert_crossing(&crossing), 4);
        }
    }
}
END_TEST

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
    say(treat(1, TREATMENT_DENIED));
    assert_used(1, "0");
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

START_TEST(a_refused_certificate_is_refused)
{
    life.refused = true;
    assert_state("refused");
}
END_TEST

START_TEST(an_answer_needs_an_amendment_of_the_certificate)
{
    say(issue());
    assert_refused(answer(9, ANSWER_AGREED), "unknown-amendment", "ReferencedMessageID");
}
END_TEST

/* ---- the ledger ---- */

START_TEST(over_use_is_refused_with_the_balance_and_has_no_effect)
{
    say(issue());
    say(use(1, "A", "40.5"));
    assert_refused(use(1, "B", "59.500001"), "over-use",
                   "item 1: 59.500001 C62 more are used, and 59.5 C62 are left: 100 certified, "
                   "40.5 used before");
    take(use(1, "B", "59.500001"));
    assert_used(1, "40.5");
    say(use(1, "B", "59.5"));
}
END_TEST

START_TEST(another_unit_is_refused_with_the_balance)
{
    say(issue());
    assert_refused(treat_with(1, TREATMENT_GRANTED, "A", "1", "KGM"), "other-unit",
                   "used in KGM, and counted in C62, of which 100 is left");
}
END_TEST

START_TEST(an_item_that_is_not_certified_or_stands_twice_is_refused)
{
    struct lifecycle_event twice = use(1, "A", "1");
    twice.repeated = 1;
    say(issue());
    assert_refused(use(3, "A", "1"), "unknown-item", "has items 1 to 2");
    assert_refused(use(0, "A", "1"), "unknown-item", "item 0");
    assert_refused(twice, "repeated-item", "stands twice");
}
END_TEST

START_TEST(a_declaration_told_again_replaces_what_it_said)
{
    say(issue());
    say(use(1, "A", "100"));
    say(use(1, "A", "30"));
    assert_used(1, "30");
    say(use(1, "A", "0"));
    assert_used(1, "0");
    say(use(1, "", "60"));
    say(use(1, "", "40"));
    assert_used(1, "100");
}
END_TEST

START_TEST(a_denial_gives_back_what_its_declaration_used_and_leaves_other_items)
{
    say(issue());
    say(use(1, "A", "70"));
    say(use(2, "A", "50.5"));
    say(treat_with(1, TREATMENT_DENIED, "A", "70", PIECES));
    assert_used(1, "0");
    assert_used(2, "50.5");
    ck_assert_int_eq(life.items[0].treatment, TREATMENT_DENIED);
    ck_assert_int_eq(life.items[1].treatment, TREATMENT_GRANTED);
    say(treat_with(1, TREATMENT_REINSTATED, "A", "70", PIECES));
    assert_used(1, "70");
}
END_TEST

START_TEST(what_was_right_can_be_taken_back_after_a_correction_below_it)
{
    say(issue());
    say(use(1, "A", "90"));
    say(amend_quantity(1, "50"));
    say(answer(1, ANSWER_AGREED));
    say(use(1, "A", "80"));
    assert_refused(use(1, "B", "1"), "over-use", "0 C62 are left");
}
END_TEST

START_TEST(a_correction_to_another_unit_counts_the_item_anew)
{
    struct lifecycle_event event = amend_quantity(1, "500");
    struct lifecycle_line line = event.lines[0];
    line.unit = TEXT("KGM");
    event.lines = &line;
    say(issue());
    say(use(1, "A", "90"));
    say(event);
    say(answer(1, ANSWER_AGREED));
    assert_used(1, "0");
    assert_refused(use(1, "A", "90"), "other-unit", "counted in KGM, of which 500 is left");
    say(treat_with(1, TREATMENT_GRANTED, "A", "450", "KGM"));
    assert_used(1, "450");
}
END_TEST

/* ---- what is due ---- */

static struct lifecycle_matter matter(size_t at, size_t count)
{
    struct lifecycle_matter matters[MESSAGES];
    ck_assert_uint_eq(lifecycle_open(&life, matters, MESSAGES), count);
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
        a_cancelation_that_crosses_a_use_has_one_result_at_both_ends,
        two_amendments_that_cross_answers_and_uses_have_one_result,
        every_answer_to_every_amendment_crosses_to_one_result,
        a_certificate_is_issued_then_used_until_it_is_exhausted,
        both_regimes_of_correction_are_agreed_by_the_importing_party,
        a_cancelation_that_is_declined_leaves_the_certificate_as_it_was,
        a_cancelled_certificate_is_final,
        a_certificate_expires_behind_its_last_day,
        a_certificate_is_suspended_as_a_whole_or_when_all_its_items_are,
        a_refused_certificate_is_refused,
        an_answer_needs_an_amendment_of_the_certificate,
        over_use_is_refused_with_the_balance_and_has_no_effect,
        another_unit_is_refused_with_the_balance,
        an_item_that_is_not_certified_or_stands_twice_is_refused,
        a_declaration_told_again_replaces_what_it_said,
        a_denial_gives_back_what_its_declaration_used_and_leaves_other_items,
        what_was_right_can_be_taken_back_after_a_correction_below_it,
        a_correction_to_another_unit_counts_the_item_anew,
        a_verification_has_its_two_dates_and_ends_with_the_next_treatment,
        the_reasons_of_a_denial_are_due_in_sixty_days,
        an_amendment_is_open_until_its_final_answer,
        a_certificate_is_read_with_its_quantities_and_is_valid_for_twelve_months,
        the_messages_about_a_certificate_are_read,
        an_item_that_stands_twice_in_a_feedback_is_noticed,
    };
    return suite_run("lifecycle", tests, SUITE_COUNT(tests), start);
}
