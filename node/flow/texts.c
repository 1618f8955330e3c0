/* The signed texts that we hold. See texts.h. */
#include "node/flow/texts.h"

#include <stdlib.h>

/* ---- the list ---- */

static size_t count_all(const struct texts *texts)
{
    size_t count = 1 + directory_count(texts->directory);
    for (size_t i = 0; agreements_at(texts->agreements, i) != NULL; i++) {
        count++;
    }
    for (size_t i = 0; agreements_proposal_at(texts->agreements, i) != NULL; i++) {
        count++;
    }
    for (size_t i = 0; directory_revocation(texts->directory, i) != NULL; i++) {
        count++;
    }
    return count;
}

/* A text that is too long for a frame stays here. */
static void add(struct texts *texts, enum frame_kind kind, struct text name, uint64_t number,
                const struct buffer *note)
{
    struct held_text *held = &texts->rows[texts->count];
    if (note->size == 0 || note->size > FRAME_TEXT_MAX_BYTES) {
        return;
    }
    *held = (struct held_text){.text = {.kind = kind, .name = name, .number = number},
                               .note = buffer_bytes(note)};
    merkle_sha256(held->note, &held->text.digest);
    texts->count++;
}

static void add_card(struct texts *texts, const struct card *card)
{
    add(texts, FRAME_CARD, text_of(card->party), card->serial, &card->note);
}

static void add_agreement(struct texts *texts, const struct agreement *agreement)
{
    size_t at = texts->count;
    add(texts, FRAME_AGREEMENT, text_of(agreement->code), agreement->version, &agreement->bytes);
    if (texts->count > at) {
        texts->rows[at].agreement = agreement;
    }
}

static bool is_own(const struct texts *texts, struct text party)
{
    return text_equal(party, text_of(directory_own(texts->directory)->party));
}

/* Revocations of our keys, or those of all others. */
static void add_revocations(struct texts *texts, bool own)
{
    const struct revocation *revocation;
    for (size_t i = 0; (revocation = directory_revocation(texts->directory, i)) != NULL; i++) {
        if (is_own(texts, text_of(revocation->party)) == own) {
            add(texts, FRAME_REVOCATION, text_of(revocation->party), revocation->issued_s,
                &revocation->note);
        }
    }
}

/* The newest version of each code, or those before it. */
static void add_agreements(struct texts *texts, bool newest)
{
    const struct agreement *agreement;
    for (size_t i = 0; (agreement = agreements_at(texts->agreements, i)) != NULL; i++) {
        struct text code = text_of(agreement->code);
        if ((agreements_version(texts->agreements, code, 0) == agreement) == newest) {
            add_agreement(texts, agreement);
        }
    }
}

/* A frame tells so many and no more: first what nobody can make grow but ourselves and a quorum, so
 * that no party hides by its many texts what must be known. */
static void add_all(struct texts *texts)
{
    const struct agreement *agreement;
    add_card(texts, directory_own(texts->directory));
    add_revocations(texts, true);
    add_agreements(texts, true);
    for (size_t i = 0; (agreement = agreements_proposal_at(texts->agreements, i)) != NULL; i++) {
        add_agreement(texts, agreement);
    }
    for (size_t i = 0; i < directory_count(texts->directory); i++) {
        add_card(texts, directory_at(texts->directory, i));
    }
    add_revocations(texts, false);
    add_agreements(texts, false);
}

enum result texts_load(struct flow *flow, struct texts *texts, struct error *error)
{
    *texts = (struct texts){.directory = flow_directory(flow), .agreements = flow_agreements(flow)};
    size_t count = count_all(texts);
    texts->rows = calloc(count, sizeof *texts->rows);
    if (texts->rows == NULL) {
        texts_free(texts);
        return error_set(error, RESULT_NO_MEMORY, "no memory for a list of %zu texts", count);
    }
    add_all(texts);
    return RESULT_OK;
}

void texts_free(struct texts *texts)
{
    free(texts->rows);
    directory_release(&texts->directory);
    agreements_release(&texts->agreements);
    *texts = (struct texts){0};
}

const struct held_text *texts_find(const struct texts *texts, const struct merkle_hash *digest)
{
    for (size_t i = 0; i < texts->count; i++) {
        if (memcmp(&texts->rows[i].text.digest, digest, sizeof *digest) == 0) {
            return &texts->rows[i];
        }
    }
    return NULL;
}

/* ---- who may have what ---- */

