#include "dnssec/signature_checker.h"

#include <algorithm>
#include <bit>

namespace zw {
namespace {

// The earlier of two expiries, or the later of two inceptions; the first one if they are equal.
template <typename Better>
void keep(std::optional<VerifyReport::Horizon>& mine, const std::optional<VerifyReport::Horizon>& other,
          Better better) {
  if (other && (!mine || better(other->when, mine->when))) mine = other;
}

std::uint32_t key_number(RrsigView signature) {
  return static_cast<std::uint32_t>(signature.algorithm()) << 16 | signature.key_tag();
}

}  // namespace

void SignatureTally::merge(const SignatureTally& later) {
  signed_rrsets += later.signed_rrsets;
  signatures += later.signatures;
  known += later.known;
  good.insert(good.end(), later.good.begin(), later.good.end());
  keep(earliest_expiry, later.earliest_expiry, std::less());
  keep(latest_inception, later.latest_inception, std::greater());
  repeated.merge(later.repeated);
}

SignatureChecker::SignatureChecker(const Zone& zone, const std::vector<ZoneKey>& keys,
                                   const VerifyOptions& options)
    : zone_(zone),
      keys_(keys),
      options_(options),
      verifiers_(keys.size()),
      expected_(keys.size()),
      verdicts_(keys.size()) {
  std::vector<DnssecAlgorithm> seen;
  for (std::size_t i = 0; i < keys.size(); ++i) {
    if (!keys[i].may_sign()) continue;
    auto at = std::find(seen.begin(), seen.end(), keys[i].record.algorithm()) - seen.begin();
    if (static_cast<std::size_t>(at) == seen.size()) {
      seen.push_back(keys[i].record.algorithm());
      algorithms_.push_back(0);
    }
    algorithms_[static_cast<std::size_t>(at)] |= KeySet{1} << i;
  }
}

KeySet SignatureChecker::check(NameView owner, RrSetView set, std::optional<RrSetView> signatures,
                               Findings& findings) {
  owner_ = owner;
  set_ = set;
  ++tally_.signed_rrsets;
  budget_ = kMaxVerifications;
  good_ = 0;
  revoked_ = false;
  timely_.reset();
  untimely_.reset();
  faults_.clear();
  if (signatures) {
    for (Bytes rdata : signatures->rdatas()) try_signature(rdata);
    check_ttl(*signatures);
  } else {
    object("signature-missing", {}, "no signature covers it (RFC 4035 section 2.2)");
  }
  settle(findings);
  check_algorithms();
  note_span();
  return good_;
}

void SignatureChecker::try_signature(Bytes rdata) {
  auto signature = RrsigView::parse(rdata);
  if (!signature) {
    object("malformed-record", {}, "the RDATA of an RRSIG breaks its format (RFC 4034 section 3.1)");
    return;
  }
  if (!is_acceptable(*signature)) return;
  auto key = find_signer(*signature);
  if (!key) return;
  Span span{nearest_time(signature->inception(), options_.at),
            nearest_time(signature->expiration(), options_.at)};
  bool timely = is_timely(*signature, span);
  std::optional<Span>& whole = timely ? timely_ : untimely_;
  whole = whole ? Span{std::min(whole->from, span.from), std::max(whole->to, span.to)} : span;
  if (!timely) return;
  ++tally_.signatures;
  if (keys_[*key].record.is_revoked())
    revoked_ = true;
  else
    good_ |= KeySet{1} << *key;
}

bool SignatureChecker::is_acceptable(RrsigView signature) {
  DnssecAlgorithm algorithm = signature.algorithm();
  if (!is_supported(algorithm))
    return object("unsupported-algorithm", static_cast<std::uint32_t>(algorithm),
                  "the signature is by algorithm {}, which cannot be computed here", print(algorithm));
  if (!is_accepted(algorithm, options_))
    return object("weak-algorithm", static_cast<std::uint32_t>(algorithm),
                  "the signature is by {}, which does not count here (RFC 8624 section 3.1)",
                  print(algorithm));
  if (signature.signer() != zone_.origin())
    return object("signature-signer", {}, "the signer is {}, expected the apex (RFC 4035 section 5.3.1)",
                  print(signature.signer()));
  if (signature.labels() != signed_label_count(owner_))
    return object("signature-labels", {},
                  "the signature is for {} labels, the owner has {} (RFC 4034 section 3.1.3)",
                  signature.labels(), signed_label_count(owner_));
  return true;
}

std::optional<std::size_t> SignatureChecker::find_signer(RrsigView signature) {
  bool known = false, usable = false;
  for (std::size_t i = 0; i < keys_.size(); ++i) {
    const ZoneKey& key = keys_[i];
    if (key.tag != signature.key_tag() || key.record.algorithm() != signature.algorithm()) continue;
    known = true;
    // A key that is revoked says so by signing the keys, and no more (RFC 5011 §2.1).
    bool revoked = key.record.is_revoked() && set_->type() == RrType::DNSKEY;
    if (!key.key || !key.record.is_zone_key() || (key.record.is_revoked() && !revoked)) continue;
    usable = true;
    if (budget_-- <= 0) {
      object("signature-too-many", {}, "only {} verifications are tried for one RRset", kMaxVerifications);
      return std::nullopt;
    }
    if (verify(i, signature)) return i;
  }
  if (!known)
    object("signature-key-unknown", key_number(signature),
           "the signature is by key {} of {}, and there is none", signature.key_tag(),
           print(signature.algorithm()));
  else if (!usable)
    object("signature-key-unusable", {},
           "the signature is by key {}, which is revoked, malformed or no zone key (RFC 4035 section 5.3.1)",
           signature.key_tag());
  else
    object("signature-bogus", {}, "the signature by key {} of {} is not over these data", signature.key_tag(),
           print(signature.algorithm()));
  return std::nullopt;
}

bool SignatureChecker::verify(std::size_t key, RrsigView signature) {
  signed_data_.clear();
  if (!append_signed_data(signed_data_, owner_, zone_.rr_class(), *set_, signature)) return false;
  if (!options_.known && !options_.remember) return compute(key, signature.signature());
  SignatureMark mark = signature_mark(keys_[key].record.rdata(), signed_data_, signature.signature());
  bool known = options_.known && options_.known->holds(mark);
  if (!known && !compute(key, signature.signature())) return false;
  tally_.known += known;
  if (options_.remember) tally_.good.push_back(mark);
  return true;
}

bool SignatureChecker::is_known(std::size_t key, Bytes signature) const {
  return options_.known &&
         options_.known->holds(signature_mark(keys_[key].record.rdata(), signed_data_, signature));
}

// Sets so large are computed one by one, so that what waits stays small whatever a zone holds.
constexpr std::size_t kMostExpectedOctets = 64 << 10, kMostWaitingOctets = 4 << 20;

void SignatureChecker::expect(NameView owner, RrSetView set, std::optional<RrSetView> signatures) {
  std::size_t octets = 0;
  for (Bytes rdata : set.rdatas()) octets += rdata.size() + kMaxNameOctets;
  if (!signatures || octets > kMostExpectedOctets) return;
  if (expected_data_.size() > kMostWaitingOctets) compute_expected();
  int budget = kMaxVerifications;
  for (Bytes rdata : signatures->rdatas()) {
    if (budget-- == 0) return;
    if (auto signature = RrsigView::parse(rdata)) expect_signature(owner, set, *signature);
  }
}

void SignatureChecker::expect_signature(NameView owner, RrSetView set, RrsigView signature) {
  for (std::size_t i = 0; i < keys_.size(); ++i) {
    const ZoneKey& key = keys_[i];
    if (!key.batch || key.tag != signature.key_tag() || key.record.algorithm() != signature.algorithm())
      continue;
    signed_data_.clear();
    if (!append_signed_data(signed_data_, owner, zone_.rr_class(), set, signature) ||
        is_known(i, signature.signature()))
      return;
    std::size_t begin = expected_data_.size();
    expected_data_.insert(expected_data_.end(), signed_data_.begin(), signed_data_.end());
    expected_[i].push_back({signature.signature(), begin, expected_data_.size()});
    return;
  }
}

void SignatureChecker::compute_expected() {
  std::vector<BatchVerifier::Item> items;
  for (std::size_t i = 0; i < keys_.size(); ++i) {
    if (expected_[i].empty()) continue;
    items.clear();
    for (const Expected& one : expected_[i])
      items.push_back({Bytes(expected_data_).subspan(one.begin, one.end - one.begin), one.signature});
    BatchVerifier(*keys_[i].batch).verify(items);
    for (const BatchVerifier::Item& item : items) verdicts_[i].emplace(item.signature.data(), item.good);
    expected_[i].clear();
  }
  expected_data_.clear();
}

bool SignatureChecker::compute(std::size_t key, Bytes signature) {
  if (auto early = verdicts_[key].find(signature.data()); early != verdicts_[key].end()) return early->second;
  if (!verifiers_[key]) verifiers_[key].emplace(*keys_[key].key);
  return verifiers_[key]->verify(signed_data_, signature);
}

bool SignatureChecker::is_timely(RrsigView signature, Span span) {
  if (Serial(signature.expiration()) < Serial(signature.inception()))
    return object("signature-period", {}, "the signature expires at {}, before its inception at {}",
                  print_time(span.to), print_time(span.from));
  if (options_.at > span.to)
    return object("signature-expired", {}, "the signature expired at {}, and it is {}", print_time(span.to),
                  print_time(options_.at));
  if (options_.at < span.from)
    return object("signature-not-yet-valid", {}, "the signature is valid from {}, and it is {}",
                  print_time(span.from), print_time(options_.at));
  return true;
}

void SignatureChecker::check_ttl(RrSetView signatures) {
  if (good_ == 0) return;
  std::uint32_t ttl = set_->ttl();
  if (signatures.ttl() != ttl)
    tally_.repeated.add("signature-ttl", Severity::warning, 0, owner_, set_->type(), [&] {
      return fmt::format("the TTL of the signature is {}, of the RRset {} (RFC 4034 section 3)",
                         signatures.ttl(), ttl);
    });
  auto signature = RrsigView::parse(signatures.rdatas().front());
  if (!signature || signature->original_ttl() == ttl) return;
  tally_.repeated.add("original-ttl", Severity::error, 0, owner_, set_->type(), [&] {
    return fmt::format("the TTL is {}, and was {} when the RRset was signed (RFC 4035 section 2.2)", ttl,
                       signature->original_ttl());
  });
}

void SignatureChecker::settle(Findings& findings) {
  if (good_ == 0 && revoked_ && faults_.empty())
    object("signature-key-unusable", {}, "only revoked keys sign it (RFC 5011 section 2.1)");
  // One good signature is enough for validators (RFC 6840 §5.11).
  Severity severity = good_ ? Severity::warning : Severity::error;
  for (Fault& fault : faults_) {
    bool once = fault.repeats && (good_ || fault.rule != "signature-key-unknown");
    if (once)
      tally_.repeated.add(fault.rule, severity, *fault.repeats, owner_, set_->type(),
                          [&] { return std::move(fault.what); });
    else
      findings.add({fault.rule, severity, owner_, set_->type(), std::move(fault.what)});
  }
}

// RFC 4035 §2.2: each algorithm among the keys signs each RRset, or validators that know only this one fail.
void SignatureChecker::check_algorithms() {
  if (good_ == 0) return;
  for (KeySet keys : algorithms_) {
    if (good_ & keys) continue;
    DnssecAlgorithm algorithm = keys_[static_cast<std::size_t>(std::countr_zero(keys))].record.algorithm();
    tally_.repeated.add("algorithm-incomplete", Severity::warning, static_cast<std::uint32_t>(algorithm),
                        owner_, set_->type(), [&] {
                          return fmt::format(
                              "no good signature by {}, which is among the keys (RFC 4035 section 2.2)",
                              print(algorithm));
                        });
  }
}

void SignatureChecker::note_span() {
  const std::optional<Span>& span = timely_ ? timely_ : untimely_;
  if (!span) return;
  // The comparison comes first: a Horizon holds a whole name.
  if (!tally_.earliest_expiry || span->to < tally_.earliest_expiry->when)
    tally_.earliest_expiry = {span->to, owner_, set_->type()};
  if (!tally_.latest_inception || span->from > tally_.latest_inception->when)
    tally_.latest_inception = {span->from, owner_, set_->type()};
}

}  // namespace zw
