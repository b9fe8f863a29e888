// For tests: zones of random records, and random changes to them. The records stand in a plain sorted map, so
// that tests have something simple to compare the real thing with.
#pragma once

#include <map>

#include "base/random.h"
#include "dns/random_rdata.h"
#include "zone/builder.h"
#include "zone/writer.h"

namespace zw::testing {

class RandomZone {
 public:
  explicit RandomZone(Random& random, NameView origin, RrClass rr_class = RrClass::IN)
      : random_(random), origin_(origin), class_(rr_class) {
    set_serial(1);
  }

  NameView origin() const { return origin_; }
  std::uint32_t serial() const { return serial_; }
  void set_serial(std::uint32_t serial) {
    serial_ = serial;
    Buffer soa;
    append(soa, Name::parse("ns.invalid.")->wire());
    append(soa, Name::parse("host.invalid.")->wire());
    for (std::uint32_t n : {serial, 7200u, 3600u, 1209600u, 300u}) append32(soa, n);
    RrSet& set = sets_[{origin_, RrType::SOA, RrType{}}];
    set.ttl = 3600;
    set.rdatas = {{soa, soa}};
  }

  /// A record of any type that can stand in a zone, at a name that others are likely to have too.
  void add_record() {
    auto infos = all_type_infos();
    const RrTypeInfo* info = &infos[random_.below(infos.size())];
    if (random_.below(4) == 0) info = find_type_info(RrType::NSEC3);
    if (is_meta_type(info->type) || info->type == RrType::SOA) return add_record();
    Buffer rdata = random_rdata(*info, random_);
    if (info->type == RrType::RRSIG && random_.below(2)) set16(rdata.data(), 50);  // covers NSEC3
    add(random_owner(), info->type, rdata);
  }
  void remove_record() {
    auto at = random_set();
    if (at == sets_.end()) return;
    auto& rdatas = at->second.rdatas;
    rdatas.erase(std::next(rdatas.begin(), static_cast<std::ptrdiff_t>(random_.below(rdatas.size()))));
    if (rdatas.empty()) sets_.erase(at);
  }
  void change_ttl() {
    if (auto at = random_set(); at != sets_.end()) at->second.ttl = random_ttl();
  }
  /// Removes a run of neighbours, so that pages become small or empty.
  void remove_run(std::size_t most) {
    for (auto at = random_set(); at != sets_.end() && most-- > 0;)
      at = std::get<1>(at->first) == RrType::SOA ? std::next(at) : sets_.erase(at);
  }
  void change(std::size_t steps) {
    while (steps-- > 0) {
      auto kind = random_.below(10);
      kind < 5 ? add_record() : kind < 8 ? remove_record() : change_ttl();
    }
  }

  /// Calls `visit(owner, type, ttl, rdata)` for each record, in no special order within an RRset.
  template <typename Visit>
  void visit(Visit&& visit) const {
    for (const auto& [key, set] : sets_)
      for (const auto& [canonical, rdata] : set.rdatas)
        visit(std::get<0>(key), std::get<1>(key), set.ttl, rdata);
  }
  ZonePtr build() const {
    ZoneBuilder builder(origin_, class_);
    visit([&](const Name& owner, RrType type, std::uint32_t ttl, const Buffer& rdata) {
      builder.add(owner, type, ttl, rdata);
    });
    Findings findings;
    auto zone = builder.build(findings);
    ZW_ASSERT(zone && findings.errors() + findings.warnings() == 0);
    return *zone;
  }

 private:
  struct RrSet {
    std::uint32_t ttl = 0;
    std::map<Buffer, Buffer> rdatas;  // by canonical form
  };
  using Key = std::tuple<Name, RrType, RrType>;  // with the type covered

  void add(const Name& owner, RrType type, const Buffer& rdata) {
    bool signature = type == RrType::RRSIG && rdata.size() >= 2;
    RrSet& set = sets_[{owner, type, signature ? static_cast<RrType>(get16(rdata.data())) : RrType{}}];
    if (set.rdatas.empty()) set.ttl = random_ttl();
    Buffer canonical;
    append_canonical_rdata(canonical, type, rdata);
    set.rdatas.emplace(canonical, rdata);
  }
  Name random_owner() {
    Name owner = origin_;
    for (std::uint64_t left = random_.below(4); left > 0; --left) {
      Buffer label = {static_cast<std::uint8_t>("abcdefghijXYZ-_0\0\1\xff*"[random_.below(20)])};
      if (random_.below(2)) append(label, random_octets(random_, 1, 2));
      if (auto longer = Name::prepend(label, owner)) owner = *longer;
    }
    return owner;
  }
  std::uint32_t random_ttl() { return static_cast<std::uint32_t>(60 * random_.below(5)); }
  // Any RRset but the SOA of the apex; the end if the place drawn is that.
  std::map<Key, RrSet>::iterator random_set() {
    auto at = std::next(sets_.begin(), static_cast<std::ptrdiff_t>(random_.below(sets_.size())));
    return std::get<1>(at->first) == RrType::SOA ? sets_.end() : at;
  }

  Random& random_;
  Name origin_;
  RrClass class_;
  std::uint32_t serial_ = 0;
  std::map<Key, RrSet> sets_;
};

/// As write_changes() writes it.
inline std::string text(const Changeset& changes) {
  std::string out;
  auto written = write_changes(changes, [&](Bytes block) -> Result<void> {
    out += as_text(block);
    return {};
  });
  ZW_ASSERT(written);
  return out;
}

}  // namespace zw::testing
