/* A signed text read line by line, strictly: each line is a word and its value, in the order of the
 * form, and what is not expected is refused with its number. Any thread. */
#ifndef COMESH_KEYS_TEXT_READER_H
#define COMESH_KEYS_TEXT_READER_H

#include "keys/keypair.h"
#include "keys/text.h"

/* Start with text_reader_start. */
struct text_reader {
    const char *what; /* "card": names the text in sentences */
    struct text_lines lines;
    bool at_line; /* false behind the last */
    struct error *error;
};

/* Reads the first line, which must be `first`. */
enum result text_reader_start(struct text_reader *reader, const char *what, struct text text,
                              const char *first, struct error *error) RESULT_CHECKED;
void text_reader_next(struct text_reader *reader);

/* True when the line begins with `word` and a blank; `value` is what follows. */
bool text_reader_has(const struct text_reader *reader, const char *word, struct text *value);

/* RESULT_INVALID: the line is not `expected`, or there is none, or another signed text begins. */
enum result text_reader_refuse(const struct text_reader *reader, const char *expected);

/* RESULT_INVALID when lines are left. */
enum result text_reader_end(const struct text_reader *reader) RESULT_CHECKED;

/* A text field: its word, its place in the struct, what is accepted. Optional fields have no line
 * when they are empty. */
struct text_field {
    const char *word;
    size_t offset;
    size_t size; /* with the NUL */
    bool optional;
    bool (*accepts)(struct text value);
    const char *accepted;
};
#define TEXT_FIELD(type, member) offsetof(type, member), sizeof((type *)NULL)->member

/* The fields of the struct at `place`, a line each. */
enum result text_fields_read(struct text_reader *reader, const struct text_field *fields,
                             size_t count, void *place) RESULT_CHECKED;
void text_fields_append(const struct text_field *fields, size_t count, const void *place,
                        struct buffer *out);

/* A line "word TIME". */
enum result text_time_line_read(struct text_reader *reader, const char *word,
                                uint64_t *seconds) RESULT_CHECKED;

/* A public key of a role: base64, for transport Z85; false for bytes that are no key of it. */
bool text_key_read(struct text text, enum key_role role, uint8_t public_key[KEY_PUBLIC_BYTES]);
void text_key_append(const uint8_t public_key[KEY_PUBLIC_BYTES], enum key_role role,
                     struct buffer *out);

#endif
