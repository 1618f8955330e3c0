/* The folder of agreements: what is taken in, what is refused, what a power cut leaves, and which
 * version is in force when. */
#include "keys/agreements.h"
#include "keys/file.h"
#include "tests/unit/folder.h"
#include "tests/unit/pact.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/wait.h>

#define DAY_S AGREEMENT_DAY_S

static struct agreement *first;  /* version 1 */
static struct agreement *second; /* version 2 */
static struct agreements *held;
static struct agreements_trust trust;
static enum agreements_outcome outcome;
static const struct text rcep = {"RCEP", 4};

/* We are AU, the first of the fifteen. */
static void start(void)
{
    folder_start();
    pact_start();
    trust = (struct agreements_trust){.environment = TEXT("test"),
                                      .party = TEXT("AU"),
                                      .identity = keypair_public(pact_keys[0]),
                                      .person = true,
                                      .now_s = PACT_NOW_S};
}

static void end(void)
{
    agreement_destroy(&first);
    agreement_destroy(&second);
    agreements_release(&held);
    pact_end();
    folder_end();
}

static enum result load(void)
{
    agreements_release(&held);
    return agreements_load(folder_path("agreements"), TEXT("test"), &held, &error);
}

static enum result take(const struct agreement *agreement)
{
    enum result result = agreements_import(
        folder_path("agreements"), buffer_bytes(&agreement->bytes), &trust, &outcome, &error);
    if (result == RESULT_OK) {
        assert_ok(load());
    }
    return result;
}

/* Version 1 of `count` parties, signed by all of them and taken. */
static void take_first(size_t count, uint32_t quorum)
{
    first = pact_make(pact_draft(count, quorum));
    pact_sign(&first, NULL, (1U << count) - 1);
    assert_ok(take(first));
    ck_assert_int_eq(outcome, AGREEMENTS_ACCEPTED);
}

START_TEST(without_a_folder_there_are_none)
{
    assert_ok(load());
    ck_assert_ptr_null(agreements_at(held, 0));
    ck_assert_ptr_null(agreements_in_force(held, rcep, PACT_NOW_S));
    ck_assert_ptr_null(agreements_at(NULL, 0));
}
END_TEST

START_TEST(a_proposal_becomes_a_version_with_its_last_signature)
{
    first = pact_make(pact_draft(2, 2));
    assert_ok(take(first));
    ck_assert_int_eq(outcome, AGREEMENTS_PROPOSED);
    ck_assert_ptr_nonnull(agreements_proposal(held, rcep));
    pact_sign(&first, NULL, 2);
    assert_ok(take(first));
    ck_assert_int_eq(outcome, AGREEMENTS_PROPOSED);
    ck_assert_ptr_null(agreements_at(held, 0));
    agreement_destroy(&first);
    first = pact_make(pact_draft(2, 2));
    pact_sign(&first, NULL, 1);
    assert_ok(take(first));
    ck_assert_int_eq(outcome, AGREEMENTS_ACCEPTED);
    ck_assert_uint_eq(agreements_at(held, 0)->signers, 3);
    ck_assert_ptr_null(agreements_proposal_at(held, 0));
    ck_assert_ptr_eq(agreements_in_force(held, rcep, PACT_NOW_S), agreements_at(held, 0));
}
END_TEST

START_TEST(signatures_of_fifteen_come_one_by_one_in_any_order)
{
    static const unsigned char order[] = {7, 3, 14, 0, 9, 1, 12, 5, 10, 2, 13};
    for (size_t i = 0; i < SUITE_COUNT(order); i++) {
        struct agreement *one = pact_make(pact_draft(PACT_PARTIES, 11));
        pact_sign(&one, NULL, 1U << order[i]);
        assert_ok(take(one));
        ck_assert_int_eq(outcome, i < 10 ? AGREEMENTS_PROPOSED : AGREEMENTS_ACCEPTED);
        assert_fails(take(one), RESULT_DUPLICATE, "version 1 is held already");
        agreement_destroy(&one);
    }
    first = pact_make(pact_draft(PACT_PARTIES, 11));
    pact_sign(&first, NULL, 1U << 4);
    assert_ok(take(first));
    ck_assert_int_eq(outcome, AGREEMENTS_SIGNED);
    ck_assert_uint_eq(agreements_at(held, 0)->note.signature_count, 12);
}
END_TEST

