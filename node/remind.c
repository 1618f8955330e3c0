/* Reminders in the log. See remind.h. */
#include "node/remind.h"

#include "keys/text.h"

void remind_of_ends(struct flow *flow, uint64_t before_s)
{
    uint64_t now_s = world_wall_ms(flow->world) / 1000;
    struct agreements *agreements = flow_agreements(flow);
    const struct agreement *agreement;
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
