/* Signed notes, C2SP signed-note: a text that ends in a newline, an empty line, signature lines
 * "— name base64 (key id || signature)". Parsing is strict: LF only, no control characters, size
 * limit, every line well formed, names of visible ASCII. Any thread. */
#ifndef COMESH_KEYS_NOTE_H
#define COMESH_KEYS_NOTE_H

#include "keys/keypair.h"

#define NOTE_SIGNATURES_MAX 64 /* 32 parties, all of which change their key */
#define NOTE_MAX_BYTES      ((size_t)256 << 10)
#define NOTE_KEY_ID_BYTES   4
#define NOTE_TIME_BYTES     8
#define NOTE_TIME_MAX_S     ((uint64_t)INT64_MAX)

/* The longest of the two algorithms below, behind the key id. */
#define NOTE_SIGNATURE_MAX_BYTES (NOTE_TIME_BYTES + KEY_SIGNATURE_BYTES)

enum note_algorithm {
    NOTE_ED25519 = 0x01,
    NOTE_COSIGNATURE_V1 = 0x04, /* timestamped, C2SP tlog-cosignature */
};

struct note_signature {
    struct text name;
    uint8_t key_id[NOTE_KEY_ID_BYTES];
    size_t size;
    uint8_t bytes[NOTE_SIGNATURE_MAX_BYTES]; /* decoded */
};

/* Texts borrow from the parsed bytes. */
struct note {
    struct text body; /* with its last newline */
    struct note_signature signatures[NOTE_SIGNATURES_MAX];
    size_t signature_count;
};

/* RESULT_TOO_LARGE above NOTE_MAX_BYTES or NOTE_SIGNATURES_MAX, RESULT_INVALID with the line for
 * another form. Says nothing of who signed. */
enum result note_parse(struct bytes bytes, struct note *note, struct error *error) RESULT_CHECKED;

/* As note_parse, of a text that nobody may have signed yet: an empty line is its end. */
enum result note_parse_draft(struct bytes bytes, struct note *note,
                             struct error *error) RESULT_CHECKED;

/* SHA-256 (name || 0x0A || algorithm || public key), first four bytes. */
void note_key_id(struct text name, enum note_algorithm algorithm,
                 const uint8_t public_key[KEY_PUBLIC_BYTES], uint8_t key_id[NOTE_KEY_ID_BYTES]);

/* Appends "— name base64\n" for a signature over `body`. For a cosignature `time_s` is signed and
 * carried in front; for Ed25519 it is ignored. A receipt key makes cosignatures and nothing else;
 * only identity and checkpoint keys sign plainly: otherwise RESULT_DENIED. */
enum result note_add_signature(struct text body, struct text name, enum note_algorithm algorithm,
                               uint64_t time_s, const struct keypair *key, struct buffer *out,
                               struct error *error) RESULT_CHECKED;

/* Makes a body into a note: appends the empty line and a plain signature over what `note` holds. */
enum result note_sign(struct buffer *note, struct text name, const struct keypair *key,
                      struct error *error) RESULT_CHECKED;

/* RESULT_NOT_FOUND when the note has no signature of that name and key; RESULT_UNTRUSTED when it
 * has one that does not hold. `time_s` may be NULL; it is 0 for Ed25519. */
enum result note_verify(const struct note *note, struct text name, enum note_algorithm algorithm,
                        const uint8_t public_key[KEY_PUBLIC_BYTES], uint64_t *time_s,
                        struct error *error) RESULT_CHECKED;

/* Whether a signature line has that name and key; it may not hold. */
bool note_names(const struct note *note, struct text name, enum note_algorithm algorithm,
                const uint8_t public_key[KEY_PUBLIC_BYTES]);

/* The note has one signature, a plain one of that name and key: of an identity key that signs
 * alone. RESULT_INVALID for more, RESULT_UNTRUSTED for another's and for one that does not hold. */
enum result note_verify_alone(const struct note *note, struct text name,
                              const uint8_t public_key[KEY_PUBLIC_BYTES],
                              struct error *error) RESULT_CHECKED;

#endif
