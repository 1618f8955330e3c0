/* Who takes part, under what: partners with their lanes, agreements, and menus side by side. */
#include "keys/text.h"
#include "node/bridge/read.h"
#include "proto/dataset.h"
#include "proto/matrix.h"

#include <stdio.h>

static void jot_time_s(struct jot *jot, const char *name, uint64_t time_s)
{
    char text[TEXT_TIME_BYTES];
    text_time(time_s, text);
    jot_string(jot, name, text);
}

/* ---- partners ---- */

static void write_lane(const struct standing *lane, struct jot *jot)
{
    jot_string(jot, "outgoing", lane->outgoing);
    jot_string(jot, "incoming", lane->incoming);
    jot_time_ms(jot, "lastHeard", lane->last_heard_ms);
    jot_string(jot, "trouble", lane->trouble);
}

static void write_partner(const struct card *card, const struct standing *lane, struct jot *jot)
{
    char fingerprint[FINGERPRINT_DIGITS_BYTES];
    card_fingerprint(card, fingerprint);
    jot_open(jot, NULL, '{');
    jot_string(jot, "party", card->party);
    jot_string(jot, "name", card->name);
    jot_string(jot, "domain", card->domain);
    jot_string(jot, "fingerprint", fingerprint);
    jot_uint(jot, "serial", card->serial);
    write_lane(lane, jot);
    jot_close(jot, '}');
}

/* One without a node: its `incoming` is "https". */
static void write_rest_partner(const struct rest_card *card, const struct standing *lane,
                               struct jot *jot)
{
    char fingerprint[WORDS_DIGITS_BYTES];
    rest_card_fingerprint(card, fingerprint);
    jot_open(jot, NULL, '{');
    jot_string(jot, "party", card->party);
    jot_string(jot, "name", card->name);
    jot_string(jot, "domain", card->domain);
    jot_string(jot, "fingerprint", fingerprint);
    jot_uint(jot, "serial", card->serial);
    write_lane(lane, jot);
    jot_close(jot, '}');
}

void partners_list(struct exchange *exchange)
{
    const struct bridge_node *node = &private_of(exchange)->node;
    struct standing lanes[STANDINGS_MAX];
    struct buffer body = {0};
    struct jot jot = {.out = &body};
    size_t count = node->partners(node->self, lanes, STANDINGS_MAX);
    struct directory *directory = flow_directory(node->flow);
    jot_open(&jot, NULL, '{');
    jot_open(&jot, "partners", '[');
    for (size_t i = 0; i < directory_count(directory); i++) {
        const struct card *card = directory_at(directory, i);
        write_partner(card, standing_of(lanes, count, card->party), &jot);
    }
    const struct rest_card *rest;
    for (size_t i = 0; (rest = rest_cards_at(directory_rest(directory), i)) != NULL; i++) {
        write_rest_partner(rest, standing_of(lanes, count, rest->party), &jot);
    }
    jot_close(&jot, ']');
    jot_close(&jot, '}');
    buffer_text(&body, "\n");
    directory_release(&directory);
    exchange_give_tagged(exchange, MEDIA_JSON, &body);
}

/* ---- agreements ---- */

static void write_signed(const struct agreements *agreements, const struct agreement *agreement,
                         uint64_t now_s, struct jot *jot)
{
    jot_open(jot, NULL, '{');
    jot_string(jot, "code", agreement->code);
    jot_uint(jot, "version", agreement->version);
    jot_string(jot, "name", agreement->name);
    jot_string(jot, "reference", agreement->reference);
    jot_string(jot, "state", agreement_state_text(agreements_state(agreements, agreement, now_s)));
    jot_bool(jot, "signed", true);
    jot_time_s(jot, "from", agreement->from_s);
    jot_time_s(jot, "until", agreement->until_s);
    jot_open(jot, "parties", '[');
    for (size_t i = 0; i < agreement->party_count; i++) {
        jot_open(jot, NULL, '{');
        jot_string(jot, "party", agreement->parties[i].party);
        jot_bool(jot, "exports", agreement->parties[i].exports);
        jot_bool(jot, "imports", agreement->parties[i].imports);
        jot_close(jot, '}');
    }
    jot_close(jot, ']');
    jot_open(jot, "menus", '[');
    for (size_t i = 0; i < agreement->menu_count; i++) {
        jot_uint(jot, NULL, agreement->menus[i].menu->version);
    }
    jot_close(jot, ']');
    jot_close(jot, '}');
}

/* One that the configuration names, to try out. */
static void write_configured(const struct config_agreement *agreement, struct jot *jot)
{
    jot_open(jot, NULL, '{');
    jot_string(jot, "code", agreement->code);
    jot_string(jot, "state", "in force");
    jot_bool(jot, "signed", false);
    jot_open(jot, "parties", '[');
    for (size_t i = 0; i < agreement->party_count; i++) {
        jot_open(jot, NULL, '{');
        jot_string(jot, "party", agreement->parties[i]);
        jot_bool(jot, "exports", true);
        jot_bool(jot, "imports", true);
        jot_close(jot, '}');
    }
    jot_close(jot, ']');
    jot_open(jot, "menus", '[');
    for (size_t i = 0; i < 2 && agreement->menu_versions[i] != 0; i++) {
        jot_uint(jot, NULL, agreement->menu_versions[i]);
    }
    jot_close(jot, ']');
    jot_close(jot, '}');
}

