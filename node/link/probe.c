/* A partner's hello, and a probe as a whole. See probe.h; the way there is in probe_way.c. */
#include "node/link/probe_parts.h"

#include "node/flow/own.h"
#include "node/flow/trust.h"
#include "proto/frame.h"

#include <stdio.h>

/* ---- hello ---- */

static void say_hello(const struct probe *probe, const struct card *own, struct buffer *frame,
                      void *dealer)
{
    char origin[ORIGIN_MAX_BYTES];
    struct error error;
    if (flow_origin(probe->trying.flow, text_of(probe->trying.party), origin, &error) !=
        RESULT_OK) {
        return;
    }
    const struct frame_hello hello = {
        .versions = {LANE_VERSION, LANE_VERSION - 1, LANE_VERSION_OLDEST},
        .version_count = 3,
        .party = text_of(own->party),
        .environment = text_of(own->environment),
        .origin = text_of(origin),
        .card_serial = own->serial,
        .time_ms = world_wall_ms(probe->trying.flow->world)};
    frame_hello_pack(&hello, frame);
    (void)zmq_send(dealer, frame->data, frame->size, ZMQ_DONTWAIT);
}

static void judge_answer(struct probe *probe, const struct frame *frame)
{
    struct trial *trial = &probe->trying.trial;
    uint64_t now_ms = world_wall_ms(probe->trying.flow->world);
    if (frame->kind == FRAME_WELCOME) {
        trial_add(trial, "hello", TRIAL_OK, NULL, "%s answers, and speaks version %u of the lane",
                  probe->trying.party, frame->welcome.version);
        trial_clock(probe->trying.party, (int64_t)(frame->welcome.time_ms - now_ms), trial);
    } else if (frame->kind == FRAME_REFUSE) {
        trial_add(trial, "hello", TRIAL_FAILED, "what its sentence says; see also `comesh status`",
                  "%s refuses (%s): %.*s", probe->trying.party, refusal_text(frame->refuse.refusal),
                  TEXT_ARGS(frame->refuse.sentence));
    } else {
        trial_add(trial, "hello", TRIAL_FAILED, "ask the partner which software it runs",
                  "%s answers a hello with a frame of kind %u", probe->trying.party,
                  (unsigned)frame->kind);
    }
}

static void greet(struct probe *probe, const struct card *own, void *dealer)
{
    struct buffer hello = {0};
    struct arena arena = {0};
    struct error error;
    struct frame frame;
    zmq_msg_t answer;
    say_hello(probe, own, &hello, dealer);
    (void)zmq_msg_init(&answer);
    (void)probe_await(probe, (zmq_pollitem_t){.socket = dealer, .events = ZMQ_POLLIN});
    if (zmq_msg_recv(&answer, dealer, ZMQ_DONTWAIT) < 0) {
        trial_add(&probe->trying.trial, "hello", TRIAL_FAILED,
                  "ask the partner to look at its node: it is overloaded or stuck",
                  "%s does not answer a hello within %d s", probe->trying.party,
                  TRYING_STEP_MS / 1000);
    } else if (frame_unpack((struct bytes){zmq_msg_data(&answer), zmq_msg_size(&answer)}, &arena,
                            &frame, &error) == RESULT_OK) {
        judge_answer(probe, &frame);
    } else {
        trial_add(
            &probe->trying.trial, "hello", TRIAL_FAILED, "ask the partner which software it runs",
            "%s answers a hello with what is no frame: %s", probe->trying.party, error.message);
    }
    (void)zmq_msg_close(&answer);
    buffer_free(&hello);
    arena_free(&arena);
}

/* What the lane that is open knows, so that the probe need not say hello. */
static bool lane_knows(struct probe *probe)
{
    const struct link_partner *lane = &probe->lane;
    if (lane->outgoing != LANE_OPEN && lane->incoming != LANE_OPEN) {
        return false;
    }
    trial_add(&probe->trying.trial, "hello", TRIAL_OK, NULL,
              "a lane is open (ours %s, theirs %s), version %u", lane_state_text(lane->outgoing),
              lane_state_text(lane->incoming), lane->version);
    trial_clock(probe->trying.party, lane->clock_ahead_ms, &probe->trying.trial);
    return true;
}

/* ---- the whole ---- */

static void try_way(struct probe *probe)
{
    struct lookup *lookup = NULL;
    struct monitor monitor = {0};
    struct error error;
    struct own own = own_of(probe->trying.flow);
    const struct keypair *key =
        own_key(&own, KEY_TRANSPORT,
                trust_known_serial(probe->trying.flow->trust, probe->trying.party), &error);
    void *dealer = NULL;
    bool there = probe_name(probe, &lookup);
    if (there) {
        there = probe_tcp(probe, lookup);
    }
    if (there && key == NULL) {
        trial_add(&probe->trying.trial, "curve", TRIAL_FAILED, "see `comesh key list`", "%s",
                  error.message);
    } else if (there) {
        dealer = probe_handshake(probe, key, own.now_s, &monitor);
    }
    if (!lane_knows(probe) && dealer != NULL) {
        greet(probe, own.card, dealer);
    }
    monitor_close(&monitor);
    if (dealer != NULL) {
        (void)zmq_close(dealer);
    }
    lookup_end(&lookup);
    own_release(&own);
}

static void run(struct trying *trying)
{
    struct probe *probe = (struct probe *)trying;
    trial_cards(trying->flow, probe->card, &trying->trial);
    if (probe->card->mesh_endpoint[0] == '\0') {
        trial_add(&trying->trial, "name", TRIAL_SKIPPED, NULL,
                  "the card of %s names no endpoint: it dials us", trying->party);
        if (!lane_knows(probe)) {
            trial_add(&trying->trial, "hello", TRIAL_FAILED,
                      "ask the partner whether its node runs, and to run this test there",
                      "%s has not come to us%s%s", trying->party,
                      probe->lane.trouble[0] == '\0' ? "" : ": ", probe->lane.trouble);
        }
    } else {
        try_way(probe);
    }
    trial_agreements(trying->flow, trying->party, &trying->trial);
    trial_menus(trying->flow, trying->party, &trying->trial);
}

enum result probe_start(void *context, struct flow *flow, struct board *board, struct text party,
                        struct queue *asker, struct trying **trying, struct error *error)
{
    enum result result = trying_new(sizeof(struct probe), flow, party, asker, trying, error);
    if (result != RESULT_OK) {
        return result;
    }
    struct probe *probe = (struct probe *)*trying;
    probe->context = context;
    probe->card = directory_party((*trying)->directory, party);
    board_find(board, (*trying)->party, &probe->lane);
    result = probe->card == NULL ? error_set(error, RESULT_NOT_FOUND,
                                             "no card of '%.*s' is held any more", TEXT_ARGS(party))
                                 : trying_start(*trying, "probe", run, error);
    if (result != RESULT_OK) {
        trying_end(trying);
    }
    return result;
}
