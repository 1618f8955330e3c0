/* The bodies of the journal's records: canonical msgpack arrays, one shape per kind.
 * Table of shapes: node/README.md. Texts and bytes borrow from what was unpacked. Any thread. */
#ifndef COMESH_NODE_STORE_BODY_H
#define COMESH_NODE_STORE_BODY_H

#include "node/store/journal.h"
#include "node/store/store.h"

struct body_channel {
    uint32_t channel;
    enum store_direction direction;
    struct text partner;
    struct text origin;
};

struct body_entry {
    uint32_t channel;
    uint64_t index;
    uint64_t time_ms; /* of commit by our clock */
    struct bytes entry;
    struct bytes payload;
};

struct body_receipt {
    uint32_t channel;
    uint64_t size;
    uint64_t time_s;
    struct bytes note;
};

struct body_taken {
    uint32_t channel;
    uint64_t taken;
    uint64_t time_ms;
};

struct body_hold {
    uint32_t channel;
    uint64_t time_ms;
    struct text reason;
    struct bytes proof;
    struct bytes other_proof;
};

struct body_release {
    uint32_t channel;
    uint64_t time_ms;
};

/* Append to `out`; failure is sticky in it. */
void body_channel_pack(const struct body_channel *body, struct buffer *out);
void body_entry_pack(const struct body_entry *body, struct buffer *out);
void body_receipt_pack(const struct body_receipt *body, struct buffer *out);
void body_taken_pack(const struct body_taken *body, struct buffer *out);
void body_hold_pack(const struct body_hold *body, struct buffer *out);
void body_release_pack(const struct body_release *body, struct buffer *out);

/* RESULT_CORRUPT naming the record's position: its checksum held, so another program wrote it. */
enum result body_channel_unpack(const struct journal_record *record, struct body_channel *body,
                                struct error *error) RESULT_CHECKED;
enum result body_entry_unpack(const struct journal_record *record, struct body_entry *body,
                              struct error *error) RESULT_CHECKED;
enum result body_receipt_unpack(const struct journal_record *record, struct body_receipt *body,
                                struct error *error) RESULT_CHECKED;
enum result body_taken_unpack(const struct journal_record *record, struct body_taken *body,
                              struct error *error) RESULT_CHECKED;
enum result body_hold_unpack(const struct journal_record *record, struct body_hold *body,
                             struct error *error) RESULT_CHECKED;
enum result body_release_unpack(const struct journal_record *record, struct body_release *body,
                                struct error *error) RESULT_CHECKED;

#endif
