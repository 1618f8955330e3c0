/* What the tests of node/link share: whole nodes in one process, each with keys, card, store and
 * flow of its own, on loopback. */
#ifndef COMESH_TESTS_NODE_FIXTURE_H
#define COMESH_TESTS_NODE_FIXTURE_H

#include "keys/file.h"
#include "node/flow/append.h"
#include "node/link/link.h"
#include "tests/unit/suite.h"

#include <arpa/inet.h>
#include <ftw.h>
#include <poll.h>
#include <stdatomic.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#define FIXTURE_SEGMENT_BYTES ((uint64_t)8 << 20)
#define FIXTURE_CREDIT_BYTES  ((uint64_t)4 << 20)
#define FIXTURE_WAIT_MS       10000

struct mesh_node {
    char path[64];
    char cards[80];
    char store[80];
    struct config config;
    struct metrics metrics;
    struct world world; /* the real one, set forward by `ahead_ms` */
    _Atomic uint64_t ahead_ms;
    struct flow flow;
    struct keypair *keys[KEY_ROLE_COUNT];
    struct card card;
    _Atomic(struct link *) link;
};

/* Waits for what other threads bring about: true as soon as it holds. */
#define soon(condition)                                                                            \
    ({                                                                                             \
        uint64_t until_ms = fixture_now_ms() + FIXTURE_WAIT_MS;                                    \
        while (!(condition) && fixture_now_ms() < until_ms) {                                      \
            (void)poll(NULL, 0, 2);                                                                \
        }                                                                                          \
        (condition);                                                                               \
    })

static inline uint64_t fixture_now_ms(void)
{
    return world_steady_ns(world_real()) / 1000000;
}

/* ---- a clock that the test sets forward ---- */

static inline uint64_t fixture_wall_ms(void *self)
{
    const struct mesh_node *node = self;
    return world_wall_ms(world_real()) + atomic_load(&node->ahead_ms);
}

static inline uint64_t fixture_steady_ns(void *self)
{
    const struct mesh_node *node = self;
    return world_steady_ns(world_real()) + atomic_load(&node->ahead_ms) * 1000000;
}

static inline void fixture_random(void *self, void *out, size_t size)
{
    (void)self;
    world_random(world_real(), out, size);
}

/* ---- making nodes ---- */

/* A port of loopback that nobody has now. */
static inline unsigned fixture_port(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(bind(fd, (struct sockaddr *)&address, size), 0);
    ck_assert_int_eq(getsockname(fd, (struct sockaddr *)&address, &size), 0);
    (void)close(fd);
    return ntohs(address.sin_port);
}

static inline void fixture_config(struct mesh_node *node, const char *party, const char *domain)
{
    struct config *config = &node->config;
    (void)snprintf(config->party, sizeof config->party, "%s", party);
    (void)snprintf(config->environment, sizeof config->environment, "test");
    (void)snprintf(config->domain, sizeof config->domain, "%s", domain);
    (void)snprintf(config->directory, sizeof config->directory, "%s", node->path);
    config->credit_bytes = FIXTURE_CREDIT_BYTES;
    config->segment_bytes = FIXTURE_SEGMENT_BYTES;
    config->minimum_free_bytes = 1 << 20;
}

/* Writes the own card again, with the next serial. */
static inline void node_sign_card(struct mesh_node *node)
{
    char own[96];
    node->card.serial++;
    assert_ok(card_sign(&node->card, node->keys[KEY_IDENTITY], &error));
    (void)snprintf(own, sizeof own, "%s/own.card", node->cards);
    assert_ok(file_replace(own, buffer_bytes(&node->card.note), FILE_PUBLIC, &error));
}

/* The node's keys as its daemon has them, and `more`, which may be NULL. */
static inline void node_unlock(struct mesh_node *node, struct keypair *more)
{
    struct unlocked *unlocked = NULL;
    struct keypair *keypairs[] = {
        keypair_share(node->keys[KEY_CHECKPOINT]), keypair_share(node->keys[KEY_RECEIPT]),
        keypair_share(node->keys[KEY_TRANSPORT]), more == NULL ? NULL : keypair_share(more)};
    assert_ok(unlocked_new(keypairs, more == NULL ? 3 : 4, &unlocked, &error));
    flow_set_unlocked(&node->flow, &unlocked);
}

