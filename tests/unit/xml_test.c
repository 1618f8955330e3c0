/* Tests of the dataset in XML: what is read, what is refused and where, and that every record comes
 * back the same, by way of JSON and msgpack too. */
#include "proto/xml.h"

#include "proto/check.h"
#include "proto/json.h"
#include "proto/message.h"
#include "proto/pack.h"
#include "tests/unit/random_record.h"
#include "tests/unit/suite.h"

static struct findings findings;
static struct record *record;

static void setup(void)
{
    findings = (struct findings){.arena = &arena};
    error = (struct error){0};
    record = NULL;
}

#define HEADINGS                                                                                   \
    "<WCODataModelVersionCode>4</WCODataModelVersionCode>"                                         \
    "<ResponsibleAgencyName>comesh</ResponsibleAgencyName>"                                        \
    "<AgencyAssignedCustomizationCode>comesh-co</AgencyAssignedCustomizationCode>"                 \
    "<AgencyAssignedCustomizationVersionCode>1</AgencyAssignedCustomizationVersionCode>"
#define OPENED       "<MetaData xmlns=\"" XML_NAMESPACE "\">" HEADINGS
#define LPCO(inside) OPENED "<LPCO>" inside "</LPCO></MetaData>"

static enum result read_bytes(struct bytes xml, enum operation operation)
{
    return xml_read(xml, operation, &arena, &findings, &record, &error);
}

static enum result read_co(const char *xml)
{
    return read_bytes(text_bytes(text_of(xml)), OPERATION_CO);
}

static const struct finding *found(const char *code)
{
    const struct finding *finding = findings.first;
    while (finding != NULL && strcmp(finding->code, code) != 0) {
        finding = finding->next;
    }
    return finding;
}

static bool says(const struct finding *finding, const char *words)
{
    return memmem(finding->detail.data, finding->detail.size, words, strlen(words)) != NULL;
}

static const enum operation operations[] = {OPERATION_CO, OPERATION_AMENDMENT,
                                            OPERATION_CANCELATION_STATUS, OPERATION_FEEDBACK};

START_TEST(every_record_comes_back_the_same)
{
    struct buffer first = {0};
    struct buffer second = {0};
    enum operation operation = operations[_i % 4];
    struct record *made = random_record(operation, (uint64_t)_i, &arena);
    for (int pretty = 0; pretty < 2; pretty++) {
        buffer_clear(&first);
        buffer_clear(&second);
        xml_write(made, pretty == 1, &first);
        assert_ok(read_bytes(buffer_bytes(&first), operation));
        ck_assert_uint_eq(record_diff(made, record, &arena, NULL, 0), 0);
        xml_write(record, pretty == 1, &second);
        ck_assert(bytes_equal(buffer_bytes(&first), buffer_bytes(&second)));
    }
    check_record(record, &findings);
    assert_ok(findings_error(&findings, &error));
    buffer_free(&first);
    buffer_free(&second);
}
END_TEST

/* JSON to XML to msgpack to JSON. */
START_TEST(all_three_encodings_say_the_same)
{
    struct buffer before = {0};
    struct buffer xml = {0};
    struct buffer packed = {0};
    struct buffer after = {0};
    enum operation operation = operations[_i % 4];
    struct record *made = random_record(operation, (uint64_t)_i + 5000, &arena);
    json_write(made, false, &before);
    assert_ok(json_read(buffer_bytes(&before), operation, &arena, &findings, &record, &error));
    xml_write(record, false, &xml);
    assert_ok(read_bytes(buffer_bytes(&xml), operation));
    assert_ok(pack_write(record, &packed, &error));
    assert_ok(pack_read(buffer_bytes(&packed), operation, &arena, &findings, &record, &error));
    json_write(record, false, &after);
    ck_assert(bytes_equal(buffer_bytes(&before), buffer_bytes(&after)));
    buffer_free(&before);
    buffer_free(&xml);
    buffer_free(&packed);
    buffer_free(&after);
}
END_TEST

