/* Hostile frames on the control socket, both ways. */
#include "node/control/wire.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void read_rows(struct mp_reader *reader, size_t count, const struct wire_shape *shape)
{
    for (size_t i = 0; i < count && reader->failed == RESULT_OK; i++) {
        struct wire_row row;
        struct message_id id;
        wire_row_read(reader, shape, &row);
        for (unsigned key = 0; key < shape->count; key++) {
            (void)wire_row_uint(&row, key);
            (void)wire_row_bool(&row, key);
            (void)wire_row_text(&row, key);
            (void)wire_row_id(&row, key, &id);
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct wire_shape *const shapes[] = {&wire_shape_node, &wire_shape_message,
                                                      &wire_shape_answer, &wire_shape_entry};
    struct bytes received = {data, size};
    struct bytes frame;
    struct error error;
    while (wire_frame_cut(&received, &frame, &error) == RESULT_OK && frame.data != NULL) {
        struct wire_request request;
        struct wire_reply reply;
        if (wire_request_read(frame, &request, &error) == RESULT_OK) {
            mp_skip(&request.arguments);
        }
        for (size_t i = 0; i < sizeof shapes / sizeof shapes[0]; i++) {
            if (wire_reply_read(frame, &reply, &error) == RESULT_OK && reply.kind == WIRE_PART) {
                read_rows(&reply.rows, reply.row_count, shapes[i]);
            }
        }
    }
    return 0;
}
