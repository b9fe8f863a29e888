// The parts that made-up zones consist of; for the zone maker.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/random.h"
#include "dns/name.h"
#include "dns/rr_type.h"

namespace zw {

constexpr std::uint32_t kFirstSerial = 2026010100;

/// Labels that sound like words, sometimes with digits or a hyphen, rarely internationalised; at most 40
/// octets, never "nic". They repeat now and then.
class MadeLabels {
 public:
  explicit MadeLabels(Random& random) : random_(random) {}
  std::string next();
  /// `count` labels, sorted, all different.
  std::vector<std::string> distinct(std::size_t count);

 private:
  std::string syllable();
  std::string word();
  Random& random_;
};

/// Makes records up and hands them on. RDATA is valid during the call only.
class MadeRecords {
 public:
  using Take = std::function<void(NameView owner, RrType, std::uint32_t ttl, Bytes rdata)>;
  MadeRecords(Random& random, Take take) : random_(random), take_(std::move(take)) {}

  void soa(NameView origin, std::uint32_t serial, std::uint32_t ttl);
  void ns(NameView owner, NameView host, std::uint32_t ttl) { take_(owner, RrType::NS, ttl, host.wire()); }
  void ds(NameView owner, std::uint32_t ttl);
  void ipv4(NameView host, std::uint32_t ttl);
  void ipv6(NameView host, std::uint32_t ttl);

 private:
  Random& random_;
  Take take_;
};

/// Draws places 0 … count - 1 by Zipf's law: the k-th is drawn 1/k as often as the first.
class Zipf {
 public:
  explicit Zipf(std::size_t count);
  std::size_t draw(Random& random) const;

 private:
  std::vector<std::uint64_t> sums_;  // of the weights up to each place; whole numbers are the same everywhere
};

/// The name `label`.`parent`; the two must fit.
Name child(std::string_view label, NameView parent);

/// True in `percent` of cases.
inline bool happens(Random& random, unsigned percent) { return random.below(100) < percent; }

}  // namespace zw