START_TEST(a_first_version_needs_the_own_signature_or_a_persons_word)
{
    first = pact_make(pact_draft(3, 2));
    pact_sign(&first, NULL, 6); /* the quorum, without ours */
    trust.person = false;
    assert_fails(take(first), RESULT_UNTRUSTED, "a person takes the first version in");
    trust.person = true;
    assert_ok(take(first));
    ck_assert_int_eq(outcome, AGREEMENTS_PROPOSED);
    trust.person = false;
    assert_fails(take(first), RESULT_DUPLICATE, "held already");
    trust.confirmed = true;
    assert_ok(take(first));
    ck_assert_int_eq(outcome, AGREEMENTS_ACCEPTED);
}
END_TEST

START_TEST(a_first_version_is_ours_and_of_today)
{
    struct agreement *draft = pact_draft(2, 2);
    first = pact_make(draft);
    trust.party = TEXT("KR");
    assert_fails(take(first), RESULT_INVALID, "KR takes no part in it");
    trust.party = TEXT("BN");
    assert_fails(take(first), RESULT_INVALID,
                 "names another identity key for BN than its own card");
    trust.party = TEXT("AU");
    trust.environment = TEXT("prod");
    assert_fails(take(first), RESULT_INVALID, "is for test, and this node is for prod");
    trust.environment = TEXT("test");
    trust.now_s = PACT_UNTIL_S + 30 * DAY_S;
    assert_fails(take(first), RESULT_INVALID,
                 "its grace is over; the clock of this machine says 2028-01-31T00:00:00Z");
    assert_ok(load());
    ck_assert_ptr_null(agreements_proposal_at(held, 0));
}
END_TEST

START_TEST(later_versions_follow_by_quorum_alone)
{
    take_first(3, 2);
    struct agreement *draft = pact_next(first);
    pact_join(draft, "KR", "customs.kr", pact_keys[6]);
    draft->quorum = 3;
    second = pact_make(draft);
    trust.person = false;
    pact_sign(&second, first, 6); /* BN and CN: the quorum of version 1, not of version 2 */
    assert_ok(take(second));
    ck_assert_int_eq(outcome, AGREEMENTS_PROPOSED);
    pact_sign(&second, first, 1U << 6);
    assert_ok(take(second));
    ck_assert_int_eq(outcome, AGREEMENTS_ACCEPTED);
    ck_assert_uint_eq(agreements_in_force(held, rcep, PACT_NOW_S)->version, 2);
    ck_assert(agreements_vouch(held, TEXT("KR"), TEXT("customs.kr"), keypair_public(pact_keys[6]),
                               PACT_NOW_S));
    ck_assert(!agreements_vouch(held, TEXT("KR"), TEXT("customs.xx"), keypair_public(pact_keys[6]),
                                PACT_NOW_S));
    ck_assert(!agreements_vouch(held, TEXT("KR"), TEXT("customs.kr"), keypair_public(pact_keys[7]),
                                PACT_NOW_S));
    ck_assert_uint_eq(agreements_version(held, rcep, 1)->version, 1);
}
END_TEST

START_TEST(a_proposal_that_comes_without_a_person_is_signed_by_a_party)
{
    take_first(3, 2);
    second = pact_make(pact_next(first));
    trust.person = false;
    assert_fails(take(second), RESULT_UNTRUSTED, "a proposal that none of its parties has signed");
    pact_sign(&second, first, 2);
    assert_ok(take(second));
    ck_assert_int_eq(outcome, AGREEMENTS_PROPOSED);
}
END_TEST

START_TEST(a_key_that_was_changed_is_vouched_for_no_more)
{
    struct keypair *fresh = pact_key(50);
    take_first(3, 2);
    struct agreement *draft = pact_next(first);
    memcpy(draft->parties[1].identity, keypair_public(fresh), KEY_PUBLIC_BYTES);
    second = pact_make(draft);
    pact_sign(&second, first, 5);
    assert_ok(take(second));
    ck_assert_int_eq(outcome, AGREEMENTS_ACCEPTED);
    ck_assert(
        agreements_vouch(held, TEXT("BN"), TEXT("customs.bn"), keypair_public(fresh), PACT_NOW_S));
    ck_assert(!agreements_vouch(held, TEXT("BN"), TEXT("customs.bn"), keypair_public(pact_keys[1]),
                                PACT_NOW_S));
    ck_assert(agreements_replaced(held, TEXT("BN"), keypair_public(pact_keys[1]), PACT_NOW_S));
    ck_assert(!agreements_replaced(held, TEXT("BN"), keypair_public(fresh), PACT_NOW_S));
    ck_assert(!agreements_replaced(held, TEXT("KR"), keypair_public(pact_keys[6]), PACT_NOW_S));
    struct agreement *third = pact_make(pact_next(second));
    pact_sign(&third, second, 5);
    assert_ok(take(third));
    ck_assert_int_eq(outcome, AGREEMENTS_ACCEPTED);
    ck_assert(agreements_replaced(held, TEXT("BN"), keypair_public(pact_keys[1]), PACT_NOW_S));
    agreement_destroy(&third);
    keypair_destroy(&fresh);
}
END_TEST

