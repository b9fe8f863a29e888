#include "localroot/portal/api/values.h"

#include <fmt/format.h>

#include "base/encoding.h"
#include "localroot/portal/advice.h"

namespace zw::localroot::portal {
namespace {

std::optional<std::uint32_t> value_of(const std::optional<Serial>& serial) {
  return serial ? std::optional(serial->value()) : std::nullopt;
}

std::optional<std::string_view> word_of(Pause pause) {
  switch (pause) {
    case Pause::none: return std::nullopt;
    case Pause::unanswered: return "unanswered";
    case Pause::silence: return "silence";
  }
  return std::nullopt;
}

std::optional<std::string_view> word_of(std::optional<Transport> transport) {
  if (!transport) return std::nullopt;
  switch (*transport) {
    case Transport::udp: return "udp";
    case Transport::tcp: return "tcp";
    case Transport::tls: return "tls";
    case Transport::https: return "https";
  }
  return std::nullopt;
}

void write_outcome(JsonWriter& json, const std::optional<Outcome>& outcome) {
  json.key("outcome");
  if (!outcome) {
    json.null();
    return;
  }
  std::optional<std::string> rcode, fault;
  if (outcome->answered)
    rcode = print(outcome->rcode);
  else
    fault = print(outcome->fault);
  json.begin_object().member("answered", outcome->answered).member("rcode", rcode).member("fault", fault);
  json.member("round_trip_ms", outcome->round_trip).end_object();
}

void write_target(JsonWriter& json, const PortalTarget& target, const ZoneNames& zones, bool has_key,
                  Timestamp now) {
  const TargetState& state = target.state;
  const TargetFacts& facts = target.facts;
  auto zone = zones.find(target.zone);
  json.begin_object().member("id", target.id).member("address", api_address(target.address));
  json.member("zone", zone == zones.end() ? "" : zone->second).member("policy", print(target.policy));
  json.member("phase", print(state.phase())).member("since", api_time(state.since));
  json.member("proven_at", state.proof ? std::optional(api_time(state.proof->at)) : std::nullopt);
  json.member("seen_at", state.proof ? std::optional(api_time(state.seen)) : std::nullopt);
  json.member("unanswered", state.unanswered).member("pause", word_of(state.pause));
  json.key("facts").begin_object();
  json.member("serial", value_of(facts.held)).member("serial_at", api_time(facts.held_at));
  json.member("lacks_since", api_time(facts.lacks_since));
  json.member("told_at", api_time(facts.told_at)).member("told_serial", value_of(facts.told_serial));
  write_outcome(json, facts.outcome);
  json.member("fetched_at", api_time(facts.fetched_at)).member("transport", word_of(facts.transport));
  json.member("refused_at", api_time(facts.refused_at));
  json.member("refusal", facts.refusal.empty() ? std::nullopt : std::optional(facts.refusal)).end_object();
  Advice advice = advise(target, has_key, now);
  json.key("advice").begin_object().member("is_fault", advice.is_fault).member("what", advice.what);
  json.member("mend", advice.mend).end_object().end_object();
}

void write_addresses(JsonWriter& json, const std::vector<Address>& addresses) {
  json.key("addresses").begin_array();
  for (const Address& address : addresses) json.value(api_address(address));
  json.end_array();
}

}  // namespace

std::string api_time(Timestamp when) { return print_time(std::chrono::floor<Seconds>(when)); }
std::optional<std::string> api_time(std::optional<Timestamp> when) {
  return when ? std::optional(api_time(*when)) : std::nullopt;
}

std::string api_address(const Address& address) {
  return address.port == kDnsPort ? address.ip.print() : address.print();
}

ZoneNames names_of(const std::vector<PortalZone>& zones) {
  ZoneNames out;
  for (const PortalZone& zone : zones) out[zone.id] = print(zone.name);
  return out;
}

void write_key(JsonWriter& json, const PortalKey& key, bool with_secrets) {
  json.begin_object()
      .member("id", key.id)
      .member("label", key.label)
      .member("made_at", api_time(key.made_at));
  json.member("servers", key.servers).key("secrets").begin_array();
  for (const PortalSecret& secret : key.secrets) {
    json.begin_object().member("id", secret.id).member("name", secret.name);
    json.member("algorithm", print(secret.algorithm)).member("made_at", api_time(secret.made_at));
    json.member("ends_at", api_time(secret.ends_at));
    if (with_secrets) json.member("value", base64(secret.value));
    json.end_object();
  }
  json.end_array().end_object();
}

void write_summary(JsonWriter& json, const ServerSummary& server) {
  json.begin_object().member("id", server.id).member("label", server.label);
  write_addresses(json, server.addresses);
  json.member("key", server.key).member("enabled", server.enabled).member("targets", server.targets);
  json.member("active", server.active).member("paused", server.paused);
  json.member("downloading", server.downloading).end_object();
}

void write_server(JsonWriter& json, const PortalServer& server, const ZoneNames& zones, Timestamp now) {
  json.begin_object().member("id", server.id).member("label", server.draft.label);
  write_addresses(json, server.draft.addresses);
  json.member("key", server.draft.key).member("enabled", server.enabled);
  json.member("made_at", api_time(server.made_at)).key("download");
  if (server.download)
    json.begin_object().member("made_at", api_time(server.download->made_at)).end_object();
  else
    json.null();
  json.key("zones").begin_array();
  for (const ServerDraft::Zone& zone : server.draft.zones) {
    auto name = zones.find(zone.zone);
    json.begin_object().member("zone", name == zones.end() ? "" : name->second);
    json.member("policy", print(zone.policy)).end_object();
  }
  json.end_array().key("targets").begin_array();
  for (const PortalTarget& target : server.targets)
    write_target(json, target, zones, server.draft.key.has_value(), now);
  json.end_array().end_object();
}

void write_zone(JsonWriter& json, const PortalZone& zone, const ServiceFacts::Zone* kept, bool for_admin) {
  auto known = [](std::uint64_t number) { return number > 0 ? std::optional(number) : std::nullopt; };
  json.begin_object();
  if (for_admin)
    json.member("id", zone.id).member("offered", zone.offered).member("is_kept", kept != nullptr);
  json.member("name", print(zone.name)).member("invited_only", zone.invited_only).member("note", zone.note);
  json.member("serial", kept ? value_of(kept->serial) : std::nullopt);
  json.member("published_at", kept ? api_time(kept->since) : std::nullopt);
  json.member("octets",
              known(kept && kept->octets > 0 ? kept->octets : static_cast<std::uint64_t>(zone.octets)));
  json.member("records", known(kept ? kept->records : 0));
  json.member("versions_in_30_days", known(static_cast<std::uint64_t>(zone.versions))).end_object();
}

void write_account(JsonWriter& json, const Account& account) {
  json.begin_object()
      .member("id", account.id)
      .member("email", account.email)
      .member("role", print(account.role));
  json.member("made_at", api_time(account.made_at)).member("signed_in_at", api_time(account.signed_in_at));
  json.member("has_password", account.has_password).member("has_totp", account.has_totp).end_object();
}

void write_event(JsonWriter& json, const Event& event) {
  json.begin_object().member("number", event.number).member("at", api_time(event.at));
  json.member("actor", event.actor).member("origin", event.origin).member("action", event.action);
  json.member("subject", event.subject).member("detail", event.detail).end_object();
}

}  // namespace zw::localroot::portal
