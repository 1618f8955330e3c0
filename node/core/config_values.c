/* The types of the values of options: how each is read, and what it accepts. See config_table.h. */
#include "node/core/config_table.h"

#include "proto/name.h"
#include "proto/operation.h"

#include <stdio.h>
#include <stdlib.h>

static bool is_capital(char c)
{
    return c >= 'A' && c <= 'Z';
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Copies `value` with its NUL when it fits. */
static bool keep(const char *value, char *place, size_t size)
{
    size_t length = strlen(value);
    if (length == 0 || length >= size) {
        return false;
    }
    memcpy(place, value, length + 1);
    return true;
}

static bool read_party(const struct option *option, const char *value, void *place)
{
    (void)option;
    return name_is_party(text_of(value)) && keep(value, place, PARTY_MAX_BYTES);
}

static bool read_environment(const struct option *option, const char *value, void *place)
{
    (void)option;
    return environment_valid(text_of(value)) &&
           keep(value, place, sizeof((struct config *)0)->environment);
}

static bool read_domain(const struct option *option, const char *value, void *place)
{
    (void)option;
    return name_is_domain(text_of(value)) && keep(value, place, DOMAIN_MAX_BYTES);
}

static bool read_path(const struct option *option, const char *value, void *place)
{
    (void)option;
    return keep(value, place, CONFIG_PATH_BYTES);
}

/* An endpoint, or one with `*` as its host: all interfaces (zmq_tcp(7)). */
static bool read_bind(const struct option *option, const char *value, void *place)
{
    static const char everywhere[] = "tcp://*";
    struct config *config = place;
    char named[ENDPOINT_MAX_BYTES];
    (void)option;
    bool star = strncmp(value, everywhere, sizeof everywhere - 1) == 0;
    (void)snprintf(named, sizeof named, "%s%s", star ? "tcp://0.0.0.0" : "",
                   star ? value + sizeof everywhere - 1 : value);
    if (!name_is_endpoint(text_of(named), "tcp") ||
        !keep(value, config->binds[config->bind_count], ENDPOINT_MAX_BYTES)) {
        return false;
    }
    config->bind_count++;
    return true;
}

static const struct unit size_units[] = {
    {"TiB", (uint64_t)1 << 40},
    {"GiB", (uint64_t)1 << 30},
    {"MiB", (uint64_t)1 << 20},
    {"KiB", (uint64_t)1 << 10},
    {NULL, 0},
};

static const struct unit duration_units[] = {
    {"d", 86400}, {"h", 3600}, {"m", 60}, {"s", 1}, {NULL, 0},
};

static const struct unit number_units[] = {{"", 1}, {NULL, 0}};

static bool read_quantity(const struct option *option, const char *value, const struct unit *units,
                          uint64_t *place)
{
    char *end = NULL;
    if (!is_digit(value[0]) || strlen(value) > 15) {
        return false;
    }
    uint64_t number = strtoull(value, &end, 10);
    for (; units->word != NULL; units++) {
        if (strcmp(units->word, end) == 0 && number <= UINT64_MAX / units->factor) {
            *place = number * units->factor;
            return *place >= option->least && *place <= option->most;
        }
    }
    return false;
}

static bool read_size(const struct option *option, const char *value, void *place)
{
    return read_quantity(option, value, size_units, place);
}

static bool read_duration(const struct option *option, const char *value, void *place)
{
    return read_quantity(option, value, duration_units, place);
}

static bool read_number(const struct option *option, const char *value, void *place)
{
    return read_quantity(option, value, number_units, place);
}

static bool read_level(const struct option *option, const char *value, void *place)
{
    static const char *const words[] = {"debug", "info", "warning", "error"};
    (void)option;
    for (unsigned i = 0; i < sizeof words / sizeof words[0]; i++) {
        if (strcmp(words[i], value) == 0) {
            *(enum log_level *)place = (enum log_level)i;
            return true;
        }
    }
    return false;
}

static bool read_code(const struct option *option, const char *value, void *place)
{
    (void)option;
    for (const char *at = value; *at != '\0'; at++) {
        if (!is_capital(*at) && !is_digit(*at) && *at != '-') {
            return false;
        }
    }
    return keep(value, place, AGREEMENT_MAX_BYTES + 1);
}

/* The next word of a list with blanks between, or an empty one at its end. */
static struct text next_word(const char **at)
{
    *at += strspn(*at, " ");
    struct text word = {*at, strcspn(*at, " ")};
    *at += word.size;
    return word;
}

static bool read_versions(const struct option *option, const char *value, void *place)
{
    (void)option;
    uint32_t *versions = place;
    size_t count = 0;
    for (struct text word = next_word(&value); word.size > 0; word = next_word(&value)) {
        uint64_t version = 0;
        if (count == 2 || !decimal_parse(word, UINT32_MAX, &version) || version == 0) {
            return false;
        }
        versions[count++] = (uint32_t)version;
    }
    return count == 1 || (count == 2 && versions[0] != versions[1]);
}

static bool party_add(struct config_agreement *agreement, struct text party)
{
    if (agreement->party_count == CONFIG_PARTIES_MAX || !name_is_party(party)) {
        return false;
    }
    for (size_t i = 0; i < agreement->party_count; i++) {
        if (memcmp(agreement->parties[i], party.data, 2) == 0) {
            return false;
        }
    }
    memcpy(agreement->parties[agreement->party_count++], party.data, 2);
    return true;
}

static bool read_parties(const struct option *option, const char *value, void *place)
{
    (void)option;
    struct config_agreement *agreement = place;
    bool good = true;
    for (struct text word = next_word(&value); word.size > 0; word = next_word(&value)) {
        good = good && party_add(agreement, word);
    }
    if (!good || agreement->party_count < 2) {
        agreement->party_count = 0;
        return false;
    }
    return true;
}

/* An address with a port, or the path of a UNIX socket. */
static bool read_listen(const struct option *option, const char *value, void *place)
{
    char endpoint[ENDPOINT_MAX_BYTES];
    struct text path = text_of(value);
    (void)option;
    if (text_skip(&path, "unix:")) {
        return path.size > 0 && keep(value, place, CONFIG_PATH_BYTES);
    }
    (void)snprintf(endpoint, sizeof endpoint, "tcp://%s", value);
    return name_is_endpoint(text_of(endpoint), "tcp") && keep(value, place, CONFIG_PATH_BYTES);
}

static bool read_switch(const struct option *option, const char *value, void *place)
{
    bool yes = text_equal(text_of(value), TEXT("yes"));
    (void)option;
    *(bool *)place = yes;
    return yes || text_equal(text_of(value), TEXT("no"));
}

static bool read_mode(const struct option *option, const char *value, void *place)
{
    bool group = text_equal(text_of(value), TEXT("0660"));
    (void)option;
    *(unsigned *)place = group ? 0660 : 0600;
    return group || text_equal(text_of(value), TEXT("0600"));
}

/* http:// or https:// with a host and no name or password in front of it; `path` if one may follow.
 */
static bool is_url(const char *value, bool path)
{
    struct text rest = text_of(value);
    if (rest.size >= CONFIG_URL_BYTES ||
        (!text_skip(&rest, "https://") && !text_skip(&rest, "http://"))) {
        return false;
    }
    for (size_t i = 0; i < rest.size; i++) {
        if (rest.data[i] <= ' ' || rest.data[i] > '~' || strchr("@\\\"<>#", rest.data[i]) != NULL) {
            return false;
        }
    }
    char named[CONFIG_URL_BYTES];
    struct text host = text_until(&rest, '/');
    (void)snprintf(named, sizeof named, "https://%.*s", TEXT_ARGS(host));
    return name_is_endpoint(text_of(named), "https") && (path || rest.size == 0);
}

static bool read_url(const struct option *option, const char *value, void *place)
{
    (void)option;
    return is_url(value, false) && keep(value, place, CONFIG_URL_BYTES);
}

static bool read_webhook(const struct option *option, const char *value, void *place)
{
    struct config *config = place;
    (void)option;
    if (!is_url(value, true) ||
        !keep(value, config->webhooks[config->webhook_count], CONFIG_URL_BYTES)) {
        return false;
    }
    config->webhook_count++;
    return true;
}

/* "test.coconnect.customs.go.jp=10.1.2.3:8443" */
static bool read_connect(const struct option *option, const char *value, void *place)
{
    struct config_outbound *outbound = place;
    struct text rest = text_of(value);
    char named[CONFIG_URL_BYTES];
    (void)option;
    struct text name = text_until(&rest, '=');
    (void)snprintf(named, sizeof named, "https://%.*s", TEXT_ARGS(name));
    if (memchr(name.data, ':', name.size) != NULL || !name_is_endpoint(text_of(named), "https") ||
        !text_skip(&rest, "=")) {
        return false;
    }
    (void)snprintf(named, sizeof named, "tcp://%.*s", TEXT_ARGS(rest));
    if (!name_is_endpoint(text_of(named), "tcp") ||
        !keep(value, outbound->connects[outbound->connect_count], CONFIG_URL_BYTES)) {
        return false;
    }
    outbound->connect_count++;
    return true;
}

const struct option_type option_types[OPTION_TYPE_COUNT] = {
    [OPTION_PARTY] = {"party", read_party, "two capital letters, an ISO 3166-1 alpha-2 code", NULL},
    [OPTION_ENVIRONMENT] = {"environment", read_environment, "dev, test, prod", NULL},
    [OPTION_DOMAIN] = {"domain name", read_domain,
                       "labels in lower case with dots between, as customs.go.kr, at most 95 bytes",
                       NULL},
    [OPTION_PATH] = {"path", read_path, "a path of 1 to 1023 bytes", NULL},
    [OPTION_BIND] =
        {"endpoint", read_bind,
         "tcp://HOST:PORT with HOST a name, an address, [IPv6] or *, PORT from 1 to 65535", NULL},
    [OPTION_SIZE] = {"size", read_size, "a whole number with KiB, MiB, GiB or TiB", size_units},
    [OPTION_DURATION] = {"duration", read_duration, "a whole number with s, m, h or d",
                         duration_units},
    [OPTION_LEVEL] = {"level", read_level, "debug, info, warning, error", NULL},
    [OPTION_CODE] = {"code", read_code, "1 to 35 capital letters, digits and hyphens", NULL},
    [OPTION_VERSIONS] = {"version list", read_versions,
                         "one or two different whole numbers from 1, with a blank between", NULL},
    [OPTION_PARTIES] = {"party list", read_parties,
                        "2 to 32 different party codes of two capital letters, with blanks between",
                        NULL},
    [OPTION_LISTEN] = {"listener", read_listen,
                       "ADDRESS:PORT with PORT from 1 to 65535, [IPv6]:PORT, or unix:PATH", NULL},
    [OPTION_SWITCH] = {"switch", read_switch, "yes, no", NULL},
    [OPTION_MODE] = {"mode", read_mode, "0600, 0660", NULL},
    [OPTION_URL] = {"URL", read_url, "http://HOST:PORT or https://HOST:PORT", NULL},
    [OPTION_CONNECT] = {"way", read_connect, "NAME=HOST:PORT, the endpoint's name and the address",
                        NULL},
    [OPTION_WEBHOOK] = {"URL", read_webhook, "http:// or https:// with HOST, :PORT and /PATH",
                        NULL},
    [OPTION_NUMBER] = {"number", read_number, "a whole number", number_units},
};

/* The quantity in the largest unit that divides it. */
static void quantity_format(uint64_t value, const struct unit *units, char *out, size_t size)
{
    while (units[1].word != NULL && value % units->factor != 0) {
        units++;
    }
    (void)snprintf(out, size, "%llu%s", (unsigned long long)(value / units->factor), units->word);
}

const char *option_accepted(const struct option *option, char out[ACCEPTED_BYTES])
{
    const struct option_type *type = &option_types[option->type];
    if (type->units == NULL) {
        (void)snprintf(out, ACCEPTED_BYTES, "%s", type->accepted);
        return out;
    }
    char least[24];
    char most[24];
    quantity_format(option->least, type->units, least, sizeof least);
    quantity_format(option->most, type->units, most, sizeof most);
    (void)snprintf(out, ACCEPTED_BYTES, "%s, from %s to %s", type->accepted, least, most);
    return out;
}
