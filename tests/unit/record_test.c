/* Tests of records: order, places, look-up and differences. */
#include "proto/record.h"

#include "tests/unit/random_record.h"

#include <check.h>
#include <stdlib.h>

static struct arena arena;

static void teardown(void)
{
    arena_free(&arena);
}

static struct node *add(struct record *record, struct node *group, const char *name)
{
    const struct element *element = class_member(group->element->class, text_of(name), 0);
    ck_assert_msg(element != NULL, "%s is not in the table", name);
    return record_add(record, group, element);
}

static struct node *add_text(struct record *record, struct node *group, const char *name,
                             const char *value)
{
    struct node *node = add(record, group, name);
    node->value = text_of(value);
    return node;
}

START_TEST(children_stand_in_the_order_of_the_table_however_they_came)
{
    struct record *record = record_new(OPERATION_CO, &arena);
    add_text(record, &record->root, "AgreementID", "AKFTA");
    add_text(record, &record->root, "ID", "1");
    add_text(record, &record->root, "FunctionCode", "9");
    add_text(record, &record->root, "IssuingCountryCode", "KR");
    const char *const wanted[] = {"FunctionCode", "ID", "IssuingCountryCode", "AgreementID"};
    const struct node *node = record->root.first;
    for (size_t i = 0; i < 4; i++, node = node->next) {
        ck_assert_str_eq(node->element->name, wanted[i]);
    }
    ck_assert_ptr_null(node);
    ck_assert_str_eq(record->root.last->element->name, "AgreementID");
}
END_TEST

START_TEST(occurrences_are_numbered_even_when_put_in_between)
{
    struct record *record = record_new(OPERATION_CO, &arena);
    add(record, &record->root, "GoodsShipment");
    struct node *first = add(record, &record->root, "Amendment");
    struct node *second = record_add_behind(record, first);
    struct node *third = add(record, &record->root, "Amendment");
    ck_assert_uint_eq(first->index, 0);
    ck_assert_uint_eq(second->index, 1);
    ck_assert_uint_eq(third->index, 2);
    ck_assert_ptr_eq(third->next, record->root.last);
    ck_assert_ptr_eq(record_add_behind(record, third)->next, record->root.last);
}
END_TEST

START_TEST(another_occurrence_at_the_end_becomes_the_last)
{
    struct record *record = record_new(OPERATION_CO, &arena);
    struct node *first = add(record, &record->root, "Amendment");
    struct node *second = record_add_behind(record, first);
    ck_assert_ptr_eq(record->root.last, second);
    add(record, &record->root, "GoodsShipment");
    ck_assert_ptr_eq(second->next, record->root.last);
}
END_TEST

START_TEST(a_place_is_a_pointer_with_numbers_where_several_may_stand)
{
    char place[PLACE_MAX_BYTES];
    struct record *record = record_new(OPERATION_CO, &arena);
    struct node *shipment = add(record, &record->root, "GoodsShipment");
    add(record, shipment, "GovernmentAgencyGoodsItem");
    struct node *item = add(record, shipment, "GovernmentAgencyGoodsItem");
    struct node *commodity = add(record, item, "Commodity");
    struct node *text = add_text(record, commodity, "Description", "tyres");
    ck_assert(
        text_equal(node_place(text, place),
                   TEXT("/LPCO/GoodsShipment/GovernmentAgencyGoodsItem/1/Commodity/Description")));
    ck_assert(text_equal(node_place(&record->root, place), TEXT("/LPCO")));
    ck_assert(
        text_equal(element_place(&record->root, record->root.element->class->members, 0, place),
                   TEXT("/LPCO/FunctionCode")));
}
END_TEST

START_TEST(a_path_finds_the_first_node_and_its_text)
{
    struct record *record = record_new(OPERATION_CO, &arena);
    struct node *shipment = add(record, &record->root, "GoodsShipment");
    struct node *destination = add(record, shipment, "Destination");
    struct node *country = add_text(record, destination, "CountryCode", "ID");
    ck_assert_ptr_eq(record_find(record, "GoodsShipment/Destination/CountryCode"), country);
    ck_assert(text_equal(record_text(record, "GoodsShipment/Destination/CountryCode"), TEXT("ID")));
    ck_assert_uint_eq(record_text(record, "GoodsShipment/Destination").size, 0);
    ck_assert_uint_eq(record_text(record, "GoodsShipment/Nowhere").size, 0);
    ck_assert_ptr_null(record_find(record, "GoodsShipment/Destination/CountryCode/More"));
    ck_assert_ptr_eq(node_child(&record->root, "GoodsShipment"), shipment);
    ck_assert_ptr_null(node_child(country, "GoodsShipment"));
}
END_TEST

