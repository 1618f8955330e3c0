/* One partner that is posted to. See mailbox.h. */
#include "node/bridge/mailbox.h"

#include "node/bridge/told.h"
#include "node/core/log.h"
#include "node/flow/posting.h"

#include <stdio.h>
#include <stdlib.h>

#define BACKOFF_FIRST_MS ((uint64_t)1000)
#define BACKOFF_MAX_MS   ((uint64_t)300000)
#define BREAKER_FAILURES 8 /* in a row, and the endpoint counts as broken */

struct mailbox {
    struct mailbox_office office;
    struct rest_card card;
    bool wanted; /* has a card now */
    struct posting *posting;
    struct call *call;
    struct letter letter; /* that is under way */
    char url[WAY_URL_BYTES];
    uint64_t due_ms; /* steady: nothing is posted before it */
    unsigned failures;
    struct standing status;
};

static uint64_t now_ms(const struct mailbox *box)
{
    return world_steady_ns(box->office.flow->world) / 1000000;
}

/* ---- what an answer comes to ---- */

/* Twice as long each time, and somewhere between half of it and all, so that many do not come back
 * at once. A server may ask for more. */
static void back_off(struct mailbox *box, uint64_t least_s, const char *trouble)
{
    uint32_t random = 0;
    unsigned shift = box->failures < 16 ? box->failures : 16;
    uint64_t wait_ms = BACKOFF_FIRST_MS << shift;
    char quoted[512];
    wait_ms = wait_ms < BACKOFF_MAX_MS ? wait_ms : BACKOFF_MAX_MS;
    world_random(box->office.flow->world, &random, sizeof random);
    wait_ms = wait_ms / 2 + random % (wait_ms / 2 + 1);
    wait_ms = wait_ms > least_s * 1000 ? wait_ms : least_s * 1000;
    box->failures++;
    box->due_ms = now_ms(box) + wait_ms;
    box->status.next_try_ms = world_wall_ms(box->office.flow->world) + wait_ms;
    box->status.outgoing = box->failures < BREAKER_FAILURES ? "waiting" : "broken";
    (void)snprintf(box->status.trouble, sizeof box->status.trouble, "%s", trouble);
    log_event(box->failures == 1 || box->failures == BREAKER_FAILURES ? LOG_LEVEL_WARNING
                                                                      : LOG_LEVEL_DEBUG,
              "outbound", "not posted", "partner=%s id=%s failures=%u again_ms=%llu reason=%s",
              box->card.party, box->letter.id, box->failures, (unsigned long long)wait_ms,
              log_quote(trouble, quoted, sizeof quoted));
}

/* What came back for the letter, as a sentence that stands alone. */
static void describe(const struct mailbox *box, const struct call_answer *answer,
                     struct buffer *out)
{
    buffer_printf(out, "%s answered %u to %s", box->card.party, answer->status,
                  operation_name(box->letter.operation));
    buffer_printf(out, " %.*s (message %s)", TEXT_ARGS(box->letter.number), box->letter.id);
    if (answer->location[0] != '\0') {
        buffer_printf(out, ", a redirect, where its endpoint must answer itself");
    }
    struct buffer told = {0};
    told_append(answer->body, &told);
    if (told.size > 0) {
        buffer_printf(out, ": %.*s", TEXT_ARGS(buffer_view(&told)));
    }
    buffer_free(&told);
    buffer_append(out, "", 1);
}

static bool is_for_later(unsigned status)
{
    return status < 200 || (status >= 300 && status < 400) || status == 408 || status == 425 ||
           status == 429 || status >= 500;
}

static void keep(struct mailbox *box, const struct call_answer *answer, const char *sentence)
{
    const struct posting_answer given = {answer->status, answer->body};
    char quoted[1024];
    struct error error = {0};
    enum result result = RESULT_OK;
    box->failures = 0;
    box->status.next_try_ms = 0;
    if (answer->status < 300) {
        box->status.outgoing = "open";
        box->status.trouble[0] = '\0';
        box->status.sent = box->letter.index + 1;
        result = posting_stored(box->posting, &box->letter, &given, &error);
    } else {
        box->status.outgoing = "held";
        (void)snprintf(box->status.trouble, sizeof box->status.trouble, "%s", sentence);
        log_event(LOG_LEVEL_ERROR, "outbound", "channel held", "partner=%s reason=%s",
                  box->card.party, log_quote(sentence, quoted, sizeof quoted));
        result = posting_hold(box->posting, sentence, &given, &error);
    }
    if (result != RESULT_OK) {
        log_error("outbound", "an answer cannot be stored", &error);
        back_off(box, 0, error.message);
    }
}

