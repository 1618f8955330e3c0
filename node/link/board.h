/* The board: how each partner stands, written by the tasks that host lanes, read by whoever asks
 * for the status. A partner has one row; its two directions may be hosted by different tasks. */
#ifndef COMESH_NODE_LINK_BOARD_H
#define COMESH_NODE_LINK_BOARD_H

#include "node/link/link.h"

struct board;

enum board_half { BOARD_OUTGOING, BOARD_INCOMING };

enum result board_new(struct board **board, struct error *error) RESULT_CHECKED;
void board_destroy(struct board **board);

/* Takes the fields of one direction from `row`, and its trouble, for the partner it names; without
 * memory for a new partner the status lacks it. Any thread. */
void board_put(struct board *board, enum board_half half, const struct link_partner *row);

/* The direction is hosted no more; a partner with none left disappears. Any thread. */
void board_drop(struct board *board, enum board_half half, struct text party);

/* How often the partner's channel to us was opened so far: a partner that comes to us has our card,
 * so that one which turned us away may be dialled again. Any thread. */
uint64_t board_openings(struct board *board, const char *party);

/* The row of one partner; untouched when there is none. Any thread. */
void board_find(struct board *board, const char *party, struct link_partner *partner);

/* Fills at most `max` rows, ascending by party; returns the count. Any thread. */
size_t board_read(struct board *board, struct link_partner *partners, size_t max);

#endif
