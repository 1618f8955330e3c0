/* Socket options: every row of the table is set, and the door is shut where nobody answers for it.
 */
#include "tests/unit/raw_peer.h"

#include <sys/resource.h>

#define OPTION_ENFORCE_DOMAIN 93 /* ZMQ_ZAP_ENFORCE_DOMAIN, named DRAFT in zmq.h */

static struct keypair *key;
static void *context;

static void context_start(void)
{
    fixture_start();
    assert_ok(keypair_generate(KEY_TRANSPORT, &key, &error));
    assert_ok(sockopt_context(&context, &error));
}

static void context_end(void)
{
    ck_assert_int_eq(zmq_ctx_term(context), 0);
    keypair_destroy(&key);
}

static int option_of(void *socket, int option)
{
    int value = -1;
    size_t size = sizeof value;
    ck_assert_int_eq(zmq_getsockopt(socket, option, &value, &size), 0);
    return value;
}

static void check_role(void *socket, enum sockopt_role role)
{
    size_t count = 0;
    size_t checked = 0;
    int64_t wire_max = 0;
    size_t size = sizeof wire_max;
    const struct sockopt *table = sockopt_table(&count);
    for (size_t i = 0; i < count; i++) {
        if ((table[i].roles & role) != 0 && table[i].readable) {
            ck_assert_msg(option_of(socket, table[i].option) == table[i].value, "%s is %d, not %d",
                          table[i].name, option_of(socket, table[i].option), table[i].value);
            checked++;
        }
    }
    ck_assert_uint_gt(checked, 12);
    ck_assert_int_eq(zmq_getsockopt(socket, ZMQ_MAXMSGSIZE, &wire_max, &size), 0);
    ck_assert_int_eq(wire_max, FRAME_MAX_BYTES + CURVE_OVERHEAD_BYTES);
}

START_TEST(every_option_of_the_table_is_set_on_a_router)
{
    void *router = NULL;
    char domain[32];
    size_t size = sizeof domain;
    assert_ok(sockopt_router(context, &router, &error));
    assert_ok(sockopt_serve(router, key, &error));
    check_role(router, SOCKOPT_ROUTER);
    ck_assert_int_eq(option_of(router, ZMQ_CURVE_SERVER), 1);
    ck_assert_int_eq(option_of(router, OPTION_ENFORCE_DOMAIN), 1);
    ck_assert_int_eq(zmq_getsockopt(router, ZMQ_ZAP_DOMAIN, domain, &size), 0);
    ck_assert_str_eq(domain, LINK_ZAP_DOMAIN);
    ck_assert_str_ne(domain, "");
    (void)zmq_close(router);
    context_end();
}
END_TEST

START_TEST(every_option_of_the_table_is_set_on_a_dealer)
{
    void *dealer = NULL;
    uint8_t server[KEY_PUBLIC_BYTES];
    size_t size = sizeof server;
    assert_ok(sockopt_dealer(context, key, keypair_public(key), &dealer, &error));
    check_role(dealer, SOCKOPT_DEALER);
    ck_assert_int_eq(zmq_getsockopt(dealer, ZMQ_CURVE_SERVERKEY, server, &size), 0);
    ck_assert_mem_eq(server, keypair_public(key), sizeof server);
    (void)zmq_close(dealer);
    context_end();
}
END_TEST

START_TEST(a_router_tells_when_a_connection_is_not_there)
{
    void *router = NULL;
    assert_ok(sockopt_router(context, &router, &error));
    assert_ok(sockopt_serve(router, key, &error));
    ck_assert_int_eq(zmq_send(router, "nobod", 5, ZMQ_SNDMORE | ZMQ_DONTWAIT), -1);
    ck_assert_int_eq(zmq_errno(), EHOSTUNREACH);
    (void)zmq_close(router);
    context_end();
}
END_TEST

START_TEST(a_dealer_without_connection_takes_nothing)
{
    void *dealer = NULL;
    assert_ok(sockopt_dealer(context, key, keypair_public(key), &dealer, &error));
    ck_assert_int_eq(zmq_connect(dealer, "tcp://127.0.0.1:1"), 0);
    ck_assert_int_eq(zmq_send(dealer, "x", 1, 0), -1);
    ck_assert_int_eq(zmq_errno(), EAGAIN);
    (void)zmq_close(dealer);
    context_end();
}
END_TEST

START_TEST(nobody_comes_in_where_no_gate_answers)
{
    struct mesh_node server;
    void *router = NULL;
    size_t size = sizeof server.card.mesh_endpoint;
    node_init(&server, "KR", "customs.go.kr", true);
    assert_ok(sockopt_router(context, &router, &error));
    assert_ok(sockopt_serve(router, server.keys[KEY_TRANSPORT], &error));
    ck_assert_int_eq(zmq_bind(router, "tcp://127.0.0.1:*"), 0);
    ck_assert_int_eq(zmq_getsockopt(router, ZMQ_LAST_ENDPOINT, server.card.mesh_endpoint, &size),
                     0);
    struct raw raw = raw_dial(&server, key, NULL);
    ck_assert_int_eq(raw_event(&raw, ZMQ_EVENT_HANDSHAKE_SUCCEEDED, 1000), -1);
    raw_close(&raw);
    (void)zmq_close(router);
    node_end(&server);
    context_end();
}
END_TEST

START_TEST(ipv6_is_on_for_its_literals_alone)
{
    void *dealer = NULL;
    assert_ok(sockopt_dealer(context, key, keypair_public(key), &dealer, &error));
    assert_ok(sockopt_family(dealer, "tcp://[::1]:7443", &error));
    ck_assert_int_eq(option_of(dealer, ZMQ_IPV6), 1);
    assert_ok(sockopt_family(dealer, "tcp://mesh.customs.go.kr:7443", &error));
    ck_assert_int_eq(option_of(dealer, ZMQ_IPV6), 0);
    (void)zmq_close(dealer);
    context_end();
}
END_TEST

START_TEST(the_limit_of_open_files_is_raised)
{
    struct rlimit limit;
    ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &limit), 0);
    ck_assert_uint_eq(limit.rlim_cur, limit.rlim_max);
    context_end();
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        every_option_of_the_table_is_set_on_a_router,
        every_option_of_the_table_is_set_on_a_dealer,
        a_router_tells_when_a_connection_is_not_there,
        a_dealer_without_connection_takes_nothing,
        nobody_comes_in_where_no_gate_answers,
        ipv6_is_on_for_its_literals_alone,
        the_limit_of_open_files_is_raised,
    };
    return suite_run("sockopt", tests, SUITE_COUNT(tests), context_start);
}
