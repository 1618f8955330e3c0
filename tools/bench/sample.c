/* Certificates for tests and measurements. See sample.h. */
#include "tools/bench/sample.h"

#include <inttypes.h>

static const struct goods {
    const char *description;
    const char *hs;
    const char *criterion;
    const char *package;
    const char *marks;
} goods[] = {
    {"Passenger car radial tyres, new, 205/55 R16 91V", "401110", "CTH", "PX", "TYRES 1-40"},
    {"Cold-rolled flat steel in coils, width 1,219 mm, thickness 0.8 mm", "720917", "CC", "CL",
     "COIL 001/012"},
    {"Polypropylene in primary forms, homopolymer, injection grade", "390210", "RVC40", "BG",
     "PP-H 25 KG"},
    {"Printed circuit assemblies for automatic data processing machines", "847330", "CTSH", "CT",
     "PCA/2026"},
    {"Knitted garments for women, of cotton, dyed", "610620", "CTH", "CT", "STYLE 8841"},
    {"Refined palm olein in drums, for food use", "151190", "WO", "DR", "RBD OLEIN"},
    {"Lithium-ion accumulators for electric vehicles, 400 V", "850760", "RVC45", "CR", "UN3480"},
};

/* A well mixed number from a counter (splitmix64). */
static uint64_t mix(uint64_t number)
{
    number += UINT64_C(0x9e3779b97f4a7c15);
    number = (number ^ number >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    number = (number ^ number >> 27) * UINT64_C(0x94d049bb133111eb);
    return number ^ number >> 31;
}

/* A UUID of version 4 by its form; the exporter in its head and the serial in its tail keep it
 * unique. */
static void put_id(struct buffer *json, const char *exporter, uint64_t serial)
{
    uint64_t mixed =
        mix(serial ^ (uint64_t)(uint8_t)exporter[0] << 56 ^ (uint64_t)(uint8_t)exporter[1] << 48);
    buffer_printf(json, "%08" PRIx32 "-%04" PRIx32 "-4%03" PRIx32 "-8%03" PRIx32 "-%012" PRIx64,
                  (uint32_t)(mixed >> 32), (uint32_t)(mixed >> 16 & 0xffff),
                  (uint32_t)(mixed >> 4 & 0xfff), (uint32_t)(serial >> 48 & 0xfff),
                  serial & UINT64_C(0xffffffffffff));
}

static void put_head(struct buffer *json, const char *exporter, const char *importer,
                     uint64_t serial, unsigned items)
{
    buffer_text(json, "{\"LPCO\":{\"FunctionCode\":\"9\",\"FunctionalReferenceID\":\"");
    put_id(json, exporter, serial);
    buffer_printf(json,
                  "\",\"TypeCode\":\"861\",\"ID\":\"%s-AK-2026-%08" PRIu64 "\","
                  "\"IssueDateTime\":{\"Value\":\"20260105093000+0900\",\"FormatCode\":\"304\"},"
                  "\"IssueLocationID\":\"%sPUS\",\"IssuingCountryCode\":\"%s\","
                  "\"AgreementID\":\"AKFTA\",\"MenuVersionID\":1,"
                  "\"TotalGrossMassMeasure\":{\"Value\":\"%u.500\",\"UnitCode\":\"KGM\"},"
                  "\"TotalPackageQuantity\":%u,",
                  exporter, serial, exporter, exporter, items * 1250, items * 40);
    buffer_printf(json,
                  "\"IssuingAuthority\":{\"Name\":\"Chamber of Commerce and Industry\","
                  "\"Address\":{\"CountryCode\":\"%s\"}},"
                  "\"Authentication\":[{\"RoleCode\":\"AUT\",\"ActualDateTime\":{\"Value\":"
                  "\"20260105\",\"FormatCode\":\"102\"},\"Authenticator\":{\"Name\":"
                  "\"Kim Ji-woo, certifying officer\"}}],"
                  "\"Exporter\":{\"Name\":\"Hanbit Trading Co., Ltd.\",\"ID\":\"220-81-%05" PRIu64
                  "\",\"Address\":{\"Line\":\"17 Jungang-daero, Jung-gu\",\"CityName\":\"Busan\","
                  "\"PostcodeID\":\"48939\",\"CountryCode\":\"%s\"}},"
                  "\"BorderTransportMeans\":{\"Name\":\"EVER PIONEER 026E\",\"ID\":\"IMO9811000\","
                  "\"ModeCode\":\"1\",\"DepartureDateTime\":{\"Value\":\"20260107\","
                  "\"FormatCode\":\"102\"}},",
                  exporter, serial % 100000, exporter);
    buffer_printf(
        json,
        "\"GoodsShipment\":{\"ExportCountry\":{\"ID\":\"%s\"},"
        "\"Destination\":{\"CountryCode\":\"%s\"},"
        "\"Consignee\":{\"Name\":\"PT Nusantara Makmur Sentosa\","
        "\"Address\":{\"Line\":\"Jalan Raya Pelabuhan 88\",\"CityName\":\"Jakarta Utara\","
        "\"CountryCode\":\"%s\"}},"
        "\"Consignment\":{\"LoadingLocation\":{\"Name\":\"Busan\",\"ID\":\"%sPUS\"},"
        "\"UnloadingLocation\":{\"Name\":\"Tanjung Priok\",\"ID\":\"%sTPP\"}},"
        "\"GovernmentAgencyGoodsItem\":[",
        exporter, importer, importer, exporter, importer);
}

static void put_item(struct buffer *json, const char *exporter, uint64_t serial, unsigned item)
{
    uint64_t mixed = mix(serial * 1000 + item);
    const struct goods *kind = &goods[mixed % (sizeof goods / sizeof *goods)];
    unsigned quantity = 20 + (unsigned)(mixed >> 8 & 0xff);
    buffer_printf(
        json,
        "%s{\"SequenceNumeric\":%u,"
        "\"FreeOnBoardAmount\":{\"Value\":\"%u.75\",\"CurrencyID\":\"USD\"},"
        "\"Commodity\":{\"Description\":\"%s\","
        "\"Classification\":[{\"ID\":{\"Value\":\"%s\",\"VersionID\":\"2022\"}}],"
        "\"GoodsMeasure\":{\"GrossMassMeasure\":{\"Value\":\"%u.125\",\"UnitCode\":\"KGM\"},"
        "\"TariffQuantity\":{\"Value\":\"%u\",\"UnitCode\":\"C62\"}}},"
        "\"Packaging\":[{\"MarksNumbersID\":\"%s\",\"QuantityQuantity\":%u,\"TypeCode\":\"%s\"}],"
        "\"Origin\":{\"CountryCode\":\"%s\",\"RuleCode\":[\"%s\"]},"
        "\"Invoice\":[{\"ID\":\"INV-%08" PRIu64 "-%u\",\"IssueDateTime\":{\"Value\":\"20260103\","
        "\"FormatCode\":\"102\"}}]}",
        item == 1 ? "" : ",", item, quantity * 37, kind->description, kind->hs, quantity * 9,
        quantity, kind->marks, quantity / 2 + 1, kind->package, exporter, kind->criterion, serial,
        item);
}

void sample_co(struct buffer *json, const char *exporter, const char *importer, uint64_t serial,
               unsigned items)
{
    unsigned count = items < 1 ? 1 : items > SAMPLE_ITEMS_MAX ? SAMPLE_ITEMS_MAX : items;
    put_head(json, exporter, importer, serial, count);
    for (unsigned item = 1; item <= count; item++) {
        put_item(json, exporter, serial, item);
    }
    buffer_text(json, "]}}}");
}
