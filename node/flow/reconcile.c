/* What two parties hold of a channel, compared. See reconcile.h. */
#include "node/flow/reconcile.h"

#include <stdio.h>

const char *mismatch_text(enum mismatch mismatch)
{
    static const char *const texts[] = {
#define MISMATCH_TEXT(symbol, text) text,
        MISMATCH_MAP(MISMATCH_TEXT)
#undef MISMATCH_TEXT
    };
    return texts[mismatch];
}

const char *holding_text(const struct frame_row *row)
{
    static const char *const texts[][2] = {
        [JUDGEMENT_NONE] = {"stored", "stored, taken"},
        [JUDGEMENT_ACCEPTED] = {"accepted", "accepted, taken"},
        [JUDGEMENT_WARNINGS] = {"accepted with warnings", "accepted with warnings, taken"},
        [JUDGEMENT_REFUSED] = {"refused", "refused"},
        [JUDGEMENT_DUPLICATE] = {"duplicate", "duplicate"},
    };
    return row == NULL ? "-" : texts[row->judgement][row->taken];
}

/* ---- the question ---- */

/* The origin line of the channel that the partner's card and ours name. */
static enum result question_origin(struct flow *flow, struct question *question,
                                   struct error *error)
{
    struct text party = text_of(question->party);
    struct directory *directory = flow_directory(flow);
    const struct card *card = directory_party(directory, party);
    enum result result = RESULT_OK;
    if (card == NULL) {
        result = error_set(error, RESULT_NOT_FOUND,
                           "no card of '%s' is held; import it, or see 'comesh partner list'",
                           question->party);
    } else if (question->outgoing) {
        result = flow_origin(flow, party, question->origin, error);
    } else {
        const struct channel_name name = {
            .environment = text_of(flow->config->environment),
            .domain = text_of(card->domain),
            .receiver = text_of(flow->config->party),
            .epoch = FLOW_EPOCH_FIRST,
        };
        result = channel_origin(&name, question->origin, error);
    }
    directory_release(&directory);
    return result;
}

enum result reconcile_question(struct flow *flow, struct store_reader *reader, struct text party,
                               bool outgoing, uint64_t first, size_t max, struct question *question,
                               struct error *error)
{
    struct arena arena = {0};
    const struct store_channel *channel = NULL;
    *question = (struct question){.outgoing = outgoing, .first = first, .max = max};
    (void)snprintf(question->party, sizeof question->party, "%.*s", TEXT_ARGS(party));
    enum result result = question_origin(flow, question, error);
    if (result == RESULT_OK) {
        result = flow_read_channel(reader, text_of(question->origin), &arena, &channel, error);
        result = result == RESULT_NOT_FOUND ? RESULT_OK : result;
    }
    if (result == RESULT_OK && channel != NULL) {
        question->channel = channel->number;
        question->size = channel->size;
        question->receipted = channel->receipt_size;
        question->held = channel->held;
    }
    arena_free(&arena);
    return result;
}

/* ---- what we hold ---- */

static enum frame_judgement judgement_of(const struct store_message *message)
{
    static const enum frame_judgement judgements[] = {
        [VERDICT_ACCEPTED] = JUDGEMENT_ACCEPTED,
        [VERDICT_ACCEPTED_WITH_WARNINGS] = JUDGEMENT_WARNINGS,
        [VERDICT_REFUSED] = JUDGEMENT_REFUSED,
        [VERDICT_DUPLICATE] = JUDGEMENT_DUPLICATE,
    };
    return message->judged_ms == 0 ? JUDGEMENT_NONE : judgements[message->outcome];
}

/* Our entries of a channel from `first`, at most `max`, as rows in `arena`. */
static enum result read_rows(struct store_reader *reader, uint32_t channel, uint64_t first,
                             size_t max, struct arena *arena, struct frame_row **rows,
                             size_t *count, struct error *error)
{
    struct store_message *messages = NULL;
    struct store_hashes hashes = {reader, channel};
    enum result result =
        store_read_messages(reader, channel, first, max, arena, &messages, count, error);
    if (result != RESULT_OK) {
        return result;
    }
    *rows = arena_alloc(arena, (*count + 1) * sizeof **rows);
    if (*rows == NULL) {
        return error_set(error, RESULT_NO_MEMORY, "no memory for %zu rows", *count);
    }
    for (size_t i = 0; i < *count && result == RESULT_OK; i++) {
        (*rows)[i] = (struct frame_row){.operation = messages[i].operation,
                                        .id = messages[i].id,
                                        .number = messages[i].number,
                                        .time_ms = messages[i].queued_ms,
                                        .judgement = judgement_of(&messages[i]),
                                        .taken = messages[i].delivered_ms != 0};
        result = store_read_hash(&hashes, messages[i].index, 0, &(*rows)[i].leaf, error);
    }
    return result;
}

