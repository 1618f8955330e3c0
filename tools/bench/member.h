/* The members of a mesh on this machine: nodes as real processes, each with its own folder, made
 * and run by the commands that a user has. Ends only what it started. The main thread. */
#ifndef COMESH_TOOLS_BENCH_MEMBER_H
#define COMESH_TOOLS_BENCH_MEMBER_H

#include "proto/err.h"

#include <stdint.h>
#include <sys/types.h>

#define MEMBER_PATH_BYTES 512

struct member {
    const char *programs; /* where comesh and comeshd are; borrowed */
    char folder[MEMBER_PATH_BYTES];
    char log[MEMBER_PATH_BYTES];
    char party[4];
    unsigned port;
    pid_t process; /* 0: does not run */
};

/* Makes the node of one of the parties KR, ID and UY, in a new folder below `folder`. */
enum result member_make(struct member *member, const char *programs, const char *folder,
                        const char *party, struct error *error) RESULT_CHECKED;

/* Imports the other's card with its fingerprint confirmed, as two people would. */
enum result member_trust(const struct member *member, const struct member *other,
                         struct error *error) RESULT_CHECKED;

/* Starts the node; it is not waited for. It ends when this process does. */
enum result member_start(struct member *member, struct error *error) RESULT_CHECKED;

/* Orderly, by SIGTERM. RESULT_INTERNAL when the node ends with another code than 0. */
enum result member_stop(struct member *member, struct error *error) RESULT_CHECKED;

/* As member_stop, at the end of work that gave `result` and its error: the first failure counts. */
enum result member_end(struct member *member, enum result result,
                       struct error *error) RESULT_CHECKED;

/* RESULT_UNAVAILABLE, with the end of its log, when the node has ended by itself. */
enum result member_check(struct member *member, struct error *error) RESULT_CHECKED;

/* What the process has used: seconds of processor time, and memory in MiB, now and at most since
 * the peak was forgotten. */
struct member_usage {
    double processor_s;
    double memory_mib;
    double memory_peak_mib;
};
enum result member_usage(const struct member *member, struct member_usage *usage,
                         struct error *error) RESULT_CHECKED;

/* The memory of now counts as the peak from now on. */
void member_forget_peak(const struct member *member);

/* Makes a folder, for this user only. */
enum result folder_make(const char *path, struct error *error) RESULT_CHECKED;

/* Removes a folder with all that is in it; nothing when it is not there. */
void folder_remove(const char *path);

#endif