START_TEST(an_older_version_that_is_played_again_changes_nothing)
{
    take_first(2, 2);
    second = pact_make(pact_next(first));
    pact_sign(&second, first, 3);
    assert_ok(take(second));
    assert_fails(take(first), RESULT_DUPLICATE, "version 1 is held already; the newest is 2");
    assert_ok(load());
    ck_assert_uint_eq(agreements_in_force(held, rcep, PACT_NOW_S)->version, 2);
    struct agreement *draft = pact_draft(2, 2);
    (void)snprintf(draft->name, sizeof draft->name, "Another one");
    agreement_destroy(&first);
    first = pact_make(draft);
    pact_sign(&first, NULL, 3);
    assert_fails(take(first), RESULT_CONFLICT, "version 1 is held as");
}
END_TEST

START_TEST(two_different_next_versions_are_shown_with_who_signed_them)
{
    struct agreement *other = NULL;
    take_first(3, 2);
    struct agreement *draft = pact_next(first);
    second = pact_make(draft);
    pact_sign(&second, first, 2);
    assert_ok(take(second));
    draft->quorum = 3;
    other = pact_make(draft);
    pact_sign(&other, first, 4);
    assert_fails(take(other), RESULT_CONFLICT, "signed by BN; not by AU, CN; 1 of 3");
    ck_assert_ptr_nonnull(strstr(error.message, "signed by CN"));
    ck_assert_ptr_nonnull(strstr(error.message, "nothing was changed"));
    assert_ok(load());
    ck_assert_uint_eq(agreements_proposal(held, rcep)->quorum, 2);
    assert_ok(agreements_drop(folder_path("agreements"), TEXT("test"), rcep, &error));
    assert_fails(agreements_drop(folder_path("agreements"), TEXT("test"), rcep, &error),
                 RESULT_NOT_FOUND, "there is no proposal");
    assert_ok(take(other));
    agreement_destroy(&other);
}
END_TEST

START_TEST(what_a_quorum_signed_goes_before_a_proposal_and_keeps_it)
{
    struct agreement *other = NULL;
    take_first(3, 2);
    struct agreement *draft = pact_next(first);
    second = pact_make(draft);
    pact_sign(&second, first, 1);
    assert_ok(take(second));
    draft->grace_days = 31;
    other = pact_make(draft);
    pact_sign(&other, first, 6);
    assert_ok(take(other));
    ck_assert_int_eq(outcome, AGREEMENTS_ACCEPTED);
    ck_assert_ptr_null(agreements_proposal(held, rcep));
    ck_assert_int_eq(access(folder_path("agreements/RCEP/0002.proposal"), R_OK), 0);
    pact_sign(&second, first, 2);
    assert_fails(take(second), RESULT_CONFLICT, "the parties settle which one holds");
    ck_assert_uint_eq(agreements_in_force(held, rcep, PACT_NOW_S)->grace_days, 31);
    agreement_destroy(&other);
}
END_TEST

START_TEST(a_version_between_is_asked_for)
{
    take_first(2, 2);
    struct agreement *draft = pact_next(first);
    draft->version = 3;
    second = pact_make(draft);
    pact_sign(&second, NULL, 3);
    assert_fails(take(second), RESULT_NOT_FOUND, "take version 2 first");
}
END_TEST

