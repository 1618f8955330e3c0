/* What differs between two agreements. See changes.h. */
#include "tools/comesh/changes.h"

#include "keys/text.h"
#include "tools/comesh/output.h"

struct telling {
    changes_visit *visit;
    void *self;
    size_t count;
};

static void tell(struct telling *telling, const char *what, struct text before, struct text after)
{
    telling->count++;
    telling->visit(telling->self, what, before, after);
}

static void compare(struct telling *telling, const char *what, const char *before,
                    const char *after)
{
    if (!text_equal(text_of(before), text_of(after))) {
        tell(telling, what, text_of(before), text_of(after));
    }
}

static void compare_numbers(struct telling *telling, const char *what, uint32_t before,
                            uint32_t after)
{
    char texts[2][16];
    (void)snprintf(texts[0], sizeof texts[0], "%u", before);
    (void)snprintf(texts[1], sizeof texts[1], "%u", after);
    compare(telling, what, texts[0], texts[1]);
}

static void compare_times(struct telling *telling, const char *what, uint64_t before,
                          uint64_t after)
{
    char texts[2][TEXT_TIME_BYTES];
    text_time(before, texts[0]);
    text_time(after, texts[1]);
    compare(telling, what, texts[0], texts[1]);
}

/* ---- parties ---- */

static const char *roles_of(const struct agreement_party *party)
{
    return party->exports && party->imports ? "exporter and importer"
           : party->exports                 ? "exporter"
                                            : "importer";
}

static void tell_party(struct telling *telling, const struct agreement_party *party, bool joins)
{
    char text[256];
    char what[32];
    char hex[2 * KEY_PUBLIC_BYTES + 1];
    hex_encode((struct bytes){party->identity, KEY_PUBLIC_BYTES}, hex);
    (void)snprintf(what, sizeof what, "party %s", party->party);
    (void)snprintf(text, sizeof text, "%s, %s, identity key %s", party->domain, roles_of(party),
                   hex);
    tell(telling, what, joins ? TEXT("") : text_of(text), joins ? text_of(text) : TEXT(""));
}

static void compare_party(struct telling *telling, const struct agreement_party *before,
                          const struct agreement_party *after)
{
    char what[48];
    char hex[2][2 * KEY_PUBLIC_BYTES + 1];
    hex_encode((struct bytes){before->identity, KEY_PUBLIC_BYTES}, hex[0]);
    hex_encode((struct bytes){after->identity, KEY_PUBLIC_BYTES}, hex[1]);
    (void)snprintf(what, sizeof what, "domain of %s", after->party);
    compare(telling, what, before->domain, after->domain);
    (void)snprintf(what, sizeof what, "roles of %s", after->party);
    compare(telling, what, roles_of(before), roles_of(after));
    (void)snprintf(what, sizeof what, "identity key of %s", after->party);
    compare(telling, what, hex[0], hex[1]);
}

static void compare_parties(struct telling *telling, const struct agreement *before,
                            const struct agreement *after)
{
    for (size_t i = 0; i < before->party_count; i++) {
        const struct agreement_party *party = &before->parties[i];
        const struct agreement_party *now = agreement_party(after, text_of(party->party));
        if (now == NULL) {
            tell_party(telling, party, false);
        } else {
            compare_party(telling, party, now);
        }
    }
    for (size_t i = 0; i < after->party_count; i++) {
        if (agreement_party(before, text_of(after->parties[i].party)) == NULL) {
            tell_party(telling, &after->parties[i], true);
        }
    }
}

/* ---- lists and menus ---- */

static const char *edition_of(const struct agreement *agreement, enum code_list_id id)
{
    for (size_t i = 0; i < agreement->list_count; i++) {
        if (agreement->lists[i].id == id) {
            return agreement->lists[i].edition;
        }
    }
    return "";
}

