/* Checks of a spool: whether somebody serves it, what waits in it and what was refused. See
 * doctor.h. */
#include "tools/comesh/doctor.h"
#include "tools/comesh/spool.h"

void doctor_spool(struct doctor *doctor, const char *folder)
{
    const struct spool spool = {.path = folder, .watch = -1, .lock = -1};
    struct checkup *checkup = &doctor->checkup;
    size_t waiting = 0;
    size_t refused = 0;
    struct error error;
    enum result result = spool_count(&spool, "out", "", &waiting, &error);
    if (result == RESULT_OK) {
        result = spool_count(&spool, "error", SPOOL_PROBLEM, &refused, &error);
    }
    if (result != RESULT_OK) {
        checkup_add(checkup, CHECKUP_FAILED, "spool",
                    "comesh spool makes the folders that are missing; run it as their owner", "%s",
                    error.message);
        return;
    }
    bool served = spool_is_served(&spool);
    if (served) {
        checkup_add(checkup, CHECKUP_OK, "spool", NULL, "%s is served; %zu in out/", folder,
                    waiting);
    } else {
        checkup_add(checkup, waiting > 0 ? CHECKUP_FAILED : CHECKUP_WARNING, "spool",
                    "start comesh spool for it, as a service",
                    "%s is served by no process; %zu in "
                    "out/",
                    folder, waiting);
    }
    if (refused > 0) {
        checkup_add(checkup, CHECKUP_WARNING, "spool",
                    "mend them by what stands beside them, and take them out of error/",
                    "%zu document%s refused, in %s/error", refused,
                    refused == 1 ? " was" : "s were", folder);
    }
}
