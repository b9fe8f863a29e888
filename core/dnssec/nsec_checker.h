// Checks a chain of NSEC records: one at each name that the zone speaks for, each naming the next, the last
// the apex (RFC 4034 §4.1, RFC 4035 §2.3).
#pragma once

#include <vector>

#include "dnssec/repeated.h"
#include "zone/cuts.h"

namespace zw {

/// The TTL of denial records: the lesser of the SOA's own and its last field (RFC 9077 §3).
std::uint32_t denial_ttl(const Zone& zone);
/// Tells when the TTL of a denial record is another one.
void check_denial_ttl(std::uint32_t expected, NameView owner, RrSetView set, Repeated& repeated);

class NsecChecker {
 public:
  /// `wanted`: false for zones that have NSEC3 instead; then there must be no NSEC anywhere.
  NsecChecker(const Zone& zone, bool wanted) : zone_(zone), wanted_(wanted), ttl_(denial_ttl(zone)) {}

  /// `owner`: the whole name of `at`, which is of kind `kind`.
  void check(NodeTree::Cursor at, NodeKind kind, NameView owner, Findings& findings, Repeated& repeated);
  std::size_t records() const { return records_; }

 private:
  void check_record(NodeTree::Cursor at, NodeKind kind, NameView owner, Bytes rdata, Findings& findings);
  const Zone& zone_;
  bool wanted_;
  std::uint32_t ttl_;
  std::size_t records_ = 0;
  std::vector<RrType> types_;  // scratch
};

}  // namespace zw
