/* `comesh-bench`: measures a mesh of three real nodes on this machine, prints the table, writes it
 * as JSON. It fails when something is broken, never because something is slow. */
#include "tools/bench/bench.h"
#include "tools/bench/figures.h"

#include "keys/keypair.h"

#include <errno.h>
#include <getopt.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

#define WARM_UP 1000 /* certificates to each partner, before anything is measured */

static const struct {
    const char *name;
    enum result (*measure)(struct bench *bench, struct error *error);
    bool needs_mesh;
} figures[] = {
    {"codec", figure_codec, false},    {"one", figure_one, true},   {"bulk", figure_bulk, true},
    {"backlog", figure_backlog, true}, {"size", figure_size, true},
};
#define FIGURES (sizeof figures / sizeof figures[0])

struct options {
    const char *programs;
    const char *json;
    const char *folder;
    uint64_t count; /* 0: the usual one */
    bool quick;
    bool picked[FIGURES];
};

static int usage(void)
{
    (void)fputs(
        "usage: comesh-bench --programs build/release [--json FILE] [--folder /var/tmp]\n"
        "                    [--quick] [--count 200000] [codec | one | bulk | backlog | size] ...\n"
        "       comesh-bench sample --help\n"
        "  Runs three nodes on loopback in a new folder below --folder, which is to be on a disk\n"
        "  (about 8 GB; 1 GB with --quick, which measures a tenth of everything), and measures "
        "all\n"
        "  figures or the named ones. --count: certificates in a bulk run.\n",
        stderr);
    return EX_USAGE;
}

static bool pick(struct options *options, const char *name)
{
    for (size_t i = 0; i < FIGURES; i++) {
        if (strcmp(name, figures[i].name) == 0) {
            options->picked[i] = true;
            return true;
        }
    }
    return false;
}

static bool options_read(int count, char **arguments, struct options *options)
{
    static const struct option known[] = {
        {"programs", required_argument, NULL, 'p'}, {"json", required_argument, NULL, 'j'},
        {"folder", required_argument, NULL, 'f'},   {"count", required_argument, NULL, 'c'},
        {"quick", no_argument, NULL, 'q'},          {NULL, 0, NULL, 0}};
    bool good = true;
    int option = 0;
    while (good && (option = getopt_long(count, arguments, "", known, NULL)) >= 0) {
        switch (option) {
        case 'p':
            options->programs = optarg;
            break;
        case 'j':
            options->json = optarg;
            break;
        case 'f':
            options->folder = optarg;
            break;
        case 'q':
            options->quick = true;
            break;
        case 'c':
            good = decimal_parse(text_of(optarg), SOURCE_SERIAL_MAX / 10, &options->count) &&
                   options->count > 0;
            break;
        default:
            good = false;
        }
    }
    for (int i = optind; i < count && good; i++) {
        good = pick(options, arguments[i]);
    }
    for (size_t i = 0; i < FIGURES && optind == count; i++) {
        options->picked[i] = true;
    }
    return good && options->programs != NULL;
}

/* ---- the mesh ---- */

static enum result make_members(struct bench *bench, struct error *error)
{
    struct member *const members[] = {&bench->kr, &bench->id, &bench->uy};
    static const char *const parties[] = {"KR", "ID", "UY"};
    enum result result = RESULT_OK;
    for (size_t i = 0; i < 3 && result == RESULT_OK; i++) {
        progress("making the nodes", i + 1, 3);
        result = member_make(members[i], bench->programs, bench->folder, parties[i], error);
    }
    for (size_t i = 0; i < 9 && result == RESULT_OK; i++) {
        if (i / 3 != i % 3) {
            result = member_trust(members[i / 3], members[i % 3], error);
        }
    }
    for (size_t i = 0; i < 3 && result == RESULT_OK; i++) {
        result = member_start(members[i], error);
    }
    return result;
}

/* The first certificates find the partners, and fill what is filled once. */
static enum result warm_up(struct stream *stream, struct member *member, const char *partner,
                           _Atomic uint64_t *serial, struct error *error)
{
    enum result result = stream_open(stream, member, partner, serial, error);
    if (result == RESULT_OK) {
        result = stream_send(stream, WARM_UP, "warming up", error);
    }
    return result == RESULT_OK ? stream_await(stream, WARM_UP, NULL, error) : result;
}

