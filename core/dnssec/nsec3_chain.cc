#include "dnssec/nsec3_chain.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/encoding.h"

namespace zw {
namespace {

// A zone has one chain, or two while its salt changes.
constexpr std::size_t kMaxChains = 4;

bool is_before(const Nsec3Chain::Entry& entry, const Nsec3Hash& hash) { return entry.hash < hash; }

}  // namespace

const Nsec3Chain::Entry* Nsec3Chain::find(const Nsec3Hash& hash) const {
  auto at = std::lower_bound(entries_.begin(), entries_.end(), hash, is_before);
  return at != entries_.end() && at->hash == hash ? &*at : nullptr;
}

const Nsec3Chain::Entry* Nsec3Chain::find_covering(const Nsec3Hash& hash) const {
  if (entries_.empty()) return nullptr;
  auto at = std::lower_bound(entries_.begin(), entries_.end(), hash, is_before);
  return at == entries_.begin() ? &entries_.back() : &*(at - 1);
}

class Nsec3ChainsBuilder {
 public:
  Nsec3ChainsBuilder(const Zone& zone, const VerifyOptions& options, Findings& findings)
      : zone_(zone), options_(options), findings_(findings) {}

  std::vector<Nsec3Chain> build() {
    read_parameters();
    for (auto at = zone_.nsec3().begin(); !at.is_end(); at.next()) {
      node_ = *at;
      if (auto set = node_->find(RrType::NSEC3)) add(*set);
    }
    for (Nsec3Chain& chain : chains_) close(chain);
    return std::move(chains_);
  }

 private:
  void tell(std::string_view rule, Severity severity, RrType type, std::string what) {
    findings_.add({rule, severity, type == RrType::NSEC3 ? zone_.owner(*node_) : Name(zone_.origin()), type,
                   std::move(what)});
  }
  Nsec3Chain* find_chain(const Nsec3Parameters& parameters) {
    auto at = std::find_if(chains_.begin(), chains_.end(),
                           [&](const Nsec3Chain& chain) { return chain.parameters() == parameters; });
    return at == chains_.end() ? nullptr : &*at;
  }
  void read_parameters();
  void add_chain(const Nsec3Parameters& parameters);
  void add(RrSetView set);
  void check_record(const Nsec3View& record);
  void close(Nsec3Chain& chain);

