/* Who may come in at the private listener: by its token, whose file is looked at before every
 * request, so that a token that was revoked is refused at the next one. */
#include "node/bridge/private_parts.h"

#include "node/core/log.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <strings.h>

/* A name that a machine has for itself: a browser that a foreign page sends here names the foreign
 * host, whatever address that resolved to (DNS rebinding). */
static bool is_local_host(struct text host)
{
    char name[INET_ADDRSTRLEN];
    struct in_addr address;
    struct text rest = host;
    if (text_skip(&rest, "[")) {
        return text_equal(text_until(&rest, ']'), TEXT("::1"));
    }
    rest = text_until(&rest, ':');
    if (rest.size >= sizeof name) {
        return false;
    }
    (void)snprintf(name, sizeof name, "%.*s", TEXT_ARGS(rest));
    return strcasecmp(name, "localhost") == 0 ||
           (inet_pton(AF_INET, name, &address) == 1 && ntohl(address.s_addr) >> 24 == 127);
}

/* Reads the tokens again when their file is another one. Without a good file nobody comes in. */
static void refresh_tokens(struct private *private)
{
    struct error error = {0};
    struct stat now = {0};
    const struct stat *seen = &private->tokens_seen;
    if (stat(private->tokens_path, &now) != 0) {
        memset(&now, 0, sizeof now);
    }
    if (now.st_ino == seen->st_ino && now.st_dev == seen->st_dev && now.st_size == seen->st_size &&
        now.st_mode == seen->st_mode && now.st_ctim.tv_sec == seen->st_ctim.tv_sec &&
        now.st_ctim.tv_nsec == seen->st_ctim.tv_nsec) {
        return;
    }
    private->tokens_seen = now;
    if (tokens_load(private->flow->config->directory, &private->tokens, &error) != RESULT_OK) {
        log_error("private", "no token is accepted until its file is mended", &error);
    }
}

static void refuse_token(struct exchange *exchange, const char *challenge, const char *detail)
{
    exchange_add_header(exchange, "WWW-Authenticate", "Bearer realm=\"comesh\"%s", challenge);
    exchange_refuse(exchange, 401, "token", "%s", detail);
}

static bool check_role(struct exchange *exchange, const struct token *token)
{
    bool may = (exchange->route->roles & token->roles) != 0;
    struct buffer needed = {0};
    struct buffer held = {0};
    if (!may) {
        token_roles_append(exchange->route->roles, &needed);
        token_roles_append(token->roles, &held);
        exchange_refuse(exchange, 403, "role",
                        "this needs a token with the role %.*s, and '%s' has %.*s; `comesh token "
                        "new` makes one",
                        TEXT_ARGS(buffer_view(&needed)), token->name,
                        TEXT_ARGS(buffer_view(&held)));
    }
    buffer_free(&needed);
    buffer_free(&held);
    return may;
}

static void check_pace(struct exchange *exchange)
{
    struct private *private = private_of(exchange);
    const struct pace_limit limit = {"private.requests_per_second",
                                     private->flow->config->private_pace};
    pace_admit(&private->pace, exchange, &limit, private->flow->metrics);
}

void private_admit(struct exchange *exchange)
{
    struct private *private = private_of(exchange);
    struct text given = exchange_header(exchange, "Authorization");
    if (private->checks_host && !is_local_host(exchange_header(exchange, "Host"))) {
        exchange_refuse(exchange, 421, "host",
                        "this listener is not reached by that name; accepted: localhost, 127.0.0.1 "
                        "and [::1]");
        return;
    }
    if (exchange->route->roles == 0) {
        return;
    }
    bool bearer = given.size > 7 && strncasecmp(given.data, "Bearer ", 7) == 0;
    if (!bearer) {
        refuse_token(exchange, "",
                     "a token is needed: Authorization: Bearer comesh_…; "
                     "`comesh token new` makes one");
        return;
    }
    refresh_tokens(private);
    const struct text secret = {given.data + 7, given.size - 7};
    const struct token *token =
        tokens_find(&private->tokens, secret, world_wall_ms(private->flow->world) / 1000);
    if (token == NULL) {
        refuse_token(exchange, ", error=\"invalid_token\"",
                     "the token is not known here, was revoked, or is over its time");
        return;
    }
    (void)snprintf(exchange->caller, sizeof exchange->caller, "%s", token->name);
    if (check_role(exchange, token)) {
        check_pace(exchange);
    }
}
