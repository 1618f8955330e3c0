/* comesh agreement new: the text of a first version, or of the version that follows, from the cards
 * and menus that are held. It becomes a proposal, which the parties then sign. */
#include "keys/text.h"
#include "tools/comesh/confirm.h"
#include "tools/comesh/drafting.h"

#include <stdlib.h>

#define YEARS_STANDARD 5
#define GRACE_STANDARD 30
#define YEAR_S         (AGREEMENT_DAY_S * 365)

/* ---- texts, dates, menus, lists ---- */

static enum result copy_text(struct drafting *drafting, const char *option, char *out, size_t size,
                             struct error *error)
{
    const char *value = call_value(drafting->call, option);
    if (value == NULL && out[0] == '\0') {
        return call_required(drafting->call, option, &value, error);
    }
    if (value != NULL && strlen(value) >= size) {
        return call_usage(drafting->call, error, "--%s is %zu bytes long; accepted: at most %zu",
                          option, strlen(value), size - 1);
    }
    if (value != NULL) {
        (void)snprintf(out, size, "%s", value);
    }
    return RESULT_OK;
}

/* A day, or a time. */
static enum result read_time(struct drafting *drafting, const char *option, uint64_t *time_s,
                             struct error *error)
{
    const char *value = call_value(drafting->call, option);
    char whole[40];
    if (value == NULL) {
        return RESULT_OK;
    }
    (void)snprintf(whole, sizeof whole, "%.20s%s", value, strlen(value) == 10 ? "T00:00:00Z" : "");
    return text_time_read(text_of(whole), time_s)
               ? RESULT_OK
               : call_usage(drafting->call, error,
                            "--%s '%s'; accepted: a day, as 2026-01-31, or a time, as "
                            "2026-01-31T12:00:00Z",
                            option, value);
}

static enum result read_dates(struct drafting *drafting, struct error *error)
{
    struct agreement *draft = drafting->draft;
    uint64_t grace = draft->grace_days;
    enum result result = read_time(drafting, "from", &draft->from_s, error);
    if (result == RESULT_OK) {
        result = read_time(drafting, "until", &draft->until_s, error);
    }
    if (result == RESULT_OK) {
        result = call_number(drafting->call, "grace", grace, AGREEMENT_GRACE_MAX, &grace, error);
    }
    draft->grace_days = (uint32_t)grace;
    return result;
}

/* The text of a menu that is held or in a file; its lines end in a line feed. */
static enum result add_menu(struct drafting *drafting, const char *name, struct error *error)
{
    struct agreement *draft = drafting->draft;
    const struct menu *menu = NULL;
    struct buffer text = {0};
    if (draft->menu_count == AGREEMENT_MENUS_MAX) {
        return call_usage(drafting->call, error, "--menu %s: at most %d menus", name,
                          AGREEMENT_MENUS_MAX);
    }
    enum result result = menu_named(drafting->rules, name, &drafting->arena, &menu, error);
    if (result == RESULT_OK) {
        result = menu_text_of(drafting->rules, menu, name, &text, error);
    }
    if (result == RESULT_OK) {
        if (text.size > 0 && text.data[text.size - 1] != '\n') {
            buffer_text(&text, "\n");
        }
        draft->menus[draft->menu_count].menu = menu;
        draft->menus[draft->menu_count++].text = arena_text(&drafting->arena, buffer_view(&text));
    }
    buffer_free(&text);
    return result;
}

static enum result read_menus(struct drafting *drafting, struct error *error)
{
    struct agreement *draft = drafting->draft;
    bool given = call_value(drafting->call, "menu") != NULL;
    if (given) {
        draft->menu_count = 0;
    }
    enum result result = drafting_each(drafting, "menu", add_menu, error);
    if (result == RESULT_OK && draft->menu_count == 0) {
        result = add_menu(drafting, draft->code, error);
        if (result == RESULT_NOT_FOUND) {
            result = error_wrap(error, "name the menu with --menu");
        }
    }
    if (result == RESULT_OK && draft->menu_count == 2 &&
        draft->menus[0].menu->version > draft->menus[1].menu->version) {
        const struct agreement_menu first = draft->menus[0];
        draft->menus[0] = draft->menus[1];
        draft->menus[1] = first;
    }
    return result;
}