  const Zone& zone_;
  const VerifyOptions& options_;
  Findings& findings_;
  std::vector<Nsec3Chain> chains_;
  std::optional<ZoneNode> node_;  // at hand
};

void Nsec3ChainsBuilder::read_parameters() {
  auto set = zone_.apex().find(RrType::NSEC3PARAM);
  if (!set) {
    if (!zone_.nsec3().is_empty())
      tell("nsec3param-missing", Severity::error, RrType::NSEC3PARAM,
           "there are NSEC3 records, and the apex does not say so (RFC 5155 section 7.1)");
    return;
  }
  for (Bytes rdata : set->rdatas()) {
    auto view = Nsec3ParamView::parse(rdata);
    if (!view) continue;
    if (view->flags() != 0)
      tell("nsec3param-flags", Severity::warning, RrType::NSEC3PARAM,
           fmt::format("a record with flags {} does not count (RFC 5155 section 4.1.2)", view->flags()));
    else if (!find_chain(view->parameters()))
      add_chain(view->parameters());
  }
}

void Nsec3ChainsBuilder::add_chain(const Nsec3Parameters& parameters) {
  auto warn = [&](std::string_view rule, Severity severity, std::string what) {
    tell(rule, severity, RrType::NSEC3PARAM, std::move(what));
    return false;
  };
  bool followed = true;
  if (chains_.size() == kMaxChains)
    followed = warn("nsec3param-too-many", Severity::error,
                    fmt::format("only the first {} chains are followed", kMaxChains));
  else if (parameters.algorithm != kNsec3Sha1)
    followed =
        warn("nsec3-unknown-hash", Severity::error,
             fmt::format("hash algorithm {} is not known (RFC 5155 section 11)", parameters.algorithm));
  else if (parameters.iterations > options_.max_nsec3_iterations)
    followed =
        warn("nsec3-iterations-limit", Severity::error,
             fmt::format("{} additional iterations; more than {} are not followed (RFC 9276 section 3.2)",
                         parameters.iterations, options_.max_nsec3_iterations));
  else if (parameters.iterations > 0)
    warn("nsec3-iterations", Severity::warning,
         fmt::format("{} additional iterations, expected 0 (RFC 9276 section 3.1)", parameters.iterations));
  if (chains_.size() < 2 * kMaxChains) chains_.emplace_back(parameters, followed);
}

void Nsec3ChainsBuilder::add(RrSetView set) {
  auto hash = parse_nsec3_label(node_->relative());
  if (!hash) {
    tell("nsec3-owner", Severity::error, RrType::NSEC3,
         "the owner is not the apex behind one label with a hash in base 32 (RFC 5155 section 3)");
    return;
  }
  for (Bytes rdata : set.rdatas()) {
    auto record = Nsec3View::parse(rdata);
    if (!record) continue;
    // Without NSEC3PARAM, which was told, the first record speaks for the chain.
    if (chains_.empty() && !zone_.apex().has(RrType::NSEC3PARAM)) add_chain(record->parameters());
    Nsec3Chain* chain = find_chain(record->parameters());
    if (!chain) {
      tell("nsec3-parameters", Severity::error, RrType::NSEC3,
           "no NSEC3PARAM record has its hash algorithm, iterations and salt (RFC 5155 section 7.1)");
      continue;
    }
    if (!chain->is_followed()) continue;
    if (!chain->entries_.empty() && chain->entries_.back().hash == *hash) {
      tell("nsec3-multiple", Severity::error, RrType::NSEC3,
           "several records of one chain (RFC 5155 section 7.1)");
      continue;
    }
    check_record(*record);
    chain->entries_.push_back({*hash, static_cast<std::uint32_t>(rdata.size()), rdata.data()});
  }
}

void Nsec3ChainsBuilder::check_record(const Nsec3View& record) {
  if (record.flags() & ~kNsec3OptOut)
    tell("nsec3-flags", Severity::error, RrType::NSEC3,
         fmt::format("flags {}; validators ignore records with unknown flags (RFC 5155 section 8.2)",
                     record.flags()));
  if (record.next().size() != Nsec3Hash().size())
    tell("nsec3-hash-length", Severity::error, RrType::NSEC3,
         fmt::format("the next hash has {} octets, expected {} (RFC 5155 section 3.1.6)",
                     record.next().size(), Nsec3Hash().size()));
}

void Nsec3ChainsBuilder::close(Nsec3Chain& chain) {
  std::size_t count = chain.entries_.size();
  chain.matched_ = std::make_unique<std::atomic<bool>[]>(count);
  if (count == 0 && chain.is_followed())
    tell("nsec3-chain-missing", Severity::error, RrType::NSEC3PARAM,
         "no NSEC3 record has these parameters (RFC 5155 section 7.1)");
  for (std::size_t i = 0; i < count; ++i) {
    Bytes next = chain.entries_[i].record().next();
    const Nsec3Hash& expected = chain.entries_[i + 1 < count ? i + 1 : 0].hash;
    if (next.size() != expected.size() || same_bytes(next, expected)) continue;
    findings_.add({"nsec3-next", Severity::error, zone_.owner(nsec3_label(chain.entries_[i].hash)),
                   RrType::NSEC3,
                   fmt::format("the next hash is {}, expected {} (RFC 5155 section 7.1)", base32hex(next),
                               base32hex(expected))});
  }
}

std::vector<Nsec3Chain> load_nsec3_chains(const Zone& zone, const VerifyOptions& options,
                                          Findings& findings) {
  return Nsec3ChainsBuilder(zone, options, findings).build();
}

void check_unmatched(const Zone& zone, const std::vector<Nsec3Chain>& chains, Findings& findings) {
  for (const Nsec3Chain& chain : chains)
    for (std::size_t i = 0; i < chain.entries().size(); ++i)
      if (!chain.is_matched(i))
        findings.add({"nsec3-stray", Severity::error, zone.owner(nsec3_label(chain.entries()[i].hash)),
                      RrType::NSEC3,
                      "no name that the zone speaks for has this hash (RFC 5155 section 7.1)"});
}

}  // namespace zw
