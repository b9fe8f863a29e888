// What our service offers to one server of an account for one zone, as configurations are made of it
// (advice/advice.h). Pure.
#pragma once

#include "localroot/portal/service_facts.h"
#include "localroot/portal/store.h"

namespace zw::localroot::portal {

/// What of a server's secrets is to stand in a configuration.
struct ServerSecrets {
  const PortalKey* key = nullptr;  // the one of the server, if it has one
  bool with_secret = false;        // of the key, the newest
  std::string_view download{};     // the secret of its URL; empty: a placeholder, if it has one
};

/// Of its addresses the first of each family. `not_found` if the service does not keep the zone now.
Result<Offer> offer_for(const ServiceFacts& facts, NameView zone, const PortalServer& server,
                        const ServerSecrets& secrets);

/// Where the zone is downloaded by this secret.
std::string download_url(std::string_view origin, NameView zone, std::string_view secret);

}  // namespace zw::localroot::portal
