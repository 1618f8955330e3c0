/* The steps of a partner's test that need no connection: cards that end, clocks, agreements. */
#include "node/flow/trial.h"
#include "tests/unit/folder.h"
#include "tests/unit/pact.h"

static struct party korea;
static struct party indonesia;
static struct config config;
static struct flow flow;
static struct trial trial;
static uint64_t now_s;

static uint64_t wall_ms(void *self)
{
    (void)self;
    return now_s * 1000;
}

static const struct world world = {.wall_ms = wall_ms};

static void start(void)
{
    folder_start();
    pact_start();
    now_s = PARTY_NOW_S;
    trial.count = 0;
    party_start(&korea, "KR", "customs.go.kr");
    party_start(&indonesia, "ID", "beacukai.go.id");
    party_sign(&korea);
    party_sign(&indonesia);
    config = (struct config){.party = "KR", .environment = "test", .domain = "customs.go.kr"};
    flow = (struct flow){.config = &config, .world = &world};
    (void)pthread_mutex_init(&flow.directory_lock, NULL);
    assert_ok(directory_own_store(folder, &korea.card, &error));
    assert_ok(directory_store(folder, &indonesia.card, &error));
    assert_ok(directory_load(folder, TEXT("test"), &flow.directory, &error));
}

static void end(void)
{
    directory_release(&flow.directory);
    agreements_release(&flow.agreements);
    party_end(&korea);
    party_end(&indonesia);
    pact_end();
    folder_end();
}

static const struct trial_step *step_of(const char *what)
{
    for (size_t i = 0; i < trial.count; i++) {
        if (text_equal(text_of(trial.steps[i].what), text_of(what))) {
            return &trial.steps[i];
        }
    }
    ck_abort_msg("no step '%s'", what);
    return NULL;
}

static void check_step(const char *what, enum trial_outcome outcome, const char *words)
{
    const struct trial_step *step = step_of(what);
    ck_assert_msg(step->outcome == outcome, "%s: %s", trial_outcome_text(step->outcome),
                  step->found);
    ck_assert_msg(strstr(step->found, words) != NULL, "'%s' is not in: %s", words, step->found);
    bool is_well = outcome == TRIAL_OK || outcome == TRIAL_SKIPPED;
    ck_assert_msg((step->remedy[0] == '\0') == is_well, "remedy: %s", step->remedy);
}

START_TEST(cards_are_well_warned_about_and_over_by_the_day)
{
    trial_cards(&flow, &indonesia.card, &trial);
    check_step("their card", TRIAL_OK, "serial 1, is valid until 2028-01-01");
    check_step("our card", TRIAL_OK, "valid until");
    check_step("our card there", TRIAL_SKIPPED, "has not said");
    trial.count = 0;
    now_s = PARTY_UNTIL_S - (uint64_t)10 * 86400;
    trial_cards(&flow, &indonesia.card, &trial);
    check_step("their card", TRIAL_WARNING, "ends in 10 days, 2028-01-01T00:00:00Z");
    check_step("our card", TRIAL_WARNING, "ends in 10 days");
    trial.count = 0;
    now_s = PARTY_UNTIL_S;
    trial_cards(&flow, &indonesia.card, &trial);
    check_step("their card", TRIAL_FAILED, "no identity key that is valid now");
    check_step("our card", TRIAL_FAILED, "no identity key");
}
END_TEST

START_TEST(a_clock_is_well_within_seconds_and_fails_past_five_minutes)
{
    static const struct {
        int64_t ahead_ms;
        enum trial_outcome outcome;
        const char *words;
    } rows[] = {
        {0, TRIAL_OK, "0 ms ahead of ours"},
        {-900, TRIAL_OK, "900 ms behind ours"},
        {45000, TRIAL_WARNING, "45 s ahead of ours"},
        {-45000, TRIAL_WARNING, "45 s behind ours"},
        {300001, TRIAL_FAILED, "300 s ahead of ours"},
        {-(int64_t)86400 * 365 * 1000, TRIAL_FAILED, "31536000 s behind ours"},
    };
    for (size_t i = 0; i < SUITE_COUNT(rows); i++) {
        trial.count = 0;
        trial_clock("ID", rows[i].ahead_ms, &trial);
        check_step("clock", rows[i].outcome, rows[i].words);
    }
}
END_TEST

START_TEST(without_an_agreement_no_certificate_can_go)
{
    trial_agreements(&flow, "ID", &trial);
    check_step("agreement", TRIAL_SKIPPED, "has not told");
    trial_menus(&flow, "ID", &trial);
    check_step("menu", TRIAL_FAILED, "no agreement is in force between us and ID");
}
END_TEST

START_TEST(a_signed_agreement_is_told_with_its_menus)
{
    enum agreements_outcome outcome;
    const struct agreements_trust who = {.environment = TEXT("test"),
                                         .party = TEXT("KR"),
                                         .identity = keypair_public(korea.keys[KEY_IDENTITY]),
                                         .person = true};
    struct agreement *draft = pact_draft(0, 2);
    pact_join(draft, "ID", "beacukai.go.id", indonesia.keys[KEY_IDENTITY]);
    pact_join(draft, "KR", "customs.go.kr", korea.keys[KEY_IDENTITY]);
    struct agreement *agreement = pact_make(draft);
    pact_sign_with(&agreement, NULL, indonesia.keys[KEY_IDENTITY]);
    pact_sign_with(&agreement, NULL, korea.keys[KEY_IDENTITY]);
    const char *path = folder_path("agreements");
    assert_ok(agreements_import(path, buffer_bytes(&agreement->bytes), &who, &outcome, &error));
    assert_ok(agreements_load(path, TEXT("test"), &flow.agreements, &error));
    trial_menus(&flow, "ID", &trial);
    check_step("menu", TRIAL_OK, "RCEP version 1, in force, menu 1");
    trial_signatures(&flow, "ID", &trial);
    check_step("agreement", TRIAL_OK, "RCEP version 1 has its signature");
    agreement_destroy(&agreement);
}
END_TEST

START_TEST(who_cannot_be_tested_is_told_why)
{
    assert_ok(trial_check_partner(&flow, TEXT("ID"), &error));
    assert_fails(trial_check_partner(&flow, TEXT("KR"), &error), RESULT_INVALID, "is this node");
    assert_fails(trial_check_partner(&flow, TEXT("UY"), &error), RESULT_NOT_FOUND, "comesh pair");
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        cards_are_well_warned_about_and_over_by_the_day,
        a_clock_is_well_within_seconds_and_fails_past_five_minutes,
        without_an_agreement_no_certificate_can_go,
        a_signed_agreement_is_told_with_its_menus,
        who_cannot_be_tested_is_told_why,
    };
    return suite_run_with("trial", tests, SUITE_COUNT(tests), start, end);
}
