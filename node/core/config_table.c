/* The table of options, and its description for people. See config_table.h. */
#include "node/core/config_table.h"

#define KIB ((uint64_t)1 << 10)
#define MIB ((uint64_t)1 << 20)
#define GIB ((uint64_t)1 << 30)
#define TIB ((uint64_t)1 << 40)
#define DAY ((uint64_t)86400)

#define PACE_MAX ((uint64_t)1000000)

#define IN_CONFIG(field)    offsetof(struct config, field)
#define IN_AGREEMENT(field) offsetof(struct config_agreement, field)

const struct option config_options[] = {
    {"node", "party", OPTION_PARTY, 1, NULL, 0, 0, IN_CONFIG(party),
     "the party whose certificates this node sends and whose imports it serves"},
    {"node", "environment", OPTION_ENVIRONMENT, 1, NULL, 0, 0, IN_CONFIG(environment),
     "nodes and keys of different environments never talk to each other"},
    {"node", "domain", OPTION_DOMAIN, 1, NULL, 0, 0, IN_CONFIG(domain),
     "the party's domain; names its channels and keys for ever"},
    {"node", "directory", OPTION_PATH, 1, "", 0, 0, IN_CONFIG(directory),
     "where keys, cards and store are; relative to this file; left out: where this file is"},
    {"link", "bind", OPTION_BIND, CONFIG_BINDS_MAX, "", 0, 0, 0,
     "where partners reach this node; up to 4 times; left out: the node only dials out"},
    {"link", "credit", OPTION_SIZE, 1, "8MiB", 512 * KIB, GIB, IN_CONFIG(credit_bytes),
     "how much a partner may have on its way before it is stored here"},
    {"link", "receipt_alarm", OPTION_DURATION, 1, "1h", 10, 30 * DAY, IN_CONFIG(receipt_alarm_s),
     "a message without a receipt for so long is an alarm"},
    {"store", "minimum_free", OPTION_SIZE, 1, "64MiB", MIB, TIB, IN_CONFIG(minimum_free_bytes),
     "with less room than this on the disk nothing more is taken"},
    {"store", "segment", OPTION_SIZE, 1, "64MiB", MIB, 4 * GIB, IN_CONFIG(segment_bytes),
     "size of one file of the journal"},
    {"control", "socket", OPTION_PATH, 1, "control.socket", 0, 0, IN_CONFIG(control_socket),
     "where the commands reach this node; relative to the node's directory"},
    {"private", "listen", OPTION_LISTEN, 1, "", 0, 0, IN_CONFIG(private_listen),
     "where the own national system reaches this node by HTTP; left out: nowhere"},
    {"private", "beyond_loopback", OPTION_SWITCH, 1, "no", 0, 0, IN_CONFIG(private_beyond_loopback),
     "whether `listen` may be another address than a loopback one; there is no TLS here"},
    {"private", "socket_mode", OPTION_MODE, 1, "0600", 0, 0, IN_CONFIG(private_mode),
     "who may connect to a UNIX socket: the node's user, or its group as well"},
    {"private", "requests_per_second", OPTION_NUMBER, 1, "0", 0, PACE_MAX, IN_CONFIG(private_pace),
     "what one token may ask, ten seconds of it at once; 0: as much as comes"},
    {"public", "listen", OPTION_LISTEN, 1, "", 0, 0, IN_CONFIG(public_listen),
     "where partners without a node reach this one, by HTTPS; left out: nowhere"},
    {"public", "certificate", OPTION_PATH, 1, "", 0, 0, IN_CONFIG(public_certificate),
     "certificate chain (PEM) for {environment}.coconnect.{domain}"},
    {"public", "key", OPTION_PATH, 1, "", 0, 0, IN_CONFIG(public_key), "its secret key (PEM)"},
    {"public", "requests_per_second", OPTION_NUMBER, 1, "1000", 0, PACE_MAX, IN_CONFIG(public_pace),
     "what one partner may ask, ten seconds of it at once; 0: as much as comes"},
    {"outbound", "certificate", OPTION_PATH, 1, "", 0, 0, IN_CONFIG(outbound.certificate),
     "client certificate (PEM) that partners without a node know us by"},
    {"outbound", "key", OPTION_PATH, 1, "", 0, 0, IN_CONFIG(outbound.key), "its secret key (PEM)"},
    {"outbound", "authorities", OPTION_PATH, 1, "", 0, 0, IN_CONFIG(outbound.authorities),
     "who vouches for servers without a pin (PEM); left out: the system's"},
    {"outbound", "proxy", OPTION_URL, 1, "", 0, 0, IN_CONFIG(outbound.proxy),
     "HTTP proxy on the way out; left out: none, whatever the environment says"},
    {"outbound", "connect", OPTION_CONNECT, CONFIG_CONNECTS_MAX, "", 0, 0, IN_CONFIG(outbound),
     "the way to an endpoint by another address, as inside a VPN; up to 32 times"},
    {"outbound", "connect_timeout", OPTION_DURATION, 1, "10s", 1, 300,
     IN_CONFIG(outbound.connect_timeout_s), "until a connection stands, with TLS"},
    {"outbound", "timeout", OPTION_DURATION, 1, "60s", 1, 3600, IN_CONFIG(outbound.timeout_s),
     "until a request is answered"},
    {"webhook", "url", OPTION_WEBHOOK, CONFIG_WEBHOOKS_MAX, "", 0, 0, 0,
     "where events are posted, signed; up to 8 times"},
    {"webhook", "private_addresses", OPTION_SWITCH, 1, "no", 0, 0, IN_CONFIG(webhook_private),
     "whether they may be loopback, link-local or private addresses"},
    {"log", "level", OPTION_LEVEL, 1, "info", 0, 0, IN_CONFIG(log_level),
     "the least that is logged"},
    {"agreement", "code", OPTION_CODE, 1, NULL, 0, 0, IN_AGREEMENT(code),
     "the agreement, as certificates name it"},
    {"agreement", "menu", OPTION_VERSIONS, 1, NULL, 0, 0, IN_AGREEMENT(menu_versions),
     "version of its menu; two while it changes over"},
    {"agreement", "parties", OPTION_PARTIES, 1, NULL, 0, 0, 0,
     "who takes part, this party among them"},
};
const size_t config_option_count = sizeof config_options / sizeof config_options[0];

