/* Signed texts of a partner that passes on what is old, forged, not asked for or not its own, or
 * too much of it; and what it may not have. */
#include "node/flow/carried.h"
#include "tests/unit/trust_scene.h"

/* A partner asks for a text that it may not have, by its digest. */
/* Runs korea, with a lane to ID over which it has told what it holds. */
static void korea_run(void)
{
    member_run(&korea);
    trust_opened(korea.trust, "ID");
    ck_assert_int_eq(said(&korea, "ID").kind, FRAME_TEXTS);
}

/* Until korea has looked at all that ID has told and given: what it is told of its own card comes
 * behind that. */
static void korea_await(void)
{
    const struct frame_text row = row_of(FRAME_CARD, "KR", 1, &korea.party.card.note);
    tell(&korea, "ID", &row, 1);
    ck_assert(soon(trust_known_serial(korea.trust, "ID") == 1));
}

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

/* ID tells korea of a card, and gives it when korea asks for it. */
static void offer_card(const char *party, uint64_t serial, const struct buffer *note)
{
    const struct frame_text row = row_of(FRAME_CARD, party, serial, note);
    tell(&korea, "ID", &row, 1);
    while (said(&korea, "ID").kind != FRAME_WANT) {
    }
    give(&korea, "ID", FRAME_CARD, note);
}

static void offer_card_of(const struct member *member)
{
    const struct card *card = &member->party.card;
    offer_card(card->party, card->serial, &card->note);
}

