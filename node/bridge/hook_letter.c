/* The letter about an event. See hook_letter.h. */
#include "node/bridge/hook_letter.h"

#include "node/bridge/read.h"

#include <stdio.h>

static void write_body(const struct store_message *message, struct buffer *body)
{
    struct jot jot = {.out = body};
    bool verdict = message->operation == OPERATION_VERDICT;
    buffer_clear(body);
    jot_open(&jot, NULL, '{');
    jot_string(&jot, "type", verdict ? "message.judged" : "message.arrived");
    jot_time_ms(&jot, "timestamp", message->arrived_ms);
    jot_open(&jot, "data", '{');
    read_message_members(message, &jot);
    jot_close(&jot, '}');
    jot_close(&jot, '}');
}

static void write_header(struct hook_letter *letter, size_t at, const char *name, struct text value)
{
    (void)snprintf(letter->headers[at], HOOK_LETTER_HEADER_BYTES, "%s: %.*s", name,
                   TEXT_ARGS(value));
}

/* webhook-id, webhook-timestamp, webhook-signature over "id.timestamp.body". */
enum result hook_letter_write(const struct webhook_key *key, const struct store_message *message,
                              uint64_t now_s, struct hook_letter *letter, struct error *error)
{
    char uuid[UUID_TEXT_BYTES];
    char id[sizeof uuid + sizeof "msg_"];
    char time[24];
    struct buffer signed_text = {0};
    struct buffer signature = {0};
    message_id_format(&message->id, uuid);
    (void)snprintf(id, sizeof id, "msg_%s", uuid);
    (void)snprintf(time, sizeof time, "%llu", (unsigned long long)now_s);
    write_body(message, &letter->body);
    buffer_printf(&signed_text, "%s.%s.", id, time);
    buffer_append(&signed_text, letter->body.data, letter->body.size);
    enum result result = buffer_check(&signed_text, error);
    if (result == RESULT_OK) {
        webhook_key_sign(key, buffer_bytes(&signed_text), &signature);
        result = buffer_check(&signature, error);
    }
    write_header(letter, 0, "Content-Type", TEXT("application/json"));
    write_header(letter, 1, "webhook-id", text_of(id));
    write_header(letter, 2, "webhook-timestamp", text_of(time));
    write_header(letter, 3, "webhook-signature", buffer_view(&signature));
    buffer_free(&signed_text);
    buffer_free(&signature);
    return result;
}
