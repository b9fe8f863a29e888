#include "localroot/portal/feed_book.h"

#include <algorithm>
#include <map>

namespace zw::localroot::portal {
namespace {

std::vector<FeedChange> list_of_changes(std::map<ZoneId, FeedChange>& by_zone) {
  std::vector<FeedChange> out;
  for (auto& [zone, change] : by_zone) out.push_back(std::move(change));
  return out;
}

}  // namespace

// FNV-1a: the same in all engines, whatever they were built with.
bool FeedShare::has(const IpAddress& ip) const {
  if (of <= 1) return true;
  std::uint64_t hash = 0xcbf29ce484222325u;
  for (std::uint8_t octet : ip.mapped()) hash = (hash ^ octet) * 0x100000001b3u;
  return (hash ^ hash >> 32) % of == number;
}

void FeedBook::reserve(std::size_t targets) {
  rows_.reserve(targets);
  index_.reserve(targets);
  spots_.reserve(targets);
  dirty_.reserve(targets);
}

bool FeedBook::is_offered(ZoneId zone) const {
  auto at = zones_.find(zone);
  return at != zones_.end() && at->second.offered;
}

// Zones are few and change seldom: all places of one that comes or goes are looked at.
void FeedBook::set_zones(const std::vector<PortalZone>& zones) {
  std::unordered_set<ZoneId> turned;
  for (const PortalZone& zone : zones) {
    if (zone.offered != is_offered(zone.id)) turned.insert(zone.id);
    zones_[zone.id] = zone;
  }
  if (turned.empty()) return;
  other_zones_ = true;
  for (auto& [place, spot] : spots_)
    if (turned.contains(place.zone)) touch(place, spot);
}

void FeedBook::set_secret(const FeedKeyPtr& key) {
  std::size_t place = PortalKeys::place_of(key->tsig.name());
  SecretId id = key->ids.secret;
  if (!secrets_.try_emplace(id, key).second) return;  // a secret never changes
  keys_at_[place].insert(id);
  dirty_keys_.insert(place);
}

void FeedBook::drop_secret(SecretId secret) {
  auto at = secrets_.find(secret);
  if (at == secrets_.end()) return;
  std::size_t place = PortalKeys::place_of(at->second->tsig.name());
  keys_at_[place].erase(secret);
  dirty_keys_.insert(place);
  secrets_.erase(at);
}

void FeedBook::set_download(DownloadId id, const DownloadHash& hash, ServerId server) {
  if (downloads_.try_emplace(id, hash, server).second) by_download_.add(hash, server);  // it never changes
}

void FeedBook::drop_download(DownloadId id) {
  auto known = downloads_.find(id);
  if (known == downloads_.end()) return;
  by_download_.remove(known->second.first, known->second.second);
  downloads_.erase(known);
}

void FeedBook::grant(const FeedRow& row, bool given) {
  if (!row.enabled) return;
  auto note = [&](auto& changes, const auto& who) {
    given ? changes.add(who, row.claim.zone) : changes.remove(who, row.claim.zone);
  };
  if (row.claim.key)
    note(by_key_, *row.claim.key);
  else
    note(by_address_, row.claim.ip);
  note(by_server_, row.server);
}

void FeedBook::touch(const Place& place, Spot& spot) {
  if (!std::exchange(spot.dirty, true)) dirty_.push_back(place);
}

void FeedBook::link(std::uint32_t at) {
  Place place = place_of(rows_[at].row.claim);
  Spot& spot = spots_[place];
  rows_[at].next = std::exchange(spot.first, at);
  touch(place, spot);
}

void FeedBook::unlink(std::uint32_t at) {
  Place place = place_of(rows_[at].row.claim);
  Spot& spot = spots_[place];
  std::uint32_t* link = &spot.first;
  while (*link != at) link = &rows_[*link].next;
  *link = rows_[at].next;
  touch(place, spot);
}

void FeedBook::set_target(const FeedRow& row) {
  auto [known, is_new] = index_.try_emplace(row.id, kNone);
  if (is_new) {
    if (free_.empty()) {
      known->second = static_cast<std::uint32_t>(rows_.size());
      rows_.emplace_back();
    } else {
      known->second = free_.back();
      free_.pop_back();
    }
  } else {
    unlink(known->second);
    grant(rows_[known->second].row, false);
  }
  rows_[known->second].row = row;
  link(known->second);
  grant(row, true);
}

void FeedBook::drop_target(TargetId target) {
  auto known = index_.find(target);
  if (known == index_.end()) return;
  unlink(known->second);
  grant(rows_[known->second].row, false);
  free_.push_back(known->second);
  index_.erase(known);
}

// Without its key nobody could check what we say.
FeedBook::Told FeedBook::choose(const Spot& spot) const {
  const FeedRow* best = nullptr;
  auto rank = [](const FeedRow& row) { return Precedence{row.silent, !row.claim.key, row.id}; };
  for (std::uint32_t at = spot.first; at != kNone; at = rows_[at].next) {
    const FeedRow& row = rows_[at].row;
    bool can_sign = row.claim.key ? row.secret && secrets_.contains(*row.secret) : !row.secret;
    if (row.enabled && row.active && can_sign && (!best || rank(row) < rank(*best))) best = &row;
  }
  if (!best || !is_offered(best->claim.zone) || !share_.has(best->claim.ip)) return {};
  return {best->id, best->secret.value_or(0), best->policy};
}

std::vector<FeedChange> FeedBook::take_changes() {
  std::map<ZoneId, FeedChange> out;
  for (const Place& place : dirty_) {
    auto at = spots_.find(place);
    Spot& spot = at->second;
    spot.dirty = false;
    Told now = choose(spot), before = std::exchange(spot.told, now);
    bool is_empty = spot.first == kNone;
    if (is_empty) spots_.erase(at);
    if (now == before) continue;
    auto [change, is_new] = out.try_emplace(place.zone);
    if (is_new) change->second.zone = zones_[place.zone].name;
    told_ += now.target != 0;
    told_ -= before.target != 0;
    if (now.target == 0)
      change->second.gone.push_back({place.ip, place.port});
    else
      change->second.told.push_back(target_of(place, now));
  }
  dirty_.clear();
  return list_of_changes(out);
}

FeedTarget FeedBook::target_of(const Place& place, const Told& told) const {
  FeedTarget out{
      {place.ip, place.port}, told.target, told.secret ? secrets_.at(told.secret) : nullptr, told.policy};
  out.heard = rows_[index_.at(told.target)].row.heard;
  return out;
}

std::vector<FeedChange> FeedBook::all() const {
  std::map<ZoneId, FeedChange> out;
  for (const auto& [place, spot] : spots_) {
    if (spot.told.target == 0) continue;
    auto [change, is_new] = out.try_emplace(place.zone);
    if (is_new) change->second.zone = zones_.at(place.zone).name;
    change->second.told.push_back(target_of(place, spot.told));
  }
  return list_of_changes(out);
}

PortalAccessPtr FeedBook::access() {
  bool any =
      by_address_.any() || by_key_.any() || by_server_.any() || by_download_.any() || !dirty_keys_.empty();
  if (!any && !other_zones_) return access_;
  auto next = std::make_shared<PortalAccess>(*access_);
  for (std::size_t place : dirty_keys_) {
    std::vector<FeedKeyPtr> keys;
    for (SecretId secret : keys_at_[place]) keys.push_back(secrets_[secret]);
    next->keys.set(place, std::move(keys));
  }
  dirty_keys_.clear();
  by_address_.apply(next->by_address);
  by_key_.apply(next->by_key);
  by_server_.apply(next->by_server);
  by_download_.apply(next->downloads);
  if (std::exchange(other_zones_, false)) {
    next->zones.clear();
    for (const auto& [id, zone] : zones_)
      if (zone.offered) next->zones.push_back({zone.name, id});
    std::ranges::sort(next->zones,
                      [](const auto& a, const auto& b) { return a.name.view() < b.name.view(); });
  }
  return access_ = std::move(next);
}

}  // namespace zw::localroot::portal
