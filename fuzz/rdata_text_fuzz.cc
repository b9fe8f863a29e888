// RDATA from text: what reads well is well formed, and prints to text that reads to the same octets. The
// first two octets choose the type.
#include <cstdlib>

#include "dns/rdata.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace zw;
  if (size < 2) return 0;
  auto infos = all_type_infos();
  RrType type = data[0] == 0xff ? static_cast<RrType>(get16(data)) : infos[data[1] % infos.size()].type;
  Bytes octets = Bytes(data, size).subspan(2);
  auto wire = parse_rdata(type, as_text(octets), *Name::parse("origin.example."));
  if (wire) {
    if (!check_rdata(type, *wire)) std::abort();
    auto back = parse_rdata(type, print_rdata(type, *wire));
    if (!back || *back != *wire) std::abort();
  }
  // The same octets as wire.
  if (check_rdata(type, octets) && size < 4096) {
    auto back = parse_rdata(type, print_rdata(type, octets));
    if (!back || !same_bytes(*back, octets)) std::abort();
  }
  Buffer expanded, canonical;
  if (read_rdata(octets, 0, octets.size(), type, expanded)) append_canonical_rdata(canonical, type, expanded);
  return 0;
}