START_TEST(a_strangers_signature_refuses_the_whole)
{
    struct buffer note = {0};
    struct keypair *stranger = pact_key(99);
    first = pact_make(pact_draft(2, 2));
    pact_sign(&first, NULL, 3);
    buffer_append(&note, first->bytes.data, first->bytes.size);
    assert_ok(note_add_signature(first->note.body, TEXT("test.coconnect.customs.xx/identity"),
                                 NOTE_ED25519, 0, stranger, &note, &error));
    assert_fails(
        agreements_import(folder_path("agreements"), buffer_bytes(&note), &trust, &outcome, &error),
        RESULT_UNTRUSTED, "no party of it");
    assert_ok(load());
    ck_assert_ptr_null(agreements_at(held, 0));
    buffer_free(&note);
    keypair_destroy(&stranger);
}
END_TEST

START_TEST(a_version_is_in_force_in_its_time_and_its_grace)
{
    static const struct {
        uint64_t now_s;
        enum agreement_state state;
    } rows[] = {
        {PACT_FROM_S - 1, AGREEMENT_COMING},
        {PACT_FROM_S, AGREEMENT_IN_FORCE},
        {PACT_UNTIL_S - 1, AGREEMENT_IN_FORCE},
        {PACT_UNTIL_S, AGREEMENT_GRACE},
        {PACT_UNTIL_S + 30 * DAY_S - 1, AGREEMENT_GRACE},
        {PACT_UNTIL_S + 30 * DAY_S, AGREEMENT_ENDED},
        {PACT_UNTIL_S + 366 * DAY_S, AGREEMENT_ENDED}, /* a clock a year ahead */
        {PACT_NOW_S - 366 * DAY_S, AGREEMENT_COMING},  /* and one a year behind */
    };
    take_first(2, 2);
    for (size_t i = 0; i < SUITE_COUNT(rows); i++) {
        const struct agreement *found = agreements_in_force(held, rcep, rows[i].now_s);
        bool vouched = agreements_vouch(held, TEXT("BN"), TEXT("customs.bn"),
                                        keypair_public(pact_keys[1]), rows[i].now_s);
        bool wanted = rows[i].state == AGREEMENT_IN_FORCE || rows[i].state == AGREEMENT_GRACE;
        ck_assert_int_eq(agreements_state(held, agreements_at(held, 0), rows[i].now_s),
                         rows[i].state);
        ck_assert_msg((found != NULL) == wanted && vouched == wanted, "row %zu", i);
    }
}
END_TEST

START_TEST(an_end_is_announced_60_30_and_7_days_before)
{
    static const struct {
        uint64_t before_s;
        uint64_t now_s;
        bool due;
        uint32_t days;
    } rows[] = {
        {0, PACT_UNTIL_S - 60 * DAY_S - 1, false, 61},
        {0, PACT_UNTIL_S - 59 * DAY_S, true, 59},
        {PACT_UNTIL_S - 60 * DAY_S - 1, PACT_UNTIL_S - 60 * DAY_S, true, 60},
        {PACT_UNTIL_S - 60 * DAY_S, PACT_UNTIL_S - 31 * DAY_S, false, 31},
        {PACT_UNTIL_S - 31 * DAY_S, PACT_UNTIL_S - 30 * DAY_S, true, 30},
        {PACT_UNTIL_S - 8 * DAY_S, PACT_UNTIL_S - 7 * DAY_S + 5, true, 7},
        {PACT_UNTIL_S - 7 * DAY_S, PACT_UNTIL_S - 1, false, 1},
        {PACT_UNTIL_S - 1, PACT_UNTIL_S, true, 0},
        {PACT_UNTIL_S, PACT_UNTIL_S + 30 * DAY_S - 1, false, 0},
        {PACT_UNTIL_S + DAY_S, PACT_UNTIL_S + 30 * DAY_S, true, 0},
    };
    take_first(2, 2);
    for (size_t i = 0; i < SUITE_COUNT(rows); i++) {
        uint32_t days = 0;
        bool due =
            agreements_warns(held, agreements_at(held, 0), rows[i].before_s, rows[i].now_s, &days);
        ck_assert_msg(due == rows[i].due && days == rows[i].days, "row %zu: %u days", i, days);
    }
    second = pact_make(pact_next(first));
    pact_sign(&second, first, 3);
    assert_ok(take(second));
    uint32_t days = 0;
    ck_assert(!agreements_warns(held, agreements_at(held, 0), 0, PACT_UNTIL_S, &days));
    ck_assert(agreements_warns(held, agreements_at(held, 1), 0, PACT_UNTIL_S, &days));
}
END_TEST

