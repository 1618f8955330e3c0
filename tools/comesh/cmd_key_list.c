/* comesh key list and prune: the own keys, on cards and in files, and what state they are in. Needs
 * no passphrase. */
#include "keys/file.h"
#include "keys/text_reader.h"
#include "tools/comesh/acts.h"
#include "tools/comesh/output.h"
#include "tools/comesh/own.h"
#include "tools/comesh/requests.h"

#include <inttypes.h>
#include <stdlib.h>

#define CARD_KEYS ((size_t)KEY_ROLE_COUNT * CARD_KEYS_MAX)

/* symbol, word, whether its secret is still of use */
#define KEY_STATE_MAP(X)                                                                           \
    X(IN_USE, "in use", true)                                                                      \
    X(NEXT, "next", true)                                                                          \
    X(RETIRING, "retiring", true)                                                                  \
    X(EXPIRED, "expired", false)                                                                   \
    X(RETIRED, "retired", false)                                                                   \
    X(REVOKED, "revoked", false)                                                                   \
    X(REQUESTED, "requested", true)                                                                \
    X(UNUSED, "unused", false)

enum key_state {
#define KEY_STATE_ENUM(symbol, word, useful) STATE_##symbol,
    KEY_STATE_MAP(KEY_STATE_ENUM)
};

static const struct {
    const char *word;
    bool useful;
} states[] = {
#define KEY_STATE_ROW(symbol, text, use) {.word = (text), .useful = (use)},
    KEY_STATE_MAP(KEY_STATE_ROW)};

/* One key: what the newest card that names it says, and its file. */
struct key_row {
    enum key_role role;
    struct card_key key;
    uint64_t first_serial; /* 0: on no card */
    uint64_t last_serial;
    enum key_state state;
    const struct keyring_file *file; /* NULL: not on this machine */
};

struct key_rows {
    struct key_row *rows;
    size_t count;
    size_t room;
};

static struct key_row *row_of(struct key_rows *rows, enum key_role role,
                              const uint8_t key[KEY_PUBLIC_BYTES])
{
    for (size_t i = 0; i < rows->count; i++) {
        if (rows->rows[i].role == role &&
            memcmp(rows->rows[i].key.public_key, key, KEY_PUBLIC_BYTES) == 0) {
            return &rows->rows[i];
        }
    }
    if (rows->count == rows->room) {
        return NULL;
    }
    struct key_row *row = &rows->rows[rows->count++];
    row->role = role;
    memcpy(row->key.public_key, key, KEY_PUBLIC_BYTES);
    return row;
}

/* Versions come newest first: the first that names a key says how long it is valid. */
static void rows_from_card(struct key_rows *rows, const struct card *card)
{
    enum key_role role;
    const struct card_key *key;
    for (size_t i = 0; (key = card_key_at(card, i, &role)) != NULL; i++) {
        struct key_row *row = row_of(rows, role, key->public_key);
        if (row == NULL) {
            return;
        }
        if (row->last_serial == 0) {
            row->key = *key;
            row->last_serial = card->serial;
        }
        row->first_serial = card->serial;
    }
}

static enum key_state state_of(const struct own *own, const struct key_row *row,
                               const struct request *waiting)
{
    const struct card *card = own_card(own);
    const uint8_t *key = row->key.public_key;
    const struct card_key *in_use = card_key_in_use(card, row->role, own->now_s);
    if (directory_revoked(own->directory, text_of(card->party), key) != NULL) {
        return STATE_REVOKED;
    }
    if (card_key_find(card, row->role, key) == NULL) {
        bool asked = waiting != NULL && waiting->kind == REQUEST_CARD &&
                     card_key_find(&waiting->card, row->role, key) != NULL;
        return asked ? STATE_REQUESTED : row->last_serial == 0 ? STATE_UNUSED : STATE_RETIRED;
    }
    if (own->now_s >= row->key.until_s) {
        return STATE_EXPIRED;
    }
    if (own->now_s < row->key.from_s) {
        return STATE_NEXT;
    }
    return in_use != NULL && memcmp(in_use->public_key, key, KEY_PUBLIC_BYTES) == 0
               ? STATE_IN_USE
               : STATE_RETIRING;
}

