/* Responses. See response.h. */
#include "tools/comesh/response.h"

void response_fill(json_t *content, const struct subject *subject, const char *status)
{
    char uuid[UUID_TEXT_BYTES];
    json_t *shipment = json_object_get(subject->lpco, "GoodsShipment");
    json_t *importer = json_object_get(json_object_get(shipment, "Destination"), "CountryCode");
    json_t *reference = json_object();
    message_id_format(&subject->id, uuid);
    compose_name(reference, subject->lpco);
    (void)json_object_set_new(content, "FunctionCode", json_string("11")); /* response */
    (void)json_object_set_new(content, "IssueDateTime", compose_now());
    (void)json_object_set_new(content, "ReferencedMessageID", json_string(uuid));
    (void)json_object_set(content, "RespondingCountryCode", importer);
    (void)json_object_set_new(content, "LPCO", reference);
    (void)json_object_set_new(
        content, "Status",
        json_pack("[{s:s, s:o}]", "NameCode", status, "EffectiveDateTime", compose_now()));
}
