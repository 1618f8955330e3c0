/* An agreement of the mesh: who takes part and with which identity key, under which menus and code
 * lists, from when until when; a signed note that a person can read, with one signature of each
 * party that agreed. Parsing gives a text that is whole and whose known signatures hold; whether a
 * quorum has signed says agreement_quorum, which versions are trusted keys/agreements.h.
 * Any thread; an agreement does not change after parsing. */
#ifndef COMESH_KEYS_AGREEMENT_H
#define COMESH_KEYS_AGREEMENT_H

#include "keys/card.h"
#include "keys/note.h"
#include "keys/words.h"
#include "proto/codes.h"
#include "proto/entry.h"
#include "proto/menu.h"

#define AGREEMENT_PARTIES_MAX   32
#define AGREEMENT_MENUS_MAX     2 /* two are valid through a change-over */
#define AGREEMENT_NOTE_BYTES    NOTE_MAX_BYTES
#define AGREEMENT_GRACE_MAX     366 /* days */
#define AGREEMENT_EDITION_BYTES 64  /* with the NUL */
#define AGREEMENT_DAY_S         ((uint64_t)86400)

struct agreement_party {
    char party[PARTY_MAX_BYTES];
    char domain[DOMAIN_MAX_BYTES];
    uint8_t identity[KEY_PUBLIC_BYTES];
    bool exports; /* may issue certificates */
    bool imports; /* may receive them */
};

/* A menu of the agreement: its text as it stands there, and read. */
struct agreement_menu {
    struct text text;
    const struct menu *menu;
};

/* A code list that all parties use in one edition. */
struct agreement_list {
    enum code_list_id id;
    char edition[AGREEMENT_EDITION_BYTES];
};

struct agreement {
    char code[AGREEMENT_MAX_BYTES + 1];
    uint32_t version;
    char name[NAME_MAX_BYTES];
    char reference[NAME_MAX_BYTES]; /* the legal text */
    char environment[8];
    struct merkle_hash previous; /* of the text of the version before; zeros in version 1 */
    uint64_t from_s;             /* in force [from, until), seconds UTC */
    uint64_t until_s;
    uint32_t grace_days; /* after its end, in which the mesh goes on receiving */
    uint32_t quorum;
    struct agreement_party parties[AGREEMENT_PARTIES_MAX]; /* ascending by party */
    size_t party_count;
    struct agreement_list lists[CODE_LIST_COUNT]; /* ascending by id; may be none */
    size_t list_count;
    struct agreement_menu menus[AGREEMENT_MENUS_MAX]; /* ascending by version */
    size_t menu_count;

    /* of one that was parsed */
    struct buffer bytes;     /* the note as it came */
    struct note note;        /* body and signatures in `bytes` */
    uint32_t signers;        /* bit i: parties[i] has signed, with the identity it has here */
    struct merkle_hash hash; /* SHA-256 of the body */
    struct arena arena;      /* of the menus */
};

/* Parses a note, or a text that nobody has signed yet with an empty line behind it; `agreement` is
 * allocated. Signatures of its own parties must hold: RESULT_UNTRUSTED. RESULT_INVALID names the
 * line that is wrong. */
enum result agreement_parse(struct bytes note, struct agreement **agreement,
                            struct error *error) RESULT_CHECKED;
void agreement_destroy(struct agreement **agreement);

/* The text of a new agreement or version, read as others will, with nobody's signature. What is
 * needed of `draft` are its fields above `bytes`, of the menus their texts. */
enum result agreement_draft(const struct agreement *draft, struct agreement **agreement,
                            struct error *error) RESULT_CHECKED;

/* Appends the note with one more signature, that of an identity key of the party with this domain.
 * RESULT_DUPLICATE when that key has signed; RESULT_DENIED when it is a key of no party, neither of
 * this version nor of `previous`, which may be NULL. */
enum result agreement_sign(const struct agreement *agreement, const struct agreement *previous,
                           const struct keypair *identity, struct buffer *note,
                           struct error *error) RESULT_CHECKED;

/* Appends the note with the signatures of both, which have one body. `*added` says how many are
 * new. In one order, so that all who hold the same signatures hold the same bytes. */
enum result agreement_merge(const struct agreement *held, const struct agreement *other,
                            struct buffer *note, size_t *added, struct error *error) RESULT_CHECKED;

/* Who has signed. A party counts once in each version, with the identity key that the version
 * names: bit i is parties[i]. */
struct agreement_count {
    uint32_t signers;          /* of this version */
    uint32_t previous_signers; /* of the version before; 0 without it */
    uint32_t signed_by;        /* how many parties of this version */
    uint32_t previous_signed_by;
    bool met; /* the quorum of this version, and of the one before */
};

/* Counts. `previous` is the version before, or NULL for version 1 and where it is not held.
 * RESULT_UNTRUSTED, with a sentence, for a signature that does not hold and for one of a stranger:
 * a key of no party of either version. RESULT_CONFLICT when `previous` is not the text this one
 * follows, or they have one menu version with two texts. */
enum result agreement_quorum(const struct agreement *agreement, const struct agreement *previous,
                             struct agreement_count *count, struct error *error) RESULT_CHECKED;

/* Appends "signed by KR; not by ID; 1 of 2, quorum 2". */
void agreement_describe_signers(const struct agreement *agreement, uint32_t signers,
                                struct buffer *out);

/* The party of that code, or NULL. */
const struct agreement_party *agreement_party(const struct agreement *agreement, struct text party);

/* The menu of that version, or NULL. */
const struct menu *agreement_menu(const struct agreement *agreement, uint32_t version);

/* "test.coconnect.customs.go.kr/identity": the name a party signs with. */
void agreement_key_name(const struct agreement *agreement, const struct agreement_party *party,
                        char out[CARD_NAME_BYTES]);

/* What two people compare of a version, with keys/words.h: SHA-256 of "comesh agreement fingerprint
 * v1", code and version, a newline behind each, and the hash of its text. */
void agreement_fingerprint(const struct agreement *agreement, uint8_t hash[WORDS_HASH_BYTES]);

#endif
