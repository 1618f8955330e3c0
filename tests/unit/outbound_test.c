/* A partner without a node whose endpoint fails: how often it is tried, and that it is found again
 * by itself. Its server is a listener of this program; minutes pass by the test's clock. */
#include "node/bridge/outbound.h"

#include "keys/certificate.h"
#include "node/bridge/http.h"
#include "node/bridge/listen.h"
#include "tests/unit/flow_fixture.h"

#define FAILURES   8 /* in a row, and an endpoint counts as broken */
#define SECONDS_MS ((uint64_t)1000)

/* Of the partner's server, until 2036, and its key, which is used for nothing else. */
static const char shown[] = "-----BEGIN CERTIFICATE-----\n"
                            "MIIBljCCAT2gAwIBAgIUd0tVEx6qpYdkTifxaF/w950nN7owCgYIKoZIzj0EAwIw\n"
                            "DDEKMAgGA1UEAwwBeDAeFw0yNjExMjIxMjA4MjRaFw0zNjExMTkxMjA4MjRaMAwx\n"
                            "CjAIBgNVBAMMAXgwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAASMLHS0a3exbaC5\n"
                            "oGPSwiXSSJbKHAEJBWSFpOnx6ol+yPB7wLnsHmj6Jogm0GEE66kLjCAOKdDUQf4p\n"
                            "mj4cidbLo30wezAdBgNVHQ4EFgQUtVsp1dhSaMFCM91aU2n21xhAy6cwHwYDVR0j\n"
                            "BBgwFoAUtVsp1dhSaMFCM91aU2n21xhAy6cwDwYDVR0TAQH/BAUwAwEB/zAoBgNV\n"
                            "HREEITAfgh10ZXN0LmNvY29ubmVjdC5iZWFjdWthaS5nby5pZDAKBggqhkjOPQQD\n"
                            "AgNHADBEAiBqYLDSvLZuFkIfSYdWDxFKZt6C5UsCyrComPZk6ggyxQIgPVGMAqGD\n"
                            "vPX+MS0A3UO3FxtLLxQ56CeJ4XnPG9Jkzh4=\n"
                            "-----END CERTIFICATE-----\n";
static const char secret[] = "-----BEGIN PRIVATE KEY-----\n"
                             "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgibh2euXEMQpCcifH\n"
                             "xb45EZYsGjkpEDF1NjH3m1RWgn2hRANCAASMLHS0a3exbaC5oGPSwiXSSJbKHAEJ\n"
                             "BWSFpOnx6ol+yPB7wLnsHmj6Jogm0GEE66kLjCAOKdDUQf4pmj4cidbL\n"
                             "-----END PRIVATE KEY-----\n";

static struct outbound_task *outbound;
static struct http_listener *partner;
static atomic_bool fails;      /* the partner's server does */
static _Atomic unsigned asked; /* how often it was */

/* ---- the partner ---- */

static void answer(struct exchange *exchange)
{
    struct buffer receipt = {0};
    (void)atomic_fetch_add(&asked, 1);
    if (atomic_load(&fails)) {
        exchange_refuse(exchange, 500, "out-of-order", "out of order");
    } else {
        buffer_text(&receipt, "{}");
        exchange_give(exchange, 201, MEDIA_JSON, &receipt);
    }
}

static void admit(struct exchange *exchange)
{
    (void)exchange;
}

static void partner_start(unsigned port)
{
    static const struct route rows[] = {
        {.method = "POST", .path = "/send-co", .takes = MEDIA_BIT(MEDIA_JSON), .answer = answer}};
    static const struct routes routes = {rows, SUITE_COUNT(rows)};
    static const struct http_service service = {.routes = &routes, .admit = admit};
    struct http_options options = {.name = "partner",
                                   .connections_max = 8,
                                   .priorities = "NORMAL",
                                   .service = &service,
                                   .world = world_real()};
    char address[32];
    (void)snprintf(address, sizeof address, "127.0.0.1:%u", port);
    assert_ok(http_certificate_new(bytes_of(shown, sizeof shown - 1),
                                   bytes_of(secret, sizeof secret - 1), &options.shown, &error));
    assert_ok(listen_address("partner", address, &options.listen_fd, &error));
    assert_ok(http_start(&options, &partner, &error));
}

/* ---- Korea, which posts to it ---- */

