/* A running node: start and stop order, signals, what its tasks call. See daemon.h.
 * The main thread starts the tasks, then waits for signals; it touches no socket and no store. */
#include "node/daemon.h"

#include "keys/process.h"
#include "node/daemon_parts.h"
#include "node/flow/rest.h"
#include "node/flow/trust.h"
#include "node/remind.h"
#include "node/unlock.h"

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <unistd.h>

#define STOP_SECONDS_MAX 20 /* past it the process ends all the same; the journal is whole */
#define FILES_WANTED     65536
#define REMIND_MS        3600000 /* between two looks at what comes to its end */

/* ---- what the tasks call ---- */

static void node_written(void *self)
{
    struct daemon *daemon = self;
    (void)pthread_mutex_lock(&daemon->wake_lock);
    if (daemon->link != NULL) {
        link_written(daemon->link);
    }
    (void)pthread_mutex_unlock(&daemon->wake_lock);
}

static void node_committed(void *self)
{
    struct daemon *daemon = self;
    (void)pthread_mutex_lock(&daemon->wake_lock);
    if (daemon->link != NULL) {
        link_committed(daemon->link);
    }
    if (daemon->control != NULL) {
        control_committed(daemon->control);
    }
    if (daemon->bridge != NULL) {
        bridge_committed(daemon->bridge);
    }
    (void)pthread_mutex_unlock(&daemon->wake_lock);
}

/* What commits wake from now on. */
static void set_woken(struct daemon *daemon, struct link *link, struct control *control,
                      struct bridge *bridge)
{
    (void)pthread_mutex_lock(&daemon->wake_lock);
    daemon->bridge = bridge;
    daemon->link = link;
    daemon->control = control;
    (void)pthread_mutex_unlock(&daemon->wake_lock);
}

/* The partners without a node. */
static size_t rest_partners(struct daemon *daemon, struct standing *partners, size_t max)
{
    size_t count = 0;
    (void)pthread_mutex_lock(&daemon->wake_lock);
    if (daemon->bridge != NULL) {
        count = bridge_partners(daemon->bridge, partners, max);
    }
    (void)pthread_mutex_unlock(&daemon->wake_lock);
    return count;
}

static size_t node_partners(void *self, struct standing *partners, size_t max)
{
    struct daemon *daemon = self;
    struct link_partner rows[64];
    size_t count = link_status(daemon->link, rows, max < 64 ? max : 64);
    for (size_t i = 0; i < count; i++) {
        partners[i] = (struct standing){
            .outgoing = lane_state_text(rows[i].outgoing),
            .incoming = lane_state_text(rows[i].incoming),
            .sent = rows[i].sent,
            .receipted = rows[i].receipted,
            .in_flight_bytes = rows[i].in_flight_bytes,
            .credit = rows[i].credit,
            .clock_ahead_ms = rows[i].clock_ahead_ms,
            .last_heard_ms = rows[i].last_heard_ms,
            .version = rows[i].version,
        };
        memcpy(partners[i].party, rows[i].party, sizeof partners[i].party);
        memcpy(partners[i].trouble, rows[i].trouble, sizeof partners[i].trouble);
    }
    return count + rest_partners(daemon, partners + count, max - count);
}

static enum result node_ask(void *self, const struct question *question, struct queue *asker,
                            uint64_t *number, struct error *error)
{
    struct daemon *daemon = self;
    return link_ask(daemon->link, question, asker, number, error);
}

static enum result node_answer(void *self, uint64_t number, struct buffer *answer,
                               struct error *error)
{
    struct daemon *daemon = self;
    return link_answer(daemon->link, number, answer, error);
}

static void node_forget(void *self, uint64_t number)
{
    struct daemon *daemon = self;
    link_forget(daemon->link, number);
}

