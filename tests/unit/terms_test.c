/* Under which agreement a message may go: time, roles, menus, and what a section of the
 * configuration counts for. */
#include "node/flow/terms.h"
#include "tests/unit/folder.h"
#include "tests/unit/pact.h"

#define DAY_S AGREEMENT_DAY_S

static struct config config;
static struct rules *rules;
static struct flow flow;
static struct agreements *held;
static struct message message;
static uint64_t now_s;

static uint64_t fake_wall_ms(void *self)
{
    return *(const uint64_t *)self * 1000;
}

static const struct world clock_of_test = {.wall_ms = fake_wall_ms, .self = &now_s};

/* This node is BN; AU and BN have RCEP with menu 1, in the configuration. */
static void start(void)
{
    folder_start();
    pact_start();
    config = (struct config){.party = "BN", .agreement_count = 1};
    config.agreements[0] = (struct config_agreement){
        .code = "RCEP", .menu_versions = {1}, .parties = {"AU", "BN"}, .party_count = 2};
    assert_ok(rules_load(NULL, &rules, &error));
    flow.config = &config;
    flow.rules = rules;
    flow.world = &clock_of_test;
    now_s = PACT_NOW_S;
    message = (struct message){.operation = OPERATION_CO,
                               .exporter = TEXT("AU"),
                               .importer = TEXT("BN"),
                               .agreement = TEXT("RCEP"),
                               .menu_version = 1};
}

static void end(void)
{
    agreements_release(&held);
    rules_destroy(&rules);
    pact_end();
    folder_end();
}

/* Signs the draft by its parties and those of the version before, and takes it. */
static struct agreement *take(const struct agreement *draft, const struct agreement *previous,
                              uint32_t signers)
{
    enum agreements_outcome outcome;
    const struct agreements_trust trust = {.environment = TEXT("test"),
                                           .party = TEXT("AU"),
                                           .identity = keypair_public(pact_keys[0]),
                                           .person = true,
                                           .now_s = PACT_NOW_S};
    struct agreement *made = pact_make(draft);
    pact_sign(&made, previous, signers);
    assert_ok(agreements_import(folder, buffer_bytes(&made->bytes), &trust, &outcome, &error));
    ck_assert_int_eq(outcome, AGREEMENTS_ACCEPTED);
    agreements_release(&held);
    assert_ok(agreements_load(folder, TEXT("test"), &held, &error));
    return made;
}

static enum result sent(void)
{
    return terms_menu(&flow, held, &message, TERMS_SENDING, &error) == NULL ? error.code
                                                                            : RESULT_OK;
}

static enum result received(void)
{
    return terms_menu(&flow, held, &message, TERMS_RECEIVING, &error) == NULL ? error.code
                                                                              : RESULT_OK;
}

START_TEST(a_section_counts_where_nothing_is_signed)
{
    assert_ok(sent());
    message.menu_version = 2;
    assert_fails(sent(), RESULT_NOT_FOUND, "menu version 2 of agreement 'RCEP' is not known to BN");
    message.agreement = TEXT("AKFTA");
    assert_fails(sent(), RESULT_NOT_FOUND, "agreement 'AKFTA' is not known to BN");
}
END_TEST

START_TEST(a_section_counts_for_nothing_beside_a_signed_text)
{
    struct agreement *draft = pact_draft(2, 2);
    draft->menus[0].text = pact_menu("rcep.menu", 7);
    struct agreement *signed_one = take(draft, NULL, 3);
    assert_fails(sent(), RESULT_NOT_FOUND,
                 "is not in version 1, which BN holds; it has menu version 7");
    message.menu_version = 7;
    assert_ok(sent());
    ck_assert_uint_eq(terms_menu(&flow, held, &message, TERMS_SENDING, &error)->version, 7);
    agreement_destroy(&signed_one);
}
END_TEST

START_TEST(an_agreement_has_its_time)
{
    struct agreement *one = take(pact_draft(2, 2), NULL, 3);
    now_s = PACT_FROM_S - 1;
    assert_fails(sent(), RESULT_DENIED, "begins at 2026-01-01T00:00:00Z; the clock here says 2025");
    assert_fails(received(), RESULT_DENIED, "begins at");
    now_s = PACT_FROM_S;
    assert_ok(sent());
    now_s = PACT_UNTIL_S - 1;
    assert_ok(sent());
    assert_ok(received());
    now_s = PACT_UNTIL_S;
    assert_fails(sent(), RESULT_DENIED, "ended at 2028-01-01T00:00:00Z with 30 days of grace");
    assert_ok(received());
    message.operation = OPERATION_FEEDBACK; /* an answer to what was received */
    assert_ok(sent());
    now_s = PACT_UNTIL_S + 30 * DAY_S;
    assert_fails(sent(), RESULT_DENIED, "ended at");
    assert_fails(received(), RESULT_DENIED, "ended at");
    agreement_destroy(&one);
}
END_TEST

START_TEST(roles_of_parties_are_kept)
{
    struct agreement *draft = pact_draft(2, 2);
    draft->parties[0].imports = false;
    draft->parties[1].exports = false;
    struct agreement *one = take(draft, NULL, 3);
    assert_ok(sent());
    message.exporter = TEXT("BN");
    message.importer = TEXT("AU");
    assert_fails(sent(), RESULT_DENIED, "party 'BN' is no exporter under agreement 'RCEP'");
    assert_fails(received(), RESULT_DENIED, "party 'BN' is no exporter");
    message.exporter = TEXT("AU");
    message.importer = TEXT("KR");
    assert_fails(sent(), RESULT_NOT_FOUND, "party 'KR' is not in agreement 'RCEP', version 1");
    agreement_destroy(&one);
}
END_TEST

START_TEST(what_is_under_way_under_an_older_menu_arrives_within_the_grace)
{
    struct agreement *one = take(pact_draft(3, 2), NULL, 7);
    struct agreement *draft = pact_next(one);
    draft->menus[0].text = pact_menu("rcep.menu", 2);
    draft->from_s = PACT_NOW_S + DAY_S;
    draft->party_count = 2; /* CN leaves */
    struct agreement *two = take(draft, one, 3);
    message.menu_version = 2;
    assert_fails(sent(), RESULT_NOT_FOUND, "menu version 2");
    now_s = PACT_NOW_S + DAY_S;
    assert_ok(sent());
    message.menu_version = 1;
    assert_fails(sent(), RESULT_NOT_FOUND, "menu version 1");
    assert_ok(received());
    message.exporter = TEXT("CN");
    assert_fails(received(), RESULT_NOT_FOUND, "party 'CN' is not in agreement 'RCEP', version 2");
    message.exporter = TEXT("AU");
    now_s = PACT_NOW_S + 31 * DAY_S;
    assert_fails(received(), RESULT_NOT_FOUND, "menu version 1");
    agreement_destroy(&one);
    agreement_destroy(&two);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        a_section_counts_where_nothing_is_signed,
        a_section_counts_for_nothing_beside_a_signed_text,
        an_agreement_has_its_time,
        roles_of_parties_are_kept,
        what_is_under_way_under_an_older_menu_arrives_within_the_grace,
    };
    return suite_run_with("terms", tests, SUITE_COUNT(tests), start, end);
}
