/* The golden vectors of frames: the C code makes exactly these bytes, and reads them
 * back. tests/vectors/verify.py recomputes the same files independently. */
#include "proto/frame.h"
#include "tests/unit/vectors.h"

static void hello_put(const json_t *object, struct buffer *out)
{
    const json_t *versions = json_object_get(object, "versions");
    struct frame_hello hello = {
        .version_count = json_array_size(versions),
        .party = text_at(object, "party"),
        .environment = text_at(object, "environment"),
        .origin = text_at(object, "origin"),
        .size = number_at(object, "size"),
        .card_serial = number_at(object, "card_serial"),
        .time_ms = number_at(object, "time_ms"),
    };
    for (size_t i = 0; i < hello.version_count; i++) {
        hello.versions[i] = (uint32_t)json_integer_value(json_array_get(versions, i));
    }
    frame_hello_pack(&hello, out);
}

static void welcome_put(const json_t *object, struct buffer *out)
{
    frame_welcome_pack(
        &(struct frame_welcome){
            .version = (uint32_t)number_at(object, "version"),
            .size = number_at(object, "size"),
            .checkpoint = bytes_at(object, "checkpoint"),
            .credit = number_at(object, "credit"),
            .card_serial = number_at(object, "card_serial"),
            .time_ms = number_at(object, "time_ms"),
        },
        out);
}

static size_t items_at(const json_t *object, struct frame_item items[8])
{
    const json_t *pairs = json_object_get(object, "items");
    size_t i;
    json_t *pair;
    json_array_foreach(pairs, i, pair)
    {
        items[i].entry = hex_bytes(text_of(json_string_value(json_array_get(pair, 0))));
        items[i].payload = hex_bytes(text_of(json_string_value(json_array_get(pair, 1))));
    }
    return json_array_size(pairs);
}

static void push_put(const json_t *object, struct buffer *out)
{
    struct frame_item items[8];
    size_t count = items_at(object, items);
    frame_push_pack(&(struct frame_push){number_at(object, "first"), items, count,
                                         bytes_at(object, "checkpoint")},
                    out);
}

static void entries_put(const json_t *object, struct buffer *out)
{
    struct frame_item items[4][8];
    struct frame_run runs[4];
    const json_t *rows = json_object_get(object, "runs");
    size_t i;
    json_t *row;
    json_array_foreach(rows, i, row)
    {
        size_t count = items_at(row, items[i]);
        runs[i] = (struct frame_run){items[i], count, bytes_at(row, "checkpoint")};
    }
    frame_entries_pack(
        &(struct frame_entries){number_at(object, "first"), runs, json_array_size(rows)}, out);
}

static void fetch_put(const json_t *object, struct buffer *out)
{
    frame_fetch_pack(&(struct frame_fetch){text_at(object, "origin"), number_at(object, "first")},
                     out);
}

static void receipt_put(const json_t *object, struct buffer *out)
{
    frame_receipt_pack(
        &(struct frame_receipt){bytes_at(object, "checkpoint"), number_at(object, "credit")}, out);
}

static void card_put(const json_t *object, struct buffer *out)
{
    frame_note_pack(FRAME_CARD, bytes_at(object, "note"), out);
}

static void agreement_put(const json_t *object, struct buffer *out)
{
    frame_note_pack(FRAME_AGREEMENT, bytes_at(object, "note"), out);
}

static void revocation_put(const json_t *object, struct buffer *out)
{
    frame_note_pack(FRAME_REVOCATION, bytes_at(object, "note"), out);
}

static void refuse_put(const json_t *object, struct buffer *out)
{
    frame_refuse_pack(&(struct frame_refuse){(enum refusal)number_at(object, "refusal"),
                                             text_at(object, "sentence"),
                                             number_at(object, "index")},
                      out);
}

static void ask_put(const json_t *object, struct buffer *out)
{
    frame_ask_pack(&(struct frame_ask){number_at(object, "number"), text_at(object, "origin"),
                                       number_at(object, "first"), number_at(object, "max")},
                   out);
}

static void holds_put(const json_t *object, struct buffer *out)
{
    struct frame_row held[8];
    const json_t *rows = json_object_get(object, "rows");
    size_t i;
    json_t *row;
    json_array_foreach(rows, i, row)
    {
        held[i] = (struct frame_row){
            .operation = (enum operation)number_at(row, "operation"),
            .number = text_at(row, "number"),
            .time_ms = number_at(row, "time_ms"),
            .judgement = (enum frame_judgement)number_at(row, "judgement"),
            .taken = json_is_true(json_object_get(row, "taken")),
        };
        memcpy(held[i].id.bytes, bytes_at(row, "id").data, sizeof held[i].id.bytes);
        memcpy(held[i].leaf.bytes, bytes_at(row, "leaf").data, sizeof held[i].leaf.bytes);
    }
    frame_holds_pack(&(struct frame_holds){number_at(object, "number"), number_at(object, "size"),
                                           held, json_array_size(rows)},
                     out);
}

