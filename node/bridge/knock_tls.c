/* What is seen in the TLS of a partner without a node: which version, whose certificate, and
 * whether ours is asked for. The connection of what is posted is libcurl's; this one, which says
 * nothing, tells more of what is wrong. See knock.h. */
#include "node/bridge/knock_parts.h"

#include "keys/certificate.h"
#include "keys/text.h"

#include <errno.h>
#include <gnutls/x509.h>
#include <poll.h>
#include <stdio.h>

#define ALERT_MS   1000 /* for an alert that is on its way, when another connection has failed */
#define PRIORITIES "NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2"

/* ---- the connection ---- */

static ssize_t pull(gnutls_transport_ptr_t line, void *bytes, size_t size)
{
    return call_receive(line, bytes, size);
}

/* All that is said in a turn goes at once: a server that refuses our certificate may end the
 * connection before it has read the rest, and what is sent behind that loses its alert. */
static ssize_t push(gnutls_transport_ptr_t line, const giovec_t *parts, int count)
{
    struct buffer whole = {0};
    for (int i = 0; i < count; i++) {
        buffer_append(&whole, parts[i].iov_base, parts[i].iov_len);
    }
    errno = ENOMEM;
    ssize_t sent = whole.failed ? -1 : call_send(line, whole.data, whole.size);
    buffer_free(&whole);
    return sent;
}

/* Our certificate is shown whatever authorities the server names, as libcurl does it. */
static int open_tls(struct knock *knock, struct knock_tls *tls)
{
    const struct way_files *files = &knock->files;
    int code = gnutls_certificate_allocate_credentials(&tls->credentials);
    if (code >= 0 && files->certificate[0] != '\0') {
        code = gnutls_certificate_set_x509_key_file(tls->credentials, files->certificate,
                                                    files->key, GNUTLS_X509_FMT_PEM);
    }
    if (code >= 0 && knock->card->pin_count[REST_SERVER] == 0) {
        code = files->authorities[0] == '\0'
                   ? gnutls_certificate_set_x509_system_trust(tls->credentials)
                   : gnutls_certificate_set_x509_trust_file(tls->credentials, files->authorities,
                                                            GNUTLS_X509_FMT_PEM);
    }
    if (code >= 0) {
        code = gnutls_init(&tls->session, GNUTLS_CLIENT | GNUTLS_NONBLOCK | GNUTLS_NO_SIGNAL |
                                              GNUTLS_FORCE_CLIENT_CERT);
    }
    if (code >= 0) {
        code = gnutls_priority_set_direct(tls->session, PRIORITIES, NULL);
    }
    if (code >= 0) {
        code = gnutls_credentials_set(tls->session, GNUTLS_CRD_CERTIFICATE, tls->credentials);
    }
    if (code >= 0) {
        code =
            gnutls_server_name_set(tls->session, GNUTLS_NAME_DNS, knock->host, strlen(knock->host));
    }
    if (code >= 0) {
        tls->socket = call_socket(knock->line);
        gnutls_transport_set_ptr(tls->session, knock->line);
        gnutls_transport_set_pull_function(tls->session, pull);
        gnutls_transport_set_vec_push_function(tls->session, push);
    }
    return code;
}

void knock_tls_close(struct knock_tls *tls)
{
    if (tls->session != NULL) {
        gnutls_deinit(tls->session);
    }
    if (tls->credentials != NULL) {
        gnutls_certificate_free_credentials(tls->credentials);
    }
    *tls = (struct knock_tls){.socket = -1};
}

