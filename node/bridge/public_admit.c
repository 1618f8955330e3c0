/* Who may post: the host must be ours, the certificate one that a card of a partner pins. The key
 * decides, for a person confirmed it; which authority signed the certificate is not asked. */
#include "node/bridge/public_parts.h"

#include "keys/certificate.h"
#include "keys/text.h"

#include <stdio.h>
#include <strings.h>

/* Whether a Host header names `host`, whatever the port (RFC 9110, section 7.2). */
static bool is_host(struct text header, const char *host)
{
    struct text port = header;
    struct text name = text_until(&port, ':');
    uint64_t number = 0;
    return name.size == strlen(host) && strncasecmp(name.data, host, name.size) == 0 &&
           (port.size == 0 || (text_skip(&port, ":") && decimal_parse(port, UINT16_MAX, &number)));
}

static bool check_host(struct exchange *exchange, const struct config *config)
{
    char host[CARD_NAME_BYTES];
    (void)snprintf(host, sizeof host, "%s.coconnect.%s", config->environment, config->domain);
    if (is_host(exchange_header(exchange, "Host"), host)) {
        return true;
    }
    exchange_refuse(exchange, 421, "host",
                    "this is %s; the request names another host, and nothing was stored", host);
    return false;
}

/* A certificate whose own time, or the time of its pin, has not come or is over. */
static void refuse_time(struct exchange *exchange, const char *what, const struct rest_pin *valid)
{
    char from[TEXT_TIME_BYTES];
    char until[TEXT_TIME_BYTES];
    text_time(valid->from_s, from);
    text_time(valid->until_s, until);
    exchange_refuse(exchange, 403, "certificate-expired",
                    "%s is valid from %s until %s; use the newer certificate, or send us a card "
                    "that names it",
                    what, from, until);
}

static bool check_certificate(struct exchange *exchange, const struct rest_cards *cards,
                              struct bytes der)
{
    struct rest_pin shown = {0};
    const struct rest_pin *pin = NULL;
    struct error error;
    uint64_t now_s = world_wall_ms(public_of(exchange)->flow->world) / 1000;
    if (certificate_pin_der(der, &shown, &error) != RESULT_OK) {
        exchange_refuse(exchange, 403, "certificate-unreadable", "%s", error.message);
        return false;
    }
    const struct rest_card *card = rest_cards_client(cards, shown.hash, &pin);
    if (card == NULL) {
        exchange_refuse(exchange, 403, "certificate-unknown",
                        "the client certificate is of no partner here; give us a card that names "
                        "it, and its fingerprint by telephone");
    } else if (!rest_pin_is_valid(&shown, now_s)) {
        refuse_time(exchange, "the client certificate", &shown);
    } else if (!rest_pin_is_valid(pin, now_s)) {
        refuse_time(exchange, "this certificate on your card", pin);
    } else {
        (void)snprintf(exchange->caller, sizeof exchange->caller, "%s", card->party);
        return true;
    }
    return false;
}

void public_admit(struct exchange *exchange)
{
    struct flow *flow = public_of(exchange)->flow;
    if (!check_host(exchange, flow->config)) {
        return;
    }
    struct bytes der = exchange_client_certificate(exchange);
    if (der.size == 0) {
        exchange_refuse(exchange, 401, "certificate-missing",
                        "a TLS client certificate is needed: the one that your card names");
        return;
    }
    struct directory *directory = flow_directory(flow);
    bool is_known = check_certificate(exchange, directory_rest(directory), der);
    directory_release(&directory);
    if (is_known) {
        const struct pace_limit limit = {"public.requests_per_second", flow->config->public_pace};
        pace_admit(&public_of(exchange)->pace, exchange, &limit, flow->metrics);
    }
}
