// The worked examples of RFC 5702 §6, RFC 6605 §6 and RFC 8080 §6, for the tests of this room.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "crypto/dnssec_algorithm.h"

namespace zw::test {

struct RfcExample {
  DnssecAlgorithm algorithm;
  std::string_view private_key;  // in BIND's format, as printed in the RFC, lines joined
  std::string_view public_key;   // base 64
  std::string_view signature;    // base 64
  Buffer signed_data;            // RFC 4034 §3.1.8.1
  bool deterministic;            // whether signing again gives the very signature
};

std::vector<RfcExample> rfc_examples();

Buffer from_base16(std::string_view text);
Buffer from_base64(std::string_view text);

}  // namespace zw::test