static int rows_order(const void *a, const void *b)
{
    const struct key_row *first = a;
    const struct key_row *second = b;
    if (first->role != second->role) {
        return (int)first->role - (int)second->role;
    }
    if (first->state != second->state) {
        return (int)first->state - (int)second->state;
    }
    return (first->last_serial < second->last_serial) - (first->last_serial > second->last_serial);
}

/* All keys of the cards that were ever ours, and of the files that are here. */
static enum result rows_collect(const struct own *own, struct key_rows *rows, struct error *error)
{
    const struct text party = text_of(own->config->party);
    const struct card *card;
    struct request *waiting = NULL;
    char name[REQUEST_NAME_BYTES];
    rows->room = own->keyring.count;
    for (size_t i = 0; directory_version(own->directory, party, i) != NULL; i++) {
        rows->room += CARD_KEYS;
    }
    rows->rows = calloc(rows->room, sizeof *rows->rows);
    if (rows->rows == NULL) {
        return error_set(error, RESULT_NO_MEMORY, "no memory for %zu keys", rows->room);
    }
    for (size_t i = 0; (card = directory_version(own->directory, party, i)) != NULL; i++) {
        rows_from_card(rows, card);
    }
    for (size_t i = 0; i < own->keyring.count; i++) {
        const struct keyring_file *file = &own->keyring.files[i];
        struct key_row *row = row_of(rows, file->clear.role, file->clear.public_key);
        if (row != NULL) {
            row->file = file;
        }
    }
    (void)snprintf(name, sizeof name, "card-%06" PRIu64, own_card(own)->serial + 1);
    enum result result = request_get(own->config, name, &waiting, error);
    if (result != RESULT_OK && result != RESULT_NOT_FOUND) {
        return result;
    }
    for (size_t i = 0; i < rows->count; i++) {
        rows->rows[i].state = state_of(own, &rows->rows[i], waiting);
    }
    request_destroy(&waiting);
    qsort(rows->rows, rows->count, sizeof *rows->rows, rows_order);
    return RESULT_OK;
}

/* The file below the node's directory. */
static const char *file_name(const struct key_row *row)
{
    const char *slash = row->file == NULL ? NULL : strrchr(row->file->path, '/');
    return slash == NULL ? "" : slash + 1;
}

/* The key as it stands on the card. */
static void key_text(const struct key_row *row, struct buffer *out)
{
    buffer_clear(out);
    text_key_append(row->key.public_key, row->role, out);
}

static void rows_print(const struct key_rows *rows)
{
    static const char *const heads[] = {"ROLE",  "STATE", "FROM", "UNTIL",
                                        "CARDS", "FILE",  "KEY",  NULL};
    struct table table = table_begin(heads);
    struct buffer key = {0};
    for (size_t i = 0; i < rows->count; i++) {
        const struct key_row *row = &rows->rows[i];
        char time[TEXT_TIME_BYTES];
        char serials[64] = "none";
        bool on_card = row->last_serial != 0;
        if (on_card) {
            (void)snprintf(serials, sizeof serials,
                           row->first_serial == row->last_serial ? "%" PRIu64
                                                                 : "%" PRIu64 " to %" PRIu64,
                           row->first_serial, row->last_serial);
        }
        table_string(&table, key_role_text(row->role));
        table_string(&table, states[row->state].word);
        text_time(row->key.from_s, time);
        table_string(&table, on_card ? time : "");
        text_time(row->key.until_s, time);
        table_string(&table, on_card ? time : "");
        table_string(&table, serials);
        table_string(&table, row->file == NULL ? "not here" : file_name(row));
        key_text(row, &key);
        table_text(&table, buffer_view(&key));
    }
    table_end(&table, stdout);
    buffer_free(&key);
}

