/* Documents. See document.h. */
#include "tools/comesh/document.h"

#include "proto/json.h"
#include "proto/pack.h"
#include "tools/comesh/output.h"

#include <errno.h>
#include <stdlib.h>

enum result document_unpack(struct bytes payload, enum operation operation, struct arena *arena,
                            struct record **record, struct error *error)
{
    struct findings findings = {.arena = arena};
    return pack_read(payload, operation, arena, &findings, record, error);
}

enum result document_json(struct bytes payload, enum operation operation, bool pretty,
                          struct buffer *out, struct error *error)
{
    struct arena arena = {0};
    struct record *record = NULL;
    enum result result = document_unpack(payload, operation, &arena, &record, error);
    if (result == RESULT_OK) {
        json_write(record, pretty, out);
        result = buffer_check(out, error);
    }
    arena_free(&arena);
    return result;
}

json_t *document_of_row(const struct wire_row *row)
{
    struct buffer text = {0};
    struct error error;
    json_t *json = NULL;
    struct bytes payload = wire_row_bytes(row, WIRE_MESSAGE_PAYLOAD);
    enum operation operation = operation_from_name(wire_row_text(row, WIRE_MESSAGE_OPERATION));
    if (payload.data != NULL && dataset_root(operation) != NULL &&
        document_json(payload, operation, false, &text, &error) == RESULT_OK) {
        json = json_loadb((const char *)text.data, text.size, 0, NULL);
    }
    buffer_free(&text);
    return json;
}

static const char *meaning_of(const struct element *element, struct text value)
{
    return element->codes == CODES_NONE ? NULL
                                        : code_label((enum code_list_id)element->codes, value);
}

static void print_node(const struct node *node, unsigned depth, struct buffer *out)
{
    const struct element *element = node->element;
    char head[ELEMENT_NAME_BYTES + 128];
    int indent = (int)(2 * depth);
    if (element->type == ELEMENT_GROUP) {
        buffer_printf(out, "%*s%s", indent, "", element->label);
        if (element->max_occurs > 1) {
            buffer_printf(out, " %u", node->index + 1);
        }
        buffer_text(out, "\n");
        for (const struct node *child = node->first; child != NULL; child = child->next) {
            print_node(child, depth + 1, out);
        }
        return;
    }
    (void)snprintf(head, sizeof head, "%*s%s", indent, "", element->label);
    buffer_printf(out, "%-44s ", head);
    output_text(out, node->value);
    if (node->attribute.size > 0 && element->type != ELEMENT_DATE_TIME) {
        buffer_text(out, " ");
        output_text(out, node->attribute);
    }
    const char *meaning = meaning_of(element, node->value);
    if (meaning != NULL) {
        buffer_printf(out, " (%s)", meaning);
    }
    buffer_text(out, "\n");
}

void document_print(const struct record *record, FILE *file)
{
    struct buffer out = {0};
    for (const struct node *child = record->root.first; child != NULL; child = child->next) {
        print_node(child, 1, &out);
    }
    (void)fwrite(out.data, 1, out.size, file);
    buffer_free(&out);
}

enum result document_read(const char *path, size_t max, struct buffer *out, struct error *error)
{
    bool standard = strcmp(path, "-") == 0;
    FILE *file = standard ? stdin : fopen(path, "re");
    if (file == NULL) {
        return error_system(error, errno, "%s", path);
    }
    enum result result = RESULT_OK;
    size_t got = 1;
    while (got > 0 && out->size <= max && result == RESULT_OK) {
        result = buffer_reserve(out, BUFSIZ);
        if (result == RESULT_OK) {
            got = fread(out->data + out->size, 1, BUFSIZ, file);
            out->size += got;
        }
    }
    if (result != RESULT_OK) {
        (void)error_set(error, result, "%s: no memory to read it", path);
    } else if (ferror(file)) {
        result = error_system(error, errno, "%s", path);
    } else if (out->size > max) {
        result = error_set(error, RESULT_TOO_LARGE, "%s: is over %zu bytes", path, max);
    }
    if (!standard) {
        (void)fclose(file);
    }
    return result;
}

enum result ask_named(struct client *client, const char *verb, const char *name,
                      const char *exporter, client_row *each, void *self, struct error *error)
{
    struct message_id id;
    struct buffer *out = client_begin(client, verb, 2);
    if (message_id_parse(text_of(name), &id)) {
        mp_put_bin(out, (struct bytes){id.bytes, sizeof id.bytes});
    } else {
        mp_put_str(out, text_of(name));
    }
    mp_put_str(out, text_of(exporter));
    enum result result = client_send(client, error);
    return result == RESULT_OK ? client_receive(client, each, self, error) : result;
}
