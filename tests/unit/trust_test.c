/* Signed texts passed on between nodes: three directories with their tasks, joined by lanes that
 * are loops of this test. */
#include "keys/audit.h"
#include "node/flow/carried.h"
#include "node/flow/texts.h"
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

static uint64_t member_wall_ms(void *self)
{
    return atomic_load(&((struct member *)self)->now_s) * 1000;
}

static uint64_t member_steady_ns(void *self)
{
    (void)self;
    return world_steady_ns(world_real());
}

static enum result refresh(void *self, struct error *failure)
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

static void wake(void *self)
{
    (void)self;
}

static void member_start(struct member *member, const char *code, const char *domain)
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

static void member_run(struct member *member)
{
    const struct trust_node node = {
        .flow = &member->flow, .refresh = refresh, .wake = wake, .self = member};
    assert_ok(trust_start(&node, &member->trust, &error));
}

static void member_end(struct member *member)
{
    trust_stop(&member->trust);
    directory_release(&member->flow.directory);
    agreements_release(&member->flow.agreements);
    unlocked_release(&member->flow.unlocked);
    party_end(&member->party);
}

static void start(void)
{
    folder_start();
    pact_start();
    member_start(&korea, "KR", "customs.go.kr");
    member_start(&indonesia, "ID", "beacukai.go.id");
    member_start(&uruguay, "UY", "aduana.gub.uy");
}

static void end(void)
{
    for (size_t i = 0; i < 3; i++) {
        member_end(all[i]);
    }
    pact_end();
    folder_end();
}

/* What a person does at one member, and the running node reads again. */
static void confirm(struct member *member, const struct member *other)
{
    assert_ok(directory_store(member->cards, &other->party.card, &error));
    assert_ok(refresh(member, &error));
}

static void new_card(struct member *member)
{
    member->party.card.serial++;
    party_sign(&member->party);
    assert_ok(directory_own_store(member->cards, &member->party.card, &error));
    assert_ok(refresh(member, &error));
}

static uint64_t serial_at(struct member *member, const char *party)
{
    struct directory *directory = flow_directory(&member->flow);
    const struct card *card = directory_party(directory, text_of(party));
    uint64_t serial = card == NULL ? 0 : card->serial;
    directory_release(&directory);
    return serial;
}

static uint32_t version_at(struct member *member)
{
    struct agreements *agreements = flow_agreements(&member->flow);
    const struct agreement *newest = agreements_version(agreements, TEXT("RCEP"), 0);
    uint32_t version = newest == NULL ? 0 : newest->version;
    agreements_release(&agreements);
    return version;
}

/* ---- lanes ---- */

static void open_lane(struct member *a, struct member *b)
{
    trust_opened(a->trust, b->config.party);
    trust_opened(b->trust, a->config.party);
}

/* Carries one frame from `a` to `b`, if there is one. */
static bool carry(struct member *a, struct member *b)
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

static void carry_all(void)
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
static struct frame said(struct member *a, const char *to)
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

static void tell(struct member *to, const char *from, const struct frame_text *rows, size_t count)
{
    struct buffer packed = {0};
    frame_texts_pack(FRAME_TEXTS, &(struct frame_texts){rows, count}, &packed);
    trust_put(to->trust, from, FRAME_TEXTS, buffer_bytes(&packed));
    buffer_free(&packed);
}

static void give(struct member *to, const char *from, enum frame_kind kind,
                 const struct buffer *note)
{
    struct buffer packed = {0};
    frame_note_pack(kind, buffer_bytes(note), &packed);
    trust_put(to->trust, from, kind, buffer_bytes(&packed));
    buffer_free(&packed);
}

static struct frame_text row_of(enum frame_kind kind, const char *name, uint64_t number,
                                const struct buffer *note)
{
    struct frame_text row = {.kind = kind, .name = text_of(name), .number = number};
    merkle_sha256(buffer_bytes(note), &row.digest);
    return row;
}

static enum result count_act(void *self, const struct audit_line *line, struct error *unused)
{
    (void)line;
    (void)unused;
    ++*(size_t *)self;
    return RESULT_OK;
}

