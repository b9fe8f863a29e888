// Who may do something: fetch a zone, or tell us that it changed. A rule names a network, a TSIG key, or both
// (then both must hold); who fits one rule may. An immutable value, safe for many threads.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "dns/address.h"
#include "dns/name.h"

namespace zw {

struct AccessRule {
  std::optional<Network> from{};  // absent: from anywhere
  std::optional<Name> key{};      // absent: signed or not
};

enum class Access : std::uint8_t {
  granted,
  no_rule,      // for this address, with any key
  needs_key,    // unsigned, where this address would have to sign
  another_key,  // signed, but not with a key that a rule for this address names
};
/// A sentence for log and EDE, a literal.
std::string_view print(Access access);

class AccessList {
 public:
  /// Nobody may.
  AccessList() = default;
  explicit AccessList(std::vector<AccessRule> rules) : rules_(std::move(rules)) {}

  /// `key`: the name of the key whose signature on the request was verified; absent if it is not signed. A
  /// request with a signature that does not verify never comes here (RFC 8945 §5.2).
  Access decide(const IpAddress& address, std::optional<NameView> key) const;
  const std::vector<AccessRule>& rules() const { return rules_; }

 private:
  std::vector<AccessRule> rules_;
};

}  // namespace zw
