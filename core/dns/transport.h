// How a message came, or goes.
#pragma once

#include <cstdint>

namespace zw {

enum class Transport : std::uint8_t { udp, tcp, tls };

}  // namespace zw
