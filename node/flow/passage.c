/* How far a message has come. See passage.h. */
#include "node/flow/passage.h"

const char *passage_state(const struct store_message *message)
{
    if (message->held) {
        return "held";
    }
    if (message->judged_ms != 0 && message->outcome == VERDICT_REFUSED) {
        return "refused";
    }
    if (message->answered_ms != 0) {
        return "answered";
    }
    if (message->delivered_ms != 0) {
        return "delivered";
    }
    return message->stored_s != 0 ? "stored" : "queued";
}

bool passage_is_for_inbox(const struct store_message *message)
{
    return !operation_is_of_mesh(message->operation) && message->outcome != VERDICT_REFUSED &&
           message->outcome != VERDICT_DUPLICATE;
}
