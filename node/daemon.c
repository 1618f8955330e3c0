/* A running node: start and stop order, signals, reload. See daemon.h.
 * The main thread starts the tasks, then waits for signals; it touches no socket and no store. */
#include "node/daemon.h"

#include "keys/process.h"
#include "node/bridge/bridge.h"
#include "node/control/control.h"
#include "node/flow/trust.h"
#include "node/link/link.h"
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

struct daemon {
    struct configuration *configuration;
    struct flow flow;
    struct metrics metrics;
    pthread_mutex_t wake_lock; /* the writer may be about to wake what is being stopped */
    struct link *link;
    struct control *control;
    struct bridge *bridge;
    int stop_fd; /* written by the control socket's stop */
    pthread_mutex_t reload_lock;
};

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

static enum result node_probe(void *self, struct text party, struct queue *asker,
                              struct probe **probe, struct error *error)
{
    struct daemon *daemon = self;
    return link_probe(daemon->link, party, asker, probe, error);
}

static void node_stop(void *self)
{
    struct daemon *daemon = self;
    const uint64_t one = 1;
    (void)!write(daemon->stop_fd, &one, sizeof one);
}

/* ---- configuration and directory ---- */

void configuration_destroy(struct configuration **configuration)
{
    if (*configuration != NULL) {
        rules_destroy(&(*configuration)->rules);
        free(*configuration);
        *configuration = NULL;
    }
}

enum result daemon_configuration(const char *path, struct configuration **configuration,
                                 struct error *error)
{
    struct buffer report = {0};
    struct configuration *made = calloc(1, sizeof *made);
    if (made == NULL) {
        return error_set(error, RESULT_NO_MEMORY, "no memory for the configuration");
    }
    enum result result = config_load(path, &made->config, &report, error);
    if (result == RESULT_OK) {
        result = rules_load(made->config.directory, &made->rules, error);
    }
    if (result == RESULT_OK) {
        result = rules_fit(made->rules, &made->config, &report, error);
    }
    if (report.size > 0) {
        (void)fprintf(stderr, "%.*s", TEXT_ARGS(buffer_view(&report)));
    }
    buffer_free(&report);
    if (result != RESULT_OK) {
        configuration_destroy(&made);
        return result;
    }
    *configuration = made;
    return RESULT_OK;
}

enum result daemon_directory(const struct config *config, struct directory **directory,
                             struct error *error)
{
    char path[CONFIG_PATH_BYTES];
    enum result result = config_place(config, "cards", path, error);
    if (result == RESULT_OK) {
        result = directory_load(path, text_of(config->environment), directory, error);
    }
    if (result != RESULT_OK) {
        return result;
    }
    const struct card *own = directory_own(*directory);
    if (!text_equal(text_of(own->party), text_of(config->party)) ||
        !text_equal(text_of(own->domain), text_of(config->domain))) {
        result = error_set(error, RESULT_INVALID,
                           "the own card is of %s (%s), the configuration is of %s (%s)",
                           own->party, own->domain, config->party, config->domain);
        directory_release(directory);
    }
    return result;
}

enum result daemon_agreements(const struct config *config, struct agreements **agreements,
                              struct error *error)
{
    char path[CONFIG_PATH_BYTES];
    enum result result = config_place(config, "agreements", path, error);
    return result == RESULT_OK
               ? agreements_load(path, text_of(config->environment), agreements, error)
               : result;
}

/* What a reload cannot change while sockets, keys and channels stand on it. */
static enum result check_unchanged(const struct config *now, const struct config *next,
                                   struct error *error)
{
    const struct {
        const char *name;
        const char *now;
        const char *next;
    } fixed[] = {
        {"node/party", now->party, next->party},
        {"node/environment", now->environment, next->environment},
        {"node/domain", now->domain, next->domain},
        {"node/directory", now->directory, next->directory},
        {"control/socket", now->control_socket, next->control_socket},
        {"private/listen", now->private_listen, next->private_listen},
    };
    for (size_t i = 0; i < sizeof fixed / sizeof fixed[0]; i++) {
        if (strcmp(fixed[i].now, fixed[i].next) != 0) {
            return error_set(error, RESULT_INVALID,
                             "%s changed from '%s' to '%s'; that needs a restart, so nothing was "
                             "taken over",
                             fixed[i].name, fixed[i].now, fixed[i].next);
        }
    }
    return RESULT_OK;
}

