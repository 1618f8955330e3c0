/* What the tests of fetching back share: Korea loses its store, and asks; Indonesia answers. The
 * test carries the frames, and changes them on the way. */
#ifndef COMESH_TESTS_FETCH_FIXTURE_H
#define COMESH_TESTS_FETCH_FIXTURE_H

#include "node/flow/fetch.h"

#include "tests/unit/flow_fixture.h"

#define CERTIFICATES 5

/* Korea's store is removed and made anew, empty. */
static inline void korea_loses_its_store(void)
{
    settle();
    outgoing_destroy(&outgoing);
    store_reader_close(&korea_reader);
    node_close(&korea);
    ck_assert_int_eq(nftw(korea.store, fixture_remove, 8, FTW_DEPTH | FTW_PHYS), 0);
    node_open(&korea);
    assert_ok(store_reader_open(korea.flow.store, &korea_reader, &error));
    assert_ok(outgoing_new(&korea.flow, korea_reader, TEXT("ID"), &home, &outgoing, &error));
}

/* Korea's question in `asked`, and Indonesia's answer in `given`. */
static inline struct frame answer(struct buffer *asked, struct buffer *given)
{
    buffer_clear(asked);
    buffer_clear(given);
    assert_ok(outgoing_fetch(outgoing, asked, &error));
    ck_assert_uint_gt(asked->size, 0);
    struct frame frame = unpack(asked);
    ck_assert_int_eq(frame.kind, FRAME_FETCH);
    assert_ok(fetch_answer(indonesia_reader, TEXT("KR"), &frame.fetch, &arena, given, &error));
    frame = unpack(given);
    ck_assert_int_eq(frame.kind, FRAME_ENTRIES);
    return frame;
}

static inline void take(const struct frame_entries *entries)
{
    struct refused refused = {0};
    assert_ok(outgoing_entries(outgoing, entries, &refused, &error));
    settle();
}

/* Until all is back, and a new hello is welcomed. */
static inline void fetch_all(void)
{
    struct buffer asked = {0};
    struct buffer given = {0};
    while (!outgoing_is_fetched(outgoing)) {
        struct frame frame = answer(&asked, &given);
        take(&frame.entries);
    }
    open_lane();
    buffer_free(&asked);
    buffer_free(&given);
}

/* Two runs, of four certificates and of one, are with Indonesia; then Korea has lost all, says
 * hello and knows it. */
static inline void start(void)
{
    open_lane();
    for (unsigned serial = 1; serial < CERTIFICATES; serial++) {
        ck_assert_int_eq(submit_certificate(serial).result, RESULT_OK);
    }
    carry_all();
    ck_assert_int_eq(submit_certificate(CERTIFICATES).result, RESULT_OK);
    carry_all();
    korea_loses_its_store();
    open_lane();
    ck_assert(outgoing_is_fetching(outgoing) && !outgoing_is_fetched(outgoing));
}

/* Indonesia's welcome to a new hello of Korea. */
static inline struct frame_welcome welcome_of_indonesia(void)
{
    struct buffer hello = {0};
    struct buffer welcome = {0};
    struct refused refused = {0};
    assert_ok(outgoing_hello(outgoing, &hello, &error));
    struct frame frame = unpack(&hello);
    assert_ok(incoming_hello(incoming, &frame.hello, &welcome, &refused, &error));
    const struct text kept = arena_text(&arena, buffer_view(&welcome));
    assert_ok(frame_unpack(text_bytes(kept), &arena, &frame, &error));
    buffer_free(&hello);
    buffer_free(&welcome);
    return frame.welcome;
}

/* An answer of Indonesia that a test may change: its first run, of four entries. */
struct offer {
    struct frame_entries entries;
    struct frame_run run;
    struct frame_item items[CERTIFICATES];
};

static inline struct offer offer_of(const struct frame *frame)
{
    struct offer offer = {.entries = frame->entries, .run = frame->entries.runs[0]};
    ck_assert_uint_eq(offer.run.count, CERTIFICATES - 1);
    memcpy(offer.items, offer.run.items, offer.run.count * sizeof offer.items[0]);
    offer.entries.count = 1;
    return offer;
}

static inline enum result take_offer(struct offer *offer, struct refused *refused)
{
    offer->entries.runs = &offer->run;
    offer->run.items = offer->items;
    return outgoing_entries(outgoing, &offer->entries, refused, &error);
}

#endif