void agreements_list(struct exchange *exchange)
{
    struct flow *flow = private_of(exchange)->flow;
    const struct config *config = flow->config;
    struct agreements *agreements = flow_agreements(flow);
    const struct agreement *agreement;
    struct buffer body = {0};
    struct jot jot = {.out = &body};
    uint64_t now_s = world_wall_ms(flow->world) / 1000;
    jot_open(&jot, NULL, '{');
    jot_open(&jot, "agreements", '[');
    for (size_t i = 0; (agreement = agreements_at(agreements, i)) != NULL; i++) {
        write_signed(agreements, agreement, now_s, &jot);
    }
    for (size_t i = 0; i < config->agreement_count; i++) {
        write_configured(&config->agreements[i], &jot);
    }
    jot_close(&jot, ']');
    jot_close(&jot, '}');
    buffer_text(&body, "\n");
    agreements_release(&agreements);
    exchange_give_tagged(exchange, MEDIA_JSON, &body);
}

/* ---- menus ---- */

/* "AKFTA:1,RCEP"; without a version the newest. False when it is answered by a refusal. */
static bool find_menus(struct exchange *exchange, struct matrix *matrix)
{
    struct text names = target_query(&exchange->target, "menus");
    while (names.size > 0 && matrix->menu_count < MATRIX_MENUS_MAX) {
        uint64_t version = 0;
        struct text name = text_until(&names, ',');
        struct text rest = name;
        struct text code = text_until(&rest, ':');
        (void)text_skip(&names, ",");
        bool right = !text_skip(&rest, ":") || decimal_parse(rest, UINT32_MAX, &version);
        const struct menu *menu =
            right ? rules_menu(private_of(exchange)->flow->rules, code, (uint32_t)version) : NULL;
        if (menu == NULL) {
            exchange_refuse(exchange, 404, "not-found", "there is no menu '%.*s' here",
                            TEXT_ARGS(name));
            return false;
        }
        matrix->menus[matrix->menu_count++] = menu;
    }
    if (matrix->menu_count < 2 || names.size > 0) {
        exchange_refuse(exchange, 400, "parameter",
                        "menus; accepted: 2 to %d of them, as AKFTA:1,RCEP:1", MATRIX_MENUS_MAX);
        return false;
    }
    return true;
}

static void write_cell(const struct menu *menu, const struct matrix_cell *cell, struct jot *jot)
{
    char name[64];
    (void)snprintf(name, sizeof name, "%.*s:%u", TEXT_ARGS(menu->agreement), menu->version);
    jot_open(jot, NULL, '{');
    jot_string(jot, "menu", name);
    jot_string(jot, "use", matrix_mark_word(cell->mark));
    jot_text(jot, "says", cell->text);
    jot_text(jot, "source", cell->source);
    jot_close(jot, '}');
}

static void write_row(const struct matrix *matrix, const struct matrix_row *row, struct jot *jot)
{
    jot_open(jot, NULL, '{');
    jot_text(jot, "element", row->name);
    if (row->element != NULL) {
        jot_string(jot, "label", row->element->label);
    }
    if (row->element != NULL && row->element->wco_id != NULL) {
        jot_string(jot, "wcoId", row->element->wco_id);
    }
    if (row->element != NULL && row->element->oif_id != NULL) {
        jot_string(jot, "oifId", row->element->oif_id);
    }
    jot_bool(jot, "differs", row->differs);
    jot_open(jot, "menus", '[');
    for (size_t i = 0; i < matrix->menu_count; i++) {
        write_cell(matrix->menus[i], &row->cells[i], jot);
    }
    jot_close(jot, ']');
    jot_close(jot, '}');
}

void menus_compare(struct exchange *exchange)
{
    struct matrix matrix = {.menu_count = 0};
    struct buffer body = {0};
    struct jot jot = {.out = &body};
    struct error error = {0};
    if (!find_menus(exchange, &matrix)) {
        return;
    }
    if (matrix_make(&matrix, &exchange->arena, &error) != RESULT_OK) {
        exchange_fail(exchange, &error);
        return;
    }
    jot_open(&jot, NULL, '{');
    jot_uint(&jot, "differing", matrix.differing);
    jot_open(&jot, "rows", '[');
    for (size_t i = 0; i < matrix.count; i++) {
        write_row(&matrix, &matrix.rows[i], &jot);
    }
    jot_close(&jot, ']');
    jot_close(&jot, '}');
    buffer_text(&body, "\n");
    exchange_give_tagged(exchange, MEDIA_JSON, &body);
}
