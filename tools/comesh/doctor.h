/* The checks of `comesh doctor`: of the own node's folder, of whom it trusts, and, when it runs, of
 * the node itself. Each adds what it has found; none changes anything or needs a passphrase. */
#ifndef COMESH_TOOLS_COMESH_DOCTOR_H
#define COMESH_TOOLS_COMESH_DOCTOR_H

#include "keys/directory.h"
#include "node/core/config.h"
#include "tools/comesh/checkup.h"
#include "tools/comesh/client.h"

#define DOCTOR_WARN_DAYS  60 /* a key, card or agreement that ends within so long */
#define DOCTOR_RENEW_DAYS 30 /* a TLS certificate or a token, which is soon renewed */
#define DOCTOR_LAST_DAYS  7  /* of these, and it is a failure: nobody seems to renew it */
#define DOCTOR_CLOCK_S    60 /* apart from a partner's clock */

struct doctor {
    struct checkup checkup;
    const struct config *config;
    struct directory *directory; /* NULL when the cards cannot be read */
    struct client *client;       /* NULL when the node does not run */
    uint64_t pid;                /* of the running node; 0 when it is not known */
    uint64_t now_s;
};

/* doctor_files.c */
void doctor_keys(struct doctor *doctor);
void doctor_store(struct doctor *doctor);
void doctor_leftovers(struct doctor *doctor);

/* doctor_trust.c; doctor_cards reads the directory, the others need it */
void doctor_cards(struct doctor *doctor);
void doctor_own_card(struct doctor *doctor);
void doctor_partners(struct doctor *doctor);
void doctor_agreements(struct doctor *doctor);
void doctor_audit(struct doctor *doctor);

/* doctor_node.c; doctor_running finds the node, the others ask it */
void doctor_running(struct doctor *doctor);
void doctor_limits(struct doctor *doctor);
void doctor_clock(struct doctor *doctor);
void doctor_lanes(struct doctor *doctor);
void doctor_channels(struct doctor *doctor);
void doctor_queue(struct doctor *doctor);

/* doctor_http.c; whether the listeners answer, when the node runs */
void doctor_public(struct doctor *doctor);
void doctor_private(struct doctor *doctor);
void doctor_outbound(struct doctor *doctor);
void doctor_webhooks(struct doctor *doctor);

/* doctor_spool.c */
void doctor_spool(struct doctor *doctor, const char *folder);

/* "ends in 12 days (2027-01-05T09:30:00Z)", "ended at 2026-…". Returns `out`. */
#define DOCTOR_END_BYTES 64
const char *doctor_end(const struct doctor *doctor, uint64_t until_s, char out[DOCTOR_END_BYTES]);

/* FAILED when it has ended, WARNING when it ends within DOCTOR_WARN_DAYS, or within `days`. */
enum checkup_level doctor_end_level(const struct doctor *doctor, uint64_t until_s);
enum checkup_level doctor_end_within(const struct doctor *doctor, uint64_t until_s, uint64_t days);

#endif
