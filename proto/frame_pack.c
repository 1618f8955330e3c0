/* Packing the frames of the lane. See frame.h. */
#include "proto/frame.h"
#include "proto/frame_fields.h"
#include "proto/mp.h"

static void frame_begin(struct buffer *out, size_t fields, enum frame_kind kind)
{
    mp_put_array(out, fields);
    mp_put_uint(out, kind);
}

void frame_hello_pack(const struct frame_hello *hello, struct buffer *out)
{
    frame_begin(out, HELLO_FIELDS, FRAME_HELLO);
    mp_put_array(out, hello->version_count);
    for (size_t i = 0; i < hello->version_count; i++) {
        mp_put_uint(out, hello->versions[i]);
    }
    mp_put_str(out, hello->party);
    mp_put_str(out, hello->environment);
    mp_put_str(out, hello->origin);
    mp_put_uint(out, hello->size);
    mp_put_uint(out, hello->card_serial);
    mp_put_uint(out, hello->time_ms);
}

void frame_welcome_pack(const struct frame_welcome *welcome, struct buffer *out)
{
    frame_begin(out, WELCOME_FIELDS, FRAME_WELCOME);
    mp_put_uint(out, welcome->version);
    mp_put_uint(out, welcome->size);
    mp_put_bin(out, welcome->checkpoint);
    mp_put_uint(out, welcome->credit);
    mp_put_uint(out, welcome->card_serial);
    mp_put_uint(out, welcome->time_ms);
}

static size_t items_bytes(const struct frame_item *items, size_t count)
{
    size_t size = 0;
    for (size_t i = 0; i < count; i++) {
        size += items[i].entry.size + items[i].payload.size + FRAME_ITEM_HEAD_BYTES;
    }
    return size;
}

static void items_pack(const struct frame_item *items, size_t count, struct buffer *out)
{
    mp_put_array(out, count);
    for (size_t i = 0; i < count; i++) {
        mp_put_array(out, 2);
        mp_put_bin(out, items[i].entry);
        mp_put_bin(out, items[i].payload);
    }
}

void frame_push_pack(const struct frame_push *push, struct buffer *out)
{
    size_t size = items_bytes(push->items, push->count) + push->checkpoint.size;
    if (buffer_reserve(out, size + FRAME_ITEM_HEAD_BYTES) != RESULT_OK) {
        return;
    }
    frame_begin(out, PUSH_FIELDS, FRAME_PUSH);
    mp_put_uint(out, push->first);
    items_pack(push->items, push->count, out);
    mp_put_bin(out, push->checkpoint);
}

void frame_entries_pack(const struct frame_entries *entries, struct buffer *out)
{
    frame_begin(out, ENTRIES_FIELDS, FRAME_ENTRIES);
    mp_put_uint(out, entries->first);
    mp_put_array(out, entries->count);
    for (size_t i = 0; i < entries->count; i++) {
        mp_put_array(out, RUN_FIELDS);
        items_pack(entries->runs[i].items, entries->runs[i].count, out);
        mp_put_bin(out, entries->runs[i].checkpoint);
    }
}

void frame_receipt_pack(const struct frame_receipt *receipt, struct buffer *out)
{
    frame_begin(out, RECEIPT_FIELDS, FRAME_RECEIPT);
    mp_put_bin(out, receipt->checkpoint);
    mp_put_uint(out, receipt->credit);
}

void frame_note_pack(enum frame_kind kind, struct bytes note, struct buffer *out)
{
    frame_begin(out, NOTE_FIELDS, kind);
    mp_put_bin(out, note);
}

void frame_refuse_pack(const struct frame_refuse *refuse, struct buffer *out)
{
    frame_begin(out, REFUSE_FIELDS, FRAME_REFUSE);
    mp_put_uint(out, refuse->refusal);
    mp_put_str(out, utf8_cut(refuse->sentence, FRAME_SENTENCE_BYTES));
    mp_put_uint(out, refuse->index);
}

void frame_ask_pack(const struct frame_ask *ask, struct buffer *out)
{
    frame_begin(out, ASK_FIELDS, FRAME_ASK);
    mp_put_uint(out, ask->number);
    mp_put_str(out, ask->origin);
    mp_put_uint(out, ask->first);
    mp_put_uint(out, ask->max);
}

void frame_holds_pack(const struct frame_holds *holds, struct buffer *out)
{
    frame_begin(out, HOLDS_FIELDS, FRAME_HOLDS);
    mp_put_uint(out, holds->number);
    mp_put_uint(out, holds->size);
    mp_put_array(out, holds->count);
    for (size_t i = 0; i < holds->count; i++) {
        const struct frame_row *row = &holds->rows[i];
        mp_put_array(out, ROW_FIELDS);
        mp_put_uint(out, row->operation);
        mp_put_bin(out, (struct bytes){row->id.bytes, sizeof row->id.bytes});
        mp_put_str(out, utf8_cut(row->number, FRAME_NUMBER_BYTES));
        mp_put_uint(out, row->time_ms);
        mp_put_bin(out, (struct bytes){row->leaf.bytes, sizeof row->leaf.bytes});
        mp_put_uint(out, row->judgement);
        mp_put_bool(out, row->taken);
    }
}

void frame_fetch_pack(const struct frame_fetch *fetch, struct buffer *out)
{
    frame_begin(out, FETCH_FIELDS, FRAME_FETCH);
    mp_put_str(out, fetch->origin);
    mp_put_uint(out, fetch->first);
}

void frame_texts_pack(enum frame_kind kind, const struct frame_texts *texts, struct buffer *out)
{
    frame_begin(out, TEXTS_FIELDS, kind);
    mp_put_array(out, texts->count);
    for (size_t i = 0; i < texts->count; i++) {
        const struct frame_text *text = &texts->rows[i];
        mp_put_array(out, TEXT_FIELDS);
        mp_put_uint(out, text->kind);
        mp_put_str(out, text->name);
        mp_put_uint(out, text->number);
        mp_put_bin(out, (struct bytes){text->digest.bytes, sizeof text->digest.bytes});
    }
}