static void compare_lists(struct telling *telling, const struct agreement *before,
                          const struct agreement *after)
{
    for (unsigned id = 0; id < CODE_LIST_COUNT; id++) {
        const char *was = edition_of(before, (enum code_list_id)id);
        const char *is = edition_of(after, (enum code_list_id)id);
        char what[96];
        (void)snprintf(what, sizeof what, "edition of list %s",
                       code_list((enum code_list_id)id)->name);
        compare(telling, what, was, is);
    }
}

/* Steps to the next line that says something. */
static bool next_line(struct text_lines *lines)
{
    while (text_lines_next(lines)) {
        if (lines->line.size > 0 && lines->line.data[0] != '#') {
            return true;
        }
    }
    return false;
}

/* Cuts the next word off; blanks between words do not matter. */
static struct text next_word(struct text *rest)
{
    while (text_skip(rest, " ")) {
    }
    return text_until(rest, ' ');
}

static bool is_same_line(struct text a, struct text b)
{
    for (;;) {
        struct text word = next_word(&a);
        struct text other = next_word(&b);
        if (!text_equal(word, other)) {
            return false;
        }
        if (word.size == 0) {
            return true;
        }
    }
}

/* The lines of one menu that the other lacks: new, or gone. */
static void tell_lines(struct telling *telling, struct text of, struct text other, bool gone)
{
    struct text_lines lines = {.rest = of};
    while (next_line(&lines)) {
        struct text_lines others = {.rest = other};
        bool found = false;
        while (!found && next_line(&others)) {
            found = is_same_line(lines.line, others.line);
        }
        if (!found) {
            tell(telling, "menu line", gone ? lines.line : TEXT(""), gone ? TEXT("") : lines.line);
        }
    }
}

static void menu_versions(const struct agreement *agreement, char *out, size_t size)
{
    bool two = agreement->menu_count > 1;
    (void)snprintf(out, size, two ? "%u and %u" : "%u", agreement->menus[0].menu->version,
                   two ? agreement->menus[1].menu->version : 0);
}

static void compare_menus(struct telling *telling, const struct agreement *before,
                          const struct agreement *after)
{
    char versions[2][32];
    struct text was = before->menus[before->menu_count - 1].text;
    struct text is = after->menus[after->menu_count - 1].text;
    menu_versions(before, versions[0], sizeof versions[0]);
    menu_versions(after, versions[1], sizeof versions[1]);
    compare(telling, "menus", versions[0], versions[1]);
    if (!text_equal(was, is)) {
        tell_lines(telling, was, is, true);
        tell_lines(telling, is, was, false);
    }
}

size_t changes_between(const struct agreement *before, const struct agreement *after,
                       changes_visit *visit, void *self)
{
    struct telling telling = {.visit = visit, .self = self};
    compare(&telling, "code", before->code, after->code);
    compare(&telling, "name", before->name, after->name);
    compare(&telling, "reference", before->reference, after->reference);
    compare(&telling, "environment", before->environment, after->environment);
    compare_numbers(&telling, "version", before->version, after->version);
    compare_times(&telling, "from", before->from_s, after->from_s);
    compare_times(&telling, "until", before->until_s, after->until_s);
    compare_numbers(&telling, "days of grace", before->grace_days, after->grace_days);
    compare_numbers(&telling, "quorum", before->quorum, after->quorum);
    compare_parties(&telling, before, after);
    compare_lists(&telling, before, after);
    compare_menus(&telling, before, after);
    return telling.count;
}

static void print_change(void *self, const char *what, struct text before, struct text after)
{
    struct buffer line = {0};
    buffer_printf(&line, "%s%s: ", before.size == 0 ? "+ " : after.size == 0 ? "- " : "  ", what);
    output_text(&line, before);
    buffer_text(&line, before.size > 0 && after.size > 0 ? " → " : "");
    output_text(&line, after);
    buffer_text(&line, "\n");
    (void)fwrite(line.data, 1, line.size, self);
    buffer_free(&line);
}

size_t changes_print(const struct agreement *before, const struct agreement *after, FILE *file)
{
    return changes_between(before, after, print_change, file);
}
