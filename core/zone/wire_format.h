// Constants of docs/formats/zone-wire.md; for the writer and the reader.
#pragma once

#include <string_view>

#include "base/bytes.h"

namespace zw {

constexpr std::string_view kWireMagic = "ZWZONE1\n";
constexpr std::size_t kWireCountOctets = 8;
constexpr std::size_t kWireDigestOctets = 32;

}  // namespace zw