static enum result node_reload(void *self, struct bytes passphrase, size_t *locked,
                               struct error *error)
{
    struct daemon *daemon = self;
    struct configuration *next = NULL;
    struct directory *directory = NULL;
    struct agreements *agreements = NULL;
    struct unlocked *unlocked = NULL;
    *locked = 0;
    (void)pthread_mutex_lock(&daemon->reload_lock);
    enum result result = daemon_configuration(daemon->configuration->config.path, &next, error);
    if (result == RESULT_OK) {
        result = check_unchanged(&daemon->configuration->config, &next->config, error);
    }
    if (result == RESULT_OK) {
        result = daemon_directory(&next->config, &directory, error);
    }
    if (result == RESULT_OK) {
        result = daemon_agreements(&next->config, &agreements, error);
    }
    if (result == RESULT_OK) {
        result = unlock_new(&daemon->flow, directory_own(directory), passphrase, &unlocked, error);
    }
    if (result == RESULT_OK) {
        next->before = daemon->configuration;
        daemon->configuration = next;
        daemon->flow.rules = next->rules;
        daemon->flow.config = &next->config;
        log_set_level(next->config.log_level);
        size_t partners = directory_count(directory);
        *locked = unlocked_locked(unlocked);
        flow_set_unlocked(&daemon->flow, &unlocked);
        flow_set_directory(&daemon->flow, &directory);
        flow_set_agreements(&daemon->flow, &agreements);
        link_reload(daemon->link);
        (void)pthread_mutex_lock(&daemon->wake_lock);
        if (daemon->bridge != NULL) {
            bridge_reload(daemon->bridge);
        }
        (void)pthread_mutex_unlock(&daemon->wake_lock);
        remind_of_differences(&daemon->flow);
        trust_changed(daemon->flow.trust);
        log_event(LOG_LEVEL_INFO, "node", "reloaded", "partners=%zu agreements=%zu", partners,
                  next->config.agreement_count);
    } else {
        agreements_release(&agreements);
        directory_release(&directory);
        configuration_destroy(&next);
        log_error("node", "reload refused, the node goes on as it was", error);
    }
    (void)pthread_mutex_unlock(&daemon->reload_lock);
    return result;
}

/* Cards and agreements alone, when the node itself has taken some from the mesh. */
static enum result node_refresh(void *self, struct error *error)
{
    struct daemon *daemon = self;
    struct directory *directory = NULL;
    struct agreements *agreements = NULL;
    (void)pthread_mutex_lock(&daemon->reload_lock);
    enum result result = daemon_directory(daemon->flow.config, &directory, error);
    if (result == RESULT_OK) {
        result = daemon_agreements(daemon->flow.config, &agreements, error);
    }
    if (result == RESULT_OK) {
        flow_set_directory(&daemon->flow, &directory);
        flow_set_agreements(&daemon->flow, &agreements);
        (void)pthread_mutex_lock(&daemon->wake_lock);
        if (daemon->link != NULL) {
            link_reload(daemon->link);
        }
        (void)pthread_mutex_unlock(&daemon->wake_lock);
        remind_of_differences(&daemon->flow);
        trust_changed(daemon->flow.trust);
    }
    directory_release(&directory);
    (void)pthread_mutex_unlock(&daemon->reload_lock);
    return result;
}

/* ---- start, run, stop ---- */

enum result daemon_store(const struct config *config, char path[CONFIG_PATH_BYTES],
                         struct metrics *metrics, struct store_options *options,
                         struct error *error)
{
    *options = (struct store_options){
        .path = path,
        .segment_bytes = config->segment_bytes,
        .minimum_free_bytes = config->minimum_free_bytes,
        .world = world_real(),
        .metrics = metrics,
    };
    return config_place(config, "store", path, error);
}

static enum result open_store(struct daemon *daemon, struct error *error)
{
    char path[CONFIG_PATH_BYTES];
    struct store_options options;
    enum result result = daemon_store(daemon->flow.config, path, &daemon->metrics, &options, error);
    if (result == RESULT_OK) {
        result = store_open(&options, &daemon->flow.store, error);
    }
    if (result == RESULT_OK) {
        result = store_reader_open(daemon->flow.store, &daemon->flow.decisions, error);
    }
    if (result == RESULT_OK) {
        result = helper_start(&daemon->flow.helper, error);
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
        daemon_directory(&daemon->configuration->config, &daemon->flow.directory, error);
    if (result == RESULT_OK) {
        result = daemon_agreements(daemon->flow.config, &daemon->flow.agreements, error);
    }
    if (result == RESULT_OK) {
        result = unlock_start(&daemon->flow, passphrase_fd, error);
    }
    if (result == RESULT_OK) {
        result = open_store(daemon, error);
    }
    if (result == RESULT_OK) {
        const struct trust_node trust = {
            .flow = &daemon->flow, .refresh = node_refresh, .wake = node_written, .self = daemon};
        result = trust_start(&trust, &daemon->flow.trust, error);
    }
    if (result == RESULT_OK) {
        result = link_start(&daemon->flow, &link, error);
        set_woken(daemon, link, NULL, NULL);
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
                                             .probe = node_probe,
                                             .probed = link_probed,
                                             .probe_end = link_probe_end,
                                             .reload = node_reload,
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
    helper_stop(&daemon->flow.helper);
    store_reader_close(&daemon->flow.decisions);
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
        (void)node_reload(daemon, none, &locked, &error);
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
        .flow = {.world = world_real(), .refresh = node_refresh},
        .stop_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK),
        .wake_lock = PTHREAD_MUTEX_INITIALIZER,
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
