/* Two sides that pair, and a man in the middle with a machine for each of them. */
#ifndef COMESH_TESTS_PAIRING_SCENE_H
#define COMESH_TESTS_PAIRING_SCENE_H

#include "keys/pairing.h"
#include "tests/unit/party.h"

/* One side of a run: its party, its machine, and what it has sent and nobody has read yet. */
struct side {
    struct party party;
    struct pairing_self self;
    struct pairing *pairing;
    struct buffer out;
};

static struct side kr;    /* calls */
static struct side id;    /* listens */
static struct side as_id; /* the man in the middle, who poses as ID before KR */
static struct side as_kr; /* and as KR before ID */

static inline void side_make(struct side *side, enum minutes_role role, const char *code,
                             const char *domain)
{
    *side = (struct side){0};
    party_start(&side->party, code, domain);
    party_sign(&side->party);
    side->self = (struct pairing_self){.side = role,
                                       .card = &side->party.card,
                                       .identity = side->party.keys[KEY_IDENTITY],
                                       .person = TEXT("Kim Min-jun"),
                                       .place = TEXT("Seoul"),
                                       .now_s = PARTY_NOW_S};
}

/* Keys of its own under the name of another. */
static inline void side_disguise(struct side *side, const struct side *as)
{
    memcpy(side->party.card.party, as->party.card.party, sizeof side->party.card.party);
    memcpy(side->party.card.domain, as->party.card.domain, sizeof side->party.card.domain);
    party_sign(&side->party);
}

static inline void side_begin(struct side *side)
{
    pairing_destroy(&side->pairing);
    buffer_clear(&side->out);
    assert_ok(pairing_start(&side->self, &side->pairing, &side->out, &error));
}

static inline void side_end(struct side *side)
{
    pairing_destroy(&side->pairing);
    buffer_free(&side->out);
    party_end(&side->party);
}

static inline void scene_start(void)
{
    side_make(&kr, MINUTES_CALLER, "KR", "customs.go.kr");
    side_make(&id, MINUTES_LISTENER, "ID", "beacukai.go.id");
    side_make(&as_id, MINUTES_LISTENER, "XI", "beacukai.example");
    side_make(&as_kr, MINUTES_CALLER, "XK", "customs.example");
    side_disguise(&as_id, &id);
    side_disguise(&as_kr, &kr);
}

static inline void scene_end(void)
{
    side_end(&kr);
    side_end(&id);
    side_end(&as_id);
    side_end(&as_kr);
}

/* Gives `to` all that `from` has sent; the first thing that is refused ends it. */
static inline enum result deliver(struct side *from, struct side *to)
{
    struct bytes sent = buffer_bytes(&from->out);
    struct bytes message;
    enum result result = pairing_frame_cut(&sent, &message, &error);
    while (result == RESULT_OK && message.data != NULL) {
        result = pairing_take(to->pairing, message, &to->out, &error);
        if (result == RESULT_OK) {
            result = pairing_frame_cut(&sent, &message, &error);
        }
    }
    buffer_clear(&from->out);
    return result;
}

/* Until both know the string. */
static inline void meet(struct side *caller, struct side *listener)
{
    side_begin(caller);
    side_begin(listener);
    for (unsigned i = 0; i < 2; i++) {
        assert_ok(deliver(caller, listener));
        assert_ok(deliver(listener, caller));
    }
    ck_assert_int_eq(pairing_state(caller->pairing), PAIRING_COMPARING);
    ck_assert_int_eq(pairing_state(listener->pairing), PAIRING_COMPARING);
}

/* The person at `side` types what the person at `other` reads. */
static inline enum result confirm(struct side *side, const struct side *other)
{
    char words[WORDS_TEXT_BYTES];
    words_text(pairing_hash(other->pairing), words);
    return pairing_confirm(side->pairing, text_of(words), &side->out, &error);
}

/* The message that a side has sent last. */
static inline struct pairing_message sent_by(const struct side *side)
{
    struct bytes sent = buffer_bytes(&side->out);
    struct bytes message;
    struct pairing_message read;
    assert_ok(pairing_frame_cut(&sent, &message, &error));
    ck_assert_ptr_nonnull(message.data);
    assert_ok(pairing_message_read(message, &read, &error));
    return read;
}

static inline void send_instead(struct side *side, const struct pairing_message *message)
{
    struct buffer bytes = {0};
    struct buffer frame = {0};
    pairing_message_append(message, &bytes);
    pairing_frame_append(buffer_bytes(&bytes), &frame);
    buffer_free(&bytes);
    buffer_free(&side->out);
    side->out = frame;
}

static inline enum pairing_state state_of(const struct side *side)
{
    return pairing_state(side->pairing);
}

#endif