START_TEST(what_a_partner_may_not_have_is_not_sent_when_it_asks)
{
    struct buffer packed = {0};
    confirm(&korea, &indonesia);
    confirm(&korea, &uruguay);
    korea_run();
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

START_TEST(an_agreement_in_its_older_version_is_not_asked_for)
{
    struct member *both[] = {&indonesia, &korea};
    confirm(&korea, &indonesia);
    struct agreement *first = pact(both, 2, NULL);
    struct agreement *next = pact(both, 2, first);
    import(&korea, first);
    import(&korea, next);
    korea_run();
    const struct frame_text rows[] = {
        row_of(FRAME_AGREEMENT, "RCEP", 1, &first->bytes),
        row_of(FRAME_AGREEMENT, "RCEP", 2, &next->bytes),
    };
    tell(&korea, "ID", rows, 2);
    give(&korea, "ID", FRAME_AGREEMENT, &first->bytes);
    korea_await();
    ck_assert(!asks_for_more());
    ck_assert_uint_eq(version_at(&korea), 2);
    ck_assert_uint_eq(acts_of(&korea), 0);
    agreement_destroy(&first);
    agreement_destroy(&next);
}
END_TEST

START_TEST(a_text_that_nobody_asked_for_is_passed_over)
{
    confirm(&korea, &indonesia);
    korea_run();
    party_next_card(&indonesia.party);
    give(&korea, "ID", FRAME_CARD, &indonesia.party.card.note);
    korea_await();
    ck_assert_uint_eq(serial_at(&korea, "ID"), 1);
    ck_assert_uint_eq(acts_of(&korea), 0);
}
END_TEST

START_TEST(a_card_of_another_identity_than_the_agreements_is_refused)
{
    struct member *members[] = {&indonesia, &korea, &uruguay};
    confirm(&korea, &indonesia);
    struct agreement *agreement = pact(members, 3, NULL);
    import(&korea, agreement);
    party_change_identity(&uruguay.party);
    korea_run();
    offer_card_of(&uruguay);
    const struct frame_text again = row_of(FRAME_CARD, "UY", 2, &uruguay.party.card.note);
    tell(&korea, "ID", &again, 1);
    korea_await();
    ck_assert_msg(!asks_for_more(), "it is asked for again");
    ck_assert_uint_eq(serial_at(&korea, "UY"), 0);
    ck_assert_uint_eq(acts_of(&korea), 0);
    agreement_destroy(&agreement);
}
END_TEST

START_TEST(a_card_of_an_identity_that_a_quorum_has_replaced_is_refused)
{
    struct member *both[] = {&indonesia, &korea};
    struct keypair *old = keypair_share(indonesia.party.keys[KEY_IDENTITY]);
    const struct card *card = &indonesia.party.card;
    struct buffer stolen = {0};
    confirm(&korea, &indonesia);
    struct agreement *first = pact(both, 2, NULL);
    party_next_card(&indonesia.party);
    buffer_append(&stolen, card->note.data, card->note.size);
    party_change_identity(&indonesia.party);
    struct agreement *second = pact(both, 2, first);
    pact_sign_with(&second, first, old);
    import(&korea, first);
    import(&korea, second);
    korea_run();
    offer_card("ID", 2, &stolen);
    offer_card_of(&indonesia);
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
    party_change_identity(&indonesia.party);
    struct agreement *second = pact(three, 3, first);
    import(&korea, first);
    import(&korea, second);
    ck_assert_uint_eq(version_at(&korea), 2);
    korea_run();
    offer_card_of(&indonesia);
    korea_await();
    ck_assert_uint_eq(serial_at(&korea, "ID"), 1);
    ck_assert_uint_eq(acts_of(&korea), 0);
    agreement_destroy(&first);
    agreement_destroy(&second);
}
END_TEST

START_TEST(a_channel_carries_the_card_of_its_own_party_alone)
{
    confirm(&korea, &uruguay);
    party_next_card(&uruguay.party);
    assert_ok(carried_take(&korea.flow, "ID", &uruguay.party.card, &error));
    ck_assert_uint_eq(serial_at(&korea, "UY"), 1);
    assert_ok(carried_take(&korea.flow, "UY", &uruguay.party.card, &error));
    ck_assert_uint_eq(serial_at(&korea, "UY"), 2);
}
END_TEST

/* ---- how much ---- */

/* A hostile holder of an identity makes a new card every moment: the disk is not his. */
START_TEST(a_party_cannot_fill_the_disk_with_serials)
{
    confirm(&korea, &indonesia);
    korea_run();
    for (uint64_t i = 0; i < TRUST_NEWS_MAX; i++) {
        party_next_card(&indonesia.party);
        offer_card_of(&indonesia);
        ck_assert(soon(serial_at(&korea, "ID") == indonesia.party.card.serial));
    }
    party_next_card(&indonesia.party);
    const struct frame_text row =
        row_of(FRAME_CARD, "ID", indonesia.party.card.serial, &indonesia.party.card.note);
    tell(&korea, "ID", &row, 1);
    korea_await();
    ck_assert(!asks_for_more());
    korea.flow.trust = korea.trust;
    assert_ok(carried_take(&korea.flow, "ID", &indonesia.party.card, &error));
    ck_assert_uint_eq(serial_at(&korea, "ID"), 1 + TRUST_NEWS_MAX);
    ck_assert_uint_eq(acts_of(&korea), TRUST_NEWS_MAX);
}
END_TEST

/* A thousand texts that do not exist cost us no more than the questions of an hour. */
START_TEST(a_partner_that_promises_texts_is_asked_for_few_at_a_time)
{
    struct frame_text rows[FRAME_TEXTS_MAX];
    confirm(&korea, &indonesia);
    korea_run();
    for (size_t i = 0; i < FRAME_TEXTS_MAX; i++) {
        rows[i] = row_of(FRAME_CARD, "ID", 2 + i, &korea.party.card.note);
        rows[i].digest.bytes[0] = (uint8_t)i;
        rows[i].digest.bytes[1] = (uint8_t)(i >> 8);
    }
    tell(&korea, "ID", rows, FRAME_TEXTS_MAX);
    struct frame frame = said(&korea, "ID");
    ck_assert_int_eq(frame.kind, FRAME_WANT);
    ck_assert_uint_eq(frame.texts.count, TRUST_WANTS_MAX);
    ck_assert(!asks_for_more());
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
    korea_run();
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
    tell(&korea, "ID", &rows[TRUST_INTAKE_MAX + 1], 1);
    korea_await();
    ck_assert(!asks_for_more());
    buffer_free(&note);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        what_a_partner_may_not_have_is_not_sent_when_it_asks,
        an_agreement_in_its_older_version_is_not_asked_for,
        a_text_that_nobody_asked_for_is_passed_over,
        a_card_of_another_identity_than_the_agreements_is_refused,
        a_card_of_an_identity_that_a_quorum_has_replaced_is_refused,
        who_somebody_is_that_a_person_confirmed_others_do_not_agree_on,
        a_channel_carries_the_card_of_its_own_party_alone,
        a_party_cannot_fill_the_disk_with_serials,
        a_partner_that_promises_texts_is_asked_for_few_at_a_time,
        a_partner_that_gives_rubbish_is_asked_for_so_much_in_an_hour,
    };
    return suite_run_with("trust hostile", tests, SUITE_COUNT(tests), scene_start, scene_end);
}
