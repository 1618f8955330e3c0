/* Messages of the ROUTER. See letter.h. */
#include "node/link/letter.h"

#include "node/link/gate.h"

#include <stdlib.h>

static bool has_more(void *socket)
{
    int more = 0;
    size_t size = sizeof more;
    return zmq_getsockopt(socket, ZMQ_RCVMORE, &more, &size) == 0 && more != 0;
}

/* Takes the next part to `part`, or only counts it when that is NULL. */
static bool part_receive(void *router, zmq_msg_t *part)
{
    zmq_msg_t surplus;
    (void)zmq_msg_init(&surplus);
    int size = zmq_msg_recv(part == NULL ? &surplus : part, router, ZMQ_DONTWAIT);
    (void)zmq_msg_close(&surplus);
    return size >= 0;
}

bool letter_receive(void *router, struct letter *letter)
{
    int size = zmq_recv(router, letter->id, sizeof letter->id, ZMQ_DONTWAIT);
    if (size < 0) {
        return false;
    }
    letter->id_is_claimed = size != ROUTE_ID_BYTES || letter->id[0] != 0;
    letter->parts = 0;
    (void)zmq_msg_init(&letter->body);
    while (has_more(router) && part_receive(router, letter->parts == 0 ? &letter->body : NULL)) {
        letter->parts++;
    }
    const char *fd = letter->parts == 0 ? NULL : zmq_msg_gets(&letter->body, "__fd");
    letter->fd = fd == NULL ? -1 : (int)strtol(fd, NULL, 10);
    return true;
}

void letter_close(struct letter *letter)
{
    (void)zmq_msg_close(&letter->body);
}

bool letter_is_frame(const struct letter *letter)
{
    return letter->parts == 1 && zmq_msg_size(&letter->body) > 0;
}

struct bytes letter_frame(struct letter *letter)
{
    return (struct bytes){zmq_msg_data(&letter->body), zmq_msg_size(&letter->body)};
}

const char *letter_party(struct letter *letter, struct flow *flow)
{
    const char *party = zmq_msg_gets(&letter->body, GATE_PARTY_PROPERTY);
    const char *key = zmq_msg_gets(&letter->body, GATE_KEY_PROPERTY);
    if (party == NULL || key == NULL || !key_z85_parse(text_of(key), letter->key)) {
        return NULL;
    }
    struct directory *directory = flow_directory(flow);
    const struct card *card =
        directory_transport(directory, letter->key, world_wall_ms(flow->world) / 1000);
    bool trusted = card != NULL && strcmp(card->party, party) == 0;
    directory_release(&directory);
    return trusted ? party : NULL;
}