static void pin_partner(void)
{
    struct rest_card card = indonesia_without_node(8);
    card.pin_count[REST_CLIENT] = 1;
    card.pins[REST_CLIENT][0].until_s = UINT32_MAX;
    card.pin_count[REST_SERVER] = 1;
    assert_ok(
        certificate_pin_pem(bytes_of(shown, sizeof shown - 1), &card.pins[REST_SERVER][0], &error));
    assert_ok(directory_rest_store(korea.cards, &card, &error));
}

static void start(void)
{
    unsigned port = fixture_port();
    atomic_store(&fails, false);
    atomic_store(&asked, 0);
    partner_start(port);
    korea_alone(7);
    pin_partner();
    korea.config.outbound.connect_count = 1;
    (void)snprintf(korea.config.outbound.connects[0], CONFIG_URL_BYTES,
                   "test.coconnect.beacukai.go.id=127.0.0.1:%u", port);
    korea.config.outbound.connect_timeout_s = 30;
    korea.config.outbound.timeout_s = 30;
    node_open(&korea);
    assert_ok(queue_init(&home, &error));
    assert_ok(store_reader_open(korea.flow.store, &korea_reader, &error));
    assert_ok(outbound_start(&korea.flow, &outbound, &error));
}

static void end(void)
{
    outbound_stop(&outbound);
    http_stop(&partner);
    store_reader_close(&korea_reader);
    node_end(&korea);
    rules_destroy(&rules);
    queue_close(&home);
}

/* So much time passes, and what is due then is done. */
static void pass(uint64_t ms)
{
    (void)atomic_fetch_add(&korea.ahead_ms, ms);
    outbound_committed(outbound);
}

static void say(unsigned serial)
{
    ck_assert_int_eq(submit_certificate(serial).result, RESULT_OK);
    pass(0);
}

static struct standing standing(void)
{
    struct standing standing = {.outgoing = ""};
    ck_assert_uint_le(outbound_status(outbound, &standing, 1), 1);
    return standing;
}

static bool is_at(const char *state)
{
    return text_equal(text_of(standing().outgoing), text_of(state));
}

/* How long until the next try; 0 when it is due. */
static uint64_t wait_ms(void)
{
    uint64_t next_ms = standing().next_try_ms;
    uint64_t now_ms = fixture_wall_ms(&korea);
    return next_ms > now_ms ? next_ms - now_ms : 0;
}

static bool receipted(uint64_t size)
{
    bool is_there = channel_of(korea_reader)->receipt_size == size;
    arena_free(&arena);
    return is_there;
}

/* The endpoint fails once more after so many seconds. */
static void fail_again(unsigned seconds)
{
    unsigned before = atomic_load(&asked);
    pass(seconds * SECONDS_MS);
    ck_assert(soon(atomic_load(&asked) == before + 1 && wait_ms() > 0));
}

START_TEST(a_broken_endpoint_is_tried_again_by_itself_and_all_that_waits_goes_when_it_is_mended)
{
    atomic_store(&fails, true);
    say(1);
    ck_assert(soon(atomic_load(&asked) == 1 && wait_ms() > 0));
    say(2);
    for (unsigned failures = 1; failures < FAILURES; failures++) {
        ck_assert(is_at("waiting"));
        fail_again(1U << failures);
    }
    ck_assert(is_at("broken"));
    ck_assert_ptr_nonnull(strstr(standing().trouble, "out of order"));
    ck_assert_uint_le(wait_ms(), 128 * SECONDS_MS);
    fail_again(128);
    ck_assert(is_at("broken"));

    atomic_store(&fails, false);
    pass(256 * SECONDS_MS);
    ck_assert(soon(receipted(2) && is_at("open")));
    ck_assert_str_eq(standing().trouble, "");
    ck_assert_uint_eq(atomic_load(&asked), FAILURES + 3);
}
END_TEST

START_TEST(failures_are_counted_anew_when_an_endpoint_has_answered)
{
    for (unsigned round = 0; round < 2; round++) {
        atomic_store(&fails, true);
        say(1 + round);
        ck_assert(soon(wait_ms() > 0));
        for (unsigned failures = 1; failures < FAILURES - 1; failures++) {
            fail_again(1U << failures);
        }
        ck_assert(is_at("waiting"));
        atomic_store(&fails, false);
        pass(128 * SECONDS_MS);
        ck_assert(soon(receipted(1 + round) && is_at("open")));
    }
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        a_broken_endpoint_is_tried_again_by_itself_and_all_that_waits_goes_when_it_is_mended,
        failures_are_counted_anew_when_an_endpoint_has_answered,
    };
    return suite_run_with("outbound", tests, SUITE_COUNT(tests), start, end);
}