static const struct {
    const char *xml;
    const char *code;
    const char *place;
    const char *detail; /* a part of it */
} refused[] = {
    {LPCO("<Colour>red</Colour>"), "unknown-element", "/MetaData/LPCO/Colour", "not known here"},
    {LPCO("<IssueDateTim/>"), "unknown-element", "/MetaData/LPCO/IssueDateTim",
     "did you mean IssueDateTime?"},
    {LPCO("<ID>1</ID><ID>2</ID>"), "duplicate-name", "/MetaData/LPCO/ID", "write it once"},
    {LPCO("<ID>1</ID><TypeCode>861</TypeCode>"), "wrong-order", "/MetaData/LPCO/TypeCode",
     "stands behind ID"},
    {LPCO("<CurrencyExchange/><Exporter/><CurrencyExchange/>"), "wrong-order",
     "/MetaData/LPCO/Exporter", "stands behind CurrencyExchange"},
    {LPCO("<ID>1</ID><VersionID>1</VersionID><ID>2</ID>"), "duplicate-name", "/MetaData/LPCO/ID",
     "once"},
    {LPCO("<ID><b>1</b></ID>"), "wrong-type", "/MetaData/LPCO/ID", "element 'b'"},
    {LPCO("x<ID>1</ID>"), "wrong-type", "/MetaData/LPCO", "text 'x'"},
    {LPCO("<Authentication>x</Authentication>"), "wrong-type", "/MetaData/LPCO/Authentication[1]",
     "elements are expected"},
    {LPCO("<ID unitCode=\"KGM\">1</ID>"), "unknown-element", "/MetaData/LPCO/ID/@unitCode",
     "'unitCode'"},
    {LPCO("<TotalGrossMassMeasure UnitCode=\"KGM\">1</TotalGrossMassMeasure>"), "unknown-element",
     "/MetaData/LPCO/TotalGrossMassMeasure/@UnitCode", "take it out"},
    {LPCO("<Exporter nil=\"true\"/>"), "unknown-element", "/MetaData/LPCO/Exporter/@nil", "'nil'"},
    {LPCO("<ID xml:lang=\"en\">1</ID>"), "unknown-element", "/MetaData/LPCO/ID/@lang", "'lang'"},
    {LPCO("<IssueDateTime formatCode=\"102\">20260105</IssueDateTime>"), "unknown-element",
     "/MetaData/LPCO/IssueDateTime/@formatCode", "formatCode"},
    {LPCO("<IssueDateTime>20260105</IssueDateTime>"), "missing", "/MetaData/LPCO/IssueDateTime",
     "lacks its DateTimeString"},
    {LPCO("<IssueDateTime><DateTimeString formatCode=\"102\">20260105</DateTimeString>"
          "<DateTimeString/></IssueDateTime>"),
     "duplicate-name", "/MetaData/LPCO/IssueDateTime/DateTimeString", "write one"},
    {LPCO("<IssueDateTime><DateString/></IssueDateTime>"), "unknown-element",
     "/MetaData/LPCO/IssueDateTime/DateString", "did you mean DateTimeString?"},
    {LPCO("<ID>KR<!-- 7 -->1</ID>"), "not-accepted", "/MetaData/LPCO/ID", "comment"},
    {LPCO("<ID>KR<?x y?>1</ID>"), "not-accepted", "/MetaData/LPCO/ID", "processing instruction"},
    {LPCO("<?x y?><ID>1</ID>"), "not-accepted", "/MetaData/LPCO", "processing instruction 'x'"},
    {"<?x y?>" LPCO(""), "not-accepted", "", "processing instruction"},
    {LPCO("") "<?x y?>", "not-accepted", "", "processing instruction"},
    {LPCO("<ID xmlns=\"\">1</ID>"), "wrong-namespace", "/MetaData/LPCO/ID", XML_NAMESPACE},
    {LPCO("<a:ID xmlns:a=\"urn:x\">1</a:ID>"), "wrong-namespace", "/MetaData/LPCO/ID", "'urn:x'"},
    {"<MetaData><LPCO/></MetaData>", "wrong-namespace", "/MetaData", XML_NAMESPACE},
    {"<LPCO xmlns=\"" XML_NAMESPACE "\"/>", "unknown-element", "/LPCO", "with <LPCO> in it"},
    {OPENED "<Response/></MetaData>", "unknown-element", "/MetaData/Response", "Response"},
    {OPENED "</MetaData>", "missing", "/MetaData/LPCO", "is not there"},
    {OPENED "<LPCO/><LPCO/></MetaData>", "duplicate-name", "/MetaData/LPCO", "once"},
    {"<MetaData xmlns=\"" XML_NAMESPACE "\"><LPCO/></MetaData>", "missing",
     "/MetaData/WCODataModelVersionCode", "4 headings"},
    {"<MetaData xmlns=\"" XML_NAMESPACE "\"><LPCO/>" HEADINGS "</MetaData>", "wrong-order",
     "/MetaData/WCODataModelVersionCode", "too late"},
    {"<MetaData xmlns=\"" XML_NAMESPACE
     "\"><WCODataModelVersionCode>3.6</WCODataModelVersionCode></MetaData>",
     "not-in-list", "/MetaData/WCODataModelVersionCode", "accepted: 4"},
    {"<MetaData xmlns=\"" XML_NAMESPACE "\" lang=\"en\"/>", "unknown-element", "/MetaData/@lang",
     "'lang'"},
    {"<!DOCTYPE MetaData>" LPCO(""), "not-accepted", "", "DOCTYPE"},
    {"<?xml version=\"1.0\"?> <!-- x --> <!DOCTYPE MetaData [<!ENTITY a \"b\">]>" LPCO(
         "<ID>&a;</ID>"),
     "not-accepted", "", "DOCTYPE"},
    {"<!DOCTYPE a [<!ENTITY b SYSTEM \"file:///etc/passwd\">]>" LPCO("<ID>&b;</ID>"),
     "not-accepted", "", "DOCTYPE"},
    {"<!DOCTYPE a SYSTEM \"http://127.0.0.1/a.dtd\">" LPCO(""), "not-accepted", "", "DOCTYPE"},
    {"<!DOCTYPE a [<!ENTITY b \"bbbbbbbbbb\"><!ENTITY c \"&b;&b;&b;&b;&b;&b;&b;&b;\">"
     "<!ENTITY d \"&c;&c;&c;&c;&c;&c;&c;&c;\"><!ENTITY e \"&d;&d;&d;&d;&d;&d;&d;&d;\">]>" LPCO(
         "<ID>&e;&e;&e;&e;&e;&e;&e;&e;</ID>"),
     "not-accepted", "", "DOCTYPE"},
    {"<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?>" LPCO(""), "encoding", "", "UTF-8"},
    {"<?xml version='1.0' encoding = 'UTF-7' ?>" LPCO(""), "encoding", "", "UTF-8"},
    {"<?xml version=\"1.0\" encoding=\"UTF-16\"?>" LPCO(""), "encoding", "", "UTF-8"},
    {LPCO("<ID>\xff</ID>"), "encoding", "", "not UTF-8"},
    {LPCO("<ID>\xed\xa0\x80</ID>"), "encoding", "", "not UTF-8"},
    {"", "syntax", "", "line"},
    {"   ", "syntax", "", "line"},
    {"{\"LPCO\":{}}", "syntax", "", "line 1"},
    {"<MetaData>", "syntax", "", "line 1"},
    {LPCO("") "x", "syntax", "", "Extra content"},
    {LPCO("") LPCO(""), "syntax", "", "Extra content"},
    {LPCO("<ID>1</LPCO>"), "syntax", "", "mismatch"},
    {LPCO("<ID a=\"1\" a=\"2\">1</ID>"), "syntax", "", "redefined"},
    {LPCO("<ID xmlns:p=\"u\" xmlns:q=\"u\" p:a=\"1\" q:a=\"2\">1</ID>"), "syntax", "", "redefined"},
    {LPCO("<ID>&a;</ID>"), "syntax", "", "Entity 'a' not defined"},
    {LPCO("<ID>&#0;</ID>"), "syntax", "", "line 1"},
    {LPCO("<ID>&#8;</ID>"), "syntax", "", "line 1"},
    {LPCO("<ID>&#xD800;</ID>"), "syntax", "", "line 1"},
    {LPCO("<ID>a\x01</ID>"), "syntax", "", "line 1"},
    {LPCO("<ID>a\x0c</ID>"), "syntax", "", "line 1"},
    {LPCO("<ID>]]></ID>"), "syntax", "", "line 1"},
    {LPCO("<p:ID>1</p:ID>"), "syntax", "", "prefix"},
    {LPCO("<ID a=1>1</ID>"), "syntax", "", "line 1"},
    {LPCO("<ID>1 & 2</ID>"), "syntax", "", "line 1"},
    {LPCO("<!DOCTYPE a><ID>1</ID>"), "syntax", "", "line 1"},
    {"<?xml version=\"1.1\"?>\n" LPCO("<ID>&#1;</ID>"), "syntax", "", "line 2"},
};