/* Until the session can go on; false past `until_ms`, and when the knock is to stop. */
static bool await(struct knock *knock, const struct knock_tls *tls, uint64_t until_ms)
{
    struct trying *trying = &knock->trying;
    short events = gnutls_record_get_direction(tls->session) == 0 ? POLLIN : POLLOUT;
    uint64_t now_ms = trying_now_ms(trying);
    while (now_ms < until_ms && !trying_stops(trying)) {
        struct pollfd polled[] = {{.fd = tls->socket, .events = events},
                                  {.fd = trying->home.wake_fd, .events = POLLIN}};
        (void)poll(polled, 2, (int)(until_ms - now_ms));
        if (polled[0].revents != 0) {
            return true;
        }
        (void)queue_take(&trying->home);
        now_ms = trying_now_ms(trying);
    }
    return false;
}

static bool is_waiting(int code)
{
    return code == GNUTLS_E_AGAIN || code == GNUTLS_E_INTERRUPTED;
}

/* 0, or what went wrong. A warning of the other side is passed over. */
static int shake_hands(struct knock *knock, struct knock_tls *tls)
{
    uint64_t until_ms = trying_now_ms(&knock->trying) + TRYING_STEP_MS;
    int code = gnutls_handshake(tls->session);
    while (code < 0 && gnutls_error_is_fatal(code) == 0) {
        bool late = is_waiting(code) ? !await(knock, tls, until_ms)
                                     : trying_now_ms(&knock->trying) >= until_ms;
        if (late) {
            return GNUTLS_E_TIMEDOUT;
        }
        code = gnutls_handshake(tls->session);
    }
    return code;
}

bool knock_was_asked(const struct knock_tls *tls)
{
    return gnutls_certificate_client_get_request_status(tls->session) != 0;
}

static const char *alert_of(const struct knock_tls *tls)
{
    const char *name = gnutls_alert_get_name(gnutls_alert_get(tls->session));
    return name == NULL ? "an alert without a name" : name;
}

const char *knock_alert(struct knock *knock, struct knock_tls *tls)
{
    uint64_t until_ms = trying_now_ms(&knock->trying) + ALERT_MS;
    char byte;
    ssize_t code = gnutls_record_recv(tls->session, &byte, 1);
    while (code < 0 && is_waiting((int)code) && await(knock, tls, until_ms)) {
        code = gnutls_record_recv(tls->session, &byte, 1);
    }
    return code == GNUTLS_E_FATAL_ALERT_RECEIVED ? alert_of(tls) : NULL;
}

/* ---- their certificate ---- */

/* Known by its pin on the card. */
static enum result check_pin(const struct knock *knock, const struct rest_pin *shown,
                             struct error *error)
{
    const struct rest_card *card = knock->card;
    const struct rest_pin *pin = rest_card_pin(card, REST_SERVER, shown->hash);
    struct buffer hash = {0};
    char end[KNOCK_END_BYTES] = "has not begun";
    if (pin != NULL && rest_pin_is_valid(pin, knock->now_s)) {
        return RESULT_OK;
    }
    if (pin != NULL) {
        if (pin->until_s <= knock->now_s) {
            (void)knock_end_text(knock, pin->until_s, end);
        }
        return error_set(error, RESULT_UNTRUSTED, "its pin on the card of %s %s", card->party, end);
    }
    text_base64_append(&hash, (struct bytes){shown->hash, REST_PIN_BYTES});
    enum result result =
        error_set(error, RESULT_UNTRUSTED,
                  "the pin sha256//%.*s is not on the card of %s, serial "
                  "%llu",
                  TEXT_ARGS(buffer_view(&hash)), card->party, (unsigned long long)card->serial);
    buffer_free(&hash);
    return result;
}

/* Known by an authority. */
static enum result check_authority(const struct knock_tls *tls, struct error *error)
{
    unsigned status = 0;
    gnutls_datum_t text = {NULL, 0};
    int code = gnutls_certificate_verify_peers2(tls->session, &status);
    if (code < 0) {
        return error_set(error, RESULT_UNTRUSTED, "it cannot be verified: %s",
                         gnutls_strerror(code));
    }
    if (status == 0) {
        return RESULT_OK;
    }
    (void)gnutls_certificate_verification_status_print(status, GNUTLS_CRT_X509, &text, 0);
    (void)error_set(error, RESULT_UNTRUSTED, "no authority vouches for it: %s",
                    text.data == NULL ? "" : (const char *)text.data);
    gnutls_free(text.data);
    return RESULT_UNTRUSTED;
}

