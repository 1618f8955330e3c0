/* A push in the writer: what only the store can tell (is it held already, is the number taken),
 * then its entries, our verdict and our receipt, all in one batch. See arrival.h. */
#include "node/flow/arrival.h"

#include "keys/checkpoint.h"
#include "node/flow/append.h"
#include "node/flow/carried.h"
#include "node/flow/life.h"
#include "node/flow/own.h"
#include "proto/failpoint.h"

#define CONFLICT_BYTES    512
#define VERDICT_BYTES_MAX ((size_t)128 << 10) /* of remarks in one verdict, about */

/* ---- what the store knows of a document ---- */

static void remark(struct arrival *arrival, struct arrived *arrived, enum verdict_outcome outcome,
                   const char *code, const char *detail)
{
    if (arrived->remarks == NULL) {
        arrived->remarks = arena_zero(&arrival->arena, sizeof *arrived->remarks);
        if (arrived->remarks == NULL) {
            return;
        }
    }
    arrived->outcome = outcome;
    arrived->remark_count = 1;
    arrived->remarks[0] = (struct verdict_remark){
        .index = arrived->entry.index,
        .outcome = outcome,
        .code = text_of(code),
        .detail = arena_text(&arrival->arena, text_of(detail)),
    };
}

static enum result judge_id(struct arrival *arrival, struct arrived *arrived, struct store *store,
                            struct error *error)
{
    struct store_position held;
    char conflict[CONFLICT_BYTES];
    enum result result = store_find_message(store, &arrived->entry.id, &held, error);
    if (result != RESULT_OK) {
        return result == RESULT_NOT_FOUND ? RESULT_OK : result;
    }
    if (held.operation == arrived->entry.operation &&
        memcmp(&held.payload_hash, &arrived->entry.payload_hash, sizeof held.payload_hash) == 0) {
        remark(arrival, arrived, VERDICT_DUPLICATE, "duplicate",
               "the same message is held already; it has the effect of one");
        return RESULT_OK;
    }
    describe_conflict(store, &held, arrived->entry.operation, arrived->payload, conflict,
                      sizeof conflict);
    remark(arrival, arrived, VERDICT_REFUSED, "other-content", conflict);
    return RESULT_OK;
}

static enum result judge_number(struct arrival *arrival, struct arrived *arrived,
                                struct store *store, struct error *error)
{
    struct store_certificate certificate;
    char conflict[CONFLICT_BYTES];
    const struct message *message = &arrived->message;
    enum result result =
        store_find_certificate(store, message->exporter, message->number_key, &certificate, error);
    if (result != RESULT_OK && result != RESULT_NOT_FOUND) {
        return result;
    }
    if (message->operation == OPERATION_CO && result == RESULT_OK) {
        struct store_position held = {.channel = certificate.channel, .index = certificate.index};
        describe_conflict(store, &held, OPERATION_CO, arrived->payload, conflict, sizeof conflict);
        remark(arrival, arrived, VERDICT_REFUSED, "number-taken", conflict);
    } else if (message->operation != OPERATION_CO && result == RESULT_NOT_FOUND) {
        remark(arrival, arrived, VERDICT_REFUSED, "unknown-certificate",
               "no certificate of that number is held here; send it first");
    }
    return RESULT_OK;
}

/* What this push brought and our verdict refuses: it is stored, and does not count. */
static bool is_refused_here(const void *self, uint32_t channel, uint64_t index)
{
    const struct arrival *arrival = self;
    return channel == arrival->channel && index >= arrival->size_before &&
           index - arrival->size_before < arrival->count &&
           arrival->entries[index - arrival->size_before].outcome >= VERDICT_REFUSED;
}

/* That it fits what has been said about the certificate, down to the balance of its items. */
static enum result judge_life(struct arrival *arrival, struct arrived *arrived, struct store *store,
                              struct life *life, struct error *error)
{
    struct error refusal = {0};
    const char *code = NULL;
    enum result result = life_weigh(life, store, &arrived->message, arrived->payload,
                                    arrived->entry.time_ms, &code, &refusal);
    if (result == RESULT_OK || code != NULL) {
        if (code != NULL) {
            remark(arrival, arrived, VERDICT_REFUSED, code, refusal.message);
        }
        return RESULT_OK;
    }
    *error = refusal;
    return result;
}

