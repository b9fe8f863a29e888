// Who may do something: fetch a zone, or tell us that it changed. A rule names a network, a TSIG key, or TLS
// with or without a client's certificate; all that it names must hold, and who fits one rule may. An
// immutable value, safe for many threads.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "crypto/tls.h"
#include "dns/address.h"
#include "dns/name.h"

namespace zw {

struct AccessRule {
  std::optional<Network> from{};  // absent: from anywhere
  std::optional<Name> key{};      // absent: signed or not
  bool tls = false;               // only over TLS (RFC 9103)
  std::string tls_client{};  // a DNS name of the client's certificate (RFC 9103 §9.3.3); empty: any or none
};

/// What is known of who asks.
struct Asker {
  IpAddress address;
  /// The name of the key whose signature on the request was verified; absent if it is not signed. A request
  /// with a signature that does not verify never comes here (RFC 8945 §5.2).
  std::optional<NameView> key{};
  const TlsPeer* tls = nullptr;  // null: in clear text
};

enum class Access : std::uint8_t {
  granted,
  no_rule,              // for this address, with any key
  needs_key,            // unsigned, where this address would have to sign
  another_key,          // signed, but not with a key that a rule for this address names
  needs_tls,            // in clear text, where this address would have to come over TLS
  needs_certificate,    // over TLS, but without a certificate, where a rule wants one
  another_certificate,  // with one for another name
};
/// A sentence for log and EDE, a literal.
std::string_view print(Access access);

class AccessList {
 public:
  /// Nobody may.
  AccessList() = default;
  explicit AccessList(std::vector<AccessRule> rules) : rules_(std::move(rules)) {}

  /// Where several rules fail, the last one that is for this address says why.
  Access decide(const Asker& asker) const;
  const std::vector<AccessRule>& rules() const { return rules_; }

 private:
  std::vector<AccessRule> rules_;
};

}  // namespace zw
