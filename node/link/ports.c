/* The inbox's endpoints. See ports.h. */
#include "node/link/ports.h"

#include "node/core/log.h"
#include "node/link/gate.h"
#include "node/link/sockopt.h"

#include <stdio.h>
#include <zmq.h>

/* ---- which key ---- */

/* ":7710" of "tcp://host:7710"; "" without one. */
static const char *port_of(const char *endpoint)
{
    const char *port = strrchr(endpoint, ':');
    return port == NULL ? "" : port;
}

static bool is_at_port(const struct card *card, const struct card_key *key, const char *port)
{
    return text_equal(text_of(port_of(card_key_endpoint(card, key))), text_of(port));
}

const struct keypair *port_key(const char *bind, const struct own *own)
{
    const struct card *card = own->card;
    const char *port = port_of(bind);
    const struct card_key *chosen = NULL;
    const struct keypair *keypair = NULL;
    bool named = false;
    for (size_t i = 0; i < card->key_count[KEY_TRANSPORT]; i++) {
        named = named || is_at_port(card, &card->keys[KEY_TRANSPORT][i], port);
    }
    for (size_t i = 0; i < card->key_count[KEY_TRANSPORT]; i++) {
        const struct card_key *key = &card->keys[KEY_TRANSPORT][i];
        const struct keypair *held = unlocked_find(own->unlocked, KEY_TRANSPORT, key->public_key);
        bool is_here = is_at_port(card, key, named ? port : port_of(card->mesh_endpoint));
        if (is_here && held != NULL && card_key_is_valid(key, own->now_s) &&
            (chosen == NULL || key->from_s < chosen->from_s)) {
            chosen = key;
            keypair = held;
        }
    }
    return keypair;
}

void ports_check(const struct config *config, const struct card *own)
{
    for (size_t i = 0; i < own->key_count[KEY_TRANSPORT]; i++) {
        const struct card_key *key = &own->keys[KEY_TRANSPORT][i];
        bool bound = key->endpoint[0] == '\0';
        for (size_t k = 0; k < config->bind_count && !bound; k++) {
            bound = is_at_port(own, key, port_of(config->binds[k]));
        }
        if (!bound) {
            log_event(LOG_LEVEL_WARNING, "inbox", "no bind serves a transport key of our card",
                      "endpoint=%s remedy=\"add bind = tcp://0.0.0.0%s, then comesh reload\"",
                      key->endpoint, port_of(key->endpoint));
        }
    }
}

/* ---- binding ---- */

static enum result port_bind(void *router, struct port *port, const struct keypair *key,
                             struct error *error)
{
    char known_as[KEY_Z85_BYTES];
    enum result result = sockopt_family(router, port->endpoint, error);
    if (result == RESULT_OK) {
        result = sockopt_serve(router, key, error);
    }
    if (result == RESULT_OK && zmq_bind(router, port->endpoint) != 0) {
        result = error_set(error, RESULT_IO, "inbox: bind %s: %s; is another program there?",
                           port->endpoint, zmq_strerror(zmq_errno()));
    }
    size_t size = sizeof port->endpoint;
    if (result == RESULT_OK &&
        zmq_getsockopt(router, ZMQ_LAST_ENDPOINT, port->endpoint, &size) != 0) {
        result = error_set(error, RESULT_IO, "inbox: endpoint of %s: %s", port->endpoint,
                           zmq_strerror(zmq_errno()));
    }
    port->bound = result == RESULT_OK;
    if (result == RESULT_OK && memcmp(port->key, keypair_public(key), KEY_PUBLIC_BYTES) != 0) {
        memcpy(port->key, keypair_public(key), KEY_PUBLIC_BYTES);
        key_z85(port->key, known_as);
        log_event(LOG_LEVEL_INFO, "inbox", "bound", "endpoint=%s key=\"%s\"", port->endpoint,
                  known_as);
    }
    return result;
}

static void port_drop(void *router, struct port *port)
{
    if (port->bound) {
        (void)zmq_unbind(router, port->endpoint);
        port->bound = false;
    }
}