START_TEST(an_operation_without_a_document_has_no_record)
{
    ck_assert_ptr_null(record_new(OPERATION_VERDICT, &arena));
    ck_assert_ptr_null(record_new(OPERATION_NONE, &arena));
}
END_TEST

START_TEST(a_record_does_not_differ_from_its_twin)
{
    struct record *record = random_record(OPERATION_CO, (uint64_t)_i, &arena);
    struct record *twin = random_record(OPERATION_CO, (uint64_t)_i, &arena);
    ck_assert_uint_eq(record_diff(record, twin, &arena, NULL, 0), 0);
}
END_TEST

START_TEST(differences_have_place_and_both_values)
{
    struct difference found[4];
    struct record *before = record_new(OPERATION_CO, &arena);
    struct record *after = record_new(OPERATION_CO, &arena);
    add_text(before, &before->root, "ID", "KR-1");
    add_text(after, &after->root, "ID", "KR-2");
    add_text(before, &before->root, "TotalGrossMassMeasure", "10")->attribute = TEXT("KGM");
    add_text(after, &after->root, "TotalGrossMassMeasure", "10")->attribute = TEXT("TNE");
    add(before, &before->root, "Exporter");
    add(after, &after->root, "Amendment");
    ck_assert_uint_eq(record_diff(before, after, &arena, found, 4), 4);
    ck_assert(text_equal(found[0].place, TEXT("/LPCO/ID")));
    ck_assert(text_equal(found[0].before, TEXT("KR-1")));
    ck_assert(text_equal(found[0].after, TEXT("KR-2")));
    ck_assert(text_equal(found[1].before, TEXT("10 KGM")));
    ck_assert(text_equal(found[1].after, TEXT("10 TNE")));
    ck_assert(text_equal(found[2].place, TEXT("/LPCO/Amendment/0")));
    ck_assert(text_equal(found[3].place, TEXT("/LPCO/Exporter")));
    ck_assert_str_eq(found[3].element->name, "Exporter");
}
END_TEST

START_TEST(more_differences_than_there_is_room_for_are_counted)
{
    struct difference found[1];
    struct record *before = random_record(OPERATION_CO, 1, &arena);
    struct record *after = random_record(OPERATION_CO, 2, &arena);
    ck_assert_uint_gt(record_diff(before, after, &arena, found, 1), 1);
    ck_assert_uint_gt(found[0].place.size, 0);
    struct record *other = random_record(OPERATION_FEEDBACK, 2, &arena);
    ck_assert_uint_eq(record_diff(before, other, &arena, found, 1), 1);
}
END_TEST

START_TEST(an_arena_that_is_full_gives_no_record_and_no_node)
{
    struct arena small = {.limit = 40 << 10};
    struct record *record = record_new(OPERATION_CO, &small);
    struct node *node = &record->root;
    while (node != NULL) {
        node = add(record, &record->root, "Amendment");
    }
    ck_assert_ptr_null(record_add_behind(record, record->root.first));
    ck_assert_uint_gt(record->root.last->index, 100);
    arena_free(&small);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("record");
    TCase *tests = tcase_create("tree");
    tcase_add_checked_fixture(tests, NULL, teardown);
    tcase_add_test(tests, children_stand_in_the_order_of_the_table_however_they_came);
    tcase_add_test(tests, occurrences_are_numbered_even_when_put_in_between);
    tcase_add_test(tests, another_occurrence_at_the_end_becomes_the_last);
    tcase_add_test(tests, a_place_is_a_pointer_with_numbers_where_several_may_stand);
    tcase_add_test(tests, a_path_finds_the_first_node_and_its_text);
    tcase_add_test(tests, an_operation_without_a_document_has_no_record);
    tcase_add_loop_test(tests, a_record_does_not_differ_from_its_twin, 0, 20);
    tcase_add_test(tests, differences_have_place_and_both_values);
    tcase_add_test(tests, more_differences_than_there_is_room_for_are_counted);
    tcase_add_test(tests, an_arena_that_is_full_gives_no_record_and_no_node);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
