/* What an entry's payload says. See meaning.h. */
#include "node/store/meaning.h"

#include "keys/card.h"
#include "proto/pack.h"

static uint64_t card_serial(struct bytes payload)
{
    struct error ignored;
    struct card *card = NULL;
    uint64_t serial = card_parse(payload, &card, &ignored) == RESULT_OK ? card->serial : 0;
    card_destroy(&card);
    return serial;
}

void meaning_read(enum operation operation, struct bytes payload, struct arena *arena,
                  struct meaning *meaning)
{
    struct error ignored;
    struct findings findings = {.arena = arena};
    struct record *record = NULL;
    *meaning = (struct meaning){0};
    if (operation == OPERATION_VERDICT) {
        meaning->has_verdict =
            verdict_unpack(payload, arena, &meaning->verdict, &ignored) == RESULT_OK;
    } else if (operation == OPERATION_CARD) {
        meaning->card_serial = card_serial(payload);
    } else {
        meaning->has_message =
            pack_read(payload, operation, arena, &findings, &record, &ignored) == RESULT_OK &&
            message_from_record(record, &meaning->message, &findings, &ignored) == RESULT_OK;
    }
}
