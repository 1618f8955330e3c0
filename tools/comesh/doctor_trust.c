/* Checks of cards, keys and agreements. See doctor.h. */
#include "keys/agreements.h"
#include "keys/audit.h"
#include "keys/keyring.h"
#include "keys/text.h"
#include "tools/comesh/doctor.h"
#include "tools/comesh/unlock.h"

#include <inttypes.h>
#include <stdlib.h>

void doctor_cards(struct doctor *doctor)
{
    char cards[CONFIG_PATH_BYTES];
    size_t without_node = 0;
    struct error error;
    enum result result = config_place(doctor->config, "cards", cards, &error);
    if (result == RESULT_OK) {
        result =
            directory_load(cards, text_of(doctor->config->environment), &doctor->directory, &error);
    }
    if (result != RESULT_OK) {
        checkup_add(&doctor->checkup, CHECKUP_FAILED, "cards",
                    "a node does not start with it; take the file from a backup, or import it anew",
                    "%s", error.message);
        return;
    }
    while (rest_cards_at(directory_rest(doctor->directory), without_node) != NULL) {
        without_node++;
    }
    checkup_add(&doctor->checkup, CHECKUP_OK, "cards", NULL,
                "the own card, those of partners: %zu with a node, %zu without",
                directory_count(doctor->directory), without_node);
}

/* ---- the own card ---- */

/* The key of a role that is valid now and ends last; NULL when none is. */
static const struct card_key *last_key(const struct card *card, enum key_role role, uint64_t now_s)
{
    const struct card_key *last = NULL;
    for (size_t i = 0; i < card->key_count[role]; i++) {
        const struct card_key *key = &card->keys[role][i];
        if (card_key_is_valid(key, now_s) && (last == NULL || key->until_s > last->until_s)) {
            last = key;
        }
    }
    return last;
}

/* The secret of a key that is valid now lies in keys/; that of the identity may be elsewhere. */
static void secrets_check(struct doctor *doctor, const struct card *own,
                          const struct keyring *keyring)
{
    for (unsigned i = 0; i < KEY_ROLE_COUNT; i++) {
        enum key_role role = (enum key_role)i;
        bool here = false;
        for (size_t k = 0; k < own->key_count[role]; k++) {
            const struct card_key *key = &own->keys[role][k];
            here = here || (card_key_is_valid(key, doctor->now_s) &&
                            keyring_find(keyring, role, key->public_key) != NULL);
        }
        if (!here && role == KEY_IDENTITY) {
            checkup_add(&doctor->checkup, CHECKUP_OK, "identity key", NULL,
                        "kept elsewhere: cards and agreements are signed there");
        } else if (!here) {
            checkup_add(&doctor->checkup, CHECKUP_FAILED, "own keys",
                        "restore keys/ and cards/own.card from one backup, or make new keys: "
                        "comesh help key rotate",
                        "no file in keys/ holds the %s key of the own card", key_role_text(role));
        }
    }
}

static void own_keys_check(struct doctor *doctor, const struct card *own)
{
    for (unsigned i = 0; i < KEY_ROLE_COUNT; i++) {
        const char *role = key_role_text((enum key_role)i);
        const struct card_key *key = last_key(own, (enum key_role)i, doctor->now_s);
        char end[DOCTOR_END_BYTES];
        char remedy[128];
        (void)snprintf(remedy, sizeof remedy, "comesh key rotate %s", role);
        if (key == NULL) {
            checkup_add(&doctor->checkup, CHECKUP_FAILED, "key expiry", remedy,
                        "the own card has no %s key that is valid now", role);
        } else if (doctor_end_level(doctor, key->until_s) != CHECKUP_OK) {
            checkup_add(&doctor->checkup, CHECKUP_WARNING, "key expiry", remedy,
                        "the last %s key of the own card %s", role,
                        doctor_end(doctor, key->until_s, end));
        }
    }
}

static struct text port_of(const char *endpoint)
{
    const char *colon = strrchr(endpoint, ':');
    return text_of(colon == NULL ? endpoint : colon + 1);
}

