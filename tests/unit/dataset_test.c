/* Tests of the dataset table, the code lists and the nearest names. */
#include "proto/dataset.h"

#include "proto/nearest.h"
#include "proto/record.h"

#include <check.h>
#include <ctype.h>
#include <stdlib.h>

/* Calls `visit` for every element below `class`, with its depth and the length of its place. */
static void walk(const struct element_class *class, unsigned depth, size_t place,
                 void (*visit)(const struct element *, const struct element_class *, unsigned,
                               size_t))
{
    for (size_t i = 0; i < class->count; i++) {
        const struct element *element = &class->members[i];
        size_t here = place + 1 + element->name_size + (element->max_occurs > 1 ? 6 : 0);
        visit(element, class, depth, here);
        if (element->class != NULL) {
            walk(element->class, depth + 1, here, visit);
        }
    }
}

static void walk_all(void (*visit)(const struct element *, const struct element_class *, unsigned,
                                   size_t))
{
    walk(dataset_root(OPERATION_CO)->class, 2, 5, visit);
    walk(dataset_root(OPERATION_FEEDBACK)->class, 2, 9, visit);
}

static void visit_tags(const struct element *element, const struct element_class *class,
                       unsigned depth, size_t place)
{
    size_t at = (size_t)(element - class->members);
    ck_assert_uint_ge(element->tag, 1);
    ck_assert_uint_le(element->tag, ELEMENT_TAG_MAX);
    ck_assert(at == 0 || class->members[at - 1].tag < element->tag);
    ck_assert_uint_le(depth, ELEMENT_DEPTH_MAX);
    ck_assert_uint_lt(place, PLACE_MAX_BYTES);
}

START_TEST(tags_ascend_in_every_class_and_places_fit)
{
    walk_all(visit_tags);
}
END_TEST

static void visit_names(const struct element *element, const struct element_class *class,
                        unsigned depth, size_t place)
{
    (void)depth;
    (void)place;
    char label[ELEMENT_LABEL_BYTES];
    ck_assert_uint_eq(element->name_size, strlen(element->name));
    ck_assert_uint_lt(element->name_size, ELEMENT_NAME_BYTES);
    ck_assert(isupper((unsigned char)element->name[0]));
    ck_assert_ptr_eq(class_member(class, text_of(element->name), 0), element);
    ck_assert_ptr_eq(class_member(class, text_of(element->name), class->count), element);
    ck_assert_ptr_eq(class_tagged(class, element->tag, class->count - 1), element);
    ck_assert_ptr_nonnull(element->label);
    ck_assert_uint_lt(strlen(element_label(element, label)), ELEMENT_LABEL_BYTES - 1);
}

START_TEST(every_element_is_found_by_name_and_by_tag)
{
    walk_all(visit_names);
}
END_TEST

static void visit_shape(const struct element *element, const struct element_class *class,
                        unsigned depth, size_t place)
{
    (void)class;
    (void)depth;
    (void)place;
    const struct code_list *list = code_list(element->codes);
    ck_assert_uint_ge(element->max_occurs, 1);
    ck_assert_int_eq(element->type == ELEMENT_GROUP, element->class != NULL);
    ck_assert_int_eq(element->type == ELEMENT_CODE, element->codes != CODES_NONE);
    ck_assert(element->type == ELEMENT_GROUP || element->max_length > 0);
    ck_assert(element->allowed_in == 0 || (element->required_in & ~element->allowed_in) == 0);
    for (size_t i = 0; i < list->count; i++) {
        ck_assert_uint_le(strlen(list->codes[i].code), element->max_length);
        ck_assert(code_known(element->codes, text_of(list->codes[i].code)));
    }
}

START_TEST(every_element_has_what_its_type_needs)
{
    walk_all(visit_shape);
}
END_TEST

static void visit_oif(const struct element *element, const struct element_class *class,
                      unsigned depth, size_t place)
{
    (void)class;
    (void)depth;
    (void)place;
    static const char *const published[] = {"OIF.001",   "OIF.002", "OIF.003",   "OIF.003.a",
                                            "OIF.003.b", "OIF.004", "OIF.004.a", "OIF.004.b"};
    bool known = element->oif_id == NULL;
    for (size_t i = 0; i < sizeof published / sizeof *published && !known; i++) {
        known = strcmp(published[i], element->oif_id) == 0;
    }
    ck_assert(known);
    ck_assert(element->oif_id == NULL || element->evidence == EVIDENCE_FRAMEWORK);
}

