/* Which version counts when: its life by the clock, and whom it vouches for. See agreements.h. */
#include "keys/agreements.h"

enum agreement_state agreements_state(const struct agreements *agreements,
                                      const struct agreement *agreement, uint64_t now_s)
{
    uint64_t end_s = agreement->until_s;
    const struct agreement *other;
    for (size_t i = 0; (other = agreements_at(agreements, i)) != NULL; i++) {
        if (text_equal(text_of(other->code), text_of(agreement->code)) &&
            other->version > agreement->version && other->from_s < end_s) {
            end_s = other->from_s;
        }
    }
    if (now_s < end_s) {
        return now_s < agreement->from_s ? AGREEMENT_COMING : AGREEMENT_IN_FORCE;
    }
    return now_s < end_s + agreement->grace_days * AGREEMENT_DAY_S ? AGREEMENT_GRACE
                                                                   : AGREEMENT_ENDED;
}

bool agreements_warns(const struct agreements *agreements, const struct agreement *agreement,
                      uint64_t before_s, uint64_t now_s, uint32_t *days)
{
    static const uint64_t days_before[] = {60, 30, 7, 0};
    const uint64_t end_s = agreement->until_s;
    const struct agreement *newest = agreements_version(agreements, text_of(agreement->code), 0);
    uint64_t moment_s = end_s + agreement->grace_days * AGREEMENT_DAY_S;
    bool due = before_s < moment_s && now_s >= moment_s;
    for (size_t i = 0; i < sizeof days_before / sizeof days_before[0]; i++) {
        uint64_t ahead_s = days_before[i] * AGREEMENT_DAY_S;
        moment_s = end_s > ahead_s ? end_s - ahead_s : 0;
        due = due || (before_s < moment_s && now_s >= moment_s);
    }
    *days =
        now_s >= end_s ? 0 : (uint32_t)((end_s - now_s + AGREEMENT_DAY_S - 1) / AGREEMENT_DAY_S);
    return due && agreement == newest;
}

const char *agreement_state_text(enum agreement_state state)
{
    static const char *const texts[] = {[AGREEMENT_COMING] = "to come",
                                        [AGREEMENT_IN_FORCE] = "in force",
                                        [AGREEMENT_GRACE] = "in its grace",
                                        [AGREEMENT_ENDED] = "ended"};
    return texts[state];
}

const struct agreement *agreements_in_force(const struct agreements *agreements, struct text code,
                                            uint64_t now_s)
{
    const struct agreement *found = NULL;
    const struct agreement *agreement;
    for (size_t i = 0; (agreement = agreements_at(agreements, i)) != NULL; i++) {
        if (text_equal(text_of(agreement->code), code) && agreement->from_s <= now_s) {
            found = agreement;
        }
    }
    return found != NULL && agreements_state(agreements, found, now_s) != AGREEMENT_ENDED ? found
                                                                                          : NULL;
}

bool agreements_vouch(const struct agreements *agreements, struct text party, struct text domain,
                      const uint8_t identity[KEY_PUBLIC_BYTES], uint64_t now_s)
{
    const struct agreement *agreement;
    for (size_t i = 0; (agreement = agreements_at(agreements, i)) != NULL; i++) {
        const struct agreement_party *named = agreement_party(agreement, party);
        if (named != NULL && text_equal(text_of(named->domain), domain) &&
            memcmp(named->identity, identity, KEY_PUBLIC_BYTES) == 0 &&
            agreements_in_force(agreements, text_of(agreement->code), now_s) == agreement) {
            return true;
        }
    }
    return false;
}

static bool names_identity(const struct agreement *agreement, struct text party,
                           const uint8_t identity[KEY_PUBLIC_BYTES])
{
    const struct agreement_party *named = agreement_party(agreement, party);
    return named != NULL && memcmp(named->identity, identity, KEY_PUBLIC_BYTES) == 0;
}

/* Whether a version of the same agreement, before this one, named that identity for the party. */
static bool named_before(const struct agreements *agreements, const struct agreement *agreement,
                         struct text party, const uint8_t identity[KEY_PUBLIC_BYTES])
{
    const struct agreement *before;
    for (size_t i = 0; (before = agreements_at(agreements, i)) != NULL; i++) {
        if (text_equal(text_of(before->code), text_of(agreement->code)) &&
            before->version < agreement->version && names_identity(before, party, identity)) {
            return true;
        }
    }
    return false;
}

bool agreements_replaced(const struct agreements *agreements, struct text party,
                         const uint8_t identity[KEY_PUBLIC_BYTES], uint64_t now_s)
{
    const struct agreement *agreement;
    for (size_t i = 0; (agreement = agreements_at(agreements, i)) != NULL; i++) {
        if (agreement_party(agreement, party) != NULL &&
            !names_identity(agreement, party, identity) &&
            named_before(agreements, agreement, party, identity) &&
            agreements_in_force(agreements, text_of(agreement->code), now_s) == agreement) {
            return true;
        }
    }
    return false;
}