static enum result judge_held(struct arrival *arrival, struct arrived *arrived, struct store *store,
                              struct life *life, struct error *error)
{
    if (operation_is_of_mesh(arrived->entry.operation)) {
        return RESULT_OK;
    }
    enum result result = judge_id(arrival, arrived, store, error);
    if (result == RESULT_OK && arrived->has_message && arrived->outcome < VERDICT_REFUSED) {
        result = judge_number(arrival, arrived, store, error);
    }
    if (result == RESULT_OK && arrived->has_message && arrived->outcome < VERDICT_REFUSED &&
        arrived->entry.operation != OPERATION_CO) {
        result = judge_life(arrival, arrived, store, life, error);
    }
    return result;
}

/* ---- the batch ---- */

/* A verdict may speak only of entries that we sent. */
static const struct verdict *verdict_sane(const struct arrived *arrived,
                                          const struct store_channel *ours)
{
    const struct verdict *verdict = arrived->verdict;
    uint64_t size = ours == NULL ? 0 : ours->size;
    if (verdict == NULL || verdict->first > size || verdict->count > size - verdict->first ||
        (verdict->has_taken && verdict->taken > size)) {
        return NULL;
    }
    return verdict;
}

struct store_entry arrival_row(const struct arrived *arrived, uint32_t channel, uint64_t time_ms)
{
    return (struct store_entry){
        .channel = channel,
        .entry = &arrived->entry,
        .entry_packed = arrived->packed,
        .payload = arrived->payload,
        .leaf = arrived->leaf,
        .message = arrived->has_message ? &arrived->message : NULL,
        .verdict = arrived->verdict,
        .card_serial = arrived->card_serial,
        .time_ms = time_ms,
    };
}

static enum result append_arrived(struct arrival *arrival, struct store *store, uint32_t channel,
                                  const struct store_channel *ours, struct error *error)
{
    uint64_t now_ms = world_wall_ms(arrival->flow->world);
    struct life life = {.skips = is_refused_here, .self = arrival};
    enum result result = RESULT_OK;
    for (size_t i = 0; i < arrival->count && result == RESULT_OK; i++) {
        struct arrived *arrived = &arrival->entries[i];
        result = judge_held(arrival, arrived, store, &life, error);
        if (result != RESULT_OK) {
            break;
        }
        struct store_entry row = arrival_row(arrived, channel, now_ms);
        row.verdict = verdict_sane(arrived, ours);
        result = store_append_entry(store, &row, error);
        if (row.verdict != NULL) {
            life.certificate = 0; /* it may have refused what the life in memory counts */
        }
    }
    life_end(&life);
    return result;
}

/* Gathers the remarks of the entries from `at` on, until the verdict is as large as it may be;
 * gives the entry to go on with. What has no remark is accepted. */
static size_t gather_remarks(const struct arrival *arrival, size_t at, uint64_t first,
                             struct verdict_remark *remarks, struct verdict *verdict)
{
    size_t bytes = 0;
    *verdict = (struct verdict){
        .first = first, .count = arrival->size_before + at - first, .remarks = remarks};
    for (; at < arrival->count; at++) {
        const struct arrived *arrived = &arrival->entries[at];
        if (verdict->remark_count + arrived->remark_count > VERDICT_REMARKS_MAX ||
            bytes > VERDICT_BYTES_MAX) {
            break;
        }
        for (size_t i = 0; i < arrived->remark_count; i++) {
            const struct verdict_remark *remark = &arrived->remarks[i];
            remarks[verdict->remark_count++] = *remark;
            bytes += remark->element.size + remark->place.size + remark->detail.size;
        }
        verdict->count++;
    }
    return at;
}

/* Our verdict on the push: one entry, more only when there are very many remarks. A push of
 * verdicts alone is not answered by a verdict, so that two nodes never talk for ever. */
