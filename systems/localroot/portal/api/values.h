// What the portal has, as JSON values of the API. Pure.
#pragma once

#include <map>

#include "format/json.h"
#include "localroot/portal/service_facts.h"
#include "localroot/portal/store.h"
#include "store/event_log.h"
#include "web/accounts/accounts.h"

namespace zw::localroot::portal {

/// `2026-08-05T00:00:00Z`.
std::string api_time(Timestamp when);
std::optional<std::string> api_time(std::optional<Timestamp> when);
/// With its port, unless that is 53.
std::string api_address(const Address& address);

/// The name of each zone, by number.
using ZoneNames = std::map<ZoneId, std::string>;
ZoneNames names_of(const std::vector<PortalZone>& zones);

void write_key(JsonWriter& json, const PortalKey& key, bool with_secrets);
void write_summary(JsonWriter& json, const ServerSummary& server);
void write_server(JsonWriter& json, const PortalServer& server, const ZoneNames& zones, Timestamp now);
/// `for_admin`: with what only administrators see. `kept`: what the service knows of it, or null.
void write_zone(JsonWriter& json, const PortalZone& zone, const ServiceFacts::Zone* kept, bool for_admin);
void write_account(JsonWriter& json, const Account& account);
void write_event(JsonWriter& json, const Event& event);

}  // namespace zw::localroot::portal
