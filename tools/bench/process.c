/* Starting programs. See process.h. */
#include "tools/bench/process.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define SECRET_FD 3

/* A pipe that holds the secret, ready to be read. */
static enum result secret_pipe(const char *secret, int *read_fd, struct error *error)
{
    int ends[2];
    *read_fd = -1;
    if (secret == NULL) {
        return RESULT_OK;
    }
    if (pipe2(ends, O_CLOEXEC) != 0) {
        return error_system(error, errno, "a pipe for the passphrase");
    }
    ssize_t size = (ssize_t)strlen(secret);
    enum result result = write(ends[1], secret, (size_t)size) == size
                             ? RESULT_OK
                             : error_system(error, errno, "the passphrase's pipe");
    (void)close(ends[1]);
    *read_fd = ends[0];
    return result;
}

/* In the child: only calls that are safe between fork and exec. */
_Noreturn static void become(const char *const *arguments, int output, int log, int secret)
{
    (void)prctl(PR_SET_PDEATHSIG, SIGTERM);
    (void)setpgid(0, 0);
    bool ready = dup2(output, STDOUT_FILENO) >= 0 && dup2(log, STDERR_FILENO) >= 0;
    if (secret == SECRET_FD) {
        ready = ready && fcntl(secret, F_SETFD, 0) == 0;
    } else if (secret >= 0) {
        ready = ready && dup2(secret, SECRET_FD) >= 0;
    }
    if (ready) {
        /* execv takes pointers to what it does not change. */
        union {
            const char *const *given;
            char *const *taken;
        } list = {.given = arguments};
        (void)execv(arguments[0], list.taken);
    }
    _exit(127);
}

enum result process_start(const char *const *arguments, const char *output, const char *log,
                          const char *secret, pid_t *process, struct error *error)
{
    if (access(arguments[0], X_OK) != 0) {
        return error_system(error, errno, "the program '%s' cannot be run", arguments[0]);
    }
    int secret_fd = -1;
    int flags = O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC;
    int output_fd = open(output, flags, 0600);
    int log_fd = open(log, flags, 0600);
    enum result result = output_fd < 0 || log_fd < 0
                             ? error_system(error, errno, "'%s' cannot be written", log)
                             : secret_pipe(secret, &secret_fd, error);
    if (result == RESULT_OK) {
        *process = fork();
        if (*process == 0) {
            become(arguments, output_fd, log_fd, secret_fd);
        }
        if (*process < 0) {
            *process = 0;
            result = error_system(error, errno, "%s cannot be started", arguments[0]);
        }
    }
    const int opened[] = {output_fd, log_fd, secret_fd};
    for (size_t i = 0; i < sizeof opened / sizeof opened[0]; i++) {
        if (opened[i] >= 0) {
            (void)close(opened[i]);
        }
    }
    return result;
}

enum result process_wait(pid_t process, const char *name, const char *log, struct error *error)
{
    int status = 0;
    char tail[400];
    while (waitpid(process, &status, 0) < 0) {
        if (errno != EINTR) {
            return error_system(error, errno, "waiting for %s", name);
        }
    }
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0) {
        return RESULT_OK;
    }
    file_tail(log, tail, sizeof tail);
    return error_set(error, RESULT_INTERNAL, "%s ended with %s %d; the end of its log: %s", name,
                     WIFEXITED(status) ? "code" : "signal",
                     WIFEXITED(status) ? WEXITSTATUS(status) : WTERMSIG(status), tail);
}

enum result process_run(const char *const *arguments, const char *output, const char *log,
                        const char *secret, struct error *error)
{
    pid_t process = 0;
    enum result result = process_start(arguments, output, log, secret, &process, error);
    return result == RESULT_OK ? process_wait(process, arguments[0], log, error) : result;
}

static ssize_t read_from(const char *path, bool tail, char *out, size_t size)
{
    ssize_t got = -1;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd >= 0) {
        off_t length = tail ? lseek(fd, 0, SEEK_END) : 0;
        off_t from = length >= (off_t)size ? length - (off_t)size + 1 : 0;
        got = pread(fd, out, size - 1, from);
        (void)close(fd);
    }
    out[got < 0 ? 0 : got] = '\0';
    return got;
}

void file_tail(const char *path, char *out, size_t size)
{
    (void)read_from(path, true, out, size);
}

bool file_head(const char *path, char *out, size_t size)
{
    return read_from(path, false, out, size) >= 0;
}
