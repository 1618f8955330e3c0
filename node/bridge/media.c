/* Media types in headers. See media.h. */
#include "node/bridge/media.h"

#include <strings.h>

#define WEIGHT_MAX 1000

static const char *const names[MEDIA_COUNT] = {
#define MEDIA_ROW(symbol, name) [MEDIA_##symbol] = (name),
    MEDIA_MAP(MEDIA_ROW)
#undef MEDIA_ROW
};

const char *media_name(enum media media)
{
    return names[media];
}

const char *media_content_type(enum media media)
{
    switch (media) {
    case MEDIA_HTML:
        return "text/html; charset=utf-8";
    case MEDIA_TEXT:
        return "text/plain; charset=utf-8";
    default:
        return names[media];
    }
}

static bool is_token(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           (c != '\0' && strchr("!#$%&'*+-.^_`|~", c) != NULL);
}

static void skip_blanks(struct text *rest)
{
    while (rest->size > 0 && (rest->data[0] == ' ' || rest->data[0] == '\t')) {
        rest->data++;
        rest->size--;
    }
}

static struct text read_token(struct text *rest)
{
    struct text token = {rest->data, 0};
    while (token.size < rest->size && is_token(rest->data[token.size])) {
        token.size++;
    }
    rest->data += token.size;
    rest->size -= token.size;
    return token;
}

static bool same_word(struct text text, const char *word)
{
    return text.size == strlen(word) && strncasecmp(text.data, word, text.size) == 0;
}

/* "; name=value" with the value as it stands or in quotes; false when that is not what follows. */
static bool read_parameter(struct text *rest, struct text *name, struct text *value)
{
    skip_blanks(rest);
    if (!text_skip(rest, ";")) {
        return false;
    }
    skip_blanks(rest);
    *name = read_token(rest);
    if (name->size == 0 || !text_skip(rest, "=")) {
        return false;
    }
    if (text_skip(rest, "\"")) {
        *value = text_until(rest, '"');
        return text_skip(rest, "\"");
    }
    *value = read_token(rest);
    return value->size > 0;
}

/* "type/subtype" as one text. */
static bool read_range(struct text *rest, struct text *range)
{
    const char *start = rest->data;
    struct text type = read_token(rest);
    if (type.size == 0 || !text_skip(rest, "/")) {
        return false;
    }
    struct text subtype = read_token(rest);
    *range = (struct text){start, type.size + 1 + subtype.size};
    return subtype.size > 0;
}

static enum media media_named(struct text name)
{
    for (unsigned media = MEDIA_NONE + 1; media < MEDIA_COUNT; media++) {
        if (same_word(name, names[media])) {
            return (enum media)media;
        }
    }
    return MEDIA_NONE;
}

static enum result check_parameter(struct text name, struct text value, struct error *error)
{
    if (same_word(name, "charset") && !same_word(value, "utf-8")) {
        return error_set(error, RESULT_UNSUPPORTED, "charset '%.*s'; accepted: utf-8",
                         TEXT_ARGS(value));
    }
    if (same_word(name, "version") && !same_word(value, MEDIA_DATASET_VERSION)) {
        return error_set(error, RESULT_UNSUPPORTED,
                         "version '%.*s' of the dataset; this node speaks " MEDIA_DATASET_VERSION,
                         TEXT_ARGS(value));
    }
    return RESULT_OK;
}

enum result media_read(struct text header, enum media *media, struct error *error)
{
    struct text rest = header;
    struct text range;
    *media = MEDIA_NONE;
    skip_blanks(&rest);
    if (rest.size == 0) {
        return RESULT_OK;
    }
    bool good = read_range(&rest, &range);
    *media = good ? media_named(range) : MEDIA_NONE;
    for (skip_blanks(&rest); good && rest.size > 0; skip_blanks(&rest)) {
        struct text name;
        struct text value;
        good = read_parameter(&rest, &name, &value);
        enum result result = good ? check_parameter(name, value, error) : RESULT_OK;
        if (result != RESULT_OK) {
            return result;
        }
    }
    if (!good || *media == MEDIA_NONE) {
        return error_set(error, RESULT_UNSUPPORTED, "the Content-Type is not known here");
    }
    return RESULT_OK;
}

/* ---- Accept ---- */

/* "0.5" in thousandths; WEIGHT_MAX for what is no weight. */
static unsigned read_weight(struct text text)
{
    unsigned weight = 0;
    unsigned digit_worth = WEIGHT_MAX;
    for (size_t i = 0; i < text.size && digit_worth > 0; i++) {
        if (i == 1 && text.data[i] == '.') {
            continue;
        }
        if (text.data[i] < '0' || text.data[i] > '9') {
            return WEIGHT_MAX;
        }
        weight += (unsigned)(text.data[i] - '0') * digit_worth;
        digit_worth /= 10;
    }
    return weight > WEIGHT_MAX ? WEIGHT_MAX : weight;
}

/* How exactly a range names the media: 3 by name, 2 by type, 1 by anything, 0 not at all. */
static unsigned fits(struct text range, const char *name)
{
    if (same_word(range, name)) {
        return 3;
    }
    if (same_word(range, "*/*")) {
        return 1;
    }
    size_t type = strcspn(name, "/") + 1;
    bool same_type = range.size == type + 1 && range.data[type] == '*' &&
                     strncasecmp(range.data, name, type) == 0;
    return same_type ? 2 : 0;
}

/* The weight that the most exact range gives to the media. */
static unsigned weigh(struct text header, const char *name)
{
    struct text rest = header;
    unsigned best = 0;
    unsigned weight = 0;
    while (rest.size > 0) {
        struct text range;
        struct text item = text_until(&rest, ',');
        unsigned given = WEIGHT_MAX;
        struct text parameter;
        struct text value;
        (void)text_skip(&rest, ",");
        skip_blanks(&item);
        if (!read_range(&item, &range)) {
            continue;
        }
        while (read_parameter(&item, &parameter, &value)) {
            given = same_word(parameter, "q") ? read_weight(value) : given;
        }
        unsigned exact = fits(range, name);
        if (exact > best) {
            best = exact;
            weight = given;
        }
    }
    return weight;
}

enum media media_accepted(struct text header, unsigned offered)
{
    enum media best = MEDIA_NONE;
    unsigned best_weight = 0;
    skip_blanks(&header);
    for (unsigned media = MEDIA_NONE + 1; media < MEDIA_COUNT; media++) {
        if ((offered & MEDIA_BIT(media)) == 0) {
            continue;
        }
        unsigned weight = header.size == 0 ? WEIGHT_MAX : weigh(header, names[media]);
        if (weight > best_weight) {
            best = (enum media)media;
            best_weight = weight;
        }
    }
    return best;
}
