/* What the pages of the flow share. See flow.h. */
#include "node/flow/flow.h"

#include "proto/name.h"

struct directory *flow_directory(struct flow *flow)
{
    (void)pthread_mutex_lock(&flow->directory_lock);
    struct directory *shared = directory_share(flow->directory);
    (void)pthread_mutex_unlock(&flow->directory_lock);
    return shared;
}

void flow_set_directory(struct flow *flow, struct directory **directory)
{
    (void)pthread_mutex_lock(&flow->directory_lock);
    struct directory *old = flow->directory;
    flow->directory = *directory;
    *directory = NULL;
    (void)pthread_mutex_unlock(&flow->directory_lock);
    directory_release(&old);
}

void flow_set_unlocked(struct flow *flow, struct unlocked **unlocked)
{
    (void)pthread_mutex_lock(&flow->directory_lock);
    struct unlocked *old = flow->unlocked;
    flow->unlocked = *unlocked;
    *unlocked = NULL;
    (void)pthread_mutex_unlock(&flow->directory_lock);
    unlocked_release(&old);
}

struct agreements *flow_agreements(struct flow *flow)
{
    (void)pthread_mutex_lock(&flow->directory_lock);
    struct agreements *shared =
        flow->agreements == NULL ? NULL : agreements_share(flow->agreements);
    (void)pthread_mutex_unlock(&flow->directory_lock);
    return shared;
}

void flow_set_agreements(struct flow *flow, struct agreements **agreements)
{
    (void)pthread_mutex_lock(&flow->directory_lock);
    struct agreements *old = flow->agreements;
    flow->agreements = *agreements;
    *agreements = NULL;
    (void)pthread_mutex_unlock(&flow->directory_lock);
    agreements_release(&old);
}

static uint32_t behind_bit(struct text partner)
{
    return name_is_party(partner) ? UINT32_C(1) << (partner.data[1] - 'A') : 0;
}

bool flow_is_behind(const struct flow *flow, struct text partner)
{
    uint32_t bit = behind_bit(partner);
    return bit != 0 && (atomic_load(&flow->behind[partner.data[0] - 'A']) & bit) != 0;
}

void flow_set_behind(struct flow *flow, struct text partner, bool behind)
{
    uint32_t bit = behind_bit(partner);
    if (bit != 0 && behind) {
        (void)atomic_fetch_or(&flow->behind[partner.data[0] - 'A'], bit);
    } else if (bit != 0) {
        (void)atomic_fetch_and(&flow->behind[partner.data[0] - 'A'], ~bit);
    }
}

enum result flow_origin(const struct flow *flow, struct text partner, char out[ORIGIN_MAX_BYTES],
                        struct error *error)
{
    const struct channel_name name = {
        .environment = text_of(flow->config->environment),
        .domain = text_of(flow->config->domain),
        .receiver = partner,
        .epoch = FLOW_EPOCH_FIRST,
    };
    return channel_origin(&name, out, error);
}

enum result flow_read_channel(struct store_reader *reader, struct text origin, struct arena *arena,
                              const struct store_channel **channel, struct error *error)
{
    const struct store_channel *channels = NULL;
    size_t count = 0;
    *channel = NULL;
    enum result result = store_read_channels(reader, arena, &channels, &count, error);
    if (result != RESULT_OK) {
        return result;
    }
    for (size_t i = 0; i < count; i++) {
        if (text_equal(text_of(channels[i].origin), origin)) {
            *channel = &channels[i];
            return RESULT_OK;
        }
    }
    return RESULT_NOT_FOUND;
}
