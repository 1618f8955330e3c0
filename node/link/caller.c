/* Partners that dial us. See caller.h. */
#include "node/link/caller.h"

#include <stdlib.h>

/* ---- the partners ---- */

struct caller *callers_find(const struct callers *callers, struct text party)
{
    for (size_t i = 0; i < callers->count; i++) {
        if (text_equal(text_of(callers->rows[i]->lane->party), party)) {
            return callers->rows[i];
        }
    }
    return NULL;
}

static enum result add(struct callers *callers, struct lane_host *host, struct text party,
                       struct error *error)
{
    struct caller **grown = realloc(callers->rows, (callers->count + 1) * sizeof(struct caller *));
    struct caller *caller = calloc(1, sizeof *caller);
    if (grown != NULL) {
        callers->rows = grown;
    }
    if (grown == NULL || caller == NULL) {
        free(caller);
        return error_set(error, RESULT_NO_MEMORY, "partner '%.*s': no memory for its connections",
                         TEXT_ARGS(party));
    }
    enum result result = lane_new(host, party, &caller->lane, error);
    if (result != RESULT_OK) {
        free(caller);
        return result;
    }
    callers->rows[callers->count++] = caller;
    return RESULT_OK;
}

enum result callers_sync(struct callers *callers, struct lane_host *host,
                         const struct directory *directory, struct error *error)
{
    bool we_listen = directory_own(directory)->mesh_endpoint[0] != '\0';
    enum result result = RESULT_OK;
    for (size_t i = 0; i < directory_count(directory) && result == RESULT_OK; i++) {
        struct text party = text_of(directory_at(directory, i)->party);
        if (callers_find(callers, party) == NULL) {
            result = add(callers, host, party, error);
        }
    }
    for (size_t i = 0; i < callers->count && result == RESULT_OK; i++) {
        struct lane *lane = callers->rows[i]->lane;
        const struct card *card = directory_party(directory, text_of(lane->party));
        bool dials_only = card != NULL && card->mesh_endpoint[0] == '\0';
        result = lane_want(lane, we_listen && dials_only, we_listen && card != NULL, error);
        lane_retry(lane);
    }
    return result;
}

void callers_sweep(struct callers *callers)
{
    for (size_t i = callers->count; i-- > 0;) {
        struct caller *caller = callers->rows[i];
        if (!lane_is_wanted(caller->lane) && lane_pending(caller->lane) == 0) {
            lane_destroy(&caller->lane);
            free(caller);
            callers->rows[i] = callers->rows[--callers->count];
        }
    }
}

void callers_free(struct callers *callers)
{
    for (size_t i = 0; i < callers->count; i++) {
        lane_destroy(&callers->rows[i]->lane);
        free(callers->rows[i]);
    }
    free(callers->rows);
    *callers = (struct callers){0};
}

size_t callers_pending(const struct callers *callers)
{
    size_t pending = 0;
    for (size_t i = 0; i < callers->count; i++) {
        pending += lane_pending(callers->rows[i]->lane);
    }
    return pending;
}

/* ---- their connections ---- */

/* Its place among the caller's; CALLER_ROUTES when it is not there. */
static size_t route_find(const struct caller *caller, const uint8_t id[ROUTE_ID_BYTES])
{
    size_t at = 0;
    while (at < CALLER_ROUTES && (caller->routes[at].born == 0 ||
                                  memcmp(caller->routes[at].id, id, ROUTE_ID_BYTES) != 0)) {
        at++;
    }
    return at;
}

bool caller_knows(const struct caller *caller, const struct letter *letter)
{
    return route_find(caller, letter->id) < CALLER_ROUTES;
}

/* The place of the oldest, one that is gone before one that is not. */
static struct route *route_add(struct callers *callers, struct caller *caller,
                               const struct letter *letter)
{
    struct route *route = &caller->routes[0];
    for (size_t i = 1; i < CALLER_ROUTES; i++) {
        struct route *one = &caller->routes[i];
        bool is_free = one->born == 0 || one->gone;
        bool was_free = route->born == 0 || route->gone;
        if (is_free == was_free ? one->born < route->born : is_free) {
            route = one;
        }
    }
    memcpy(route->id, letter->id, ROUTE_ID_BYTES);
    memcpy(route->key, letter->key, sizeof route->key);
    route->fd = letter->fd;
    route->gone = false;
    route->born = ++callers->born;
    return route;
}

struct lane *caller_lane(struct callers *callers, struct caller *caller,
                         const struct letter *letter)
{
    struct lane *lane = caller->lane;
    size_t at = route_find(caller, letter->id);
    bool is_new = at == CALLER_ROUTES;
    struct route *route = is_new ? route_add(callers, caller, letter) : &caller->routes[at];
    if (route->gone) {
        return NULL;
    }
    if (is_new || !lane->connected) {
        lane->connection = route;
        lane_connected(lane);
    }
    return lane->connection == route ? lane : NULL;
}

bool callers_show(const struct callers *callers, const uint8_t key[KEY_PUBLIC_BYTES])
{
    for (size_t i = 0; i < callers->count * CALLER_ROUTES; i++) {
        const struct route *route = &callers->rows[i / CALLER_ROUTES]->routes[i % CALLER_ROUTES];
        if (route->born != 0 && !route->gone && memcmp(route->key, key, sizeof route->key) == 0) {
            return true;
        }
    }
    return false;
}

/* A descriptor is used again as soon as it is closed, so an event is about the oldest. */
void callers_lost(struct callers *callers, int fd)
{
    struct caller *owner = NULL;
    struct route *oldest = NULL;
    for (size_t i = 0; i < callers->count * CALLER_ROUTES; i++) {
        struct route *route = &callers->rows[i / CALLER_ROUTES]->routes[i % CALLER_ROUTES];
        if (route->born != 0 && !route->gone && route->fd == fd &&
            (oldest == NULL || route->born < oldest->born)) {
            owner = callers->rows[i / CALLER_ROUTES];
            oldest = route;
        }
    }
    if (oldest != NULL) {
        oldest->gone = true;
        if (owner->lane->connection == oldest) {
            owner->lane->connection = NULL;
            lane_disconnected(owner->lane, NULL);
        }
    }
}

void callers_drop(struct callers *callers)
{
    for (size_t i = 0; i < callers->count; i++) {
        struct caller *caller = callers->rows[i];
        for (size_t route = 0; route < CALLER_ROUTES; route++) {
            caller->routes[route].gone = true;
        }
        caller->lane->connection = NULL;
        lane_disconnected(caller->lane, NULL);
    }
}
