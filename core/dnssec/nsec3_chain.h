// The NSEC3 records of a zone, found by hash (RFC 5155 §7.1). Built once, then read by many threads.
#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <vector>

#include "dnssec/nsec3_hash.h"
#include "dnssec/verify.h"

namespace zw {

/// The records with one set of parameters, in order of their hashes.
class Nsec3Chain {
 public:
  struct Entry {
    Nsec3Hash hash;  // of the owner
    std::uint32_t octets;
    const std::uint8_t* rdata;  // looks into the zone
    Nsec3View record() const { return *Nsec3View::parse({rdata, octets}); }
  };
  Nsec3Chain(Nsec3Parameters parameters, bool followed) : parameters_(parameters), followed_(followed) {}

  const Nsec3Parameters& parameters() const { return parameters_; }
  /// False if its names are not to be hashed, as that costs too much or no algorithm is known.
  bool is_followed() const { return followed_; }
  const std::vector<Entry>& entries() const { return entries_; }
  const Entry* find(const Nsec3Hash& hash) const;
  /// The record whose span the hash falls in. There is one unless the chain is empty.
  const Entry* find_covering(const Nsec3Hash& hash) const;
  /// From any thread.
  void mark_matched(const Entry* entry) const {
    matched_[static_cast<std::size_t>(entry - entries_.data())].store(true, std::memory_order_relaxed);
  }
  bool is_matched(std::size_t i) const { return matched_[i].load(std::memory_order_relaxed); }

 private:
  friend class Nsec3ChainsBuilder;
  Nsec3Parameters parameters_;
  bool followed_;
  std::vector<Entry> entries_;
  std::unique_ptr<std::atomic<bool>[]> matched_;
};

/// Gathers the chains and tells what is wrong with them on their own: parameters, owners, flags, and whether
/// each record names the next one's hash.
std::vector<Nsec3Chain> load_nsec3_chains(const Zone& zone, const VerifyOptions& options, Findings& findings);

/// Tells which records no name of the zone hashes to; to be called when all names have been looked at.
void check_unmatched(const Zone& zone, const std::vector<Nsec3Chain>& chains, Findings& findings);

}  // namespace zw
