/* Questions to partners, for the clients of the control socket. See asking.h. */
#include "node/control/asking.h"

#include "node/control/rows.h"
#include "node/core/log.h"

bool asking_is(struct text verb)
{
    return text_equal(verb, TEXT("reconcile")) || text_equal(verb, TEXT("resend"));
}

enum result asking_begin(const struct control_node *node, struct store_reader *reader,
                         struct wire_request *request, struct queue *home, struct asking *asking,
                         struct error *error)
{
    struct mp_reader *arguments = &request->arguments;
    bool resend = text_equal(request->verb, TEXT("resend"));
    struct text party = mp_get_str(arguments, PARTY_MAX_BYTES - 1);
    bool outgoing = resend ? false : mp_get_bool(arguments);
    uint64_t first = resend ? 0 : mp_get_uint(arguments, MERKLE_SIZE_MAX);
    enum result result = mp_finish(arguments, resend ? "resend" : "reconcile", error);
    if (result == RESULT_OK) {
        result = reconcile_question(node->flow, reader, party, outgoing, first,
                                    resend ? 0 : FRAME_ROWS_MAX, &asking->question, error);
    }
    if (result == RESULT_OK) {
        result = node->ask(node->self, &asking->question, home, &asking->number, error);
    }
    if (result == RESULT_OK) {
        log_event(LOG_LEVEL_INFO, "control", resend ? "resend asked" : "reconcile asked",
                  "partner=%s channel=%s first=%llu", asking->question.party,
                  asking->question.origin, (unsigned long long)first);
    }
    return result;
}

enum result asking_end(const struct control_node *node, struct store_reader *reader,
                       const struct asking *asking, struct arena *arena, struct buffer *rows,
                       size_t *count, struct error *error)
{
    struct buffer answer = {0};
    struct frame frame;
    struct comparison *compared = NULL;
    size_t different = 0;
    *count = 0;
    enum result result = node->answer(node->self, asking->number, &answer, error);
    if (result == RESULT_OK) {
        result = frame_unpack(buffer_bytes(&answer), arena, &frame, error);
    }
    if (result == RESULT_OK) {
        result = reconcile_compare(reader, &asking->question, &frame.holds, arena, &compared, count,
                                   error);
    }
    if (result == RESULT_OK) {
        for (size_t i = 0; i < *count; i++) {
            different += compared[i].mismatch != MISMATCH_NONE;
            row_comparison(&asking->question, &compared[i], rows);
        }
        log_event(LOG_LEVEL_INFO, "control", "reconcile answered",
                  "partner=%s channel=%s first=%llu rows=%zu different=%zu theirs=%llu ours=%llu",
                  asking->question.party, asking->question.origin,
                  (unsigned long long)asking->question.first, *count, different,
                  (unsigned long long)frame.holds.size, (unsigned long long)asking->question.size);
    }
    buffer_free(&answer);
    return result;
}

void asking_give_up(const struct control_node *node, const struct asking *asking,
                    struct error *error)
{
    node->forget(node->self, asking->number);
    (void)error_set(error, RESULT_UNAVAILABLE,
                    "%s did not answer within %d s; see 'comesh status', and ask again",
                    asking->question.party, ASKING_MS / 1000);
    log_error("control", "question without answer", error);
}
