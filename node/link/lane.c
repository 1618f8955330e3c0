/* The life of a lane: its two directions, its connection, its timers, what the status shows.
 * See lane.h; what goes out is in lane_send.c, what comes in in lane_frame.c. */
#include "node/link/lane_parts.h"

#include "node/core/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

uint64_t lane_now_ms(const struct lane_host *host)
{
    return world_steady_ns(host->flow->world) / 1000000;
}

void lane_host_changed(struct lane_host *host, uint64_t *tick_ms)
{
    uint64_t now_ms = lane_now_ms(host);
    if (now_ms >= host->farewell_ms) {
        host->farewell_begun_ms = now_ms;
    }
    uint64_t most_ms = host->farewell_begun_ms + LANE_FAREWELL_MAX_MS;
    uint64_t next_ms = now_ms + LANE_FAREWELL_MS;
    host->farewell_ms = next_ms < most_ms ? next_ms : most_ms;
    *tick_ms = *tick_ms < host->farewell_ms ? *tick_ms : host->farewell_ms;
}

void lane_state_set(struct lane *lane, struct lane_half *half, enum lane_state state)
{
    lane->changed = true;
    if (half->state == state) {
        return;
    }
    half->state = state;
    bool outgoing = half == &lane->outgoing_half;
    log_event(LOG_LEVEL_INFO, "link", outgoing ? "outgoing lane" : "incoming lane",
              "partner=%s state=%s", lane->party, lane_state_text(state));
}

void lane_trouble(struct lane *lane, const char *format, ...)
{
    char sentence[sizeof lane->trouble];
    char quoted[2 * sizeof lane->trouble];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(sentence, sizeof sentence, format, arguments);
    va_end(arguments);
    if (strcmp(sentence, lane->trouble) != 0) {
        memcpy(lane->trouble, sentence, sizeof sentence);
        lane->changed = true;
        log_event(LOG_LEVEL_WARNING, "link", "trouble", "partner=%s sentence=%s", lane->party,
                  log_quote(sentence, quoted, sizeof quoted));
    }
}

void lane_host_written(struct lane_host *host)
{
    if (atomic_load(&host->speaks)) {
        queue_wake(&host->home);
    }
}

void lane_host_committed(struct lane_host *host)
{
    if (atomic_exchange(&host->holds, false)) {
        queue_wake(&host->home);
    }
}

/* ---- life ---- */

enum result lane_new(struct lane_host *host, struct text party, struct lane **lane,
                     struct error *error)
{
    *lane = calloc(1, sizeof **lane);
    if (*lane == NULL) {
        return error_set(error, RESULT_NO_MEMORY, "partner '%.*s': no memory for a lane",
                         TEXT_ARGS(party));
    }
    (*lane)->host = host;
    (void)snprintf((*lane)->party, sizeof(*lane)->party, "%.*s", TEXT_ARGS(party));
    return RESULT_OK;
}

void lane_destroy(struct lane **lane)
{
    struct lane *gone = *lane;
    if (gone == NULL) {
        return;
    }
    if (gone->outgoing != NULL) {
        outgoing_destroy(&gone->outgoing);
        board_drop(gone->host->board, BOARD_OUTGOING, text_of(gone->party));
    }
    if (gone->incoming != NULL) {
        incoming_destroy(&gone->incoming);
        board_drop(gone->host->board, BOARD_INCOMING, text_of(gone->party));
    }
    buffer_free(&gone->kept_hello);
    outbox_free(&gone->outbox);
    buffer_free(&gone->push);
    buffer_free(&gone->kept_ask);
    buffer_free(&gone->kept_fetch);
    free(gone);
    *lane = NULL;
}

bool lane_is_wanted(const struct lane *lane)
{
    return lane->outgoing_half.wanted || lane->incoming_half.wanted;
}

size_t lane_pending(const struct lane *lane)
{
    size_t pending = lane->outgoing == NULL ? 0 : outgoing_pending(lane->outgoing);
    return pending + (lane->incoming == NULL ? 0 : incoming_pending(lane->incoming));
}

/* A receipt or a refusal for what was committed or failed; one that ends the lane says that the
 * channel is held. Receipts for pushes of an earlier connection are not sent: the welcome says what
 * they would. */
static void reply(void *self, struct incoming *incoming, const struct buffer *frame, bool ends_lane)
{
    struct lane *lane = self;
    struct frame unpacked;
    struct error error;
    (void)incoming;
    if (!lane->connected || (lane->incoming_half.state != LANE_OPEN && !ends_lane)) {
        return;
    }
    lane_post(lane, buffer_bytes(frame));
    if (ends_lane &&
        frame_unpack(buffer_bytes(frame), &lane->host->arena, &unpacked, &error) == RESULT_OK) {
        lane_trouble(lane, "refused %s: %.*s", lane->party, TEXT_ARGS(unpacked.refuse.sentence));
        lane_state_set(lane, &lane->incoming_half, LANE_HELD);
    }
}

