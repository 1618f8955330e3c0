/* Requests that wait. See pending.h. */
#include "node/control/pending.h"

#include "node/control/rows.h"
#include "node/control/submitting.h"
#include "node/flow/order.h"

#include <stdlib.h>

#define TEST_MS 60000 /* of a test of a partner; each of its steps has its own limit */

/* A request that waits: for its commit, for the receipts of a channel, or for a partner. */
struct pending {
    struct client *client;
    uint64_t number;
    uint32_t channel;      /* of an order or a wait */
    bool releases;         /* the order lets a held channel go on */
    uint64_t size;         /* of a wait: receipts must cover so many entries */
    uint64_t until_ns;     /* of a wait, steady */
    struct asking asking;  /* of a wait for a partner */
    struct trying *trying; /* of a wait for a test of a partner */
    struct pending *next;  /* of the waits */
};

/* ---- requests that wait for a commit ---- */

static struct pending *pending_new(struct client *client, uint64_t number)
{
    struct pending *pending = calloc(1, sizeof *pending);
    if (pending != NULL) {
        pending->client = client;
        pending->number = number;
        client->under_way++;
    }
    return pending;
}

static void pending_done(struct pending *pending)
{
    pending->client->under_way--;
    free(pending);
}

/* The channel as it is after the order, which is committed by now. */
static enum result put_channel(struct control *control, const struct pending *pending,
                               struct error *error)
{
    const struct store_channel *channels = NULL;
    size_t count = 0;
    arena_reset(&control->arena);
    buffer_clear(&control->rows);
    enum result result =
        store_read_channels(control->reader, &control->arena, &channels, &count, error);
    for (size_t i = 0; i < count && result == RESULT_OK; i++) {
        if (channels[i].number == pending->channel) {
            row_channel(&channels[i], &control->rows);
            wire_put_part(&pending->client->answers, pending->number, buffer_bytes(&control->rows),
                          1);
        }
    }
    return result;
}

static void order_came_home(void *self, enum result result, const struct error *error)
{
    struct pending *pending = self;
    struct client *client = pending->client;
    const struct control_node *node = &client->control->node;
    struct error problem = *error;
    if (result == RESULT_OK && pending->releases) {
        node->released(node->self);
    }
    if (result == RESULT_OK) {
        result = put_channel(client->control, pending, &problem);
    }
    if (result == RESULT_OK) {
        wire_put_end(&client->answers, pending->number);
    } else {
        wire_put_error(&client->answers, pending->number, &problem);
    }
    pending_done(pending);
}

static enum result begin_order(struct client *client, struct wire_request *request,
                               enum order_kind kind, struct error *error)
{
    struct control *control = client->control;
    uint32_t channel = (uint32_t)mp_get_uint(&request->arguments, UINT32_MAX);
    uint64_t upto = kind == ORDER_TAKE ? mp_get_uint(&request->arguments, UINT64_MAX) : 0;
    enum result result = mp_finish(&request->arguments, "order", error);
    if (result != RESULT_OK) {
        return result;
    }
    struct pending *pending = pending_new(client, request->number);
    if (pending == NULL) {
        return error_set(error, RESULT_NO_MEMORY, "no memory for a request");
    }
    pending->channel = channel;
    pending->releases = kind == ORDER_RELEASE;
    result = order_give(control->node.flow, kind, channel, upto, &control->home, order_came_home,
                        pending, error);
    if (result != RESULT_OK) {
        pending_done(pending);
    }
    return result;
}

/* ---- waits for receipts ---- */

/* Waits from now on, for `ms` at most. */
static void wait_add(struct control *control, struct pending *pending, uint64_t ms)
{
    pending->until_ns = world_steady_ns(control->node.flow->world) + ms * 1000000;
    pending->next = control->waits;
    control->waits = pending;
    atomic_store(&control->has_waits, true);
}

static enum result begin_wait(struct client *client, struct wire_request *request,
                              struct error *error)
{
    struct control *control = client->control;
    uint32_t channel = (uint32_t)mp_get_uint(&request->arguments, UINT32_MAX);
    uint64_t size = mp_get_uint(&request->arguments, UINT64_MAX);
    uint64_t ms = mp_get_uint(&request->arguments, WIRE_WAIT_MAX_MS);
    enum result result = mp_finish(&request->arguments, "wait", error);
    if (result != RESULT_OK) {
        return result;
    }
    struct pending *pending = pending_new(client, request->number);
    if (pending == NULL) {
        return error_set(error, RESULT_NO_MEMORY, "no memory for a request");
    }
    pending->channel = channel;
    pending->size = size;
    wait_add(control, pending, ms);
    return RESULT_OK;
}

static enum result begin_asking(struct client *client, struct wire_request *request,
                                struct error *error)
{
    struct control *control = client->control;
    struct pending *pending = pending_new(client, request->number);
    if (pending == NULL) {
        return error_set(error, RESULT_NO_MEMORY, "no memory for a request");
    }
    enum result result = asking_begin(&control->node, control->reader, request, &control->home,
                                      &pending->asking, error);
    if (result == RESULT_OK) {
        wait_add(control, pending, ASKING_MS);
    } else {
        pending_done(pending);
    }
    return result;
}

