/* Looking things up in the dataset. See dataset.h. */
#include "proto/dataset.h"

#include "proto/dataset_row.h"
#include "proto/nearest.h"

#include <stdio.h>

const struct element *dataset_root(enum operation operation)
{
    switch (operation) {
    case OPERATION_CO:
    case OPERATION_AMENDMENT:
        return &dataset_lpco;
    case OPERATION_CANCELATION_STATUS:
    case OPERATION_FEEDBACK:
        return &dataset_response;
    case OPERATION_NONE:
    case OPERATION_VERDICT:
    case OPERATION_CARD:
        break;
    }
    return NULL;
}

const struct element *class_member(const struct element_class *class, struct text name,
                                   size_t guess)
{
    const struct element *member = class->members + (guess < class->count ? guess : 0);
    const struct element *end = class->members + class->count;
    for (size_t left = class->count; left > 0; left--) {
        if (member->name_size == name.size && memcmp(member->name, name.data, name.size) == 0) {
            return member;
        }
        member = member + 1 == end ? class->members : member + 1;
    }
    return NULL;
}

const struct element *class_tagged(const struct element_class *class, uint64_t tag, size_t guess)
{
    for (size_t i = guess; i < class->count; i++) {
        if (class->members[i].tag == tag) {
            return &class->members[i];
        }
    }
    for (size_t i = 0; i < guess && i < class->count; i++) {
        if (class->members[i].tag == tag) {
            return &class->members[i];
        }
    }
    return NULL;
}

const char *class_nearest(const struct element_class *class, struct text name)
{
    struct nearest nearest = nearest_to(name);
    for (size_t i = 0; i < class->count; i++) {
        nearest_offer(&nearest, class->members[i].name);
    }
    return nearest_found(&nearest);
}

const struct element *dataset_find(enum operation operation, const char *path)
{
    const struct element *element = dataset_root(operation);
    while (element != NULL && *path != '\0') {
        size_t size = strcspn(path, "/");
        element = element->class == NULL
                      ? NULL
                      : class_member(element->class, (struct text){path, size}, 0);
        path += path[size] == '/' ? size + 1 : size;
    }
    return element;
}

const char *element_label(const struct element *element, char out[ELEMENT_LABEL_BYTES])
{
    const char *wco = element->wco_id;
    if (element->type == ELEMENT_GROUP && element->class != NULL) {
        wco = element->class->wco_id;
    }
    const char *oif = element->oif_id;
    bool both = wco != NULL && oif != NULL;
    if (wco == NULL && oif == NULL) {
        (void)snprintf(out, ELEMENT_LABEL_BYTES, "%s", element->name);
    } else {
        (void)snprintf(out, ELEMENT_LABEL_BYTES, "%s (%s%s%s%s)", element->name,
                       wco == NULL ? "" : "WCO ", wco == NULL ? "" : wco, both ? ", " : "",
                       oif == NULL ? "" : oif);
    }
    return out;
}

const char *element_type_text(enum element_type type)
{
    static const char *const texts[] = {
        [ELEMENT_GROUP] = "group",           [ELEMENT_TEXT] = "text",
        [ELEMENT_IDENTIFIER] = "identifier", [ELEMENT_CODE] = "code",
        [ELEMENT_INTEGER] = "integer",       [ELEMENT_DECIMAL] = "decimal",
        [ELEMENT_INDICATOR] = "indicator",   [ELEMENT_DATE_TIME] = "date and time",
        [ELEMENT_MEASURE] = "measure",       [ELEMENT_AMOUNT] = "amount",
    };
    return (unsigned)type <= ELEMENT_AMOUNT ? texts[type] : "unknown";
}

const char *evidence_text(enum evidence evidence)
{
    static const char *const texts[] = {
        [EVIDENCE_FRAMEWORK] = "framework",
        [EVIDENCE_WCO] = "WCO",
        [EVIDENCE_PRACTICE] = "practice",
        [EVIDENCE_OURS] = "ours",
    };
    return (unsigned)evidence <= EVIDENCE_OURS ? texts[evidence] : "unknown";
}