static void half_want(struct lane *lane, struct lane_half *half, bool wanted)
{
    if (half->wanted != wanted) {
        half->wanted = wanted;
        half->hello_due_ms =
            wanted && lane->connected && half == &lane->outgoing_half ? lane_now_ms(lane->host) : 0;
        half->welcome_by_ms = 0;
        lane_state_set(lane, half, wanted ? LANE_CONNECTING : LANE_NONE);
    }
}

enum result lane_want(struct lane *lane, bool outgoing, bool incoming, struct error *error)
{
    struct lane_host *host = lane->host;
    struct text party = text_of(lane->party);
    enum result result = RESULT_OK;
    if (outgoing && lane->outgoing == NULL) {
        result = outgoing_new(host->flow, host->reader, party, &host->home, &lane->outgoing, error);
        atomic_store(&host->speaks, true);
    }
    if (result == RESULT_OK && incoming && lane->incoming == NULL) {
        result = incoming_new(host->flow, host->reader, party, &host->home, reply, lane,
                              &lane->incoming, error);
    }
    half_want(lane, &lane->outgoing_half, outgoing && lane->outgoing != NULL);
    half_want(lane, &lane->incoming_half, incoming && lane->incoming != NULL);
    return result;
}

/* Lets go of what is hosted here no more, once nothing of it is in the writer. */
static void let_go(struct lane *lane)
{
    struct text party = text_of(lane->party);
    if (!lane->outgoing_half.wanted && lane->outgoing != NULL &&
        outgoing_pending(lane->outgoing) == 0) {
        outgoing_destroy(&lane->outgoing);
        buffer_clear(&lane->push);
        board_drop(lane->host->board, BOARD_OUTGOING, party);
    }
    if (!lane->incoming_half.wanted && lane->incoming != NULL &&
        incoming_pending(lane->incoming) == 0) {
        incoming_destroy(&lane->incoming);
        buffer_clear(&lane->kept_hello);
        board_drop(lane->host->board, BOARD_INCOMING, party);
    }
}

/* ---- the connection ---- */

static void half_lose(struct lane *lane, struct lane_half *half)
{
    half->hello_due_ms = 0;
    half->welcome_by_ms = 0;
    if (half->state == LANE_HELLO || half->state == LANE_FETCHING || half->state == LANE_OPEN) {
        lane_state_set(lane, half, LANE_CONNECTING);
    }
}

/* Forgets what belongs to the connection that was there. */
static void drop(struct lane *lane)
{
    lane->connected = false;
    lane->blocked_since_ms = 0;
    lane->push_due_ms = 0;
    outbox_free(&lane->outbox);
    buffer_clear(&lane->push);
    buffer_clear(&lane->kept_hello);
    buffer_clear(&lane->kept_ask);
    buffer_clear(&lane->kept_fetch);
    if (lane->outgoing != NULL) {
        outgoing_reset(lane->outgoing);
    }
    half_lose(lane, &lane->outgoing_half);
    half_lose(lane, &lane->incoming_half);
}

void lane_dialling(struct lane *lane)
{
    struct lane_half *halves[] = {&lane->outgoing_half, &lane->incoming_half};
    for (size_t i = 0; i < sizeof halves / sizeof halves[0]; i++) {
        if (halves[i]->wanted) {
            lane_state_set(lane, halves[i], LANE_CONNECTING);
        }
    }
}

void lane_connected(struct lane *lane)
{
    drop(lane);
    lane->connected = true;
    if (lane->outgoing_half.wanted) {
        lane->outgoing_half.hello_due_ms = lane_now_ms(lane->host);
    }
}

void lane_disconnected(struct lane *lane, const char *trouble)
{
    if (lane->connected) {
        drop(lane);
    }
    if (trouble != NULL) {
        lane_trouble(lane, "%s", trouble);
    }
}

void lane_turned_away(struct lane *lane, const char *trouble)
{
    lane_disconnected(lane, trouble);
    struct lane_half *halves[] = {&lane->outgoing_half, &lane->incoming_half};
    for (size_t i = 0; i < sizeof halves / sizeof halves[0]; i++) {
        if (halves[i]->wanted) {
            lane_state_set(lane, halves[i], LANE_REFUSED);
        }
    }
}

static bool half_is_over(const struct lane_half *half)
{
    return !half->wanted || half->state == LANE_REFUSED || half->state == LANE_HELD;
}

bool lane_is_over(const struct lane *lane)
{
    return half_is_over(&lane->outgoing_half) && half_is_over(&lane->incoming_half);
}

