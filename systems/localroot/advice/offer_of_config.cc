#include "localroot/advice/offer_of_config.h"

#include <algorithm>

#include "base/encoding.h"

namespace zw::localroot {
namespace {

std::vector<Address> reachable(const std::vector<Address>& all) {
  std::vector<Address> out;
  std::copy_if(all.begin(), all.end(), std::back_inserter(out),
               [](const Address& at) { return !at.ip.is_any() && !at.ip.is_loopback() && at.port != 0; });
  if (!out.empty()) return out;
  std::copy_if(all.begin(), all.end(), std::back_inserter(out),
               [](const Address& at) { return !at.ip.is_any() && at.port != 0; });
  return out;
}

Result<const ZoneConfig*> choose(const Loaded& loaded, const Name* zone, const std::string& file) {
  const auto& zones = loaded.config.zones;
  Name wanted = zone ? *zone : Name();
  auto found =
      std::find_if(zones.begin(), zones.end(), [&](const ZoneConfig& one) { return one.name == wanted; });
  if (found != zones.end()) return &*found;
  if (!zone && zones.size() == 1) return &zones.front();
  return fail(ErrorKind::not_found, "{}: zone {} is not served", file, print(wanted));
}

Result<std::optional<OfferedKey>> key_of(const Loaded& loaded, const ZoneConfig& zone) {
  for (const AccessConfig& access : zone.allow_transfer)
    if (const TsigKey* key = find_key(loaded.keys, access.key))
      return OfferedKey{Name(key->name()), key->algorithm(), base64(key->secret())};
  return std::nullopt;
}

}  // namespace

Result<Offer> offer_of_config(const std::string& file, const Name* zone) {
  auto loaded = load_config(file);
  if (!loaded) {
    std::string faults = loaded.error();
    if (faults.ends_with('\n')) faults.pop_back();
    return fail(ErrorKind::malformed, "{}", faults);
  }
  ZW_TRY(const ZoneConfig* chosen, choose(*loaded, zone, file));
  ZW_TRY(Offer out, offer_of(*loaded, *chosen));
  ZW_TRY(out.key, key_of(*loaded, *chosen));
  return out;
}

Result<Offer> offer_of(const Loaded& loaded, const ZoneConfig& zone) {
  Offer out;
  out.zone = zone.name;
  out.servers = reachable(loaded.config.listen);
  out.tls_servers = reachable(loaded.config.listen_tls);
  out.zonemd = zone.require_zonemd;
  // All software knows the key of the root: not so one of another.
  if (!out.zone.view().is_root() || zone.anchor != ZoneConfig().anchor) {
    out.anchor_file = zone.anchor;
    ZW_TRY(out.anchors, find_anchors(loaded, zone));
  }
  return out;
}

}  // namespace zw::localroot
