/* Both ends come to the same state however the messages of the two channels cross: every
 * interleaving is tried in which nobody answers what has not been said. */
#include "tests/unit/lifecycle_scene.h"

#include <stdio.h>

#define MESSAGES ((size_t)8)

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

/* Two channels after the issue. `after[i]` is how many messages of the exporter's channel must have
 * come before message i of the importer's: who answers a message has read it. */
struct crossing {
    struct lifecycle_event exporter[MESSAGES];
    size_t exporter_count;
    struct lifecycle_event importer[MESSAGES];
    size_t importer_count;
    size_t after[MESSAGES];
};

/* The interleavings that were tried, the one that is being made, and what the first came to. */
struct trial {
    const struct crossing *crossing;
    char order[2 * MESSAGES];
    char first[2048];
    size_t count;
};

/* Lives the life of one interleaving of `size` messages: it must come to what the first came to. */
static void live(struct trial *trial, size_t size)
{
    char found[sizeof trial->first];
    const struct lifecycle_event *exporter = trial->crossing->exporter;
    const struct lifecycle_event *importer = trial->crossing->importer;
    life = (struct lifecycle){.arena = &arena};
    take(issue());
    for (size_t i = 0; i < size; i++) {
        take(trial->order[i] == 'E' ? *exporter++ : *importer++);
    }
    describe(&life, found, sizeof found);
    if (trial->count++ == 0) {
        memcpy(trial->first, found, sizeof found);
    }
    ck_assert_msg(strcmp(trial->first, found) == 0, "%.*s gives\n%s\ninstead of\n%s", (int)size,
                  trial->order, found, trial->first);
}

/* Tries what may follow `from` messages of the exporter and `to` of the importer. */
static void interleave(struct trial *trial, size_t from, size_t to)
{
    const struct crossing *crossing = trial->crossing;
    if (from < crossing->exporter_count) {
        trial->order[from + to] = 'E';
        interleave(trial, from + 1, to);
    }
    if (to < crossing->importer_count && crossing->after[to] <= from) {
        trial->order[from + to] = 'I';
        interleave(trial, from, to + 1);
    }
    if (from == crossing->exporter_count && to == crossing->importer_count) {
        live(trial, from + to);
    }
}

/* Gives how many interleavings there were; `life` is as after the last. */
static size_t assert_crossing(const struct crossing *crossing)
{
    struct trial trial = {.crossing = crossing};
    interleave(&trial, 0, 0);
    return trial.count;
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
    ck_assert_uint_eq(assert_crossing(&crossing), 61);
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
            ck_assert_uint_eq(assert_crossing(&crossing), 7);
        }
    }
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        a_cancelation_that_crosses_a_use_has_one_result_at_both_ends,
        two_amendments_that_cross_answers_and_uses_have_one_result,
        every_answer_to_every_amendment_crosses_to_one_result,
    };
    return suite_run("lifecycle crossing", tests, SUITE_COUNT(tests), scene_start);
}
