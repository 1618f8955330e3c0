/* What every operation has in common, read out of its record: who says it to whom, under which
 * agreement, about which certificate, answering what. The way of a message is told by these and
 * by nothing else. Any thread. */
#ifndef COMESH_PROTO_MESSAGE_H
#define COMESH_PROTO_MESSAGE_H

#include "proto/arena.h"
#include "proto/finding.h"
#include "proto/message_id.h"
#include "proto/operation.h"
#include "proto/record.h"

/* A document on its way in, in JSON or XML, is at most this long (REST.md). */
#define DOCUMENT_MAX_BYTES ((size_t)256 << 10)

/* All texts borrow from the record's arena. */
struct message {
    enum operation operation;
    struct message_id id;       /* D026, a UUID */
    bool has_reply_to;          /* cancelation status and feedback, a verdict */
    struct message_id reply_to; /* the message that this one answers */
    struct text exporter;       /* party code, ISO 3166-1 alpha-2 */
    struct text importer;
    struct text agreement;
    uint32_t menu_version;
    struct text number;     /* D014 of the certificate that it is or that it is about */
    struct text number_key; /* canonical look-up key of the number */
    const struct record *record;
};

/* Reads the common part out of a checked record. What lacks or is wrong becomes a finding and
 * RESULT_INVALID. */
enum result message_from_record(const struct record *record, struct message *message,
                                struct findings *findings, struct error *error) RESULT_CHECKED;

/* The party that says the message, and the one it is said to: by operation the exporter or the
 * importer. */
struct text message_sender(const struct message *message);
struct text message_receiver(const struct message *message);

/* The canonical look-up key of a certificate number: blanks, dashes, dots, slashes and invisible
 * characters dropped, full width and lower case folded, O as 0 and I as 1. In `arena`; empty text
 * without memory. */
struct text number_key(struct text number, struct arena *arena);

#endif