START_TEST(only_published_ids_of_the_framework_are_used)
{
    walk_all(visit_oif);
}
END_TEST

#define ITEM "GoodsShipment/GovernmentAgencyGoodsItem"

static const struct {
    enum operation operation;
    const char *path;
    const char *label;
} known[] = {
    {OPERATION_CO, "IssueDateTime", "IssueDateTime (WCO D011, OIF.001)"},
    {OPERATION_CO, "TypeCode", "TypeCode (WCO D013, OIF.002)"},
    {OPERATION_CO, "Authentication", "Authentication (WCO 61B, OIF.003)"},
    {OPERATION_CO, "Authentication/Authentication", "Authentication (WCO 104, OIF.003.a)"},
    {OPERATION_CO, "Authentication/Authenticator", "Authenticator (WCO 12A, OIF.004)"},
    {OPERATION_CO, "Authentication/Authenticator/Name", "Name (WCO R007, OIF.004.a)"},
    {OPERATION_CO, "AdditionalInformation", "AdditionalInformation (WCO 03A, OIF.004.b)"},
    {OPERATION_CO, "AdditionalInformation/StatementCode", "StatementCode (WCO 226)"},
    {OPERATION_CO, "ID", "ID (WCO D014)"},
    {OPERATION_CO, "AgreementID", "AgreementID"},
    {OPERATION_CO, "PreviousDocument/ID", "ID (WCO D018)"},
    {OPERATION_AMENDMENT, "Amendment/ChangeReasonCode", "ChangeReasonCode (WCO 099)"},
    {OPERATION_AMENDMENT, "Amendment/Pointer/TagID", "TagID (WCO 381)"},
    {OPERATION_CO, "Exporter/Name", "Name (WCO R031)"},
    {OPERATION_CO, "Exporter/Address/CountryCode", "CountryCode (WCO 242)"},
    {OPERATION_CO, "GoodsShipment/Importer/ID", "ID (WCO R038)"},
    {OPERATION_CO, "GoodsShipment/Seller/Name", "Name (WCO R050)"},
    {OPERATION_CO, "GoodsShipment/Destination/CountryCode", "CountryCode (WCO 465)"},
    {OPERATION_CO, "GoodsShipment/Consignment/LoadingLocation/ID", "ID (WCO L010)"},
    {OPERATION_CO, "GoodsShipment/Consignment/Itinerary/RoutingCountryCode",
     "RoutingCountryCode (WCO 064)"},
    {OPERATION_CO, "GoodsShipment/Invoice/ID", "ID (WCO D016)"},
    {OPERATION_CO, ITEM "/SequenceNumeric", "SequenceNumeric (WCO 006)"},
    {OPERATION_CO, ITEM "/Commodity/Classification/ID", "ID (WCO 145)"},
    {OPERATION_CO, ITEM "/Commodity/GoodsMeasure/TariffQuantity", "TariffQuantity (WCO 130)"},
    {OPERATION_CO, ITEM "/Commodity/Producer/Name", "Name (WCO R034)"},
    {OPERATION_CO, ITEM "/Origin/RuleCode", "RuleCode (WCO 436)"},
    {OPERATION_CO, ITEM "/Packaging/MarksNumbersID", "MarksNumbersID (WCO 142)"},
    {OPERATION_FEEDBACK, "Status/NameCode", "NameCode (WCO 379)"},
    {OPERATION_FEEDBACK, "Declaration/RejectionDateTime", "RejectionDateTime (WCO 374)"},
    {OPERATION_FEEDBACK, "Error/ValidationCode", "ValidationCode (WCO 377)"},
    {OPERATION_FEEDBACK, ITEM "/AdditionalDocument/WriteOff/QuantityQuantity",
     "QuantityQuantity (WCO 502)"},
};

START_TEST(elements_of_the_framework_stand_at_their_paths_with_their_ids)
{
    char label[ELEMENT_LABEL_BYTES];
    const struct element *element = dataset_find(known[_i].operation, known[_i].path);
    ck_assert_msg(element != NULL, "%s is not in the dataset", known[_i].path);
    ck_assert_str_eq(element_label(element, label), known[_i].label);
}
END_TEST

