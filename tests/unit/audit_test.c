/* The audit log: acts in order, what a power cut leaves, and what is found when somebody changed
 * it. */
#include "keys/audit.h"
#include "keys/checkpoint.h"
#include "tests/unit/folder.h"
#include "tests/unit/party.h"

#include <sys/wait.h>

static struct party own;
static const struct card *cards[1];
static struct audit_summary summary;

static void start(void)
{
    folder_start();
    party_start(&own, "KR", "customs.go.kr");
    party_sign(&own);
    cards[0] = &own.card;
}

static void end(void)
{
    party_end(&own);
    folder_end();
}

static enum result append(const char *verb, const char *subject, const char *detail)
{
    const struct audit_act act = {.time_s = PARTY_NOW_S,
                                  .verb = text_of(verb),
                                  .subject = text_of(subject),
                                  .detail = text_of(detail)};
    return audit_append(folder, &act, &error);
}

static enum result sign(void)
{
    return audit_sign(folder, cards, 1, own.keys[KEY_CHECKPOINT], &error);
}

static enum result verify(void)
{
    return audit_verify(folder, cards, 1, &summary, &error);
}

/* What the log or the checkpoints hold, in the arena. */
static struct text content(const char *name)
{
    FILE *file = fopen(folder_path(name), "rb");
    ck_assert_ptr_nonnull(file);
    char *data = arena_alloc(&arena, 65536);
    size_t size = fread(data, 1, 65536, file);
    ck_assert_int_eq(fclose(file), 0);
    return (struct text){data, size};
}

static void replace(const char *name, struct text text)
{
    folder_write(name, text.data, text.size);
}

static enum result count_line(void *self, const struct audit_line *line, struct error *unused)
{
    (void)line;
    (void)unused;
    ++*(size_t *)self;
    return RESULT_OK;
}

static size_t count_from(uint64_t first)
{
    size_t count = 0;
    assert_ok(audit_read(folder, first, count_line, &count, &error));
    return count;
}

static void ten_acts(void)
{
    for (int i = 0; i < 10; i++) {
        char detail[32];
        (void)snprintf(detail, sizeof detail, "serial %d", i);
        assert_ok(append("card import", "ID", detail));
        if (i == 3 || i == 6) {
            assert_ok(sign());
        }
    }
}

START_TEST(acts_are_kept_in_order_and_proven)
{
    ck_assert_uint_eq(count_from(0), 0);
    assert_ok(verify());
    ck_assert_uint_eq(summary.size, 0);
    ten_acts();
    ck_assert_uint_eq(count_from(0), 10);
    ck_assert_uint_eq(count_from(7), 3);
    assert_ok(verify());
    ck_assert_uint_eq(summary.size, 10);
    ck_assert_uint_eq(summary.signed_size, 7);
    ck_assert_uint_eq(summary.checkpoints, 2);
    assert_ok(sign());
    assert_ok(sign());
    assert_ok(verify());
    ck_assert_uint_eq(summary.signed_size, 10);
    ck_assert_uint_eq(summary.checkpoints, 3);
}
END_TEST

START_TEST(an_act_cannot_break_its_line)
{
    char longest[2000];
    memset(longest, 'x', sizeof longest - 1);
    longest[sizeof longest - 1] = '\0';
    assert_ok(append("card\timport", "ID\n0\t", "\x1b[2Jred\xff \xc2\x85"));
    assert_ok(append("verb", longest, "관세청"));
    assert_ok(verify());
    ck_assert_uint_eq(summary.size, 2);
    struct text log = content("audit/log");
    ck_assert_ptr_null(memchr(log.data, '\x1b', log.size));
    ck_assert_ptr_nonnull(memmem(log.data, log.size, "관세청", strlen("관세청")));
}
END_TEST

/* A power cut leaves the log with the last line cut at any byte: the next act goes behind the last
 * whole one, and all holds. */
START_TEST(a_torn_act_is_cut_at_every_byte)
{
    ten_acts();
    struct text whole = content("audit/log");
    assert_ok(append("key rotate", "transport", "torn"));
    struct text torn = content("audit/log");
    for (size_t size = whole.size; size < torn.size; size++) {
        replace("audit/log", (struct text){torn.data, size});
        assert_ok(verify());
        ck_assert_uint_eq(summary.size, 10);
        assert_ok(append("card remove", "ID", NULL));
        assert_ok(verify());
        ck_assert_uint_eq(summary.size, 11);
    }
}
END_TEST

START_TEST(a_sector_of_zeros_at_the_end_is_cut)
{
    ten_acts();
    struct text log = content("audit/log");
    char *zeros = arena_zero(&arena, log.size + 600);
    memcpy(zeros, log.data, log.size);
    replace("audit/log", (struct text){zeros, log.size + 600});
    assert_ok(verify());
    struct text rest = TEXT("the rest of a line\n");
    memcpy(zeros + log.size + 512, rest.data, rest.size);
    replace("audit/log", (struct text){zeros, log.size + 512 + rest.size});
    assert_ok(append("card remove", "ID", NULL));
    assert_ok(verify());
    ck_assert_uint_eq(summary.size, 11);
}
END_TEST

