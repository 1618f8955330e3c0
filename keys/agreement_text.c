/* The text of an agreement. See agreement_text.h. */
#include "keys/agreement_text.h"

#include "keys/text_reader.h"
#include "proto/name.h"
#include "proto/operation.h"

#include <inttypes.h>
#include <stdio.h>

#define FIRST_LINE "comesh agreement v1"
#define MENU_BEGIN "menu begin"
#define MENU_END   "menu end"

/* Names a folder and stands in documents. */
static bool is_code(struct text value)
{
    for (size_t i = 0; i < value.size; i++) {
        char c = value.data[i];
        bool capital = c >= 'A' && c <= 'Z';
        if (!capital && (i == 0 || ((c < '0' || c > '9') && c != '-'))) {
            return false;
        }
    }
    return value.size > 0;
}

#define FIELD(member) TEXT_FIELD(struct agreement, member)

static const struct text_field fields[] = {
    {"code", FIELD(code), false, is_code,
     "1 to 35 capital letters, digits and hyphens, a letter first"},
    {"name", FIELD(name), false, text_is_printable, TEXT_PRINTABLE},
    {"reference", FIELD(reference), false, text_is_printable, TEXT_PRINTABLE},
    {"environment", FIELD(environment), false, environment_valid, "dev, test or prod"},
};
#define FIELDS (sizeof fields / sizeof fields[0])

/* ---- writing ---- */

static void party_append(const struct agreement_party *party, struct buffer *out)
{
    buffer_printf(out, "party %s %s ", party->party, party->domain);
    text_base64_append(out, (struct bytes){party->identity, KEY_PUBLIC_BYTES});
    buffer_printf(out, "%s%s\n", party->exports ? " exporter" : "",
                  party->imports ? " importer" : "");
}

void agreement_text_append(const struct agreement *agreement, struct buffer *out)
{
    char from[TEXT_TIME_BYTES];
    char until[TEXT_TIME_BYTES];
    text_time(agreement->from_s, from);
    text_time(agreement->until_s, until);
    buffer_text(out, FIRST_LINE "\n");
    text_fields_append(fields, FIELDS, agreement, out);
    buffer_printf(out, "version %u\n", agreement->version);
    if (agreement->version > 1) {
        buffer_text(out, "previous ");
        text_base64_append(out, (struct bytes){agreement->previous.bytes, MERKLE_HASH_BYTES});
        buffer_text(out, "\n");
    }
    buffer_printf(out, "from %s\nuntil %s\ngrace %u days\nquorum %u\n", from, until,
                  agreement->grace_days, agreement->quorum);
    for (size_t i = 0; i < agreement->party_count && i < AGREEMENT_PARTIES_MAX; i++) {
        party_append(&agreement->parties[i], out);
    }
    for (size_t i = 0; i < agreement->list_count && i < CODE_LIST_COUNT; i++) {
        buffer_printf(out, "list %s edition %s\n", code_list(agreement->lists[i].id)->name,
                      agreement->lists[i].edition);
    }
    for (size_t i = 0; i < agreement->menu_count && i < AGREEMENT_MENUS_MAX; i++) {
        struct text text = agreement->menus[i].text;
        buffer_text(out, MENU_BEGIN "\n");
        buffer_append(out, text.data, text.size);
        buffer_text(out, MENU_END "\n");
    }
}

/* ---- reading ---- */

static bool number_read(struct text text, uint32_t least, uint32_t most, uint32_t *number)
{
    uint64_t value = 0;
    bool good = decimal_parse(text, most, &value) && value >= least;
    *number = (uint32_t)value;
    return good;
}

static enum result version_read(struct text_reader *reader, struct agreement *agreement)
{
    struct text value;
    size_t size = 0;
    if (!text_reader_has(reader, "version", &value) ||
        !number_read(value, 1, 9999, &agreement->version)) {
        return text_reader_refuse(reader, "'version' and a number from 1 to 9999");
    }
    text_reader_next(reader);
    if (agreement->version == 1) {
        return RESULT_OK;
    }
    if (!text_reader_has(reader, "previous", &value) ||
        !text_base64_read(value, agreement->previous.bytes, MERKLE_HASH_BYTES, &size) ||
        size != MERKLE_HASH_BYTES) {
        return text_reader_refuse(
            reader, "'previous' and the SHA-256 of the version before as base64, 44 characters");
    }
    text_reader_next(reader);
    return RESULT_OK;
}

