/* The agreements of a node: the snapshot, how it is read, and which versions it holds.
 * See agreements.h. */
#include "keys/agreements.h"

#include "keys/file.h"

#include <dirent.h>
#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#define LOAD_TRIES   16
#define VERSIONS_MAX ((size_t)9999 * AGREEMENTS_CODES_MAX)

/* Agreements in a row, by code and version. */
struct row {
    struct agreement **items;
    size_t count;
};

/* Never changes after it was loaded, but for its holders. */
struct agreements {
    atomic_size_t holders;
    struct row accepted;
    struct row proposals;
};

/* ---- reading the folder ---- */

enum result agreements_file(const char *path, struct text code, uint32_t version, bool accepted,
                            char out[PATH_MAX], struct error *error)
{
    char name[AGREEMENT_MAX_BYTES + 32];
    (void)snprintf(name, sizeof name, "%.*s/%04u.%s", TEXT_ARGS(code), version,
                   accepted ? "agreement" : "proposal");
    return file_place(out, path, name, error);
}

static enum result row_add(struct row *row, struct agreement **agreement, struct error *error)
{
    if (row->count == VERSIONS_MAX) {
        return error_set(error, RESULT_TOO_LARGE, "above %zu agreements", VERSIONS_MAX);
    }
    struct agreement **grown = reallocarray(row->items, row->count + 1, sizeof(struct agreement *));
    if (grown == NULL) {
        return error_set(error, RESULT_NO_MEMORY, "no memory for agreements");
    }
    row->items = grown;
    row->items[row->count++] = *agreement;
    *agreement = NULL;
    return RESULT_OK;
}

static void row_free(struct row *row)
{
    for (size_t i = 0; i < row->count; i++) {
        agreement_destroy(&row->items[i]);
    }
    free(row->items);
}

static enum result parse_file(const char *path, struct agreement **agreement, struct error *error)
{
    struct buffer note = {0};
    enum result result = file_read(path, AGREEMENT_NOTE_BYTES, FILE_PUBLIC, &note, error);
    if (result == RESULT_OK) {
        result = agreement_parse(buffer_bytes(&note), agreement, error);
        if (result != RESULT_OK) {
            (void)error_wrap(error, "'%s'", path);
        }
    }
    buffer_free(&note);
    return result;
}

/* The file's place says what it must be. */
static enum result place_check(const char *path, const char *code, uint32_t version,
                               const struct agreement *agreement, struct text environment,
                               struct error *error)
{
    if (!text_equal(text_of(agreement->environment), environment)) {
        return error_set(error, RESULT_INVALID,
                         "'%s': an agreement for %s, where this node is for %.*s; remove it", path,
                         agreement->environment, TEXT_ARGS(environment));
    }
    if (!text_equal(text_of(agreement->code), text_of(code)) || agreement->version != version) {
        return error_set(error, RESULT_INVALID, "'%s': is %s, version %u; put it in its place",
                         path, agreement->code, agreement->version);
    }
    return RESULT_OK;
}

/* An accepted version follows the one before it, and has its quorum. */
static enum result accepted_check(const struct agreement *before, const struct agreement *agreement,
                                  struct error *error)
{
    struct agreement_count count;
    if (before != NULL && before->version + 1 != agreement->version) {
        return error_set(error, RESULT_INVALID,
                         "agreement %s: version %u is missing between %u and %u", agreement->code,
                         before->version + 1, before->version, agreement->version);
    }
    enum result result = agreement_quorum(agreement, before, &count, error);
    if (result == RESULT_OK && !count.met) {
        result = error_set(error, RESULT_UNTRUSTED, "agreement %s %u: signed by too few",
                           agreement->code, agreement->version);
    }
    return result;
}

/* A place in the folder while it is read. */
struct folder {
    struct agreements *made;
    char path[PATH_MAX]; /* of the code's folder */
    const char *code;
    struct text environment;
};

static enum result version_load(struct folder *folder, const char *name, uint32_t version,
                                bool accepted, struct error *error)
{
    char path[PATH_MAX];
    struct agreement *agreement = NULL;
    struct agreement_count count;
    const struct agreement *before = agreements_version(folder->made, text_of(folder->code), 0);
    if (!accepted && before != NULL && version <= before->version) {
        return RESULT_OK; /* another text was accepted, or the power went before it was removed */
    }
    enum result result = file_place(path, folder->path, name, error);
    if (result == RESULT_OK) {
        result = parse_file(path, &agreement, error);
    }
    if (result != RESULT_OK) {
        return result;
    }
    result = place_check(path, folder->code, version, agreement, folder->environment, error);
    if (result == RESULT_OK) {
        result = accepted ? accepted_check(before, agreement, error)
                          : agreement_quorum(agreement, before, &count, error);
        if (result != RESULT_OK) {
            (void)error_wrap(error, "'%s'", path);
        }
    }
    if (result == RESULT_OK) {
        result = row_add(accepted ? &folder->made->accepted : &folder->made->proposals, &agreement,
                         error);
    }
    agreement_destroy(&agreement);
    return result;
}