static enum result node_try(void *self, struct text party, struct queue *asker,
                            struct trying **trying, struct error *error)
{
    struct daemon *daemon = self;
    enum result result = trial_check_partner(&daemon->flow, party, error);
    if (result != RESULT_OK) {
        return result;
    }
    return rest_is_partner(&daemon->flow, party)
               ? bridge_knock(daemon->bridge, party, asker, trying, error)
               : link_probe(daemon->link, party, asker, trying, error);
}

static void node_released(void *self)
{
    const struct daemon *daemon = self;
    link_reload(daemon->link);
}

static void node_stop(void *self)
{
    struct daemon *daemon = self;
    const uint64_t one = 1;
    (void)!write(daemon->stop_fd, &one, sizeof one);
}

/* ---- start, run, stop ---- */

static enum result open_store(struct daemon *daemon, struct error *error)
{
    char path[CONFIG_PATH_BYTES];
    struct store_options options;
    enum result result =
        reading_store_options(daemon->flow.config, path, &daemon->metrics, &options, error);
    if (result == RESULT_OK) {
        result = store_open(&options, &daemon->flow.store, error);
    }
    if (result == RESULT_OK) {
        const struct writer_watch watch = {node_written, node_committed, daemon};
        result = writer_start(daemon->flow.store, &watch, &daemon->flow.writer, error);
    }
    return result;
}

static enum result start(struct daemon *daemon, int passphrase_fd, struct error *error)
{
    struct link *link = NULL;
    struct control *started = NULL;
    struct bridge *bridge = NULL;
    enum result result =
        reading_directory(&daemon->configuration->config, &daemon->flow.directory, error);
    if (result == RESULT_OK) {
        result = reading_agreements(daemon->flow.config, &daemon->flow.agreements, error);
    }
    if (result == RESULT_OK) {
        result = unlock_start(&daemon->flow, passphrase_fd, error);
    }
    if (result == RESULT_OK) {
        result = open_store(daemon, error);
    }
    if (result == RESULT_OK) {
        const struct trust_node trust = {
            .flow = &daemon->flow, .refresh = reload_texts, .wake = node_written, .self = daemon};
        result = trust_start(&trust, &daemon->flow.trust, error);
    }
    if (result == RESULT_OK) {
        result = link_start(&daemon->flow, &link, error);
        set_woken(daemon, link, NULL, NULL);
    }
    if (result == RESULT_OK) {
        link_hear(link);
    }
    if (result == RESULT_OK) {
        const struct bridge_node node = {
            .flow = &daemon->flow, .partners = node_partners, .self = daemon};
        result = bridge_start(&node, &bridge, error);
        set_woken(daemon, link, NULL, bridge);
    }
    if (result == RESULT_OK) {
        const struct control_node control = {.flow = &daemon->flow,
                                             .partners = node_partners,
                                             .ask = node_ask,
                                             .answer = node_answer,
                                             .forget = node_forget,
                                             .try = node_try,
                                             .reload = reload_all,
                                             .released = node_released,
                                             .stop = node_stop,
                                             .self = daemon};
        result = control_start(&control, &started, error);
        set_woken(daemon, link, started, bridge);
    }
    return result;
}

/* The reverse of start: nobody new is served, then what is under way is committed, then all goes.
 */
static void stop(struct daemon *daemon)
{
    (void)alarm(STOP_SECONDS_MAX);
    struct link *link = daemon->link;
    struct control *control = daemon->control;
    struct bridge *bridge = daemon->bridge;
    set_woken(daemon, link, NULL, bridge);
    control_stop(&control);
    set_woken(daemon, link, NULL, NULL);
    bridge_stop(&bridge);
    set_woken(daemon, NULL, NULL, NULL);
    if (link != NULL) {
        link_stop(&link);
    }
    trust_stop(&daemon->flow.trust);
    writer_stop(&daemon->flow.writer);
    store_close(&daemon->flow.store);
    unlocked_release(&daemon->flow.unlocked);
    directory_release(&daemon->flow.directory);
    agreements_release(&daemon->flow.agreements);
    while (daemon->configuration != NULL) {
        struct configuration *before = daemon->configuration->before;
        configuration_destroy(&daemon->configuration);
        daemon->configuration = before;
    }
}

