/* A partner put to the test, step by step: what was found, and what to do about it. The steps that
 * need no connection are here: cards, agreements, menus; node/link and node/bridge do the others.
 * Any thread. */
#ifndef COMESH_NODE_FLOW_TRIAL_H
#define COMESH_NODE_FLOW_TRIAL_H

#include "node/flow/flow.h"

#define TRIAL_STEPS_MAX      16
#define TRIAL_SENTENCE_BYTES 400
#define TRIAL_EXPIRY_S       ((uint64_t)60 * 86400) /* of a card's key: warned about */
#define TRIAL_CLOCK_MS       30000                  /* of a clock's difference: warned about */

enum trial_outcome { TRIAL_OK, TRIAL_WARNING, TRIAL_FAILED, TRIAL_SKIPPED };

/* "ok", "warning", "failed", "skipped". Static. */
const char *trial_outcome_text(enum trial_outcome outcome);

struct trial_step {
    const char *what; /* "name", "tcp", …; static */
    enum trial_outcome outcome;
    char found[TRIAL_SENTENCE_BYTES];
    char remedy[TRIAL_SENTENCE_BYTES]; /* empty when all is well */
};

struct trial {
    struct trial_step steps[TRIAL_STEPS_MAX];
    size_t count;
};

/* Adds a step; what was found is the format's. `remedy` may be NULL. */
void trial_add(struct trial *trial, const char *what, enum trial_outcome outcome,
               const char *remedy, const char *format, ...) __attribute__((format(printf, 5, 6)));

/* RESULT_NOT_FOUND, with what to do, when no card of that party is held. */
enum result trial_check_partner(struct flow *flow, struct text party,
                                struct error *error) RESULT_CHECKED;

/* The partner's card and ours: which keys end when, and which serial of ours it holds. */
void trial_cards(struct flow *flow, const struct card *card, struct trial *trial);

/* What is agreed between us, in which version here and there. */
void trial_agreements(struct flow *flow, const char *party, struct trial *trial);

/* The same of a partner without a node: which agreements have its signature. */
void trial_signatures(struct flow *flow, const char *party, struct trial *trial);

/* What counts now between us, and under which menus. */
void trial_menus(struct flow *flow, const char *party, struct trial *trial);

/* The partner's clock against ours. */
void trial_clock(const char *party, int64_t ahead_ms, struct trial *trial);

#endif