static enum result dates_read(struct text_reader *reader, struct agreement *agreement)
{
    struct text value;
    if (!text_reader_has(reader, "from", &value) || !text_time_read(value, &agreement->from_s)) {
        return text_reader_refuse(reader, "'from' and a time as 2026-01-05T09:30:00Z");
    }
    text_reader_next(reader);
    if (!text_reader_has(reader, "until", &value) || !text_time_read(value, &agreement->until_s) ||
        agreement->until_s <= agreement->from_s) {
        return text_reader_refuse(reader, "'until' and a time after 'from'");
    }
    text_reader_next(reader);
    bool grace = text_reader_has(reader, "grace", &value);
    struct text days = text_until(&value, ' ');
    if (!grace || !text_equal(value, TEXT(" days")) ||
        !number_read(days, 0, AGREEMENT_GRACE_MAX, &agreement->grace_days)) {
        return text_reader_refuse(reader, "'grace', a number from 0 to 366, and 'days'");
    }
    text_reader_next(reader);
    return RESULT_OK;
}

/* "KR customs.go.kr BASE64 exporter importer" */
static bool party_read(struct text value, struct agreement_party *party)
{
    size_t size = 0;
    struct text code = text_until(&value, ' ');
    (void)text_skip(&value, " ");
    struct text domain = text_until(&value, ' ');
    (void)text_skip(&value, " ");
    struct text key = text_until(&value, ' ');
    if (!name_is_party(code) || !name_is_domain(domain) ||
        !text_base64_read(key, party->identity, KEY_PUBLIC_BYTES, &size) ||
        size != KEY_PUBLIC_BYTES || !key_is_valid(KEY_IDENTITY, party->identity)) {
        return false;
    }
    memcpy(party->party, code.data, code.size);
    memcpy(party->domain, domain.data, domain.size);
    party->exports = text_skip(&value, " exporter");
    party->imports = text_skip(&value, " importer");
    return value.size == 0 && (party->exports || party->imports);
}

/* Two codes, domains or keys that are one would let a party count twice. */
static bool party_is_new(const struct agreement *agreement, const struct agreement_party *party)
{
    for (size_t i = 0; i < agreement->party_count; i++) {
        const struct agreement_party *other = &agreement->parties[i];
        if (memcmp(other->party, party->party, sizeof party->party) >= 0 ||
            text_equal(text_of(other->domain), text_of(party->domain)) ||
            memcmp(other->identity, party->identity, KEY_PUBLIC_BYTES) == 0) {
            return false;
        }
    }
    return true;
}

static enum result parties_read(struct text_reader *reader, struct agreement *agreement)
{
    struct text value;
    for (; text_reader_has(reader, "party", &value); text_reader_next(reader)) {
        struct agreement_party party = {.party = ""};
        if (agreement->party_count == AGREEMENT_PARTIES_MAX) {
            return text_reader_refuse(reader, "within the limit of 32 parties");
        }
        if (!party_read(value, &party)) {
            return text_reader_refuse(reader, "party CODE DOMAIN IDENTITY with a valid Ed25519 key "
                                              "as base64, and exporter, importer or both");
        }
        if (!party_is_new(agreement, &party)) {
            return text_reader_refuse(reader,
                                      "in the order of party codes, or it repeats the code, "
                                      "domain or key of another party");
        }
        agreement->parties[agreement->party_count++] = party;
    }
    return agreement->party_count >= 2 ? RESULT_OK
                                       : text_reader_refuse(reader, "a party; two at least");
}

/* More than half: of two quorums one party is in both, and would have signed both texts. */
static enum result quorum_check(const struct agreement *agreement, struct error *error)
{
    size_t least = agreement->party_count / 2 + 1;
    if (agreement->quorum >= least && agreement->quorum <= agreement->party_count) {
        return RESULT_OK;
    }
    return error_set(
        error, RESULT_INVALID,
        "agreement: quorum %u of %zu parties; accepted: %zu to %zu, more than half, so "
        "that two different versions cannot both have it unnoticed",
        agreement->quorum, agreement->party_count, least, agreement->party_count);
}