static void rows_put(enum frame_kind kind, const json_t *object, struct buffer *out)
{
    struct frame_text texts[8];
    const json_t *rows = json_object_get(object, "rows");
    size_t i;
    json_t *row;
    json_array_foreach(rows, i, row)
    {
        texts[i] = (struct frame_text){.kind = (enum frame_kind)number_at(row, "kind"),
                                       .name = text_at(row, "name"),
                                       .number = number_at(row, "number")};
        memcpy(texts[i].digest.bytes, bytes_at(row, "digest").data, sizeof texts[i].digest.bytes);
    }
    frame_texts_pack(kind, &(struct frame_texts){texts, json_array_size(rows)}, out);
}

static void texts_put(const json_t *object, struct buffer *out)
{
    rows_put(FRAME_TEXTS, object, out);
}

static void want_put(const json_t *object, struct buffer *out)
{
    rows_put(FRAME_WANT, object, out);
}

static const struct {
    const char *kind;
    enum frame_kind number;
    void (*put)(const json_t *object, struct buffer *out);
} frames[] = {
    {"hello", FRAME_HELLO, hello_put},    {"welcome", FRAME_WELCOME, welcome_put},
    {"push", FRAME_PUSH, push_put},       {"receipt", FRAME_RECEIPT, receipt_put},
    {"card", FRAME_CARD, card_put},       {"agreement", FRAME_AGREEMENT, agreement_put},
    {"refuse", FRAME_REFUSE, refuse_put}, {"ask", FRAME_ASK, ask_put},
    {"holds", FRAME_HOLDS, holds_put},    {"texts", FRAME_TEXTS, texts_put},
    {"want", FRAME_WANT, want_put},       {"revocation", FRAME_REVOCATION, revocation_put},
    {"fetch", FRAME_FETCH, fetch_put},    {"entries", FRAME_ENTRIES, entries_put},
};

static void frame_put_again(const struct frame *frame, struct buffer *out)
{
    switch (frame->kind) {
    case FRAME_HELLO:
        frame_hello_pack(&frame->hello, out);
        break;
    case FRAME_WELCOME:
        frame_welcome_pack(&frame->welcome, out);
        break;
    case FRAME_PUSH:
        frame_push_pack(&frame->push, out);
        break;
    case FRAME_RECEIPT:
        frame_receipt_pack(&frame->receipt, out);
        break;
    case FRAME_CARD:
    case FRAME_AGREEMENT:
    case FRAME_REVOCATION:
        frame_note_pack(frame->kind, frame->note.note, out);
        break;
    case FRAME_REFUSE:
        frame_refuse_pack(&frame->refuse, out);
        break;
    case FRAME_ASK:
        frame_ask_pack(&frame->ask, out);
        break;
    case FRAME_HOLDS:
        frame_holds_pack(&frame->holds, out);
        break;
    case FRAME_TEXTS:
    case FRAME_WANT:
        frame_texts_pack(frame->kind, &frame->texts, out);
        break;
    case FRAME_FETCH:
        frame_fetch_pack(&frame->fetch, out);
        break;
    case FRAME_ENTRIES:
        frame_entries_pack(&frame->entries, out);
        break;
    }
}

static void check_frame(const json_t *object, const json_t *document)
{
    (void)document;
    size_t row = 0;
    while (!text_equal(text_at(object, "kind"), text_of(frames[row].kind))) {
        row++;
        ck_assert_uint_lt(row, sizeof frames / sizeof frames[0]);
    }
    struct frame read;
    struct buffer packed = {0};
    struct buffer again = {0};
    frames[row].put(object, &packed);
    check_bytes(object, "packed", buffer_bytes(&packed));
    assert_ok(frame_unpack(buffer_bytes(&packed), &arena, &read, &error));
    ck_assert_int_eq(read.kind, frames[row].number);
    frame_put_again(&read, &again);
    check_bytes(object, "packed", buffer_bytes(&again));
    buffer_free(&packed);
    buffer_free(&again);
}

START_TEST(frames_are_those_of_the_vectors)
{
    vectors_each("frames.json", check_frame);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {frames_are_those_of_the_vectors};
    return suite_run("vectors of frames", tests, SUITE_COUNT(tests), NULL);
}
