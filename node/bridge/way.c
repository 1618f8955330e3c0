/* The way to a partner without a node. See way.h. */
#include "node/bridge/way.h"

#include "keys/certificate.h"
#include "keys/file.h"

#include <stdio.h>

/* A key that others can read is refused. */
static enum result check_key(const char *path, struct error *error)
{
    struct buffer key = {0};
    enum result result = file_read(path, CERTIFICATE_MAX_BYTES, FILE_SECRET, &key, error);
    if (key.data != NULL) {
        explicit_bzero(key.data, key.size);
    }
    buffer_free(&key);
    return result == RESULT_OK ? RESULT_OK : error_wrap(error, "outbound.key");
}

enum result way_files_find(const struct config *config, struct way_files *files,
                           struct error *error)
{
    const struct {
        const char *name;
        char *place;
    } all[] = {{config->outbound.certificate, files->certificate},
               {config->outbound.key, files->key},
               {config->outbound.authorities, files->authorities}};
    enum result result = RESULT_OK;
    for (size_t i = 0; i < sizeof all / sizeof all[0] && result == RESULT_OK; i++) {
        all[i].place[0] = '\0';
        if (all[i].name[0] != '\0') {
            result = config_place(config, all[i].name, all[i].place, error);
        }
    }
    return result == RESULT_OK && files->key[0] != '\0' ? check_key(files->key, error) : result;
}

/* The configured way to a host in place of its own address; empty when there is none. */
static const char *connect_to(const struct config_outbound *config, const char *host)
{
    size_t size = strlen(host);
    for (size_t i = 0; i < config->connect_count; i++) {
        if (strncmp(config->connects[i], host, size) == 0 && config->connects[i][size] == '=') {
            return config->connects[i] + size + 1;
        }
    }
    return "";
}

void way_make(const struct config *config, const struct way_files *files,
              const struct rest_card *card, uint64_t now_s, struct call_way *way)
{
    char host[CARD_NAME_BYTES];
    rest_card_host(card, host);
    *way = (struct call_way){.certificate = files->certificate,
                             .key = files->key,
                             .authorities = files->authorities,
                             .proxy = config->outbound.proxy,
                             .connect = connect_to(&config->outbound, host),
                             .pins = card->pins[REST_SERVER],
                             .pin_count = card->pin_count[REST_SERVER],
                             .now_s = now_s,
                             .connect_timeout_s = config->outbound.connect_timeout_s,
                             .timeout_s = config->outbound.timeout_s};
}

void way_url(const struct rest_card *card, enum operation operation, char out[WAY_URL_BYTES])
{
    char host[CARD_NAME_BYTES];
    rest_card_host(card, host);
    (void)snprintf(out, WAY_URL_BYTES, "https://%s:%llu/%s", host, (unsigned long long)card->port,
                   operation_name(operation));
}