const struct section config_sections[] = {
    {"node", false, "who this is"},
    {"link", false, "the lanes to the partners"},
    {"store", false, "the journal and its views"},
    {"control", false, "the socket of the commands"},
    {"private", false, "HTTP for the own national system; tokens: `comesh token new`"},
    {"public", false, "HTTPS for partners without a node: `comesh rest add`"},
    {"outbound", false, "HTTPS to partners without a node, and to webhooks"},
    {"webhook", false, "events for the own systems: `comesh webhook key`"},
    {"log", false, "what is told on stderr"},
    {"agreement", true, "one section for each agreement this node takes part in"},
};
const size_t config_section_count = sizeof config_sections / sizeof config_sections[0];

/* "DEFAULT", "required", or "left out". */
static const char *standard_text(const struct option *option)
{
    if (option->standard == NULL) {
        return "required";
    }
    return option->standard[0] == '\0' ? "left out" : option->standard;
}

static void describe_section(const struct section *section, struct buffer *out)
{
    buffer_printf(out, "\n%s%s    # %s\n", section->name, section->repeats ? " (repeatable)" : "",
                  section->help);
    for (size_t i = 0; i < config_option_count; i++) {
        const struct option *option = &config_options[i];
        char accepted[ACCEPTED_BYTES];
        if (strcmp(option->section, section->name) == 0) {
            buffer_printf(out, "    %-19s %-16s %s\n", option->name, standard_text(option),
                          option->help);
            buffer_printf(out, "    %-19s %-16s accepted: %s\n", "", "",
                          option_accepted(option, accepted));
        }
    }
}

void config_describe(struct buffer *out)
{
    buffer_text(out, "The configuration, comesh.zpl, is ZPL (ZeroMQ RFC 4): sections, and below "
                     "them, indented\nby 4 blanks, their options as `name = value`. `#` begins a "
                     "comment.\n\n    OPTION              DEFAULT          MEANING\n");
    for (size_t i = 0; i < config_section_count; i++) {
        describe_section(&config_sections[i], out);
    }
}
