// The bodies of requests to the API as values, with complaints that name the member. Pure: what only the
// store knows is not looked at. Fuzzed.
#pragma once

#include "localroot/portal/store.h"
#include "web/site/json_body.h"

namespace zw::localroot::portal {

/// The label `label` of an object.
WebTry<std::string> read_label(const JsonFields& fields);

WebTry<NewKey> read_new_key(const WebRequest& request);
WebTry<std::string> read_new_label(const WebRequest& request);
WebTry<Rotation> read_rotation(const WebRequest& request);

struct ServerBody {
  ServerDraft draft;  // without zones
  struct Zone {
    Name name;
    NotifyPolicy policy = NotifyPolicy::always;
  };
  std::vector<Zone> zones;
};
WebTry<ServerBody> read_server_body(const WebRequest& request, const PortalSettings& settings);

/// A zone as an administrator offers it; `octets` is left as it is.
WebTry<PortalZone> read_zone_offer(const WebRequest& request);

/// An object with one member.
WebTry<bool> read_flag(const WebRequest& request, std::string_view name);
WebTry<std::string> read_text(const WebRequest& request, std::string_view name, JsonLimits limits = {});

}  // namespace zw::localroot::portal
