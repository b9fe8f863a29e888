// Catalog zones: any zone gives a catalog or errors; what is read is written, and read as the same.
#include <algorithm>

#include "base/result.h"
#include "zone/catalog.h"
#include "zone/reader.h"

using namespace zw;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  ReaderOptions options;
  options.origin = *Name::parse("catalog.invalid.");
  options.most_generated = 1000;
  std::string text = "@ 0 IN SOA . . 1 2 3 4 5\n@ 0 NS .\nversion 0 TXT 2\n";
  text += as_text({data, size});
  ZoneReading reading = read_zone(text, "z", options);
  if (!reading.zone) return 0;
  Findings findings;
  auto catalog = read_catalog(*reading.zone, 20, findings);
  ZW_ASSERT(catalog.has_value() == (findings.errors() == 0));
  if (!catalog) return 0;
  ZW_ASSERT(catalog->members.size() <= 20);
  auto written = make_catalog_zone(catalog->origin, catalog->serial, catalog->members);
  ZW_ASSERT(written);
  auto again = read_catalog(**written, 20, findings);
  ZW_ASSERT(again && again->members == catalog->members && compare_catalogs(*catalog, *again).is_empty());
  return 0;
}
