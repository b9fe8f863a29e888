// What our service offers to one server of an account for one zone, as configurations are made of it
// (advice/advice.h). Pure.
#pragma once

#include "localroot/portal/service_facts.h"
#include "localroot/portal/store.h"

namespace zw::localroot::portal {

/// `key`: the one of the server, or null. Its newest secret is in the offer only `with_secret`. Of its
/// addresses the first of each family. `not_found` if the service does not keep the zone now.
Result<Offer> offer_for(const ServiceFacts& facts, NameView zone, const PortalServer& server,
                        const PortalKey* key, bool with_secret);

}  // namespace zw::localroot::portal
