/* A card that a channel carries. See carried.h. */
#include "node/flow/carried.h"

#include "keys/audit.h"
#include "node/flow/trust.h"
#include "node/flow/vouch.h"

#include <inttypes.h>
#include <stdio.h>

static void tell(const struct flow *flow, const struct card *card)
{
    char detail[128];
    struct error error;
    (void)snprintf(detail, sizeof detail, "serial %" PRIu64 ", carried by its channel",
                   card->serial);
    const struct audit_act act = {.time_s = world_wall_ms(flow->world) / 1000,
                                  .who = TEXT("comeshd"),
                                  .verb = TEXT("card take"),
                                  .subject = text_of(card->party),
                                  .detail = text_of(detail)};
    log_event(LOG_LEVEL_INFO, "accept", "a new card by the channel", "partner=%s serial=%" PRIu64,
              card->party, card->serial);
    if (audit_append(flow->config->directory, &act, &error) != RESULT_OK) {
        log_error("accept", "audit log", &error);
    }
}

/* What refuses a card that came over the lane refuses this one too; no agreement speaks for another
 * identity here, because this one's key has just signed the channel. */
static enum result take(struct flow *flow, const struct card *card, const char *path, bool *news,
                        struct error *error)
{
    if (!trust_may_keep(flow->trust, FRAME_CARD, card->party)) {
        return error_set(error, RESULT_DENIED, "card of %s: no more are taken today", card->party);
    }
    enum result result = vouch_check(flow, card, error);
    if (result == RESULT_OK) {
        result = directory_take(path, card, NULL, news, error);
    }
    if (result == RESULT_OK && *news) {
        trust_kept(flow->trust, FRAME_CARD, card->party);
    }
    return result;
}

/* The snapshot has it: it may be on the disk, taken over the lane a moment ago, and not there. */
static bool is_known(struct flow *flow, const struct card *card)
{
    struct directory *directory = flow_directory(flow);
    const struct card *held = directory_party(directory, text_of(card->party));
    bool known = held != NULL && held->serial >= card->serial;
    directory_release(&directory);
    return known;
}

static enum result refresh(struct flow *flow, const char *path, struct error *error)
{
    struct directory *directory = NULL;
    if (flow->refresh != NULL) {
        return flow->refresh(flow->self, error);
    }
    enum result result =
        directory_load(path, text_of(flow->config->environment), &directory, error);
    if (result == RESULT_OK) {
        flow_set_directory(flow, &directory);
    }
    return result;
}

enum result carried_take(struct flow *flow, const char *partner, const struct card *card,
                         struct error *error)
{
    char path[CONFIG_PATH_BYTES];
    bool news = false;
    if (!text_equal(text_of(card->party), text_of(partner))) {
        log_event(LOG_LEVEL_WARNING, "accept", "a card of another party is passed over",
                  "partner=%s card_of=%s", partner, card->party);
        return RESULT_OK;
    }
    enum result result = config_place(flow->config, "cards", path, error);
    if (result == RESULT_OK) {
        result = take(flow, card, path, &news, error);
    }
    if (result == RESULT_CONFLICT || result == RESULT_UNTRUSTED || result == RESULT_INVALID ||
        result == RESULT_DENIED) {
        log_error("accept", "the card that the channel carries is not taken", error);
        return RESULT_OK;
    }
    if (result == RESULT_OK && news) {
        tell(flow, card);
    }
    return result == RESULT_OK && !is_known(flow, card) ? refresh(flow, path, error) : result;
}
