/* How a lane begins. See greeting.h. */
#include "node/flow/greeting.h"

#include "keys/checkpoint.h"
#include "node/flow/own.h"

enum result refuse_clock(uint64_t theirs_ms, uint64_t ours_ms, struct refused *refused)
{
    char theirs[TIMESTAMP_BYTES];
    char ours[TIMESTAMP_BYTES];
    timestamp_format(theirs_ms, theirs);
    timestamp_format(ours_ms, ours);
    return refuse_with(refused, REFUSAL_CLOCK, 0, RESULT_DENIED,
                       "your clock says %s and ours %s; set the clock that is wrong", theirs, ours);
}

enum result greeting_check(struct flow *flow, const char *partner, const struct frame_hello *hello,
                           struct refused *refused)
{
    const struct config *config = flow->config;
    struct channel_name name;
    struct error error;
    uint64_t now_ms = world_wall_ms(flow->world);
    if (!text_equal(hello->party, text_of(partner))) {
        return refuse_with(refused, REFUSAL_PARTY, 0, RESULT_UNTRUSTED,
                           "the hello says party '%.*s', the transport key is of '%s'",
                           TEXT_ARGS(hello->party), partner);
    }
    if (!text_equal(hello->environment, text_of(config->environment))) {
        return refuse_with(refused, REFUSAL_ENVIRONMENT, 0, RESULT_DENIED,
                           "the hello says environment '%.*s', this node is in '%s'",
                           TEXT_ARGS(hello->environment), config->environment);
    }
    if (hello->time_ms > now_ms + FLOW_CLOCK_AHEAD_MS) {
        return refuse_clock(hello->time_ms, now_ms, refused);
    }
    struct directory *directory = flow_directory(flow);
    const struct card *card = directory_party(directory, text_of(partner));
    bool ours = card != NULL && channel_parse(hello->origin, &name, &error) == RESULT_OK &&
                text_equal(name.environment, text_of(config->environment)) &&
                text_equal(name.domain, text_of(card->domain)) &&
                text_equal(name.receiver, text_of(config->party));
    directory_release(&directory);
    if (!ours) {
        return refuse_with(refused, REFUSAL_CHANNEL, 0, RESULT_DENIED,
                           "channel '%.*s' is not from %s to %s in %s", TEXT_ARGS(hello->origin),
                           partner, config->party, config->environment);
    }
    return RESULT_OK;
}

uint32_t greeting_version(const struct frame_hello *hello)
{
    for (size_t i = 0; i < hello->version_count; i++) {
        if (lane_version_is_spoken(hello->versions[i])) {
            return hello->versions[i];
        }
    }
    return 0;
}

enum result greeting_renew(struct flow *flow, struct bytes *note, struct buffer *renewed,
                           struct error *error)
{
    struct own own = own_of(flow);
    struct error ignored;
    struct checkpoint checkpoint;
    char name[CARD_NAME_BYTES];
    uint64_t time_s = 0;
    enum result result = RESULT_OK;
    if (checkpoint_verify_receipt(*note, own.card, &checkpoint, &time_s, &ignored) != RESULT_OK) {
        const struct keypair *key = own_key(&own, KEY_RECEIPT, 0, error);
        card_key_name(own.card, KEY_RECEIPT, name);
        result = key == NULL ? error->code
                             : checkpoint_cosign(checkpoint_without_receipt(*note), own.now_s,
                                                 text_of(name), key, renewed, error);
        *note = buffer_bytes(renewed);
    }
    own_release(&own);
    return result;
}
