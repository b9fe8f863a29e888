// How secrets that we made ourselves are kept: as SHA-256, under the name of what they are for. They hold at
// least 80 random bits, so that no slow hash is needed, as it is for passwords.
#pragma once

#include <array>
#include <optional>
#include <string_view>

#include "base/bytes.h"

namespace zw {

/// Equality takes the same time whatever differs.
class KeptHash {
 public:
  static constexpr std::size_t kOctets = 32;
  /// `use`: without null octets, and another for each use, so that a secret made for one is none for another.
  static KeptHash of(std::string_view use, Bytes secret);
  /// From where it was kept; absent if there are not 32 octets.
  static std::optional<KeptHash> from(Bytes octets);
  Bytes octets() const { return octets_; }
  friend bool operator==(const KeptHash& a, const KeptHash& b);

 private:
  std::array<std::uint8_t, kOctets> octets_{};
};

}  // namespace zw