static enum result add_list(struct drafting *drafting, const char *name, struct error *error)
{
    struct agreement *draft = drafting->draft;
    enum code_list_id id = code_list_find(text_of(name));
    size_t at = draft->list_count;
    if (id == CODES_NONE) {
        return call_usage(drafting->call, error,
                          "--list '%s'; accepted: a name of `comesh codes "
                          "list`",
                          name);
    }
    for (; at > 0 && draft->lists[at - 1].id > id; at--) {
        draft->lists[at] = draft->lists[at - 1];
    }
    struct agreement_list *list = &draft->lists[at];
    list->id = id;
    (void)snprintf(list->edition, sizeof list->edition, "%s",
                   code_list_in(rules_codes(drafting->rules), id)->edition);
    draft->list_count++;
    return RESULT_OK;
}

/* ---- the whole ---- */

static enum result begin_first(struct drafting *drafting, const char *code, struct error *error)
{
    struct agreement *draft = drafting->draft;
    draft->version = 1;
    draft->from_s = drafting->book.now_s / AGREEMENT_DAY_S * AGREEMENT_DAY_S;
    draft->until_s = draft->from_s + YEARS_STANDARD * YEAR_S;
    draft->grace_days = GRACE_STANDARD;
    (void)snprintf(draft->code, sizeof draft->code, "%s", code);
    (void)snprintf(draft->environment, sizeof draft->environment, "%s",
                   drafting->book.config->environment);
    return drafting_join(drafting, drafting->book.config->party, error);
}

/* The same as the version before, from now on. */
static void begin_next(struct drafting *drafting)
{
    struct agreement *draft = drafting->draft;
    *draft = *drafting->before;
    draft->bytes = (struct buffer){0};
    draft->arena = (struct arena){0};
    draft->version++;
    draft->previous = drafting->before->hash;
    if (draft->from_s < drafting->book.now_s) {
        draft->from_s = drafting->book.now_s;
    }
}

static enum result read_quorum(struct drafting *drafting, struct error *error)
{
    struct agreement *draft = drafting->draft;
    uint64_t quorum = draft->quorum == 0 ? draft->party_count : draft->quorum;
    enum result result =
        call_number(drafting->call, "quorum", quorum, AGREEMENT_PARTIES_MAX, &quorum, error);
    draft->quorum = (uint32_t)quorum;
    return result;
}

static enum result fill(struct drafting *drafting, struct error *error)
{
    struct agreement *draft = drafting->draft;
    if (call_value(drafting->call, "list") != NULL) {
        draft->list_count = 0;
    }
    enum result result = copy_text(drafting, "name", draft->name, sizeof draft->name, error);
    if (result == RESULT_OK) {
        result = copy_text(drafting, "reference", draft->reference, sizeof draft->reference, error);
    }
    if (result == RESULT_OK) {
        result = drafting_parties(drafting, error);
    }
    if (result == RESULT_OK) {
        result = drafting_each(drafting, "list", add_list, error);
    }
    if (result == RESULT_OK) {
        result = read_dates(drafting, error);
    }
    if (result == RESULT_OK) {
        result = read_menus(drafting, error);
    }
    return result == RESULT_OK ? read_quorum(drafting, error) : result;
}