static void endpoint_check(struct doctor *doctor, const struct card *own)
{
    const struct config *config = doctor->config;
    bool named = own->mesh_endpoint[0] != '\0';
    bool bound = false;
    for (size_t i = 0; i < config->bind_count; i++) {
        bound = bound || text_equal(port_of(config->binds[i]), port_of(own->mesh_endpoint));
    }
    if (named && config->bind_count == 0) {
        checkup_add(&doctor->checkup, CHECKUP_FAILED, "endpoint",
                    "set link/bind in the configuration, or leave the endpoint off the card",
                    "partners dial %s, and this node listens nowhere", own->mesh_endpoint);
    } else if (named && !bound) {
        checkup_add(&doctor->checkup, CHECKUP_WARNING, "endpoint",
                    "right when a firewall forwards the port; otherwise mend card or link/bind",
                    "the card names %s, and the node listens at another port: %s",
                    own->mesh_endpoint, config->binds[0]);
    } else if (!named && config->bind_count > 0) {
        checkup_add(&doctor->checkup, CHECKUP_WARNING, "endpoint",
                    "put the endpoint on the card, or take link/bind away",
                    "the node listens at %s, and the card tells nobody", config->binds[0]);
    } else {
        checkup_add(&doctor->checkup, CHECKUP_OK, "endpoint", NULL, "%s",
                    named ? own->mesh_endpoint : "none: this node dials out");
    }
}

void doctor_own_card(struct doctor *doctor)
{
    struct keyring keyring = {0};
    struct error error;
    if (doctor->directory == NULL) {
        return;
    }
    const struct config *config = doctor->config;
    const struct card *own = directory_own(doctor->directory);
    bool fits = strcmp(own->party, config->party) == 0 && strcmp(own->domain, config->domain) == 0;
    checkup_add(&doctor->checkup, fits ? CHECKUP_OK : CHECKUP_FAILED, "own card",
                "card and configuration must be of one party; restore the right one",
                "of %s, %s, serial %" PRIu64, own->party, own->domain, own->serial);
    if (unlock_keyring(config, &keyring, &error) == RESULT_OK) {
        secrets_check(doctor, own, &keyring);
    }
    keyring_free(&keyring);
    own_keys_check(doctor, own);
    endpoint_check(doctor, own);
}

/* ---- partners ---- */

/* The role whose last key ends first says how long the card is of use. */
static void partner_check(struct doctor *doctor, const struct card *card)
{
    static const char remedy[] = "ask it for its newest card";
    const char *first_role = "";
    uint64_t first_s = UINT64_MAX;
    char end[DOCTOR_END_BYTES];
    for (unsigned i = 0; i < KEY_ROLE_COUNT; i++) {
        const struct card_key *key = last_key(card, (enum key_role)i, doctor->now_s);
        uint64_t until_s = key == NULL ? 0 : key->until_s;
        if (until_s < first_s) {
            first_s = until_s;
            first_role = key_role_text((enum key_role)i);
        }
    }
    if (first_s == 0) {
        checkup_add(&doctor->checkup, CHECKUP_WARNING, "partner card", remedy,
                    "the card of %s has no %s key that is valid now", card->party, first_role);
    } else if (doctor_end_level(doctor, first_s) != CHECKUP_OK) {
        checkup_add(&doctor->checkup, CHECKUP_WARNING, "partner card", remedy,
                    "the last %s key of %s %s", first_role, card->party,
                    doctor_end(doctor, first_s, end));
    }
}

/* A partner without a node: the certificate of its client lets it in, that of its server is known
 * by its pin, if it has one; both have their time. */
static void rest_check(struct doctor *doctor, const struct rest_card *card, enum rest_pin_kind kind,
                       const char *whose)
{
    uint64_t last_s = 0;
    char end[DOCTOR_END_BYTES];
    for (size_t i = 0; i < card->pin_count[kind]; i++) {
        uint64_t until_s = card->pins[kind][i].until_s;
        last_s = until_s > last_s ? until_s : last_s;
    }
    if (card->pin_count[kind] > 0 && doctor_end_level(doctor, last_s) != CHECKUP_OK) {
        checkup_add(&doctor->checkup, CHECKUP_WARNING, "partner card",
                    "comesh rest add with its next certificate", "the last %s certificate of %s %s",
                    whose, card->party, doctor_end(doctor, last_s, end));
    }
}