/* Waits for signals until one says stop, and reminds meanwhile. */
static void wait_for_stop(struct daemon *daemon, int signal_fd)
{
    uint64_t reminded_s = 0;
    struct pollfd polled[2] = {{.fd = signal_fd, .events = POLLIN},
                               {.fd = daemon->stop_fd, .events = POLLIN}};
    for (;;) {
        struct signalfd_siginfo signal;
        const struct bytes none = {NULL, 0};
        size_t locked = 0;
        struct error error;
        remind_of_ends(&daemon->flow, reminded_s);
        reminded_s = world_wall_ms(daemon->flow.world) / 1000;
        if (poll(polled, 2, REMIND_MS) <= 0) {
            continue;
        }
        if (polled[1].revents != 0) {
            return;
        }
        if (read(signal_fd, &signal, sizeof signal) != (ssize_t)sizeof signal) {
            continue;
        }
        if (signal.ssi_signo != SIGHUP) {
            return;
        }
        (void)!reload_all(daemon, none, &locked, &error);
    }
}

static void prepare_process(void)
{
    struct rlimit files = {0};
    if (getrlimit(RLIMIT_NOFILE, &files) == 0 && files.rlim_cur < FILES_WANTED) {
        files.rlim_cur = files.rlim_max < FILES_WANTED ? files.rlim_max : FILES_WANTED;
        (void)setrlimit(RLIMIT_NOFILE, &files);
    }
    process_hide();
    (void)signal(SIGPIPE, SIG_IGN);
}

/* Blocks them before the first thread, so that only the main thread's signalfd sees them. */
static int block_signals(sigset_t *set)
{
    (void)sigemptyset(set);
    (void)sigaddset(set, SIGTERM);
    (void)sigaddset(set, SIGINT);
    (void)sigaddset(set, SIGHUP);
    (void)pthread_sigmask(SIG_BLOCK, set, NULL);
    return signalfd(-1, set, SFD_CLOEXEC);
}

/* From here on a second SIGTERM ends the process at once. */
static void unblock_signals(const sigset_t *set)
{
    (void)signal(SIGTERM, SIG_DFL);
    (void)signal(SIGINT, SIG_DFL);
    (void)pthread_sigmask(SIG_UNBLOCK, set, NULL);
}

enum result daemon_run(struct configuration *configuration, int passphrase_fd, struct error *error)
{
    sigset_t signals;
    struct daemon daemon = {
        .configuration = configuration,
        .flow = {.world = world_real(), .refresh = reload_texts},
        .stop_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK),
        .wake_lock = PTHREAD_MUTEX_INITIALIZER,
        .unlock_lock = PTHREAD_MUTEX_INITIALIZER,
        .reload_lock = PTHREAD_MUTEX_INITIALIZER,
    };
    daemon.flow.rules = configuration->rules;
    daemon.flow.config = &configuration->config;
    daemon.flow.metrics = &daemon.metrics;
    daemon.flow.self = &daemon;
    (void)pthread_mutex_init(&daemon.flow.directory_lock, NULL);
    prepare_process();
    int signal_fd = block_signals(&signals);
    enum result result = start(&daemon, passphrase_fd, error);
    if (result == RESULT_OK) {
        const struct config *config = daemon.flow.config;
        log_event(LOG_LEVEL_INFO, "node", "ready", "party=%s environment=%s domain=%s control=%s",
                  config->party, config->environment, config->domain, config->control_socket);
        remind_of_differences(&daemon.flow);
        wait_for_stop(&daemon, signal_fd);
        log_event(LOG_LEVEL_INFO, "node", "stopping", "party=%s", config->party);
    }
    unblock_signals(&signals);
    stop(&daemon);
    (void)close(signal_fd);
    (void)close(daemon.stop_fd);
    return result;
}
