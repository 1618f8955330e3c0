/* comesh reload, stop and release: orders to a running node. */
#include "tools/comesh/client.h"

#include <stdio.h>

static enum result order(struct call *call, const char *verb, const char *done, struct error *error)
{
    struct client *client = NULL;
    enum result result = node_connect(call, &client, error);
    if (result == RESULT_OK) {
        result = client_ask(client, verb, NULL, NULL, error);
    }
    if (result == RESULT_OK) {
        (void)fprintf(stderr, "comesh: %s\n", done);
    }
    client_close(&client);
    return result;
}

static enum result reload(struct call *call, struct error *error)
{
    return order(call, "reload", "the node has read its configuration and cards again", error);
}

static enum result stop(struct call *call, struct error *error)
{
    return order(call, "stop", "the node stops", error);
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
    .summary = "the running node reads configuration and cards again",
    .examples = "  comesh reload\n",
    .run = reload,
};

const struct command command_stop = {
    .name = "stop",
    .operands = "",
    .summary = "stop the running node in order",
    .examples = "  comesh stop\n",
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
