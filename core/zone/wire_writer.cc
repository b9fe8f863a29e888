#include "crypto/digest.h"
#include "zone/block_writer.h"
#include "zone/wire_format.h"

namespace zw {

Result<void> write_wire(const Zone& zone, const BlockSink& sink) {
  Digester digester(DigestAlgorithm::sha256);
  BlockSink digesting = [&](Bytes block) {
    digester.update(block);
    return sink(block);
  };
  BlockWriter out(digesting);
  NameView origin = zone.origin();
  std::uint8_t numbers[kWireCountOctets + 2];
  set16(numbers, static_cast<std::uint16_t>(zone.rr_class()));
  set64(numbers + 2, zone.record_count());
  out.text() += kWireMagic;
  out.append(origin.wire());
  out.append(numbers);

  std::uint8_t fixed[10];  // type, class, TTL, length
  set16(fixed + 2, static_cast<std::uint16_t>(zone.rr_class()));
  zone.visit_rrsets([&](NameView relative, const RrSetView& set) {
    if (out.failed()) return;
    set16(fixed, static_cast<std::uint16_t>(set.type()));
    set32(fixed + 4, set.ttl());
    for (Bytes rdata : set.rdatas()) {
      set16(fixed + 8, static_cast<std::uint16_t>(rdata.size()));
      out.append(relative.wire().first(relative.size() - 1));
      out.append(origin.wire());
      out.append(fixed);
      out.append(rdata);
      out.pass();
    }
  });
  ZW_CHECK(out.finish());
  return sink(digester.finish().bytes());
}

}  // namespace zw