START_TEST(a_wrong_document_gives_a_finding_with_its_place)
{
    ck_assert_int_eq(read_co(refused[_i].xml), RESULT_INVALID);
    ck_assert_ptr_null(record);
    const struct finding *finding = found(refused[_i].code);
    ck_assert_msg(finding != NULL, "%s: no finding %s, but: %s", refused[_i].xml, refused[_i].code,
                  error.message);
    ck_assert_msg(text_equal(finding->place, text_of(refused[_i].place)), "%s: at %.*s",
                  refused[_i].xml, TEXT_ARGS(finding->place));
    ck_assert_msg(says(finding, refused[_i].detail), "%s: %.*s", refused[_i].xml,
                  TEXT_ARGS(finding->detail));
}
END_TEST

START_TEST(a_document_in_utf_16_is_refused_as_no_utf_8)
{
    static const char xml[] = LPCO("<ID>1</ID>");
    char wide[2 * sizeof xml + 2] = "\xff\xfe";
    for (size_t i = 0; i < sizeof xml - 1; i++) {
        wide[2 + 2 * i] = xml[i];
    }
    ck_assert_int_eq(read_bytes(bytes_of(wide, 2 * sizeof xml), OPERATION_CO), RESULT_INVALID);
    ck_assert_str_eq(findings.first->code, "encoding");
    setup();
    ck_assert_int_eq(read_bytes(bytes_of(wide + 2, 2 * sizeof xml), OPERATION_CO), RESULT_INVALID);
    ck_assert_str_eq(findings.first->code, "encoding");
}
END_TEST