static void answered(void *self, const struct call_answer *answer)
{
    struct mailbox *box = self;
    struct buffer sentence = {0};
    if (answer->status == 0) {
        buffer_printf(&sentence, "%s: %s", box->url, answer->trouble);
        buffer_append(&sentence, "", 1);
    } else {
        box->status.last_heard_ms = world_wall_ms(box->office.flow->world);
        describe(box, answer, &sentence);
    }
    const char *text = sentence.failed ? "no memory" : (const char *)sentence.data;
    if (answer->status == 0 || is_for_later(answer->status)) {
        back_off(box, answer->retry_after_s, text);
    } else {
        keep(box, answer, text);
    }
    buffer_free(&sentence);
}

/* ---- posting ---- */

static enum result post(struct mailbox *box, struct error *error)
{
    const struct mailbox_office *office = &box->office;
    struct call_way way;
    char key[96];
    (void)snprintf(key, sizeof key, "Idempotency-Key: \"%s\"", box->letter.id);
    way_url(&box->card, box->letter.operation, box->url);
    way_make(office->flow->config, office->files, &box->card,
             world_wall_ms(office->flow->world) / 1000, &way);
    const char *const headers[] = {"Content-Type: application/json", WAY_ACCEPT, key};
    const struct call_request request = {
        .url = box->url, .headers = headers, .header_count = 3, .body = box->letter.json};
    return call_post(box->call, &way, &request, error);
}

void mailbox_advance(struct mailbox *box)
{
    struct error error = {0};
    struct posting_state state;
    if (!box->wanted || call_is_under_way(box->call) || posting_pending(box->posting) > 0 ||
        now_ms(box) < box->due_ms || posting_is_done(box->posting)) {
        return;
    }
    enum result result = posting_next(box->posting, &box->letter, &error);
    posting_state(box->posting, &state);
    box->status.receipted = state.receipted;
    if (state.held) {
        box->status.outgoing = "held";
        (void)snprintf(box->status.trouble, sizeof box->status.trouble, "%.*s",
                       (int)sizeof box->status.trouble - 1, state.held_reason);
    } else if (result == RESULT_NOT_FOUND && box->failures == 0) {
        box->status.outgoing = "open";
        box->status.trouble[0] = '\0';
    }
    if (result == RESULT_OK) {
        result = post(box, &error);
    }
    if (result != RESULT_OK && result != RESULT_NOT_FOUND) {
        back_off(box, 0, error.message);
    }
}

/* ---- the box ---- */

enum result mailbox_new(const struct mailbox_office *office, const struct rest_card *card,
                        struct mailbox **box, struct error *error)
{
    struct mailbox *made = calloc(1, sizeof *made);
    if (made == NULL) {
        return error_set(error, RESULT_NO_MEMORY, "no memory for partner %s", card->party);
    }
    made->office = *office;
    made->card = *card;
    made->status.outgoing = "open";
    made->status.incoming = "https";
    memcpy(made->status.party, card->party, sizeof made->status.party);
    enum result result = posting_new(office->flow, office->reader, text_of(card->party),
                                     office->home, &made->posting, error);
    if (result == RESULT_OK) {
        result = call_new(office->calls, answered, made, &made->call, error);
    }
    if (result != RESULT_OK) {
        mailbox_destroy(&made);
        return result;
    }
    *box = made;
    return RESULT_OK;
}

void mailbox_destroy(struct mailbox **box)
{
    if (*box != NULL) {
        call_destroy(&(*box)->call);
        posting_destroy(&(*box)->posting);
        free(*box);
        *box = NULL;
    }
}

void mailbox_look(struct mailbox *box, const struct rest_card *card)
{
    box->wanted = card != NULL;
    if (card != NULL) {
        box->card = *card;
        box->due_ms = 0;
        box->failures = 0;
        box->status.next_try_ms = 0;
    }
}

bool mailbox_is_over(const struct mailbox *box)
{
    return !box->wanted && posting_pending(box->posting) == 0;
}

size_t mailbox_pending(const struct mailbox *box)
{
    return posting_pending(box->posting);
}

uint64_t mailbox_due_ms(const struct mailbox *box)
{
    return box->due_ms;
}

void mailbox_break_off(struct mailbox *box)
{
    call_destroy(&box->call);
    box->wanted = false;
}

const struct standing *mailbox_status(const struct mailbox *box)
{
    return &box->status;
}
