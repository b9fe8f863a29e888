// Virtual secondaries that are told of new versions: where each is, and how it takes a NOTIFY.
#pragma once

#include <array>
#include <string>
#include <vector>

#include "localroot/bench/target.h"

namespace zw::localroot {

/// Where a crowd is unless somebody says otherwise.
constexpr auto kCrowdAddresses = "127.64.0.0/10";

enum class CrowdRole : std::uint8_t { answers, refuses, slow, dead };

struct CrowdPlan {
  AddressRange addresses;
  std::size_t size = 1000;
  std::uint16_t port = 10053;
  std::uint16_t dead_port = 10054;  // of those that never answer
  // Shares from 0 to 1, together at most 1; the others answer at once.
  double dead = 0, refusing = 0, slow = 0;
  std::uint64_t seed = 1;  // of who is what
};

/// Fixed once it is made. Two octets for each; copies are not cheap.
class Crowd {
 public:
  static constexpr std::size_t kMost = 4'000'000;

  /// Fails with `limit` if the addresses do not suffice, or the shares exceed the whole.
  static Result<Crowd> make(const CrowdPlan& plan);

  std::size_t size() const { return roles_.size(); }
  std::size_t count(CrowdRole role) const { return counts_[static_cast<std::size_t>(role)]; }
  CrowdRole role(std::size_t i) const { return roles_[i]; }
  Address at(std::size_t i) const {
    return {plan_.addresses.at(i), roles_[i] == CrowdRole::dead ? plan_.dead_port : plan_.port};
  }
  /// Who has this address and port.
  std::optional<std::size_t> find(const Address& at) const;
  const CrowdPlan& plan() const { return plan_; }

 private:
  explicit Crowd(const CrowdPlan& plan) : plan_(plan) {}
  CrowdPlan plan_;
  std::vector<CrowdRole> roles_;
  std::array<std::size_t, 4> counts_{};
};

enum class CrowdFormat : std::uint8_t { zonewright, bind, knot, nsd, powerdns };
std::optional<CrowdFormat> parse_crowd_format(std::string_view text);
/// `zonewright, bind, knot, …`.
std::string print_crowd_formats();

/// Lines for the configuration of a server that is to tell them, each said to be where it belongs by a
/// comment before it. `key`: the name of the TSIG key, which the configuration has to hold elsewhere; empty:
/// nothing is signed.
std::string print_targets(const Crowd& crowd, CrowdFormat format, std::string_view key);

}  // namespace zw::localroot
