/* The ledger of a certificate: what of each item is used, given back, and left. */
#include "tests/unit/lifecycle_scene.h"

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

START_TEST(a_declaration_told_a_third_time_gives_back_what_it_said_last)
{
    say(issue());
    say(use(1, "A", "60"));
    say(use(1, "A", "30"));
    say(use(1, "B", "40"));
    say(use(1, "A", "10"));
    assert_used(1, "50");
}
END_TEST

/* What two messages say of one item, as one message. */
static struct lifecycle_event together(struct lifecycle_event one, struct lifecycle_event other)
{
    struct lifecycle_line *line = lines_of(1);
    struct lifecycle_use *uses = arena_zero(&arena, 2 * sizeof *uses);
    uses[0] = one.lines[0].uses[0];
    uses[1] = other.lines[0].uses[0];
    *line = one.lines[0];
    line->uses = uses;
    line->use_count = 2;
    one.lines = line;
    return one;
}

START_TEST(declarations_that_are_told_again_together_are_each_replaced)
{
    say(issue());
    say(together(use(1, "A", "60"), use(1, "B", "40")));
    assert_used(1, "100");
    say(together(use(1, "A", "45"), use(1, "B", "55")));
    assert_used(1, "100");
    assert_refused(together(use(1, "A", "46"), use(1, "B", "55")), "over-use",
                   "1 C62 more are used, and 0 C62 are left");
}
END_TEST

START_TEST(one_declaration_that_stands_twice_in_a_message_adds_up)
{
    say(issue());
    say(together(use(1, "A", "30"), use(1, "A", "20")));
    assert_used(1, "50");
    say(use(1, "A", "5"));
    assert_used(1, "5");
}
END_TEST

START_TEST(an_item_without_a_quantity_is_counted_in_the_unit_that_is_used_first)
{
    struct lifecycle_event event = issue();
    struct lifecycle_line *line = lines_of(1);
    line->number = 1;
    event.lines = line;
    event.line_count = 1;
    say(event);
    say(treat_with(1, TREATMENT_GRANTED, "A", "5000", "KGM"));
    assert_used(1, "5000");
    assert_refused(use(1, "B", "1"), "other-unit",
                   "used in C62, and counted in KGM; say it in KGM");
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
    say(use(1, "A", "90"));
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

int main(void)
{
    const TTest *const tests[] = {
        over_use_is_refused_with_the_balance_and_has_no_effect,
        another_unit_is_refused_with_the_balance,
        an_item_that_is_not_certified_or_stands_twice_is_refused,
        a_declaration_told_again_replaces_what_it_said,
        a_declaration_told_a_third_time_gives_back_what_it_said_last,
        declarations_that_are_told_again_together_are_each_replaced,
        one_declaration_that_stands_twice_in_a_message_adds_up,
        an_item_without_a_quantity_is_counted_in_the_unit_that_is_used_first,
        a_denial_gives_back_what_its_declaration_used_and_leaves_other_items,
        what_was_right_can_be_taken_back_after_a_correction_below_it,
        a_correction_to_another_unit_counts_the_item_anew,
    };
    return suite_run("lifecycle ledger", tests, SUITE_COUNT(tests), scene_start);
}
