/* Looking names up. See lookup.h. */
#include "node/link/lookup.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#define SCHEME "tcp://"

struct lookup {
    char host[ENDPOINT_MAX_BYTES];
    char port[8];
    struct queue *home;
    pthread_mutex_t lock;
    bool done;      /* under the lock */
    bool abandoned; /* under the lock: the thread frees it */
    char addresses[LOOKUP_ADDRESSES_MAX][ENDPOINT_MAX_BYTES];
    size_t count;
    const char *problem;
};

static void lookup_free(struct lookup *lookup)
{
    (void)pthread_mutex_destroy(&lookup->lock);
    free(lookup);
}

/* Takes tcp://host:port apart, an IPv6 address without its brackets. */
static bool split(const char *endpoint, struct lookup *lookup)
{
    const char *port = strrchr(endpoint, ':');
    if (strncmp(endpoint, SCHEME, sizeof SCHEME - 1) != 0 || port < endpoint + sizeof SCHEME) {
        return false;
    }
    const char *host = endpoint + sizeof SCHEME - 1;
    int size = (int)(port - host);
    if (host[0] == '[' && port[-1] == ']') {
        host++;
        size -= 2;
    }
    (void)snprintf(lookup->host, sizeof lookup->host, "%.*s", size, host);
    return snprintf(lookup->port, sizeof lookup->port, "%s", port + 1) < (int)sizeof lookup->port;
}

static void keep(struct lookup *lookup, const struct addrinfo *found)
{
    char host[INET6_ADDRSTRLEN];
    if (lookup->count < LOOKUP_ADDRESSES_MAX &&
        getnameinfo(found->ai_addr, found->ai_addrlen, host, sizeof host, NULL, 0,
                    NI_NUMERICHOST) == 0) {
        bool ipv6 = found->ai_family == AF_INET6;
        (void)snprintf(lookup->addresses[lookup->count++], ENDPOINT_MAX_BYTES, SCHEME "%s%s%s:%s",
                       ipv6 ? "[" : "", host, ipv6 ? "]" : "", lookup->port);
    }
}

/* The addresses in the order of RFC 6724, as the resolver gives them. */
static void ask(struct lookup *lookup, int flags)
{
    struct addrinfo *found = NULL;
    const struct addrinfo hints = {
        .ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM, .ai_flags = flags};
    int failed = getaddrinfo(lookup->host, NULL, &hints, &found);
    lookup->problem = failed == 0 ? "" : gai_strerror(failed);
    for (const struct addrinfo *at = found; at != NULL; at = at->ai_next) {
        keep(lookup, at);
    }
    if (found != NULL) {
        freeaddrinfo(found);
    }
}

static void *run(void *argument)
{
    struct lookup *lookup = argument;
    ask(lookup, 0);
    (void)pthread_mutex_lock(&lookup->lock);
    bool abandoned = lookup->abandoned;
    if (!abandoned) {
        lookup->done = true;
        queue_wake(lookup->home);
    }
    (void)pthread_mutex_unlock(&lookup->lock);
    if (abandoned) {
        lookup_free(lookup);
    }
    return NULL;
}

static enum result begin(struct lookup *lookup, struct error *error)
{
    pthread_t thread;
    sigset_t all;
    sigset_t before;
    (void)sigfillset(&all);
    (void)pthread_sigmask(SIG_SETMASK, &all, &before);
    int failed = pthread_create(&thread, NULL, run, lookup);
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (failed != 0) {
        return error_system(error, failed, "look-up of %s: the thread does not start",
                            lookup->host);
    }
    (void)pthread_detach(thread);
    return RESULT_OK;
}

enum result lookup_start(const char *endpoint, struct queue *home, struct lookup **lookup,
                         struct error *error)
{
    *lookup = NULL;
    struct lookup *made = calloc(1, sizeof *made);
    if (made == NULL) {
        return error_set(error, RESULT_NO_MEMORY, "look-up of %s: no memory", endpoint);
    }
    made->home = home;
    (void)pthread_mutex_init(&made->lock, NULL);
    enum result result = RESULT_OK;
    if (!split(endpoint, made)) {
        result = error_set(error, RESULT_INVALID, "endpoint '%s' is not tcp://host:port", endpoint);
    } else {
        ask(made, AI_NUMERICHOST);
        made->done = made->count > 0;
        result = made->done ? RESULT_OK : begin(made, error);
    }
    if (result != RESULT_OK) {
        lookup_free(made);
        return result;
    }
    *lookup = made;
    return RESULT_OK;
}

bool lookup_is_done(struct lookup *lookup)
{
    (void)pthread_mutex_lock(&lookup->lock);
    bool done = lookup->done;
    (void)pthread_mutex_unlock(&lookup->lock);
    return done;
}

size_t lookup_count(const struct lookup *lookup)
{
    return lookup->count;
}

const char *lookup_problem(const struct lookup *lookup)
{
    return lookup->problem;
}

const char *lookup_endpoint(const struct lookup *lookup, size_t index)
{
    return lookup->addresses[index];
}

void lookup_end(struct lookup **lookup)
{
    struct lookup *gone = *lookup;
    if (gone == NULL) {
        return;
    }
    (void)pthread_mutex_lock(&gone->lock);
    gone->abandoned = !gone->done;
    bool mine = gone->done;
    (void)pthread_mutex_unlock(&gone->lock);
    if (mine) {
        lookup_free(gone);
    }
    *lookup = NULL;
}