/* The `index`-th agreement that is not over and has that party; NULL behind the last. */
static const struct agreement *common(const struct texts *texts, struct text party, uint64_t now_s,
                                      size_t *index)
{
    const struct agreement *agreement;
    while ((agreement = agreements_at(texts->agreements, (*index)++)) != NULL) {
        if (agreement_party(agreement, party) != NULL &&
            agreements_state(texts->agreements, agreement, now_s) != AGREEMENT_ENDED) {
            return agreement;
        }
    }
    return NULL;
}

static bool is_named(const struct texts *texts, struct text party, uint64_t now_s)
{
    size_t index = 0;
    return common(texts, party, now_s, &index) != NULL;
}

static bool share_an_agreement(const struct texts *texts, struct text party, struct text other,
                               uint64_t now_s)
{
    const struct agreement *agreement;
    size_t index = 0;
    while ((agreement = common(texts, party, now_s, &index)) != NULL) {
        if (agreement_party(agreement, other) != NULL) {
            return true;
        }
    }
    return false;
}

static bool is_party_of(const struct texts *texts, const struct agreement *agreement,
                        struct text party)
{
    const struct agreement *before =
        agreement->version < 2 ? NULL
                               : agreements_version(texts->agreements, text_of(agreement->code),
                                                    agreement->version - 1);
    return agreement_party(agreement, party) != NULL ||
           (before != NULL && agreement_party(before, party) != NULL);
}

bool texts_is_for(const struct texts *texts, const struct held_text *held, struct text partner,
                  uint64_t now_s)
{
    if (held->agreement != NULL) {
        return is_party_of(texts, held->agreement, partner);
    }
    return is_own(texts, held->text.name) || text_equal(held->text.name, partner) ||
           share_an_agreement(texts, held->text.name, partner, now_s);
}

void texts_pack(const struct texts *texts, struct text partner, uint64_t now_s,
                struct buffer *frame)
{
    struct frame_text *rows = calloc(FRAME_TEXTS_MAX, sizeof *rows);
    size_t count = 0;
    if (rows == NULL) {
        frame->failed = true;
        return;
    }
    for (size_t i = 0; i < texts->count && count < FRAME_TEXTS_MAX; i++) {
        if (texts_is_for(texts, &texts->rows[i], partner, now_s)) {
            rows[count++] = texts->rows[i].text;
        }
    }
    frame_texts_pack(FRAME_TEXTS, &(struct frame_texts){rows, count}, frame);
    free(rows);
}

/* ---- what we lack ---- */

static bool lack_card(const struct texts *texts, const struct frame_text *text, uint64_t now_s)
{
    const struct card *held = directory_version(texts->directory, text->name, 0);
    bool named = is_named(texts, text->name, now_s);
    if (is_own(texts, text->name) || held == NULL) {
        return held == NULL && named && !is_own(texts, text->name);
    }
    if (text->number > held->serial) {
        return named || directory_party(texts->directory, text->name) != NULL;
    }
    /* An agreement gave the party another identity, whose serials are its own. */
    return named && !agreements_vouch(texts->agreements, text->name, text_of(held->domain),
                                      held->keys[KEY_IDENTITY][0].public_key, now_s);
}

static bool lack_agreement(const struct texts *texts, const struct frame_text *text)
{
    const struct agreement *newest = agreements_version(texts->agreements, text->name, 0);
    const struct agreement *proposal = agreements_proposal(texts->agreements, text->name);
    bool held = (proposal != NULL && proposal->version == text->number) ||
                (text->number <= UINT32_MAX &&
                 agreements_version(texts->agreements, text->name, (uint32_t)text->number) != NULL);
    if (held) {
        return texts_find(texts, &text->digest) == NULL;
    }
    return newest == NULL || text->number == (uint64_t)newest->version + 1;
}

bool texts_lack(const struct texts *texts, const struct frame_text *text, uint64_t now_s)
{
    if (text->kind == FRAME_AGREEMENT) {
        return text->number > 0 && lack_agreement(texts, text);
    }
    if (text->kind == FRAME_CARD) {
        return lack_card(texts, text, now_s);
    }
    bool known = is_own(texts, text->name) || is_named(texts, text->name, now_s) ||
                 directory_version(texts->directory, text->name, 0) != NULL;
    return known && texts_find(texts, &text->digest) == NULL;
}

void texts_epoch(const struct texts *texts, uint64_t now_s, struct merkle_hash *epoch)
{
    const struct agreement *agreement;
    struct buffer states = {0};
    for (size_t i = 0; (agreement = agreements_at(texts->agreements, i)) != NULL; i++) {
        buffer_printf(&states, "%s %u %d\n", agreement->code, agreement->version,
                      (int)agreements_state(texts->agreements, agreement, now_s));
    }
    merkle_sha256(buffer_bytes(&states), epoch);
    buffer_free(&states);
}
