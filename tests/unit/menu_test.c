/* Tests of menus: their text, what follows from their lines, and certificates judged by them. */
#include "proto/check.h"
#include "proto/json.h"
#include "proto/menu.h"
#include "tests/unit/suite.h"

#include <stdio.h>

#define HEAD                                                                                       \
    "menu TEST 1\n"                                                                                \
    "title Test agreement\n"                                                                       \
    "valid from 2026-01-01 until 2026-12-31\n"
#define ITEM "/LPCO/GoodsShipment/GovernmentAgencyGoodsItem"

static struct findings findings;

static struct menu *menu_of(const char *text)
{
    struct menu *menu = NULL;
    assert_ok(menu_read(text_of(text), "test.menu", &arena, &menu, &error));
    return menu;
}

/* A menu that ships, by its file. */
static struct menu *shipped(const char *file)
{
    for (size_t i = 0; i < menu_text_count; i++) {
        if (strcmp(menu_texts[i].file, file) == 0) {
            return menu_of(menu_texts[i].text);
        }
    }
    ck_abort_msg("%s does not ship", file);
}

static struct record *sample(const char *file)
{
    char path[128];
    static char json[1 << 18];
    struct record *record = NULL;
    (void)snprintf(path, sizeof path, "tests/samples/%s", file);
    FILE *stream = fopen(path, "re");
    ck_assert_msg(stream != NULL, "%s", path);
    size_t size = fread(json, 1, sizeof json, stream);
    (void)fclose(stream);
    struct text kept = arena_text(&arena, (struct text){json, size});
    findings = (struct findings){.arena = &arena};
    assert_ok(json_read(text_bytes(kept), OPERATION_CO, &arena, &findings, &record, &error));
    check_record(record, &findings);
    assert_ok(findings_error(&findings, &error));
    return record;
}

/* The node at a path of the record, to be changed. */
static struct node *node_at(struct record *record, const char *path)
{
    struct node *node = (struct node *)(uintptr_t)record_find(record, path);
    ck_assert_msg(node != NULL, "%s", path);
    return node;
}

static void take_out(struct record *record, const char *path)
{
    struct node *node = node_at(record, path);
    struct node *group = node->parent;
    struct node **link = &group->first;
    while (*link != node) {
        link = &(*link)->next;
    }
    *link = node->next;
}

static void judge(const struct menu *menu, const struct record *record)
{
    findings = (struct findings){.arena = &arena};
    menu_check(menu, NULL, record, &findings);
}

/* That it was found at that place, with those words, by one finding of that code. */
static void assert_found(enum severity severity, const char *code, const char *place,
                         const char *words)
{
    for (const struct finding *at = findings.first; at != NULL; at = at->next) {
        if (strcmp(at->code, code) == 0 && text_equal(at->place, text_of(place))) {
            ck_assert_int_eq(at->severity, severity);
            ck_assert_msg(strstr(at->detail.data, words) != NULL, "'%s' is not in: %s", words,
                          at->detail.data);
            return;
        }
    }
    ck_abort_msg("no %s at %s; %zu findings, the first %s: %s", code, place, findings.count,
                 findings.first == NULL ? "-" : findings.first->code,
                 findings.first == NULL ? "-" : findings.first->detail.data);
}

static void assert_nothing_found(void)
{
    ck_assert_msg(findings.count == 0, "%s: %s", findings.first->code, findings.first->detail.data);
}

START_TEST(every_menu_that_ships_is_read)
{
    ck_assert_uint_ge(menu_text_count, 8);
    for (size_t i = 0; i < menu_text_count; i++) {
        const struct menu *menu = menu_of(menu_texts[i].text);
        ck_assert_uint_ge(menu->version, 1);
        ck_assert_uint_gt(menu->line_count, 0);
    }
}
END_TEST

static const struct {
    const char *menu;
    const char *sample;
} pairs[] = {
    {"akfta.menu", "kr-id-co.json"},
    {"akfta.menu", "id-kr-co.json"},
    {"gsp.menu", "uy-kr-co.json"},
    {"example-3.menu", "kr-id-co.json"},
};

START_TEST(a_menu_takes_the_sample_of_its_agreement)
{
    const struct record *record = sample(pairs[_i].sample);
    judge(shipped(pairs[_i].menu), record);
    assert_ok(findings_error(&findings, &error));
    if (_i < 3) {
        assert_nothing_found();
    }
}
END_TEST

