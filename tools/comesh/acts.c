/* Acts of trust for the audit log. See acts.h. */
#include "tools/comesh/acts.h"

#include "keys/audit.h"
#include "node/core/world.h"

#include <inttypes.h>
#include <stdio.h>

enum result act_record(const struct call *call, const char *directory, const char *verb,
                       const char *subject, const char *detail, struct error *error)
{
    const struct audit_act act = {.time_s = world_wall_ms(world_real()) / 1000,
                                  .who = text_of(call_value(call, "by")),
                                  .verb = text_of(verb),
                                  .subject = text_of(subject),
                                  .detail = text_of(detail)};
    return audit_append(directory, &act, error);
}

enum result act_record_card(const struct call *call, const char *directory, const char *verb,
                            const struct card *card, struct error *error)
{
    char digits[FINGERPRINT_DIGITS_BYTES];
    char detail[FINGERPRINT_DIGITS_BYTES + DOMAIN_MAX_BYTES + 64];
    card_fingerprint(card, digits);
    (void)snprintf(detail, sizeof detail, "serial %" PRIu64 ", %s, fingerprint %s", card->serial,
                   card->domain, digits);
    return act_record(call, directory, verb, card->party, detail, error);
}
