/* The gate: whom it admits, how it names them, what it answers to requests that libzmq would not
 * make, and that its proof at start can fail. */
#include "node/link/gate.h"
#include "node/link/letter.h"
#include "tests/unit/raw_peer.h"

#define ZAP_ENDPOINT    "inproc://zeromq.zap.01"
#define OPTION_METADATA 95 /* ZMQ_METADATA, named DRAFT in zmq.h */

static struct mesh_node kr;
static struct mesh_node id;
static void *context;
static struct gate *gate;
static void *router;

/* ID's gate and a bare ROUTER behind it; ID holds the card of KR. */
static void gate_open(void)
{
    fixture_start();
    node_init(&kr, "KR", "customs.go.kr", true);
    node_init(&id, "ID", "beacukai.go.id", true);
    node_trust(&id, &kr);
    node_read_cards(&id);
    node_read_cards(&kr);
    assert_ok(sockopt_context(&context, &error));
    assert_ok(gate_start(context, &id.flow, &gate, &error));
    assert_ok(sockopt_router(context, &router, &error));
    assert_ok(sockopt_serve(router, id.keys[KEY_TRANSPORT], &error));
    ck_assert_int_eq(zmq_bind(router, id.card.mesh_endpoint), 0);
}

static void gate_close(void)
{
    (void)zmq_close(router);
    gate_stop(&gate);
    ck_assert_int_eq(zmq_ctx_term(context), 0);
    node_end(&kr);
    node_end(&id);
}

/* The first message that KR's raw connection sends, as the inbox takes it. */
static struct letter letter_from(const struct raw *raw, const char *content)
{
    struct letter letter;
    raw_send(raw, text_bytes(text_of(content)), 0);
    zmq_pollitem_t item = {.socket = router, .events = ZMQ_POLLIN};
    ck_assert_int_eq(zmq_poll(&item, 1, FIXTURE_WAIT_MS), 1);
    ck_assert(letter_receive(router, &letter));
    return letter;
}

/* ---- who comes in ---- */

START_TEST(a_partner_is_admitted_and_named_on_the_body_frame)
{
    char z85[41];
    struct raw raw = raw_dial(&id, kr.keys[KEY_TRANSPORT], NULL);
    ck_assert(raw_is_admitted(&raw));
    struct letter letter = letter_from(&raw, "x");
    key_z85(keypair_public(kr.keys[KEY_TRANSPORT]), z85);
    ck_assert_str_eq(zmq_msg_gets(&letter.body, GATE_PARTY_PROPERTY), "KR");
    ck_assert_str_eq(zmq_msg_gets(&letter.body, GATE_KEY_PROPERTY), z85);
    ck_assert_str_eq(letter_party(&letter, &id.flow), "KR");
    ck_assert_int_ge(letter.fd, 0);
    ck_assert(!letter.id_is_claimed);
    ck_assert_uint_eq(node_metric(&id, METRIC_ADMISSIONS), 1);
    letter_close(&letter);
    raw_close(&raw);
    gate_close();
}
END_TEST

START_TEST(a_key_that_was_removed_names_nobody_on_the_next_message)
{
    struct raw raw = raw_dial(&id, kr.keys[KEY_TRANSPORT], NULL);
    struct letter letter = letter_from(&raw, "x");
    node_distrust(&id, &kr);
    node_read_cards(&id);
    ck_assert_ptr_null(letter_party(&letter, &id.flow));
    letter_close(&letter);
    raw_close(&raw);
    gate_close();
}
END_TEST

START_TEST(a_peer_cannot_name_itself)
{
    static const char claim[] = "X-Transport-Key:claimed";
    struct raw raw = {.context = zmq_ctx_new()};
    assert_ok(sockopt_dealer(raw.context, kr.keys[KEY_TRANSPORT],
                             keypair_public(id.keys[KEY_TRANSPORT]), &raw.dealer, &error));
    ck_assert_int_eq(zmq_setsockopt(raw.dealer, OPTION_METADATA, claim, sizeof claim - 1), 0);
    ck_assert_int_eq(zmq_connect(raw.dealer, id.card.mesh_endpoint), 0);
    struct letter letter = letter_from(&raw, "x");
    ck_assert_str_ne(zmq_msg_gets(&letter.body, GATE_KEY_PROPERTY), "claimed");
    ck_assert_str_eq(letter_party(&letter, &id.flow), "KR");
    letter_close(&letter);
    (void)zmq_close(raw.dealer);
    (void)zmq_ctx_term(raw.context);
    gate_close();
}
END_TEST

