/* Who would be locked out. See reach.h. */
#include "tools/comesh/reach.h"

#include "keys/text.h"
#include "tools/comesh/client.h"
#include "tools/comesh/output.h"

#include <stdarg.h>
#include <stdlib.h>

/* What is looked at. */
struct look {
    const struct own *own;
    enum key_role role;
    uint64_t end_s;
    struct reach *reach;
};

static struct reach_row *row_add(struct reach *reach, const char *party)
{
    struct reach_row *row = &reach->rows[reach->count++];
    (void)snprintf(row->party, sizeof row->party, "%s", party);
    return row;
}

__attribute__((format(printf, 3, 4))) static void why(struct reach_row *row, bool at_risk,
                                                      const char *format, ...)
{
    size_t used = strlen(row->why);
    va_list arguments;
    row->at_risk = row->at_risk || at_risk;
    if (used > 0 && used + 3 < sizeof row->why) {
        memcpy(row->why + used, "; ", 3);
        used += 2;
    }
    va_start(arguments, format);
    (void)vsnprintf(row->why + used, sizeof row->why - used, format, arguments);
    va_end(arguments);
}

/* The first time before the end of the overlap at which a role of the partner has no key left. */
static void look_at_card(const struct look *look, const struct card *card, struct reach_row *row)
{
    for (unsigned role = KEY_IDENTITY + 1; role < KEY_ROLE_COUNT; role++) {
        uint64_t last = 0;
        char until[TEXT_TIME_BYTES];
        for (size_t i = 0; i < card->key_count[role]; i++) {
            last = card->keys[role][i].until_s > last ? card->keys[role][i].until_s : last;
        }
        if (last != 0 && last < look->end_s) {
            text_time(last, until);
            why(row, true, "its own %s key ends at %s, before the overlap does",
                key_role_text((enum key_role)role), until);
        }
    }
    if (directory_is_suspended(look->own->directory, text_of(card->party))) {
        why(row, true, "its identity is revoked: it is suspended");
    }
    if (look->role == KEY_TRANSPORT && card->mesh_endpoint[0] == '\0') {
        why(row, false, "it only dials out: it learns the new key when it next calls");
    }
    if (look->role == KEY_IDENTITY) {
        why(row, false, "it goes on with the old card until it trusts the new identity");
    }
}

/* A partner as the running node knows it. */
static enum result look_at_row(void *self, const struct wire_row *wire, struct error *error)
{
    const struct look *look = self;
    const struct card *own = own_card(look->own);
    char party[PARTY_MAX_BYTES];
    (void)error;
    struct text code = wire_row_text(wire, WIRE_PARTNER_PARTY);
    (void)snprintf(party, sizeof party, "%.*s", TEXT_ARGS(code));
    const struct card *card = directory_party(look->own->directory, code);
    if (card == NULL) {
        return RESULT_OK;
    }
    struct reach_row *row = row_add(look->reach, party);
    uint64_t known = wire_row_uint(wire, WIRE_PARTNER_KNOWN_SERIAL);
    uint64_t heard_ms = wire_row_uint(wire, WIRE_PARTNER_LAST_HEARD);
    char heard[OUTPUT_TIME_BYTES];
    if (heard_ms == 0) {
        why(row, true, "not heard since the node started: it must be seen before the overlap ends");
    } else if (known == 0) {
        why(row, true, "heard at %s, but it has not said which of our cards it holds",
            output_time_ms(heard_ms, heard));
    } else if (known < own->serial) {
        why(row, true,
            "holds our card %llu, where %llu is the newest: it did not take the last one",
            (unsigned long long)known, (unsigned long long)own->serial);
    }
    look_at_card(look, card, row);
    return RESULT_OK;
}

static void look_without_node(const struct look *look)
{
    for (size_t i = 0; i < directory_count(look->own->directory); i++) {
        const struct card *card = directory_at(look->own->directory, i);
        struct reach_row *row = row_add(look->reach, card->party);
        why(row, true, "our node does not run: nobody knows which of our cards it holds");
        look_at_card(look, card, row);
    }
}

static void look_at_rest(const struct look *look)
{
    const struct rest_card *rest;
    const struct rest_cards *all = directory_rest(look->own->directory);
    for (size_t i = 0; (rest = rest_cards_at(all, i)) != NULL; i++) {
        why(row_add(look->reach, rest->party), false,
            "has no node: it does not see this key, its TLS pins change apart");
    }
}

enum result reach_look(struct own *own, enum key_role role, uint64_t end_s, struct reach *reach,
                       struct error *error)
{
    struct look look = {own, role, end_s, reach};
    struct client *client = NULL;
    size_t room = directory_count(own->directory) + 1;
    while (rest_cards_at(directory_rest(own->directory), reach->count) != NULL) {
        reach->count++;
    }
    *reach = (struct reach){.rows = calloc(room + reach->count, sizeof *reach->rows)};
    if (reach->rows == NULL) {
        return error_set(error, RESULT_NO_MEMORY, "no memory for %zu partners", room);
    }
    enum result result = client_open(own->config, &client, error);
    if (result == RESULT_UNAVAILABLE) {
        look_without_node(&look);
        result = RESULT_OK;
    } else if (result == RESULT_OK) {
        reach->running = true;
        result = client_ask(client, "partners", look_at_row, &look, error);
    }
    if (result == RESULT_OK) {
        look_at_rest(&look);
    }
    client_close(&client);
    return result;
}

void reach_free(struct reach *reach)
{
    free(reach->rows);
    *reach = (struct reach){0};
}

void reach_print(const struct reach *reach, FILE *file)
{
    static const char *const heads[] = {"PARTNER", "LOCKED OUT", "WHY", NULL};
    struct table table = table_begin(heads);
    for (size_t i = 0; i < reach->count; i++) {
        const struct reach_row *row = &reach->rows[i];
        table_string(&table, row->party);
        table_string(&table, row->at_risk ? "at the end" : "no");
        table_string(&table, row->why[0] == '\0' ? "holds our newest card" : row->why);
    }
    table_end(&table, file);
    if (reach->count == 0) {
        (void)fprintf(file, "No partner yet: nobody would be locked out.\n");
    }
}

json_t *reach_json(const struct reach *reach)
{
    json_t *list = json_array();
    for (size_t i = 0; i < reach->count; i++) {
        const struct reach_row *row = &reach->rows[i];
        (void)json_array_append_new(list, json_pack("{s:s, s:b, s:s}", "party", row->party,
                                                    "locked_out", row->at_risk, "why", row->why));
    }
    return list;
}
