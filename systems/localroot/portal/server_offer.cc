#include "localroot/portal/server_offer.h"

#include <algorithm>

#include "base/encoding.h"
#include "localroot/advice/safe_words.h"
#include "localroot/download_config.h"

namespace zw::localroot::portal {
namespace {

constexpr std::string_view kPlaceholder = "THE-SECRET-OF-THIS-SERVER";

// A zone that everybody may download has a URL without a secret already.
void add_url(Offer& out, const ServiceFacts& facts, const PortalServer& server, std::string_view secret) {
  if (!facts.downloads) return;
  if (server.download) {
    out.url = download_url(*facts.downloads, out.zone.view(), secret.empty() ? kPlaceholder : secret);
    out.url_is_secret = !secret.empty();
  }
  out.no_url = "this server has no URL for downloads yet: make one where the server is shown";
  // What needs none goes on without.
  if (!out.url) return;
  if (auto good = check_url(*out.url, out.zone); !good) {
    out.no_url = good.error().what;
    out.url.reset();
  }
}

}  // namespace

std::string download_url(std::string_view origin, NameView zone, std::string_view secret) {
  return localroot::download_url(origin, zone, std::optional(std::string(secret)));
}

Result<Offer> offer_for(const ServiceFacts& facts, NameView zone, const PortalServer& server,
                        const ServerSecrets& secrets) {
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
  add_url(out, facts, server, secrets.download);
  out.key.reset();
  if (!secrets.key || secrets.key->secrets.empty()) return out;
  const PortalSecret& secret = secrets.key->secrets.front();
  ZW_TRY(Name name, Name::parse(secret.name));
  out.key = OfferedKey{name, secret.algorithm, {}};
  if (secrets.with_secret) out.key->secret = base64(secret.value);
  return out;
}

}  // namespace zw::localroot::portal
