/* The inside of a knock, shared by its parts: knock.c has what needs no connection, knock_way.c the
 * way there, knock_tls.c what is seen in its TLS. Used by these alone; the knock's own thread. */
#ifndef COMESH_NODE_BRIDGE_KNOCK_PARTS_H
#define COMESH_NODE_BRIDGE_KNOCK_PARTS_H

#include "node/bridge/knock.h"
#include "node/bridge/way.h"

#include <gnutls/gnutls.h>

struct knock {
    struct trying trying;
    struct standing queue;
    const struct rest_card *card; /* of the directory as it was when the knock began */
    char host[CARD_NAME_BYTES];   /* of its endpoint */
    struct way_files files;
    struct call_way way;
    struct calls *calls;
    struct call *line;         /* the connection on which TLS is looked at */
    struct call *question;     /* a request as one that posts would be */
    struct call_answer answer; /* of the last of both */
    uint64_t now_s;
};

/* Where the name leads, and whether somebody answers there. */
bool knock_connect(struct knock *knock);

/* TLS over the line. */
struct knock_tls {
    gnutls_certificate_credentials_t credentials;
    gnutls_session_t session;
    int socket;
};

/* Shakes hands, and judges what it shows; true when it let us in so far. */
bool knock_handshake(struct knock *knock, struct knock_tls *tls);

/* True when its server asked for a client certificate. */
bool knock_was_asked(const struct knock_tls *tls);

/* The alert with which it ended the connection; NULL when it did not. TLS 1.3 lets a client in
 * before the server has looked at its certificate. */
const char *knock_alert(struct knock *knock, struct knock_tls *tls);
void knock_tls_close(struct knock_tls *tls);

/* What its server answers to a question that changes nothing. */
void knock_ask(struct knock *knock, struct knock_tls *tls);

/* It does not let our certificate in. */
void knock_refused(struct knock *knock, const char *why);

/* "in 12 days, 2027-01-05T09:30:00Z", and how it counts. */
#define KNOCK_END_BYTES 64
enum trial_outcome knock_end_text(const struct knock *knock, uint64_t until_s,
                                  char out[KNOCK_END_BYTES]);

#endif