START_TEST(a_torn_checkpoint_is_cut_at_every_byte)
{
    ten_acts();
    struct text whole = content("audit/checkpoints");
    assert_ok(sign());
    struct text torn = content("audit/checkpoints");
    for (size_t size = whole.size; size < torn.size; size++) {
        replace("audit/checkpoints", (struct text){torn.data, size});
        assert_ok(verify());
        ck_assert_uint_eq(summary.signed_size, 7);
        assert_ok(sign());
        assert_ok(verify());
        ck_assert_uint_eq(summary.signed_size, 10);
    }
}
END_TEST

START_TEST(a_changed_byte_is_found_wherever_it_is)
{
    ten_acts();
    assert_ok(sign());
    struct text log = content("audit/log");
    char *changed = arena_alloc(&arena, log.size);
    for (size_t i = 0; i < log.size; i++) {
        memcpy(changed, log.data, log.size);
        changed[i] = changed[i] == '1' ? '2' : '1';
        replace("audit/log", (struct text){changed, log.size});
        enum result result = verify();
        ck_assert_msg(result == RESULT_CORRUPT || result == RESULT_UNTRUSTED, "byte %zu", i);
        ck_assert_ptr_nonnull(strstr(error.message, "does not hold"));
    }
}
END_TEST

/* The line that begins at the number-th newline. */
static size_t line_start(struct text log, size_t number)
{
    size_t at = 0;
    while (number > 0) {
        at = (size_t)((const char *)memchr(log.data + at, '\n', log.size - at) - log.data) + 1;
        number--;
    }
    return at;
}

static void replace_parts(struct text a, struct text b, struct text c)
{
    char *joined = arena_alloc(&arena, a.size + b.size + c.size + 1);
    memcpy(joined, a.data, a.size);
    memcpy(joined + a.size, b.data, b.size);
    memcpy(joined + a.size + b.size, c.data, c.size);
    replace("audit/log", (struct text){joined, a.size + b.size + c.size});
}

START_TEST(a_removed_and_a_moved_act_are_named)
{
    ten_acts();
    struct text log = content("audit/log");
    size_t four = line_start(log, 4);
    size_t five = line_start(log, 5);
    size_t six = line_start(log, 6);
    struct text before = {log.data, four};
    struct text fourth = {log.data + four, five - four};
    struct text fifth = {log.data + five, six - five};
    struct text rest = {log.data + six, log.size - six};
    struct text rest_with_fifth = {log.data + five, log.size - five};
    replace_parts(before, rest_with_fifth, TEXT(""));
    assert_fails(verify(), RESULT_CORRUPT, "act 4 does not hold: act 5 stands in its place");
    struct text moved[] = {before, fifth, fourth};
    char *joined = arena_alloc(&arena, six);
    size_t size = 0;
    for (size_t i = 0; i < 3; i++) {
        memcpy(joined + size, moved[i].data, moved[i].size);
        size += moved[i].size;
    }
    replace_parts((struct text){joined, size}, rest, TEXT(""));
    assert_fails(verify(), RESULT_CORRUPT, "act 4 does not hold");
    replace("audit/log", (struct text){log.data, line_start(log, 6)});
    assert_fails(verify(), RESULT_CORRUPT, "act 6 does not hold: it is not there any more");
    assert_fails(sign(), RESULT_CORRUPT, "audit log not signed");
}
END_TEST

/* Whoever writes the disk can number and chain the lines anew, but not sign them. */
START_TEST(a_log_written_anew_is_not_the_signed_one)
{
    ten_acts();
    struct text checkpoints = content("audit/checkpoints");
    folder_end();
    folder_start();
    for (int i = 0; i < 10; i++) {
        assert_ok(append("card import", "XX", "somebody else"));
    }
    replace("audit/checkpoints", checkpoints);
    assert_fails(verify(), RESULT_UNTRUSTED, "the acts 0 to 3 are not those that were signed");
    assert_fails(sign(), RESULT_UNTRUSTED, "not signed");
}
END_TEST

START_TEST(an_act_that_nobody_has_signed_yet_is_bound_by_the_next)
{
    for (int i = 0; i < 3; i++) {
        assert_ok(append("card import", "ID", "serial 1"));
    }
    struct text log = content("audit/log");
    char *changed = arena_alloc(&arena, log.size);
    memcpy(changed, log.data, log.size);
    changed[line_start(log, 2) - 2] ^= 1; /* the last byte of act 1 */
    replace("audit/log", (struct text){changed, log.size});
    assert_fails(verify(), RESULT_CORRUPT, "act 1 does not hold: act 2 names another root");
}
END_TEST

