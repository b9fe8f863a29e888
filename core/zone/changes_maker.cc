#include <algorithm>
#include <set>

#include "zone/cuts.h"
#include "zone/made_records.h"
#include "zone/maker.h"

namespace zw {
namespace {

constexpr std::uint32_t kDsTtl = 3600;

struct CanonicalOrder {
  bool operator()(NameView a, NameView b) const { return a < b; }
};
using NameViews = std::set<NameView, CanonicalOrder>;

void take_set(RecordList& list, NameView owner, const RrSetView& set) {
  for (Bytes rdata : set.rdatas()) list.add(owner, set.type(), set.ttl(), rdata);
}

class ChangesMaker {
 public:
  ChangesMaker(const Zone& zone, std::uint64_t seed)
      : zone_(zone), random_(seed), labels_(random_), changes_(zone.origin(), zone.rr_class()) {}

  Changeset make(std::size_t count) {
    serial();
    survey();
    for (std::size_t i = 0; i < count; ++i) {
      if (i % 3 == 0)
        come();
      else if (auto node = draw_unchanged())
        i % 3 == 1 ? go(*node) : get_other_data(*node);
    }
    changes_.sort();
    return std::move(changes_);
  }

 private:
  void serial() {
    RrSetView soa = zone_.soa();
    Bytes old = soa.rdatas().front();
    Buffer next(old.begin(), old.end());
    changes_.from = zone_.serial();
    changes_.to = changes_.from.next();
    set32(next.data() + next.size() - 20, changes_.to.value());
    changes_.removed.add({}, RrType::SOA, soa.ttl(), old);
    changes_.added.add({}, RrType::SOA, soa.ttl(), next);
  }

  // All delegations, and the servers in this zone that delegations other than their own depend on.
  void survey() {
    ZoneCuts cuts(zone_, zone_.names().begin());
    for (auto at = zone_.names().begin(); !at.is_end(); at.next()) {
      ZoneNode node = *at;
      NodeKind kind = cuts.classify(node);
      if (kind == NodeKind::delegation) delegations_.push_back(node);
      if (kind == NodeKind::occluded || !node.has(RrType::NS)) continue;
      Name owner = zone_.owner(node);
      for (Bytes host : node.find(RrType::NS)->rdatas()) {
        NameView name(host.data(), host.size());
        if (name.is_at_or_below(zone_.origin()) &&
            (kind != NodeKind::delegation || !name.is_at_or_below(owner)))
          needed_.insert(name);
      }
    }
  }

  bool is_needed(const Name& owner) const {
    auto at = needed_.lower_bound(owner);
    return at != needed_.end() && at->is_at_or_below(owner);
  }
  bool has_own_servers(ZoneNode node) const {
    Name owner = zone_.owner(node);
    auto hosts = node.find(RrType::NS)->rdatas();
    return std::any_of(hosts.begin(), hosts.end(),
                       [&](Bytes host) { return NameView(host.data(), host.size()).is_at_or_below(owner); });
  }

  // A delegation that nothing was done to, and that no other needs. Absent if that takes too long.
  std::optional<ZoneNode> draw_unchanged() {
    for (int tries = 0; tries < 100 && !delegations_.empty(); ++tries) {
      std::size_t place = random_.below(delegations_.size());
      ZoneNode node = delegations_[place];
      if (is_needed(zone_.owner(node))) continue;
      delegations_[place] = delegations_.back();
      delegations_.pop_back();
      return node;
    }
    return std::nullopt;
  }

  // The servers of some delegation, fit for another; absent if that takes too long.
  std::optional<RrSetView> draw_servers() {
    for (int tries = 0; tries < 100 && !delegations_.empty(); ++tries) {
      ZoneNode node = delegations_[random_.below(delegations_.size())];
      if (!has_own_servers(node)) return node.find(RrType::NS);
    }
    return std::nullopt;
  }

  void come() {
    Name owner = child(labels_.next(), {});
    for (; is_taken(owner); owner = child(labels_.next(), {})) {
    }
    come_.insert(owner);
    std::uint32_t ttl = 86400;
    if (auto servers = draw_servers()) {
      ttl = servers->ttl();
      take_set(changes_.added, owner, *servers);
    } else {
      Name host = child("ns1", owner);
      records_.ns(owner, *Name::join(host, zone_.origin()), ttl);
      records_.ipv4(host, ttl);
    }
    if (happens(random_, 40)) records_.ds(owner, kDsTtl);
  }
  bool is_taken(const Name& owner) const {
    auto found = zone_.names().find(owner);
    return found.exact || come_.contains(owner) ||
           (!found.at.is_end() && (*found.at).relative().is_at_or_below(owner));
  }

  // The delegation and all that stands below it.
  void go(ZoneNode node) {
    NameView owner = node.relative();
    for (auto at = zone_.names().find(owner).at; !at.is_end() && (*at).relative().is_at_or_below(owner);
         at.next())
      for (std::size_t i = 0; i < (*at).rrset_count(); ++i)
        take_set(changes_.removed, (*at).relative(), (*at).rrset(i));
  }

  void get_other_data(ZoneNode node) {
    auto servers = happens(random_, 50) && !has_own_servers(node) ? draw_servers() : std::nullopt;
    RrSetView old = *node.find(RrType::NS);
    if (servers && !same_bytes(servers->rdatas().front(), old.rdatas().front())) {
      take_set(changes_.removed, node.relative(), old);
      take_set(changes_.added, node.relative(), *servers);
      return;
    }
    auto ds = node.find(RrType::DS);
    if (ds) take_set(changes_.removed, node.relative(), *ds);
    records_.ds(node.relative(), ds ? ds->ttl() : kDsTtl);
  }

  const Zone& zone_;
  Splitmix random_;
  MadeLabels labels_;
  Changeset changes_;
  std::vector<ZoneNode> delegations_;
  NameViews needed_;
  std::set<Name> come_;
  // Owners are relative here.
  MadeRecords records_{random_, [this](NameView owner, RrType type, std::uint32_t ttl, Bytes rdata) {
                         changes_.added.add(owner, type, ttl, rdata);
                       }};
};

}  // namespace

Changeset make_changes(const Zone& zone, std::uint64_t seed, std::size_t count) {
  return ChangesMaker(zone, seed).make(count);
}

}  // namespace zw
