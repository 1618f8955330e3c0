/* Three nodes that pass signed texts on: directories with their tasks, joined by lanes that are
 * loops of the test. */
#ifndef COMESH_TESTS_TRUST_SCENE_H
#define COMESH_TESTS_TRUST_SCENE_H

#include "keys/audit.h"
#include "node/core/log.h"
#include "node/flow/trust.h"
#include "tests/unit/folder.h"
#include "tests/unit/pact.h"

#include <poll.h>

#define WAIT_MS 20000

struct member {
    struct party party;
    char cards[PATH_MAX + 64];
    char agreements[PATH_MAX + 64];
    struct config config;
    struct world world;
    _Atomic uint64_t now_s;
    struct flow flow;
    struct trust *trust;
    atomic_size_t refreshes;
};

static struct member korea;
static struct member indonesia;
static struct member uruguay;
static struct member *const all[] = {&korea, &indonesia, &uruguay};

/* ---- members ---- */

static inline uint64_t member_wall_ms(void *self)
{
    return atomic_load(&((struct member *)self)->now_s) * 1000;
}

static inline uint64_t member_steady_ns(void *self)
{
    (void)self;
    return world_steady_ns(world_real());
}

static inline enum result refresh(void *self, struct error *failure)
{
    struct member *member = self;
    struct directory *directory = NULL;
    struct agreements *agreements = NULL;
    enum result result = directory_load(member->cards, TEXT("test"), &directory, failure);
    if (result == RESULT_OK) {
        result = agreements_load(member->agreements, TEXT("test"), &agreements, failure);
    }
    if (result == RESULT_OK) {
        flow_set_directory(&member->flow, &directory);
        flow_set_agreements(&member->flow, &agreements);
        atomic_fetch_add(&member->refreshes, 1);
        trust_changed(member->trust);
    }
    return result;
}

static inline void wake(void *self)
{
    (void)self;
}

static inline void member_start(struct member *member, const char *code, const char *domain)
{
    struct config *config = &member->config;
    memset(member, 0, sizeof *member);
    party_start(&member->party, code, domain);
    party_sign(&member->party);
    (void)snprintf(config->directory, sizeof config->directory, "%.900s/%s", folder, code);
    (void)snprintf(config->party, sizeof config->party, "%s", code);
    (void)snprintf(config->environment, sizeof config->environment, "test");
    (void)snprintf(config->domain, sizeof config->domain, "%s", domain);
    ck_assert_int_eq(mkdir(config->directory, 0700), 0);
    (void)snprintf(member->cards, sizeof member->cards, "%s/cards", config->directory);
    (void)snprintf(member->agreements, sizeof member->agreements, "%s/agreements",
                   config->directory);
    ck_assert_int_eq(mkdir(member->cards, 0700), 0);
    assert_ok(directory_own_store(member->cards, &member->party.card, &error));
    atomic_init(&member->now_s, PARTY_NOW_S);
    member->world = (struct world){member_wall_ms, member_steady_ns, NULL, member};
    member->flow = (struct flow){.config = config, .world = &member->world};
    (void)pthread_mutex_init(&member->flow.directory_lock, NULL);
    struct keypair *signer = keypair_share(member->party.keys[KEY_CHECKPOINT]);
    struct unlocked *unlocked = NULL;
    assert_ok(unlocked_new(&signer, 1, &unlocked, &error));
    flow_set_unlocked(&member->flow, &unlocked);
    assert_ok(refresh(member, &error));
}

static inline void member_run(struct member *member)
{
    const struct trust_node node = {
        .flow = &member->flow, .refresh = refresh, .wake = wake, .self = member};
    assert_ok(trust_start(&node, &member->trust, &error));
}

static inline void member_end(struct member *member)
{
    trust_stop(&member->trust);
    directory_release(&member->flow.directory);
    agreements_release(&member->flow.agreements);
    unlocked_release(&member->flow.unlocked);
    party_end(&member->party);
}

static inline void scene_start(void)
{
    log_set_level(LOG_LEVEL_ERROR);
    folder_start();
    pact_start();
    member_start(&korea, "KR", "customs.go.kr");
    member_start(&indonesia, "ID", "beacukai.go.id");
    member_start(&uruguay, "UY", "aduana.gub.uy");
}

static inline void scene_end(void)
{
    for (size_t i = 0; i < 3; i++) {
        member_end(all[i]);
    }
    pact_end();
    folder_end();
}

/* What a person does at one member, and the running node reads again. */
static inline void confirm(struct member *member, const struct member *other)
{
    assert_ok(directory_store(member->cards, &other->party.card, &error));
    assert_ok(refresh(member, &error));
}

static inline void confirm_each_other(struct member *one, struct member *other)
{
    confirm(one, other);
    confirm(other, one);
}

static inline void new_card(struct member *member)
{
    party_next_card(&member->party);
    assert_ok(directory_own_store(member->cards, &member->party.card, &error));
    assert_ok(refresh(member, &error));
}

