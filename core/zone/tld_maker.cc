#include <algorithm>

#include "zone/builder.h"
#include "zone/made_records.h"
#include "zone/maker.h"

namespace zw {
namespace {

constexpr std::uint32_t kDelegationTtl = 86400, kDsTtl = 3600;
constexpr std::size_t kMostOriginOctets = 150;

// Two servers that many delegations share.
struct HostPair {
  Name first, second;
};

class TldMaker {
 public:
  TldMaker(NameView origin, std::uint64_t seed)
      : origin_(origin), random_(seed), labels_(random_), builder_(origin) {}

  Result<ZonePtr> make(std::size_t size) {
    std::vector<std::string> labels = labels_.distinct(size);
    choose_providers(labels);
    apex();
    for (std::size_t i = 0; i < size; ++i) {
      bool provider = std::binary_search(providers_.begin(), providers_.end(), i);
      delegation(child(labels[i], origin_), provider || happens(random_, 12));
    }
    Findings findings;
    return builder_.build(findings);
  }

 private:
  // Hosts outside the zone, and those of some delegations; the first are the popular ones.
  void choose_providers(const std::vector<std::string>& labels) {
    for (std::size_t i = 0; i < 1500; ++i) add_pair(child(labels_.next(), foreign_parent()));
    for (std::size_t i = 0, count = labels.size() / 3000 + std::min<std::size_t>(labels.size(), 2); i < count;
         ++i) {
      providers_.push_back(random_.below(labels.size()));
      add_pair(child(labels[providers_.back()], origin_));
    }
    std::sort(providers_.begin(), providers_.end());
    for (std::size_t i = pairs_.size(); i > 1; --i) std::swap(pairs_[i - 1], pairs_[random_.below(i)]);
    popularity_ = Zipf(pairs_.size());
  }
  void add_pair(NameView domain) { pairs_.push_back({child("ns1", domain), child("ns2", domain)}); }

  // A name for examples that is not in this zone.
  Name foreign_parent() {
    static constexpr std::string_view kParents[] = {"example.com.", "example.net.", "example.org.", "test."};
    for (;;) {
      Name parent = *Name::parse(kParents[random_.below(std::size(kParents))]);
      if (!parent.view().is_at_or_below(origin_)) return parent;
    }
  }

  void apex() {
    records_.soa(origin_, kFirstSerial, kDelegationTtl);
    Name servers = child("nic", origin_);
    for (std::string_view letter : {"a", "b", "c", "d"}) {
      Name host = child(letter, servers);
      records_.ns(origin_, host, kDelegationTtl);
      records_.ipv4(host, kDelegationTtl);
      records_.ipv6(host, kDelegationTtl);
    }
  }

  void delegation(const Name& owner, bool own_servers) {
    const HostPair& shared = pairs_[popularity_.draw(random_)];
    HostPair own{child("ns1", owner), child("ns2", owner)};
    const HostPair& hosts = own_servers ? own : shared;
    records_.ns(owner, hosts.first, kDelegationTtl);
    records_.ns(owner, hosts.second, kDelegationTtl);
    if (happens(random_, 40)) records_.ds(owner, kDsTtl);
    if (!own_servers) return;
    bool ipv6 = happens(random_, 35);
    for (const Name& host : {own.first, own.second}) {
      records_.ipv4(host, kDelegationTtl);
      if (ipv6) records_.ipv6(host, kDelegationTtl);
    }
  }

  Name origin_;
  Splitmix random_;
  MadeLabels labels_;
  std::vector<HostPair> pairs_;
  std::vector<std::size_t> providers_;  // places of labels, ascending
  Zipf popularity_{1};
  ZoneBuilder builder_;
  MadeRecords records_{random_, [this](NameView owner, RrType type, std::uint32_t ttl, Bytes rdata) {
                         builder_.add(owner, type, ttl, rdata);
                       }};
};

}  // namespace

Result<ZonePtr> make_tld_zone(NameView origin, std::uint64_t seed, std::size_t size) {
  if (origin.size() > kMostOriginOctets)
    return fail(ErrorKind::limit, "{} is too long to make a zone of: at most {} octets", print(origin),
                kMostOriginOctets);
  if (origin.is_root())
    return fail(ErrorKind::unsupported, "the root is made in a way of its own, not as a TLD");
  return TldMaker(origin, seed).make(size);
}

}  // namespace zw
