/* comesh resend: a partner is asked to send again what we lack. */
#include "tools/comesh/client.h"

#include <stdio.h>

static enum result run(struct call *call, struct error *error)
{
    struct client *client = NULL;
    enum result result = node_connect(call, &client, error);
    if (result == RESULT_OK) {
        mp_put_str(client_begin(client, "resend", 1), text_of(call->operands[0]));
        result = client_send(client, error);
    }
    if (result == RESULT_OK) {
        result = client_receive(client, NULL, NULL, error);
    }
    if (result == RESULT_OK) {
        (void)fprintf(stderr, "comesh: %s sends again, from the first entry that this node lacks\n",
                      call->operands[0]);
    }
    client_close(&client);
    return result;
}

const struct command command_resend = {
    .name = "resend",
    .operands = "PARTY",
    .summary = "ask a partner to send again what this node lacks",
    .examples = "  comesh resend ID\n",
    .details =
        "The partner's node says hello for its channel again and sends from the first entry that\n"
        "this node does not hold. Both nodes log it. What this node holds, but its national\n"
        "system lost, `comesh inbox --again` gives without the partner.\n",
    .least_operands = 1,
    .most_operands = 1,
    .run = run,
};