static inline void node_init(struct mesh_node *node, const char *party, const char *domain,
                             bool listens)
{
    memset(node, 0, sizeof *node);
    (void)snprintf(node->path, sizeof node->path, "/tmp/comesh-unit-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(node->path));
    (void)snprintf(node->cards, sizeof node->cards, "%s/cards", node->path);
    (void)snprintf(node->store, sizeof node->store, "%s/store", node->path);
    ck_assert_int_eq(mkdir(node->cards, 0700), 0);
    fixture_config(node, party, domain);
    struct card *card = &node->card;
    uint64_t now_s = world_wall_ms(world_real()) / 1000;
    memcpy(card->party, node->config.party, sizeof card->party);
    memcpy(card->environment, node->config.environment, sizeof card->environment);
    memcpy(card->domain, node->config.domain, sizeof card->domain);
    (void)snprintf(card->name, sizeof card->name, "Customs of %s", party);
    card->issued_s = now_s;
    for (unsigned role = 0; role < KEY_ROLE_COUNT; role++) {
        struct card_key *key = &card->keys[role][0];
        assert_ok(keypair_generate((enum key_role)role, &node->keys[role], &error));
        memcpy(key->public_key, keypair_public(node->keys[role]), KEY_PUBLIC_BYTES);
        key->from_s = now_s - 3600;
        key->until_s = now_s + 86400;
        card->key_count[role] = 1;
    }
    if (listens) {
        (void)snprintf(card->mesh_endpoint, sizeof card->mesh_endpoint, "tcp://127.0.0.1:%u",
                       fixture_port());
        memcpy(node->config.binds[0], card->mesh_endpoint, sizeof card->mesh_endpoint);
        node->config.bind_count = 1;
    }
    node_sign_card(node);
    node->world = (struct world){fixture_wall_ms, fixture_steady_ns, fixture_random, node};
    node->flow =
        (struct flow){.config = &node->config, .world = &node->world, .metrics = &node->metrics};
    (void)pthread_mutex_init(&node->flow.directory_lock, NULL);
    node_unlock(node, NULL);
}

static inline void node_read_cards(struct mesh_node *node)
{
    struct directory *directory = NULL;
    assert_ok(directory_load(node->cards, TEXT("test"), &directory, &error));
    flow_set_directory(&node->flow, &directory);
    struct link *link = atomic_load(&node->link);
    if (link != NULL) {
        link_reload(link);
    }
}

/* `node` holds the card of `partner`; node_read_cards makes it count. */
static inline void node_trust(struct mesh_node *node, const struct mesh_node *partner)
{
    assert_ok(directory_store(node->cards, &partner->card, &error));
}

static inline void node_distrust(struct mesh_node *node, const struct mesh_node *partner)
{
    char path[128];
    (void)snprintf(path, sizeof path, "%s/partners/%s.card", node->cards, partner->card.party);
    ck_assert_int_eq(unlink(path), 0);
}

static inline void fixture_written(void *self)
{
    struct mesh_node *node = self;
    struct link *link = atomic_load(&node->link);
    if (link != NULL) {
        link_written(link);
    }
}

static inline void fixture_committed(void *self)
{
    struct mesh_node *node = self;
    struct link *link = atomic_load(&node->link);
    if (link != NULL) {
        link_committed(link);
    }
}

/* Cards, store and writer, without the link. */
static inline void node_open(struct mesh_node *node)
{
    struct store_options options = {.path = node->store,
                                    .segment_bytes = FIXTURE_SEGMENT_BYTES,
                                    .minimum_free_bytes = 1 << 20,
                                    .world = &node->world,
                                    .metrics = &node->metrics};
    node_read_cards(node);
    assert_ok(store_open(&options, &node->flow.store, &error));
    const struct writer_watch watch = {fixture_written, fixture_committed, node};
    assert_ok(writer_start(node->flow.store, &watch, &node->flow.writer, &error));
}

static inline void node_link(struct mesh_node *node)
{
    struct link *link = NULL;
    assert_ok(link_start(&node->flow, &link, &error));
    atomic_store(&node->link, link);
}

static inline void node_unlink(struct mesh_node *node)
{
    struct link *link = atomic_exchange(&node->link, NULL);
    link_stop(&link);
}

/* Stops what runs; the node can be opened again. */
static inline void node_close(struct mesh_node *node)
{
    node_unlink(node);
    if (node->flow.writer != NULL) {
        writer_stop(&node->flow.writer);
        store_close(&node->flow.store);
    }
}

static inline int fixture_remove(const char *path, const struct stat *status, int kind,
                                 struct FTW *walk)
{
    (void)status;
    (void)kind;
    (void)walk;
    return remove(path);
}

static inline void node_end(struct mesh_node *node)
{
    node_close(node);
    directory_release(&node->flow.directory);
    unlocked_release(&node->flow.unlocked);
    buffer_free(&node->card.note);
    for (unsigned role = 0; role < KEY_ROLE_COUNT; role++) {
        keypair_destroy(&node->keys[role]);
    }
    (void)pthread_mutex_destroy(&node->flow.directory_lock);
    (void)nftw(node->path, fixture_remove, 16, FTW_DEPTH | FTW_PHYS);
}

/* Two nodes that trust each other, opened and not linked. */
static inline void nodes_pair(struct mesh_node *a, struct mesh_node *b)
{
    node_trust(a, b);
    node_trust(b, a);
    node_open(a);
    node_open(b);
}

/* ---- entries ---- */

struct fixture_append {
    struct work work;
    struct flow *flow;
    struct text partner;
    size_t count;
    size_t payload_bytes;
    bool home;
};

static inline enum result fixture_apply(struct work *work, struct store *store,
                                        struct error *failure)
{
    struct fixture_append *append = (struct fixture_append *)work;
    uint8_t *payload = calloc(1, append->payload_bytes);
    enum result result = RESULT_OK;
    for (size_t i = 0; i < append->count && result == RESULT_OK; i++) {
        struct outbound outbound = {.operation = OPERATION_CO,
                                    .agreement = TEXT("TEST"),
                                    .menu_version = 1,
                                    .payload = {payload, append->payload_bytes}};
        uint32_t channel = 0;
        uint64_t index = 0;
        world_random(world_real(), &outbound.id, sizeof outbound.id);
        merkle_sha256(outbound.payload, &outbound.payload_hash);
        result = append_outbound(append->flow, store, append->partner, &outbound, &channel, &index,
                                 failure);
    }
    free(payload);
    return result;
}

static inline void fixture_finish(struct work *work)
{
    ((struct fixture_append *)work)->home = true;
}

/* Commits `count` entries for the partner whose payloads nobody can read: they are stored,
 * receipted and refused by verdict like any other. */
static inline void node_append(struct mesh_node *node, const char *partner, size_t count,
                               size_t payload_bytes)
{
    struct queue home;
    assert_ok(queue_init(&home, &error));
    struct fixture_append append = {
        .work = {.home = &home, .finish = fixture_finish, .apply = fixture_apply},
        .flow = &node->flow,
        .partner = text_of(partner),
        .count = count,
        .payload_bytes = payload_bytes};
    append.work.weight = count * payload_bytes;
    writer_submit(node->flow.writer, &append.work);
    while (!append.home) {
        struct pollfd wake = {.fd = home.wake_fd, .events = POLLIN};
        (void)poll(&wake, 1, -1);
        work_finish_all(&home);
    }
    ck_assert_msg(append.work.result == RESULT_OK, "%s", append.work.error.message);
    queue_close(&home);
}

/* ---- looking ---- */

/* How the partner stands; all zero when it is not there. */
static inline struct link_partner node_status(struct mesh_node *node, const char *partner)
{
    struct link_partner rows[8];
    size_t count = link_status(atomic_load(&node->link), rows, 8);
    for (size_t i = 0; i < count; i++) {
        if (strcmp(rows[i].party, partner) == 0) {
            return rows[i];
        }
    }
    return (struct link_partner){0};
}

static inline uint64_t node_metric(struct mesh_node *node, enum metric metric)
{
    return atomic_load(&node->metrics.value[metric]);
}

static inline void fixture_start(void)
{
    log_set_level(LOG_LEVEL_ERROR);
    assert_ok(keys_init(&error));
}

#endif
