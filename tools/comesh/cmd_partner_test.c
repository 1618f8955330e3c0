/* comesh partner test: the way to a partner tried out, step by step, by the running node. */
#include "tools/comesh/output.h"
#include "tools/comesh/rows.h"

#define EXIT_FAILED 1

struct testing {
    size_t failed;
    json_t *array; /* with --json instead of the lines */
};

static enum result add_step(void *self, const struct wire_row *row, struct error *error)
{
    struct testing *testing = self;
    struct text outcome = wire_row_text(row, WIRE_TRIAL_OUTCOME);
    struct text remedy = wire_row_text(row, WIRE_TRIAL_REMEDY);
    struct buffer line = {0};
    testing->failed += text_equal(outcome, TEXT("failed"));
    if (testing->array != NULL) {
        return rows_to_json(testing->array, row, error);
    }
    buffer_printf(&line, "%-8.*s %-15.*s ", TEXT_ARGS(outcome),
                  TEXT_ARGS(wire_row_text(row, WIRE_TRIAL_WHAT)));
    output_text(&line, wire_row_text(row, WIRE_TRIAL_FOUND));
    if (remedy.size > 0) {
        buffer_printf(&line, "\n%25s-> ", "");
        output_text(&line, remedy);
    }
    (void)printf("%.*s\n", TEXT_ARGS(buffer_view(&line)));
    buffer_free(&line);
    return RESULT_OK;
}

static enum result run(struct call *call, struct error *error)
{
    struct client *client = NULL;
    struct testing testing = {.array = call->json ? json_array() : NULL};
    enum result result = node_connect(call, &client, error);
    if (result == RESULT_OK) {
        mp_put_str(client_begin(client, "test", 1), text_of(call->operands[0]));
        result = client_send(client, error);
    }
    if (result == RESULT_OK) {
        result = client_receive(client, add_step, &testing, error);
    }
    if (result == RESULT_OK && call->json) {
        result = output_json(json_incref(testing.array), error);
    }
    if (result == RESULT_OK && testing.failed > 0) {
        call->exit_code = EXIT_FAILED;
    }
    json_decref(testing.array);
    client_close(&client);
    return result;
}

const struct command command_partner_test = {
    .name = "partner test",
    .operands = "PARTY",
    .summary = "try out the way to a partner, step by step, with what to do",
    .examples = "  comesh partner test ID\n  comesh partner test ID --json\n",
    .details =
        "The running node tries, over a connection of its own that ends with the test:\n"
        "  their card, our card   which keys end when\n"
        "  our card there         which of our cards the partner holds\n"
        "  name, tcp              where its endpoint leads, and whether somebody answers there\n"
        "  curve, admission       whether it has the key of its card, and lets ours in\n"
        "  hello, clock           whether its node answers, and how its clock differs from ours\n"
        "  agreement, menu        what is agreed here and there, and what counts now\n"
        "With a partner without a node it goes the way of what is posted, and posts nothing; its\n"
        "server is asked by GET /send-co, which changes nothing, and for which 405 is right:\n"
        "  their card, their client, our client\n"
        "                         how long the pins of its server and of its client count, and\n"
        "                         our own certificate\n"
        "  name, tcp, tls         where its endpoint leads, who answers, which version it speaks\n"
        "  certificate            whether its server's is the one of its card, or vouched for\n"
        "  admission, http        whether it lets our certificate in, and what it answers\n"
        "  agreement, menu        which agreements it has signed, and what counts now\n"
        "  queue                  what is on the way, tried again, or held with its own words\n"
        "Each step that is not ok says what to do. A lane that is open is not disturbed: its own\n"
        "hello is told. The exit code is 1 when a step failed.\n",
    .json = true,
    .least_operands = 1,
    .most_operands = 1,
    .run = run,
};
