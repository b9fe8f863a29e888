#include "localroot/portal/access.h"

#include <algorithm>

namespace zw::localroot::portal {

const std::shared_ptr<const PortalKeys::Piece>& PortalKeys::nothing() {
  static const auto kNothing = std::make_shared<const Piece>();
  return kNothing;
}

std::optional<SecretIds> PortalKeys::find(NameView name) const {
  const Piece& piece = *pieces_[place_of(name)];
  const auto& keys = piece.ring.keys();
  auto at =
      std::ranges::lower_bound(keys, name, [](NameView a, NameView b) { return a < b; }, &TsigKey::name);
  if (at == keys.end() || at->name() != name) return std::nullopt;
  return piece.ids[static_cast<std::size_t>(at - keys.begin())];
}

std::size_t PortalKeys::size() const {
  std::size_t out = 0;
  for (const auto& piece : pieces_) out += piece->ids.size();
  return out;
}

// In their order, so that each goes to the end of the ring.
void PortalKeys::set(std::size_t place, std::vector<FeedKeyPtr> keys) {
  std::ranges::sort(keys,
                    [](const FeedKeyPtr& a, const FeedKeyPtr& b) { return a->tsig.name() < b->tsig.name(); });
  Piece piece;
  for (const FeedKeyPtr& key : keys)
    if (piece.ring.add(key->tsig)) piece.ids.push_back(key->ids);
  pieces_[place] = std::make_shared<const Piece>(std::move(piece));
}

DownloadHash DownloadHash::of(std::string_view secret) {
  return *from(KeptHash::of("portal download", as_bytes(secret)).octets());
}

std::optional<DownloadHash> DownloadHash::from(Bytes octets) {
  DownloadHash out;
  if (octets.size() != out.octets.size()) return std::nullopt;
  std::ranges::copy(octets, out.octets.begin());
  return out;
}

std::optional<ZoneId> PortalAccess::find_zone(NameView name) const {
  auto at = std::ranges::lower_bound(
      zones, name, [](NameView a, NameView b) { return a < b; },
      [](const Zone& zone) { return zone.name.view(); });
  return at != zones.end() && at->name.view() == name ? std::optional(at->id) : std::nullopt;
}

bool PortalAccess::may_fetch(NameView zone, const IpAddress& from, std::optional<NameView> key) const {
  auto id = find_zone(zone);
  if (!id) return false;
  if (!key) return by_address.has(from, *id);
  auto ids = keys.find(*key);
  return ids && by_key.has(ids->key, *id);
}

std::optional<ServerId> PortalAccess::may_download(NameView zone, std::string_view secret) const {
  auto server = downloads.first(DownloadHash::of(secret));
  auto id = find_zone(zone);
  return server && id && by_server.has(*server, *id) ? server : std::nullopt;
}

std::optional<Asking> PortalAccess::asking(NameView zone, const IpAddress& from, std::optional<NameView> key,
                                           Timestamp at) const {
  auto id = find_zone(zone);
  if (!id) return std::nullopt;
  SecretIds ids = key ? keys.find(*key).value_or(SecretIds()) : SecretIds();
  return Asking{from, *id, key.has_value(), ids.key, ids.secret, at};
}

}  // namespace zw::localroot::portal
