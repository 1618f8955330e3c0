/* A hash as two people read it to each other: six words of a published list (words.txt), or five
 * groups of five digits; and what one of them has typed, compared with it. Knows nothing of what is
 * compared: fingerprints, the short string of a pairing. Any thread. */
#ifndef COMESH_KEYS_WORDS_H
#define COMESH_KEYS_WORDS_H

#include "proto/bytes.h"

#define WORDS_HASH_BYTES   32
#define WORDS_COUNT        6
#define WORDS_LIST_COUNT   7772
#define WORDS_LETTERS_MAX  9
#define WORDS_TEXT_BYTES   ((size_t)(WORDS_COUNT * (WORDS_LETTERS_MAX + 1)))
#define WORDS_GROUPS       5
#define WORDS_DIGITS_BYTES 32

/* The list, ascending. Made from words.txt by the build. */
extern const char words_list[WORDS_LIST_COUNT][WORDS_LETTERS_MAX + 1];

/* "acid bacon cactus dagger eagle fabric": the first six 32-bit numbers of the hash, big-endian,
 * each modulo the size of the list. About 77 bits. */
void words_text(const uint8_t hash[WORDS_HASH_BYTES], char out[WORDS_TEXT_BYTES]);

/* "12345-67890-…": the first five of these numbers, each modulo 100000. About 83 bits. */
void words_digits(const uint8_t hash[WORDS_HASH_BYTES], char out[WORDS_DIGITS_BYTES]);

/* Whether a person said the same: all six words, or all 25 digits; case, blanks, hyphens and commas
 * between them do not matter. RESULT_INVALID when it is neither, with the word that is not of the
 * list and the nearest that is; RESULT_UNTRUSTED when it is something else than the hash. */
enum result words_compare(const uint8_t hash[WORDS_HASH_BYTES], struct text said,
                          struct error *error) RESULT_CHECKED;

#endif
