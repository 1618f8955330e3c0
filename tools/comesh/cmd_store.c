/* comesh rebuild and verify: work on the whole store, done by comeshd itself. */
#include "tools/comesh/command.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <unistd.h>

/* comeshd beside this program, or else on the path. */
static void find_daemon(char *out, size_t size)
{
    char self[PATH_MAX];
    ssize_t length = readlink("/proc/self/exe", self, sizeof self - 1);
    (void)snprintf(out, size, "comeshd");
    if (length > 0) {
        self[length] = '\0';
        char *slash = strrchr(self, '/');
        *slash = '\0';
        char beside[PATH_MAX + 16];
        (void)snprintf(beside, sizeof beside, "%s/comeshd", self);
        if (access(beside, X_OK) == 0) {
            (void)snprintf(out, size, "%s", beside);
        }
    }
}

/* Becomes `comeshd --config DIR/comesh.zpl OPTION`; comes back only when that fails. */
static enum result become_daemon(struct call *call, const char *option, struct error *error)
{
    char daemon[PATH_MAX + 16];
    char config[PATH_MAX];
    find_daemon(daemon, sizeof daemon);
    (void)snprintf(config, sizeof config, "%s/comesh.zpl", call->directory);
    (void)execlp(daemon, daemon, "--config", config, option, (char *)NULL);
    return error_system(error, errno, "%s", daemon);
}

static enum result rebuild(struct call *call, struct error *error)
{
    return become_daemon(call, "--rebuild", error);
}

static enum result verify(struct call *call, struct error *error)
{
    return become_daemon(call, "--verify", error);
}

const struct command command_rebuild = {
    .name = "rebuild",
    .operands = "",
    .summary = "make the views of the store again from its journal; the node must be stopped",
    .examples = "  comesh -C /srv/kr rebuild\n",
    .run = rebuild,
};

const struct command command_verify = {
    .name = "verify",
    .operands = "",
    .summary = "prove the whole store again: checksums, roots, all signatures",
    .examples = "  comesh -C /srv/kr verify\n",
    .details = "Recomputes every leaf and root from the journal, and verifies both signatures of\n"
               "every receipt with the cards that are held. The first damage is named and gives\n"
               "exit code 65.\n",
    .run = verify,
};
