/* A partner without a node put to the test: the order of the steps, and those that need no
 * connection. See knock.h; the way there is in knock_way.c and knock_tls.c. */
#include "node/bridge/knock_parts.h"

#include "keys/certificate.h"
#include "keys/text.h"

#include <inttypes.h>
#include <stdio.h>

#define DAY_S ((uint64_t)86400)

enum trial_outcome knock_end_text(const struct knock *knock, uint64_t until_s,
                                  char out[KNOCK_END_BYTES])
{
    char time[TEXT_TIME_BYTES];
    text_time(until_s, time);
    if (until_s <= knock->now_s) {
        (void)snprintf(out, KNOCK_END_BYTES, "ended at %s", time);
        return TRIAL_FAILED;
    }
    if (until_s - knock->now_s < TRIAL_EXPIRY_S) {
        (void)snprintf(out, KNOCK_END_BYTES, "ends in %" PRIu64 " days, %s",
                       (until_s - knock->now_s) / DAY_S, time);
        return TRIAL_WARNING;
    }
    (void)snprintf(out, KNOCK_END_BYTES, "is valid until %s", time);
    return TRIAL_OK;
}

/* ---- cards and our own certificate ---- */

/* The pin of that kind that ends last, of those that have begun; NULL when there is none. */
static const struct rest_pin *last_pin(const struct knock *knock, enum rest_pin_kind kind)
{
    const struct rest_card *card = knock->card;
    const struct rest_pin *last = NULL;
    for (size_t i = 0; i < card->pin_count[kind]; i++) {
        const struct rest_pin *pin = &card->pins[kind][i];
        if (pin->from_s <= knock->now_s && (last == NULL || pin->until_s > last->until_s)) {
            last = pin;
        }
    }
    return last;
}

/* Their server's certificate, and the one by which they come to us. */
static void step_card(struct knock *knock)
{
    struct trial *trial = &knock->trying.trial;
    const struct rest_card *card = knock->card;
    const struct rest_pin *server = last_pin(knock, REST_SERVER);
    char end[KNOCK_END_BYTES] = "has not begun";
    char remedy[TRIAL_SENTENCE_BYTES];
    (void)snprintf(remedy, sizeof remedy,
                   "ask %s for its next card, and take it with `comesh rest add`", card->party);
    if (card->pin_count[REST_SERVER] == 0) {
        trial_add(trial, "their card", TRIAL_OK, NULL,
                  "serial %" PRIu64 ", with no pin of its server: an authority must vouch for it",
                  card->serial);
        return;
    }
    enum trial_outcome outcome =
        server == NULL ? TRIAL_FAILED : knock_end_text(knock, server->until_s, end);
    trial_add(trial, "their card", outcome, outcome == TRIAL_OK ? NULL : remedy,
              "serial %" PRIu64 ", whose last pin of its server %s", card->serial, end);
}

static void step_their_client(struct knock *knock)
{
    struct trial *trial = &knock->trying.trial;
    const char *party = knock->card->party;
    const struct rest_pin *pin = last_pin(knock, REST_CLIENT);
    struct buffer hash = {0};
    char end[KNOCK_END_BYTES];
    if (pin == NULL) {
        trial_add(trial, "their client", TRIAL_FAILED, "take its next card with `comesh rest add`",
                  "no client certificate on the card of %s has begun: it cannot come to us", party);
        return;
    }
    enum trial_outcome outcome = knock_end_text(knock, pin->until_s, end);
    text_base64_append(&hash, (struct bytes){pin->hash, REST_PIN_BYTES});
    if (outcome == TRIAL_OK && knock->trying.flow->config->public_listen[0] == '\0') {
        trial_add(trial, "their client", TRIAL_WARNING,
                  "set public/listen in the configuration, when it is to post to us",
                  "%s has the pin sha256//%.*s, and this node has no public listener", party,
                  TEXT_ARGS(buffer_view(&hash)));
    } else {
        trial_add(trial, "their client", outcome,
                  outcome == TRIAL_OK ? NULL : "take its next card with `comesh rest add`",
                  "%s comes to us with the pin sha256//%.*s, which %s", party,
                  TEXT_ARGS(buffer_view(&hash)), end);
    }
    buffer_free(&hash);
}

/* By which we go to them; false when it cannot be shown. */
static bool step_our_client(struct knock *knock)
{
    struct trial *trial = &knock->trying.trial;
    const struct config *config = knock->trying.flow->config;
    struct rest_pin pin;
    struct buffer pem = {0};
    struct buffer hash = {0};
    struct error error;
    char end[KNOCK_END_BYTES];
    enum result result = way_files_find(config, &knock->files, &error);
    if (result == RESULT_OK && config->outbound.certificate[0] == '\0') {
        trial_add(trial, "our client", TRIAL_WARNING,
                  "set outbound/certificate and outbound/key in the configuration",
                  "we have no client certificate to show");
        return true;
    }
    if (result == RESULT_OK) {
        result =
            certificate_pair_read(knock->files.certificate, knock->files.key, &pem, &pin, &error);
    }
    buffer_free(&pem);
    if (result != RESULT_OK) {
        trial_add(trial, "our client", TRIAL_FAILED,
                  "mend outbound/certificate and outbound/key, then `comesh reload`", "%s",
                  error.message);
        return false;
    }
    enum trial_outcome outcome = knock_end_text(knock, pin.until_s, end);
    text_base64_append(&hash, (struct bytes){pin.hash, REST_PIN_BYTES});
    trial_add(trial, "our client", outcome,
              outcome == TRIAL_OK ? NULL : "renew it, and tell partners the new one before",
              "we come with the pin sha256//%.*s, whose certificate %s",
              TEXT_ARGS(buffer_view(&hash)), end);
    buffer_free(&hash);
    return true;
}

