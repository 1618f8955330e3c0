/* Start and stop order of the ZeroMQ side. See link.h. */
#include "node/link/link.h"

#include "node/core/log.h"
#include "node/core/task.h"
#include "node/flow/own.h"
#include "node/link/desk.h"
#include "node/link/inbox.h"
#include "node/link/peers.h"
#include "node/link/probe.h"
#include "node/link/sockopt.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sysexits.h>
#include <unistd.h>
#include <zmq.h>

#define CONTEXT_END_MS 10000
#define HEAR_MS        3000

struct link {
    struct flow *flow;
    void *context;
    struct board *board;
    struct desk *desk;
    struct gate *gate;
    struct inbox *inbox; /* NULL for a node that only dials out */
    struct peers *peers;
};

/* ---- the end of the context ---- */

/* A context ends when its last socket is closed, and waits for ever where one was forgotten. */
static void watch(struct task *task, void *state)
{
    struct pollfd ended = {.fd = *(int *)state, .events = POLLIN};
    task_started(task, RESULT_OK, NULL);
    if (poll(&ended, 1, CONTEXT_END_MS) == 0) {
        log_event(LOG_LEVEL_ERROR, "link", "sockets do not close", "waited_ms=%d", CONTEXT_END_MS);
        _exit(EX_SOFTWARE);
    }
}

static void context_end(void *context)
{
    struct task *watchdog = NULL;
    struct error error;
    int ended = eventfd(0, EFD_CLOEXEC);
    if (ended < 0 || task_start("watchdog", watch, &ended, &watchdog, &error) != RESULT_OK) {
        log_event(LOG_LEVEL_WARNING, "link", "stop without watchdog", "code=io");
    }
    (void)zmq_ctx_shutdown(context);
    (void)zmq_ctx_term(context);
    if (ended >= 0) {
        (void)eventfd_write(ended, 1);
    }
    task_join(&watchdog);
    if (ended >= 0) {
        (void)close(ended);
    }
}

/* ---- start and stop ---- */

static void check_card(const struct flow *flow, struct directory *directory)
{
    bool card_listens = directory_own(directory)->mesh_endpoint[0] != '\0';
    if (card_listens != (flow->config->bind_count > 0)) {
        log_event(LOG_LEVEL_WARNING, "link", "card and configuration disagree",
                  "endpoint_of_card=\"%s\" binds=%zu remedy=\"make a card with the endpoint at "
                  "which partners reach this node, or bind it\"",
                  directory_own(directory)->mesh_endpoint, flow->config->bind_count);
    }
}

/* A node that only dials out proves its gate at a port of its own. */
static enum result open_inbox(struct link *link, struct error *error)
{
    if (link->flow->config->bind_count == 0) {
        struct own own = own_of(link->flow);
        const struct keypair *key = own_key(&own, KEY_TRANSPORT, own.card->serial, error);
        enum result result =
            key == NULL ? error->code : gate_prove_alone(link->context, key, error);
        own_release(&own);
        return result;
    }
    return inbox_start(link->context, link->flow, link->gate, link->board, link->desk, &link->inbox,
                       error);
}

enum result link_start(struct flow *flow, struct link **link, struct error *error)
{
    *link = NULL;
    struct link *made = calloc(1, sizeof *made);
    if (made == NULL) {
        return error_set(error, RESULT_NO_MEMORY, "link: no memory");
    }
    made->flow = flow;
    struct directory *directory = flow_directory(flow);
    check_card(flow, directory);
    directory_release(&directory);
    enum result result = board_new(&made->board, error);
    if (result == RESULT_OK) {
        result = desk_new(&made->desk, error);
    }
    if (result == RESULT_OK) {
        result = sockopt_context(&made->context, error);
    }
    if (result == RESULT_OK) {
        result = gate_start(made->context, flow, &made->gate, error);
    }
    if (result == RESULT_OK) {
        result = open_inbox(made, error);
    }
    if (result == RESULT_OK) {
        result = peers_start(made->context, flow, made->board, made->desk, &made->peers, error);
    }
    if (result != RESULT_OK) {
        link_stop(&made);
    }
    *link = made;
    return result;
}

void link_stop(struct link **link)
{
    struct link *gone = *link;
    if (gone == NULL) {
        return;
    }
    if (gone->gate != NULL) {
        gate_shut(gone->gate);
    }
    peers_stop(&gone->peers);
    inbox_stop(&gone->inbox);
    gate_stop(&gone->gate);
    if (gone->context != NULL) {
        context_end(gone->context);
    }
    board_destroy(&gone->board);
    desk_destroy(&gone->desk);
    free(gone);
    *link = NULL;
}

void link_written(struct link *link)
{
    lane_host_written(peers_host(link->peers));
    if (link->inbox != NULL) {
        lane_host_written(inbox_host(link->inbox));
    }
}

void link_committed(struct link *link)
{
    lane_host_committed(peers_host(link->peers));
    if (link->inbox != NULL) {
        lane_host_committed(inbox_host(link->inbox));
    }
}

void link_hear(struct link *link)
{
    peers_hear(link->peers, HEAR_MS);
}

void link_reload(struct link *link)
{
    peers_reload(link->peers);
    if (link->inbox != NULL) {
        inbox_reload(link->inbox);
    }
}

size_t link_status(struct link *link, struct link_partner *partners, size_t max)
{
    return board_read(link->board, partners, max);
}

/* ---- questions ---- */

/* That a lane is open which can carry the question. */
static enum result check_open(struct link *link, const struct question *question,
                              struct error *error)
{
    struct link_partner partner = {0};
    board_find(link->board, question->party, &partner);
    if (partner.incoming != LANE_OPEN && (question->max == 0 || partner.outgoing != LANE_OPEN)) {
        return error_set(
            error, RESULT_UNAVAILABLE,
            "no lane with %s is open (ours is %s, theirs %s)%s%s; see 'comesh status', "
            "try at once with 'comesh reload'",
            question->party, lane_state_text(partner.outgoing), lane_state_text(partner.incoming),
            partner.trouble[0] == '\0' ? "" : ": ", partner.trouble);
    }
    if (partner.version < LANE_VERSION_ASK) {
        return error_set(
            error, RESULT_UNSUPPORTED,
            "the node of %s speaks version %u of the lane, and cannot be asked what it "
            "holds before version %d; ask its people",
            question->party, partner.version, LANE_VERSION_ASK);
    }
    return RESULT_OK;
}

enum result link_ask(struct link *link, const struct question *question, struct queue *asker,
                     uint64_t *number, struct error *error)
{
    enum result result = check_open(link, question, error);
    if (result == RESULT_OK) {
        result = desk_ask(link->desk, question, asker, number, error);
    }
    if (result == RESULT_OK) {
        queue_wake(&peers_host(link->peers)->home);
        if (link->inbox != NULL) {
            queue_wake(&inbox_host(link->inbox)->home);
        }
    }
    return result;
}

enum result link_answer(struct link *link, uint64_t number, struct buffer *answer,
                        struct error *error)
{
    return desk_answer(link->desk, number, answer, error);
}

void link_forget(struct link *link, uint64_t number)
{
    desk_forget(link->desk, number);
}

/* ---- tests of a partner ---- */

enum result link_probe(struct link *link, struct text party, struct queue *asker,
                       struct trying **trying, struct error *error)
{
    return probe_start(link->context, link->flow, link->board, party, asker, trying, error);
}
