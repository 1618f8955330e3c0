/* comeshd: one node of the mesh. Start and stop order, signals, and nothing else.
 * The main thread starts the tasks, then waits for signals; it touches no socket and no store. */
#include "keys/keyfile.h"
#include "node/control/control.h"
#include "node/link/link.h"

#include <getopt.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sysexits.h>
#include <unistd.h>

#define STOP_SECONDS_MAX 20 /* past it the process ends all the same; the journal is whole */
#define FILES_WANTED     65536

/* A configuration that was in force; readers may still hold it, so all live until the end. */
struct configuration {
    struct configuration *before;
    struct config config;
};

struct node {
    struct configuration *configuration;
    struct flow flow;
    struct metrics metrics;
    struct keypair *checkpoint_key;
    struct keypair *receipt_key;
    struct keypair *transport_key;
    struct link *_Atomic link;
    struct control *control;
    int stop_fd; /* written by the control socket's stop */
    pthread_mutex_t reload_lock;
};

enum act { ACT_RUN, ACT_CHECK_CONFIG, ACT_REBUILD, ACT_VERIFY };

struct arguments {
    const char *config_path;
    int passphrase_fd;
    enum act act;
};

/* ---- what the tasks call ---- */

static void node_committed(void *self)
{
    struct node *node = self;
    struct link *link = node->link;
    if (link != NULL) {
        link_committed(link);
    }
}

static size_t node_partners(void *self, struct control_partner *partners, size_t max)
{
    struct node *node = self;
    struct link_partner rows[64];
    size_t count = link_status(node->link, rows, max < 64 ? max : 64);
    for (size_t i = 0; i < count; i++) {
        partners[i] = (struct control_partner){
            .outgoing = lane_state_text(rows[i].outgoing),
            .incoming = lane_state_text(rows[i].incoming),
            .in_flight_bytes = rows[i].in_flight_bytes,
            .credit = rows[i].credit,
            .clock_ahead_ms = rows[i].clock_ahead_ms,
            .last_heard_ms = rows[i].last_heard_ms,
        };
        memcpy(partners[i].party, rows[i].party, sizeof partners[i].party);
        memcpy(partners[i].trouble, rows[i].trouble, sizeof partners[i].trouble);
    }
    return count;
}

static void node_stop(void *self)
{
    struct node *node = self;
    const uint64_t one = 1;
    (void)!write(node->stop_fd, &one, sizeof one);
}

/* ---- configuration and directory ---- */

static enum result load_configuration(const char *path, struct configuration **configuration,
                                      struct error *error)
{
    struct buffer report = {0};
    struct configuration *made = calloc(1, sizeof *made);
    if (made == NULL) {
        return error_set(error, RESULT_NO_MEMORY, "no memory for the configuration");
    }
    enum result result = config_load(path, &made->config, &report, error);
    if (report.size > 0) {
        (void)fprintf(stderr, "%.*s", TEXT_ARGS(buffer_view(&report)));
    }
    buffer_free(&report);
    if (result != RESULT_OK) {
        free(made);
        return result;
    }
    *configuration = made;
    return RESULT_OK;
}

