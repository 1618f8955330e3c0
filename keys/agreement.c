/* Agreements. See agreement.h. */
#include "keys/agreement.h"

#include "keys/agreement_text.h"
#include "keys/text.h"

#include <stdio.h>
#include <stdlib.h>

void agreement_key_name(const struct agreement *agreement, const struct agreement_party *party,
                        char out[CARD_NAME_BYTES])
{
    (void)snprintf(out, CARD_NAME_BYTES, "%s.coconnect.%s/%s", agreement->environment,
                   party->domain, key_role_text(KEY_IDENTITY));
}

/* The party of `names` that the signature is of, by key name and key id; or NULL. `same_name` gets
 * one whose name alone is on it. */
static const struct agreement_party *signer_of(const struct agreement *names,
                                               const struct note_signature *signature,
                                               const struct agreement_party **same_name)
{
    for (size_t i = 0; names != NULL && i < names->party_count; i++) {
        const struct agreement_party *party = &names->parties[i];
        char name[CARD_NAME_BYTES];
        uint8_t key_id[NOTE_KEY_ID_BYTES];
        agreement_key_name(names, party, name);
        if (!text_equal(text_of(name), signature->name)) {
            continue;
        }
        *same_name = party;
        note_key_id(text_of(name), NOTE_ED25519, party->identity, key_id);
        if (memcmp(key_id, signature->key_id, sizeof key_id) == 0) {
            return party;
        }
    }
    return NULL;
}

static uint32_t bit_of(const struct agreement *agreement, const struct agreement_party *party)
{
    return (uint32_t)1 << (party - agreement->parties);
}

static enum result signature_verify(const struct agreement *agreement,
                                    const struct agreement *names,
                                    const struct agreement_party *party, struct error *error)
{
    char name[CARD_NAME_BYTES];
    agreement_key_name(names, party, name);
    enum result result =
        note_verify(&agreement->note, text_of(name), NOTE_ED25519, party->identity, NULL, error);
    return result == RESULT_OK ? result
                               : error_wrap(error, "agreement %s %u: %s", agreement->code,
                                            agreement->version, party->party);
}

/* ---- parsing ---- */

static enum result signers_read(struct agreement *agreement, struct error *error)
{
    enum result result = RESULT_OK;
    for (size_t i = 0; i < agreement->note.signature_count && result == RESULT_OK; i++) {
        const struct agreement_party *same = NULL;
        const struct agreement_party *party =
            signer_of(agreement, &agreement->note.signatures[i], &same);
        if (party != NULL) {
            agreement->signers |= bit_of(agreement, party);
            result = signature_verify(agreement, agreement, party, error);
        }
    }
    return result;
}

enum result agreement_parse(struct bytes note, struct agreement **agreement, struct error *error)
{
    *agreement = NULL;
    struct agreement *made = NULL;
    if (note.size > AGREEMENT_NOTE_BYTES) {
        return error_set(error, RESULT_TOO_LARGE, "agreement: %zu bytes are above the limit of %zu",
                         note.size, AGREEMENT_NOTE_BYTES);
    }
    made = calloc(1, sizeof *made);
    if (made == NULL) {
        return error_set(error, RESULT_NO_MEMORY, "no memory for an agreement");
    }
    buffer_append(&made->bytes, note.data, note.size);
    enum result result = buffer_check(&made->bytes, error);
    if (result == RESULT_OK) {
        result = note_parse_draft(buffer_bytes(&made->bytes), &made->note, error);
        if (result != RESULT_OK) {
            (void)error_wrap(error, "agreement");
        }
    }
    if (result == RESULT_OK) {
        merkle_sha256(text_bytes(made->note.body), &made->hash);
        result = agreement_text_read(made->note.body, made, error);
    }
    if (result == RESULT_OK) {
        result = signers_read(made, error);
    }
    if (result != RESULT_OK) {
        agreement_destroy(&made);
    }
    *agreement = made;
    return result;
}

void agreement_destroy(struct agreement **agreement)
{
    if (*agreement != NULL) {
        arena_free(&(*agreement)->arena);
        buffer_free(&(*agreement)->bytes);
        free(*agreement);
        *agreement = NULL;
    }
}

enum result agreement_draft(const struct agreement *draft, struct agreement **agreement,
                            struct error *error)
{
    struct buffer text = {0};
    *agreement = NULL;
    agreement_text_append(draft, &text);
    buffer_text(&text, "\n");
    enum result result = buffer_check(&text, error);
    if (result == RESULT_OK) {
        result = agreement_parse(buffer_bytes(&text), agreement, error);
    }
    buffer_free(&text);
    return result;
}

/* ---- signatures ---- */

