/* Endpoints: what is bound and proven at the start, and how a partner is dialled that comes, moves
 * or has a name. */
#include "tests/unit/link_scene.h"

START_TEST(a_port_that_is_taken_is_told_and_nothing_is_left_running)
{
    struct link *link = NULL;
    nodes_pair(&kr, &id);
    node_link(&id);
    memcpy(kr.config.binds[0], id.config.binds[0], sizeof kr.config.binds[0]);
    assert_fails(link_start(&kr.flow, &link, &error), RESULT_IO, "is another program there?");
    ck_assert_ptr_null(link);
    memcpy(kr.config.binds[0], kr.card.mesh_endpoint, sizeof kr.config.binds[0]);
    node_link(&kr);
    ck_assert(soon(is_open(&kr, "ID")));
}
END_TEST

START_TEST(all_endpoints_of_the_configuration_are_proven_and_answer)
{
    (void)snprintf(id.config.binds[1], ENDPOINT_MAX_BYTES, "tcp://127.0.0.1:%u", fixture_port());
    (void)snprintf(id.config.binds[2], ENDPOINT_MAX_BYTES, "tcp://[::1]:%u", fixture_port());
    id.config.bind_count = 3;
    nodes_pair(&kr, &id);
    node_link(&id);
    ck_assert_uint_eq(node_metric(&id, METRIC_REJECTIONS), 3);
    for (size_t i = 0; i < id.config.bind_count; i++) {
        memcpy(id.card.mesh_endpoint, id.config.binds[i], sizeof id.card.mesh_endpoint);
        struct raw raw = raw_dial(&id, kr.keys[KEY_TRANSPORT], NULL);
        ck_assert_msg(raw_is_admitted(&raw), "nobody answers at %s", id.config.binds[i]);
        raw_close(&raw);
    }
}
END_TEST

START_TEST(a_wildcard_endpoint_is_proven_over_loopback)
{
    (void)snprintf(id.config.binds[0], ENDPOINT_MAX_BYTES, "tcp://0.0.0.0:%u", fixture_port());
    node_open(&id);
    node_link(&id);
    ck_assert_uint_eq(node_metric(&id, METRIC_REJECTIONS), 1);
}
END_TEST

START_TEST(a_node_without_endpoint_proves_its_gate_too)
{
    uy_init(false);
    node_open(&uy);
    node_link(&uy);
    ck_assert_uint_eq(node_metric(&uy, METRIC_REJECTIONS), 1);
}
END_TEST

static atomic_bool is_heard;

static void *hear(void *link)
{
    link_hear(link);
    atomic_store(&is_heard, true);
    return NULL;
}

/* Somebody takes KR's connections at ID's endpoint, and says nothing. */
START_TEST(a_node_serves_nobody_before_its_partners_have_answered_or_cannot_be_reached)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    pthread_t thread;
    int silent = socket(AF_INET, SOCK_STREAM, 0);
    nodes_pair(&kr, &id);
    address.sin_port = htons((uint16_t)strtoul(strrchr(id.card.mesh_endpoint, ':') + 1, NULL, 10));
    ck_assert_int_eq(bind(silent, (struct sockaddr *)&address, sizeof address), 0);
    ck_assert_int_eq(listen(silent, 1), 0);
    node_link(&kr);
    ck_assert_int_eq(pthread_create(&thread, NULL, hear, atomic_load(&kr.link)), 0);
    int taken = accept(silent, NULL, NULL);
    ck_assert_int_ge(taken, 0);
    ck_assert(!atomic_load(&is_heard));
    (void)close(silent);
    (void)close(taken);
    ck_assert(soon(atomic_load(&is_heard)));
    ck_assert_int_eq(pthread_join(thread, NULL), 0);
}
END_TEST

START_TEST(two_parties_without_endpoint_are_told_that_nobody_can_dial)
{
    struct mesh_node py;
    uy_init(false);
    node_init(&py, "PY", "aduana.gov.py", false);
    nodes_pair(&uy, &py);
    node_link(&uy);
    ck_assert(soon(strstr(node_status(&uy, "PY").trouble, "nobody can dial") != NULL));
    node_end(&py);
}
END_TEST