bool lane_is_unanswered(const struct lane *lane, uint64_t now_ms)
{
    const struct lane_half *half = &lane->outgoing_half;
    bool is_asked = half->state == LANE_HELLO || half->state == LANE_FETCHING;
    return is_asked && half->welcome_by_ms != 0 && now_ms >= half->welcome_by_ms;
}

/* ---- what happens by itself ---- */

static void say_hello(struct lane *lane, uint64_t now_ms)
{
    struct lane_half *half = &lane->outgoing_half;
    struct buffer frame = {0};
    struct error error;
    half->hello_due_ms = 0;
    buffer_clear(&lane->push);
    if (outgoing_hello(lane->outgoing, &frame, &error) == RESULT_OK) {
        half->welcome_by_ms = now_ms + LANE_WELCOME_MS;
        lane_state_set(lane, half, LANE_HELLO);
        lane_post(lane, buffer_bytes(&frame));
    } else {
        half->hello_due_ms = now_ms + LANE_PAUSE_MS;
        lane_trouble(lane, "no hello to %s: %s", lane->party, error.message);
    }
    buffer_free(&frame);
}

/* A hello that came too early is taken when the last push of the lane before it is home. */
static void take_kept_hello(struct lane *lane)
{
    struct frame frame;
    struct error error;
    if (lane->kept_hello.size == 0 || incoming_pending(lane->incoming) > 0) {
        return;
    }
    struct buffer kept = lane->kept_hello;
    lane->kept_hello = (struct buffer){0};
    if (frame_unpack(buffer_bytes(&kept), &lane->host->arena, &frame, &error) == RESULT_OK) {
        lane_take_hello(lane, &frame.hello, buffer_bytes(&kept));
    }
    buffer_free(&kept);
}

static uint32_t version_of(const struct lane_half *half)
{
    return half->state == LANE_OPEN ? half->version : 0;
}

static void publish(struct lane *lane)
{
    struct link_partner row = {.outgoing = lane->outgoing_half.state,
                               .incoming = lane->incoming_half.state,
                               .last_heard_ms = lane->last_heard_ms};
    memcpy(row.party, lane->party, sizeof row.party);
    memcpy(row.trouble, lane->trouble, sizeof row.trouble);
    if (lane->outgoing != NULL && lane->outgoing_half.wanted) {
        struct outgoing_state state;
        outgoing_state(lane->outgoing, &state);
        row.sent = state.sent;
        row.receipted = state.receipted;
        row.in_flight_bytes = state.in_flight_bytes;
        row.credit = state.credit;
        row.clock_ahead_ms = state.clock_ahead_ms;
        row.version = version_of(&lane->outgoing_half);
        board_put(lane->host->board, BOARD_OUTGOING, &row);
    }
    if (lane->incoming != NULL && lane->incoming_half.wanted) {
        row.version = version_of(&lane->incoming_half);
        board_put(lane->host->board, BOARD_INCOMING, &row);
    }
    lane->changed = false;
}

void lane_turn(struct lane *lane, uint64_t now_ms)
{
    const struct lane_half *half = &lane->outgoing_half;
    lane_flush(lane);
    take_kept_hello(lane);
    lane_fetch_turn(lane, now_ms); /* before the hello that it asks for */
    if (lane->connected && half->wanted && half->hello_due_ms != 0 &&
        now_ms >= half->hello_due_ms) {
        say_hello(lane, now_ms);
    }
    if (lane->blocked_since_ms != 0 && now_ms >= lane->blocked_since_ms + LANE_STUCK_MS) {
        lane_trouble(lane, "%s does not read what we send; frames wait since more than %d s",
                     lane->party, LANE_STUCK_MS / 1000);
    }
    if (lane->incoming != NULL && incoming_waits(lane->incoming)) {
        incoming_tick(lane->incoming);
    }
    lane_ask_turn(lane);
    lane_texts_turn(lane);
    if (lane->changed) {
        publish(lane);
    }
    let_go(lane);
}

void lane_tick(struct lane *lane)
{
    lane_ask_tick(lane);
    if (lane->outgoing != NULL && lane->outgoing_half.state == LANE_OPEN) {
        outgoing_tick(lane->outgoing);
    }
    if (lane->incoming != NULL && lane->incoming_half.state == LANE_OPEN) {
        incoming_tick(lane->incoming);
    }
}

void lane_retry(struct lane *lane)
{
    struct lane_half *half = &lane->outgoing_half;
    if (half->wanted && (half->state == LANE_REFUSED || half->state == LANE_HELD)) {
        lane_state_set(lane, half, LANE_CONNECTING);
        half->hello_due_ms = lane_now_ms(lane->host);
    }
}