static int signatures_compare(const void *a, const void *b)
{
    const struct note_signature *one = *(const struct note_signature *const *)a;
    const struct note_signature *other = *(const struct note_signature *const *)b;
    size_t size = one->name.size < other->name.size ? one->name.size : other->name.size;
    int order = memcmp(one->name.data, other->name.data, size);
    if (order == 0 && one->name.size != other->name.size) {
        order = one->name.size < other->name.size ? -1 : 1;
    }
    return order != 0 ? order : memcmp(one->key_id, other->key_id, NOTE_KEY_ID_BYTES);
}

static void signature_append(const struct note_signature *signature, struct buffer *out)
{
    uint8_t bytes[NOTE_KEY_ID_BYTES + NOTE_SIGNATURE_MAX_BYTES];
    memcpy(bytes, signature->key_id, NOTE_KEY_ID_BYTES);
    memcpy(bytes + NOTE_KEY_ID_BYTES, signature->bytes, signature->size);
    buffer_printf(out, "\xe2\x80\x94 %.*s ", TEXT_ARGS(signature->name));
    text_base64_append(out, (struct bytes){bytes, NOTE_KEY_ID_BYTES + signature->size});
    buffer_text(out, "\n");
}

/* The body of `held` with the signatures of both. */
static enum result signatures_merge(const struct note *held, const struct note *other,
                                    struct buffer *out, size_t *added, struct error *error)
{
    const struct note_signature *all[2 * NOTE_SIGNATURES_MAX];
    size_t count = 0;
    for (; count < held->signature_count; count++) {
        all[count] = &held->signatures[count];
    }
    for (size_t i = 0; i < other->signature_count; i++) {
        const struct note_signature *next = &other->signatures[i];
        size_t at = 0;
        while (at < held->signature_count && signatures_compare(&all[at], &next) != 0) {
            at++;
        }
        if (at == held->signature_count) {
            all[count++] = next;
        }
    }
    *added = count - held->signature_count;
    qsort(all, count, sizeof(const struct note_signature *), signatures_compare);
    buffer_append(out, held->body.data, held->body.size);
    buffer_text(out, "\n");
    for (size_t i = 0; i < count; i++) {
        signature_append(all[i], out);
    }
    return buffer_check(out, error);
}

enum result agreement_merge(const struct agreement *held, const struct agreement *other,
                            struct buffer *note, size_t *added, struct error *error)
{
    return signatures_merge(&held->note, &other->note, note, added, error);
}

/* The party that has this identity key, in this version or the one before. */
static const struct agreement_party *party_of_key(const struct agreement *names,
                                                  const uint8_t *identity)
{
    for (size_t i = 0; names != NULL && i < names->party_count; i++) {
        if (memcmp(names->parties[i].identity, identity, KEY_PUBLIC_BYTES) == 0) {
            return &names->parties[i];
        }
    }
    return NULL;
}

enum result agreement_sign(const struct agreement *agreement, const struct agreement *previous,
                           const struct keypair *identity, struct buffer *note, struct error *error)
{
    struct buffer line = {0};
    struct note signed_once;
    char name[CARD_NAME_BYTES];
    size_t added = 0;
    const uint8_t *key = keypair_public(identity);
    const struct agreement_party *party = party_of_key(agreement, key);
    if (party == NULL) {
        party = party_of_key(previous, key);
    }
    if (party == NULL) {
        return error_set(error, RESULT_DENIED,
                         "agreement %s %u: this identity key is of none of its parties%s",
                         agreement->code, agreement->version,
                         previous == NULL ? "" : ", nor of the version before");
    }
    agreement_key_name(agreement, party, name);
    buffer_append(&line, agreement->note.body.data, agreement->note.body.size);
    enum result result = note_sign(&line, text_of(name), identity, error);
    if (result == RESULT_OK) {
        result = note_parse(buffer_bytes(&line), &signed_once, error);
    }
    if (result == RESULT_OK) {
        result = signatures_merge(&agreement->note, &signed_once, note, &added, error);
    }
    if (result == RESULT_OK && added == 0) {
        result = error_set(error, RESULT_DUPLICATE, "agreement %s %u: %s has signed it already",
                           agreement->code, agreement->version, party->party);
    }
    buffer_free(&line);
    return result;
}

/* ---- the quorum ---- */

static enum result succession_check(const struct agreement *agreement,
                                    const struct agreement *previous, struct error *error)
{
    if (!text_equal(text_of(previous->code), text_of(agreement->code)) ||
        !text_equal(text_of(previous->environment), text_of(agreement->environment)) ||
        previous->version + 1 != agreement->version ||
        memcmp(&previous->hash, &agreement->previous, sizeof previous->hash) != 0) {
        return error_set(error, RESULT_CONFLICT,
                         "agreement %s %u: follows another text than the %s %u that is held; ask "
                         "its signers which version %u they hold",
                         agreement->code, agreement->version, previous->code, previous->version,
                         previous->version);
    }
    for (size_t i = 0; i < agreement->menu_count * previous->menu_count; i++) {
        const struct agreement_menu *menu = &agreement->menus[i % agreement->menu_count];
        const struct agreement_menu *before = &previous->menus[i / agreement->menu_count];
        if (menu->menu->version == before->menu->version && !text_equal(menu->text, before->text)) {
            return error_set(error, RESULT_CONFLICT,
                             "agreement %s %u: changes the text of menu version %u, which "
                             "certificates name already; give the new menu a new version",
                             agreement->code, agreement->version, menu->menu->version);
        }
    }
    return RESULT_OK;
}

