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

static bool has_party(const struct config_agreement *agreement, struct text party)
{
    for (size_t i = 0; i < agreement->party_count; i++) {
        if (text_equal(text_of(agreement->parties[i]), party)) {
            return true;
        }
    }
    return false;
}

static bool has_menu(const struct config_agreement *agreement, uint32_t version)
{
    return version != 0 &&
           (agreement->menu_versions[0] == version || agreement->menu_versions[1] == version);
}

static const struct config_agreement *find_agreement(const struct config *config, struct text code)
{
    for (size_t i = 0; i < config->agreement_count; i++) {
        if (text_equal(text_of(config->agreements[i].code), code)) {
            return &config->agreements[i];
        }
    }
    return NULL;
}

const struct menu *flow_menu(const struct flow *flow, const struct message *message,
                             struct error *error)
{
    const struct config *config = flow->config;
    struct text code = message->agreement;
    const struct config_agreement *agreement = find_agreement(config, code);
    const struct menu *menu = rules_menu(flow->rules, code, message->menu_version);
    if (agreement == NULL) {
        (void)error_set(error, RESULT_NOT_FOUND,
                        "agreement '%.*s' is not known to %s; use one that both parties have, or "
                        "add it to the configuration",
                        TEXT_ARGS(code), config->party);
        return NULL;
    }
    if (!has_menu(agreement, message->menu_version) || menu == NULL) {
        (void)error_set(error, RESULT_NOT_FOUND,
                        "menu version %u of agreement '%.*s' is not known to %s; it has version %u",
                        message->menu_version, TEXT_ARGS(code), config->party,
                        agreement->menu_versions[0]);
        return NULL;
    }
    struct text lacking =
        has_party(agreement, message->exporter) ? message->importer : message->exporter;
    if (!has_party(agreement, lacking)) {
        (void)error_set(error, RESULT_NOT_FOUND, "party '%.*s' is not in agreement '%.*s'",
                        TEXT_ARGS(lacking), TEXT_ARGS(code));
        return NULL;
    }
    return menu;
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
