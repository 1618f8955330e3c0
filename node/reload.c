/* What changes while a node runs. One change at a time; whoever reads a snapshot keeps it. See
 * daemon_parts.h. */
#include "node/daemon_parts.h"
#include "node/flow/trust.h"
#include "node/remind.h"
#include "node/unlock.h"

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
        {"public/listen", now->public_listen, next->public_listen},
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

/* All that is read, before any of it counts. */
struct next {
    struct configuration *configuration;
    struct directory *directory;
    struct agreements *agreements;
    struct unlocked *unlocked;
    struct http_certificate *certificate; /* of the public listener */
};

static enum result read_next(struct daemon *daemon, struct bytes passphrase, struct next *next,
                             struct error *error)
{
    const struct config *now = &daemon->configuration->config;
    enum result result = reading_configuration(now->path, &next->configuration, error);
    if (result != RESULT_OK) {
        return result;
    }
    const struct config *config = &next->configuration->config;
    result = check_unchanged(now, config, error);
    if (result == RESULT_OK) {
        result = reading_directory(config, &next->directory, error);
    }
    if (result == RESULT_OK) {
        result = reading_agreements(config, &next->agreements, error);
    }
    if (result == RESULT_OK) {
        result = bridge_certificate(config, &next->certificate, error);
    }
    if (result == RESULT_OK) {
        result = unlock_new(&daemon->flow, directory_own(next->directory), passphrase,
                            &next->unlocked, error);
    }
    return result;
}

static void let_go(struct next *next)
{
    http_certificate_destroy(&next->certificate);
    unlocked_release(&next->unlocked);
    agreements_release(&next->agreements);
    directory_release(&next->directory);
    configuration_destroy(&next->configuration);
}

/* The lanes and the bridge look again, partners are told. */
static void tell_tasks(struct daemon *daemon, struct http_certificate **certificate)
{
    (void)pthread_mutex_lock(&daemon->wake_lock);
    if (daemon->link != NULL) {
        link_reload(daemon->link);
    }
    if (daemon->bridge != NULL) {
        bridge_reload(daemon->bridge, certificate);
    }
    (void)pthread_mutex_unlock(&daemon->wake_lock);
    remind_of_differences(&daemon->flow);
    trust_changed(daemon->flow.trust);
}

static void take_over(struct daemon *daemon, struct next *next)
{
    struct configuration *configuration = next->configuration;
    size_t partners = directory_count(next->directory);
    configuration->before = daemon->configuration;
    daemon->configuration = configuration;
    daemon->flow.rules = configuration->rules;
    daemon->flow.config = &configuration->config;
    log_set_level(configuration->config.log_level);
    flow_set_unlocked(&daemon->flow, &next->unlocked);
    flow_set_directory(&daemon->flow, &next->directory);
    flow_set_agreements(&daemon->flow, &next->agreements);
    tell_tasks(daemon, &next->certificate);
    http_certificate_destroy(&next->certificate);
    log_event(LOG_LEVEL_INFO, "node", "reloaded", "partners=%zu agreements=%zu", partners,
              configuration->config.agreement_count);
}

/* Texts may have come while keys were unlocked. */
static enum result read_texts(const struct config *config, struct directory **directory,
                              struct agreements **agreements, struct error *error)
{
    directory_release(directory);
    agreements_release(agreements);
    enum result result = reading_directory(config, directory, error);
    return result == RESULT_OK ? reading_agreements(config, agreements, error) : result;
}

enum result reload_all(void *self, struct bytes passphrase, size_t *locked, struct error *error)
{
    struct daemon *daemon = self;
    struct next next = {0};
    *locked = 0;
    (void)pthread_mutex_lock(&daemon->unlock_lock);
    enum result result = read_next(daemon, passphrase, &next, error);
    (void)pthread_mutex_lock(&daemon->reload_lock);
    if (result == RESULT_OK) {
        result = read_texts(&next.configuration->config, &next.directory, &next.agreements, error);
    }
    if (result == RESULT_OK) {
        *locked = unlocked_locked(next.unlocked);
        take_over(daemon, &next);
    } else {
        let_go(&next);
        log_error("node", "reload refused, the node goes on as it was", error);
    }
    (void)pthread_mutex_unlock(&daemon->reload_lock);
    (void)pthread_mutex_unlock(&daemon->unlock_lock);
    return result;
}

enum result reload_texts(void *self, struct error *error)
{
    struct daemon *daemon = self;
    struct directory *directory = NULL;
    struct agreements *agreements = NULL;
    struct http_certificate *none = NULL;
    (void)pthread_mutex_lock(&daemon->reload_lock);
    enum result result = read_texts(daemon->flow.config, &directory, &agreements, error);
    if (result == RESULT_OK) {
        flow_set_directory(&daemon->flow, &directory);
        flow_set_agreements(&daemon->flow, &agreements);
        tell_tasks(daemon, &none);
    }
    directory_release(&directory);
    (void)pthread_mutex_unlock(&daemon->reload_lock);
    return result;
}
