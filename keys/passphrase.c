/* Passphrases. See passphrase.h. */
#include "keys/passphrase.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <termios.h>
#include <unistd.h>

#define CREDENTIAL_NAME "comesh-passphrase"

/* All of it stands in memory of sodium_malloc. */
struct passphrase {
    size_t size;
    uint8_t data[PASSPHRASE_MAX_BYTES];
};

/* Reads byte by byte, straight into locked memory. */
static enum result line_read(int fd, struct passphrase *passphrase, struct error *error)
{
    for (;;) {
        uint8_t *byte = &passphrase->data[passphrase->size];
        ssize_t got = read(fd, byte, 1);
        if (got < 0) {
            return error_system(error, errno, "passphrase");
        }
        if (got == 0 || *byte == '\n') {
            break;
        }
        if (++passphrase->size == PASSPHRASE_MAX_BYTES) {
            return error_set(error, RESULT_TOO_LARGE,
                             "passphrase: not below the limit of %zu bytes", PASSPHRASE_MAX_BYTES);
        }
    }
    if (passphrase->size == 0) {
        return error_set(error, RESULT_INVALID, "passphrase: it is empty; give one");
    }
    return RESULT_OK;
}

enum result passphrase_from_fd(int fd, struct passphrase **passphrase, struct error *error)
{
    *passphrase = NULL;
    struct passphrase *made = sodium_malloc(sizeof *made);
    if (made == NULL) {
        return error_set(error, RESULT_NO_MEMORY, "no locked memory for a passphrase");
    }
    made->size = 0;
    enum result result = line_read(fd, made, error);
    if (result != RESULT_OK) {
        passphrase_destroy(&made);
    }
    *passphrase = made;
    return result;
}

enum result passphrase_from_credential(struct passphrase **passphrase, struct error *error)
{
    char path[PATH_MAX];
    const char *folder = getenv("CREDENTIALS_DIRECTORY");
    *passphrase = NULL;
    if (folder == NULL) {
        return error_set(error, RESULT_NOT_FOUND,
                         "passphrase: no $CREDENTIALS_DIRECTORY; set LoadCredential=%s:FILE in the "
                         "service",
                         CREDENTIAL_NAME);
    }
    int size = snprintf(path, sizeof path, "%s/%s", folder, CREDENTIAL_NAME);
    if (size < 0 || (size_t)size >= sizeof path) {
        return error_set(error, RESULT_INVALID, "passphrase: $CREDENTIALS_DIRECTORY is too long");
    }
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0) {
        return error_system(error, errno, "passphrase '%s'", path);
    }
    enum result result = passphrase_from_fd(fd, passphrase, error);
    (void)close(fd);
    return result;
}

/* The signal that came while the terminal was silent: it is raised again when it speaks. */
static volatile sig_atomic_t caught;

static void catch_signal(int number)
{
    caught = number;
}

static const int caught_signals[] = {SIGINT, SIGTERM, SIGQUIT, SIGHUP};
#define CAUGHT_SIGNALS (sizeof caught_signals / sizeof caught_signals[0])

static enum result prompt_read(int fd, const char *prompt, struct passphrase **passphrase,
                               struct error *error)
{
    if (write(fd, prompt, strlen(prompt)) < 0 || write(fd, ": ", 2) < 0) {
        return error_system(error, errno, "terminal");
    }
    enum result result = passphrase_from_fd(fd, passphrase, error);
    if (write(fd, "\n", 1) < 0 && result == RESULT_OK) {
        passphrase_destroy(passphrase);
        result = error_system(error, errno, "terminal");
    }
    return result;
}

static enum result prompt_twice(int fd, const char *prompt, bool twice,
                                struct passphrase **passphrase, struct error *error)
{
    struct passphrase *again = NULL;
    enum result result = prompt_read(fd, prompt, passphrase, error);
    if (*passphrase != NULL && twice) {
        result = prompt_read(fd, "The same again", &again, error);
        if (again != NULL && !bytes_equal(passphrase_bytes(*passphrase), passphrase_bytes(again))) {
            result = error_set(error, RESULT_INVALID, "passphrase: the two differ; try again");
        }
    }
    passphrase_destroy(&again);
    if (result != RESULT_OK) {
        passphrase_destroy(passphrase);
    }
    return result;
}

/* Prompts with echo off; whatever happens, the terminal and the signals are as before. */
static enum result silent_prompt(int fd, const char *prompt, bool twice,
                                 struct passphrase **passphrase, struct error *error)
{
    struct termios before;
    struct sigaction handler = {.sa_handler = catch_signal};
    struct sigaction old_handlers[CAUGHT_SIGNALS];
    if (tcgetattr(fd, &before) != 0) {
        return error_system(error, errno, "terminal");
    }
    struct termios silent = before;
    silent.c_lflag &= ~(tcflag_t)ECHO;
    caught = 0;
    for (size_t i = 0; i < CAUGHT_SIGNALS; i++) {
        (void)sigaction(caught_signals[i], &handler, &old_handlers[i]);
    }
    enum result result;
    if (tcsetattr(fd, TCSAFLUSH, &silent) != 0) {
        result = error_system(error, errno, "terminal");
    } else {
        result = prompt_twice(fd, prompt, twice, passphrase, error);
        (void)tcsetattr(fd, TCSAFLUSH, &before);
    }
    for (size_t i = 0; i < CAUGHT_SIGNALS; i++) {
        (void)sigaction(caught_signals[i], &old_handlers[i], NULL);
    }
    if (caught != 0) {
        (void)raise(caught);
    }
    return result;
}

enum result passphrase_from_terminal(const char *prompt, bool twice, struct passphrase **passphrase,
                                     struct error *error)
{
    *passphrase = NULL;
    int fd = open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (fd < 0) {
        return error_set(error, RESULT_UNAVAILABLE,
                         "passphrase: no terminal to ask on; give it by a file descriptor");
    }
    enum result result = silent_prompt(fd, prompt, twice, passphrase, error);
    (void)close(fd);
    return result;
}

struct bytes passphrase_bytes(const struct passphrase *passphrase)
{
    return (struct bytes){passphrase->data, passphrase->size};
}

void passphrase_destroy(struct passphrase **passphrase)
{
    sodium_free(*passphrase);
    *passphrase = NULL;
}
