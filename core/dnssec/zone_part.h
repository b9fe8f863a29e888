// The checks of one run of pages, which is the work of one task. Parts share what they only read.
#pragma once

#include <vector>

#include "dnssec/nsec3_checker.h"
#include "dnssec/nsec_checker.h"
#include "dnssec/signature_checker.h"

namespace zw {

/// What all parts of a zone know before they begin.
struct ZoneFacts {
  const Zone& zone;
  const VerifyOptions& options;
  std::vector<ZoneKey> keys;
  bool check_signatures = false;  // there are some, and keys to check them with
  bool has_nsec = false;
  std::vector<Nsec3Chain> nsec3_chains;
};

/// What a part has seen; those of several parts add up.
struct PartResult {
  // A part that is all wrong keeps enough to be recognised; the rest is counted.
  Findings findings{100};
  SignatureTally tally;
  std::size_t nsec_records = 0, nsec3_records = 0;
  std::size_t secure_delegations = 0, insecure_delegations = 0;
};

/// Checks the nodes of the pages from `first` up to but not with `last`, of zone.names() or zone.nsec3().
PartResult check_names(const ZoneFacts& facts, std::size_t first, std::size_t last);
PartResult check_nsec3_records(const ZoneFacts& facts, std::size_t first, std::size_t last);

}  // namespace zw
