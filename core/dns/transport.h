// How a message came, or a zone.
#pragma once

#include <cstdint>

namespace zw {

/// `https`: of zones that are downloaded; no message comes so. The numbers are kept in stores.
enum class Transport : std::uint8_t { udp, tcp, tls, https };

}  // namespace zw
