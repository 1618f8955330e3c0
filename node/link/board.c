/* The board. See board.h. */
#include "node/link/board.h"

#include <stdio.h>
#include <stdlib.h>

struct board_row {
    struct link_partner partner;
    bool hosted[2];       /* by enum board_half */
    char trouble[2][256]; /* of each direction */
    uint64_t told[2];     /* order of the troubles */
    uint64_t heard_ms[2];
    uint32_t version[2];
    uint64_t openings; /* of the incoming direction */
};

struct board {
    pthread_mutex_t lock;
    struct board_row *rows; /* ascending by party */
    size_t count;
    size_t capacity;
    uint64_t told; /* of the newest trouble */
};

static const char *const states[] = {
    [LANE_NONE] = "none",   [LANE_CONNECTING] = "connecting",
    [LANE_HELLO] = "hello", [LANE_FETCHING] = "fetching",
    [LANE_OPEN] = "open",   [LANE_REFUSED] = "refused",
    [LANE_HELD] = "held",
};

const char *lane_state_text(enum lane_state state)
{
    return (size_t)state < sizeof states / sizeof states[0] ? states[state] : "unknown";
}

enum result board_new(struct board **board, struct error *error)
{
    *board = calloc(1, sizeof **board);
    if (*board == NULL) {
        return error_set(error, RESULT_NO_MEMORY, "link: no memory for the status board");
    }
    (void)pthread_mutex_init(&(*board)->lock, NULL);
    return RESULT_OK;
}

void board_destroy(struct board **board)
{
    if (*board == NULL) {
        return;
    }
    (void)pthread_mutex_destroy(&(*board)->lock);
    free((*board)->rows);
    free(*board);
    *board = NULL;
}

/* Where the party's row is, or would be. */
static size_t place(const struct board *board, const char *party)
{
    size_t at = 0;
    while (at < board->count && strcmp(board->rows[at].partner.party, party) < 0) {
        at++;
    }
    return at;
}

static bool is_at(const struct board *board, size_t at, const char *party)
{
    return at < board->count && strcmp(board->rows[at].partner.party, party) == 0;
}

static struct board_row *row_open(struct board *board, const char *party)
{
    size_t at = place(board, party);
    if (is_at(board, at, party)) {
        return &board->rows[at];
    }
    if (board->count == board->capacity) {
        size_t capacity = board->capacity == 0 ? 8 : 2 * board->capacity;
        struct board_row *grown = realloc(board->rows, capacity * sizeof *grown);
        if (grown == NULL) {
            return NULL;
        }
        board->rows = grown;
        board->capacity = capacity;
    }
    memmove(&board->rows[at + 1], &board->rows[at], (board->count - at) * sizeof *board->rows);
    board->count++;
    board->rows[at] = (struct board_row){0};
    (void)snprintf(board->rows[at].partner.party, PARTY_MAX_BYTES, "%s", party);
    return &board->rows[at];
}

static void copy_outgoing(struct link_partner *to, const struct link_partner *from)
{
    to->outgoing = from->outgoing;
    to->sent = from->sent;
    to->receipted = from->receipted;
    to->in_flight_bytes = from->in_flight_bytes;
    to->credit = from->credit;
    to->clock_ahead_ms = from->clock_ahead_ms;
}

void board_put(struct board *board, enum board_half half, const struct link_partner *row)
{
    (void)pthread_mutex_lock(&board->lock);
    struct board_row *mine = row_open(board, row->party);
    if (mine != NULL) {
        mine->hosted[half] = true;
        mine->heard_ms[half] = row->last_heard_ms;
        mine->version[half] = row->version;
        if (strcmp(mine->trouble[half], row->trouble) != 0) {
            memcpy(mine->trouble[half], row->trouble, sizeof row->trouble);
            mine->told[half] = row->trouble[0] == '\0' ? 0 : ++board->told;
        }
        if (half == BOARD_OUTGOING) {
            copy_outgoing(&mine->partner, row);
        } else {
            mine->openings += row->incoming == LANE_OPEN && mine->partner.incoming != LANE_OPEN;
            mine->partner.incoming = row->incoming;
        }
    }
    (void)pthread_mutex_unlock(&board->lock);
}

void board_drop(struct board *board, enum board_half half, struct text party)
{
    char name[PARTY_MAX_BYTES];
    (void)snprintf(name, sizeof name, "%.*s", TEXT_ARGS(party));
    (void)pthread_mutex_lock(&board->lock);
    size_t at = place(board, name);
    if (is_at(board, at, name)) {
        struct board_row *row = &board->rows[at];
        struct link_partner none = {0};
        row->hosted[half] = false;
        row->trouble[half][0] = '\0';
        row->told[half] = 0;
        row->version[half] = 0;
        if (half == BOARD_OUTGOING) {
            copy_outgoing(&row->partner, &none);
        } else {
            row->partner.incoming = LANE_NONE;
        }
        if (!row->hosted[BOARD_OUTGOING] && !row->hosted[BOARD_INCOMING]) {
            board->count--;
            memmove(row, row + 1, (board->count - at) * sizeof *row);
        }
    }
    (void)pthread_mutex_unlock(&board->lock);
}

uint64_t board_openings(struct board *board, const char *party)
{
    (void)pthread_mutex_lock(&board->lock);
    size_t at = place(board, party);
    uint64_t openings = is_at(board, at, party) ? board->rows[at].openings : 0;
    (void)pthread_mutex_unlock(&board->lock);
    return openings;
}

static void row_read(const struct board_row *row, struct link_partner *partner)
{
    const uint64_t *heard = row->heard_ms;
    const uint32_t *version = row->version;
    bool ours = row->told[BOARD_OUTGOING] > row->told[BOARD_INCOMING];
    *partner = row->partner;
    partner->last_heard_ms = heard[0] > heard[1] ? heard[0] : heard[1];
    partner->version = version[0] > version[1] ? version[0] : version[1];
    memcpy(partner->trouble, row->trouble[ours ? BOARD_OUTGOING : BOARD_INCOMING],
           sizeof partner->trouble);
}

void board_find(struct board *board, const char *party, struct link_partner *partner)
{
    (void)pthread_mutex_lock(&board->lock);
    size_t at = place(board, party);
    if (is_at(board, at, party)) {
        row_read(&board->rows[at], partner);
    }
    (void)pthread_mutex_unlock(&board->lock);
}

size_t board_read(struct board *board, struct link_partner *partners, size_t max)
{
    (void)pthread_mutex_lock(&board->lock);
    size_t count = board->count < max ? board->count : max;
    for (size_t i = 0; i < count; i++) {
        row_read(&board->rows[i], &partners[i]);
    }
    (void)pthread_mutex_unlock(&board->lock);
    return count;
}
