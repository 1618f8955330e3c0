/* comesh doctor: is the own node well, and what to do where it is not. */
#include "keys/text.h"
#include "node/core/world.h"
#include "tools/comesh/doctor.h"

#include <stdlib.h>

#define DAY_S ((uint64_t)86400)

const char *doctor_end(const struct doctor *doctor, uint64_t until_s, char out[DOCTOR_END_BYTES])
{
    char time[TEXT_TIME_BYTES];
    uint64_t days = until_s > doctor->now_s ? (until_s - doctor->now_s) / DAY_S : 0;
    text_time(until_s, time);
    if (until_s <= doctor->now_s) {
        (void)snprintf(out, DOCTOR_END_BYTES, "ended at %s", time);
    } else {
        (void)snprintf(out, DOCTOR_END_BYTES, "ends in %llu day%s (%s)", (unsigned long long)days,
                       days == 1 ? "" : "s", time);
    }
    return out;
}

enum checkup_level doctor_end_within(const struct doctor *doctor, uint64_t until_s, uint64_t days)
{
    if (until_s <= doctor->now_s) {
        return CHECKUP_FAILED;
    }
    return until_s - doctor->now_s <= days * DAY_S ? CHECKUP_WARNING : CHECKUP_OK;
}

enum checkup_level doctor_end_level(const struct doctor *doctor, uint64_t until_s)
{
    return doctor_end_within(doctor, until_s, DOCTOR_WARN_DAYS);
}

/* In the order in which one finds the cause of another. */
static void (*const checks[])(struct doctor *doctor) = {
    doctor_keys,     doctor_cards,    doctor_own_card,  doctor_partners, doctor_agreements,
    doctor_audit,    doctor_store,    doctor_running,   doctor_limits,   doctor_clock,
    doctor_lanes,    doctor_channels, doctor_queue,     doctor_public,   doctor_private,
    doctor_outbound, doctor_webhooks, doctor_leftovers,
};

static enum result run(struct call *call, struct error *error)
{
    struct doctor doctor = {.now_s = world_wall_ms(world_real()) / 1000};
    struct config *config = NULL;
    struct error wrong = {0};
    const char *spool;
    size_t cursor = 0;
    enum result result = node_config(call, &config, &wrong);
    if (result == RESULT_NOT_FOUND) {
        *error = wrong;
        return result;
    }
    call->exit_code = 0; /* a wrong configuration is a finding, told like the others */
    checkup_begin(&doctor.checkup);
    if (result != RESULT_OK) {
        checkup_add(&doctor.checkup, CHECKUP_FAILED, "configuration",
                    "mend it; nothing else was checked", "%s", wrong.message);
    } else {
        doctor.config = config;
        checkup_add(&doctor.checkup, CHECKUP_OK, "configuration", NULL, "%s: %s, %s, %s",
                    config->path, config->party, config->environment, config->domain);
        for (size_t i = 0; i < sizeof checks / sizeof checks[0]; i++) {
            checks[i](&doctor);
        }
        while ((spool = call_next(call, "spool", &cursor)) != NULL) {
            doctor_spool(&doctor, spool);
        }
    }
    client_close(&doctor.client);
    directory_release(&doctor.directory);
    free(config);
    return checkup_end(&doctor.checkup, call, error);
}

const struct command command_doctor = {
    .name = "doctor",
    .operands = "",
    .summary = "check the own node: files, keys, cards, listeners, and the running process",
    .examples = "  comesh doctor\n"
                "  comesh doctor --json\n"
                "  comesh doctor --spool /srv/spool\n",
    .details = "Each check with its result, and with what to do where it is not well. It changes "
               "nothing,\n"
               "asks for no passphrase, and says what it can whether the node runs or not. The "
               "exit code is\n"
               "1 when a check failed; warnings alone leave it at 0.\n",
    .options =
        {
            {"spool", "FOLDER", "look at this one of comesh spool too; as often as needed", true},
        },
    .json = true,
    .run = run,
};