START_TEST(what_says_the_same_is_read_the_same)
{
    static const char *const same[] = {
        LPCO("<ID>a&amp;b&lt;&#233;</ID><TotalGrossMassMeasure unitCode=\"KGM\">1.50"
             "</TotalGrossMassMeasure>"),
        "\xef\xbb\xbf<?xml version=\"1.0\" encoding=\"utf-8\" standalone='yes'?>\r\n<!-- x "
        "-->\n" LPCO(
            "\r\n <!-- y --> <ID>a&#x26;b<![CDATA[<é]]></ID>"
            "<TotalGrossMassMeasure  unitCode = '&#75;GM'>1<![CDATA[.50]]></TotalGrossMassMeasure>"
            "\n") "\n<!-- z -->\n",
        "<w:MetaData xmlns:w=\"" XML_NAMESPACE "\""
        " xmlns:i=\"http://www.w3.org/2001/XMLSchema-instance\""
        " i:schemaLocation=\"" XML_NAMESPACE " comesh.xsd\">"
        "<w:WCODataModelVersionCode>4</w:WCODataModelVersionCode>"
        "<w:ResponsibleAgencyName>comesh</w:ResponsibleAgencyName>"
        "<w:AgencyAssignedCustomizationCode>comesh-co</w:AgencyAssignedCustomizationCode>"
        "<w:AgencyAssignedCustomizationVersionCode>1</w:AgencyAssignedCustomizationVersionCode>"
        "<w:LPCO><w:ID>a&amp;b&lt;é</w:ID>"
        "<w:TotalGrossMassMeasure unitCode=\"KGM\">1.50</w:TotalGrossMassMeasure></w:LPCO>"
        "</w:MetaData>",
    };
    ck_assert_msg(read_co(same[_i]) == RESULT_OK, "%s", error.message);
    ck_assert(text_equal(record_text(record, "ID"), TEXT("a&b<é")));
    const struct node *mass = record_find(record, "TotalGrossMassMeasure");
    ck_assert(text_equal(mass->value, TEXT("1.50")));
    ck_assert(text_equal(mass->attribute, TEXT("KGM")));
    ck_assert_ptr_null(mass->next);
}
END_TEST

