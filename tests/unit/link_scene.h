/* KR and ID with real sockets, CURVE and gate on loopback, and UY where a test needs a third. */
#ifndef COMESH_TESTS_LINK_SCENE_H
#define COMESH_TESTS_LINK_SCENE_H

#include "tests/unit/raw_peer.h"

static struct mesh_node kr;
static struct mesh_node id;
static struct mesh_node uy; /* after uy_init */

static inline void scene_start(void)
{
    fixture_start();
    node_init(&kr, "KR", "customs.go.kr", true);
    node_init(&id, "ID", "beacukai.go.id", true);
}

static inline void scene_end(void)
{
    struct mesh_node *const all[] = {&uy, &kr, &id};
    for (size_t i = 0; i < SUITE_COUNT(all); i++) {
        if (all[i]->path[0] != '\0') {
            node_end(all[i]);
        }
    }
}

static inline void uy_init(bool listens)
{
    node_init(&uy, "UY", "aduana.gub.uy", listens);
}

static inline void link_both(void)
{
    nodes_pair(&kr, &id);
    node_link(&kr);
    node_link(&id);
}

#define is_open(node, partner)                                                                     \
    (node_status(node, partner).outgoing == LANE_OPEN &&                                           \
     node_status(node, partner).incoming == LANE_OPEN)

/* A connection to ID with the key of KR. */
static inline struct raw raw_partner(void)
{
    nodes_pair(&kr, &id);
    node_link(&id);
    struct raw raw = raw_dial(&id, kr.keys[KEY_TRANSPORT], NULL);
    ck_assert(raw_is_admitted(&raw));
    return raw;
}

#endif
