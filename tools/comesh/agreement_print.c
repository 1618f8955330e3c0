/* An agreement for people and for programs. See agreements.h. */
#include "tools/comesh/agreements.h"
#include "tools/comesh/output.h"

static const char *roles_of(const struct agreement_party *party)
{
    return party->exports && party->imports ? "exporter, importer"
           : party->exports                 ? "exporter"
                                            : "importer";
}

static bool has_signed(const struct agreement *agreement, size_t party)
{
    return (agreement->signers & (uint32_t)1 << party) != 0;
}

static void print_parties(const struct agreement *agreement, FILE *file)
{
    static const char *const heads[] = {"PARTY", "DOMAIN", "ROLES", "SIGNED", "IDENTITY", NULL};
    struct table table = table_begin(heads);
    for (size_t i = 0; i < agreement->party_count; i++) {
        const struct agreement_party *party = &agreement->parties[i];
        char hex[2 * KEY_PUBLIC_BYTES + 1];
        hex_encode((struct bytes){party->identity, KEY_PUBLIC_BYTES}, hex);
        table_string(&table, party->party);
        table_string(&table, party->domain);
        table_string(&table, roles_of(party));
        table_string(&table, has_signed(agreement, i) ? "yes" : "no");
        table_string(&table, hex);
    }
    (void)fprintf(file, "\n");
    table_end(&table, file);
}

static void print_menus(const struct agreement *agreement, FILE *file)
{
    for (size_t i = 0; i < agreement->menu_count; i++) {
        const struct menu *menu = agreement->menus[i].menu;
        const char *correction = menu_correction_text(menu->correction);
        (void)fprintf(file, "\nmenu %u: %.*s; %zu elements, %zu conditions%s%s", menu->version,
                      TEXT_ARGS(menu->title), menu->line_count, menu->condition_count,
                      correction == NULL ? "" : "; correction ",
                      correction == NULL ? "" : correction);
        if (menu->validity_months != 0) {
            (void)fprintf(file, "; certificates valid %u months", menu->validity_months);
        }
    }
    (void)fprintf(file, "\n");
    for (size_t i = 0; i < agreement->list_count; i++) {
        (void)fprintf(file, "list %s in edition %s\n", code_list(agreement->lists[i].id)->name,
                      agreement->lists[i].edition);
    }
}

void agreement_print(const struct book *book, const struct agreement *agreement, FILE *file)
{
    static const char *const heads[] = {"", "", NULL};
    struct table table = table_begin(heads);
    struct buffer signers = {0};
    uint8_t hash[WORDS_HASH_BYTES];
    char words[WORDS_TEXT_BYTES];
    char digits[WORDS_DIGITS_BYTES];
    char from[OUTPUT_TIME_BYTES];
    char until[OUTPUT_TIME_BYTES];
    char version[64];
    char grace[64];
    agreement_fingerprint(agreement, hash);
    words_text(hash, words);
    words_digits(hash, digits);
    agreement_describe_signers(agreement, agreement->signers, &signers);
    buffer_append(&signers, "", 1);
    (void)snprintf(version, sizeof version, "%u, %s", agreement->version,
                   book_state(book, agreement));
    (void)snprintf(grace, sizeof grace, "%u days", agreement->grace_days);
    const char *const rows[][2] = {
        {"agreement", agreement->code},
        {"version", version},
        {"name", agreement->name},
        {"reference", agreement->reference},
        {"environment", agreement->environment},
        {"from", output_time_s(agreement->from_s, from)},
        {"until", output_time_s(agreement->until_s, until)},
        {"grace", grace},
        {"signatures", (const char *)signers.data},
        {"fingerprint", words},
        {"", digits},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        table_string(&table, rows[i][0][0] == '\0' ? " " : rows[i][0]);
        table_string(&table, rows[i][1]);
    }
    table_end(&table, file);
    print_parties(agreement, file);
    print_menus(agreement, file);
    buffer_free(&signers);
}

/* ---- as an object ---- */

static json_t *parties_json(const struct agreement *agreement)
{
    json_t *list = json_array();
    for (size_t i = 0; i < agreement->party_count; i++) {
        const struct agreement_party *party = &agreement->parties[i];
        char hex[2 * KEY_PUBLIC_BYTES + 1];
        hex_encode((struct bytes){party->identity, KEY_PUBLIC_BYTES}, hex);
        (void)json_array_append_new(
            list, json_pack("{s:s, s:s, s:s, s:b, s:b, s:b}", "party", party->party, "domain",
                            party->domain, "identity", hex, "exporter", party->exports, "importer",
                            party->imports, "signed", has_signed(agreement, i)));
    }
    return list;
}

static json_t *menus_json(const struct agreement *agreement)
{
    json_t *list = json_array();
    for (size_t i = 0; i < agreement->menu_count; i++) {
        const struct menu *menu = agreement->menus[i].menu;
        (void)json_array_append_new(list,
                                    json_pack("{s:I, s:s%}", "version", (json_int_t)menu->version,
                                              "title", menu->title.data, menu->title.size));
    }
    return list;
}

static json_t *lists_json(const struct agreement *agreement)
{
    json_t *list = json_array();
    for (size_t i = 0; i < agreement->list_count; i++) {
        (void)json_array_append_new(list, json_pack("{s:s, s:s}", "list",
                                                    code_list(agreement->lists[i].id)->name,
                                                    "edition", agreement->lists[i].edition));
    }
    return list;
}

json_t *agreement_json(const struct book *book, const struct agreement *agreement)
{
    uint8_t hash[WORDS_HASH_BYTES];
    char words[WORDS_TEXT_BYTES];
    char digits[WORDS_DIGITS_BYTES];
    char from[OUTPUT_TIME_BYTES];
    char until[OUTPUT_TIME_BYTES];
    struct agreement_count count;
    struct error error;
    uint32_t days = 0;
    agreement_fingerprint(agreement, hash);
    words_text(hash, words);
    words_digits(hash, digits);
    bool strangers =
        agreement_quorum(agreement, book_before(book, agreement), &count, &error) != RESULT_OK;
    (void)agreements_warns(book->held, agreement, 0, book->now_s, &days);
    return json_pack(
        "{s:s, s:I, s:s, s:s, s:s, s:s, s:s, s:s, s:I, s:I, s:I, s:b, s:o, s:o, s:o, s:{s:s, s:s}}",
        "code", agreement->code, "version", (json_int_t)agreement->version, "state",
        book_state(book, agreement), "name", agreement->name, "reference", agreement->reference,
        "environment", agreement->environment, "from", output_time_s(agreement->from_s, from),
        "until", output_time_s(agreement->until_s, until), "days_left", (json_int_t)days,
        "grace_days", (json_int_t)agreement->grace_days, "quorum", (json_int_t)agreement->quorum,
        "quorum_met", count.met && !strangers, "parties", parties_json(agreement), "menus",
        menus_json(agreement), "lists", lists_json(agreement), "fingerprint", "words", words,
        "digits", digits);
}
