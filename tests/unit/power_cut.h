/* A power cut: a process that is killed at a failpoint. Only a build with COMESH_FAILPOINTS has
 * them. */
#ifndef COMESH_TESTS_POWER_CUT_H
#define COMESH_TESTS_POWER_CUT_H

#include "tests/unit/suite.h"

#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

/* Where keys/file.c may be killed in a write: each place is passed once. */
static const char *const power_cut_places[] = {"file.written", "file.synced", "file.renamed"};

/* Runs `act` in a process of its own; true when it was killed at its `pass`-th pass of the place,
 * false when it came to its end, where `act` went well. */
static inline bool dies_at(const char *place, unsigned pass, enum result (*act)(void))
{
    char failpoint[64];
    int status = 0;
    (void)snprintf(failpoint, sizeof failpoint, "%s:%u", place, pass);
    pid_t child = fork();
    ck_assert_int_ge(child, 0);
    if (child == 0) {
        (void)setenv("COMESH_FAILPOINT", failpoint, 1);
        _exit(act() == RESULT_OK ? 0 : 1);
    }
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert(WIFSIGNALED(status) ? WTERMSIG(status) == SIGKILL : WEXITSTATUS(status) == 0);
    return WIFSIGNALED(status);
}

#endif
