/* comeshd: the command line of one node of the mesh. */
#include "node/daemon.h"
#include "node/flow/audit.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <sysexits.h>

enum act { ACT_RUN, ACT_CHECK_CONFIG, ACT_REBUILD, ACT_VERIFY };

struct arguments {
    const char *config_path;
    int passphrase_fd;
    enum act act;
};

static enum result check_config(const struct config *config, struct error *error)
{
    struct agreements *agreements = NULL;
    size_t versions = 0;
    enum result result = reading_agreements(config, &agreements, error);
    if (result != RESULT_OK) {
        return result;
    }
    while (agreements_at(agreements, versions) != NULL) {
        versions++;
    }
    (void)printf("%s: good. Party %s, environment %s, domain %s; signed versions of agreements: "
                 "%zu, sections of agreements: %zu.\n",
                 config->path, config->party, config->environment, config->domain, versions,
                 config->agreement_count);
    agreements_release(&agreements);
    return RESULT_OK;
}

static enum result rebuild(const struct config *config, struct error *error)
{
    char path[CONFIG_PATH_BYTES];
    struct metrics metrics = {0};
    struct store_options options;
    uint64_t records = 0;
    enum result result = reading_store_options(config, path, &metrics, &options, error);
    if (result == RESULT_OK) {
        result = store_rebuild(&options, &records, error);
    }
    if (result == RESULT_OK) {
        (void)printf("Views rebuilt from %llu records of the journal.\n",
                     (unsigned long long)records);
    }
    return result;
}

static enum result verify(const struct config *config, struct error *error)
{
    char path[CONFIG_PATH_BYTES];
    struct metrics metrics = {0};
    struct store_options options;
    struct store_summary summary = {0};
    struct directory *directory = NULL;
    enum result result = reading_store_options(config, path, &metrics, &options, error);
    if (result == RESULT_OK) {
        result = reading_directory(config, &directory, error);
    }
    if (result == RESULT_OK) {
        result = audit_store(&options, directory, &summary, error);
    }
    directory_release(&directory);
    if (result == RESULT_OK) {
        (void)printf(
            "Verified: %llu records, %llu entries in %llu channels, %llu receipts with both "
            "signatures.\n",
            (unsigned long long)summary.records, (unsigned long long)summary.entries,
            (unsigned long long)summary.channels, (unsigned long long)summary.receipts);
    }
    if (result == RESULT_OK && summary.revoked > 0) {
        (void)printf("%llu receipts do not count: a key that signed them was revoked, and they are "
                     "not of the time and size up to which it is trusted.\n",
                     (unsigned long long)summary.revoked);
    }
    if (result == RESULT_OK && summary.attested > 0) {
        (void)printf("%llu receipts more are of partners without a node: HTTP answers, and what "
                     "they posted, signed by us alone.\n",
                     (unsigned long long)summary.attested);
    }
    return result;
}

static const char usage[] =
    "comeshd runs one node of the mesh.\n"
    "\n"
    "  comeshd --config /etc/comesh/comesh.zpl          run, with the passphrase from the systemd\n"
    "                                                   credential or asked for on the terminal\n"
    "  comeshd --config FILE --passphrase-fd 3 3<FILE   run, with the passphrase from a "
    "descriptor\n"
    "  comeshd --config FILE --check-config             tell every error of the configuration\n"
    "  comeshd --config FILE --rebuild                  make the views again from the journal\n"
    "  comeshd --config FILE --verify                   prove the whole store again\n"
    "\n"
    "SIGTERM stops in order, a second one at once; SIGHUP reads cards and configuration again.\n";

/* Exits for --help, --version and wrong use. */
static struct arguments parse_arguments(int argc, char **argv)
{
    struct arguments arguments = {.config_path = "comesh.zpl", .passphrase_fd = -1};
    static const struct option options[] = {
        {"config", required_argument, NULL, 'c'},
        {"check-config", no_argument, NULL, 'k'},
        {"passphrase-fd", required_argument, NULL, 'p'},
        {"rebuild", no_argument, NULL, 'r'},
        {"verify", no_argument, NULL, 'y'},
        {"version", no_argument, NULL, 'v'},
        {"help", no_argument, NULL, 'h'},
        {NULL, 0, NULL, 0},
    };
    int option = 0;
    while ((option = getopt_long(argc, argv, "c:h", options, NULL)) != -1) {
        switch (option) {
        case 'c':
            arguments.config_path = optarg;
            break;
        case 'k':
            arguments.act = ACT_CHECK_CONFIG;
            break;
        case 'p':
            arguments.passphrase_fd = (int)strtol(optarg, NULL, 10);
            break;
        case 'r':
            arguments.act = ACT_REBUILD;
            break;
        case 'y':
            arguments.act = ACT_VERIFY;
            break;
        case 'v':
            (void)printf("comeshd %s\n", COMESH_VERSION);
            exit(EX_OK);
        case 'h':
            (void)fputs(usage, stdout);
            exit(EX_OK);
        default:
            (void)fputs(usage, stderr);
            exit(EX_USAGE);
        }
    }
    if (optind < argc) {
        (void)fprintf(stderr, "comeshd: '%s' is not understood\n\n%s", argv[optind], usage);
        exit(EX_USAGE);
    }
    return arguments;
}

static int exit_code(enum result result)
{
    switch (result) {
    case RESULT_OK:
        return EX_OK;
    case RESULT_INVALID:
    case RESULT_TOO_LARGE:
        return EX_CONFIG;
    case RESULT_NOT_FOUND:
        return EX_NOINPUT;
    case RESULT_DENIED:
        return EX_NOPERM;
    case RESULT_CORRUPT:
    case RESULT_UNTRUSTED:
        return EX_DATAERR;
    case RESULT_FULL:
    case RESULT_BUSY:
        return EX_TEMPFAIL;
    default:
        return EX_SOFTWARE;
    }
}

int main(int argc, char **argv)
{
    struct arguments arguments = parse_arguments(argc, argv);
    struct configuration *configuration = NULL;
    struct error error = {0};
    enum result result = keys_init(&error);
    if (result == RESULT_OK) {
        result = reading_configuration(arguments.config_path, &configuration, &error);
    }
    if (result == RESULT_OK) {
        log_set_level(configuration->config.log_level);
        switch (arguments.act) {
        case ACT_RUN: /* takes the configuration over */
            result = daemon_run(configuration, arguments.passphrase_fd, &error);
            configuration = NULL;
            break;
        case ACT_CHECK_CONFIG:
            result = check_config(&configuration->config, &error);
            break;
        case ACT_REBUILD:
            result = rebuild(&configuration->config, &error);
            break;
        case ACT_VERIFY:
            result = verify(&configuration->config, &error);
            break;
        }
    }
    configuration_destroy(&configuration);
    if (result != RESULT_OK) {
        (void)fprintf(stderr, "comeshd: %s\n", error.message);
    }
    return exit_code(result);
}
