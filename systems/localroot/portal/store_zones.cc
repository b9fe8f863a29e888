// Zones that are offered, and the copy of all that is kept of an account.
#include "base/encoding.h"
#include "format/json.h"
#include "localroot/portal/rows.h"
#include "localroot/portal/statements.h"

namespace zw::localroot::portal {
namespace {

std::string print_when(Timestamp when) { return print_time(std::chrono::floor<Seconds>(when)); }

void write(JsonWriter& json, const PortalKey& key, bool with_secrets) {
  json.begin_object()
      .member("key", key.id)
      .member("label", key.label)
      .member("made_at", print_when(key.made_at));
  json.key("secrets").begin_array();
  for (const PortalSecret& secret : key.secrets) {
    json.begin_object().member("name", secret.name).member("algorithm", print(secret.algorithm));
    json.member("made_at", print_when(secret.made_at));
    if (secret.ends_at) json.member("ends_at", print_when(*secret.ends_at));
    if (with_secrets) json.member("secret", base64(secret.value));
    json.end_object();
  }
  json.end_array().end_object();
}

void write(JsonWriter& json, const PortalTarget& target) {
  const auto& [enabled, since, proof, seen, unanswered, pause] = target.state;
  const TargetFacts& facts = target.facts;
  json.begin_object().member("address", target.address.print()).member("zone", target.zone);
  json.member("policy", static_cast<int>(target.policy)).member("phase", print(target.state.phase()));
  json.member("since", print_when(since));
  if (proof) json.member("proven_at", print_when(proof->at)).member("seen_at", print_when(seen));
  json.member("unanswered", unanswered);
  if (facts.held) json.member("serial", facts.held->value());
  if (facts.told_at) json.member("told_at", print_when(*facts.told_at));
  if (facts.fetched_at) json.member("fetched_at", print_when(*facts.fetched_at));
  json.end_object();
}

/// `secret`: of its download; empty if it is not to be shown.
void write(JsonWriter& json, const PortalServer& server, Bytes secret) {
  json.begin_object().member("server", server.id).member("label", server.draft.label);
  json.member("addresses", print_addresses(server.draft.addresses)).member("key", server.draft.key);
  json.member("enabled", server.enabled).member("made_at", print_when(server.made_at));
  json.key("targets").begin_array();
  for (const PortalTarget& target : server.targets) write(json, target);
  json.end_array();
  if (server.download) {
    json.key("download").begin_object().member("made_at", print_when(server.download->made_at));
    if (!secret.empty()) json.member("secret", as_text(secret));
    json.end_object();
  }
  json.end_object();
}

}  // namespace

Result<ZoneId> PortalStore::offer_zone(const Act& act, const PortalZone& zone) {
  return database_.write([&](Transaction& tx) -> Result<ZoneId> {
    ZW_TRY(ZoneId id,
           tx.one(kOfferZone,
                  {print(zone.name), zone.offered, zone.invited_only, zone.note, zone.octets, zone.versions},
                  [](const Row& row) { return row.get<ZoneId>(0); }));
    ZW_CHECK(ChangeNumber(tx).get());
    ZW_CHECK(note(tx, act, zone.offered ? "zone.offer" : "zone.withdraw", "zone", id));
    return id;
  });
}

Result<void> PortalStore::invite(const Act& act, ZoneId zone, AccountId account) {
  return database_.write([&](Transaction& tx) -> Result<void> {
    ZW_CHECK(tx.run(kInvite, {account, zone}));
    return note(tx, act, "zone.invite", "zone", zone, fmt::format("{{\"account\":{}}}", account));
  });
}

Result<void> PortalStore::uninvite(const Act& act, ZoneId zone, AccountId account) {
  return database_.write([&](Transaction& tx) -> Result<void> {
    ZW_CHECK(tx.run(kUninvite, {account, zone}));
    ZW_TRY(auto targets, tx.all(kTargetsOfZoneAndAccount, {account, zone}, target_row));
    ChangeNumber change(tx);
    for (const TargetRow& target : targets) ZW_CHECK(drop_target(tx, change, target.id));
    return note(tx, act, "zone.uninvite", "zone", zone, fmt::format("{{\"account\":{}}}", account));
  });
}

Result<std::vector<AccountId>> PortalStore::invited(ZoneId zone) {
  return database_.read([&](Transaction& tx) {
    return tx.all(kInvited, {zone}, [](const Row& row) { return row.get<AccountId>(0); });
  });
}

Result<std::vector<PortalZone>> PortalStore::zones(std::optional<AccountId> account) {
  return database_.read([&](Transaction& tx) -> Result<std::vector<PortalZone>> {
    std::vector<PortalZone> out;
    auto add = [&](const Row& row) -> Result<void> {
      ZW_TRY(PortalZone zone, zone_of(row));
      out.push_back(std::move(zone));
      return {};
    };
    ZW_CHECK(account ? tx.each(kZonesOf, {*account}, add) : tx.each(kAllZones, {}, add));
    return out;
  });
}

Result<std::string> PortalStore::export_account(AccountId account, bool with_secrets) {
  return database_.read([&](Transaction& tx) -> Result<std::string> {
    std::string out;
    JsonWriter json(out);
    json.begin_object().member("account", account).key("keys").begin_array();
    ZW_TRY(auto keys, read_keys(tx, kListKeys, {account}));
    for (const PortalKey& key : keys) write(json, key, with_secrets);
    json.end_array().key("servers").begin_array();
    ZW_TRY(auto servers, tx.all(kServersOf, {account}, [](const Row& row) { return row.get<ServerId>(0); }));
    for (ServerId id : servers) {
      ZW_TRY(PortalServer server, read_server(tx, account, id));
      bool shows = with_secrets && server.download;
      write(json, server, shows ? secret_of(*server.download) : SecretBuffer());
    }
    json.end_array().end_object();
    return out;
  });
}

}  // namespace zw::localroot::portal
