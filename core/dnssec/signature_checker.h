// Checks the signatures over one RRset after another (RFC 4035 §5.3).
#pragma once

#include <fmt/format.h>

#include <optional>
#include <unordered_map>
#include <vector>

#include "dnssec/canonical.h"
#include "dnssec/repeated.h"
#include "dnssec/verify.h"
#include "dnssec/zone_keys.h"

namespace zw {

/// What a checker has seen; those of several checkers add up.
struct SignatureTally {
  std::size_t signed_rrsets = 0, signatures = 0, known = 0;
  std::vector<SignatureMark> good;  // if they are to be remembered
  std::optional<VerifyReport::Horizon> earliest_expiry, latest_inception;
  Repeated repeated;
  /// `later`: of names that stand behind those of this one.
  void merge(const SignatureTally& later);
};

/// Belongs to one thread at a time; allocates nothing for RRsets without fault.
class SignatureChecker {
 public:
  /// Verifications tried for one RRset, whatever the signatures and key tags (CVE-2023-50387).
  static constexpr int kMaxVerifications = 16;

  SignatureChecker(const Zone& zone, const std::vector<ZoneKey>& keys, const VerifyOptions& options);

  /// check() is to be called for this RRset later. What its signatures need to have computed is computed
  /// together with that of others by compute_expected(), where that is faster; verdicts stay the same.
  void expect(NameView owner, RrSetView set, std::optional<RrSetView> signatures);
  void compute_expected();

  /// `owner`: of `set`, in lower case. `signatures`: those of the owner that cover it, if it has any. Gives
  /// the keys that a good signature is by.
  KeySet check(NameView owner, RrSetView set, std::optional<RrSetView> signatures, Findings& findings);

  SignatureTally& tally() { return tally_; }

 private:
  using Repeats = std::optional<std::uint32_t>;
  struct Fault {
    std::string_view rule;
    std::string what;
    Repeats repeats;  // told once for each such value, not for each RRset
  };
  struct Span {  // of time
    WallTime from, to;
  };
  void try_signature(Bytes rdata);
  bool is_acceptable(RrsigView signature);
  std::optional<std::size_t> find_signer(RrsigView signature);
  bool verify(std::size_t key, RrsigView signature);
  bool compute(std::size_t key, Bytes signature);
  bool is_known(std::size_t key, Bytes signature) const;
  void expect_signature(NameView owner, RrSetView set, RrsigView signature);
  bool is_timely(RrsigView signature, Span span);
  void check_ttl(RrSetView signatures);
  void check_algorithms();
  void settle(Findings& findings);
  void note_span();
  template <typename... Args>
  bool object(std::string_view rule, Repeats repeats, fmt::format_string<Args...> format, Args&&... args) {
    faults_.push_back({rule, fmt::format(format, std::forward<Args>(args)...), repeats});
    return false;
  }

  const Zone& zone_;
  const std::vector<ZoneKey>& keys_;
  const VerifyOptions& options_;
  std::vector<std::optional<Verifier>> verifiers_;  // by key, made when first wanted
  std::vector<KeySet> algorithms_;                  // the keys of each algorithm that must sign everything
  SignatureTally tally_;

  // What is expected, by key: where each signature stands in the zone, and in `expected_data_` what it is
  // over.
  struct Expected {
    Bytes signature;
    std::size_t begin, end;
  };
  std::vector<std::vector<Expected>> expected_;
  Buffer expected_data_;
  std::vector<std::unordered_map<const std::uint8_t*, bool>> verdicts_;  // by key, and place of the signature

  // Of the RRset at hand.
  NameView owner_;
  std::optional<RrSetView> set_;
  Buffer signed_data_;
  int budget_ = 0;
  KeySet good_ = 0;
  bool revoked_ = false;  // a revoked key signs the DNSKEY RRset, as it must, and that is no fault
  std::optional<Span> timely_, untimely_;  // how long good signatures hold, taken together
  std::vector<Fault> faults_;
};

}  // namespace zw
