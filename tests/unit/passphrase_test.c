/* Passphrases: by descriptor, by credential, by terminal without echo. */
#include "keys/keypair.h"
#include "keys/passphrase.h"
#include "tests/unit/folder.h"

#include <pty.h>
#include <signal.h>
#include <sys/wait.h>

static struct passphrase *passphrase;

static void start(void)
{
    folder_start();
    assert_ok(keys_init(&error));
}

static void end(void)
{
    passphrase_destroy(&passphrase);
    passphrase_destroy(&passphrase);
    folder_end();
}

static int pipe_with(const char *text)
{
    int ends[2];
    ck_assert_int_eq(pipe(ends), 0);
    ck_assert_int_eq(write(ends[1], text, strlen(text)), (ssize_t)strlen(text));
    (void)close(ends[1]);
    return ends[0];
}

START_TEST(a_descriptor_gives_one_line_and_keeps_the_next)
{
    int fd = pipe_with("first one\nsecond");
    assert_ok(passphrase_from_fd(fd, &passphrase, &error));
    ck_assert(text_equal(bytes_text(passphrase_bytes(passphrase)), TEXT("first one")));
    passphrase_destroy(&passphrase);
    assert_ok(passphrase_from_fd(fd, &passphrase, &error));
    ck_assert(text_equal(bytes_text(passphrase_bytes(passphrase)), TEXT("second")));
    (void)close(fd);
}
END_TEST

START_TEST(an_empty_or_endless_passphrase_is_refused)
{
    char text[PASSPHRASE_MAX_BYTES + 1];
    int fd = pipe_with("\nmore");
    assert_fails(passphrase_from_fd(fd, &passphrase, &error), RESULT_INVALID, "empty");
    ck_assert_ptr_null(passphrase);
    (void)close(fd);
    memset(text, 'x', sizeof text);
    text[PASSPHRASE_MAX_BYTES] = '\0';
    fd = pipe_with(text);
    assert_fails(passphrase_from_fd(fd, &passphrase, &error), RESULT_TOO_LARGE, "1024");
    (void)close(fd);
    assert_fails(passphrase_from_fd(-1, &passphrase, &error), RESULT_IO, "passphrase");
}
END_TEST

START_TEST(the_service_managers_credential_is_read)
{
    ck_assert_int_eq(unsetenv("CREDENTIALS_DIRECTORY"), 0);
    assert_fails(passphrase_from_credential(&passphrase, &error), RESULT_NOT_FOUND,
                 "LoadCredential=comesh-passphrase");
    ck_assert_int_eq(setenv("CREDENTIALS_DIRECTORY", folder, 1), 0);
    assert_fails(passphrase_from_credential(&passphrase, &error), RESULT_NOT_FOUND,
                 "comesh-passphrase'");
    folder_write("comesh-passphrase", "sesame\n", 7);
    assert_ok(passphrase_from_credential(&passphrase, &error));
    ck_assert(text_equal(bytes_text(passphrase_bytes(passphrase)), TEXT("sesame")));
}
END_TEST

/* In the child, whose terminal the pseudo terminal is: 0 for the passphrase "sesame". */
static int ask(bool twice)
{
    enum result result = passphrase_from_terminal("Passphrase", twice, &passphrase, &error);
    bool right =
        result == RESULT_OK && text_equal(bytes_text(passphrase_bytes(passphrase)), TEXT("sesame"));
    passphrase_destroy(&passphrase);
    return right ? 0 : result == RESULT_INVALID ? 1 : 2;
}

/* Types every line when its prompt has come, and gives the exit code and what the screen showed. */
static int type_lines(bool twice, const char *const *lines, struct buffer *screen)
{
    int terminal;
    pid_t child = forkpty(&terminal, NULL, NULL, NULL);
    ck_assert_int_ge(child, 0);
    if (child == 0) {
        (void)signal(SIGINT, SIG_DFL); /* Check's own handler would kill the test */
        _exit(ask(twice));
    }
    char shown[256];
    ssize_t got;
    while ((got = read(terminal, shown, sizeof shown)) > 0) {
        buffer_append(screen, shown, (size_t)got);
        if (*lines != NULL && screen->size >= 2 && screen->data[screen->size - 2] == ':') {
            ck_assert_int_gt(write(terminal, *lines, strlen(*lines)), 0);
            lines++;
        }
    }
    int status = 0;
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    (void)close(terminal);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

START_TEST(the_terminal_asks_and_shows_nothing_of_the_answer)
{
    struct buffer screen = {0};
    const char *const lines[] = {"sesame\n", "sesame\n", NULL};
    ck_assert_int_eq(type_lines(true, lines, &screen), 0);
    ck_assert_ptr_nonnull(memmem(screen.data, screen.size, "Passphrase: ", 12));
    ck_assert_ptr_nonnull(memmem(screen.data, screen.size, "The same again: ", 16));
    ck_assert_ptr_null(memmem(screen.data, screen.size, "sesame", 6));
    buffer_free(&screen);
}
END_TEST

START_TEST(two_answers_that_differ_are_refused)
{
    struct buffer screen = {0};
    const char *const lines[] = {"sesame\n", "sesamo\n", NULL};
    ck_assert_int_eq(type_lines(true, lines, &screen), 1);
    buffer_free(&screen);
}
END_TEST

START_TEST(an_interrupt_ends_the_question_and_the_program)
{
    struct buffer screen = {0};
    const char *const lines[] = {"ses\x03", NULL};
    ck_assert_int_eq(type_lines(false, lines, &screen), 128 + SIGINT);
    buffer_free(&screen);
}
END_TEST

START_TEST(without_a_terminal_the_remedy_is_told)
{
    pid_t child = fork();
    if (child == 0) {
        (void)setsid();
        enum result result = passphrase_from_terminal("Passphrase", false, &passphrase, &error);
        _exit(result == RESULT_UNAVAILABLE && strstr(error.message, "file descriptor") ? 0 : 1);
    }
    int status = 0;
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        a_descriptor_gives_one_line_and_keeps_the_next,
        an_empty_or_endless_passphrase_is_refused,
        the_service_managers_credential_is_read,
        the_terminal_asks_and_shows_nothing_of_the_answer,
        two_answers_that_differ_are_refused,
        an_interrupt_ends_the_question_and_the_program,
        without_a_terminal_the_remedy_is_told,
    };
    return suite_run_with("passphrase", tests, SUITE_COUNT(tests), start, end);
}
