/* What packing (frame_pack.c) and unpacking (frame.c) of frames share. */
#ifndef COMESH_PROTO_FRAME_FIELDS_H
#define COMESH_PROTO_FRAME_FIELDS_H

/* Elements of each frame, its kind among them. */
enum {
    HELLO_FIELDS = 8,
    WELCOME_FIELDS = 7,
    PUSH_FIELDS = 4,
    RECEIPT_FIELDS = 3,
    NOTE_FIELDS = 2,
    REFUSE_FIELDS = 4,
    ASK_FIELDS = 5,
    HOLDS_FIELDS = 4,
    ROW_FIELDS = 7,
    TEXTS_FIELDS = 2,
    TEXT_FIELDS = 4,
    FETCH_FIELDS = 3,
    ENTRIES_FIELDS = 3,
    RUN_FIELDS = 2,
    FIELDS_MAX = 16,
};

#endif
