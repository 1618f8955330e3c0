/* Reminders in the log. See remind.h. */
#include "node/remind.h"

#include "keys/text.h"

#include <inttypes.h>

#define DAY_S ((uint64_t)86400)

/* Days before a role is left without a key at which a warning is due. */
static const uint64_t warnings[] = {60, 30, 7};

/* The days that are left, when a warning has come due since `before_s`; UINT64_MAX otherwise. */
static uint64_t days_due(uint64_t until_s, uint64_t before_s, uint64_t now_s)
{
    for (size_t i = 0; i < sizeof warnings / sizeof warnings[0]; i++) {
        uint64_t at_s = until_s - warnings[i] * DAY_S;
        if (now_s < until_s && at_s > before_s && at_s <= now_s) {
            return (until_s - now_s) / DAY_S;
        }
    }
    return UINT64_MAX;
}

/* Own keys begin and end by their dates alone. */
static void remind_of_key(const struct card_key *key, enum key_role role, uint64_t before_s,
                          uint64_t now_s)
{
    char time[TEXT_TIME_BYTES];
    if (before_s > 0 && key->from_s > before_s && key->from_s <= now_s) {
        text_time(key->from_s, time);
        log_event(LOG_LEVEL_INFO, "key", "key begins", "role=%s from=%s", key_role_text(role),
                  time);
    }
    if (key->until_s > before_s && key->until_s <= now_s) {
        text_time(key->until_s, time);
        log_event(LOG_LEVEL_INFO, "key", "key ended",
                  "role=%s until=%s remedy=\"comesh key prune, when it is of no use\"",
                  key_role_text(role), time);
    }
}

/* A role of a card, own or a partner's, that is soon left without a key. */
static void remind_of_role(const struct card *card, enum key_role role, uint64_t before_s,
                           uint64_t now_s, const char *remedy)
{
    uint64_t last_s = 0;
    char until[TEXT_TIME_BYTES];
    for (size_t i = 0; i < card->key_count[role]; i++) {
        last_s = card->keys[role][i].until_s > last_s ? card->keys[role][i].until_s : last_s;
    }
    uint64_t days = days_due(last_s, before_s, now_s);
    if (days != UINT64_MAX) {
        text_time(last_s, until);
        log_event(LOG_LEVEL_WARNING, "key", "last key ends soon",
                  "party=%s role=%s until=%s days=%" PRIu64 " remedy=\"%s\"", card->party,
                  key_role_text(role), until, days, remedy);
    }
}

static void remind_of_keys(struct flow *flow, uint64_t before_s, uint64_t now_s)
{
    struct directory *directory = flow_directory(flow);
    const struct card *own = directory_own(directory);
    const struct card_key *key;
    const struct card *partner;
    enum key_role role;
    for (size_t i = 0; (key = card_key_at(own, i, &role)) != NULL; i++) {
        remind_of_key(key, role, before_s, now_s);
    }
    for (unsigned each = 0; each < KEY_ROLE_COUNT; each++) {
        role = (enum key_role)each;
        remind_of_role(own, role, before_s, now_s, "comesh key rotate");
        for (size_t i = 0; (partner = directory_at(directory, i)) != NULL; i++) {
            remind_of_role(partner, role, before_s, now_s, "ask the partner for its next card");
        }
    }
    directory_release(&directory);
}

void remind_of_ends(struct flow *flow, uint64_t before_s)
{
    uint64_t now_s = world_wall_ms(flow->world) / 1000;
    struct agreements *agreements = flow_agreements(flow);
    const struct agreement *agreement;
    remind_of_keys(flow, before_s, now_s);
    for (size_t i = 0; (agreement = agreements_at(agreements, i)) != NULL; i++) {
        char until[TEXT_TIME_BYTES];
        uint32_t days = 0;
        if (agreements_warns(agreements, agreement, before_s, now_s, &days)) {
            text_time(agreement->until_s, until);
            log_event(LOG_LEVEL_WARNING, "agreement", days == 0 ? "ended" : "ends soon",
                      "code=%s version=%u until=%s days=%u grace_days=%u remedy=\"sign the next "
                      "version: comesh help agreement\"",
                      agreement->code, agreement->version, until, days, agreement->grace_days);
        }
    }
    agreements_release(&agreements);
}

static void remind_of_lists(const struct flow *flow, const struct agreement *agreement)
{
    for (size_t i = 0; i < agreement->list_count; i++) {
        const struct agreement_list *named = &agreement->lists[i];
        const struct code_list *held = code_list_in(rules_codes(flow->rules), named->id);
        if (!text_equal(text_of(held->edition), text_of(named->edition))) {
            log_event(LOG_LEVEL_WARNING, "agreement", "another edition of a code list",
                      "code=%s list=%s agreed=\"%s\" held=\"%s\" remedy=\"comesh codes import\"",
                      agreement->code, held->name, named->edition, held->edition);
        }
    }
}

void remind_of_differences(struct flow *flow)
{
    uint64_t now_s = world_wall_ms(flow->world) / 1000;
    const struct config *config = flow->config;
    struct agreements *agreements = flow_agreements(flow);
    const struct agreement *agreement;
    for (size_t i = 0; i < config->agreement_count; i++) {
        if (agreements_version(agreements, text_of(config->agreements[i].code), 0) != NULL) {
            log_event(LOG_LEVEL_WARNING, "agreement", "a section has no effect",
                      "code=%s file=%s line=%zu reason=\"the agreement is signed\"",
                      config->agreements[i].code, config->path, config->agreements[i].line);
        }
    }
    for (size_t i = 0; (agreement = agreements_at(agreements, i)) != NULL; i++) {
        if (agreements_in_force(agreements, text_of(agreement->code), now_s) == agreement) {
            remind_of_lists(flow, agreement);
        }
    }
    agreements_release(&agreements);
}