START_TEST(what_is_mandatory_and_missing_is_refused_by_the_name_of_the_agreement)
{
    struct record *record = sample("kr-id-co.json");
    take_out(record, "GoodsShipment/Consignee");
    take_out(record, "GoodsShipment/GovernmentAgencyGoodsItem/Packaging/MarksNumbersID");
    judge(shipped("akfta.menu"), record);
    assert_found(SEVERITY_REFUSAL, "missing", "/LPCO/GoodsShipment/Consignee", "AKFTA, version 1");
    assert_found(SEVERITY_REFUSAL, "missing", ITEM "/0/Packaging/0/MarksNumbersID",
                 "Form AK, box 6");
    ck_assert_uint_eq(findings.count, 2);
}
END_TEST

START_TEST(what_is_not_used_and_there_is_a_warning_once_for_each_element)
{
    judge(menu_of(HEAD "not used Item/Packaging/MarksNumbersID (ours)\n"
                       "not used GoodsShipment/Seller (ours)\n"),
          sample("kr-id-co.json"));
    assert_found(SEVERITY_WARNING, "not-used", ITEM "/0/Packaging/0/MarksNumbersID", "as it is");
    assert_found(SEVERITY_WARNING, "not-used", "/LPCO/GoodsShipment/Seller", "TEST, version 1");
    ck_assert_uint_eq(findings.count, 2);
    ck_assert_uint_eq(findings.refusals, 0);
}
END_TEST

START_TEST(a_mandatory_element_in_an_optional_group_is_missing_only_when_the_group_is_there)
{
    const struct menu *menu = menu_of(HEAD "optional GoodsShipment/Seller (ours)\n"
                                           "mandatory GoodsShipment/Seller/Contact (ours)\n");
    struct record *record = sample("kr-id-co.json");
    judge(menu, record);
    assert_found(SEVERITY_REFUSAL, "missing", "/LPCO/GoodsShipment/Seller/Contact", "mandatory");
    take_out(record, "GoodsShipment/Seller");
    judge(menu, record);
    assert_nothing_found();
}
END_TEST

START_TEST(a_mandatory_element_makes_the_groups_around_it_mandatory)
{
    struct record *record = sample("kr-id-co.json");
    take_out(record, "GoodsShipment/Seller");
    judge(menu_of(HEAD "mandatory GoodsShipment/Seller/Name (ours)\n"), record);
    assert_found(SEVERITY_REFUSAL, "missing", "/LPCO/GoodsShipment/Seller", "mandatory");
}
END_TEST

START_TEST(others_not_used_leaves_what_is_named_and_what_every_certificate_has)
{
    const struct menu *menu = menu_of(HEAD "others not used (ours)\n"
                                           "mandatory Exporter (ours)\n"
                                           "optional GoodsShipment/Consignee/Name (ours)\n");
    struct {
        const char *path;
        enum menu_use use;
    } uses[] = {
        {"Exporter", USE_MANDATORY},
        {"Exporter/Address/CityName", USE_OPTIONAL},
        {"GoodsShipment", USE_MANDATORY},
        {"GoodsShipment/Consignee", USE_OPTIONAL},
        {"GoodsShipment/Consignee/Name", USE_OPTIONAL},
        {"GoodsShipment/Consignee/Address", USE_NOT_USED},
        {"GoodsShipment/Destination/CountryCode", USE_MANDATORY},
        {"GoodsShipment/Buyer/Name", USE_NOT_USED},
        {"BorderTransportMeans", USE_NOT_USED},
        {"ID", USE_MANDATORY},
        {"Submitter/Contact/Name", USE_NOT_USED},
    };
    for (size_t i = 0; i < SUITE_COUNT(uses); i++) {
        struct menu_path path;
        ck_assert(menu_path_read(text_of(uses[i].path), &path));
        ck_assert_msg(menu_use_of(menu, &path, NULL) == uses[i].use, "%s is %s", uses[i].path,
                      menu_use_text(menu_use_of(menu, &path, NULL)));
    }
}
END_TEST

