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

/* ---- what is known of partners, a bit for each code ---- */

static bool bit_is_set(const _Atomic uint32_t bits[26], struct text party)
{
    return name_is_party(party) &&
           (atomic_load(&bits[party.data[0] - 'A']) >> (party.data[1] - 'A') & 1) != 0;
}

static void bit_put(_Atomic uint32_t bits[26], struct text party, bool set)
{
    if (name_is_party(party)) {
        const uint32_t bit = UINT32_C(1) << (party.data[1] - 'A');
        _Atomic uint32_t *word = &bits[party.data[0] - 'A'];
        (void)(set ? atomic_fetch_or(word, bit) : atomic_fetch_and(word, ~bit));
    }
}

bool flow_is_behind(const struct flow *flow, struct text partner)
{
    return bit_is_set(flow->behind, partner);
}

void flow_set_behind(struct flow *flow, struct text partner, bool behind)
{
    bit_put(flow->behind, partner, behind);
}

bool flow_is_heard(const struct flow *flow, struct text partner)
{
    return bit_is_set(flow->heard, partner);
}

void flow_set_heard(struct flow *flow, struct text partner)
{
    bit_put(flow->heard, partner, true);
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