static enum result append_verdicts(struct arrival *arrival, struct store *store, uint32_t channel,
                                   struct error *error)
{
    uint64_t first = store_channel(store, channel)->judged;
    bool documents = false;
    for (size_t i = 0; i < arrival->count; i++) {
        documents |= !operation_is_of_mesh(arrival->entries[i].entry.operation);
    }
    struct verdict_remark *remarks =
        arena_alloc(&arrival->arena, VERDICT_REMARKS_MAX * sizeof *remarks);
    if (remarks == NULL) {
        return error_set(error, RESULT_NO_MEMORY, "no memory for a verdict");
    }
    enum result result = RESULT_OK;
    for (size_t at = 0; documents && at < arrival->count && result == RESULT_OK;) {
        struct verdict verdict;
        at = gather_remarks(arrival, at, first, remarks, &verdict);
        first = verdict.first + verdict.count;
        result = append_verdict(arrival->flow, store, text_of(arrival->partner), &verdict, error);
    }
    return result;
}

/* Our cosignature. It leaves after the commit. */
static enum result cosign(struct arrival *arrival, const struct store_channel *ours,
                          uint64_t *time_s, struct error *error)
{
    const struct flow *flow = arrival->flow;
    struct own own = own_of(arrival->flow);
    char name[CARD_NAME_BYTES];
    uint64_t start = world_steady_ns(flow->world);
    const struct keypair *key = own_key(&own, KEY_RECEIPT, own_known(ours), error);
    card_key_name(own.card, KEY_RECEIPT, name);
    enum result result = key == NULL
                             ? error->code
                             : checkpoint_cosign(arrival->checkpoint_note, own.now_s, text_of(name),
                                                 key, &arrival->receipt, error);
    *time_s = own.now_s;
    own_release(&own);
    metrics_add(flow->metrics, METRIC_STEP_SIGN, world_steady_ns(flow->world) - start);
    return result == RESULT_OK ? buffer_check(&arrival->receipt, error) : result;
}

/* What the push brings to the batch: its entries, our verdict and our receipt. */
static enum result append_all(struct arrival *arrival, struct store *store, uint32_t channel,
                              const struct store_channel *ours, struct error *error)
{
    uint64_t time_s = 0;
    enum result result = cosign(arrival, ours, &time_s, error);
    if (result == RESULT_OK) {
        result = append_arrived(arrival, store, channel, ours, error);
    }
    if (result == RESULT_OK) {
        result = append_verdicts(arrival, store, channel, error);
    }
    return result == RESULT_OK
               ? store_append_receipt(store, channel, arrival->checkpoint_size, time_s,
                                      buffer_bytes(&arrival->receipt), error)
               : result;
}

enum result arrival_commit(struct work *work, struct store *store, struct error *error)
{
    struct arrival *arrival = (struct arrival *)work;
    const struct store_channel *channel = NULL;
    const struct store_channel *ours = NULL;
    char origin[ORIGIN_MAX_BYTES];
    enum result result = store_room(store, error);
    if (result == RESULT_OK) {
        result = append_may(arrival->flow, text_of(arrival->partner), error);
    }
    if (result == RESULT_OK) {
        result = store_channel_open(store, arrival->origin, text_of(arrival->partner),
                                    STORE_INCOMING, &channel, error);
    }
    if (result != RESULT_OK) {
        return result;
    }
    if (channel->held || channel->size != arrival->size_before) {
        return error_set(error, channel->held ? RESULT_HELD : RESULT_BUSY,
                         "%.*s: the entries before %llu were not stored",
                         TEXT_ARGS(arrival->origin), (unsigned long long)arrival->size_before);
    }
    uint32_t number = channel->number;
    arrival->channel = number;
    result = flow_origin(arrival->flow, text_of(arrival->partner), origin, error);
    if (result == RESULT_OK) {
        result = store_channel_open(store, text_of(origin), text_of(arrival->partner),
                                    STORE_OUTGOING, &ours, error);
    }
    if (result == RESULT_OK && arrival->card != NULL) {
        result = carried_take(arrival->flow, arrival->partner, arrival->card, error);
    }
    return result == RESULT_OK ? append_all(arrival, store, number, ours, error) : result;
}

enum result arrival_hold(struct work *work, struct store *store, struct error *error)
{
    struct arrival *arrival = (struct arrival *)work;
    const struct store_channel *channel = NULL;
    enum result result = store_channel_open(store, arrival->origin, text_of(arrival->partner),
                                            STORE_INCOMING, &channel, error);
    if (result == RESULT_OK && !channel->held) {
        result = store_append_hold(store, channel->number, text_of(arrival->fork.sentence),
                                   arrival->checkpoint_note, arrival->proof,
                                   world_wall_ms(arrival->flow->world), error);
    }
    return result;
}