START_TEST(a_criterion_of_another_agreement_is_refused_with_those_of_this_one)
{
    struct record *record = sample("kr-id-co.json");
    node_at(record, "GoodsShipment/GovernmentAgencyGoodsItem/Origin/RuleCode")->value = TEXT("PSR");
    judge(shipped("akfta.menu"), record);
    assert_found(SEVERITY_REFUSAL, "not-in-menu", ITEM "/0/Origin/RuleCode/0", "WO-AK");
    node_at(record, "GoodsShipment/GovernmentAgencyGoodsItem/Origin/RuleCode")->value =
        TEXT("CTHH");
    judge(shipped("akfta.menu"), record);
    assert_found(SEVERITY_REFUSAL, "not-in-menu", ITEM "/0/Origin/RuleCode/0", "did you mean CTH?");
    node_at(record, "GoodsShipment/GovernmentAgencyGoodsItem/Origin/RuleCode")->value =
        TEXT("RVC40%");
    judge(shipped("akfta.menu"), record);
    assert_nothing_found();
}
END_TEST

START_TEST(limits_of_times_characters_and_codes_are_kept)
{
    judge(menu_of(HEAD "optional Item, at most 2 times (ours)\n"
                       "optional Exporter/Name, at most 10 characters (ours)\n"
                       "optional GoodsShipment/TradeTerms/ConditionCode, codes CIF EXW (ours)\n"),
          sample("kr-id-co.json"));
    assert_found(SEVERITY_REFUSAL, "too-many", ITEM "/2", "more than 2 times");
    assert_found(SEVERITY_REFUSAL, "too-long", "/LPCO/Exporter/Name", "accepts 10");
    assert_found(SEVERITY_REFUSAL, "not-in-menu", "/LPCO/GoodsShipment/TradeTerms/ConditionCode",
                 "CIF, EXW");
    ck_assert_uint_eq(findings.count, 3);
}
END_TEST

START_TEST(a_flag_makes_the_seller_mandatory)
{
    struct record *record = sample("kr-id-co.json");
    take_out(record, "GoodsShipment/Seller");
    judge(shipped("akfta.menu"), record);
    assert_found(SEVERITY_REFUSAL, "missing", "/LPCO/GoodsShipment/Seller", "flag TCI");
    take_out(record, "AdditionalInformation");
    judge(shipped("akfta.menu"), record);
    assert_nothing_found();
}
END_TEST

START_TEST(a_condition_holds_in_each_goods_item_by_itself)
{
    const struct menu *menu =
        menu_of(HEAD "if Item/Origin/RuleCode is RVC or WO then mandatory "
                     "Item/Origin/RegionalValueContentPercent (ours)\n"
                     "if Item/Commodity/Producer then not used Item/Packaging (ours)\n");
    struct record *record = sample("kr-id-co.json");
    judge(menu, record);
    assert_found(SEVERITY_WARNING, "not-used", ITEM "/1/Packaging", "Item/Commodity/Producer");
    ck_assert_uint_eq(findings.refusals, 0); /* items 3 and 4 have RVC and its percentage */
    node_at(record, "GoodsShipment/GovernmentAgencyGoodsItem/Origin/RuleCode")->value = TEXT("WO");
    judge(menu, record);
    assert_found(SEVERITY_REFUSAL, "missing", ITEM "/0/Origin/RegionalValueContentPercent",
                 "RuleCode is RVC or WO");
    ck_assert_uint_eq(findings.refusals, 1);
}
END_TEST

START_TEST(a_menu_is_good_for_certificates_of_its_days)
{
    const struct menu *menu = menu_of(HEAD "validity 12 months (ours)\n");
    struct record *record = sample("kr-id-co.json");
    judge(menu, record);
    assert_nothing_found();
    node_at(record, "IssueDateTime")->value = TEXT("20270105093000+0900");
    judge(menu, record);
    assert_found(SEVERITY_REFUSAL, "menu-not-valid-then", "/LPCO/IssueDateTime",
                 "until 2026-12-31");
    node_at(record, "IssueDateTime")->value = TEXT("20251231093000+0900");
    judge(menu, record);
    assert_found(SEVERITY_REFUSAL, "menu-not-valid-then", "/LPCO/IssueDateTime", "from 2026-01-01");
    assert_found(SEVERITY_REFUSAL, "validity-too-long", "/LPCO/ValidityEndDateTime",
                 "later than 2026-12-31");
}
END_TEST

