/* Places in channels. See places.h. */
#include "tools/comesh/places.h"

enum result places_note(struct places *places, uint64_t channel, uint64_t index,
                        struct error *error)
{
    size_t i = 0;
    while (i < places->count && places->rows[i].channel != channel) {
        i++;
    }
    if (i == PLACES_MAX) {
        return error_set(error, RESULT_TOO_LARGE, "more than %d channels", PLACES_MAX);
    }
    if (i == places->count) {
        places->rows[places->count].channel = channel;
        places->rows[places->count++].upto = 0;
    }
    if (index >= places->rows[i].upto) {
        places->rows[i].upto = index + 1;
    }
    return RESULT_OK;
}

enum result places_take(struct places *places, struct client *client, struct error *error)
{
    enum result result = RESULT_OK;
    for (size_t i = 0; i < places->count && result == RESULT_OK; i++) {
        struct buffer *request = client_begin(client, "take", 2);
        mp_put_uint(request, places->rows[i].channel);
        mp_put_uint(request, places->rows[i].upto);
        result = client_send(client, error);
        if (result == RESULT_OK) {
            result = client_receive(client, NULL, NULL, error);
        }
    }
    places->count = 0;
    return result;
}