static enum result mesh_start(struct bench *bench, struct error *error)
{
    enum result result = make_members(bench, error);
    if (result == RESULT_OK) {
        result = warm_up(&bench->to_id, &bench->kr, "ID", &bench->serial, error);
    }
    if (result == RESULT_OK) {
        result = warm_up(&bench->to_uy, &bench->kr, "UY", &bench->serial, error);
    }
    if (result == RESULT_OK) {
        result = stream_entry_bytes(&bench->to_id, &bench->entry_bytes, error);
    }
    struct stream *const streams[] = {&bench->to_id, &bench->to_uy};
    return result == RESULT_OK ? wait_idle(streams, 2, error) : result;
}

/* Ends what runs; the first thing that goes wrong is told. */
static enum result mesh_stop(struct bench *bench, enum result result, struct error *error)
{
    struct member *const members[] = {&bench->kr, &bench->id, &bench->uy};
    stream_close(&bench->to_id);
    stream_close(&bench->to_uy);
    for (size_t i = 0; i < 3; i++) {
        result = member_end(members[i], result, error);
    }
    return result;
}

/* ---- the run ---- */

static enum result measure(struct bench *bench, const struct options *options, struct error *error)
{
    enum result result = keys_init(error);
    bool mesh = false;
    for (size_t i = 0; i < FIGURES && result == RESULT_OK; i++) {
        if (!options->picked[i]) {
            continue;
        }
        if (figures[i].needs_mesh && !mesh) {
            mesh = true;
            result = mesh_start(bench, error);
        }
        if (result == RESULT_OK) {
            result = figures[i].measure(bench, error);
        }
    }
    progress("", 0, 0);
    return mesh_stop(bench, result, error);
}

static void set_sizes(struct bench *bench, const struct options *options)
{
    bench->bulk_runs = options->quick ? 1 : 3;
    bench->bulk_count = options->quick ? 20000 : 200000;
    bench->singles = options->quick ? 100 : 400;
    bench->backlog = options->quick ? 10000 : 100000;
    bench->small = 1000;
    bench->large = options->quick ? 100000 : 1000000;
    if (options->count > 0) {
        bench->bulk_count = options->count;
    }
    atomic_store(&bench->serial, 1);
}

static void on_signal(int number)
{
    (void)number;
    stream_interrupted = 1;
}

static void take_signals(void)
{
    struct sigaction action = {.sa_handler = on_signal};
    (void)sigaction(SIGINT, &action, NULL);
    (void)sigaction(SIGTERM, &action, NULL);
    /* Short pauses are to be short. */
    (void)prctl(PR_SET_TIMERSLACK, 1000UL);
}

int command_measure(int count, char **arguments)
{
    static struct bench bench;
    struct options options = {.folder = "/var/tmp"};
    struct error error = {0};
    if (!options_read(count, arguments, &options)) {
        return usage();
    }
    bench.programs = options.programs;
    set_sizes(&bench, &options);
    take_signals();
    int length =
        snprintf(bench.folder, sizeof bench.folder, "%s/comesh-bench-XXXXXX", options.folder);
    if (length < 0 || (size_t)length >= sizeof bench.folder || mkdtemp(bench.folder) == NULL) {
        (void)fprintf(stderr, "comesh-bench: no folder can be made in '%s': %s\n", options.folder,
                      strerror(errno));
        return EX_CANTCREAT;
    }
    enum result result = measure(&bench, &options, &error);
    folder_remove(bench.folder);
    report_print(&bench.report, stdout);
    if (result == RESULT_OK && options.json != NULL) {
        result = report_write(&bench.report, options.json, &error);
    }
    report_free(&bench.report);
    if (result != RESULT_OK) {
        (void)fprintf(stderr, "comesh-bench: %s\n", error.message);
    }
    return result == RESULT_OK ? EX_OK : EX_SOFTWARE;
}
