/* Fetching back: what Indonesia gives is not what both signed, and is not believed. The test
 * carries the frames, and changes them on the way. */
#include "keys/checkpoint.h"
#include "tests/unit/fetch_fixture.h"

/* What Indonesia gives, as `change` makes it, holds the channel with these words; nothing of it is
 * stored. */
static void refuses(void (*change)(struct offer *), const char *words)
{
    struct buffer asked = {0};
    struct buffer given = {0};
    struct refused refused = {0};
    start();
    struct frame frame = answer(&asked, &given);
    struct offer offer = offer_of(&frame);
    change(&offer);
    ck_assert_int_eq(take_offer(&offer, &refused), RESULT_HELD);
    settle();
    ck_assert_int_eq(refused.refusal, REFUSAL_BEHIND);
    ck_assert_msg(strstr(refused.sentence, words) != NULL, "'%s' is not in: %s", words,
                  refused.sentence);
    ck_assert_ptr_null(channel_of(korea_reader));
    ck_assert(flow_is_behind(&korea.flow, TEXT("ID")));
    buffer_free(&asked);
    buffer_free(&given);
}

static void change_payload(struct offer *offer)
{
    offer->items[2].payload = offer->items[0].payload;
}

static void swap_entries(struct offer *offer)
{
    const struct frame_item first = offer->items[0];
    offer->items[0] = offer->items[1];
    offer->items[1] = first;
}

static void give_fewer(struct offer *offer)
{
    offer->run.count--;
}

static void give_none(struct offer *offer)
{
    offer->entries.count = 0;
}

static void begin_elsewhere(struct offer *offer)
{
    offer->entries.first = 1;
}

static void leave_out_their_signature(struct offer *offer)
{
    offer->run.checkpoint = checkpoint_without_receipt(offer->run.checkpoint);
}

static void leave_out_our_signature(struct offer *offer)
{
    static uint8_t note[FRAME_NOTE_MAX_BYTES];
    const struct bytes whole = offer->run.checkpoint;
    const uint8_t *text_end = memmem(whole.data, whole.size, "\n\n", 2);
    const uint8_t *line_end = memchr(text_end + 2, '\n', whole.size);
    size_t head = (size_t)(text_end + 2 - whole.data);
    size_t tail = whole.size - (size_t)(line_end + 1 - whole.data);
    memcpy(note, whole.data, head);
    memcpy(note + head, line_end + 1, tail);
    offer->run.checkpoint = (struct bytes){note, head + tail};
}

START_TEST(a_payload_of_another_entry_holds_the_channel)
{
    refuses(change_payload, "payload is not the one that it names");
}
END_TEST

START_TEST(entries_in_another_order_hold_the_channel)
{
    refuses(swap_entries, "stands where entry 0");
}
END_TEST

START_TEST(fewer_entries_than_were_signed_hold_the_channel)
{
    refuses(give_fewer, "are not those that both signed");
}
END_TEST

START_TEST(a_partner_that_gives_none_of_what_it_says_it_holds_is_held)
{
    refuses(give_none, "gives back none");
}
END_TEST

START_TEST(entries_from_elsewhere_hold_the_channel)
{
    refuses(begin_elsewhere, "given from 1");
}
END_TEST

START_TEST(entries_that_the_partner_did_not_sign_hold_the_channel)
{
    refuses(leave_out_their_signature, "no signature by a receipt key");
}
END_TEST

START_TEST(entries_that_we_did_not_sign_hold_the_channel)
{
    refuses(leave_out_our_signature, "no signature by a checkpoint key");
}
END_TEST

/* A note of that root that Korea signed and Indonesia cosigned. */
static struct bytes signed_by_both(const char *origin, uint64_t size)
{
    char name[CARD_NAME_BYTES];
    struct buffer note = {0};
    struct buffer cosigned = {0};
    struct merkle_tree tree;
    struct checkpoint checkpoint = {.origin = text_of(origin), .size = size};
    struct store_hashes hashes = {indonesia_reader, channel_of(indonesia_reader)->number};
    assert_ok(merkle_load(store_read_hash, &hashes, CERTIFICATES - 1, &tree, &error));
    merkle_root(&tree, &checkpoint.root);
    card_key_name(&korea.card, KEY_CHECKPOINT, name);
    assert_ok(
        checkpoint_sign(&checkpoint, text_of(name), korea.keys[KEY_CHECKPOINT], &note, &error));
    card_key_name(&indonesia.card, KEY_RECEIPT, name);
    assert_ok(checkpoint_cosign(buffer_bytes(&note), world_wall_ms(world_real()) / 1000,
                                text_of(name), indonesia.keys[KEY_RECEIPT], &cosigned, &error));
    const struct text kept = arena_text(&arena, buffer_view(&cosigned));
    buffer_free(&note);
    buffer_free(&cosigned);
    return text_bytes(kept);
}

