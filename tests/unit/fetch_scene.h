/* Both channels between Korea and Indonesia: each says something about what the other said, then
 * Korea loses its store. */
#ifndef COMESH_TESTS_FETCH_SCENE_H
#define COMESH_TESTS_FETCH_SCENE_H

#include "tests/unit/fetch_fixture.h"

static struct outgoing *outgoing_back; /* of Indonesia to Korea */
static struct incoming *incoming_back; /* of Korea from Indonesia */

/* From here on outgoing and incoming, with what carries between them, are of the other channel. */
static inline void turn_round(void)
{
    struct outgoing *to = outgoing;
    struct incoming *from = incoming;
    outgoing = outgoing_back;
    incoming = incoming_back;
    outgoing_back = to;
    incoming_back = from;
}

static inline void both_start(void)
{
    flows_start();
    flow_set_heard(&korea.flow, TEXT("ID"));
    assert_ok(
        outgoing_new(&indonesia.flow, indonesia_reader, TEXT("KR"), &home, &outgoing_back, &error));
    assert_ok(incoming_new(&korea.flow, korea_reader, TEXT("ID"), &home, keep_reply, NULL,
                           &incoming_back, &error));
}

static inline void both_end(void)
{
    outgoing_destroy(&outgoing_back);
    incoming_destroy(&incoming_back);
    flows_end();
}

/* The channel that Indonesia sends; NULL when the store has none. */
static inline const struct store_channel *theirs_of(struct store_reader *reader)
{
    const struct store_channel *channel = NULL;
    char origin[ORIGIN_MAX_BYTES];
    assert_ok(flow_origin(&indonesia.flow, TEXT("KR"), origin, &error));
    enum result result = flow_read_channel(reader, text_of(origin), &arena, &channel, &error);
    return result == RESULT_OK ? channel : NULL;
}

static inline struct store_message theirs_at(uint64_t index)
{
    struct store_message *messages = NULL;
    size_t count = 0;
    assert_ok(store_read_messages(korea_reader, theirs_of(korea_reader)->number, index, 1, &arena,
                                  &messages, &count, &error));
    ck_assert_uint_eq(count, 1);
    return messages[0];
}

/* A certificate of Indonesia, kept there. */
static inline void indonesia_has(unsigned serial)
{
    struct buffer document = {0};
    char number[32];
    char id[40];
    document_read("tests/samples/id-kr-co.json", &document);
    (void)snprintf(number, sizeof number, "JKT-AK-2026-%06u", serial);
    (void)snprintf(id, sizeof id, "0f7c3a52-94be-4c7d-8e21-%012u", serial);
    document_set(&document, "JKT-AK-2026-000381", number);
    document_set(&document, "0f7c3a52-94be-4c7d-8e21-c2b1d5a7f402", id);
    ck_assert_int_eq(submit_one(&indonesia, OPERATION_CO, &document).result, RESULT_OK);
    buffer_free(&document);
}

/* A certificate of Indonesia goes to Korea, with all that is said before it. */
static inline void indonesia_says(unsigned serial)
{
    indonesia_has(serial);
    turn_round();
    open_lane();
    carry_all();
    turn_round();
}

static inline void korea_says(void)
{
    open_lane();
    carry_all();
}

static inline void korea_loses_both(void)
{
    settle();
    incoming_destroy(&incoming_back);
    korea_loses_its_store();
    assert_ok(incoming_new(&korea.flow, korea_reader, TEXT("ID"), &home, keep_reply, NULL,
                           &incoming_back, &error));
    open_lane();
    ck_assert(outgoing_is_fetching(outgoing));
}

static inline uint64_t size_of(const struct store_channel *channel)
{
    return channel == NULL ? 0 : channel->size;
}

static inline void assert_held(uint64_t ours, uint64_t theirs)
{
    ck_assert_uint_eq(size_of(channel_of(korea_reader)), ours);
    ck_assert_uint_eq(size_of(theirs_of(korea_reader)), theirs);
}

/* Asks for what is lacked, and takes of the answer so many runs, each of so many entries; one that
 * is cut goes without its receipt. */
static inline enum result take_part(size_t runs, size_t entries, struct refused *refused)
{
    struct buffer asked = {0};
    struct buffer given = {0};
    struct frame frame = answer(&asked, &given);
    struct frame_entries part = frame.entries;
    struct frame_run *cut = arena_alloc(&arena, (part.count + 1) * sizeof *cut);
    memcpy(cut, part.runs, part.count * sizeof *cut);
    part.runs = cut;
    part.count = part.count < runs ? part.count : runs;
    for (size_t i = 0; i < part.count; i++) {
        if (cut[i].count > entries) {
            cut[i].count = entries;
            cut[i].checkpoint.size = 0;
        }
    }
    enum result result = outgoing_entries(outgoing, &part, refused, &error);
    settle();
    buffer_free(&asked);
    buffer_free(&given);
    return result;
}

#define ALL SIZE_MAX

#define assert_taken(runs, entries)                                                                \
    do {                                                                                           \
        struct refused told = {0};                                                                 \
        assert_ok(take_part((runs), (entries), &told));                                            \
    } while (0)

/* Ours: verdict, certificate | verdict. Theirs: certificate | verdict, certificate. */
static inline void talk(void)
{
    indonesia_says(1);
    ck_assert_int_eq(submit_certificate(1).result, RESULT_OK);
    korea_says();
    indonesia_says(2);
    korea_says();
    assert_held(3, 3);
    ck_assert_int_eq(message_at(korea_reader, 1).outcome, VERDICT_ACCEPTED);
}

#endif