START_TEST(a_version_ends_when_the_next_begins)
{
    const uint64_t change_s = PACT_NOW_S + 100 * DAY_S;
    take_first(2, 2);
    struct agreement *draft = pact_next(first);
    draft->from_s = change_s;
    second = pact_make(draft);
    pact_sign(&second, first, 3);
    assert_ok(take(second));
    const struct agreement *one = agreements_at(held, 0);
    const struct agreement *two = agreements_at(held, 1);
    ck_assert_ptr_eq(agreements_in_force(held, rcep, change_s - 1), one);
    ck_assert_int_eq(agreements_state(held, two, change_s - 1), AGREEMENT_COMING);
    ck_assert_ptr_eq(agreements_in_force(held, rcep, change_s), two);
    ck_assert_int_eq(agreements_state(held, one, change_s), AGREEMENT_GRACE);
    ck_assert_int_eq(agreements_state(held, one, change_s + 30 * DAY_S), AGREEMENT_ENDED);
}
END_TEST

START_TEST(a_folder_that_was_tampered_with_is_not_loaded)
{
    const char *path = folder_path("agreements/RCEP/0001.agreement");
    take_first(2, 2);
    struct agreement *few = pact_make(pact_draft(2, 2));
    pact_sign(&few, NULL, 1);
    assert_ok(file_replace(path, buffer_bytes(&few->bytes), FILE_PUBLIC, &error));
    assert_fails(load(), RESULT_UNTRUSTED, "0001.agreement': agreement RCEP 1: signed by too few");
    agreement_destroy(&few);
    assert_ok(file_replace(path, buffer_bytes(&first->bytes), FILE_PUBLIC, &error));
    folder_write("agreements/RCEP/0002.agreement", first->bytes.data, first->bytes.size);
    assert_fails(load(), RESULT_INVALID, "is RCEP, version 1; put it in its place");
    ck_assert_int_eq(remove(folder_path("agreements/RCEP/0002.agreement")), 0);
    folder_write("agreements/RCEP/2.agreement", "x", 1);
    assert_fails(load(), RESULT_INVALID, "NNNN.agreement");
    ck_assert_int_eq(remove(folder_path("agreements/RCEP/2.agreement")), 0);
    folder_write("agreements/RCEP/.0002.agreement.ab12cd", "half", 4);
    assert_ok(load());
    agreements_release(&held);
    assert_fails(agreements_load(folder_path("agreements"), TEXT("prod"), &held, &error),
                 RESULT_INVALID, "an agreement for test, where this node is for prod");
}
END_TEST

static void *take_in_thread(void *agreement)
{
    struct error own;
    enum agreements_outcome ignored;
    const struct agreement *one = agreement;
    ck_assert_int_eq(agreements_import(folder, buffer_bytes(&one->bytes), &trust, &ignored, &own),
                     RESULT_OK);
    return NULL;
}

START_TEST(two_who_take_signatures_at_once_lose_none)
{
    struct agreement *all[8];
    pthread_t threads[8];
    for (size_t i = 0; i < 8; i++) {
        all[i] = pact_make(pact_draft(PACT_PARTIES, 15));
        pact_sign(&all[i], NULL, 1U << i);
    }
    for (size_t i = 0; i < 8; i++) {
        ck_assert_int_eq(pthread_create(&threads[i], NULL, take_in_thread, all[i]), 0);
    }
    for (size_t i = 0; i < 8; i++) {
        (void)pthread_join(threads[i], NULL);
        agreement_destroy(&all[i]);
    }
    assert_ok(agreements_load(folder, TEXT("test"), &held, &error));
    ck_assert_uint_eq(agreements_proposal_at(held, 0)->note.signature_count, 8);
}
END_TEST

static atomic_bool reading;

/* Reads the folder until it is told to stop; gives the first sentence that was not right. */
static void *read_in_thread(void *sentence)
{
    struct error own = {.code = RESULT_OK};
    struct agreements *seen = NULL;
    while (atomic_load(&reading) && own.code == RESULT_OK) {
        if (agreements_load(folder, TEXT("test"), &seen, &own) != RESULT_OK) {
            (void)snprintf(sentence, ERROR_MESSAGE_BYTES, "%s", own.message);
        }
        agreements_release(&seen);
    }
    return NULL;
}