static enum result lists_read(struct text_reader *reader, struct agreement *agreement)
{
    struct text value;
    for (; text_reader_has(reader, "list", &value); text_reader_next(reader)) {
        struct agreement_list *list = &agreement->lists[agreement->list_count];
        enum code_list_id id = code_list_find(text_until(&value, ' '));
        enum code_list_id last = agreement->list_count == 0 ? CODES_NONE : list[-1].id;
        if (id == CODES_NONE || id <= last || !text_skip(&value, " edition ") ||
            value.size >= sizeof list->edition || !text_is_printable(value)) {
            return text_reader_refuse(reader, "list NAME edition EDITION, of a list that `comesh "
                                              "codes list` knows, in its order");
        }
        list->id = id;
        memcpy(list->edition, value.data, value.size);
        agreement->list_count++;
    }
    return RESULT_OK;
}

static enum result menu_check_fits(const struct agreement *agreement, const struct menu *menu,
                                   struct error *error)
{
    const struct menu *before =
        agreement->menu_count == 0 ? NULL : agreement->menus[agreement->menu_count - 1].menu;
    if (!text_equal(menu->agreement, text_of(agreement->code))) {
        return error_set(error, RESULT_INVALID, "agreement %s: holds a menu of %.*s",
                         agreement->code, TEXT_ARGS(menu->agreement));
    }
    if (before != NULL && before->version >= menu->version) {
        return error_set(error, RESULT_INVALID,
                         "agreement %s: menu version %u stands behind %u; accepted: two versions, "
                         "the older first",
                         agreement->code, menu->version, before->version);
    }
    return RESULT_OK;
}

/* The lines between `menu begin` and `menu end`, neither of which a menu can have. */
static enum result menu_take(struct text_reader *reader, struct agreement *agreement)
{
    static const char *const files[] = {"agreement, first menu", "agreement, second menu"};
    struct menu *menu = NULL;
    const char *start = reader->lines.rest.data;
    text_reader_next(reader);
    while (reader->at_line && !text_equal(reader->lines.line, TEXT(MENU_END))) {
        if (!text_is_visible(reader->lines.line)) {
            return text_reader_refuse(reader, "a line without hidden characters");
        }
        text_reader_next(reader);
    }
    if (!reader->at_line) {
        return text_reader_refuse(reader, "'" MENU_END "'");
    }
    struct text text = {start, (size_t)(reader->lines.line.data - start)};
    enum result result =
        menu_read(text, files[agreement->menu_count], &agreement->arena, &menu, reader->error);
    if (result == RESULT_OK) {
        result = menu_check_fits(agreement, menu, reader->error);
    }
    if (result == RESULT_OK) {
        agreement->menus[agreement->menu_count++] = (struct agreement_menu){text, menu};
        text_reader_next(reader);
    }
    return result;
}

static enum result menus_read(struct text_reader *reader, struct agreement *agreement)
{
    enum result result = RESULT_OK;
    while (result == RESULT_OK && reader->at_line &&
           text_equal(reader->lines.line, TEXT(MENU_BEGIN))) {
        result = agreement->menu_count == AGREEMENT_MENUS_MAX
                     ? text_reader_refuse(reader, "within the limit of two menus")
                     : menu_take(reader, agreement);
    }
    if (result == RESULT_OK && agreement->menu_count == 0) {
        result = text_reader_refuse(reader, "'" MENU_BEGIN "'");
    }
    return result == RESULT_OK ? text_reader_end(reader) : result;
}

enum result agreement_text_read(struct text text, struct agreement *agreement, struct error *error)
{
    struct text_reader reader;
    struct text value;
    enum result result = text_reader_start(&reader, "agreement", text, FIRST_LINE, error);
    if (result == RESULT_OK) {
        result = text_fields_read(&reader, fields, FIELDS, agreement);
    }
    if (result == RESULT_OK) {
        result = version_read(&reader, agreement);
    }
    if (result == RESULT_OK) {
        result = dates_read(&reader, agreement);
    }
    if (result == RESULT_OK && (!text_reader_has(&reader, "quorum", &value) ||
                                !number_read(value, 2, UINT32_MAX, &agreement->quorum))) {
        result = text_reader_refuse(&reader, "'quorum' and a number of parties, 2 at least");
    }
    if (result == RESULT_OK) {
        text_reader_next(&reader);
        result = parties_read(&reader, agreement);
    }
    if (result == RESULT_OK) {
        result = quorum_check(agreement, error);
    }
    if (result == RESULT_OK) {
        result = lists_read(&reader, agreement);
    }
    return result == RESULT_OK ? menus_read(&reader, agreement) : result;
}