START_TEST(an_amendment_need_not_be_complete)
{
    struct record *record = record_new(OPERATION_AMENDMENT, &arena);
    struct node *shipment =
        record_add(record, &record->root, dataset_find(OPERATION_AMENDMENT, "GoodsShipment"));
    struct node *terms =
        record_add(record, shipment, dataset_find(OPERATION_AMENDMENT, "GoodsShipment/TradeTerms"));
    struct node *code = record_add(
        record, terms, dataset_find(OPERATION_AMENDMENT, "GoodsShipment/TradeTerms/ConditionCode"));
    code->value = TEXT("FOB");
    judge(menu_of(HEAD "mandatory Exporter (ours)\n"
                       "not used GoodsShipment/TradeTerms (ours)\n"),
          record);
    ck_assert_uint_eq(findings.refusals, 0);
    assert_found(SEVERITY_WARNING, "not-used", "/LPCO/GoodsShipment/TradeTerms", "TEST");
}
END_TEST

START_TEST(an_amendment_follows_the_regime_of_its_agreement)
{
    static const struct {
        const char *line;
        const char *function;
        bool refused;
    } cases[] = {
        {"correction replace (ours)\n", "4", true},  {"correction replace (ours)\n", "5", false},
        {"correction replace (ours)\n", "1", false}, {"correction amend (ours)\n", "5", true},
        {"correction amend (ours)\n", "4", false},   {"correction both (ours)\n", "4", false},
        {"correction both (ours)\n", "5", false},    {"", "4", false},
    };
    for (size_t i = 0; i < SUITE_COUNT(cases); i++) {
        char text[256];
        struct record *record = record_new(OPERATION_AMENDMENT, &arena);
        struct node *function =
            record_add(record, &record->root, dataset_find(OPERATION_AMENDMENT, "FunctionCode"));
        function->value = text_of(cases[i].function);
        (void)snprintf(text, sizeof text, HEAD "%s", cases[i].line);
        judge(menu_of(text), record);
        if (cases[i].refused) {
            assert_found(SEVERITY_REFUSAL, "other-regime", "/LPCO/FunctionCode", "TEST");
        } else {
            assert_nothing_found();
        }
    }
}
END_TEST

START_TEST(a_proposal_keeps_what_a_data_maintenance_request_says)
{
    const struct menu *menu = menu_of(
        HEAD "proposed Item/HealthID called \"Health certificate\" means \"its number (if any)\" "
             "because \"both parties ask for it\" wco D999 (TCRO)\n");
    ck_assert_uint_eq(menu->proposal_count, 1);
    const struct menu_proposal *proposal = &menu->proposals[0];
    ck_assert(text_equal(proposal->path, TEXT("GoodsShipment/GovernmentAgencyGoodsItem/HealthID")));
    ck_assert(text_equal(proposal->name, TEXT("Health certificate")));
    ck_assert(text_equal(proposal->definition, TEXT("its number (if any)")));
    ck_assert(text_equal(proposal->wco_id, TEXT("D999")));
    ck_assert(text_equal(proposal->source, TEXT("TCRO")));
}
END_TEST

