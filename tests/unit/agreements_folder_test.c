/* The folder of agreements on disk: what is not loaded, who reads and writes it at once, how long
 * what was read lives, and what a power cut leaves. */
#include "keys/file.h"
#include "tests/unit/agreements_scene.h"
#include "tests/unit/power_cut.h"

#include <pthread.h>
#include <stdatomic.h>

START_TEST(without_a_folder_there_are_none)
{
    assert_ok(load());
    ck_assert_ptr_null(agreements_at(held, 0));
    ck_assert_ptr_null(agreements_in_force(held, rcep, PACT_NOW_S));
    ck_assert_ptr_null(agreements_at(NULL, 0));
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
    folder_write("agreements/RCEP/0002.agreement", "rubbish\n", 8);
    assert_fails(load(), RESULT_INVALID, "RCEP/0002.agreement': ");
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

START_TEST(a_version_that_is_missing_between_others_is_named)
{
    take_first(2, 2);
    for (uint32_t version = 2; version <= 3; version++) {
        struct agreement *next = pact_make(pact_next(version == 2 ? first : second));
        pact_sign(&next, version == 2 ? first : second, 3);
        assert_ok(take(next));
        agreement_destroy(&second);
        second = next;
    }
    ck_assert_int_eq(remove(folder_path("agreements/RCEP/0002.agreement")), 0);
    assert_fails(load(), RESULT_INVALID, "version 2 is missing between 1 and 3");
}
END_TEST

static void make_codes(size_t first_number, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        char name[64];
        (void)snprintf(name, sizeof name, "agreements/C%zu", first_number + i);
        ck_assert_int_eq(mkdir(folder_path(name), 0700), 0);
    }
}

START_TEST(more_agreements_than_the_limit_are_not_loaded)
{
    ck_assert_int_eq(mkdir(folder_path("agreements"), 0700), 0);
    make_codes(0, AGREEMENTS_CODES_MAX);
    assert_ok(load());
    make_codes(AGREEMENTS_CODES_MAX, 1);
    assert_fails(load(), RESULT_TOO_LARGE, "has more than 64 agreements");
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

START_TEST(signatures_that_come_at_once_are_all_kept)
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

/* Somebody who reads the folder again and again, until it is told to stop or something is wrong. */
struct reader {
    atomic_bool stops;
    atomic_bool began;
    uint32_t newest; /* the version it has seen, proposed or accepted */
    enum result result;
    struct error error;
};

static uint32_t newest_of(const struct agreements *agreements)
{
    const struct agreement *newest = agreements_proposal(agreements, rcep);
    newest = newest == NULL ? agreements_version(agreements, rcep, 0) : newest;
    return newest == NULL ? 0 : newest->version;
}

static void *read_in_thread(void *self)
{
    struct reader *reader = self;
    struct agreements *seen = NULL;
    while (!atomic_load(&reader->stops) && reader->result == RESULT_OK) {
        reader->result = agreements_load(folder, TEXT("test"), &seen, &reader->error);
        if (reader->result == RESULT_OK && newest_of(seen) < reader->newest) {
            reader->result =
                error_set(&reader->error, RESULT_NOT_FOUND,
                          "version %u is neither proposed nor accepted any more", reader->newest);
        }
        reader->newest = newest_of(seen);
        agreements_release(&seen);
        atomic_store(&reader->began, true);
    }
    return NULL;
}

START_TEST(who_reads_while_a_proposal_is_accepted_sees_one_or_the_other)
{
    struct reader reader = {.result = RESULT_OK};
    pthread_t thread;
    first = pact_make(pact_draft(2, 2));
    ck_assert_int_eq(pthread_create(&thread, NULL, read_in_thread, &reader), 0);
    while (!atomic_load(&reader.began)) {
        (void)sched_yield();
    }
    for (unsigned version = 1; version <= 12; version++) {
        for (unsigned signer = 1; signer <= 2; signer++) { /* proposed, then accepted */
            pact_sign(&first, second, signer);
            assert_ok(
                agreements_import(folder, buffer_bytes(&first->bytes), &trust, &outcome, &error));
        }
        ck_assert_int_eq(outcome, AGREEMENTS_ACCEPTED);
        agreement_destroy(&second);
        second = first;
        first = pact_make(pact_next(second));
    }
    atomic_store(&reader.stops, true);
    (void)pthread_join(thread, NULL);
    ck_assert_msg(reader.result == RESULT_OK, "%s", reader.error.message);
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
static enum result take_both(void)
{
    const struct agreement *const both[] = {first, second};
    enum result result = RESULT_OK;
    for (size_t i = 0; i < 2 && result == RESULT_OK; i++) {
        result = take(both[i]);
        result = result == RESULT_DUPLICATE ? RESULT_OK : result;
    }
    return result;
}

static void empty_folder(void)
{
    folder_end();
    ck_assert_int_eq(mkdir(folder, 0700), 0);
}

START_TEST(a_power_cut_at_any_write_leaves_a_folder_that_loads)
{
    first = pact_make(pact_draft(2, 2));
    second = pact_make(pact_draft(2, 2));
    pact_sign(&first, NULL, 1);
    pact_sign(&second, NULL, 2);
    for (size_t i = 0; i < SUITE_COUNT(power_cut_places); i++) {
        unsigned pass = 1;
        for (; dies_at(power_cut_places[i], pass, take_both); pass++) {
            assert_ok(load());
            assert_ok(take_both());
            ck_assert_uint_eq(agreements_at(held, 0)->signers, 3);
            empty_folder();
        }
        ck_assert_uint_eq(pass, 3); /* two writes, each survived */
        empty_folder();
    }
}
END_TEST

#endif

int main(void)
{
    const TTest *const tests[] = {
        without_a_folder_there_are_none,
        a_folder_that_was_tampered_with_is_not_loaded,
        a_version_that_is_missing_between_others_is_named,
        more_agreements_than_the_limit_are_not_loaded,
        signatures_that_come_at_once_are_all_kept,
        who_reads_while_a_proposal_is_accepted_sees_one_or_the_other,
        the_snapshot_lives_until_its_last_holder_lets_go,
#ifdef COMESH_FAILPOINTS
        a_power_cut_at_any_write_leaves_a_folder_that_loads,
#endif
    };
    return suite_run_with("agreements folder", tests, SUITE_COUNT(tests), scene_start, scene_end);
}
