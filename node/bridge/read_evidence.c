/* What proves a certificate: each entry about it with its payload, its way up to the checkpoint
 * that both parties signed, and that checkpoint. */
#include "node/bridge/read.h"
#include "node/flow/rest.h"

static enum result write_proof(struct private *private, const struct store_message *message,
                               struct arena *arena, struct jot *jot, struct error *error)
{
    struct store_hashes hashes = {.reader = private->reader, .channel = message->channel};
    struct store_receipt receipt = {0};
    struct merkle_proof proof;
    enum result result = store_read_receipt(private->reader, message->channel, message->index,
                                            arena, &receipt, error);
    if (result == RESULT_NOT_FOUND) {
        jot_null(jot, "receipt");
        return RESULT_OK;
    }
    if (result == RESULT_OK) {
        result =
            merkle_inclusion(store_read_hash, &hashes, message->index, receipt.size, &proof, error);
    }
    if (result != RESULT_OK) {
        return result;
    }
    jot_open(jot, "receipt", '{');
    jot_string(jot, "kind", rest_is_attested(receipt.note) ? "http" : "countersigned");
    jot_uint(jot, "size", receipt.size);
    jot_time_ms(jot, "time", receipt.time_s * 1000);
    jot_text(jot, "checkpoint", bytes_text(receipt.note));
    jot_open(jot, "inclusion", '[');
    for (size_t i = 0; i < proof.count; i++) {
        jot_hex(jot, NULL, (struct bytes){proof.hash[i].bytes, sizeof proof.hash[i].bytes});
    }
    jot_close(jot, ']');
    jot_close(jot, '}');
    return RESULT_OK;
}

static enum result write_entry(struct private *private, const struct store_message *message,
                               struct arena *arena, struct jot *jot, struct error *error)
{
    struct merkle_hash leaf;
    merkle_leaf(message->entry, &leaf);
    jot_open(jot, NULL, '{');
    read_message_members(message, jot);
    jot_base64(jot, "entry", message->entry);
    jot_base64(jot, "payload", message->payload);
    jot_hex(jot, "leaf", (struct bytes){leaf.bytes, sizeof leaf.bytes});
    enum result result = write_proof(private, message, arena, jot, error);
    jot_close(jot, '}');
    return result;
}

void certificate_evidence(struct exchange *exchange)
{
    struct store_message *messages = NULL;
    struct buffer body = {0};
    struct jot jot = {.out = &body};
    struct error error = {0};
    size_t count = 0;
    enum result result = RESULT_OK;
    if (!read_certificate(exchange, &messages, &count)) {
        return;
    }
    jot_open(&jot, NULL, '{');
    jot_open(&jot, "entries", '[');
    for (size_t i = 0; i < count && result == RESULT_OK; i++) {
        result = write_entry(private_of(exchange), &messages[i], &exchange->arena, &jot, &error);
        if (result == RESULT_OK) {
            result = read_has_room(&body, &error);
        }
    }
    jot_close(&jot, ']');
    jot_close(&jot, '}');
    buffer_text(&body, "\n");
    if (result == RESULT_OK) {
        exchange_give_tagged(exchange, MEDIA_JSON, &body);
    } else {
        buffer_free(&body);
        read_fail(exchange, &error);
    }
}
