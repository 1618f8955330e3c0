/* The members of a mesh. See member.h. */
#include "tools/bench/member.h"

#include "tools/bench/process.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define PASSPHRASE "correct horse battery staple\n"

static const struct {
    const char *party;
    const char *domain;
    const char *name;
} parties[] = {
    {"KR", "customs.go.kr", "Korea Customs Service"},
    {"ID", "beacukai.go.id", "Directorate General of Customs and Excise"},
    {"UY", "aduana.gub.uy", "Direccion Nacional de Aduanas"},
};

/* A port of loopback that nobody listens on now. */
static enum result free_port(unsigned *port, struct error *error)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    int probe = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    bool found = probe >= 0 && bind(probe, (struct sockaddr *)&address, size) == 0 &&
                 getsockname(probe, (struct sockaddr *)&address, &size) == 0;
    int problem = errno;
    if (probe >= 0) {
        (void)close(probe);
    }
    *port = ntohs(address.sin_port);
    return found ? RESULT_OK : error_system(error, problem, "a free port on loopback");
}

static void program_path(const struct member *member, const char *program,
                         char out[MEMBER_PATH_BYTES])
{
    (void)snprintf(out, MEMBER_PATH_BYTES, "%s/%s", member->programs, program);
}

enum result member_make(struct member *member, const char *programs, const char *folder,
                        const char *party, struct error *error)
{
    char program[MEMBER_PATH_BYTES];
    char endpoint[64];
    size_t row = 0;
    while (row + 1 < sizeof parties / sizeof parties[0] && strcmp(parties[row].party, party) != 0) {
        row++;
    }
    *member = (struct member){.programs = programs};
    (void)snprintf(member->party, sizeof member->party, "%s", party);
    (void)snprintf(member->folder, sizeof member->folder, "%s/%s", folder, party);
    (void)snprintf(member->log, sizeof member->log, "%s/%s.log", folder, party);
    program_path(member, "comesh", program);
    enum result result = free_port(&member->port, error);
    (void)snprintf(endpoint, sizeof endpoint, "tcp://127.0.0.1:%u", member->port);
    const char *const arguments[] = {program,
                                     "-C",
                                     member->folder,
                                     "init",
                                     "--party",
                                     party,
                                     "--domain",
                                     parties[row].domain,
                                     "--environment",
                                     "test",
                                     "--name",
                                     parties[row].name,
                                     "--bind",
                                     endpoint,
                                     "--endpoint",
                                     endpoint,
                                     "--kdf",
                                     "interactive",
                                     "--agreement",
                                     "AKFTA:1:KR,ID,UY",
                                     "--passphrase-fd",
                                     PROCESS_SECRET_FD,
                                     NULL};
    return result == RESULT_OK ? process_run(arguments, member->log, member->log, PASSPHRASE, error)
                               : result;
}

enum result member_trust(const struct member *member, const struct member *other,
                         struct error *error)
{
    char program[MEMBER_PATH_BYTES];
    char card[MEMBER_PATH_BYTES + 16];
    char digits_file[MEMBER_PATH_BYTES + 16];
    char digits[128];
    program_path(member, "comesh", program);
    (void)snprintf(card, sizeof card, "%s.%s.card", member->folder, other->party);
    (void)snprintf(digits_file, sizeof digits_file, "%s.%s.digits", member->folder, other->party);
    const char *const export[] = {program, "-C", other->folder, "card", "export", NULL};
    const char *const fingerprint[] = {program, "-C", other->folder, "card", "fingerprint", NULL};
    const char *const import[] = {
        program, "-C", member->folder, "card", "import", card, "--fingerprint", digits, NULL};
    enum result result = process_run(export, card, member->log, NULL, error);
    if (result == RESULT_OK) {
        result = process_run(fingerprint, digits_file, member->log, NULL, error);
    }
    if (result == RESULT_OK && !file_head(digits_file, digits, sizeof digits)) {
        result = error_system(error, errno, "'%s' cannot be read", digits_file);
    }
    if (result == RESULT_OK) {
        digits[strcspn(digits, "\n")] = '\0';
        result = process_run(import, member->log, member->log, NULL, error);
    }
    return result;
}