static inline uint64_t serial_at(struct member *member, const char *party)
{
    struct directory *directory = flow_directory(&member->flow);
    const struct card *card = directory_party(directory, text_of(party));
    uint64_t serial = card == NULL ? 0 : card->serial;
    directory_release(&directory);
    return serial;
}

static inline uint32_t version_at(struct member *member)
{
    struct agreements *agreements = flow_agreements(&member->flow);
    const struct agreement *newest = agreements_version(agreements, TEXT("RCEP"), 0);
    uint32_t version = newest == NULL ? 0 : newest->version;
    agreements_release(&agreements);
    return version;
}

/* ---- lanes ---- */

static inline void open_lane(struct member *a, struct member *b)
{
    trust_opened(a->trust, b->config.party);
    trust_opened(b->trust, a->config.party);
}

/* Carries one frame from `a` to `b`, if there is one. */
static inline bool carry(struct member *a, struct member *b)
{
    struct buffer packed = {0};
    struct frame frame;
    bool carried = trust_next(a->trust, b->config.party, &packed);
    if (carried) {
        assert_ok(frame_unpack(buffer_bytes(&packed), &arena, &frame, &error));
        trust_put(b->trust, a->config.party, frame.kind, buffer_bytes(&packed));
    }
    buffer_free(&packed);
    return carried;
}

static inline void carry_all(void)
{
    for (size_t i = 0; i < 3; i++) {
        for (size_t k = 0; k < 3; k++) {
            while (i != k && all[i]->trust != NULL && all[k]->trust != NULL &&
                   carry(all[i], all[k])) {
            }
        }
    }
}

/* Carries frames until the condition holds. */
#define soon(condition)                                                                            \
    ({                                                                                             \
        uint64_t until_ms = member_steady_ns(NULL) / 1000000 + WAIT_MS;                            \
        while (!(condition) && member_steady_ns(NULL) / 1000000 < until_ms) {                      \
            carry_all();                                                                           \
            (void)poll(NULL, 0, 1);                                                                \
        }                                                                                          \
        (condition);                                                                               \
    })

/* What `a` says to `b` next, awaited; in the arena. */
static inline struct frame said(struct member *a, const char *to)
{
    struct buffer packed = {0};
    struct frame frame;
    while (!trust_next(a->trust, to, &packed)) {
        (void)poll(NULL, 0, 1);
    }
    struct text kept = arena_text(&arena, buffer_view(&packed));
    buffer_free(&packed);
    assert_ok(frame_unpack(text_bytes(kept), &arena, &frame, &error));
    return frame;
}

static inline void tell(struct member *to, const char *from, const struct frame_text *rows,
                        size_t count)
{
    struct buffer packed = {0};
    frame_texts_pack(FRAME_TEXTS, &(struct frame_texts){rows, count}, &packed);
    trust_put(to->trust, from, FRAME_TEXTS, buffer_bytes(&packed));
    buffer_free(&packed);
}

static inline void give(struct member *to, const char *from, enum frame_kind kind,
                        const struct buffer *note)
{
    struct buffer packed = {0};
    frame_note_pack(kind, buffer_bytes(note), &packed);
    trust_put(to->trust, from, kind, buffer_bytes(&packed));
    buffer_free(&packed);
}

static inline struct frame_text row_of(enum frame_kind kind, const char *name, uint64_t number,
                                       const struct buffer *note)
{
    struct frame_text row = {.kind = kind, .name = text_of(name), .number = number};
    merkle_sha256(buffer_bytes(note), &row.digest);
    return row;
}

static inline enum result count_act(void *self, const struct audit_line *line, struct error *unused)
{
    (void)line;
    (void)unused;
    ++*(size_t *)self;
    return RESULT_OK;
}

static inline size_t acts_of(const struct member *member)
{
    size_t count = 0;
    assert_ok(audit_read(member->config.directory, 0, count_act, &count, &error));
    return count;
}

/* ---- agreements ---- */

/* A version of RCEP with these members, signed by all of them. */
static inline struct agreement *pact(struct member *const *members, size_t count,
                                     const struct agreement *previous)
{
    struct agreement *draft = pact_draft(0, (uint32_t)count);
    if (previous != NULL) {
        draft->version = previous->version + 1;
        draft->previous = previous->hash;
    }
    struct agreement *agreement = NULL;
    for (size_t i = 0; i < count; i++) {
        const struct card *card = &members[i]->party.card;
        pact_join(draft, card->party, card->domain, members[i]->party.keys[KEY_IDENTITY]);
    }
    agreement = pact_make(draft);
    for (size_t i = 0; i < count; i++) {
        pact_sign_with(&agreement, previous, members[i]->party.keys[KEY_IDENTITY]);
    }
    return agreement;
}

static inline void import(struct member *member, const struct agreement *agreement)
{
    enum agreements_outcome outcome;
    const struct agreements_trust who = {.environment = TEXT("test"),
                                         .party = text_of(member->config.party),
                                         .identity =
                                             keypair_public(member->party.keys[KEY_IDENTITY]),
                                         .person = true};
    assert_ok(agreements_import(member->agreements, buffer_bytes(&agreement->bytes), &who, &outcome,
                                &error));
    assert_ok(refresh(member, &error));
}

#endif
