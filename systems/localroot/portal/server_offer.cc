#include "localroot/portal/server_offer.h"

#include <algorithm>

#include "base/encoding.h"

namespace zw::localroot::portal {

Result<Offer> offer_for(const ServiceFacts& facts, NameView zone, const PortalServer& server,
                        const PortalKey* key, bool with_secret) {
  const ServiceFacts::Zone* kept = facts.find(zone);
  if (!kept)
    return fail(ErrorKind::not_found, "the zone {} is not served at this moment; try again later",
                print(zone));
  Offer out = kept->offer;
  out.zone = kept->name;
  out.serial = kept->serial;
  out.label = server.draft.label;
  out.subscriber.clear();
  for (const Address& address : server.draft.addresses)
    if (std::ranges::none_of(out.subscriber,
                             [&](const IpAddress& ip) { return ip.is_v4() == address.ip.is_v4(); }))
      out.subscriber.push_back(address.ip);
  out.key.reset();
  if (!key || key->secrets.empty()) return out;
  const PortalSecret& secret = key->secrets.front();
  ZW_TRY(Name name, Name::parse(secret.name));
  out.key = OfferedKey{name, secret.algorithm, {}};
  if (with_secret) out.key->secret = base64(secret.value);
  return out;
}

}  // namespace zw::localroot::portal