static json_t *rows_json(const struct key_rows *rows)
{
    json_t *list = json_array();
    struct buffer key = {0};
    for (size_t i = 0; i < rows->count; i++) {
        const struct key_row *row = &rows->rows[i];
        char from[TEXT_TIME_BYTES];
        char until[TEXT_TIME_BYTES];
        text_time(row->key.from_s, from);
        text_time(row->key.until_s, until);
        key_text(row, &key);
        json_t *object = json_pack("{s:s, s:s, s:s%, s:s, s:b}", "role", key_role_text(row->role),
                                   "state", states[row->state].word, "key", (const char *)key.data,
                                   key.size, "file", file_name(row), "here", row->file != NULL);
        if (row->last_serial != 0 && object != NULL) {
            json_t *on_card = json_pack("{s:s, s:s, s:I, s:I}", "from", from, "until", until,
                                        "first_serial", (json_int_t)row->first_serial,
                                        "last_serial", (json_int_t)row->last_serial);
            (void)json_object_update_missing_new(object, on_card);
        }
        (void)json_array_append_new(list, object);
    }
    buffer_free(&key);
    return list;
}

static enum result list(struct call *call, struct error *error)
{
    struct own own;
    struct key_rows rows = {0};
    enum result result = own_load(call, &own, error);
    if (result == RESULT_OK) {
        result = rows_collect(&own, &rows, error);
    }
    if (result == RESULT_OK && call->json) {
        result = output_json(rows_json(&rows), error);
    } else if (result == RESULT_OK) {
        rows_print(&rows);
    }
    free(rows.rows);
    own_free(&own);
    return result;
}

/* An identity key that is retired but not revoked may still have to sign: for an agreement that
 * names it, and to revoke itself. */
static bool is_useful(const struct key_row *row)
{
    return states[row->state].useful ||
           (row->role == KEY_IDENTITY &&
            (row->state == STATE_RETIRED || row->state == STATE_UNUSED));
}

/* Secrets that nothing needs any more: of keys that are expired, retired, revoked or were never
 * used. */
static enum result prune(struct call *call, struct error *error)
{
    struct own own;
    struct key_rows rows = {0};
    bool dry_run = call_value(call, "dry-run") != NULL;
    size_t removed = 0;
    enum result result = own_change(call, &own, error);
    if (result == RESULT_OK) {
        result = rows_collect(&own, &rows, error);
    }
    for (size_t i = 0; i < rows.count && result == RESULT_OK; i++) {
        const struct key_row *row = &rows.rows[i];
        if (row->file == NULL || is_useful(row)) {
            continue;
        }
        removed++;
        (void)printf("%s %s: %s\n", dry_run ? "would remove" : "removed", file_name(row),
                     states[row->state].word);
        if (!dry_run) {
            result = file_remove(row->file->path, error);
        }
        if (!dry_run && result == RESULT_OK) {
            result = act_record(call, own.config->directory, "key prune", key_role_text(row->role),
                                file_name(row), error);
        }
    }
    if (result == RESULT_OK && removed == 0) {
        (void)fprintf(stderr, "comesh: every key file here is of use\n");
    }
    free(rows.rows);
    own_free(&own);
    return result;
}

const struct command command_key_list = {
    .name = "key list",
    .operands = "",
    .summary = "the own keys: on which cards, in which files, until when, in use or not",
    .examples = "  comesh key list\n  comesh key list --json\n",
    .details =
        "in use: signs and serves now; next: its time comes; retiring: still valid beside a newer\n"
        "one; expired: past its time; retired: on older cards only; revoked: never again;\n"
        "requested: waits for the signature of its card; unused: a file that no card names.\n"
        "What is not here is on another machine, as an identity key may be. Asks no passphrase.\n",
    .json = true,
    .run = list,
};

const struct command command_key_prune = {
    .name = "key prune",
    .operands = "",
    .summary = "remove the secret files of keys that are of no use any more",
    .examples = "  comesh key prune --dry-run\n  comesh key prune\n",
    .details =
        "What they signed stays proof: that needs the cards, which are kept, not the files.\n",
    .options = {{"dry-run", NULL, "only say which", false},
                {"by", "NAME", "who did it, for the audit log", false}},
    .run = prune,
};