static enum result make(struct drafting *drafting, struct error *error)
{
    struct agreement *made = NULL;
    const char *code = drafting->call->operands[0];
    enum result result = book_open(drafting->call, &drafting->book, error);
    if (result == RESULT_OK) {
        result = call_rules(drafting->call, &drafting->rules, error);
    }
    if (result == RESULT_OK && strlen(code) > AGREEMENT_MAX_BYTES) {
        result = call_usage(drafting->call, error, "'%s' is no code of an agreement", code);
    }
    if (result == RESULT_OK && agreements_proposal(drafting->book.held, text_of(code)) != NULL) {
        result = error_set(error, RESULT_CONFLICT,
                           "there is a proposal of %s already; sign it, or take it back with "
                           "`comesh agreement drop %s`",
                           code, code);
    }
    if (result == RESULT_OK) {
        drafting->before = agreements_version(drafting->book.held, text_of(code), 0);
        if (drafting->before != NULL) {
            begin_next(drafting);
        } else {
            result = begin_first(drafting, code, error);
        }
    }
    if (result == RESULT_OK) {
        result = fill(drafting, error);
    }
    if (result == RESULT_OK) {
        result = agreement_draft(drafting->draft, &made, error);
    }
    if (result == RESULT_OK) {
        result = book_take(drafting->call, &drafting->book, buffer_bytes(&made->bytes), false,
                           "agreement new", error);
    }
    agreement_destroy(&made);
    return result;
}

static enum result run(struct call *call, struct error *error)
{
    struct drafting drafting = {.call = call, .draft = calloc(1, sizeof *drafting.draft)};
    enum result result = drafting.draft == NULL
                             ? error_set(error, RESULT_NO_MEMORY, "no memory for an agreement")
                             : make(&drafting, error);
    free(drafting.draft);
    arena_free(&drafting.arena);
    rules_destroy(&drafting.rules);
    book_close(&drafting.book);
    return result;
}

const struct command command_agreement_new = {
    .name = "agreement new",
    .operands = "CODE",
    .summary = "propose an agreement, or the next version of one",
    .examples =
        "  comesh agreement new AKFTA --name 'ASEAN-Korea FTA' --join ID \\\n"
        "         --reference 'Operational certification procedures, appendix 1' --until "
        "2031-01-01\n"
        "  comesh agreement new AKFTA --join UY --quorum 2\n"
        "  comesh agreement new AKFTA --leave UY --until 2036-01-01\n"
        "  comesh agreement new AKFTA --menu AKFTA:1 --menu new-akfta.menu\n"
        "  comesh agreement new AKFTA --identity ID-new.card --fingerprint 'amber canyon glider "
        "mosaic parcel violin'\n",
    .details =
        "The first version is made from the own card, the cards of those who join, and the newest\n"
        "menu of that code; a later one is the same as the version before, but for what the\n"
        "options change. PARTY is one whose card is held; of a FILE the fingerprint is asked for.\n"
        "It is kept as a proposal until its quorum, and that of the version before, has signed:\n"
        "`comesh agreement sign`. What it changes is shown by `comesh agreement diff CODE`.\n",
    .options =
        {
            {"name", "NAME", "the agreement's name", false},
            {"reference", "TEXT", "the legal text", false},
            {"join", "PARTY|FILE", "takes part, exporter and importer", true},
            {"leave", "PARTY", "takes part no more", true},
            {"identity", "PARTY|FILE", "takes its identity key from this card", true},
            {"role", "PARTY=ROLE", "exporter, importer or both", true},
            {"menu", "MENU", "a menu by code and version, or a file; at most two", true},
            {"list", "NAME", "all use this code list, in the edition held here", true},
            {"quorum", "N", "so many must sign; default: all, or as before", false},
            {"from", "DATE", "in force from; default: today, or now", false},
            {"until", "DATE", "in force until; default: five years, or as before", false},
            {"grace", "DAYS", "go on receiving so long after its end; default: 30", false},
            CONFIRM_OPTION,
            {"by", "NAME", "who proposes it, for the audit log", false},
        },
    .least_operands = 1,
    .most_operands = 1,
    .run = run,
};
