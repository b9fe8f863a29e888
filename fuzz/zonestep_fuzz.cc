// Steps of a zone's history (docs/formats/zone-step.md), read beside a version that they may fit. The input
// is a file without its digest, which is put behind it here. A step that is taken leads back to a version
// that has the same step.
#include "crypto/digest.h"
#include "zone/reader.h"
#include "zone/step.h"
#include "zone/writer.h"

using namespace zw;

namespace {

const Zone& newer() {
  static const ZonePtr zone = [] {
    auto reading = read_zone(
        "$TTL 300\n"
        "example. SOA ns.example. host.example. 2 1800 900 604800 86400\n"
        "example. NS ns.example.\nexample. NS ns2.example.\n"
        "ns.example. A 192.0.2.1\nb.example. TXT \"b\"\n",
        "made");
    ZW_ASSERT(reading.zone);
    return reading.zone;
  }();
  return *zone;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Buffer file(data, data + size);
  append(file, digest(DigestAlgorithm::sha256, file).bytes());
  auto changes = read_step(file, newer());
  if (!changes) {
    ZW_ASSERT(changes.error().kind == ErrorKind::malformed || changes.error().kind == ErrorKind::conflict);
    return 0;
  }
  auto older = apply(newer(), reversed(*changes));
  if (!older) return 0;  // such as a zone without an SOA
  auto again = read_step(write_step(**older, *diff(**older, newer())), newer());
  ZW_ASSERT(again.has_value());
  ZW_ASSERT(canonical_text(**apply(newer(), reversed(*again))) == canonical_text(**older));
  return 0;
}
