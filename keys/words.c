/* Words and digits. See words.h. */
#include "keys/words.h"

#include "proto/nearest.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#define GROUP_DIGITS ((size_t)5)
#define ALL_DIGITS   (WORDS_GROUPS * GROUP_DIGITS)

static uint32_t number_at(const uint8_t hash[WORDS_HASH_BYTES], size_t place)
{
    const uint8_t *from = hash + 4 * place;
    return (uint32_t)from[0] << 24 | (uint32_t)from[1] << 16 | (uint32_t)from[2] << 8 |
           (uint32_t)from[3];
}

static const char *word_at(const uint8_t hash[WORDS_HASH_BYTES], size_t place)
{
    return words_list[number_at(hash, place) % WORDS_LIST_COUNT];
}

void words_text(const uint8_t hash[WORDS_HASH_BYTES], char out[WORDS_TEXT_BYTES])
{
    size_t size = 0;
    for (size_t place = 0; place < WORDS_COUNT; place++) {
        size += (size_t)snprintf(out + size, WORDS_TEXT_BYTES - size, "%s%s", place > 0 ? " " : "",
                                 word_at(hash, place));
    }
}

void words_digits(const uint8_t hash[WORDS_HASH_BYTES], char out[WORDS_DIGITS_BYTES])
{
    size_t size = 0;
    for (size_t place = 0; place < WORDS_GROUPS; place++) {
        size += (size_t)snprintf(out + size, WORDS_DIGITS_BYTES - size, "%s%05" PRIu32,
                                 place > 0 ? "-" : "", number_at(hash, place) % 100000);
    }
}

static bool is_between(char c)
{
    return c == ' ' || c == '-' || c == ',' || c == '\t' || c == '\n' || c == '\r';
}

/* Cuts what stands before the next blank or hyphen off the front; empty at the end. */
static struct text piece_take(struct text *rest)
{
    while (rest->size > 0 && is_between(*rest->data)) {
        *rest = (struct text){rest->data + 1, rest->size - 1};
    }
    struct text piece = {rest->data, 0};
    while (rest->size > 0 && !is_between(*rest->data)) {
        *rest = (struct text){rest->data + 1, rest->size - 1};
        piece.size++;
    }
    return piece;
}

static int word_order(const void *wanted, const void *listed)
{
    return strcmp(wanted, listed);
}

/* The word of the list that was said, or NULL. */
static const char *word_find(struct text said)
{
    char word[WORDS_LETTERS_MAX + 1] = {0};
    if (said.size > WORDS_LETTERS_MAX) {
        return NULL;
    }
    for (size_t i = 0; i < said.size; i++) {
        word[i] = (char)tolower((unsigned char)said.data[i]);
    }
    return bsearch(word, words_list, WORDS_LIST_COUNT, sizeof words_list[0], word_order);
}

static enum result word_unknown(struct text said, struct error *error)
{
    struct nearest nearest = nearest_to(said);
    for (size_t i = 0; i < WORDS_LIST_COUNT; i++) {
        nearest_offer(&nearest, words_list[i]);
    }
    const char *found = nearest_found(&nearest);
    struct text shown = {said.data, said.size < 40 ? said.size : 40};
    if (found == NULL) {
        return error_set(error, RESULT_INVALID, "'%.*s' is none of the words; listen again",
                         TEXT_ARGS(shown));
    }
    return error_set(error, RESULT_INVALID, "'%.*s' is none of the words; is it '%s'?",
                     TEXT_ARGS(shown), found);
}

/* Every word is looked up before one is compared, so that a slip of the hand is told as that. */
static enum result compare_words(const uint8_t hash[WORDS_HASH_BYTES], struct text said,
                                 struct error *error)
{
    size_t count = 0;
    bool same = true;
    for (struct text word = piece_take(&said); word.size > 0; word = piece_take(&said)) {
        const char *found = word_find(word);
        if (found == NULL) {
            return word_unknown(word, error);
        }
        same = same && count < WORDS_COUNT && strcmp(found, word_at(hash, count)) == 0;
        count++;
    }
    if (count != WORDS_COUNT) {
        return error_set(error, RESULT_INVALID,
                         "%zu words, where all %d are needed, or all %zu digits", count,
                         WORDS_COUNT, ALL_DIGITS);
    }
    return same ? RESULT_OK : error_set(error, RESULT_UNTRUSTED, "the words differ");
}

static enum result compare_digits(const uint8_t hash[WORDS_HASH_BYTES], struct text said,
                                  struct error *error)
{
    char right[WORDS_DIGITS_BYTES];
    size_t count = 0;
    bool same = true;
    words_digits(hash, right);
    for (size_t i = 0; i < said.size; i++) {
        if (is_between(said.data[i])) {
            continue;
        }
        if (isdigit((unsigned char)said.data[i]) == 0) {
            return error_set(error, RESULT_INVALID,
                             "digits and something else; give all %d words or all %zu digits",
                             WORDS_COUNT, ALL_DIGITS);
        }
        same = same && count < ALL_DIGITS && said.data[i] == right[count + count / GROUP_DIGITS];
        count++;
    }
    if (count != ALL_DIGITS) {
        return error_set(error, RESULT_INVALID,
                         "%zu digits, where all %zu are needed, or all %d words", count, ALL_DIGITS,
                         WORDS_COUNT);
    }
    return same ? RESULT_OK : error_set(error, RESULT_UNTRUSTED, "the digits differ");
}

enum result words_compare(const uint8_t hash[WORDS_HASH_BYTES], struct text said,
                          struct error *error)
{
    for (size_t i = 0; i < said.size; i++) {
        if (isdigit((unsigned char)said.data[i]) != 0) {
            return compare_digits(hash, said, error);
        }
    }
    return compare_words(hash, said, error);
}
