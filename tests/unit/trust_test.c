/* Signed texts passed on between nodes: cards, agreements, signatures, revocations, and to whom
 * they go. */
#include "tests/unit/trust_scene.h"

START_TEST(a_new_card_goes_to_everybody_who_holds_an_older_one)
{
    struct member *const holders[] = {&indonesia, &uruguay};
    member_run(&korea);
    for (size_t i = 0; i < SUITE_COUNT(holders); i++) {
        const char *party = holders[i]->config.party;
        confirm_each_other(&korea, holders[i]);
        member_run(holders[i]);
        open_lane(&korea, holders[i]);
        ck_assert(soon(trust_known_serial(korea.trust, party) == 1));
    }
    new_card(&korea);
    for (size_t i = 0; i < SUITE_COUNT(holders); i++) {
        const char *party = holders[i]->config.party;
        ck_assert(soon(serial_at(holders[i], "KR") == 2));
        ck_assert(soon(trust_known_serial(korea.trust, party) == 2));
        ck_assert_uint_eq(acts_of(holders[i]), 1);
        ck_assert_uint_eq(serial_at(&korea, party), 1);
    }
}
END_TEST

START_TEST(a_card_made_while_a_partner_was_away_comes_when_it_is_back)
{
    confirm_each_other(&korea, &indonesia);
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
    confirm_each_other(&korea, &indonesia);
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
    confirm_each_other(&korea, &indonesia);
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

START_TEST(a_party_that_joins_by_the_next_version_gets_every_card_and_everybody_its_own)
{
    struct member *both[] = {&indonesia, &korea};
    struct member *three[] = {&indonesia, &korea, &uruguay};
    confirm_each_other(&korea, &indonesia);
    confirm_each_other(&korea, &uruguay);
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
    confirm_each_other(&korea, &indonesia);
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
    confirm_each_other(&korea, &indonesia);
    confirm_each_other(&indonesia, &uruguay);
    confirm_each_other(&uruguay, &korea);
    struct agreement *agreement = pact(members, 3, NULL);
    for (size_t i = 0; i < 3; i++) {
        import(all[i], agreement);
        member_run(all[i]);
    }
    open_lane(&korea, &indonesia);
    open_lane(&indonesia, &uruguay);
    const uint8_t *key = keypair_public(korea.party.keys[KEY_TRANSPORT]);
    struct revocation revocation;
    party_revoke(&korea.party, KEY_TRANSPORT, key, &revocation);
    ck_assert(is_trusted_at(&uruguay, key));
    assert_ok(directory_revoke(korea.cards, &revocation, &news, &error));
    assert_ok(refresh(&korea, &error));
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
        a_party_that_joins_by_the_next_version_gets_every_card_and_everybody_its_own,
        signatures_of_a_proposal_are_gathered_over_the_mesh,
        what_no_other_party_can_make_grow_is_told_first,
        a_revocation_goes_to_all_who_share_an_agreement_with_the_party,
    };
    return suite_run_with("trust", tests, SUITE_COUNT(tests), scene_start, scene_end);
}