START_TEST(a_new_partner_is_dialled_after_a_reload_and_the_first_to_knock_is_let_in_then)
{
    node_open(&kr);
    node_open(&id);
    node_link(&kr);
    node_link(&id);
    ck_assert_str_eq(node_status(&kr, "ID").party, "");
    node_trust(&id, &kr);
    node_read_cards(&id);
    ck_assert(soon(node_status(&id, "KR").outgoing == LANE_REFUSED));
    node_trust(&kr, &id);
    node_read_cards(&kr);
    ck_assert(soon(is_open(&kr, "ID") && is_open(&id, "KR")));
}
END_TEST

START_TEST(a_partner_that_moves_is_dialled_at_its_new_endpoint)
{
    link_both();
    ck_assert(soon(is_open(&kr, "ID")));
    node_close(&id);
    (void)snprintf(id.card.mesh_endpoint, sizeof id.card.mesh_endpoint, "tcp://127.0.0.1:%u",
                   fixture_port());
    memcpy(id.config.binds[0], id.card.mesh_endpoint, sizeof id.card.mesh_endpoint);
    node_sign_card(&id);
    node_trust(&kr, &id);
    node_open(&id);
    node_link(&id);
    node_read_cards(&kr);
    node_append(&kr, "ID", 1, 100);
    ck_assert(soon(node_status(&kr, "ID").receipted == 1));
}
END_TEST

START_TEST(a_partner_is_dialled_by_its_name)
{
    const char *port = strrchr(id.config.binds[0], ':');
    (void)snprintf(id.card.mesh_endpoint, sizeof id.card.mesh_endpoint, "tcp://localhost%s", port);
    node_sign_card(&id);
    link_both();
    ck_assert(soon(is_open(&kr, "ID")));
}
END_TEST

START_TEST(a_name_that_is_not_found_is_told_and_delays_no_other)
{
    uy_init(true);
    (void)snprintf(uy.card.mesh_endpoint, sizeof uy.card.mesh_endpoint,
                   "tcp://no-such-host.invalid:7443");
    node_sign_card(&uy);
    node_trust(&kr, &uy);
    link_both();
    ck_assert(soon(is_open(&kr, "ID")));
    ck_assert(soon(strstr(node_status(&kr, "UY").trouble, "is not found") != NULL));
}
END_TEST

START_TEST(a_partner_that_begins_to_listen_is_dialled_and_one_that_ceases_dials)
{
    uy_init(false);
    nodes_pair(&kr, &uy);
    node_link(&kr);
    node_link(&uy);
    ck_assert(soon(is_open(&kr, "UY")));
    node_close(&uy);
    (void)snprintf(uy.card.mesh_endpoint, sizeof uy.card.mesh_endpoint, "tcp://127.0.0.1:%u",
                   fixture_port());
    memcpy(uy.config.binds[0], uy.card.mesh_endpoint, sizeof uy.card.mesh_endpoint);
    uy.config.bind_count = 1;
    node_sign_card(&uy);
    node_trust(&kr, &uy);
    node_read_cards(&kr);
    node_open(&uy);
    node_link(&uy);
    node_append(&kr, "UY", 4, 100);
    node_append(&uy, "KR", 4, 100);
    ck_assert(soon(node_status(&kr, "UY").receipted >= 4 && node_status(&uy, "KR").receipted >= 4));
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        a_port_that_is_taken_is_told_and_nothing_is_left_running,
        all_endpoints_of_the_configuration_are_proven_and_answer,
        a_wildcard_endpoint_is_proven_over_loopback,
        a_node_without_endpoint_proves_its_gate_too,
        a_node_serves_nobody_before_its_partners_have_answered_or_cannot_be_reached,
        two_parties_without_endpoint_are_told_that_nobody_can_dial,
        a_new_partner_is_dialled_after_a_reload_and_the_first_to_knock_is_let_in_then,
        a_partner_that_moves_is_dialled_at_its_new_endpoint,
        a_partner_is_dialled_by_its_name,
        a_name_that_is_not_found_is_told_and_delays_no_other,
        a_partner_that_begins_to_listen_is_dialled_and_one_that_ceases_dials,
    };
    return suite_run_with("link endpoint", tests, SUITE_COUNT(tests), scene_start, scene_end);
}
