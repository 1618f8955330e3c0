/* comesh minutes: what was written of pairings, and a signature under it that came later. */
#include "keys/file.h"
#include "keys/text.h"
#include "tools/comesh/acts.h"
#include "tools/comesh/client.h"
#include "tools/comesh/output.h"
#include "tools/comesh/pairings.h"

#include <stdlib.h>

struct listing {
    const struct config *config;
    struct table table;
    json_t *rows;
};

static void row_add(struct listing *listing, const char *path, const char *name,
                    const struct minutes *minutes, unsigned signers)
{
    bool listened = strcmp(minutes->sides[MINUTES_LISTENER].party, listing->config->party) == 0;
    const struct minutes_side *ours = &minutes->sides[listened ? MINUTES_LISTENER : MINUTES_CALLER];
    const struct minutes_side *theirs =
        &minutes->sides[listened ? MINUTES_CALLER : MINUTES_LISTENER];
    struct buffer signers_text = {0};
    uint8_t hash[WORDS_HASH_BYTES];
    char words[WORDS_TEXT_BYTES];
    char time[TEXT_TIME_BYTES];
    minutes_hash(minutes, hash);
    words_text(hash, words);
    text_time(ours->time_s, time);
    pairings_signers(minutes, signers, &signers_text);
    table_string(&listing->table, name);
    table_string(&listing->table, theirs->party);
    table_string(&listing->table, ours->person);
    table_string(&listing->table, theirs->person);
    table_text(&listing->table, buffer_view(&signers_text));
    table_string(&listing->table, words);
    (void)json_array_append_new(listing->rows,
                                json_pack("{s:s, s:s, s:s, s:s, s:s, s:b, s:s}", "file", path,
                                          "party", theirs->party, "person", ours->person,
                                          "their_person", theirs->person, "time", time,
                                          "signed_by_both", signers == 3, "words", words));
    buffer_free(&signers_text);
}

/* One file; a damaged one is told by its name. */
static enum result file_list(void *self, const char *path, const char *name, struct error *error)
{
    struct listing *listing = self;
    struct buffer note = {0};
    struct minutes minutes;
    unsigned signers = 0;
    const char *suffix = strrchr(name, '.');
    if (suffix == NULL || strcmp(suffix, PAIRINGS_SUFFIX) != 0) {
        return RESULT_OK;
    }
    enum result result = file_read(path, MINUTES_MAX_BYTES, FILE_PUBLIC, &note, error);
    if (result == RESULT_OK) {
        result = minutes_parse(buffer_bytes(&note), &minutes, &signers, error);
    }
    buffer_free(&note);
    if (result != RESULT_OK) {
        return error_wrap(error, "'%s'", path);
    }
    row_add(listing, path, name, &minutes, signers);
    return RESULT_OK;
}

static enum result list(struct call *call, struct error *error)
{
    static const char *const heads[] = {"FILE",   "PARTNER",           "HERE", "THERE",
                                        "SIGNED", "WORDS OF THE TEXT", NULL};
    struct listing listing = {.table = table_begin(heads), .rows = json_array()};
    struct config *config = NULL;
    char folder[CONFIG_PATH_BYTES];
    enum result result = node_config(call, &config, error);
    listing.config = config;
    if (result == RESULT_OK) {
        result = config_place(config, PAIRINGS_FOLDER, folder, error);
    }
    if (result == RESULT_OK) {
        result = file_walk(folder, file_list, &listing, error);
    }
    if (result == RESULT_OK && call->json) {
        result = output_json(json_incref(listing.rows), error);
    } else if (result == RESULT_OK) {
        table_end(&listing.table, stdout);
    }
    buffer_free(&listing.table.cells);
    json_decref(listing.rows);
    free(config);
    return result;
}

/* Puts the signatures of both texts together in the file that is held. */
static enum result merge(struct call *call, const struct config *config, const char *path,
                         struct bytes other, const struct minutes *minutes, struct error *error)
{
    struct buffer held = {0};
    struct buffer note = {0};
    struct buffer told = {0};
    unsigned signers = 0;
    enum result result = file_read(path, MINUTES_MAX_BYTES, FILE_PUBLIC, &held, error);
    if (result == RESULT_NOT_FOUND) {
        result = error_set(error, result, "there are no minutes of this pairing: %s", path);
    }
    if (result == RESULT_OK) {
        result = minutes_merge(buffer_bytes(&held), other, &note, &signers, error);
    }
    if (result == RESULT_OK) {
        result = file_replace(path, buffer_bytes(&note), FILE_PUBLIC, error);
    }
    if (result == RESULT_OK) {
        pairings_signers(minutes, signers, &told);
        (void)fprintf(stderr, "comesh: %s is %.*s\n", path, TEXT_ARGS(buffer_view(&told)));
        result = act_record(call, config->directory, "minutes import", NULL, path, error);
    }
    buffer_free(&held);
    buffer_free(&note);
    buffer_free(&told);
    return result;
}

static enum result import(struct call *call, struct error *error)
{
    struct config *config = NULL;
    struct buffer other = {0};
    struct minutes minutes;
    char path[CONFIG_PATH_BYTES];
    unsigned signers = 0;
    enum result result = node_config(call, &config, error);
    if (result == RESULT_OK) {
        result = file_read(call->operands[0], MINUTES_MAX_BYTES, FILE_PUBLIC, &other, error);
    }
    if (result == RESULT_OK) {
        result = minutes_parse(buffer_bytes(&other), &minutes, &signers, error);
    }
    if (result == RESULT_OK) {
        result = pairings_path(config, &minutes, path, error);
    }
    if (result == RESULT_OK) {
        result = merge(call, config, path, buffer_bytes(&other), &minutes, error);
    }
    buffer_free(&other);
    free(config);
    return result;
}

const struct command command_minutes_list = {
    .name = "minutes list",
    .operands = "",
    .summary = "the minutes of pairings: with whom, by whom, signed by whom",
    .examples = "  comesh minutes list\n  comesh minutes list --json\n",
    .details =
        "The words of a text are what a person compares who signs it on another machine with\n"
        "`comesh key sign`.\n",
    .json = true,
    .run = list,
};

const struct command command_minutes_import = {
    .name = "minutes import",
    .operands = "FILE",
    .summary = "take over a signature under minutes, made later, here or by the partner",
    .examples = "  comesh minutes import ID-20260105T093000Z.minutes.signed\n",
    .details =
        "For a party whose identity key is kept on another machine: it signs its copy there with\n"
        "`comesh key sign`, and both parties import what comes out.\n",
    .least_operands = 1,
    .most_operands = 1,
    .run = import,
};