static enum result begin_test(struct client *client, struct wire_request *request,
                              struct error *error)
{
    struct control *control = client->control;
    const struct control_node *node = &control->node;
    struct text party = mp_get_str(&request->arguments, PARTY_MAX_BYTES - 1);
    enum result result = mp_finish(&request->arguments, "test", error);
    if (result != RESULT_OK) {
        return result;
    }
    struct pending *pending = pending_new(client, request->number);
    if (pending == NULL) {
        return error_set(error, RESULT_NO_MEMORY, "no memory for a request");
    }
    result = node->try(node->self, party, &control->home, &pending->trying, error);
    if (result == RESULT_OK) {
        wait_add(control, pending, TEST_MS);
    } else {
        pending_done(pending);
    }
    return result;
}

/* Looks whether the test is over; false while it is not and may go on. */
static bool test_end_wait(struct control *control, struct pending *wait, bool at_once)
{
    const struct trial *trial = trying_result(wait->trying);
    struct client *client = wait->client;
    struct error error;
    if (trial == NULL && !at_once) {
        return false;
    }
    buffer_clear(&control->rows);
    for (size_t i = 0; trial != NULL && i < trial->count; i++) {
        row_trial(&trial->steps[i], &control->rows);
    }
    if (trial != NULL) {
        wire_put_part(&client->answers, wait->number, buffer_bytes(&control->rows), trial->count);
        wire_put_end(&client->answers, wait->number);
    } else {
        (void)error_set(&error, RESULT_UNAVAILABLE, "the test was not over within %d s",
                        TEST_MS / 1000);
        wire_put_error(&client->answers, wait->number, &error);
    }
    trying_end(&wait->trying);
    return true;
}

/* Looks whether the partner answered; false while it did not and may. */
static bool asking_end_wait(struct control *control, struct pending *wait, bool at_once)
{
    struct client *client = wait->client;
    struct error error = {0};
    size_t count = 0;
    arena_reset(&control->arena);
    buffer_clear(&control->rows);
    enum result result = asking_end(&control->node, control->reader, &wait->asking, &control->arena,
                                    &control->rows, &count, &error);
    if (result == RESULT_BUSY && !at_once) {
        return false;
    }
    if (result == RESULT_BUSY) {
        asking_give_up(&control->node, &wait->asking, &error);
    }
    if (result != RESULT_OK) {
        wire_put_error(&client->answers, wait->number, &error);
        return true;
    }
    if (count > 0) {
        wire_put_part(&client->answers, wait->number, buffer_bytes(&control->rows), count);
    }
    wire_put_end(&client->answers, wait->number);
    return true;
}

/* Answers and ends a wait that is over; false while it is not. */
static bool wait_end(struct control *control, struct pending *wait, bool at_once)
{
    struct store *store = control->node.flow->store;
    const struct error none = {0};
    if (wait->asking.number != 0 || wait->trying != NULL) {
        bool over = wait->trying != NULL ? test_end_wait(control, wait, at_once)
                                         : asking_end_wait(control, wait, at_once);
        if (over) {
            pending_done(wait);
        }
        return over;
    }
    if (!at_once && store_receipted(store, wait->channel) < wait->size) {
        return false;
    }
    order_came_home(wait, RESULT_OK, &none);
    return true;
}

/* Answers the waits that are over, all of them when `at_once`. Gives the milliseconds until the
 * next one ends, -1 when there is none. */
int pending_check(struct control *control, bool at_once)
{
    uint64_t now_ns = world_steady_ns(control->node.flow->world);
    uint64_t next_ns = UINT64_MAX;
    struct pending **at = &control->waits;
    while (*at != NULL) {
        struct pending *wait = *at;
        struct pending *next = wait->next;
        bool no_more = at_once || wait->client->fd < 0 || now_ns >= wait->until_ns;
        if (wait_end(control, wait, no_more)) {
            *at = next;
        } else {
            next_ns = wait->until_ns < next_ns ? wait->until_ns : next_ns;
            at = &wait->next;
        }
    }
    atomic_store(&control->has_waits, control->waits != NULL);
    return next_ns == UINT64_MAX ? -1 : (int)((next_ns - now_ns) / 1000000 + 1);
}

/* ---- which verbs wait ---- */

enum result pending_begin(struct client *client, struct wire_request *request, struct error *error)
{
    if (text_equal(request->verb, TEXT("submit"))) {
        return submitting_begin(client, request, error);
    }
    if (text_equal(request->verb, TEXT("take"))) {
        return begin_order(client, request, ORDER_TAKE, error);
    }
    if (text_equal(request->verb, TEXT("release"))) {
        return begin_order(client, request, ORDER_RELEASE, error);
    }
    if (text_equal(request->verb, TEXT("give-up"))) {
        return begin_order(client, request, ORDER_GIVE_UP, error);
    }
    if (text_equal(request->verb, TEXT("wait"))) {
        return begin_wait(client, request, error);
    }
    if (text_equal(request->verb, TEXT("test"))) {
        return begin_test(client, request, error);
    }
    return asking_is(request->verb) ? begin_asking(client, request, error) : RESULT_NOT_FOUND;
}