static enum result load_directory(const struct config *config, struct directory **directory,
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
    if (strcmp(own->party, config->party) != 0 || strcmp(own->domain, config->domain) != 0) {
        result = error_set(error, RESULT_INVALID,
                           "the own card is of %s (%s), the configuration is of %s (%s)",
                           own->party, own->domain, config->party, config->domain);
        directory_release(directory);
    }
    return result;
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

static enum result node_reload(void *self, struct error *error)
{
    struct node *node = self;
    struct configuration *next = NULL;
    struct directory *directory = NULL;
    (void)pthread_mutex_lock(&node->reload_lock);
    enum result result = load_configuration(node->configuration->config.path, &next, error);
    if (result == RESULT_OK) {
        result = check_unchanged(&node->configuration->config, &next->config, error);
    }
    if (result == RESULT_OK) {
        result = load_directory(&next->config, &directory, error);
    }
    if (result == RESULT_OK) {
        next->before = node->configuration;
        node->configuration = next;
        node->flow.config = &next->config;
        log_set_level(next->config.log_level);
        size_t partners = directory_count(directory);
        flow_set_directory(&node->flow, &directory);
        link_reload(node->link);
        log_event(LOG_LEVEL_INFO, "node", "reloaded", "partners=%zu agreements=%zu", partners,
                  next->config.agreement_count);
    } else {
        free(next);
        log_error("node", "reload refused, the node goes on as it was", error);
    }
    (void)pthread_mutex_unlock(&node->reload_lock);
    return result;
}

/* ---- keys ---- */

static enum result get_passphrase(int fd, struct passphrase **passphrase, struct error *error)
{
    if (fd >= 0) {
        return passphrase_from_fd(fd, passphrase, error);
    }
    if (getenv("CREDENTIALS_DIRECTORY") != NULL) {
        return passphrase_from_credential(passphrase, error);
    }
    return passphrase_from_terminal("Passphrase of this node's keys: ", false, passphrase, error);
}

static enum result load_key(const struct config *config, enum key_role role,
                            const struct passphrase *passphrase, struct keypair **keypair,
                            struct error *error)
{
    char name[64];
    char path[CONFIG_PATH_BYTES];
    const struct keyfile_owner owner = {text_of(config->party), text_of(config->environment)};
    (void)snprintf(name, sizeof name, "keys/%s.key", key_role_text(role));
    enum result result = config_place(config, name, path, error);
    if (result == RESULT_OK) {
        result = keyfile_read(path, role, &owner, passphrase_bytes(passphrase), keypair, error);
    }
    return result;
}

/* The own card must carry the keys that were loaded: otherwise no partner could verify us. */
static enum result check_own_key(const struct card *own, const struct keypair *keypair,
                                 struct error *error)
{
    enum key_role role = keypair_role(keypair);
    for (size_t i = 0; i < own->key_count[role]; i++) {
        if (memcmp(own->keys[role][i].public_key, keypair_public(keypair), KEY_PUBLIC_BYTES) == 0) {
            return RESULT_OK;
        }
    }
    return error_set(error, RESULT_INVALID, "the %s key in keys/ is not one of the own card's",
                     key_role_text(role));
}

static enum result load_keys(struct node *node, int passphrase_fd, struct error *error)
{
    const struct config *config = node->flow.config;
    struct passphrase *passphrase = NULL;
    const struct {
        enum key_role role;
        struct keypair **keypair;
    } wanted[] = {{KEY_CHECKPOINT, &node->checkpoint_key},
                  {KEY_RECEIPT, &node->receipt_key},
                  {KEY_TRANSPORT, &node->transport_key}};
    enum result result = get_passphrase(passphrase_fd, &passphrase, error);
    for (size_t i = 0; i < 3 && result == RESULT_OK; i++) {
        result = load_key(config, wanted[i].role, passphrase, wanted[i].keypair, error);
        if (result == RESULT_OK) {
            result = check_own_key(directory_own(node->flow.directory), *wanted[i].keypair, error);
        }
    }
    passphrase_destroy(&passphrase);
    node->flow.checkpoint_key = node->checkpoint_key;
    node->flow.receipt_key = node->receipt_key;
    node->flow.transport_key = node->transport_key;
    return result;
}

/* ---- start, run, stop ---- */

static enum result store_place(const struct config *config, char path[CONFIG_PATH_BYTES],
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

static enum result open_store(struct node *node, struct error *error)
{
    char path[CONFIG_PATH_BYTES];
    struct store_options options;
    enum result result = store_place(node->flow.config, path, &node->metrics, &options, error);
    if (result == RESULT_OK) {
        result = store_open(&options, &node->flow.store, error);
    }
    if (result == RESULT_OK) {
        result = store_reader_open(node->flow.store, &node->flow.decisions, error);
    }
    if (result == RESULT_OK) {
        result = writer_start(node->flow.store, node_committed, node, &node->flow.writer, error);
    }
    return result;
}

static enum result start(struct node *node, int passphrase_fd, struct error *error)
{
    struct link *link = NULL;
    enum result result = load_directory(node->flow.config, &node->flow.directory, error);
    if (result == RESULT_OK) {
        result = load_keys(node, passphrase_fd, error);
    }
    if (result == RESULT_OK) {
        result = open_store(node, error);
    }
    if (result == RESULT_OK) {
        result = link_start(&node->flow, &link, error);
        node->link = link;
    }
    if (result == RESULT_OK) {
        const struct control_node control = {.flow = &node->flow,
                                             .partners = node_partners,
                                             .reload = node_reload,
                                             .stop = node_stop,
                                             .self = node};
        result = control_start(&control, &node->control, error);
    }
    return result;
}

/* The reverse of start: nobody new is served, then what is under way is committed, then all goes.
 */
static void stop(struct node *node)
{
    struct link *link = node->link;
    (void)alarm(STOP_SECONDS_MAX);
    control_stop(&node->control);
    if (link != NULL) {
        link_stop(&link);
        node->link = NULL;
    }
    writer_stop(&node->flow.writer);
    store_reader_close(&node->flow.decisions);
    store_close(&node->flow.store);
    keypair_destroy(&node->transport_key);
    keypair_destroy(&node->receipt_key);
    keypair_destroy(&node->checkpoint_key);
    directory_release(&node->flow.directory);
    while (node->configuration != NULL) {
        struct configuration *before = node->configuration->before;
        free(node->configuration);
        node->configuration = before;
    }
}

/* Waits for signals until one says stop. */
static void wait_for_stop(struct node *node, int signal_fd)
{
    struct pollfd polled[2] = {{.fd = signal_fd, .events = POLLIN},
                               {.fd = node->stop_fd, .events = POLLIN}};
    for (;;) {
        struct signalfd_siginfo signal;
        struct error error;
        if (poll(polled, 2, -1) < 0) {
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
        (void)node_reload(node, &error);
    }
}

static void prepare_process(void)
{
    struct rlimit files = {0};
    const struct rlimit no_core = {0, 0};
    if (getrlimit(RLIMIT_NOFILE, &files) == 0 && files.rlim_cur < FILES_WANTED) {
        files.rlim_cur = files.rlim_max < FILES_WANTED ? files.rlim_max : FILES_WANTED;
        (void)setrlimit(RLIMIT_NOFILE, &files);
    }
    (void)setrlimit(RLIMIT_CORE, &no_core);
    (void)prctl(PR_SET_DUMPABLE, 0);
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

static enum result run(struct configuration *configuration, int passphrase_fd, struct error *error)
{
    sigset_t signals;
    struct node node = {
        .configuration = configuration,
        .flow = {.config = &configuration->config, .world = world_real()},
        .stop_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK),
        .reload_lock = PTHREAD_MUTEX_INITIALIZER,
    };
    node.flow.metrics = &node.metrics;
    (void)pthread_mutex_init(&node.flow.directory_lock, NULL);
    prepare_process();
    int signal_fd = block_signals(&signals);
    enum result result = start(&node, passphrase_fd, error);
    if (result == RESULT_OK) {
        const struct config *config = node.flow.config;
        log_event(LOG_LEVEL_INFO, "node", "ready", "party=%s environment=%s domain=%s control=%s",
                  config->party, config->environment, config->domain, config->control_socket);
        wait_for_stop(&node, signal_fd);
        log_event(LOG_LEVEL_INFO, "node", "stopping", "party=%s", config->party);
    }
    unblock_signals(&signals);
    stop(&node);
    (void)close(signal_fd);
    (void)close(node.stop_fd);
    return result;
}

/* ---- the other acts ---- */

static enum result check_config(const struct config *config)
{
    (void)printf("%s: good. Party %s, environment %s, domain %s, %zu agreement%s.\n", config->path,
                 config->party, config->environment, config->domain, config->agreement_count,
                 config->agreement_count == 1 ? "" : "s");
    return RESULT_OK;
}

static enum result rebuild(const struct config *config, struct error *error)
{
    char path[CONFIG_PATH_BYTES];
    struct metrics metrics = {0};
    struct store_options options;
    uint64_t records = 0;
    enum result result = store_place(config, path, &metrics, &options, error);
    if (result == RESULT_OK) {
        result = store_rebuild(&options, &records, error);
    }
    if (result == RESULT_OK) {
        (void)printf("Views rebuilt from %llu records of the journal.\n",
                     (unsigned long long)records);
    }
    return result;
}

static enum result verify(const struct config *config, struct error *error)
{
    char path[CONFIG_PATH_BYTES];
    struct metrics metrics = {0};
    struct store_options options;
    struct audit_summary summary = {0};
    struct directory *directory = NULL;
    enum result result = store_place(config, path, &metrics, &options, error);
    if (result == RESULT_OK) {
        result = load_directory(config, &directory, error);
    }
    if (result == RESULT_OK) {
        result = audit_store(&options, directory, &summary, error);
    }
    directory_release(&directory);
    if (result == RESULT_OK) {
        (void)printf(
            "Verified: %llu records, %llu entries in %llu channels, %llu receipts with both "
            "signatures.\n",
            (unsigned long long)summary.records, (unsigned long long)summary.entries,
            (unsigned long long)summary.channels, (unsigned long long)summary.receipts);
    }
    return result;
}

/* ---- the command line ---- */

static const char usage[] =
    "comeshd runs one node of the mesh.\n"
    "\n"
    "  comeshd --config /etc/comesh/comesh.zpl          run, with the passphrase from the systemd\n"
    "                                                   credential or asked for on the terminal\n"
    "  comeshd --config FILE --passphrase-fd 3 3<FILE   run, with the passphrase from a "
    "descriptor\n"
    "  comeshd --config FILE --check-config             tell every error of the configuration\n"
    "  comeshd --config FILE --rebuild                  make the views again from the journal\n"
    "  comeshd --config FILE --verify                   prove the whole store again\n"
    "\n"
    "SIGTERM stops in order, a second one at once; SIGHUP reads cards and configuration again.\n";

/* Exits for --help, --version and wrong use. */
static struct arguments parse_arguments(int argc, char **argv)
{
    struct arguments arguments = {.config_path = "comesh.zpl", .passphrase_fd = -1};
    static const struct option options[] = {
        {"config", required_argument, NULL, 'c'},
        {"check-config", no_argument, NULL, 'k'},
        {"passphrase-fd", required_argument, NULL, 'p'},
        {"rebuild", no_argument, NULL, 'r'},
        {"verify", no_argument, NULL, 'y'},
        {"version", no_argument, NULL, 'v'},
        {"help", no_argument, NULL, 'h'},
        {NULL, 0, NULL, 0},
    };
    int option = 0;
    while ((option = getopt_long(argc, argv, "c:h", options, NULL)) != -1) {
        switch (option) {
        case 'c':
            arguments.config_path = optarg;
            break;
        case 'k':
            arguments.act = ACT_CHECK_CONFIG;
            break;
        case 'p':
            arguments.passphrase_fd = (int)strtol(optarg, NULL, 10);
            break;
        case 'r':
            arguments.act = ACT_REBUILD;
            break;
        case 'y':
            arguments.act = ACT_VERIFY;
            break;
        case 'v':
            (void)printf("comeshd %s\n", COMESH_VERSION);
            exit(EX_OK);
        case 'h':
            (void)fputs(usage, stdout);
            exit(EX_OK);
        default:
            (void)fputs(usage, stderr);
            exit(EX_USAGE);
        }
    }
    if (optind < argc) {
        (void)fprintf(stderr, "comeshd: '%s' is not understood\n\n%s", argv[optind], usage);
        exit(EX_USAGE);
    }
    return arguments;
}

static int exit_code(enum result result)
{
    switch (result) {
    case RESULT_OK:
        return EX_OK;
    case RESULT_INVALID:
        return EX_CONFIG;
    case RESULT_DENIED:
        return EX_NOPERM;
    case RESULT_CORRUPT:
    case RESULT_UNTRUSTED:
        return EX_DATAERR;
    case RESULT_FULL:
    case RESULT_BUSY:
        return EX_TEMPFAIL;
    default:
        return EX_SOFTWARE;
    }
}

int main(int argc, char **argv)
{
    struct arguments arguments = parse_arguments(argc, argv);
    struct configuration *configuration = NULL;
    struct error error = {0};
    enum result result = keys_init(&error);
    if (result == RESULT_OK) {
        result = load_configuration(arguments.config_path, &configuration, &error);
    }
    if (result == RESULT_OK) {
        log_set_level(configuration->config.log_level);
        switch (arguments.act) {
        case ACT_RUN: /* takes the configuration over */
            result = run(configuration, arguments.passphrase_fd, &error);
            configuration = NULL;
            break;
        case ACT_CHECK_CONFIG:
            result = check_config(&configuration->config);
            break;
        case ACT_REBUILD:
            result = rebuild(&configuration->config, &error);
            break;
        case ACT_VERIFY:
            result = verify(&configuration->config, &error);
            break;
        }
    }
    free(configuration);
    if (result != RESULT_OK) {
        (void)fprintf(stderr, "comeshd: %s\n", error.message);
    }
    return exit_code(result);
}