static enum result refuse_stranger(const struct agreement *agreement,
                                   const struct agreement *previous,
                                   const struct note_signature *signature,
                                   const struct agreement_party *same_name, struct error *error)
{
    if (same_name != NULL) {
        return error_set(error, RESULT_UNTRUSTED,
                         "agreement %s %u: signed in the name of %s with another key than the "
                         "agreement names for it",
                         agreement->code, agreement->version, same_name->party);
    }
    char before[64] = "";
    if (previous != NULL) {
        (void)snprintf(before, sizeof before, ", nor of version %u", previous->version);
    } else if (agreement->version > 1) {
        (void)snprintf(before, sizeof before, "; take version %u first, if it is one of that",
                       agreement->version - 1);
    }
    return error_set(error, RESULT_UNTRUSTED, "agreement %s %u: signed by %.*s, no party of it%s",
                     agreement->code, agreement->version, TEXT_ARGS(signature->name), before);
}

enum result agreement_quorum(const struct agreement *agreement, const struct agreement *previous,
                             struct agreement_count *count, struct error *error)
{
    *count = (struct agreement_count){.signers = agreement->signers};
    enum result result =
        previous == NULL ? RESULT_OK : succession_check(agreement, previous, error);
    for (size_t i = 0; i < agreement->note.signature_count && result == RESULT_OK; i++) {
        const struct note_signature *signature = &agreement->note.signatures[i];
        const struct agreement_party *same = NULL;
        const struct agreement_party *own = signer_of(agreement, signature, &same);
        const struct agreement_party *before = signer_of(previous, signature, &same);
        if (own == NULL && before == NULL) {
            result = refuse_stranger(agreement, previous, signature, same, error);
        } else if (before != NULL) {
            count->previous_signers |= bit_of(previous, before);
            result = signature_verify(agreement, previous, before, error);
        }
    }
    count->signed_by = (uint32_t)__builtin_popcount(count->signers);
    count->previous_signed_by = (uint32_t)__builtin_popcount(count->previous_signers);
    count->met = result == RESULT_OK && count->signed_by >= agreement->quorum &&
                 (previous == NULL || count->previous_signed_by >= previous->quorum);
    return result;
}

/* ---- looking ---- */

static void append_codes(const struct agreement *agreement, uint32_t bits, const char *before,
                         struct buffer *out)
{
    for (size_t i = 0; i < agreement->party_count; i++) {
        if ((bits & (uint32_t)1 << i) != 0) {
            buffer_printf(out, "%s%s", before, agreement->parties[i].party);
            before = ", ";
        }
    }
}

void agreement_describe_signers(const struct agreement *agreement, uint32_t signers,
                                struct buffer *out)
{
    uint32_t all = UINT32_MAX >> (32 - agreement->party_count);
    buffer_text(out, signers == 0 ? "signed by nobody" : "signed by ");
    append_codes(agreement, signers, "", out);
    append_codes(agreement, all & ~signers, "; not by ", out);
    buffer_printf(out, "; %d of %zu, quorum %u", __builtin_popcount(signers),
                  agreement->party_count, agreement->quorum);
}

const struct agreement_party *agreement_party(const struct agreement *agreement, struct text party)
{
    for (size_t i = 0; i < agreement->party_count; i++) {
        if (text_equal(text_of(agreement->parties[i].party), party)) {
            return &agreement->parties[i];
        }
    }
    return NULL;
}

const struct menu *agreement_menu(const struct agreement *agreement, uint32_t version)
{
    for (size_t i = 0; i < agreement->menu_count; i++) {
        if (agreement->menus[i].menu->version == version) {
            return agreement->menus[i].menu;
        }
    }
    return NULL;
}

void agreement_fingerprint(const struct agreement *agreement, uint8_t hash[WORDS_HASH_BYTES])
{
    struct merkle_hash sum;
    char text[96 + MERKLE_HASH_BYTES];
    int size = snprintf(text, 96, "comesh agreement fingerprint v1\n%s\n%u\n", agreement->code,
                        agreement->version);
    memcpy(text + size, agreement->hash.bytes, MERKLE_HASH_BYTES);
    merkle_sha256((struct bytes){(const uint8_t *)text, (size_t)size + MERKLE_HASH_BYTES}, &sum);
    memcpy(hash, sum.bytes, WORDS_HASH_BYTES);
}
