/* comesh reload, stop and release: orders to a running node. */
#include "tools/comesh/client.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

#define STOP_S     60
#define STOP_MAX_S 86400

/* The passphrase of new keys, when the user has one to give; NULL otherwise. */
static enum result new_passphrase(struct call *call, struct passphrase **passphrase,
                                  struct error *error)
{
    uint64_t fd = 0;
    if (call_value(call, "passphrase-fd") != NULL) {
        enum result result = call_number(call, "passphrase-fd", 0, 65535, &fd, error);
        return result == RESULT_OK ? passphrase_from_fd((int)fd, passphrase, error) : result;
    }
    return call_value(call, "unlock") == NULL
               ? RESULT_OK
               : passphrase_from_terminal("Passphrase of this node's keys", false, passphrase,
                                          error);
}

static enum result reload(struct call *call, struct error *error)
{
    struct client *client = NULL;
    struct passphrase *passphrase = NULL;
    uint64_t locked = 0;
    enum result result = new_passphrase(call, &passphrase, error);
    if (result == RESULT_OK) {
        result = node_connect(call, &client, error);
    }
    if (result == RESULT_OK && passphrase == NULL) {
        result = client_reload(client, &locked, error);
    } else if (result == RESULT_OK) {
        result = client_unlock(client, passphrase, &locked, error);
    }
    if (result == RESULT_OK) {
        (void)fprintf(stderr, "comesh: the node has read its configuration and cards again\n");
    }
    client_tell_locked(locked);
    client_close(&client);
    passphrase_destroy(&passphrase);
    return result;
}

static enum result take_pid(void *self, const struct wire_row *row, struct error *error)
{
    (void)error;
    *(pid_t *)self = (pid_t)wire_row_uint(row, WIRE_NODE_PID);
    return RESULT_OK;
}

/* Waits until the process is gone, and with it its lock on the store. */
static enum result wait_gone(int process_fd, uint64_t seconds, struct error *error)
{
    struct pollfd poller = {.fd = process_fd, .events = POLLIN};
    int ended = poll(&poller, 1, (int)(seconds * 1000));
    if (ended < 0) {
        return error_system(error, errno, "waiting for the node's process");
    }
    return ended > 0 ? RESULT_OK
                     : error_set(error, RESULT_BUSY, "the node still stops after %llu s",
                                 (unsigned long long)seconds);
}

static enum result stop(struct call *call, struct error *error)
{
    struct client *client = NULL;
    uint64_t seconds = 0;
    pid_t process = 0;
    int process_fd = -1;
    enum result result = call_number(call, "timeout", STOP_S, STOP_MAX_S, &seconds, error);
    if (result == RESULT_OK) {
        result = node_connect(call, &client, error);
    }
    if (result == RESULT_OK) {
        result = client_ask(client, "status", take_pid, &process, error);
    }
    if (result == RESULT_OK) {
        process_fd = (int)syscall(SYS_pidfd_open, process, 0);
        result = client_ask(client, "stop", NULL, NULL, error);
    }
    client_close(&client);
    if (result == RESULT_OK && process_fd >= 0) {
        result = wait_gone(process_fd, seconds, error);
    }
    if (process_fd >= 0) {
        (void)close(process_fd);
    }
    if (result == RESULT_OK) {
        (void)fprintf(stderr, "comesh: the node has stopped\n");
    }
    return result;
}

static enum result release(struct call *call, struct error *error)
{
    struct client *client = NULL;
    uint64_t channel = 0;
    if (!decimal_parse(text_of(call->operands[0]), UINT32_MAX, &channel)) {
        return call_usage(call, error,
                          "'%s' is no channel; accepted: its number in `comesh status`",
                          call->operands[0]);
    }
    enum result result = node_connect(call, &client, error);
    if (result == RESULT_OK) {
        mp_put_uint(client_begin(client, "release", 1), channel);
        result = client_send(client, error);
    }
    if (result == RESULT_OK) {
        result = client_receive(client, NULL, NULL, error);
    }
    if (result == RESULT_OK) {
        (void)fprintf(stderr, "comesh: channel %llu goes on\n", (unsigned long long)channel);
    }
    client_close(&client);
    return result;
}

const struct command command_reload = {
    .name = "reload",
    .operands = "",
    .summary = "the running node reads configuration and cards again, and unlocks new keys",
    .examples =
        "  comesh reload\n"
        "  comesh reload --unlock                    # asks for the passphrase of new keys\n"
        "  comesh reload --passphrase-fd 3 3<FILE\n",
    .details =
        "The public listener shows the certificate that its files hold now to whoever connects "
        "from "
        "then\non; open connections go on. What does not hold is refused by name, and all stays as "
        "it "
        "was.\n"
        "A node keeps its unlocked keys, not their passphrase. A key that came onto its card "
        "while\n"
        "it runs is unlocked by this command, or by itself where systemd holds the passphrase.\n",
    .options = {{"unlock", NULL, "ask on the terminal for the passphrase of new keys", false},
                {"passphrase-fd", "N", "read it from descriptor N, to end or line feed", false}},
    .run = reload,
};

const struct command command_stop = {
    .name = "stop",
    .operands = "",
    .summary = "stop the running node in order, and wait until it is gone",
    .examples = "  comesh stop\n",
    .options = {{"timeout", "SECONDS", "wait so long at most; 60 unless told", false}},
    .run = stop,
};

const struct command command_release = {
    .name = "release",
    .operands = "CHANNEL",
    .summary = "let a held channel go on, after a person has looked into it",
    .examples = "  comesh status            # names the channel, and why it is held\n"
                "  comesh release 3\n",
    .details = "A channel is held when its two ends do not agree. Find out why before you release\n"
               "it: the notes that disagree are kept in the journal.\n",
    .least_operands = 1,
    .most_operands = 1,
    .run = release,
};