START_TEST(who_reads_while_a_proposal_is_accepted_sees_one_or_the_other)
{
    char sentence[ERROR_MESSAGE_BYTES] = "";
    pthread_t reader;
    first = pact_make(pact_draft(2, 2));
    atomic_store(&reading, true);
    ck_assert_int_eq(pthread_create(&reader, NULL, read_in_thread, sentence), 0);
    for (unsigned version = 1; version <= 12; version++) {
        for (unsigned signer = 1; signer <= 2; signer++) { /* proposed, then accepted */
            pact_sign(&first, second, signer);
            assert_ok(
                agreements_import(folder, buffer_bytes(&first->bytes), &trust, &outcome, &error));
        }
        agreement_destroy(&second);
        second = first;
        first = pact_make(pact_next(second));
    }
    atomic_store(&reading, false);
    (void)pthread_join(reader, NULL);
    ck_assert_str_eq(sentence, "");
}
END_TEST

START_TEST(the_snapshot_lives_until_its_last_holder_lets_go)
{
    take_first(2, 2);
    struct agreements *shared = agreements_share(held);
    const struct agreement *agreement = agreements_at(shared, 0);
    agreements_release(&held);
    ck_assert_str_eq(agreement->code, "RCEP");
    agreements_release(&shared);
    ck_assert_ptr_null(shared);
}
END_TEST

#ifdef COMESH_FAILPOINTS

/* Takes a proposal, and the signature that makes it an agreement; one may be held already. */
static void take_both(void)
{
    const struct agreement *const both[] = {first, second};
    for (size_t i = 0; i < 2; i++) {
        enum result result = take(both[i]);
        ck_assert_msg(result == RESULT_OK || result == RESULT_DUPLICATE, "%s", error.message);
    }
}

/* Takes both in a child that dies at the failpoint; false when it came to its end. */
static bool dies(const char *name, int pass)
{
    int status = 0;
    char failpoint[64];
    (void)snprintf(failpoint, sizeof failpoint, "%s:%d", name, pass);
    pid_t child = fork();
    if (child == 0) {
        (void)setenv("COMESH_FAILPOINT", failpoint, 1);
        take_both();
        _exit(0);
    }
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    return WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
}

START_TEST(a_power_cut_at_any_write_leaves_a_folder_that_loads)
{
    static const char *const names[] = {"file.written", "file.synced", "file.renamed"};
    first = pact_make(pact_draft(2, 2));
    second = pact_make(pact_draft(2, 2));
    pact_sign(&first, NULL, 1);
    pact_sign(&second, NULL, 2);
    for (size_t i = 0; i < SUITE_COUNT(names); i++) {
        int pass = 1;
        for (; dies(names[i], pass); pass++) {
            assert_ok(load());
            take_both();
            assert_ok(load());
            ck_assert_uint_eq(agreements_at(held, 0)->signers, 3);
            folder_end();
            ck_assert_int_eq(mkdir(folder, 0700), 0);
        }
        ck_assert_int_eq(pass, 3); /* two writes, each survived */
        folder_end();
        ck_assert_int_eq(mkdir(folder, 0700), 0);
    }
}
END_TEST

#endif

int main(void)
{
    const TTest *const tests[] = {
        without_a_folder_there_are_none,
        a_proposal_becomes_a_version_with_its_last_signature,
        signatures_of_fifteen_come_one_by_one_in_any_order,
        a_first_version_needs_the_own_signature_or_a_persons_word,
        a_first_version_is_ours_and_of_today,
        later_versions_follow_by_quorum_alone,
        a_proposal_that_comes_without_a_person_is_signed_by_a_party,
        a_key_that_was_changed_is_vouched_for_no_more,
        an_older_version_that_is_played_again_changes_nothing,
        two_different_next_versions_are_shown_with_who_signed_them,
        what_a_quorum_signed_goes_before_a_proposal_and_keeps_it,
        a_version_between_is_asked_for,
        a_strangers_signature_refuses_the_whole,
        a_version_is_in_force_in_its_time_and_its_grace,
        an_end_is_announced_60_30_and_7_days_before,
        a_version_ends_when_the_next_begins,
        a_folder_that_was_tampered_with_is_not_loaded,
        two_who_take_signatures_at_once_lose_none,
        who_reads_while_a_proposal_is_accepted_sees_one_or_the_other,
        the_snapshot_lives_until_its_last_holder_lets_go,
#ifdef COMESH_FAILPOINTS
        a_power_cut_at_any_write_leaves_a_folder_that_loads,
#endif
    };
    return suite_run_with("agreements", tests, SUITE_COUNT(tests), start, end);
}
