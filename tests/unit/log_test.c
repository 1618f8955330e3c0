/* The log: one logfmt line per event. */
#include "node/core/log.h"
#include "tests/unit/suite.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

static char line[16384];
static int kept_stderr;
static int file_fd;

/* From here on stderr is a file. */
static void start(void)
{
    char path[] = "/tmp/comesh-log-XXXXXX";
    kept_stderr = dup(STDERR_FILENO);
    file_fd = mkstemp(path);
    ck_assert_int_ge(file_fd, 0);
    (void)unlink(path);
    (void)dup2(file_fd, STDERR_FILENO);
    (void)unsetenv("JOURNAL_STREAM");
}

/* What was written since; stderr is itself again. */
static const char *written(void)
{
    ssize_t size = pread(file_fd, line, sizeof line - 1, 0);
    (void)dup2(kept_stderr, STDERR_FILENO);
    (void)close(file_fd);
    (void)close(kept_stderr);
    ck_assert_int_ge((int)size, 0);
    line[size] = '\0';
    return line;
}

START_TEST(an_event_is_one_line_of_logfmt_with_its_time)
{
    log_event(LOG_LEVEL_INFO, "link", "lane open", "partner=%s size=%d", "ID", 7);
    const char *text = written();
    ck_assert_int_eq(strncmp(text, "time=20", 7), 0);
    ck_assert_ptr_nonnull(
        strstr(text, "Z level=info part=link event=\"lane open\" partner=ID size=7\n"));
    ck_assert_ptr_eq(strchr(text, '\n'), text + strlen(text) - 1);
}
END_TEST

START_TEST(an_event_without_pairs_ends_behind_its_name)
{
    log_event(LOG_LEVEL_WARNING, "gate", "closed", "%s", "");
    const char *text = written();
    ck_assert_ptr_nonnull(strstr(text, "level=warning part=gate event=\"closed\""));
}
END_TEST

START_TEST(the_journal_gets_a_priority_and_no_time)
{
    struct stat status;
    char stream[64];
    ck_assert_int_eq(fstat(STDERR_FILENO, &status), 0);
    (void)snprintf(stream, sizeof stream, "%ju:%ju", (uintmax_t)status.st_dev,
                   (uintmax_t)status.st_ino);
    ck_assert_int_eq(setenv("JOURNAL_STREAM", stream, 1), 0);
    log_event(LOG_LEVEL_ERROR, "store", "full", "free=%d", 0);
    ck_assert_str_eq(written(), "<3>level=error part=store event=\"full\" free=0\n");
}
END_TEST

START_TEST(what_is_below_the_level_is_not_written)
{
    log_set_level(LOG_LEVEL_WARNING);
    log_event(LOG_LEVEL_INFO, "a", "b", "c=%d", 1);
    log_event(LOG_LEVEL_DEBUG, "a", "b", "c=%d", 2);
    log_event(LOG_LEVEL_WARNING, "a", "b", "c=%d", 3);
    const char *text = written();
    ck_assert_ptr_null(strstr(text, "c=1"));
    ck_assert_ptr_null(strstr(text, "c=2"));
    ck_assert_ptr_nonnull(strstr(text, "c=3"));
}
END_TEST

START_TEST(a_line_feed_in_a_value_does_not_make_a_second_line)
{
    log_event(LOG_LEVEL_INFO, "a", "b", "c=%s", "one\nlevel=error part=forged");
    const char *text = written();
    ck_assert_ptr_eq(strchr(text, '\n'), text + strlen(text) - 1);
}
END_TEST

START_TEST(a_line_that_is_too_long_is_cut_and_still_ends)
{
    char *long_text = malloc(10000);
    ck_assert_ptr_nonnull(long_text);
    memset(long_text, 'x', 9999);
    long_text[9999] = '\0';
    log_event(LOG_LEVEL_INFO, "a", "b", "c=%s", long_text);
    free(long_text);
    const char *text = written();
    ck_assert_uint_lt(strlen(text), 4097);
    ck_assert_int_eq(text[strlen(text) - 1], '\n');
}
END_TEST

START_TEST(values_are_quoted_where_they_must_be)
{
    char out[64];
    (void)written();
    ck_assert_str_eq(log_quote("plain-1.2:3/ñ", out, sizeof out), "plain-1.2:3/ñ");
    ck_assert_str_eq(log_quote("", out, sizeof out), "\"\"");
    ck_assert_str_eq(log_quote("two words", out, sizeof out), "\"two words\"");
    ck_assert_str_eq(log_quote("a=b", out, sizeof out), "\"a=b\"");
    ck_assert_str_eq(log_quote("a\"b\\", out, sizeof out), "\"a\\\"b\\\\\"");
    ck_assert_str_eq(log_quote("a\n\x1b[31m", out, sizeof out), "\"a\\x0a\\x1b[31m\"");
}
END_TEST

START_TEST(a_quoted_value_is_cut_at_its_room_and_closed)
{
    char out[8];
    (void)written();
    ck_assert_str_eq(log_quote("a b c d e f", out, sizeof out), "\"a b c\"");
    ck_assert_str_eq(log_quote("abcdefghijk", out, sizeof out), "abcdefg");
    ck_assert_str_eq(log_quote("a \n\n\n", out, sizeof out), "\"a \"");
    ck_assert_str_eq(log_quote("anything", out, 2), "");
}
END_TEST

START_TEST(an_error_is_logged_with_code_and_sentence)
{
    struct error problem;
    (void)error_set(&problem, RESULT_FULL, "disk full (2 MiB free)");
    log_error("store", "commit failed", &problem);
    ck_assert_ptr_nonnull(strstr(written(), "level=error part=store event=\"commit failed\" "
                                            "code=full error=\"disk full (2 MiB free)\"\n"));
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        an_event_is_one_line_of_logfmt_with_its_time,
        an_event_without_pairs_ends_behind_its_name,
        the_journal_gets_a_priority_and_no_time,
        what_is_below_the_level_is_not_written,
        a_line_feed_in_a_value_does_not_make_a_second_line,
        a_line_that_is_too_long_is_cut_and_still_ends,
        values_are_quoted_where_they_must_be,
        a_quoted_value_is_cut_at_its_room_and_closed,
        an_error_is_logged_with_code_and_sentence,
    };
    return suite_run("log", tests, SUITE_COUNT(tests), start);
}
