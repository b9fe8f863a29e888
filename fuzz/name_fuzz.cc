// Names from text and from messages.
#include <cstdlib>

#include "dns/name.h"
#include "dns/rdata.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace zw;
  Bytes octets(data, size);
  if (auto name = Name::parse(as_text(octets), *Name::parse("origin.example."))) {
    auto back = Name::parse(print(*name));
    if (!back || !same_bytes(back->wire(), name->wire())) std::abort();
    if (!(lower(*name) == *name) || hash_of(lower(*name)) != hash_of(*name)) std::abort();
  }
  Name expanded;
  for (std::size_t at = 0; at < size && at < 64; ++at) {
    auto taken = expand_name(octets, at, expanded);
    if (taken && (*taken == 0 || at + *taken > size)) std::abort();
  }
  if (auto read = NameView::read(octets); read && read->label_count() > kMaxLabels) std::abort();
  return 0;
}