static enum result check_certificate(const struct knock *knock, const struct knock_tls *tls,
                                     struct bytes der, struct rest_pin *shown, struct error *error)
{
    enum result result = certificate_pin_der(der, shown, error);
    if (result == RESULT_OK) {
        result = certificate_host_der(der, knock->host, error);
    }
    if (result == RESULT_OK) {
        result = knock->card->pin_count[REST_SERVER] > 0 ? check_pin(knock, shown, error)
                                                         : check_authority(tls, error);
    }
    return result;
}

static bool step_certificate(struct knock *knock, const struct knock_tls *tls, struct bytes der)
{
    struct trial *trial = &knock->trying.trial;
    const char *party = knock->card->party;
    struct rest_pin shown;
    struct error error;
    char end[KNOCK_END_BYTES];
    if (check_certificate(knock, tls, der, &shown, &error) != RESULT_OK) {
        trial_add(trial, "certificate", TRIAL_FAILED,
                  "ask the partner by telephone: a new certificate needs its next card (`comesh "
                  "rest add`); otherwise somebody else answers there",
                  "%s shows a certificate that is not trusted: %s", party, error.message);
        return false;
    }
    /* With a pin the card says how long it counts, and an end of its own is only a sign. */
    enum trial_outcome outcome = knock_end_text(knock, shown.until_s, end);
    trial_add(trial, "certificate", outcome == TRIAL_OK ? TRIAL_OK : TRIAL_WARNING,
              outcome == TRIAL_OK ? NULL : "ask the partner for its next certificate and card",
              "%s shows the certificate of %s, which %s", party,
              knock->card->pin_count[REST_SERVER] > 0 ? "its card" : "its name", end);
    return true;
}

/* ---- the handshake as a whole ---- */

static void step_tls(struct knock *knock, const struct knock_tls *tls)
{
    const char *version = gnutls_protocol_get_name(gnutls_protocol_get_version(tls->session));
    trial_add(&knock->trying.trial, "tls", TRIAL_OK, NULL, "%s speaks %s", knock->card->party,
              version == NULL ? "TLS" : version);
}

static void step_no_tls(struct knock *knock, const struct knock_tls *tls, int code)
{
    bool alerted = code == GNUTLS_E_FATAL_ALERT_RECEIVED;
    trial_add(&knock->trying.trial, "tls", TRIAL_FAILED,
              "ask the partner whether its server speaks TLS 1.2 or 1.3 at this port",
              "no handshake with %s at %s:%llu: %s%s%s", knock->card->party, knock->host,
              (unsigned long long)knock->card->port, gnutls_strerror(code), alerted ? ": " : "",
              alerted ? alert_of(tls) : "");
}

bool knock_handshake(struct knock *knock, struct knock_tls *tls)
{
    unsigned count = 0;
    int code = open_tls(knock, tls);
    if (code < 0) {
        trial_add(&knock->trying.trial, "tls", TRIAL_FAILED, "see outbound in the configuration",
                  "%s", gnutls_strerror(code));
        return false;
    }
    code = shake_hands(knock, tls);
    const gnutls_datum_t *shown = gnutls_certificate_get_peers(tls->session, &count);
    bool refused = code == GNUTLS_E_FATAL_ALERT_RECEIVED && shown != NULL && knock_was_asked(tls);
    if ((code < 0 && !refused) || shown == NULL) {
        step_no_tls(knock, tls, code);
        return false;
    }
    step_tls(knock, tls);
    bool trusted = step_certificate(knock, tls, (struct bytes){shown->data, shown->size});
    if (refused) {
        knock_refused(knock, alert_of(tls));
    }
    return trusted && !refused;
}
