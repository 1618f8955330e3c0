/* Passphrases. See passphrase.h. */
#include "keys/passphrase.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
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

/* Reads byte by byte, straight into locked memory. With `signals`, that mask holds while it waits
 * and at no other moment, so that a signal cannot slip in between. */
static enum result line_read(int fd, const sigset_t *signals, struct passphrase *passphrase,
                             struct error *error)
{
    for (;;) {
        uint8_t *byte = &passphrase->data[passphrase->size];
        struct pollfd wait = {.fd = fd, .events = POLLIN};
        ssize_t got =
            signals == NULL || ppoll(&wait, 1, NULL, signals) > 0 ? read(fd, byte, 1) : -1;
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

static enum result passphrase_read(int fd, const sigset_t *signals, struct passphrase **passphrase,
                                   struct error *error)
{
    *passphrase = NULL;
    struct passphrase *made = sodium_malloc(sizeof *made);
    if (made == NULL) {
        return error_set(error, RESULT_NO_MEMORY, "no locked memory for a passphrase");
    }
    made->size = 0;
    enum result result = line_read(fd, signals, made, error);
    if (result != RESULT_OK) {
        passphrase_destroy(&made);
    }
    *passphrase = made;
    return result;
}

enum result passphrase_from_fd(int fd, struct passphrase **passphrase, struct error *error)
{
    return passphrase_read(fd, NULL, passphrase, error);
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

/* The terminal, and how it and the signals were before. */
struct terminal {
    int fd;
    struct termios settings;
    sigset_t mask;
    struct sigaction handlers[CAUGHT_SIGNALS];
};

static void terminal_restore(const struct terminal *terminal)
{
    (void)tcsetattr(terminal->fd, TCSAFLUSH, &terminal->settings);
    for (size_t i = 0; i < CAUGHT_SIGNALS; i++) {
        (void)sigaction(caught_signals[i], &terminal->handlers[i], NULL);
    }
    (void)pthread_sigmask(SIG_SETMASK, &terminal->mask, NULL);
    if (caught != 0) {
        (void)raise(caught);
    }
}

static enum result terminal_silence(struct terminal *terminal, struct error *error)
{
    sigset_t blocked;
    struct sigaction handler = {.sa_handler = catch_signal};
    if (tcgetattr(terminal->fd, &terminal->settings) != 0) {
        return error_system(error, errno, "terminal");
    }
    caught = 0;
    (void)sigemptyset(&blocked);
    for (size_t i = 0; i < CAUGHT_SIGNALS; i++) {
        (void)sigaddset(&blocked, caught_signals[i]);
        (void)sigaction(caught_signals[i], &handler, &terminal->handlers[i]);
    }
    (void)pthread_sigmask(SIG_BLOCK, &blocked, &terminal->mask);
    struct termios silent = terminal->settings;
    silent.c_lflag &= ~(tcflag_t)ECHO;
    if (tcsetattr(terminal->fd, TCSAFLUSH, &silent) != 0) {
        int number = errno;
        terminal_restore(terminal);
        return error_system(error, number, "terminal");
    }
    return RESULT_OK;
}

static enum result prompt_read(const struct terminal *terminal, const char *prompt,
                               struct passphrase **passphrase, struct error *error)
{
    if (dprintf(terminal->fd, "%s: ", prompt) < 0) {
        return error_system(error, errno, "terminal");
    }
    enum result result = passphrase_read(terminal->fd, &terminal->mask, passphrase, error);
    (void)dprintf(terminal->fd, "\n");
    return result;
}

static enum result prompt_twice(const struct terminal *terminal, const char *prompt, bool twice,
                                struct passphrase **passphrase, struct error *error)
{
    struct passphrase *again = NULL;
    enum result result = prompt_read(terminal, prompt, passphrase, error);
    if (*passphrase != NULL && twice) {
        result = prompt_read(terminal, "The same again", &again, error);
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

enum result passphrase_from_terminal(const char *prompt, bool twice, struct passphrase **passphrase,
                                     struct error *error)
{
    struct terminal terminal = {.fd = open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC)};
    *passphrase = NULL;
    if (terminal.fd < 0) {
        return error_set(error, RESULT_UNAVAILABLE,
                         "passphrase: no terminal to ask on; give it by a file descriptor");
    }
    enum result result = terminal_silence(&terminal, error);
    if (result == RESULT_OK) {
        result = prompt_twice(&terminal, prompt, twice, passphrase, error);
        terminal_restore(&terminal);
    }
    (void)close(terminal.fd);
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