static void port_add(struct ports *ports, const char *wanted)
{
    struct port *port = &ports->rows[ports->count++];
    *port = (struct port){.bound = false};
    (void)snprintf(port->wanted, sizeof port->wanted, "%s", wanted);
    (void)snprintf(port->endpoint, sizeof port->endpoint, "%s", wanted);
}

/* Where this host reaches what it is bound to: a wildcard is no address to connect to. */
static void reachable(const char *endpoint, char out[ENDPOINT_MAX_BYTES])
{
    bool any4 = strncmp(endpoint, "tcp://0.0.0.0:", 14) == 0;
    bool any6 = strncmp(endpoint, "tcp://[::]:", 11) == 0;
    const char *host = any4 ? "tcp://127.0.0.1" : "tcp://[::1]";
    (void)snprintf(out, ENDPOINT_MAX_BYTES, "%s%s", any4 || any6 ? host : endpoint,
                   any4 || any6 ? port_of(endpoint) : "");
}

enum result ports_open(struct ports *ports, void *context, const struct config *config,
                       const struct own *own, struct error *error)
{
    enum result result = RESULT_OK;
    size_t bound = 0;
    for (size_t i = 0; i < config->bind_count && result == RESULT_OK; i++) {
        char here[ENDPOINT_MAX_BYTES];
        port_add(ports, config->binds[i]);
        struct port *port = &ports->rows[i];
        const struct keypair *key = port_key(port->wanted, own);
        if (key == NULL) {
            continue;
        }
        result = port_bind(ports->router, port, key, error);
        if (result == RESULT_OK) {
            reachable(port->endpoint, here);
            result = gate_prove(context, here, key, error);
            bound++;
        }
    }
    if (result == RESULT_OK && bound == 0) {
        result = error_set(error, RESULT_DENIED,
                           "inbox: no transport key of our card is valid now and unlocked; see "
                           "'comesh key list'");
    }
    return result;
}

/* ---- following ---- */

static bool is_wanted(const struct port *port, const struct config *config)
{
    for (size_t i = 0; i < config->bind_count; i++) {
        if (text_equal(text_of(port->wanted), text_of(config->binds[i]))) {
            return true;
        }
    }
    return false;
}

static bool is_there(const struct ports *ports, const char *bind)
{
    for (size_t i = 0; i < ports->count; i++) {
        if (text_equal(text_of(ports->rows[i].wanted), text_of(bind))) {
            return true;
        }
    }
    return false;
}

void ports_follow(struct ports *ports, const struct config *config, const struct own *own)
{
    for (size_t i = ports->count; i-- > 0;) {
        struct port *port = &ports->rows[i];
        const struct keypair *key = port_key(port->wanted, own);
        bool wanted = is_wanted(port, config);
        if (port->bound && (!wanted || key == NULL ||
                            memcmp(port->key, keypair_public(key), KEY_PUBLIC_BYTES) != 0)) {
            log_event(LOG_LEVEL_INFO, "inbox", "unbound", "endpoint=%s reason=\"%s\"",
                      port->endpoint,
                      wanted ? "its key is over" : "it is not in the configuration any more");
            port_drop(ports->router, port);
        }
        if (!wanted) {
            ports->rows[i] = ports->rows[--ports->count];
        }
    }
    for (size_t i = 0; i < config->bind_count; i++) {
        if (!is_there(ports, config->binds[i]) && ports->count < CONFIG_BINDS_MAX) {
            port_add(ports, config->binds[i]);
        }
    }
}

void ports_drop(struct ports *ports)
{
    for (size_t i = 0; i < ports->count; i++) {
        port_drop(ports->router, &ports->rows[i]);
    }
}

bool ports_rebind(struct ports *ports, const struct own *own)
{
    bool whole = true;
    struct error error;
    for (size_t i = 0; i < ports->count; i++) {
        struct port *port = &ports->rows[i];
        const struct keypair *key = port->bound ? NULL : port_key(port->wanted, own);
        if (key != NULL) {
            whole = port_bind(ports->router, port, key, &error) == RESULT_OK && whole;
        }
    }
    return whole;
}
