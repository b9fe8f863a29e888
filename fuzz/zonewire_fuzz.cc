// Zones in wire form (docs/formats/zone-wire.md). The input is a file without its digest, which is put behind
// it here, as no chance finds one. What is read must be written as the very same octets.
#include "base/result.h"
#include "crypto/digest.h"
#include "zone/check.h"
#include "zone/writer.h"

using namespace zw;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Buffer file(data, data + size);
  Digest sum = digest(DigestAlgorithm::sha256, file);
  ZW_ASSERT(!read_wire(file));
  append(file, sum.bytes());
  auto zone = read_wire(file);
  if (!zone) {
    ZW_ASSERT(zone.error().kind == ErrorKind::malformed);
    return 0;
  }
  Buffer again;
  auto written = write_wire(**zone, [&](Bytes block) -> Result<void> {
    append(again, block);
    return {};
  });
  ZW_ASSERT(written && again == file);
  Findings findings;
  check_zone(**zone, findings);
  return 0;
}
