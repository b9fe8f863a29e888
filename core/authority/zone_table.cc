#include "authority/zone_table.h"

#include <algorithm>
#include <bit>

#include "dnssec/nsec3_hash.h"

namespace zw {
namespace {

constexpr std::uint8_t kWildcardOctets[] = {1, '*', 0};
constexpr NameView kWildcard(kWildcardOctets, sizeof kWildcardOctets);

std::optional<Nsec3Parameters> chain_in_use(const ZoneNode& apex) {
  auto set = apex.find(RrType::NSEC3PARAM);
  if (!set) return std::nullopt;
  for (Bytes rdata : set->rdatas()) {
    auto param = Nsec3ParamView::parse(rdata);
    if (param && param->flags() == 0 && param->parameters().algorithm == kNsec3Sha1)
      return param->parameters();
  }
  return std::nullopt;
}

}  // namespace

ServedZone::ServedZone(ZonePtr zone, std::optional<WallTime> expires)
    : origin_(zone->origin()), class_(zone->rr_class()), zone_(std::move(zone)), expires_(expires) {
  negative_ttl_ = std::min(zone_->soa().ttl(), zone_->soa_times().minimum);
  if (zone_->apex().has(RrType::NSEC)) {
    denial_ = Denial::nsec;
  } else if (auto parameters = chain_in_use(zone_->apex()); parameters && !zone_->nsec3().is_empty()) {
    denial_ = Denial::nsec3;
    nsec3_ = *parameters;
    apex_place_ = find_nsec3(NameView{});
    wildcard_place_ = find_nsec3(kWildcard);
  }
}

NodeTree::Search ServedZone::nsec3_place(NameView relative) const {
  if (relative.is_root()) return *apex_place_;
  if (relative == kWildcard) return *wildcard_place_;
  return find_nsec3(relative);
}

NodeTree::Search ServedZone::find_nsec3(NameView relative) const {
  return zone_->nsec3().find(nsec3_label(nsec3_hash(zone_->owner(relative), nsec3_)));
}

Seconds ServedZone::lifetime(WallTime now) const {
  return expires_ ? std::max(*expires_ - now, Seconds(0)) : Seconds(zone_->soa_times().expire);
}

ZoneTable::ZoneTable(std::vector<ServedZone> zones)
    : zones_(std::move(zones)), slots_(std::bit_ceil(2 * zones_.size() + 1)) {
  for (std::uint32_t i = 0; i < zones_.size(); ++i) {
    NameView origin = zones_[i].origin();
    ZW_ASSERT(!find_origin(origin));
    std::size_t slot = hash_of(origin) % slots_.size();
    while (slots_[slot] != 0) slot = (slot + 1) % slots_.size();
    slots_[slot] = i + 1;
    label_counts_.set(origin.label_count());
    most_labels_ = std::max(most_labels_, origin.label_count());
  }
}

const ServedZone* ZoneTable::find_origin(NameView origin) const {
  if (zones_.empty()) return nullptr;
  std::size_t slot = hash_of(origin) % slots_.size();
  for (; slots_[slot] != 0; slot = (slot + 1) % slots_.size())
    if (zones_[slots_[slot] - 1].origin() == origin) return &zones_[slots_[slot] - 1];
  return nullptr;
}

const ServedZone* ZoneTable::find(NameView name) const {
  std::size_t labels = name.label_count();
  for (; labels > most_labels_; --labels) name = name.parent();
  for (;; name = name.parent(), --labels) {
    if (label_counts_.test(labels))
      if (const ServedZone* zone = find_origin(name)) return zone;
    if (labels == 0) return nullptr;
  }
}

}  // namespace zw