static size_t acts_of(const struct member *member)
{
    size_t count = 0;
    assert_ok(audit_read(member->config.directory, 0, count_act, &count, &error));
    return count;
}

/* ---- agreements ---- */

/* A version of RCEP with these members, signed by all of them. */
static struct agreement *pact(struct member *const *members, size_t count,
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

static void import(struct member *member, const struct agreement *agreement)
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

/* ---- tests ---- */

START_TEST(a_new_card_goes_to_everybody_who_holds_an_older_one)
{
    confirm(&korea, &indonesia);
    confirm(&indonesia, &korea);
    member_run(&korea);
    member_run(&indonesia);
    open_lane(&korea, &indonesia);
    ck_assert(soon(trust_known_serial(korea.trust, "ID") == 1));
    new_card(&korea);
    ck_assert(soon(serial_at(&indonesia, "KR") == 2));
    ck_assert(soon(trust_known_serial(korea.trust, "ID") == 2));
    ck_assert_uint_eq(acts_of(&indonesia), 1);
    ck_assert_uint_eq(serial_at(&korea, "ID"), 1);
}
END_TEST

START_TEST(a_card_made_while_a_partner_was_away_comes_when_it_is_back)
{
    confirm(&korea, &indonesia);
    confirm(&indonesia, &korea);
    member_run(&korea);
    for (int i = 0; i < 3; i++) {
        new_card(&korea);
    }
    member_run(&indonesia);
    open_lane(&korea, &indonesia);
    ck_assert(soon(serial_at(&indonesia, "KR") == 4));
    ck_assert_uint_eq(acts_of(&indonesia), 1);
}
END_TEST

START_TEST(a_third_partys_card_is_passed_on_when_an_agreement_names_it)
{
    struct member *members[] = {&indonesia, &korea, &uruguay};
    confirm(&korea, &indonesia);
    confirm(&indonesia, &korea);
    confirm(&korea, &uruguay);
    struct agreement *agreement = pact(members, 3, NULL);
    import(&korea, agreement);
    import(&indonesia, agreement);
    member_run(&korea);
    member_run(&indonesia);
    open_lane(&korea, &indonesia);
    ck_assert(soon(serial_at(&indonesia, "UY") == 1));
    ck_assert(soon(trust_known_serial(korea.trust, "ID") == 1));
    agreement_destroy(&agreement);
}
END_TEST

START_TEST(a_third_partys_card_without_an_agreement_stays_where_it_is)
{
    confirm(&korea, &indonesia);
    confirm(&indonesia, &korea);
    confirm(&korea, &uruguay);
    member_run(&korea);
    trust_opened(korea.trust, "ID");
    struct frame frame = said(&korea, "ID");
    ck_assert_int_eq(frame.kind, FRAME_TEXTS);
    ck_assert_uint_eq(frame.texts.count, 2);
    ck_assert(text_equal(frame.texts.rows[0].name, TEXT("KR")));
    ck_assert(text_equal(frame.texts.rows[1].name, TEXT("ID")));
}
END_TEST

/* A partner asks for a text that it may not have, by its digest. */
START_TEST(what_a_partner_may_not_have_is_not_sent_when_it_asks)
{
    struct buffer packed = {0};
    confirm(&korea, &indonesia);
    confirm(&korea, &uruguay);
    member_run(&korea);
    trust_opened(korea.trust, "ID");
    ck_assert_int_eq(said(&korea, "ID").kind, FRAME_TEXTS);
    const struct frame_text rows[] = {
        row_of(FRAME_CARD, "UY", 1, &uruguay.party.card.note),
        row_of(FRAME_CARD, "KR", 1, &korea.party.card.note),
    };
    frame_texts_pack(FRAME_WANT, &(struct frame_texts){rows, 2}, &packed);
    trust_put(korea.trust, "ID", FRAME_WANT, buffer_bytes(&packed));
    buffer_free(&packed);
    struct frame frame = said(&korea, "ID");
    ck_assert_int_eq(frame.kind, FRAME_CARD);
    ck_assert(bytes_equal(frame.note.note, buffer_bytes(&korea.party.card.note)));
    ck_assert(!trust_next(korea.trust, "ID", &packed));
}
END_TEST

START_TEST(a_party_that_joins_by_the_next_version_gets_every_card_and_everybody_its_own)
{
    struct member *both[] = {&indonesia, &korea};
    struct member *three[] = {&indonesia, &korea, &uruguay};
    confirm(&korea, &indonesia);
    confirm(&indonesia, &korea);
    confirm(&korea, &uruguay);
    confirm(&uruguay, &korea);
    struct agreement *first = pact(both, 2, NULL);
    struct agreement *second = pact(three, 3, first);
    import(&korea, first);
    import(&indonesia, first);
    for (size_t i = 0; i < 3; i++) {
        member_run(all[i]);
    }
    open_lane(&korea, &indonesia);
    open_lane(&korea, &uruguay);
    import(&uruguay, second);
    ck_assert(soon(version_at(&korea) == 2));
    ck_assert(soon(version_at(&indonesia) == 2));
    ck_assert(soon(serial_at(&indonesia, "UY") == 1));
    ck_assert(soon(serial_at(&uruguay, "ID") == 1));
    agreement_destroy(&first);
    agreement_destroy(&second);
}
END_TEST

START_TEST(signatures_of_a_proposal_are_gathered_over_the_mesh)
{
    struct member *both[] = {&indonesia, &korea};
    confirm(&korea, &indonesia);
    confirm(&indonesia, &korea);
    struct agreement *first = pact(both, 2, NULL);
    import(&korea, first);
    import(&indonesia, first);
    struct agreement *next = pact_make(pact_next(first));
    struct agreement *of_indonesia = pact_make(pact_next(first));
    pact_sign_with(&next, first, korea.party.keys[KEY_IDENTITY]);
    pact_sign_with(&of_indonesia, first, indonesia.party.keys[KEY_IDENTITY]);
    member_run(&korea);
    member_run(&indonesia);
    open_lane(&korea, &indonesia);
    import(&korea, next);
    import(&indonesia, of_indonesia);
    ck_assert(soon(version_at(&korea) == 2));
    ck_assert(soon(version_at(&indonesia) == 2));
    agreement_destroy(&first);
    agreement_destroy(&next);
    agreement_destroy(&of_indonesia);
}
END_TEST

START_TEST(an_agreement_in_its_older_version_is_not_asked_for)
{
    struct member *both[] = {&indonesia, &korea};
    struct buffer packed = {0};
    confirm(&korea, &indonesia);
    struct agreement *first = pact(both, 2, NULL);
    struct agreement *next = pact_make(pact_next(first));
    pact_sign_with(&next, first, korea.party.keys[KEY_IDENTITY]);
    pact_sign_with(&next, first, indonesia.party.keys[KEY_IDENTITY]);
    import(&korea, first);
    import(&korea, next);
    member_run(&korea);
    trust_opened(korea.trust, "ID");
    ck_assert_int_eq(said(&korea, "ID").kind, FRAME_TEXTS);
    const struct frame_text rows[] = {
        row_of(FRAME_AGREEMENT, "RCEP", 1, &first->bytes),
        row_of(FRAME_AGREEMENT, "RCEP", 2, &next->bytes),
        row_of(FRAME_CARD, "KR", 1, &korea.party.card.note),
    };
    tell(&korea, "ID", rows, 3);
    give(&korea, "ID", FRAME_AGREEMENT, &first->bytes);
    ck_assert(soon(trust_known_serial(korea.trust, "ID") == 1));
    ck_assert(!trust_next(korea.trust, "ID", &packed));
    ck_assert_uint_eq(version_at(&korea), 2);
    ck_assert_uint_eq(acts_of(&korea), 0);
    agreement_destroy(&first);
    agreement_destroy(&next);
}
END_TEST

START_TEST(a_text_that_nobody_asked_for_is_passed_over)
{
    confirm(&korea, &indonesia);
    member_run(&korea);
    trust_opened(korea.trust, "ID");
    indonesia.party.card.serial = 2;
    party_sign(&indonesia.party);
    give(&korea, "ID", FRAME_CARD, &indonesia.party.card.note);
    const struct frame_text row = row_of(FRAME_CARD, "KR", 1, &korea.party.card.note);
    tell(&korea, "ID", &row, 1);
    ck_assert(soon(trust_known_serial(korea.trust, "ID") == 1));
    ck_assert_uint_eq(serial_at(&korea, "ID"), 1);
}
END_TEST

START_TEST(a_card_of_another_identity_than_the_agreements_is_refused)
{
    struct member *members[] = {&indonesia, &korea, &uruguay};
    confirm(&korea, &indonesia);
    struct agreement *agreement = pact(members, 3, NULL);
    import(&korea, agreement);
    keypair_destroy(&uruguay.party.keys[KEY_IDENTITY]);
    assert_ok(keypair_generate(KEY_IDENTITY, &uruguay.party.keys[KEY_IDENTITY], &error));
    memcpy(uruguay.party.card.keys[KEY_IDENTITY][0].public_key,
           keypair_public(uruguay.party.keys[KEY_IDENTITY]), KEY_PUBLIC_BYTES);
    party_sign(&uruguay.party);
    member_run(&korea);
    trust_opened(korea.trust, "ID");
    ck_assert_int_eq(said(&korea, "ID").kind, FRAME_TEXTS);
    struct frame_text row = row_of(FRAME_CARD, "UY", 1, &uruguay.party.card.note);
    tell(&korea, "ID", &row, 1);
    struct frame want = said(&korea, "ID");
    ck_assert_int_eq(want.kind, FRAME_WANT);
    ck_assert_uint_eq(want.texts.count, 1);
    give(&korea, "ID", FRAME_CARD, &uruguay.party.card.note);
    const struct frame_text rows[] = {row, row_of(FRAME_CARD, "KR", 1, &korea.party.card.note)};
    tell(&korea, "ID", rows, 2);
    ck_assert(soon(trust_known_serial(korea.trust, "ID") == 1));
    struct buffer packed = {0};
    ck_assert_msg(!trust_next(korea.trust, "ID", &packed), "it is asked for again");
    ck_assert_uint_eq(serial_at(&korea, "UY"), 0);
    agreement_destroy(&agreement);
}
END_TEST

/* Tells korea of a card of ID, and gives it when korea asks for it. */
static void offer_card(const struct buffer *note, uint64_t serial)
{
    struct frame_text row = row_of(FRAME_CARD, "ID", serial, note);
    tell(&korea, "ID", &row, 1);
    ck_assert_int_eq(said(&korea, "ID").kind, FRAME_WANT);
    give(&korea, "ID", FRAME_CARD, note);
}

START_TEST(a_card_of_an_identity_that_a_quorum_has_replaced_is_refused)
{
    struct member *both[] = {&indonesia, &korea};
    struct keypair *old = indonesia.party.keys[KEY_IDENTITY];
    struct card *card = &indonesia.party.card;
    struct buffer stolen = {0};
    confirm(&korea, &indonesia);
    struct agreement *first = pact(both, 2, NULL);
    card->serial = 2;
    party_sign(&indonesia.party);
    buffer_append(&stolen, card->note.data, card->note.size);
    assert_ok(keypair_generate(KEY_IDENTITY, &indonesia.party.keys[KEY_IDENTITY], &error));
    memcpy(card->keys[KEY_IDENTITY][0].public_key,
           keypair_public(indonesia.party.keys[KEY_IDENTITY]), KEY_PUBLIC_BYTES);
    struct agreement *second = pact(both, 2, first);
    pact_sign_with(&second, first, old);
    import(&korea, first);
    import(&korea, second);
    member_run(&korea);
    trust_opened(korea.trust, "ID");
    ck_assert_int_eq(said(&korea, "ID").kind, FRAME_TEXTS);
    offer_card(&stolen, 2);
    card->serial = 3;
    party_sign(&indonesia.party);
    offer_card(&card->note, 3);
    ck_assert(soon(serial_at(&korea, "ID") == 3));
    struct directory *directory = flow_directory(&korea.flow);
    ck_assert_uint_eq(directory_version(directory, TEXT("ID"), 1)->serial, 1);
    directory_release(&directory);
    buffer_free(&stolen);
    keypair_destroy(&old);
    agreement_destroy(&first);
    agreement_destroy(&second);
}
END_TEST

/* Two parties agree among themselves that a third, which never was of them, has another key. */
START_TEST(who_somebody_is_that_a_person_confirmed_others_do_not_agree_on)
{
    struct member *three[] = {&indonesia, &korea, &uruguay};
    struct member *two[] = {&korea, &uruguay};
    confirm(&korea, &indonesia);
    struct agreement *first = pact(two, 2, NULL);
    keypair_destroy(&indonesia.party.keys[KEY_IDENTITY]);
    indonesia.party.keys[KEY_IDENTITY] = pact_key(77);
    memcpy(indonesia.party.card.keys[KEY_IDENTITY][0].public_key,
           keypair_public(indonesia.party.keys[KEY_IDENTITY]), KEY_PUBLIC_BYTES);
    struct agreement *second = pact(three, 3, first);
    import(&korea, first);
    import(&korea, second);
    ck_assert_uint_eq(version_at(&korea), 2);
    member_run(&korea);
    trust_opened(korea.trust, "ID");
    ck_assert_int_eq(said(&korea, "ID").kind, FRAME_TEXTS);
    indonesia.party.card.serial = 2;
    party_sign(&indonesia.party);
    offer_card(&indonesia.party.card.note, 2);
    const struct frame_text row = row_of(FRAME_CARD, "KR", 1, &korea.party.card.note);
    tell(&korea, "ID", &row, 1);
    ck_assert(soon(trust_known_serial(korea.trust, "ID") == 1));
    ck_assert_uint_eq(serial_at(&korea, "ID"), 1);
    agreement_destroy(&first);
    agreement_destroy(&second);
}
END_TEST

/* Whether korea has anything to ask ID for. */
static bool asks_for_more(void)
{
    struct buffer packed = {0};
    bool asks = false;
    while (trust_next(korea.trust, "ID", &packed)) {
        struct frame frame;
        assert_ok(frame_unpack(buffer_bytes(&packed), &arena, &frame, &error));
        asks = asks || frame.kind == FRAME_WANT;
        buffer_clear(&packed);
    }
    buffer_free(&packed);
    return asks;
}

/* A hostile holder of an identity makes a new card every moment: the disk is not his. */
START_TEST(a_party_cannot_fill_the_disk_with_serials)
{
    confirm(&korea, &indonesia);
    member_run(&korea);
    trust_opened(korea.trust, "ID");
    ck_assert_int_eq(said(&korea, "ID").kind, FRAME_TEXTS);
    for (uint64_t i = 0; i < TRUST_NEWS_MAX; i++) {
        indonesia.party.card.serial++;
        party_sign(&indonesia.party);
        const struct frame_text row =
            row_of(FRAME_CARD, "ID", indonesia.party.card.serial, &indonesia.party.card.note);
        tell(&korea, "ID", &row, 1);
        struct frame frame = said(&korea, "ID");
        while (frame.kind != FRAME_WANT) {
            frame = said(&korea, "ID");
        }
        give(&korea, "ID", FRAME_CARD, &indonesia.party.card.note);
        ck_assert(soon(serial_at(&korea, "ID") == indonesia.party.card.serial));
    }
    indonesia.party.card.serial++;
    party_sign(&indonesia.party);
    const struct frame_text rows[] = {
        row_of(FRAME_CARD, "ID", indonesia.party.card.serial, &indonesia.party.card.note),
        row_of(FRAME_CARD, "KR", 1, &korea.party.card.note)};
    tell(&korea, "ID", rows, 2);
    ck_assert(soon(trust_known_serial(korea.trust, "ID") == 1));
    ck_assert(!asks_for_more());
    korea.flow.trust = korea.trust;
    assert_ok(carried_take(&korea.flow, "ID", &indonesia.party.card, &error));
    ck_assert_uint_eq(serial_at(&korea, "ID"), 1 + TRUST_NEWS_MAX);
}
END_TEST

/* A thousand texts that do not exist cost us no more than the questions of an hour. */
START_TEST(a_partner_that_promises_texts_is_asked_for_few_at_a_time)
{
    struct frame_text rows[FRAME_TEXTS_MAX];
    confirm(&korea, &indonesia);
    member_run(&korea);
    trust_opened(korea.trust, "ID");
    ck_assert_int_eq(said(&korea, "ID").kind, FRAME_TEXTS);
    for (size_t i = 0; i < FRAME_TEXTS_MAX; i++) {
        rows[i] = row_of(FRAME_CARD, "ID", 2 + i, &korea.party.card.note);
        rows[i].digest.bytes[0] = (uint8_t)i;
        rows[i].digest.bytes[1] = (uint8_t)(i >> 8);
    }
    tell(&korea, "ID", rows, FRAME_TEXTS_MAX);
    struct frame frame = said(&korea, "ID");
    ck_assert_int_eq(frame.kind, FRAME_WANT);
    ck_assert_uint_eq(frame.texts.count, TRUST_WANTS_MAX);
    struct buffer packed = {0};
    ck_assert(!trust_next(korea.trust, "ID", &packed));
}
END_TEST

/* The `number`-th text that is none; empty it first. */
static void make_rubbish(size_t number, struct buffer *note)
{
    buffer_clear(note);
    buffer_printf(note, "text %zu", number);
}

START_TEST(a_partner_that_gives_rubbish_is_asked_for_so_much_in_an_hour)
{
    struct frame_text rows[TRUST_INTAKE_MAX + TRUST_WANTS_MAX];
    struct buffer note = {0};
    size_t asked = 0;
    confirm(&korea, &indonesia);
    member_run(&korea);
    trust_opened(korea.trust, "ID");
    for (size_t i = 0; i < SUITE_COUNT(rows); i++) {
        make_rubbish(i, &note);
        rows[i] = row_of(FRAME_CARD, "ID", i + 2, &note);
    }
    tell(&korea, "ID", rows, SUITE_COUNT(rows));
    while (asked < TRUST_INTAKE_MAX) {
        struct frame frame = said(&korea, "ID");
        for (size_t i = 0; frame.kind == FRAME_WANT && i < frame.texts.count; i++, asked++) {
            make_rubbish(frame.texts.rows[i].number - 2, &note);
            give(&korea, "ID", FRAME_CARD, &note);
        }
    }
    ck_assert_uint_eq(asked, TRUST_INTAKE_MAX);
    const struct frame_text more[] = {rows[TRUST_INTAKE_MAX + 1],
                                      row_of(FRAME_CARD, "KR", 1, &korea.party.card.note)};
    tell(&korea, "ID", more, 2);
    ck_assert(soon(trust_known_serial(korea.trust, "ID") == 1));
    ck_assert(!asks_for_more());
    buffer_free(&note);
}
END_TEST

START_TEST(a_channel_carries_the_card_of_its_own_party_alone)
{
    confirm(&korea, &uruguay);
    uruguay.party.card.serial = 2;
    party_sign(&uruguay.party);
    assert_ok(carried_take(&korea.flow, "ID", &uruguay.party.card, &error));
    ck_assert_uint_eq(serial_at(&korea, "UY"), 1);
    assert_ok(carried_take(&korea.flow, "UY", &uruguay.party.card, &error));
    ck_assert_uint_eq(serial_at(&korea, "UY"), 2);
}
END_TEST

/* The place of a text in what korea tells. */
static size_t place_of(const struct frame_texts *told, enum frame_kind kind, const char *name,
                       uint64_t number)
{
    for (size_t i = 0; i < told->count; i++) {
        const struct frame_text *row = &told->rows[i];
        if (row->kind == kind && text_equal(row->name, text_of(name)) && row->number == number) {
            return i;
        }
    }
    ck_abort_msg("%s %u is not told", name, (unsigned)number);
}

START_TEST(what_no_other_party_can_make_grow_is_told_first)
{
    struct member *both[] = {&indonesia, &korea};
    confirm(&korea, &indonesia);
    struct agreement *first = pact(both, 2, NULL);
    struct agreement *second = pact(both, 2, first);
    import(&korea, first);
    import(&korea, second);
    member_run(&korea);
    trust_opened(korea.trust, "ID");
    struct frame frame = said(&korea, "ID");
    ck_assert_uint_eq(place_of(&frame.texts, FRAME_CARD, "KR", 1), 0);
    ck_assert_uint_eq(place_of(&frame.texts, FRAME_AGREEMENT, "RCEP", 2), 1);
    ck_assert_uint_eq(place_of(&frame.texts, FRAME_CARD, "ID", 1), 2);
    ck_assert_uint_eq(place_of(&frame.texts, FRAME_AGREEMENT, "RCEP", 1), 3);
    agreement_destroy(&first);
    agreement_destroy(&second);
}
END_TEST

/* Whether that transport key is on a card in force. */
static bool is_trusted_at(struct member *member, const uint8_t *key)
{
    struct directory *directory = flow_directory(&member->flow);
    bool trusted = directory_transport(directory, key, PARTY_NOW_S) != NULL;
    directory_release(&directory);
    return trusted;
}

START_TEST(a_revocation_goes_to_all_who_share_an_agreement_with_the_party)
{
    struct member *members[] = {&indonesia, &korea, &uruguay};
    bool news = false;
    for (size_t i = 0; i < 3; i++) {
        for (size_t k = 0; k < 3; k++) {
            if (i != k) {
                confirm(all[i], all[k]);
            }
        }
    }
    struct agreement *agreement = pact(members, 3, NULL);
    for (size_t i = 0; i < 3; i++) {
        import(all[i], agreement);
        member_run(all[i]);
    }
    open_lane(&korea, &indonesia);
    open_lane(&indonesia, &uruguay);
    struct revocation revocation = {.environment = "test",
                                    .party = "KR",
                                    .domain = "customs.go.kr",
                                    .role = KEY_TRANSPORT,
                                    .reason = "a stolen machine",
                                    .trusted_until_s = PARTY_NOW_S - 60,
                                    .issued_s = PARTY_NOW_S};
    memcpy(revocation.key, keypair_public(korea.party.keys[KEY_TRANSPORT]), KEY_PUBLIC_BYTES);
    memcpy(revocation.identity, keypair_public(korea.party.keys[KEY_IDENTITY]), KEY_PUBLIC_BYTES);
    assert_ok(revocation_sign(&revocation, korea.party.keys[KEY_IDENTITY], &error));
    assert_ok(directory_revoke(korea.cards, &revocation, &news, &error));
    assert_ok(refresh(&korea, &error));
    const uint8_t *key = keypair_public(korea.party.keys[KEY_TRANSPORT]);
    ck_assert(soon(!is_trusted_at(&uruguay, key)));
    buffer_free(&revocation.note);
    agreement_destroy(&agreement);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        a_new_card_goes_to_everybody_who_holds_an_older_one,
        a_card_made_while_a_partner_was_away_comes_when_it_is_back,
        a_third_partys_card_is_passed_on_when_an_agreement_names_it,
        a_third_partys_card_without_an_agreement_stays_where_it_is,
        what_a_partner_may_not_have_is_not_sent_when_it_asks,
        a_party_that_joins_by_the_next_version_gets_every_card_and_everybody_its_own,
        signatures_of_a_proposal_are_gathered_over_the_mesh,
        an_agreement_in_its_older_version_is_not_asked_for,
        a_text_that_nobody_asked_for_is_passed_over,
        a_card_of_another_identity_than_the_agreements_is_refused,
        a_card_of_an_identity_that_a_quorum_has_replaced_is_refused,
        who_somebody_is_that_a_person_confirmed_others_do_not_agree_on,
        a_party_cannot_fill_the_disk_with_serials,
        a_partner_that_promises_texts_is_asked_for_few_at_a_time,
        a_partner_that_gives_rubbish_is_asked_for_so_much_in_an_hour,
        a_channel_carries_the_card_of_its_own_party_alone,
        what_no_other_party_can_make_grow_is_told_first,
        a_revocation_goes_to_all_who_share_an_agreement_with_the_party,
    };
    return suite_run_with("trust", tests, SUITE_COUNT(tests), start, end);
}