/* The last entry with another id: well formed, and not what was signed. */
static void give_another(struct offer *offer)
{
    struct buffer packed = {0};
    struct entry entry;
    struct frame_item *last = &offer->items[offer->run.count - 1];
    assert_ok(entry_unpack(last->entry, &entry, &error));
    entry.id.bytes[0] ^= 1;
    entry_pack(&entry, &packed);
    const struct text kept = arena_text(&arena, buffer_view(&packed));
    last->entry = text_bytes(kept);
    buffer_free(&packed);
}

/* The same root, signed by both for another channel. */
static void sign_for_another_channel(struct offer *offer)
{
    offer->run.checkpoint = signed_by_both("test.coconnect.customs.go.kr/UY/1", CERTIFICATES - 1);
}

/* The same root, signed by both as if it were of fewer entries. */
static void sign_for_another_size(struct offer *offer)
{
    offer->run.checkpoint = signed_by_both("test.coconnect.customs.go.kr/ID/1", CERTIFICATES - 2);
}

static void give_a_run_of_none(struct offer *offer)
{
    offer->run.count = 0;
}

START_TEST(entries_that_were_not_signed_hold_the_channel)
{
    refuses(give_another, "are not those that both signed");
}
END_TEST

START_TEST(a_receipt_of_another_channel_holds_the_channel)
{
    refuses(sign_for_another_channel, "are not those that both signed");
}
END_TEST

START_TEST(a_receipt_of_another_size_holds_the_channel)
{
    refuses(sign_for_another_size, "are not those that both signed");
}
END_TEST

START_TEST(a_run_without_entries_holds_the_channel)
{
    refuses(give_a_run_of_none, "given without entries");
}
END_TEST

START_TEST(a_run_whose_receipt_never_comes_holds_the_channel_before_it_fills_the_memory)
{
    struct buffer asked = {0};
    struct buffer given = {0};
    struct refused refused = {0};
    struct merkle_hash hash;
    static const uint8_t block[200 << 10];
    enum result result = RESULT_OK;
    start();
    struct frame frame = answer(&asked, &given);
    merkle_sha256((struct bytes){block, sizeof block}, &hash);
    for (uint64_t index = 0; result == RESULT_OK; index++) {
        struct buffer packed = {0};
        struct entry entry;
        ck_assert_uint_lt(index, 128);
        assert_ok(entry_unpack(frame.entries.runs[0].items[0].entry, &entry, &error));
        entry.index = index;
        entry.payload_size = sizeof block;
        entry.payload_hash = hash;
        entry_pack(&entry, &packed);
        const struct frame_item item = {buffer_bytes(&packed), {block, sizeof block}};
        const struct frame_run run = {&item, 1, {NULL, 0}};
        const struct frame_entries entries = {index, &run, 1};
        result = outgoing_entries(outgoing, &entries, &refused, &error);
        if (result == RESULT_OK) {
            buffer_clear(&asked);
            assert_ok(outgoing_fetch(outgoing, &asked, &error));
        }
        buffer_free(&packed);
    }
    settle();
    ck_assert_int_eq(result, RESULT_HELD);
    ck_assert_ptr_nonnull(strstr(refused.sentence, "without a receipt"));
    buffer_free(&asked);
    buffer_free(&given);
}
END_TEST

START_TEST(what_may_be_signed_by_a_newer_card_waits_for_the_card)
{
    struct buffer asked = {0};
    struct buffer given = {0};
    struct refused refused = {0};
    start();
    struct frame_welcome welcome = welcome_of_indonesia();
    welcome.card_serial++;
    assert_ok(outgoing_welcome(outgoing, &welcome, &refused, &error));
    struct frame frame = answer(&asked, &given);
    struct offer offer = offer_of(&frame);
    leave_out_their_signature(&offer);
    ck_assert_int_eq(take_offer(&offer, &refused), RESULT_UNTRUSTED);
    ck_assert_int_eq(refused.refusal, REFUSAL_KEY);
    ck_assert_ptr_nonnull(strstr(refused.sentence, "card 2 must come first"));
    ck_assert(flow_is_behind(&korea.flow, TEXT("ID")));
    open_lane();
    fetch_all();
    buffer_free(&asked);
    buffer_free(&given);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        a_payload_of_another_entry_holds_the_channel,
        entries_in_another_order_hold_the_channel,
        fewer_entries_than_were_signed_hold_the_channel,
        a_partner_that_gives_none_of_what_it_says_it_holds_is_held,
        entries_from_elsewhere_hold_the_channel,
        entries_that_the_partner_did_not_sign_hold_the_channel,
        entries_that_we_did_not_sign_hold_the_channel,
        entries_that_were_not_signed_hold_the_channel,
        a_receipt_of_another_channel_holds_the_channel,
        a_receipt_of_another_size_holds_the_channel,
        a_run_without_entries_holds_the_channel,
        a_run_whose_receipt_never_comes_holds_the_channel_before_it_fills_the_memory,
        what_may_be_signed_by_a_newer_card_waits_for_the_card,
    };
    return suite_run_with("fetch_refuse", tests, SUITE_COUNT(tests), flows_start, flows_end);
}