START_TEST(blanks_of_a_value_are_kept)
{
    ck_assert_int_eq(
        read_co(LPCO("<Exporter><Name> \n a &#13;</Name><ID schemeID=\"\"/></Exporter>")),
        RESULT_OK);
    ck_assert(text_equal(record_text(record, "Exporter/Name"), TEXT(" \n a \r")));
    ck_assert_uint_eq(record_find(record, "Exporter/ID")->attribute.size, 0);
    struct buffer out = {0};
    struct buffer again = {0};
    xml_write(record, true, &out);
    assert_ok(read_bytes(buffer_bytes(&out), OPERATION_CO));
    ck_assert(text_equal(record_text(record, "Exporter/Name"), TEXT(" \n a \r")));
    xml_write(record, true, &again);
    ck_assert(bytes_equal(buffer_bytes(&out), buffer_bytes(&again)));
    buffer_free(&out);
    buffer_free(&again);
}
END_TEST

START_TEST(the_form_that_is_written_is_this_one)
{
    struct buffer out = {0};
    ck_assert_int_eq(
        read_co(LPCO("<ID>K&amp;R</ID><IssueDateTime><DateTimeString formatCode=\"102\">"
                     "20260105</DateTimeString></IssueDateTime><CurrencyExchange/>")),
        RESULT_OK);
    xml_write(record, false, &out);
    ck_assert(
        text_equal(buffer_view(&out),
                   TEXT("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n" LPCO(
                       "<ID>K&amp;R</ID><IssueDateTime><DateTimeString formatCode=\"102\">20260105"
                       "</DateTimeString></IssueDateTime><CurrencyExchange></CurrencyExchange>"))));
    buffer_free(&out);
}
END_TEST

START_TEST(findings_of_the_check_get_xpaths)
{
    ck_assert_int_eq(
        read_co(
            LPCO("<CurrencyExchange><CurrencyTypeCode>usd</CurrencyTypeCode></CurrencyExchange>"
                 "<CurrencyExchange><CurrencyTypeCode>won</CurrencyTypeCode></CurrencyExchange>")),
        RESULT_OK);
    check_record(record, &findings);
    xml_places(&findings);
    xml_places(&findings);
    const struct finding *finding = found("not-in-list");
    ck_assert(
        text_equal(finding->place, TEXT("/MetaData/LPCO/CurrencyExchange[1]/CurrencyTypeCode")));
    ck_assert(text_equal(finding->next->place,
                         TEXT("/MetaData/LPCO/CurrencyExchange[2]/CurrencyTypeCode")));
    ck_assert(text_equal(found("missing")->place, TEXT("/MetaData/LPCO/FunctionCode")));
}
END_TEST

START_TEST(xml_is_told_by_its_first_byte)
{
    ck_assert(xml_looks_like(text_bytes(TEXT("<a/>"))));
    ck_assert(xml_looks_like(text_bytes(TEXT("\xef\xbb\xbf \r\n\t<a/>"))));
    ck_assert(!xml_looks_like(text_bytes(TEXT("{\"<\":1}"))));
    ck_assert(!xml_looks_like((struct bytes){NULL, 0}));
    ck_assert(!xml_looks_like(text_bytes(TEXT("\0<"))));
}
END_TEST

START_TEST(a_document_above_the_limit_is_too_large)
{
    size_t size = (size_t)10 << 20;
    char *big = malloc(size);
    memset(big, ' ', size);
    ck_assert_int_eq(read_bytes(bytes_of(big, size), OPERATION_CO), RESULT_TOO_LARGE);
    ck_assert_int_eq(read_bytes(bytes_of(big, DOCUMENT_MAX_BYTES), OPERATION_CO), RESULT_INVALID);
    ck_assert_int_eq(read_bytes(bytes_of(big, 1), OPERATION_VERDICT), RESULT_INVALID);
    free(big);
}
END_TEST

/* `count` times `piece` between two ends, in an arena. */
static const char *repeated(const char *start, const char *piece, size_t count, const char *end)
{
    size_t size = strlen(piece);
    char *out = arena_alloc(&arena, strlen(start) + size * count + strlen(end) + 1);
    char *at = stpcpy(out, start);
    for (size_t i = 0; i < count; i++, at += size) {
        memcpy(at, piece, size);
    }
    strcpy(at, end);
    return out;
}

