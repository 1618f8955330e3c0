/* Menus and certificates for the commands. See menus.h. */
#include "tools/comesh/menus.h"

#include "proto/encoding.h"
#include "tools/comesh/agreements.h"
#include "tools/comesh/document.h"

#include <unistd.h>

/* A directory without agreements need be no node's. */
static enum result add_agreements(struct call *call, struct rules *rules, struct error *error)
{
    struct book book;
    char path[CONFIG_PATH_BYTES];
    (void)snprintf(path, sizeof path, "%s/agreements", call->directory);
    if (access(path, R_OK) != 0) {
        return RESULT_OK;
    }
    enum result result = book_open(call, &book, error);
    if (result == RESULT_OK) {
        result = rules_add_agreements(rules, book.held, error);
    }
    book_close(&book);
    return result;
}

enum result call_rules(struct call *call, struct rules **rules, struct error *error)
{
    enum result result = rules_load(call->directory, rules, error);
    if (result == RESULT_OK) {
        result = add_agreements(call, *rules, error);
    }
    if (result != RESULT_OK) {
        rules_destroy(rules);
    }
    return result;
}

enum result menu_text_of(const struct rules *rules, const struct menu *menu, const char *name,
                         struct buffer *text, struct error *error)
{
    size_t count = 0;
    const struct rules_menu *menus = rules_menus(rules, &count);
    for (size_t i = 0; i < count; i++) {
        if (menus[i].menu == menu) {
            buffer_append(text, menus[i].text.data, menus[i].text.size);
            return buffer_check(text, error);
        }
    }
    return document_read(name, MENU_MAX_BYTES, text, error);
}

static enum result menu_from_file(const char *path, struct arena *arena, const struct menu **menu,
                                  struct error *error)
{
    struct buffer text = {0};
    struct menu *read = NULL;
    enum result result = document_read(path, MENU_MAX_BYTES, &text, error);
    if (result == RESULT_OK) {
        result = menu_read(buffer_view(&text), path, arena, &read, error);
    }
    buffer_free(&text);
    *menu = read;
    return result;
}

static enum result no_menu(const struct rules *rules, const char *name, struct error *error)
{
    struct buffer known = {0};
    rules_name_menus(rules, &known);
    enum result result =
        error_set(error, RESULT_NOT_FOUND, "'%s' is no menu and no file; there are: %.*s", name,
                  TEXT_ARGS(buffer_view(&known)));
    buffer_free(&known);
    return result;
}

enum result menu_named(const struct rules *rules, const char *name, struct arena *arena,
                       const struct menu **menu, struct error *error)
{
    uint64_t version = 0;
    struct text rest = text_of(name);
    struct text code = text_until(&rest, ':');
    bool right = !text_skip(&rest, ":") || decimal_parse(rest, UINT32_MAX, &version);
    *menu = right ? rules_menu(rules, code, (uint32_t)version) : NULL;
    if (*menu != NULL) {
        return RESULT_OK;
    }
    return access(name, R_OK) == 0 ? menu_from_file(name, arena, menu, error)
                                   : no_menu(rules, name, error);
}

/* ---- certificates ---- */

enum result certificate_read(const char *path, const struct rules *rules,
                             struct certificate *certificate, struct error *error)
{
    struct message message;
    const struct encoding_rules judged = {.lists = rules_codes(rules)};
    certificate->findings.arena = &certificate->arena;
    enum result result = document_read(path, DOCUMENT_MAX_BYTES, &certificate->in, error);
    if (result != RESULT_OK) {
        return result;
    }
    struct bytes document = buffer_bytes(&certificate->in);
    enum encoding encoding = encoding_of(document);
    result = encoding_read(encoding, document, OPERATION_CO, &certificate->arena,
                           &certificate->findings, &certificate->record, error);
    if (result == RESULT_OK) {
        result = encoding_check(encoding, certificate->record, &judged, &message,
                                &certificate->findings, error);
    }
    return result;
}

void certificate_free(struct certificate *certificate)
{
    buffer_free(&certificate->in);
    arena_free(&certificate->arena);
}

enum result certificate_menu(const struct certificate *certificate, const struct rules *rules,
                             const struct menu **menu, struct error *error)
{
    uint64_t version = 0;
    struct text code = record_text(certificate->record, "AgreementID");
    struct text number = record_text(certificate->record, "MenuVersionID");
    *menu = decimal_parse(number, UINT32_MAX, &version) && version != 0
                ? rules_menu(rules, code, (uint32_t)version)
                : NULL;
    if (*menu == NULL) {
        char name[96];
        (void)snprintf(name, sizeof name, "%.*s:%.*s", TEXT_ARGS(code), TEXT_ARGS(number));
        return no_menu(rules, name, error);
    }
    return RESULT_OK;
}

const char *menu_day_text(uint32_t day, char out[CODE_DAY_BYTES])
{
    out[0] = '\0';
    return day == 0 ? out : code_day_text(day, out);
}