/* The checkpoint key signs channels too. */
START_TEST(a_checkpoint_of_a_channel_signs_no_acts)
{
    struct buffer note = {0};
    struct checkpoint checkpoint = {.origin = TEXT("test.coconnect.customs.go.kr/ID/1")};
    assert_ok(append("card import", "ID", "serial 1"));
    assert_ok(verify());
    checkpoint.size = summary.size;
    checkpoint.root = summary.root;
    assert_ok(checkpoint_sign(&checkpoint, TEXT("test.coconnect.customs.go.kr/checkpoint"),
                              own.keys[KEY_CHECKPOINT], &note, &error));
    replace("audit/checkpoints", buffer_view(&note));
    assert_fails(verify(), RESULT_UNTRUSTED, "not of test.coconnect.customs.go.kr/audit");
    buffer_free(&note);
}
END_TEST

START_TEST(a_checkpoint_of_somebody_else_is_refused)
{
    struct party other;
    party_start(&other, "ID", "beacukai.go.id");
    party_sign(&other);
    const struct card *others[] = {&other.card};
    ten_acts();
    assert_ok(audit_sign(folder, cards, 1, own.keys[KEY_CHECKPOINT], &error));
    assert_fails(audit_verify(folder, others, 1, &summary, &error), RESULT_UNTRUSTED,
                 "checkpoint 0 of the audit log");
    assert_fails(audit_verify(folder, NULL, 0, &summary, &error), RESULT_UNTRUSTED, "own card");
    party_end(&other);
}
END_TEST

START_TEST(a_checkpoint_kept_elsewhere_shows_what_was_cut_with_all_signatures)
{
    ten_acts();
    assert_ok(sign());
    struct text notes = content("audit/checkpoints");
    size_t start_of_last = 0;
    for (size_t line = 0; line < 10; line++) {
        start_of_last = line_start(notes, line + 1);
    }
    struct bytes kept = {(const uint8_t *)notes.data + start_of_last, notes.size - start_of_last};
    assert_ok(audit_verify_against(folder, kept, cards, 1, &error));
    struct text log = content("audit/log");
    replace("audit/log", (struct text){log.data, line_start(log, 8)});
    replace("audit/checkpoints", (struct text){notes.data, start_of_last});
    assert_ok(verify());
    assert_fails(audit_verify_against(folder, kept, cards, 1, &error), RESULT_UNTRUSTED,
                 "does not begin with the 10 acts");
}
END_TEST

START_TEST(a_checkpoint_kept_elsewhere_shows_a_log_that_its_own_node_wrote_anew)
{
    ten_acts();
    assert_ok(sign());
    struct text kept = content("audit/checkpoints");
    kept = (struct text){kept.data + line_start(kept, 10), kept.size - line_start(kept, 10)};
    folder_end();
    folder_start();
    for (int i = 0; i < 10; i++) {
        assert_ok(append("card import", "ID", "another"));
    }
    assert_ok(sign());
    assert_ok(verify());
    assert_fails(audit_verify_against(folder, text_bytes(kept), cards, 1, &error), RESULT_UNTRUSTED,
                 "does not begin with the 10 acts");
}
END_TEST

#define WRITERS 4
#define EACH    25

START_TEST(processes_that_write_at_once_lose_nothing)
{
    pid_t children[WRITERS];
    for (int i = 0; i < WRITERS; i++) {
        children[i] = fork();
        ck_assert_int_ge(children[i], 0);
        if (children[i] == 0) {
            int failed = 0;
            for (int k = 0; k < EACH; k++) {
                failed += append("card import", "ID", "at once") == RESULT_OK ? 0 : 1;
                failed += k % 5 == 0 && sign() != RESULT_OK ? 1 : 0;
            }
            _exit(failed);
        }
    }
    for (int i = 0; i < WRITERS; i++) {
        int status = 1;
        ck_assert_int_eq(waitpid(children[i], &status, 0), children[i]);
        ck_assert_int_eq(status, 0);
    }
    assert_ok(verify());
    ck_assert_uint_eq(summary.size, (uint64_t)WRITERS * EACH);
}
END_TEST

int main(void)
{
    const TTest *tests[] = {
        acts_are_kept_in_order_and_proven,
        an_act_cannot_break_its_line,
        a_torn_act_is_cut_at_every_byte,
        a_sector_of_zeros_at_the_end_is_cut,
        a_torn_checkpoint_is_cut_at_every_byte,
        a_changed_byte_is_found_wherever_it_is,
        a_removed_and_a_moved_act_are_named,
        a_log_written_anew_is_not_the_signed_one,
        an_act_that_nobody_has_signed_yet_is_bound_by_the_next,
        a_checkpoint_of_a_channel_signs_no_acts,
        a_checkpoint_of_somebody_else_is_refused,
        a_checkpoint_kept_elsewhere_shows_what_was_cut_with_all_signatures,
        a_checkpoint_kept_elsewhere_shows_a_log_that_its_own_node_wrote_anew,
        processes_that_write_at_once_lose_nothing,
    };
    return suite_run_with("audit", tests, SUITE_COUNT(tests), start, end);
}