/* "0012.agreement": version and kind; false for another name. */
static bool name_read(const char *name, uint32_t *version, bool *accepted)
{
    char again[32];
    uint64_t number = 0;
    struct text rest = text_of(name);
    struct text digits = text_until(&rest, '.');
    while (digits.size > 1 && digits.data[0] == '0') {
        digits = (struct text){digits.data + 1, digits.size - 1};
    }
    *accepted = text_equal(rest, TEXT(".agreement"));
    if (!decimal_parse(digits, 9999, &number)) {
        return false;
    }
    *version = (uint32_t)number;
    (void)snprintf(again, sizeof again, "%04u.%s", *version, *accepted ? "agreement" : "proposal");
    return text_equal(text_of(again), text_of(name));
}

/* Names that begin with a dot are files that file_replace had not finished. */
static int name_is_wanted(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

static int names_compare(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

typedef enum result take_name(void *self, const char *name, struct error *error);

/* Calls `take` for every name of a folder, ascending. */
static enum result folder_read(const char *path, take_name *take, void *self, struct error *error)
{
    struct dirent **names = NULL;
    enum result result = RESULT_OK;
    int count = scandir(path, &names, name_is_wanted, names_compare);
    if (count < 0) {
        return error_system(error, errno, "folder '%s'", path);
    }
    for (int i = 0; i < count; i++) {
        if (result == RESULT_OK) {
            result = take(self, names[i]->d_name, error);
        }
        free(names[i]);
    }
    free(names);
    return result;
}

/* Accepted versions come before the proposals of the same number and above. */
static enum result take_version(void *self, const char *name, struct error *error)
{
    struct folder *folder = self;
    uint32_t version = 0;
    bool accepted = false;
    if (!name_read(name, &version, &accepted)) {
        return error_set(error, RESULT_INVALID,
                         "'%s/%s': no version of an agreement; named are they NNNN.agreement and "
                         "NNNN.proposal; remove it",
                         folder->path, name);
    }
    return version_load(folder, name, version, accepted, error);
}

/* The whole folder and the code that is read. */
struct reading {
    struct agreements *made;
    const char *path;
    struct text environment;
    size_t codes;
};

static enum result take_code(void *self, const char *name, struct error *error)
{
    struct reading *reading = self;
    struct folder folder = {
        .made = reading->made, .code = name, .environment = reading->environment};
    if (++reading->codes > AGREEMENTS_CODES_MAX) {
        return error_set(error, RESULT_TOO_LARGE, "'%s' has more than %d agreements", reading->path,
                         AGREEMENTS_CODES_MAX);
    }
    enum result result = file_place(folder.path, reading->path, name, error);
    return result == RESULT_OK ? folder_read(folder.path, take_version, &folder, error) : result;
}

static enum result load_once(const char *path, struct text environment,
                             struct agreements **agreements, struct error *error)
{
    struct agreements *made = calloc(1, sizeof *made);
    *agreements = NULL;
    if (made == NULL) {
        return error_set(error, RESULT_NO_MEMORY, "no memory for agreements");
    }
    atomic_init(&made->holders, 1);
    struct reading reading = {.made = made, .path = path, .environment = environment};
    enum result result = folder_read(path, take_code, &reading, error);
    if (result == RESULT_NOT_FOUND && reading.codes == 0) {
        result = RESULT_OK;
    }
    if (result != RESULT_OK) {
        agreements_release(&made);
    }
    *agreements = made;
    return result;
}

/* A proposal that another process accepts goes away while it is read: then the folder is read
 * again, and has the agreement. */
enum result agreements_load(const char *path, struct text environment,
                            struct agreements **agreements, struct error *error)
{
    enum result result = RESULT_NOT_FOUND;
    for (unsigned tries = 0; tries < LOAD_TRIES && result == RESULT_NOT_FOUND; tries++) {
        result = load_once(path, environment, agreements, error);
    }
    return result;
}

struct agreements *agreements_share(struct agreements *agreements)
{
    (void)atomic_fetch_add_explicit(&agreements->holders, 1, memory_order_relaxed);
    return agreements;
}

void agreements_release(struct agreements **agreements)
{
    struct agreements *held = *agreements;
    *agreements = NULL;
    if (held == NULL || atomic_fetch_sub_explicit(&held->holders, 1, memory_order_acq_rel) > 1) {
        return;
    }
    row_free(&held->accepted);
    row_free(&held->proposals);
    free(held);
}

/* ---- asking ---- */

const struct agreement *agreements_at(const struct agreements *agreements, size_t index)
{
    return agreements == NULL || index >= agreements->accepted.count
               ? NULL
               : agreements->accepted.items[index];
}

const struct agreement *agreements_proposal_at(const struct agreements *agreements, size_t index)
{
    return agreements == NULL || index >= agreements->proposals.count
               ? NULL
               : agreements->proposals.items[index];
}

const struct agreement *agreements_version(const struct agreements *agreements, struct text code,
                                           uint32_t version)
{
    const struct agreement *found = NULL;
    const struct agreement *agreement;
    for (size_t i = 0; (agreement = agreements_at(agreements, i)) != NULL; i++) {
        if (text_equal(text_of(agreement->code), code) &&
            (version == 0 || agreement->version == version)) {
            found = agreement;
        }
    }
    return found;
}

const struct agreement *agreements_proposal(const struct agreements *agreements, struct text code)
{
    const struct agreement *agreement;
    for (size_t i = 0; (agreement = agreements_proposal_at(agreements, i)) != NULL; i++) {
        if (text_equal(text_of(agreement->code), code)) {
            return agreement;
        }
    }
    return NULL;
}