enum result member_start(struct member *member, struct error *error)
{
    char program[MEMBER_PATH_BYTES];
    char config[MEMBER_PATH_BYTES + 16];
    program_path(member, "comeshd", program);
    (void)snprintf(config, sizeof config, "%s/comesh.zpl", member->folder);
    const char *const arguments[] = {program,           "--config",        config,
                                     "--passphrase-fd", PROCESS_SECRET_FD, NULL};
    return process_start(arguments, member->log, member->log, PASSPHRASE, &member->process, error);
}

enum result member_stop(struct member *member, struct error *error)
{
    if (member->process == 0) {
        return RESULT_OK;
    }
    pid_t process = member->process;
    member->process = 0;
    (void)kill(process, SIGTERM);
    return process_wait(process, "comeshd", member->log, error);
}

enum result member_end(struct member *member, enum result result, struct error *error)
{
    struct error problem = {0};
    enum result stopped = member_stop(member, &problem);
    if (result == RESULT_OK && stopped != RESULT_OK) {
        *error = problem;
        return stopped;
    }
    return result;
}

enum result member_check(struct member *member, struct error *error)
{
    siginfo_t info = {0};
    if (member->process != 0 &&
        waitid(P_PID, (id_t)member->process, &info, WEXITED | WNOHANG | WNOWAIT) == 0 &&
        info.si_pid == 0) {
        return RESULT_OK;
    }
    char tail[400];
    file_tail(member->log, tail, sizeof tail);
    return error_set(error, RESULT_UNAVAILABLE, "the node of %s has ended; the end of its log: %s",
                     member->party, tail);
}

/* ---- what a process uses ---- */

static double status_mib(const char *status, const char *name)
{
    const char *line = strstr(status, name);
    return line == NULL ? 0 : (double)strtoull(line + strlen(name), NULL, 10) / 1024;
}

/* Source: proc(5). Fields 14 and 15 of stat are ticks in user and kernel mode; what stands behind
 * the last ')' begins with field 3. */
enum result member_usage(const struct member *member, struct member_usage *usage,
                         struct error *error)
{
    char path[64];
    char text[4096];
    unsigned long long user = 0;
    unsigned long long kernel = 0;
    (void)snprintf(path, sizeof path, "/proc/%d/stat", (int)member->process);
    if (!file_head(path, text, sizeof text)) {
        return error_system(error, errno, "%s cannot be read", path);
    }
    char *field = strrchr(text, ')');
    for (int i = 2; i < 14 && field != NULL; i++) {
        field = strchr(field + 1, ' ');
    }
    if (field != NULL) {
        user = strtoull(field, &field, 10);
        kernel = strtoull(field, NULL, 10);
    }
    usage->processor_s = (double)(user + kernel) / (double)sysconf(_SC_CLK_TCK);
    (void)snprintf(path, sizeof path, "/proc/%d/status", (int)member->process);
    if (!file_head(path, text, sizeof text)) {
        return error_system(error, errno, "%s cannot be read", path);
    }
    usage->memory_mib = status_mib(text, "VmRSS:");
    usage->memory_peak_mib = status_mib(text, "VmHWM:");
    return RESULT_OK;
}

void member_forget_peak(const struct member *member)
{
    char path[64];
    (void)snprintf(path, sizeof path, "/proc/%d/clear_refs", (int)member->process);
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    if (fd >= 0) {
        if (write(fd, "5", 1) != 1) {
            (void)fprintf(stderr, "comesh-bench: the memory peak counts from the node's start\n");
        }
        (void)close(fd);
    }
}

/* ---- folders ---- */

enum result folder_make(const char *path, struct error *error)
{
    return mkdir(path, 0700) == 0 ? RESULT_OK
                                  : error_system(error, errno, "'%s' cannot be made", path);
}

static int remove_one(const char *path, const struct stat *status, int kind, struct FTW *place)
{
    (void)status;
    (void)kind;
    (void)place;
    (void)remove(path);
    return 0;
}

void folder_remove(const char *path)
{
    (void)nftw(path, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}
