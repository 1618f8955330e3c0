/* A channel of ours, and news of it. See ours.h. */
#include "node/flow/ours.h"

#include <stdio.h>
#include <stdlib.h>

enum result ours_name(struct ours *ours, struct text partner, struct error *error)
{
    (void)snprintf(ours->partner, sizeof ours->partner, "%.*s", TEXT_ARGS(partner));
    return flow_origin(ours->flow, partner, ours->origin, error);
}

struct ours_news *ours_news_new(struct ours *ours, size_t size, work_apply *apply)
{
    struct ours_news *news = calloc(1, size);
    if (news != NULL) {
        news->work = (struct work){.home = ours->home, .finish = ours_news_finish, .apply = apply};
        news->ours = ours;
        news->channel = ours->channel;
    }
    return news;
}

void ours_news_free(struct ours_news *news)
{
    if (news != NULL) {
        buffer_free(&news->note);
        free(news);
    }
}

void ours_news_submit(struct ours_news *news)
{
    news->ours->pending++;
    writer_submit(news->ours->flow->writer, &news->work);
}

void ours_news_finish(struct work *work)
{
    struct ours_news *news = (struct ours_news *)work;
    struct ours *ours = news->ours;
    ours->pending--;
    if (work->result != RESULT_OK) {
        log_error(ours->part, ours->lost, &work->error);
    }
    ours_news_free(news);
}

enum result ours_apply_receipt(struct work *work, struct store *store, struct error *error)
{
    struct ours_news *news = (struct ours_news *)work;
    const struct store_channel *channel = store_channel(store, news->channel);
    if (channel == NULL || news->size <= channel->receipt_size) {
        return RESULT_OK;
    }
    return store_append_receipt(store, news->channel, news->size, news->time_s,
                                buffer_bytes(&news->note), error);
}

enum result ours_apply_hold(struct work *work, struct store *store, struct error *error)
{
    struct ours_news *news = (struct ours_news *)work;
    const struct store_channel *channel = store_channel(store, news->channel);
    if (channel == NULL || channel->held) {
        return RESULT_OK;
    }
    return store_append_hold(store, news->channel, text_of(news->reason), buffer_bytes(&news->note),
                             (struct bytes){NULL, 0}, world_wall_ms(news->ours->flow->world),
                             error);
}