START_TEST(a_message_that_passed_no_gate_is_of_nobody)
{
    struct letter letter = {0};
    (void)zmq_msg_init(&letter.body);
    ck_assert_ptr_null(letter_party(&letter, &id.flow));
    letter_close(&letter);
    gate_close();
}
END_TEST

START_TEST(an_unknown_key_is_refused_for_good)
{
    struct keypair *stranger = NULL;
    assert_ok(keypair_generate(KEY_TRANSPORT, &stranger, &error));
    struct raw raw = raw_dial(&id, stranger, NULL);
    ck_assert_int_eq(raw_refused(&raw), 400);
    ck_assert_int_eq(raw_event(&raw, ZMQ_EVENT_HANDSHAKE_SUCCEEDED, 1000), -1);
    ck_assert_uint_eq(node_metric(&id, METRIC_REJECTIONS), 1);
    raw_close(&raw);
    keypair_destroy(&stranger);
    gate_close();
}
END_TEST

START_TEST(the_own_key_is_no_partner)
{
    struct raw raw = raw_dial(&id, id.keys[KEY_TRANSPORT], NULL);
    ck_assert_int_eq(raw_refused(&raw), 400);
    raw_close(&raw);
    gate_close();
}
END_TEST

START_TEST(a_key_is_refused_outside_its_validity)
{
    atomic_store(&id.ahead_ms, (uint64_t)2 * 86400 * 1000);
    struct raw raw = raw_dial(&id, kr.keys[KEY_TRANSPORT], NULL);
    ck_assert_int_eq(raw_refused(&raw), 400);
    raw_close(&raw);
    gate_close();
}
END_TEST

START_TEST(a_banned_party_comes_in_by_itself_when_its_time_is_over)
{
    uint64_t now_ms = world_wall_ms(&id.world);
    gate_ban(gate, TEXT("KR"), now_ms + 60000);
    struct raw raw = raw_dial(&id, kr.keys[KEY_TRANSPORT], NULL);
    ck_assert(soon(node_metric(&id, METRIC_REJECTIONS) >= 1));
    ck_assert_uint_eq(node_metric(&id, METRIC_ADMISSIONS), 0);
    atomic_store(&id.ahead_ms, 61000);
    ck_assert(raw_is_admitted(&raw));
    raw_close(&raw);
    gate_close();
}
END_TEST

START_TEST(a_gate_that_is_shut_lets_nobody_in)
{
    gate_shut(gate);
    struct raw raw = raw_dial(&id, kr.keys[KEY_TRANSPORT], NULL);
    ck_assert(soon(node_metric(&id, METRIC_REJECTIONS) >= 1));
    ck_assert_int_eq(raw_event(&raw, ZMQ_EVENT_HANDSHAKE_SUCCEEDED, 500), -1);
    raw_close(&raw);
    gate_close();
}
END_TEST

/* ---- requests ---- */

#define PARTS 7

/* Asks the gate by hand and checks the shape of the answer; gives its status. */
static const char *ask(const struct bytes *parts, size_t count)
{
    static char status[8];
    void *request = zmq_socket(context, ZMQ_REQ);
    int size = 0;
    int linger = 0;
    int wait_ms = FIXTURE_WAIT_MS;
    (void)zmq_setsockopt(request, ZMQ_LINGER, &linger, sizeof linger);
    (void)zmq_setsockopt(request, ZMQ_RCVTIMEO, &wait_ms, sizeof wait_ms);
    ck_assert_int_eq(zmq_connect(request, ZAP_ENDPOINT), 0);
    for (size_t i = 0; i < count; i++) {
        int flags = i + 1 < count ? ZMQ_SNDMORE : 0;
        ck_assert_int_ge(zmq_send(request, parts[i].data, parts[i].size, flags), 0);
    }
    for (size_t i = 0; i < 6; i++) {
        char part[512];
        int more = 0;
        size_t more_size = sizeof more;
        size = zmq_recv(request, part, sizeof part - 1, 0);
        ck_assert_int_ge(size, 0);
        if (i == 2) {
            (void)snprintf(status, sizeof status, "%.*s", size, part);
        }
        (void)zmq_getsockopt(request, ZMQ_RCVMORE, &more, &more_size);
        ck_assert_int_eq(more, i < 5);
    }
    (void)zmq_close(request);
    return status;
}

static void good_request(struct bytes parts[PARTS + 1])
{
    parts[0] = text_bytes(TEXT("1.0"));
    parts[1] = text_bytes(TEXT("1"));
    parts[2] = text_bytes(TEXT(LINK_ZAP_DOMAIN));
    parts[3] = text_bytes(TEXT("127.0.0.1"));
    parts[4] = bytes_of("", 0);
    parts[5] = text_bytes(TEXT("CURVE"));
    parts[6] = bytes_of(keypair_public(kr.keys[KEY_TRANSPORT]), KEY_PUBLIC_BYTES);
    parts[7] = text_bytes(TEXT("surplus"));
}

