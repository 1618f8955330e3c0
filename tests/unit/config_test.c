/* The configuration: strict, and all errors at once. */
#include "node/core/config.h"
#include "tests/unit/suite.h"

#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

static struct config config;
static struct buffer report;
static char folder[64];
static char path[96];

static void start(void)
{
    (void)snprintf(folder, sizeof folder, "/tmp/comesh-config-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(folder));
    (void)snprintf(path, sizeof path, "%s/comesh.zpl", folder);
}

/* Loads `text` as a file; the report is a string behind it. */
static enum result load_bytes(const void *text, size_t size)
{
    FILE *file = fopen(path, "w");
    ck_assert_ptr_nonnull(file);
    ck_assert_uint_eq(fwrite(text, 1, size, file), size);
    ck_assert_int_eq(fclose(file), 0);
    buffer_free(&report);
    memset(&error, 0, sizeof error);
    enum result result = config_load(path, &config, &report, &error);
    buffer_append(&report, "", 1);
    (void)unlink(path);
    return result;
}

static enum result load(const char *text)
{
    return load_bytes(text, strlen(text));
}

static void finish(void)
{
    buffer_free(&report);
    (void)rmdir(folder);
}

static const char *told(void)
{
    return (const char *)report.data;
}

static size_t told_lines(void)
{
    size_t count = 0;
    for (const char *at = told(); *at != '\0'; at++) {
        count += *at == '\n' ? 1 : 0;
    }
    return count;
}

/* The report has a line that begins with "PATH:line: name: " and says `words`. */
static void assert_told(size_t line, const char *name, const char *words)
{
    char begin[160];
    (void)snprintf(begin, sizeof begin, "%s:%zu: %s: ", path, line, name);
    const char *found = strstr(told(), begin);
    ck_assert_msg(found != NULL, "'%s' is not in:\n%s", begin, told());
    const char *end = strchr(found, '\n');
    const char *said = strstr(found, words);
    ck_assert_msg(said != NULL && said < end, "'%s' is not said in: %.*s", words,
                  (int)(end - found), found);
}

#define NODE "node\n    party = KR\n    environment = test\n    domain = customs.go.kr\n"

START_TEST(a_minimal_file_gives_all_defaults)
{
    ck_assert_msg(load(NODE) == RESULT_OK, "%s", told());
    ck_assert_str_eq(config.party, "KR");
    ck_assert_str_eq(config.environment, "test");
    ck_assert_str_eq(config.domain, "customs.go.kr");
    ck_assert_uint_eq(config.bind_count, 0);
    ck_assert_uint_eq(config.credit_bytes, (uint64_t)8 << 20);
    ck_assert_uint_eq(config.receipt_alarm_s, 3600);
    ck_assert_uint_eq(config.minimum_free_bytes, (uint64_t)64 << 20);
    ck_assert_uint_eq(config.segment_bytes, (uint64_t)64 << 20);
    ck_assert_uint_eq(config.private_pace, 0);
    ck_assert_uint_eq(config.public_pace, 1000);
    ck_assert_int_eq(config.log_level, LOG_LEVEL_INFO);
    ck_assert_str_eq(config.directory, folder);
    ck_assert_uint_eq(config.agreement_count, 0);
    finish();
}
END_TEST

START_TEST(every_option_is_read)
{
    ck_assert_msg(load("# all of them\n" NODE "    directory = \".\"  # here\n"
                       "link\n    bind = tcp://*:7447\n    bind = 'tcp://[::1]:7448'\n"
                       "    credit = 2MiB\n    receipt_alarm = 90m\n"
                       "store\n    minimum_free = 1GiB\n    segment = 16MiB\n"
                       "control\n    socket = run.socket\n"
                       "private\n    requests_per_second = 50\n"
                       "public\n    requests_per_second = 0\n"
                       "log\n    level = debug\n"
                       "agreement\n    code = AKFTA\n    menu = 1 2\n    parties = ID KR\n"
                       "agreement\n    code = RCEP\n    menu = 7\n    parties = KR UY\n") ==
                      RESULT_OK,
                  "%s", told());
    ck_assert_uint_eq(config.bind_count, 2);
    ck_assert_str_eq(config.binds[0], "tcp://*:7447");
    ck_assert_str_eq(config.binds[1], "tcp://[::1]:7448");
    ck_assert_uint_eq(config.credit_bytes, (uint64_t)2 << 20);
    ck_assert_uint_eq(config.receipt_alarm_s, 5400);
    ck_assert_uint_eq(config.minimum_free_bytes, (uint64_t)1 << 30);
    ck_assert_uint_eq(config.segment_bytes, (uint64_t)16 << 20);
    char socket[128];
    (void)snprintf(socket, sizeof socket, "%s/run.socket", folder);
    ck_assert_str_eq(config.control_socket, socket);
    ck_assert_uint_eq(config.private_pace, 50);
    ck_assert_uint_eq(config.public_pace, 0);
    ck_assert_int_eq(config.log_level, LOG_LEVEL_DEBUG);
    ck_assert_uint_eq(config.agreement_count, 2);
    ck_assert_str_eq(config.agreements[0].code, "AKFTA");
    ck_assert_uint_eq(config.agreements[0].menu_versions[1], 2);
    ck_assert_uint_eq(config.agreements[1].menu_versions[0], 7);
    ck_assert_uint_eq(config.agreements[1].menu_versions[1], 0);
    ck_assert_uint_eq(config.agreements[1].party_count, 2);
    ck_assert_str_eq(config.agreements[1].parties[1], "UY");
    finish();
}
END_TEST

START_TEST(ten_errors_give_ten_lines_in_the_order_of_the_file)
{
    ck_assert_int_eq(load("node\n"                      /* 1 */
                          "    partty = KR\n"           /* 2 misspelt */
                          "    environment = testing\n" /* 3 no environment */
                          "    domain = customs..kr\n"  /* 4 no domain */
                          "link\n"                      /* 5 */
                          "    bind = tpc://*:7447\n"   /* 6 no endpoint */
                          "    credit = 8MB\n"          /* 7 no size */
                          "   receipt_alarm = 1h\n"     /* 8 indented by three */
                          "stor\n"                      /* 9 no section */
                          "    minimum_free = 1GiB\n"   /* 10 */
                          "log\n"                       /* 11 */
                          "    level = \"debug\n"       /* 12 quote not closed */
                          "agreement\n"                 /* 13 */
                          "    code = AKFTA\n"          /* 14 */
                          "    menu = 0\n"              /* 15 no version */
                          "    parties KR ID\n"         /* 16 no = */
                          "    parties = KR ID\n"),     /* 17 */
                     RESULT_INVALID);
    ck_assert_msg(told_lines() == 10, "%s", told());
    assert_told(2, "partty", "did you mean 'party'?");
    assert_told(3, "node.environment", "'testing' is no accepted environment; accepted: dev, test");
    assert_told(4, "node.domain", "'customs..kr'");
    assert_told(6, "link.bind", "accepted: tcp://HOST:PORT");
    assert_told(7, "link.credit", "KiB, MiB, GiB or TiB, from 512KiB to 1GiB");
    assert_told(8, "receipt_alarm", "multiple of 4 blanks");
    assert_told(9, "stor", "did you mean 'store'?");
    assert_told(12, "level", "the quote is not closed");
    assert_told(15, "agreement.menu", "'0'");
    assert_told(16, "parties", "'=' is missing");
    ck_assert_ptr_nonnull(strstr(error.message, "10 errors"));
    size_t before = 0;
    for (const char *at = told(); *at != '\0'; at = strchr(at, '\n') + 1) {
        size_t line = strtoul(at + strlen(path) + 1, NULL, 10);
        ck_assert_uint_gt(line, before);
        before = line;
    }
    finish();
}
END_TEST

START_TEST(an_empty_file_names_what_is_missing)
{
    ck_assert_int_eq(load(""), RESULT_INVALID);
    ck_assert_msg(told_lines() == 3, "%s", told());
    assert_told(1, "node.party", "is missing");
    assert_told(1, "node.environment", "is missing; accepted: dev, test, prod");
    assert_told(1, "node.domain", "is missing");
    finish();
}
END_TEST

START_TEST(an_option_of_another_section_is_shown_where_it_belongs)
{
    ck_assert_int_eq(load(NODE "log\n    credit = 1MiB\n"), RESULT_INVALID);
    assert_told(6, "credit", "did you mean 'credit' of section 'link'?");
    finish();
}
END_TEST

START_TEST(what_may_stand_once_is_refused_the_second_time)
{
    ck_assert_int_eq(load(NODE "    party = ID\nlog\n    level = info\nlog\n    level = info\n"),
                     RESULT_INVALID);
    ck_assert_msg(told_lines() == 2, "%s", told());
    assert_told(5, "party", "again after line 2; accepted: 1 time");
    assert_told(8, "log", "again after line 6");
    ck_assert_str_eq(config.party, "KR");
    finish();
}
END_TEST

START_TEST(a_fifth_bind_is_one_too_many)
{
    ck_assert_int_eq(load(NODE
                          "link\n    bind = tcp://*:1\n    bind = tcp://*:2\n"
                          "    bind = tcp://*:3\n    bind = tcp://*:4\n    bind = tcp://*:5\n"),
                     RESULT_INVALID);
    ck_assert_uint_eq(told_lines(), 1);
    assert_told(10, "bind", "accepted: 4 times");
    finish();
}
END_TEST

START_TEST(sizes_and_durations_keep_their_bounds)
{
    static const char *const bad[] = {"0MiB",  "511KiB", "2GiB", "8",      "MiB",
                                      "-8MiB", "8 MiB ", "8mib", "8.5MiB", "99999999999999TiB",
                                      "0x8MiB"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        char text[256];
        (void)snprintf(text, sizeof text, NODE "link\n    credit = \"%s\"\n", bad[i]);
        ck_assert_msg(load(text) == RESULT_INVALID, "'%s' was accepted", bad[i]);
        assert_told(6, "link.credit", bad[i]);
    }
    finish();
}
END_TEST

START_TEST(numbers_keep_their_bounds)
{
    static const char *const bad[] = {"1000001",         "-1", "many", "1s", "0x10", "1.5",
                                      "9999999999999999"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        char text[256];
        (void)snprintf(text, sizeof text, NODE "public\n    requests_per_second = %s\n", bad[i]);
        ck_assert_msg(load(text) == RESULT_INVALID, "'%s' was accepted", bad[i]);
        assert_told(6, "public.requests_per_second", "a whole number, from 0 to 1000000");
    }
    finish();
}
END_TEST

START_TEST(endpoints_are_checked_whole)
{
    static const char *const bad[] = {"tcp://*",         "tcp://*:0",     "tcp://*:65536",
                                      "tcp://:7447",     "ipc:///tmp/x",  "tcp://a b:1",
                                      "tcp://[::1:7447", "tcp://host:7x", "*:7447"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        char text[256];
        (void)snprintf(text, sizeof text, NODE "link\n    bind = \"%s\"\n", bad[i]);
        ck_assert_msg(load(text) == RESULT_INVALID, "'%s' was accepted", bad[i]);
    }
    finish();
}
END_TEST

START_TEST(ways_and_urls_are_checked_whole)
{
    static const char *const bad[] = {
        "outbound\n    connect = \"test.x.org\"",
        "outbound\n    connect = \"test.x.org=10.0.0.1\"",
        "outbound\n    connect = \"test.x.org:443=10.0.0.1:443\"",
        "outbound\n    connect = \"Test.x.org=10.0.0.1:443\"",
        "outbound\n    proxy = \"socks5://proxy:1080\"",
        "outbound\n    proxy = \"http://name:word@proxy:3128\"",
        "outbound\n    proxy = \"http://proxy:3128/path\"",
        "webhook\n    url = \"ftp://x.org/\"",
        "webhook\n    url = \"https://x.org/#part\"",
        "webhook\n    url = \"https://a@x.org/\"",
        "webhook\n    url = \"https:///x\"",
        "webhook\n    private_addresses = \"maybe\"",
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        char text[256];
        (void)snprintf(text, sizeof text, NODE "%s\n", bad[i]);
        ck_assert_msg(load(text) == RESULT_INVALID, "'%s' was accepted", bad[i]);
    }
    ck_assert_int_eq(load(NODE "outbound\n    connect = \"test.x.org=[::1]:8443\"\n"
                               "    proxy = \"http://proxy:3128\"\n"
                               "webhook\n    url = \"https://x.org:8443/hook?a=b\"\n"),
                     RESULT_OK);
    ck_assert_str_eq(config.outbound.connects[0], "test.x.org=[::1]:8443");
    ck_assert_uint_eq(config.webhook_count, 1);
    finish();
}
END_TEST

START_TEST(a_certificate_stands_with_its_key)
{
    ck_assert_int_eq(load(NODE "outbound\n    certificate = a.pem\n"
                               "public\n    listen = \"127.0.0.1:8443\"\n"),
                     RESULT_INVALID);
    ck_assert_uint_eq(told_lines(), 2);
    finish();
}
END_TEST

START_TEST(agreements_are_of_the_own_party_and_named_once)
{
    ck_assert_int_eq(load(NODE "agreement\n    code = RCEP\n    menu = 1\n    parties = ID UY\n"
                               "agreement\n    code = RCEP\n    menu = 1\n    parties = KR UY\n"),
                     RESULT_INVALID);
    ck_assert_msg(told_lines() == 2, "%s", told());
    assert_told(5, "agreement.parties", "lacks the own party 'KR'");
    assert_told(9, "agreement.code", "'RCEP' is given again after line 5");
    finish();
}
END_TEST

START_TEST(each_agreement_needs_all_its_options)
{
    ck_assert_int_eq(load(NODE "agreement\n    code = RCEP\nagreement\n    menu = 1\n"),
                     RESULT_INVALID);
    ck_assert_msg(told_lines() == 4, "%s", told());
    assert_told(5, "agreement.menu", "is missing");
    assert_told(7, "agreement.code", "is missing");
    finish();
}
END_TEST

START_TEST(what_stands_below_a_bad_line_is_not_told_again)
{
    ck_assert_int_eq(load(NODE "nodd = x = \"\n    party = KR\n    nonsense = 1\nlink\n"),
                     RESULT_INVALID);
    ck_assert_msg(told_lines() == 1, "%s", told());
    finish();
}
END_TEST

START_TEST(an_option_has_nothing_below_it)
{
    ck_assert_int_eq(load(NODE "        deeper = 1\n"), RESULT_INVALID);
    assert_told(5, "deeper", "stands below an option");
    finish();
}
END_TEST

START_TEST(hostile_bytes_are_told_and_never_crash)
{
    char text[4096];
    memset(text, 'a', sizeof text);
    ck_assert_int_eq(load_bytes(text, sizeof text), RESULT_INVALID);
    ck_assert_ptr_nonnull(strstr(told(), "the line is too long"));
    ck_assert_int_eq(load_bytes("node\0party\n", 11), RESULT_INVALID);
    ck_assert_int_eq(load("\tnode\n"), RESULT_INVALID);
    ck_assert_ptr_nonnull(strstr(told(), "tab"));
    ck_assert_int_eq(load("= 5\n"), RESULT_INVALID);
    ck_assert_int_eq(load("/node/ = 5\n"), RESULT_INVALID);
    for (size_t i = 0; i < sizeof text; i++) {
        text[i] = (char)(i * 7919 >> 3);
    }
    ck_assert_int_eq(load_bytes(text, sizeof text), RESULT_INVALID);
    finish();
}
END_TEST

START_TEST(files_over_the_limits_are_refused_before_they_are_read)
{
    size_t size = ((size_t)64 << 10) + 1;
    char *text = malloc(size);
    ck_assert_ptr_nonnull(text);
    memset(text, '\n', size);
    ck_assert_int_eq(load_bytes(text, size), RESULT_TOO_LARGE);
    ck_assert_int_eq(load_bytes(text, size / 2), RESULT_TOO_LARGE);
    ck_assert_ptr_nonnull(strstr(error.message, "lines"));
    free(text);
    finish();
}
END_TEST

START_TEST(a_missing_file_is_not_found)
{
    memset(&error, 0, sizeof error);
    ck_assert_int_eq(config_load("/nowhere/comesh.zpl", &config, &report, &error),
                     RESULT_NOT_FOUND);
    ck_assert_ptr_nonnull(strstr(error.message, "/nowhere/comesh.zpl"));
    finish();
}
END_TEST

START_TEST(a_socket_path_must_fit_a_socket_address)
{
    char text[512];
    char name[120];
    memset(name, 's', sizeof name - 1);
    name[sizeof name - 1] = '\0';
    (void)snprintf(text, sizeof text, NODE "control\n    socket = %s\n", name);
    ck_assert_int_eq(load(text), RESULT_INVALID);
    assert_told(6, "control.socket", "at most 107 bytes");
    finish();
}
END_TEST

START_TEST(places_are_below_the_directory)
{
    char out[CONFIG_PATH_BYTES];
    char wanted[128];
    ck_assert_int_eq(load(NODE), RESULT_OK);
    assert_ok(config_place(&config, "cards", out, &error));
    (void)snprintf(wanted, sizeof wanted, "%s/cards", folder);
    ck_assert_str_eq(out, wanted);
    finish();
}
END_TEST

START_TEST(the_description_names_every_option_with_its_default)
{
    struct buffer text = {0};
    config_describe(&text);
    buffer_append(&text, "", 1);
    const char *described = (const char *)text.data;
    ck_assert_ptr_nonnull(strstr(described, "agreement (repeatable)"));
    ck_assert_ptr_nonnull(strstr(described, "receipt_alarm       1h"));
    ck_assert_ptr_nonnull(strstr(described, "party               required"));
    ck_assert_ptr_nonnull(strstr(described, "from 1MiB to 4GiB"));
    buffer_free(&text);
    finish();
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        a_minimal_file_gives_all_defaults,
        every_option_is_read,
        ten_errors_give_ten_lines_in_the_order_of_the_file,
        an_empty_file_names_what_is_missing,
        an_option_of_another_section_is_shown_where_it_belongs,
        what_may_stand_once_is_refused_the_second_time,
        a_fifth_bind_is_one_too_many,
        sizes_and_durations_keep_their_bounds,
        numbers_keep_their_bounds,
        endpoints_are_checked_whole,
        ways_and_urls_are_checked_whole,
        a_certificate_stands_with_its_key,
        agreements_are_of_the_own_party_and_named_once,
        each_agreement_needs_all_its_options,
        what_stands_below_a_bad_line_is_not_told_again,
        an_option_has_nothing_below_it,
        hostile_bytes_are_told_and_never_crash,
        files_over_the_limits_are_refused_before_they_are_read,
        a_missing_file_is_not_found,
        a_socket_path_must_fit_a_socket_address,
        places_are_below_the_directory,
        the_description_names_every_option_with_its_default,
    };
    return suite_run("config", tests, SUITE_COUNT(tests), start);
}