START_TEST(a_document_that_is_nested_too_deep_is_refused)
{
    ck_assert_int_eq(read_co(repeated(OPENED "<LPCO>", "<x>", 60000, "")), RESULT_INVALID);
    const struct finding *finding = found("syntax");
    ck_assert_ptr_nonnull(finding);
    ck_assert(says(finding, "too deep"));
}
END_TEST

START_TEST(elements_without_end_cost_no_memory_and_no_time)
{
    ck_assert_int_eq(
        read_co(repeated(OPENED "<LPCO>", "<CurrencyExchange/>", 13000, "</LPCO></MetaData>")),
        RESULT_INVALID);
    ck_assert_str_eq(findings.first->code, "too-many");
    ck_assert_uint_eq(findings.count, 1);
}
END_TEST

START_TEST(a_text_in_many_pieces_is_one_value)
{
    ck_assert_int_eq(read_co(repeated(OPENED "<LPCO><ID>", "a<![CDATA[b]]>&amp;", 9000,
                                      "</ID></LPCO></MetaData>")),
                     RESULT_OK);
    ck_assert_uint_eq(record_text(record, "ID").size, 27000);
}
END_TEST

START_TEST(no_memory_is_told_as_such)
{
    struct arena small = {.limit = 33 << 10};
    const char *many = repeated(OPENED "<LPCO><GoodsShipment>", "<GovernmentAgencyGoodsItem/>",
                                5000, "</GoodsShipment></LPCO></MetaData>");
    ck_assert_int_eq(
        xml_read(text_bytes(text_of(many)), OPERATION_CO, &small, &findings, &record, &error),
        RESULT_NO_MEMORY);
    ck_assert_ptr_null(record);
    arena_free(&small);
}
END_TEST

/* One byte of a good document is changed: never a crash, and what is taken can be written. */
START_TEST(a_broken_document_is_refused_or_means_something)
{
    static const char bytes[] = "<>&;\"'/!?=-[] x\n\x01\x80\xff";
    struct dice dice = {(uint64_t)_i};
    struct buffer xml = {0};
    xml_write(random_record(operations[_i % 4], (uint64_t)_i, &arena), _i % 2 == 0, &xml);
    for (int change = 0; change < 200; change++) {
        size_t at = dice_throw(&dice, (uint32_t)xml.size);
        uint8_t before = xml.data[at];
        xml.data[at] = (uint8_t)bytes[dice_throw(&dice, sizeof bytes - 1)];
        setup();
        enum result result = read_bytes(buffer_bytes(&xml), operations[_i % 4]);
        ck_assert_int_eq(result == RESULT_OK, record != NULL);
        ck_assert(result == RESULT_OK || error.message[0] != '\0');
        xml.data[at] = before;
    }
    buffer_free(&xml);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("xml");
    TCase *tests = tcase_create("xml");
    tcase_add_checked_fixture(tests, setup, suite_end);
    tcase_set_timeout(tests, 60);
    tcase_add_loop_test(tests, every_record_comes_back_the_same, 0, 200);
    tcase_add_loop_test(tests, all_three_encodings_say_the_same, 0, 200);
    tcase_add_loop_test(tests, a_wrong_document_gives_a_finding_with_its_place, 0,
                        sizeof refused / sizeof *refused);
    tcase_add_test(tests, a_document_in_utf_16_is_refused_as_no_utf_8);
    tcase_add_loop_test(tests, what_says_the_same_is_read_the_same, 0, 3);
    tcase_add_test(tests, blanks_of_a_value_are_kept);
    tcase_add_test(tests, the_form_that_is_written_is_this_one);
    tcase_add_test(tests, findings_of_the_check_get_xpaths);
    tcase_add_test(tests, xml_is_told_by_its_first_byte);
    tcase_add_test(tests, a_document_above_the_limit_is_too_large);
    tcase_add_test(tests, a_document_that_is_nested_too_deep_is_refused);
    tcase_add_test(tests, elements_without_end_cost_no_memory_and_no_time);
    tcase_add_test(tests, a_text_in_many_pieces_is_one_value);
    tcase_add_test(tests, no_memory_is_told_as_such);
    tcase_add_loop_test(tests, a_broken_document_is_refused_or_means_something, 0, 20);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