START_TEST(a_request_that_is_not_zap_is_answered_and_refused)
{
    static const struct {
        size_t part;
        const char *value;
    } wrong[] = {{0, "2.0"},   {0, ""},     {2, ""},     {2, "global"}, {2, "comesh2"},
                 {5, "PLAIN"}, {5, "NULL"}, {5, "CURV"}, {6, ""},       {6, "short"}};
    struct bytes parts[PARTS + 1];
    good_request(parts);
    ck_assert_str_eq(ask(parts, PARTS), "200");
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        good_request(parts);
        parts[wrong[i].part] = text_bytes(text_of(wrong[i].value));
        ck_assert_str_eq(ask(parts, PARTS), "500");
    }
    ck_assert_uint_eq(node_metric(&id, METRIC_ADMISSIONS), 1);
    gate_close();
}
END_TEST

START_TEST(a_request_of_other_than_seven_parts_is_refused)
{
    struct bytes parts[PARTS + 1];
    good_request(parts);
    for (size_t count = 1; count <= PARTS + 1; count++) {
        ck_assert_str_eq(ask(parts, count), count == PARTS ? "200" : "500");
    }
    gate_close();
}
END_TEST

START_TEST(a_request_with_an_oversized_part_is_refused)
{
    uint8_t *large = arena_zero(&arena, 1 << 20);
    struct bytes parts[PARTS + 1];
    for (size_t i = 0; i < PARTS; i++) {
        good_request(parts);
        parts[i] = bytes_of(large, 1 << 20);
        ck_assert_str_eq(ask(parts, PARTS), "500");
    }
    good_request(parts);
    ck_assert_str_eq(ask(parts, PARTS), "200");
    gate_close();
}
END_TEST

/* ---- the proof ---- */

START_TEST(the_proof_holds_where_the_gate_is_asked)
{
    assert_ok(gate_prove(context, id.card.mesh_endpoint, id.keys[KEY_TRANSPORT], &error));
    assert_ok(gate_prove_alone(context, id.keys[KEY_TRANSPORT], &error));
    gate_close();
}
END_TEST

START_TEST(the_proof_fails_where_strangers_come_in)
{
    int off = 0;
    void *open_router = NULL;
    char endpoint[ENDPOINT_MAX_BYTES];
    size_t size = sizeof endpoint;
    assert_ok(sockopt_router(context, &open_router, &error));
    assert_ok(sockopt_serve(open_router, id.keys[KEY_TRANSPORT], &error));
    ck_assert_int_eq(zmq_setsockopt(open_router, 93, &off, sizeof off), 0);
    ck_assert_int_eq(zmq_bind(open_router, "tcp://127.0.0.1:*"), 0);
    ck_assert_int_eq(zmq_getsockopt(open_router, ZMQ_LAST_ENDPOINT, endpoint, &size), 0);
    gate_stop(&gate);
    assert_fails(gate_prove(context, endpoint, id.keys[KEY_TRANSPORT], &error), RESULT_UNTRUSTED,
                 "does not start");
    (void)zmq_close(open_router);
    gate_close();
}
END_TEST

START_TEST(a_second_gate_in_one_context_does_not_start)
{
    struct gate *second = NULL;
    assert_fails(gate_start(context, &id.flow, &second, &error), RESULT_INTERNAL, "zeromq.zap.01");
    ck_assert_ptr_null(second);
    gate_close();
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        a_partner_is_admitted_and_named_on_the_body_frame,
        a_key_that_was_removed_names_nobody_on_the_next_message,
        a_peer_cannot_name_itself,
        a_message_that_passed_no_gate_is_of_nobody,
        an_unknown_key_is_refused_for_good,
        the_own_key_is_no_partner,
        a_key_is_refused_outside_its_validity,
        a_banned_party_comes_in_by_itself_when_its_time_is_over,
        a_gate_that_is_shut_lets_nobody_in,
        a_request_that_is_not_zap_is_answered_and_refused,
        a_request_of_other_than_seven_parts_is_refused,
        a_request_with_an_oversized_part_is_refused,
        the_proof_holds_where_the_gate_is_asked,
        the_proof_fails_where_strangers_come_in,
        a_second_gate_in_one_context_does_not_start,
    };
    return suite_run("gate", tests, SUITE_COUNT(tests), gate_open);
}