void doctor_partners(struct doctor *doctor)
{
    const struct rest_card *rest;
    if (doctor->directory == NULL) {
        return;
    }
    for (size_t i = 0; i < directory_count(doctor->directory); i++) {
        const struct card *card = directory_at(doctor->directory, i);
        if (directory_is_suspended(doctor->directory, text_of(card->party))) {
            checkup_add(&doctor->checkup, CHECKUP_WARNING, "partner card",
                        "pair with it anew: comesh help pair",
                        "the identity of %s is revoked: nothing of it is taken", card->party);
        } else {
            partner_check(doctor, card);
        }
    }
    for (size_t i = 0; (rest = rest_cards_at(directory_rest(doctor->directory), i)) != NULL; i++) {
        rest_check(doctor, rest, REST_CLIENT, "client");
        rest_check(doctor, rest, REST_SERVER, "server");
    }
    if (directory_count(doctor->directory) == 0 &&
        rest_cards_at(directory_rest(doctor->directory), 0) == NULL) {
        checkup_add(&doctor->checkup, CHECKUP_WARNING, "partners",
                    "comesh help pair, or comesh help card import", "nobody is trusted yet");
    }
}

/* ---- the audit log ---- */

void doctor_audit(struct doctor *doctor)
{
    const struct card **cards = NULL;
    struct audit_summary summary = {0};
    struct error error;
    size_t count = 0;
    if (doctor->directory == NULL) {
        return;
    }
    enum result result = audit_signers(doctor->directory, &cards, &count, &error);
    if (result == RESULT_OK) {
        result = audit_verify(doctor->config->directory, cards, count, &summary, &error);
    }
    if (result == RESULT_OK) {
        checkup_add(&doctor->checkup, CHECKUP_OK, "audit log", NULL, "%" PRIu64 " acts, whole",
                    summary.size);
    } else {
        checkup_add(&doctor->checkup, CHECKUP_FAILED, "audit log",
                    "somebody has changed it: find out who, keep this file, restore a backup", "%s",
                    error.message);
    }
    free(cards);
}

/* ---- agreements ---- */

static void agreement_check(struct doctor *doctor, const struct agreements *agreements,
                            const struct agreement *agreement)
{
    char end[DOCTOR_END_BYTES];
    uint32_t days = 0;
    enum agreement_state state = agreements_state(agreements, agreement, doctor->now_s);
    bool newest = agreements_version(agreements, text_of(agreement->code), 0) == agreement;
    if (!newest || state == AGREEMENT_COMING) {
        return;
    }
    bool ending = agreements_warns(agreements, agreement, 0, doctor->now_s, &days);
    checkup_add(&doctor->checkup,
                state == AGREEMENT_ENDED             ? CHECKUP_FAILED
                : state == AGREEMENT_GRACE || ending ? CHECKUP_WARNING
                                                     : CHECKUP_OK,
                "agreement", "sign the next version: comesh help agreement",
                "%s version %" PRIu32 " is %s, %s", agreement->code, agreement->version,
                agreement_state_text(state), doctor_end(doctor, agreement->until_s, end));
}

void doctor_agreements(struct doctor *doctor)
{
    struct agreements *agreements = NULL;
    char folder[CONFIG_PATH_BYTES];
    struct error error;
    enum result result = config_place(doctor->config, "agreements", folder, &error);
    if (result == RESULT_OK) {
        result = agreements_load(folder, text_of(doctor->config->environment), &agreements, &error);
    }
    if (result != RESULT_OK) {
        checkup_add(&doctor->checkup, CHECKUP_FAILED, "agreement", "take the file from a backup",
                    "%s", error.message);
        return;
    }
    const struct agreement *agreement;
    for (size_t i = 0; (agreement = agreements_at(agreements, i)) != NULL; i++) {
        agreement_check(doctor, agreements, agreement);
    }
    for (size_t i = 0; (agreement = agreements_proposal_at(agreements, i)) != NULL; i++) {
        checkup_add(&doctor->checkup, CHECKUP_OK, "agreement", NULL,
                    "%s version %" PRIu32 " still collects signatures", agreement->code,
                    agreement->version);
    }
    if (agreements_at(agreements, 0) == NULL && doctor->config->agreement_count == 0) {
        checkup_add(&doctor->checkup, CHECKUP_WARNING, "agreement", "comesh help agreement",
                    "there is none: no certificate can be sent or taken");
    }
    agreements_release(&agreements);
}
