/* A document that a partner without a node posts: an entry of its channel, and the answer is our
 * receipt, once all is committed. The same again gets the first receipt. */
#include "node/bridge/jot.h"
#include "node/bridge/public_parts.h"
#include "node/flow/rest.h"

/* The receipt as it can be proven: the note that we signed, the entry, and the hashes from the
 * entry to the note's root (proto/README.md). */
static void write_receipt(const struct rest_receipt *receipt, struct jot *jot)
{
    struct merkle_hash leaf;
    merkle_leaf(receipt->entry, &leaf);
    jot_open(jot, "receipt", '{');
    jot_text(jot, "note", receipt->note);
    jot_text(jot, "origin", receipt->origin);
    jot_uint(jot, "size", receipt->size);
    jot_uint(jot, "index", receipt->index);
    jot_base64(jot, "entry", receipt->entry);
    jot_base64(jot, "leaf", (struct bytes){leaf.bytes, sizeof leaf.bytes});
    jot_open(jot, "proof", '[');
    for (size_t i = 0; i < receipt->proof.count; i++) {
        const struct merkle_hash *hash = &receipt->proof.hash[i];
        jot_base64(jot, NULL, (struct bytes){hash->bytes, sizeof hash->bytes});
    }
    jot_close(jot, ']');
    jot_close(jot, '}');
}

static void write_warnings(const struct findings *findings, struct jot *jot)
{
    jot_open(jot, "warnings", '[');
    for (const struct finding *at = findings->first; at != NULL; at = at->next) {
        jot_open(jot, NULL, '{');
        jot_string(jot, "code", at->code);
        jot_text(jot, "pointer", at->place);
        jot_text(jot, "detail", at->detail);
        jot_close(jot, '}');
    }
    jot_close(jot, ']');
}

static void give_receipt(struct exchange *exchange, const struct submit_answer *answer)
{
    struct buffer body = {0};
    bool xml = exchange->accepted == MEDIA_XML;
    struct jot jot = {.out = &body, .root = xml ? &jot_receipt : NULL};
    struct rest_receipt receipt;
    struct error error;
    char id[UUID_TEXT_BYTES];
    message_id_format(&answer->id, id);
    if (rest_read_receipt(public_of(exchange)->reader, answer->channel, answer->index,
                          &exchange->arena, &receipt, &error) != RESULT_OK) {
        exchange_fail(exchange, &error);
        return;
    }
    jot_open(&jot, NULL, '{');
    jot_string(&jot, "message", id);
    jot_string(&jot, "operation", operation_name(send_operation(exchange)));
    jot_text(&jot, "number", answer->number);
    jot_string(&jot, "state", "stored");
    jot_time_ms(&jot, "stored", receipt.time_s * 1000);
    write_receipt(&receipt, &jot);
    if (answer->result == RESULT_OK) {
        write_warnings(&answer->findings, &jot);
    }
    jot_close(&jot, '}');
    jot_end(&jot);
    exchange_add_header(exchange, "Location", "urn:uuid:%s", id);
    exchange_give(exchange, send_status(answer), exchange->accepted, &body);
}

static void finished(struct submit *submit, void *self)
{
    send_finish(submit, self, &public_of(self)->keys, give_receipt);
}

void public_post(struct exchange *exchange)
{
    struct public *public = public_of(exchange);
    struct error error;
    if (!send_check(exchange, &public->keys)) {
        return;
    }
    const struct submitter submitter = {
        .home = public->home, .finished = finished, .self = exchange};
    if (submit_posted(public->flow, text_of(exchange->caller), send_operation(exchange),
                      exchange->body, &submitter, &error) != RESULT_OK) {
        send_forget_key(exchange, &public->keys);
        exchange_fail(exchange, &error);
    }
}
