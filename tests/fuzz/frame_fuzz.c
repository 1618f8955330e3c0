/* Fuzzes frame_unpack: what is taken is written back as the same bytes. */
#include "proto/frame.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void frame_pack(const struct frame *frame, struct buffer *out)
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

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct arena arena = {.limit = (size_t)1 << 20};
    struct frame frame;
    struct error error;
    struct buffer again = {0};
    arena_reset(&arena);
    if (frame_unpack((struct bytes){data, size}, &arena, &frame, &error) == RESULT_OK) {
        frame_pack(&frame, &again);
        if (!bytes_equal(buffer_bytes(&again), (struct bytes){data, size})) {
            abort();
        }
    }
    buffer_free(&again);
    return 0;
}
