#include <fmt/format.h>

#include "base/encoding.h"
#include "dnssec/zonemd.h"
#include "format/json.h"
#include "zonetools/verbs.h"

namespace zw::app {

int DigestVerb::run() const {
  int status = yes;
  ZonePtr zone = load_zone(input, status);
  if (!zone) return status;
  ZonemdHash wanted = hash == "sha512" ? ZonemdHash::SHA512 : ZonemdHash::SHA384;
  auto digest = zone_digest(*zone, wanted);
  if (!digest) {
    complain(digest.error().what);
    return unknown;
  }
  ZonemdReport report = check_zonemd(*zone);
  bool good = report.verdict == ZonemdVerdict::valid || report.verdict == ZonemdVerdict::absent;
  std::string rdata = fmt::format("{} 1 {} {}", zone->serial().value(), static_cast<unsigned>(wanted),
                                  base16(digest->bytes()));
  if (format == Format::json) {
    std::string out;
    JsonWriter(out)
        .begin_object()
        .member("origin", print(zone->origin()))
        .member("serial", zone->serial().value())
        .member("scheme", "SIMPLE")
        .member("hash", print(wanted))
        .member("digest", base16(digest->bytes()))
        .member("zonemd_in_zone", report.what)
        .member("zonemd_fits", report.verdict == ZonemdVerdict::valid)
        .end_object();
    put(out + "\n");
  } else {
    put(fmt::format("{} {} IN ZONEMD {}\n", print(zone->origin()), zone->soa().ttl(), rdata));
    if (report.verdict != ZonemdVerdict::absent) fmt::print(stderr, "{}\n", report.what);
  }
  return good ? yes : no;
}

}  // namespace zw::app
