/* What the writer does with news of a channel of ours that come late or twice. */
#include "node/flow/ours.h"

#include "tests/unit/store_scene.h"

static struct flow flow;
static struct ours ours;

/* A channel of two entries whose first is receipted. */
static void start(void)
{
    scene_start();
    scene_reopen();
    scene_issue();
    scene_amend();
    flow = (struct flow){.store = store, .world = &scene_world};
    ours = (struct ours){.flow = &flow, .channel = outgoing};
}

/* Applied as the writer does it. */
static void apply(work_apply *how, uint64_t size, const char *note)
{
    struct ours_news *news = ours_news_new(&ours, sizeof *news, how);
    ck_assert_ptr_nonnull(news);
    news->size = size;
    (void)snprintf(news->reason, sizeof news->reason, "%s", note);
    buffer_text(&news->note, note);
    begin();
    assert_ok(news->work.apply(&news->work, store, &error));
    commit();
    ours_news_free(news);
}

/* The note of the newest receipt. */
static const char *newest_note(void)
{
    struct store_receipt receipt;
    struct store_reader *reader = NULL;
    const struct store_channel *channel = store_channel(store, outgoing);
    assert_ok(store_reader_open(store, &reader, &error));
    assert_ok(
        store_read_receipt(reader, outgoing, channel->receipt_size - 1, &arena, &receipt, &error));
    ck_assert_uint_eq(receipt.size, channel->receipt_size);
    const char *note = arena_text(&arena, bytes_text(receipt.note)).data;
    store_reader_close(&reader);
    return note;
}

START_TEST(a_receipt_of_more_takes_the_place_and_one_of_less_or_the_same_does_not)
{
    apply(ours_apply_receipt, 2, "two");
    ck_assert_str_eq(newest_note(), "two");
    apply(ours_apply_receipt, 2, "two again");
    apply(ours_apply_receipt, 1, "one, late");
    ck_assert_uint_eq(store_channel(store, outgoing)->receipt_size, 2);
    ck_assert_str_eq(newest_note(), "two");
}
END_TEST

START_TEST(the_first_reason_of_a_hold_stays_until_a_person_has_looked)
{
    apply(ours_apply_hold, 0, "the first");
    apply(ours_apply_hold, 0, "the second");
    ck_assert(store_channel(store, outgoing)->held);
    ck_assert_str_eq(store_channel(store, outgoing)->held_reason, "the first");
}
END_TEST

START_TEST(news_of_a_channel_that_is_not_there_change_nothing)
{
    ours.channel = 99;
    apply(ours_apply_receipt, 2, "two");
    apply(ours_apply_hold, 0, "held");
    ck_assert_uint_eq(store_channel(store, outgoing)->receipt_size, 1);
    ck_assert(!store_channel(store, outgoing)->held);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        a_receipt_of_more_takes_the_place_and_one_of_less_or_the_same_does_not,
        the_first_reason_of_a_hold_stays_until_a_person_has_looked,
        news_of_a_channel_that_is_not_there_change_nothing,
    };
    return suite_run_with("ours", tests, SUITE_COUNT(tests), start, scene_end);
}
