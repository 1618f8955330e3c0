/* comesh cancel-status: the answer of the importing party to an amendment notification. */
#include "tools/comesh/compose.h"
#include "tools/comesh/response.h"

static enum result build(struct call *call, const struct subject *subject, json_t *content,
                         struct error *error)
{
    const char *status = NULL;
    const char *remark = call_value(call, "remark");
    enum result result = call_required(call, "status", &status, error);
    if (result == RESULT_OK) {
        response_fill(content, subject, status);
        if (remark != NULL) {
            (void)json_object_set_new(content, "AdditionalInformation",
                                      json_pack("[{s:s}]", "StatementDescription", remark));
        }
    }
    return result;
}

static enum result run(struct call *call, struct error *error)
{
    static const struct composing composing = {OPERATION_CANCELATION_STATUS, OPERATION_AMENDMENT,
                                               "incoming", build};
    return compose_run(call, &composing, error);
}

const struct command command_cancel_status = {
    .name = "cancel-status",
    .operands = "--number NUMBER --status CODE | --reply-to ID --status CODE | FILE",
    .summary = "answer an amendment notification: what became of the certificate",
    .examples = "  comesh cancel-status --number KR-020-26-0001742 --status 1\n"
                "  comesh cancel-status --reply-to c6f1f0a9-6f4e-43f3-8a36-1e8d7be6a904 \\\n"
                "         --status 12 --remark \"Used in full on 2026-01-10\"\n"
                "  comesh cancel-status answer.json\n",
    .details =
        "Status: 1 cancelled as asked, 8 refused, 11 unknown here, 12 fully used, 13 partly\n"
        "used, 43 received, 45 in process, 46 halted pending query. With --number, the last\n"
        "amendment of that certificate is answered.\n",
    .options =
        {
            COMPOSE_OPTIONS,
            {"reply-to", "ID", "the message id of the amendment", false},
            {"status", "CODE", "what became of the certificate, UN/EDIFACT 1373", false},
            {"remark", "TEXT", "a remark for people", false},
        },
    .most_operands = 1,
    .run = run,
};