static const struct {
    const char *text;
    const char *words;
} wrong[] = {
    {"", "`menu` is missing"},
    {"menu TEST 1\nvalid from 2026-01-01\n", "`title` is missing"},
    {"title x\n", "test.menu:1: a menu begins with its code"},
    {"menu test 1\n", "'test' is no code of an agreement"},
    {"menu TEST 0\n", "from 1 to"},
    {"menu TEST 1 2\n", "too much on this line"},
    {"menu TEST 1\nmenu TEST 1\n", "test.menu:2: `menu` stands twice"},
    {"menu TEST 1\nvalid from 2026-02-30\n", "'2026-02-30' is no day"},
    {"menu TEST 1\nvalid from 2026-02-01 until 2026-01-01\n", "before the first"},
    {"menu TEST 1\nvalid 2026-02-01\n", "valid from"},
    {HEAD "mandatry Exporter (ours)\n", "did you mean mandatory?"},
    {HEAD "mandatory Exporter\n", "the source is missing"},
    {HEAD "mandatory Exporter ()\n", "the source is missing"},
    {HEAD "mandatory (ours)\n", "the path of an element is due"},
    {HEAD "mandatory Exporter/Nmae (ours)\n", "did you mean Name?"},
    {HEAD "mandatory Exporter/Name/x (ours)\n", "nothing stands in Name"},
    {HEAD "mandatory Exporter/ (ours)\n", "'' is no element of Exporter"},
    {HEAD "mandatory Exporter (ours)\noptional Exporter (ours)\n", "on line 4 already"},
    {HEAD "not used ID (ours)\n", "every certificate must have ID"},
    {HEAD "not Exporter (ours)\n", "`used` is due"},
    {HEAD "optional Exporter/Name, at most 501 characters (ours)\n", "can only narrow"},
    {HEAD "optional Exporter/Name, at most 2 times (ours)\n", "can only narrow"},
    {HEAD "optional Exporter, at most 5 characters (ours)\n", "is no text"},
    {HEAD "optional Exporter/Name, at least 5 characters (ours)\n", "at most N"},
    {HEAD "optional Exporter/Name, some (ours)\n", "behind a comma"},
    {HEAD "optional Exporter/Name, list iso-3166-1 (ours)\n", "is not coded"},
    {HEAD "optional TypeCode, list iso-3166 (ours)\n", "did you mean iso-3166-1?"},
    {HEAD "optional TypeCode, codes (ours)\n", "one code at least"},
    {HEAD "not used Exporter, at most 1 times (ours)\n", "has no limits"},
    {HEAD "correction never (ours)\n", "replace"},
    {HEAD "validity 12 days (ours)\n", "in months"},
    {HEAD "others mandatory (ours)\n", "others not used"},
    {HEAD "if flag TCX then mandatory Exporter (ours)\n", "is no flag"},
    {HEAD "if flag TCI mandatory Exporter (ours)\n", "`then` is missing"},
    {HEAD "if Exporter is X then mandatory Agent (ours)\n", "is a group"},
    {HEAD "if Exporter/Nme then mandatory Agent (ours)\n", "did you mean Name?"},
    {HEAD "if Exporter then optional Agent (ours)\n", "`mandatory` or `not used`"},
    {HEAD "proposed Exporter called \"x\" means \"y\" because \"z\" (ours)\n", "in the dataset"},
    {HEAD "proposed New means \"y\" because \"z\" (ours)\n", "`called"},
    {HEAD "proposed New called x means \"y\" because \"z\" (ours)\n", "quotation marks"},
    {HEAD "optional\tExporter (ours)\n", "U+0009"},
};

START_TEST(a_menu_that_is_wrong_is_refused_by_file_and_line)
{
    struct menu *menu = NULL;
    assert_fails(menu_read(text_of(wrong[_i].text), "test.menu", &arena, &menu, &error),
                 RESULT_INVALID, wrong[_i].words);
    ck_assert_ptr_null(menu);
}
END_TEST

START_TEST(a_menu_of_too_many_lines_is_refused)
{
    struct menu *menu = NULL;
    struct buffer text = {0};
    buffer_text(&text, HEAD);
    for (size_t i = 0; i < MENU_LINES_MAX; i++) {
        buffer_text(&text, "#\n");
    }
    assert_fails(menu_read(buffer_view(&text), "test.menu", &arena, &menu, &error),
                 RESULT_TOO_LARGE, "lines");
    buffer_free(&text);
}
END_TEST

static int run_loops(void)
{
    Suite *suite = suite_create("menus, by rows");
    TCase *group = tcase_create("menus, by rows");
    tcase_add_checked_fixture(group, NULL, suite_end);
    tcase_add_loop_test(group, a_menu_takes_the_sample_of_its_agreement, 0, SUITE_COUNT(pairs));
    tcase_add_loop_test(group, a_menu_that_is_wrong_is_refused_by_file_and_line, 0,
                        SUITE_COUNT(wrong));
    suite_add_tcase(suite, group);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed;
}

int main(void)
{
    const TTest *const tests[] = {
        every_menu_that_ships_is_read,
        what_is_mandatory_and_missing_is_refused_by_the_name_of_the_agreement,
        what_is_not_used_and_there_is_a_warning_once_for_each_element,
        a_mandatory_element_in_an_optional_group_is_missing_only_when_the_group_is_there,
        a_mandatory_element_makes_the_groups_around_it_mandatory,
        others_not_used_leaves_what_is_named_and_what_every_certificate_has,
        a_criterion_of_another_agreement_is_refused_with_those_of_this_one,
        limits_of_times_characters_and_codes_are_kept,
        a_flag_makes_the_seller_mandatory,
        a_condition_holds_in_each_goods_item_by_itself,
        a_menu_is_good_for_certificates_of_its_days,
        an_amendment_need_not_be_complete,
        an_amendment_follows_the_regime_of_its_agreement,
        a_proposal_keeps_what_a_data_maintenance_request_says,
        a_menu_of_too_many_lines_is_refused,
    };
    int failed = suite_run("menu", tests, SUITE_COUNT(tests), NULL);
    return failed != 0 || run_loops() != 0;
}
