/* What the pages of the flow share. See flow.h. */
#include "node/flow/flow.h"

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