/* ---- the queue ---- */

static void step_held(struct knock *knock, const struct store_channel *channel)
{
    char remedy[TRIAL_SENTENCE_BYTES];
    const char *party = knock->trying.party;
    (void)snprintf(remedy, sizeof remedy,
                   "`comesh queue retry %s` posts the message again, `comesh queue release %s` "
                   "gives it up",
                   party, party);
    trial_add(&knock->trying.trial, "queue", TRIAL_FAILED, remedy, "held: %s",
              channel->held_reason);
}

/* Entries that have no answer yet; those of a channel that does not exist are none. */
static void step_waiting(struct knock *knock, uint64_t waiting)
{
    const struct standing *queue = &knock->queue;
    struct trial *trial = &knock->trying.trial;
    bool broken = text_equal(text_of(queue->outgoing), TEXT("broken"));
    char next[TEXT_TIME_BYTES];
    if (waiting == 0) {
        trial_add(trial, "queue", TRIAL_OK, NULL, "nothing waits");
        return;
    }
    if (queue->next_try_ms == 0) {
        trial_add(trial, "queue", TRIAL_OK, NULL, "%" PRIu64 " on the way", waiting);
        return;
    }
    text_time(queue->next_try_ms / 1000, next);
    trial_add(trial, "queue", broken ? TRIAL_FAILED : TRIAL_WARNING,
              "when the cause is mended: `comesh queue retry`",
              "%s %s, with %" PRIu64 " waiting: %s", broken ? "broken until" : "tried again at",
              next, waiting, queue->trouble);
}

static void step_queue(struct knock *knock)
{
    struct flow *flow = knock->trying.flow;
    const struct store_channel *channel = NULL;
    struct store_reader *reader = NULL;
    struct arena arena = {0};
    char origin[ORIGIN_MAX_BYTES];
    struct error error = {0};
    enum result result = flow_origin(flow, text_of(knock->trying.party), origin, &error);
    if (result == RESULT_OK) {
        result = store_reader_open(flow->store, &reader, &error);
    }
    if (result == RESULT_OK) {
        result = flow_read_channel(reader, text_of(origin), &arena, &channel, &error);
    }
    if (result == RESULT_OK && channel->held) {
        step_held(knock, channel);
    } else if (result == RESULT_OK) {
        step_waiting(knock, channel->size - channel->receipt_size);
    } else if (result == RESULT_NOT_FOUND) {
        step_waiting(knock, 0);
    } else {
        trial_add(&knock->trying.trial, "queue", TRIAL_FAILED, "see the node's log", "%s",
                  error.message);
    }
    store_reader_close(&reader);
    arena_free(&arena);
}

/* ---- the whole ---- */

static void try_way(struct knock *knock)
{
    struct knock_tls tls = {.socket = -1};
    if (knock_connect(knock) && knock_handshake(knock, &tls)) {
        knock_ask(knock, &tls);
    }
    knock_tls_close(&tls);
}

static void answered(void *self, const struct call_answer *answer)
{
    struct knock *knock = self;
    knock->answer = *answer;
}

static void run(struct trying *trying)
{
    struct knock *knock = (struct knock *)trying;
    const struct config *config = trying->flow->config;
    struct error error;
    knock->now_s = world_wall_ms(trying->flow->world) / 1000;
    rest_card_host(knock->card, knock->host);
    step_card(knock);
    step_their_client(knock);
    bool can_go = step_our_client(knock);
    way_make(config, &knock->files, knock->card, knock->now_s, &knock->way);
    enum result result = calls_new(&knock->calls, &error);
    if (result == RESULT_OK) {
        result = call_new(knock->calls, answered, knock, &knock->line, &error);
    }
    if (result == RESULT_OK) {
        result = call_new(knock->calls, answered, knock, &knock->question, &error);
    }
    if (result != RESULT_OK) {
        trial_add(&trying->trial, "tcp", TRIAL_FAILED, "see the node's log", "%s", error.message);
    } else if (can_go) {
        try_way(knock);
    }
    call_destroy(&knock->question);
    call_destroy(&knock->line);
    calls_destroy(&knock->calls);
    trial_signatures(trying->flow, trying->party, &trying->trial);
    trial_menus(trying->flow, trying->party, &trying->trial);
    step_queue(knock);
}

enum result knock_start(struct flow *flow, struct text party, const struct standing *queue,
                        struct queue *asker, struct trying **trying, struct error *error)
{
    enum result result = trying_new(sizeof(struct knock), flow, party, asker, trying, error);
    if (result != RESULT_OK) {
        return result;
    }
    struct knock *knock = (struct knock *)*trying;
    knock->queue = *queue;
    knock->card = rest_cards_party(directory_rest((*trying)->directory), party);
    result = knock->card == NULL ? error_set(error, RESULT_NOT_FOUND,
                                             "no card of '%.*s' is held any more", TEXT_ARGS(party))
                                 : trying_start(*trying, "knock", run, error);
    if (result != RESULT_OK) {
        trying_end(trying);
    }
    return result;
}
