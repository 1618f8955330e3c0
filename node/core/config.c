/* The configuration: a file read, and what its options mean together. See config.h. */
#include "node/core/config.h"

#include "node/core/config_read.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/un.h>

/* `path` as seen from `folder`; false when it does not fit. */
static bool join(const char *folder, const char *path, char out[CONFIG_PATH_BYTES])
{
    int length = path[0] == '/' ? snprintf(out, CONFIG_PATH_BYTES, "%s", path)
                                : snprintf(out, CONFIG_PATH_BYTES, "%s/%s", folder, path);
    return length >= 0 && (size_t)length < CONFIG_PATH_BYTES;
}

static void folder_of(const char *path, char out[CONFIG_PATH_BYTES])
{
    (void)snprintf(out, CONFIG_PATH_BYTES, "%s", path);
    char *slash = strrchr(out, '/');
    if (slash == NULL) {
        (void)snprintf(out, CONFIG_PATH_BYTES, ".");
    } else {
        slash[slash == out ? 1 : 0] = '\0';
    }
}

/* Makes the node's directory absolute, seen from the folder of the file. */
static void resolve_directory(struct reading *reading)
{
    struct config *config = reading->config;
    char folder[CONFIG_PATH_BYTES];
    char joined[CONFIG_PATH_BYTES];
    char real[PATH_MAX];
    folder_of(config->path, folder);
    const char *given = config->directory[0] == '\0' ? "." : config->directory;
    errno = ENAMETOOLONG;
    if (!join(folder, given, joined) || realpath(joined, real) == NULL ||
        strlen(real) >= CONFIG_PATH_BYTES) {
        problem_add(&reading->problems, config_line_of(reading, "node", "directory"),
                    "node.directory", "'%.100s' cannot be used: %s; accepted: a folder that exists",
                    given, strerrordesc_np(errno));
        return;
    }
    memcpy(config->directory, real, strlen(real) + 1);
}

/* Makes the socket's path absolute, seen from the node's directory; unix(7) bounds its length. */
static void resolve_socket(struct reading *reading)
{
    struct config *config = reading->config;
    size_t most = sizeof((struct sockaddr_un *)0)->sun_path - 1;
    char joined[CONFIG_PATH_BYTES];
    if (!join(config->directory, config->control_socket, joined) || strlen(joined) > most) {
        problem_add(&reading->problems, config_line_of(reading, "control", "socket"),
                    "control.socket",
                    "'%.100s' is too long for a socket with its folder '%.200s'; accepted: a path "
                    "of at most %zu bytes in all",
                    config->control_socket, config->directory, most);
        return;
    }
    memcpy(config->control_socket, joined, strlen(joined) + 1);
}

static bool takes_part(const struct config_agreement *agreement, const char *party)
{
    for (size_t i = 0; i < agreement->party_count; i++) {
        if (strcmp(agreement->parties[i], party) == 0) {
            return true;
        }
    }
    return false;
}

/* Sections are for trying out. Agreements without the own party, and codes that are given twice.
 * Values that were refused are empty here and were told already. */
static void check_agreements(struct reading *reading)
{
    const struct config *config = reading->config;
    for (size_t i = 0; i < config->agreement_count; i++) {
        const struct config_agreement *agreement = &config->agreements[i];
        size_t line = agreement->line;
        if (strcmp(config->environment, "prod") == 0) {
            problem_add(&reading->problems, line, "agreement",
                        "a section counts in the environments dev and test alone; accepted: signed "
                        "agreements, see `comesh help agreement`");
        }
        if (agreement->party_count > 0 && config->party[0] != '\0' &&
            !takes_part(agreement, config->party)) {
            problem_add(&reading->problems, line, "agreement.parties",
                        "lacks the own party '%s'; accepted: agreements this party takes part in",
                        config->party);
        }
        for (size_t j = 0; j < i && agreement->code[0] != '\0'; j++) {
            if (strcmp(agreement->code, config->agreements[j].code) == 0) {
                problem_add(&reading->problems, line, "agreement.code",
                            "'%s' is given again after line %zu; accepted: one section for each "
                            "agreement",
                            agreement->code, config->agreements[j].line);
            }
        }
    }
}

/* What needs something beside it. */
static void check_pairs(struct reading *reading)
{
    const struct config *config = reading->config;
    bool listens = config->public_listen[0] != '\0';
    if (listens && (config->public_certificate[0] == '\0' || config->public_key[0] == '\0')) {
        problem_add(&reading->problems, config_line_of(reading, "public", "listen"),
                    "public.listen",
                    "needs a certificate and a key; accepted: with both, for "
                    "%s.coconnect.%s",
                    config->environment, config->domain);
    }
    if ((config->outbound.certificate[0] == '\0') != (config->outbound.key[0] == '\0')) {
        problem_add(&reading->problems, config_line_of(reading, "outbound", "certificate"),
                    "outbound.certificate",
                    "stands without its key, or the key without it; "
                    "accepted: both, or none");
    }
}

enum result config_load(const char *path, struct config *config, struct buffer *report,
                        struct error *error)
{
    struct zpl *zpl = NULL;
    struct reading reading = {.config = config, .problems = {.report = report, .path = path}};
    *config = (struct config){0};
    if (strlen(path) >= sizeof config->path) {
        return error_set(error, RESULT_TOO_LARGE, "the path of the configuration is over %zu bytes",
                         sizeof config->path - 1);
    }
    memcpy(config->path, path, strlen(path) + 1);
    enum result result = zpl_read(path, &zpl, &reading.problems, error);
    if (result != RESULT_OK) {
        goto cleanup;
    }
    config_read_standards(&reading);
    config_read_items(&reading, zpl);
    resolve_directory(&reading);
    resolve_socket(&reading);
    check_agreements(&reading);
    check_pairs(&reading);
    result = buffer_check(report, error);
    if (result == RESULT_OK && reading.problems.count > 0) {
        result = error_set(error, RESULT_INVALID, "%s: %zu error%s; see `comesh help config`", path,
                           reading.problems.count, reading.problems.count == 1 ? "" : "s");
    }
cleanup:
    zpl_destroy(&zpl);
    return result;
}

enum result config_place(const struct config *config, const char *name, char out[CONFIG_PATH_BYTES],
                         struct error *error)
{
    if (!join(config->directory, name, out)) {
        return error_set(error, RESULT_TOO_LARGE, "the path '%s/%s' is over %d bytes",
                         config->directory, name, CONFIG_PATH_BYTES - 1);
    }
    return RESULT_OK;
}