/* ---- the answer ---- */

enum result reconcile_answer(struct store_reader *reader, struct text partner,
                             const struct frame_ask *ask, struct arena *arena, struct buffer *out,
                             struct error *error)
{
    const struct store_channel *channel = NULL;
    struct frame_row *rows = NULL;
    struct frame_holds holds = {.number = ask->number};
    enum result result = flow_read_channel(reader, ask->origin, arena, &channel, error);
    if (result != RESULT_OK && result != RESULT_NOT_FOUND) {
        return result;
    }
    if (result == RESULT_OK && text_equal(text_of(channel->partner), partner)) {
        holds.size = channel->size;
    }
    if (ask->first < holds.size && ask->max > 0) {
        uint64_t left = holds.size - ask->first;
        size_t max = (size_t)(left < ask->max ? left : ask->max);
        result =
            read_rows(reader, channel->number, ask->first, max, arena, &rows, &holds.count, error);
        if (result != RESULT_OK) {
            return result;
        }
    }
    holds.rows = rows;
    frame_holds_pack(&holds, out);
    return buffer_check(out, error);
}

/* ---- the comparison ---- */

static enum mismatch compare_held(const struct question *question, const struct frame_row *ours,
                                  const struct frame_row *theirs)
{
    const struct frame_row *sender = question->outgoing ? ours : theirs;
    const struct frame_row *receiver = question->outgoing ? theirs : ours;
    if (memcmp(&ours->leaf, &theirs->leaf, sizeof ours->leaf) != 0) {
        return MISMATCH_FORK;
    }
    if (operation_is_of_mesh(ours->operation)) {
        return MISMATCH_NONE;
    }
    if (receiver->judgement == JUDGEMENT_REFUSED) {
        return MISMATCH_REFUSED;
    }
    if (sender->judgement != receiver->judgement || sender->taken != receiver->taken) {
        return MISMATCH_VERDICT;
    }
    return receiver->taken || receiver->judgement == JUDGEMENT_DUPLICATE ? MISMATCH_NONE
                                                                         : MISMATCH_NOT_TAKEN;
}

static enum mismatch compare(const struct question *question, const struct comparison *row)
{
    if (row->ours != NULL && row->theirs != NULL) {
        return compare_held(question, row->ours, row->theirs);
    }
    if (row->theirs != NULL) {
        return question->outgoing ? MISMATCH_MISSING : MISMATCH_WAITING;
    }
    return question->outgoing && row->index >= question->receipted ? MISMATCH_WAITING
                                                                   : MISMATCH_LOST;
}

/* That the answer has the rows that its size promises. */
static enum result check_holds(const struct question *question, const struct frame_holds *holds,
                               struct error *error)
{
    uint64_t left = holds->size > question->first ? holds->size - question->first : 0;
    uint64_t due = left < question->max ? left : question->max;
    if (holds->count != due) {
        return error_set(error, RESULT_INVALID,
                         "%s says that it holds %llu entries of %s and shows %zu from entry %llu "
                         "on, where %llu were due; its node is not of this protocol",
                         question->party, (unsigned long long)holds->size, question->origin,
                         holds->count, (unsigned long long)question->first,
                         (unsigned long long)due);
    }
    return RESULT_OK;
}

enum result reconcile_compare(struct store_reader *reader, const struct question *question,
                              const struct frame_holds *holds, struct arena *arena,
                              struct comparison **rows, size_t *count, struct error *error)
{
    struct frame_row *ours = NULL;
    size_t our_count = 0;
    *count = 0;
    enum result result = check_holds(question, holds, error);
    if (result == RESULT_OK && question->channel != 0) {
        result = read_rows(reader, question->channel, question->first, question->max, arena, &ours,
                           &our_count, error);
    }
    if (result != RESULT_OK) {
        return result;
    }
    size_t most = our_count > holds->count ? our_count : holds->count;
    *rows = arena_alloc(arena, (most + 1) * sizeof **rows);
    if (*rows == NULL) {
        return error_set(error, RESULT_NO_MEMORY, "no memory for %zu rows", most);
    }
    for (size_t i = 0; i < most; i++) {
        struct comparison row = {.index = question->first + i,
                                 .ours = i < our_count ? &ours[i] : NULL,
                                 .theirs = i < holds->count ? &holds->rows[i] : NULL};
        if (row.theirs == NULL && row.index >= question->size) {
            break; /* it came while the partner answered */
        }
        row.mismatch = compare(question, &row);
        (*rows)[(*count)++] = row;
    }
    return RESULT_OK;
}