START_TEST(a_path_that_is_not_there_finds_nothing)
{
    ck_assert_ptr_null(dataset_find(OPERATION_CO, "GoodsShipment/Nothing"));
    ck_assert_ptr_null(dataset_find(OPERATION_CO, "ID/ID"));
    ck_assert_ptr_null(dataset_find(OPERATION_VERDICT, "ID"));
    ck_assert_ptr_eq(dataset_find(OPERATION_CO, ""), dataset_root(OPERATION_CO));
}
END_TEST

START_TEST(a_shape_takes_its_codes_and_no_others)
{
    ck_assert(code_known(CODES_COUNTRY, TEXT("KR")));
    ck_assert(!code_known(CODES_COUNTRY, TEXT("kr")));
    ck_assert(!code_known(CODES_COUNTRY, TEXT("KOR")));
    ck_assert(!code_known(CODES_COUNTRY, TEXT("K")));
    ck_assert(!code_known(CODES_COUNTRY, TEXT("")));
    ck_assert(code_known(CODES_SUBDIVISION, TEXT("KR-26")));
    ck_assert(!code_known(CODES_SUBDIVISION, TEXT("KR-")));
    ck_assert(!code_known(CODES_SUBDIVISION, TEXT("KR")));
    ck_assert(code_known(CODES_HS, TEXT("401110")));
    ck_assert(code_known(CODES_HS, TEXT("401110123456789012")));
    ck_assert(!code_known(CODES_HS, TEXT("4011101234567890123")));
    ck_assert(!code_known(CODES_HS, TEXT("4011.10")));
    ck_assert(code_known(CODES_CRITERION, TEXT("RVC45%+CTSH")));
}
END_TEST

START_TEST(a_list_takes_its_codes_and_no_others)
{
    ck_assert(code_known(CODES_DOCUMENT, TEXT("861")));
    ck_assert(!code_known(CODES_DOCUMENT, TEXT("86")));
    ck_assert(!code_known(CODES_DOCUMENT, TEXT("8611")));
    ck_assert(!code_known(CODES_DOCUMENT, ((struct text){"861\0", 4})));
    ck_assert_str_eq(code_label(CODES_DOCUMENT, TEXT("861")), "certificate of origin");
    ck_assert_ptr_null(code_label(CODES_DOCUMENT, TEXT("0")));
    ck_assert_str_eq(code_list(CODES_DOCUMENT)->source, "UN/EDIFACT 1001");
}
END_TEST

START_TEST(the_nearest_code_and_name_are_found)
{
    ck_assert_str_eq(code_nearest(CODES_AMENDMENT_REASON, TEXT("CRO")), "COR");
    ck_assert_ptr_null(code_nearest(CODES_AMENDMENT_REASON, TEXT("XYZ")));
    ck_assert_ptr_null(code_nearest(CODES_COUNTRY, TEXT("ZZZ")));
    ck_assert_str_eq(class_nearest(dataset_root(OPERATION_CO)->class, TEXT("IsueDateTime")),
                     "IssueDateTime");
    ck_assert_str_eq(class_nearest(dataset_root(OPERATION_CO)->class, TEXT("goodsshipment")),
                     "GoodsShipment");
    ck_assert_ptr_null(class_nearest(dataset_root(OPERATION_CO)->class, TEXT("Colour")));
}
END_TEST

START_TEST(a_name_without_end_is_near_to_nothing)
{
    char endless[4096];
    memset(endless, 'x', sizeof endless);
    struct nearest nearest = nearest_to((struct text){endless, sizeof endless});
    nearest_offer(&nearest, "IssueDateTime");
    ck_assert_ptr_null(nearest_found(&nearest));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("dataset");
    TCase *tests = tcase_create("table");
    tcase_add_test(tests, tags_ascend_in_every_class_and_places_fit);
    tcase_add_test(tests, every_element_is_found_by_name_and_by_tag);
    tcase_add_test(tests, every_element_has_what_its_type_needs);
    tcase_add_test(tests, only_published_ids_of_the_framework_are_used);
    tcase_add_loop_test(tests, elements_of_the_framework_stand_at_their_paths_with_their_ids, 0,
                        sizeof known / sizeof *known);
    tcase_add_test(tests, a_path_that_is_not_there_finds_nothing);
    tcase_add_test(tests, a_shape_takes_its_codes_and_no_others);
    tcase_add_test(tests, a_list_takes_its_codes_and_no_others);
    tcase_add_test(tests, the_nearest_code_and_name_are_found);
    tcase_add_test(tests, a_name_without_end_is_near_to_nothing);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
