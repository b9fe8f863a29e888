// What our own server offers, by its configuration.
#pragma once

#include "localroot/advice/advice.h"
#include "localroot/config.h"
#include "localroot/tls_config.h"

namespace zw::localroot {

/// Of this zone, or, if null, of the root if the server has it, else of its only zone. Addresses of loopback
/// and those that mean all are left out while there are others; the key is the first that allow-transfer
/// names, with its secret. A URL is known only for who downloads without a token, and with the name that
/// is in the certificate unknown, neither it nor the TLS name is: they are the caller's to give.
/// Fails with `malformed` (all faults, a line each) or `not_found`.
Result<Offer> offer_of_config(const std::string& file, const Name* zone);

/// The same of a configuration that was read, and of one of its zones, but without a key. What the zone is
/// believed by is in it unless that is the key of the root as Debian has it. `not_found` if there is none.
Result<Offer> offer_of(const Loaded& loaded, const ZoneConfig& zone);

}  // namespace zw::localroot
