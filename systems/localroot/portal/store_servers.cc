// Servers: the part of PortalStore that adds, edits, lists and removes them.
#include <algorithm>
#include <map>

#include "localroot/portal/rows.h"
#include "localroot/portal/statements.h"

namespace zw::localroot::portal {
namespace {

using Place = std::tuple<ZoneId, IpAddress, std::uint16_t>;

Place place_of(const Claim& claim) { return {claim.zone, claim.ip, claim.port}; }

std::unexpected<Error> no_server(ServerId server) {
  return fail(ErrorKind::not_found, "server {}: there is none", server);
}

TargetFacts facts_of(const Row& row, int at) {
  auto serial = [&](int column) -> std::optional<Serial> {
    auto value = row.get<std::optional<std::uint32_t>>(column);
    return value ? std::optional(Serial(*value)) : std::nullopt;
  };
  TargetFacts out;
  out.held = serial(at);
  out.held_at = row.get<std::optional<Timestamp>>(at + 1);
  out.lacks_since = row.get<std::optional<Timestamp>>(at + 2);
  out.told_at = row.get<std::optional<Timestamp>>(at + 3);
  out.told_serial = serial(at + 4);
  if (auto answered = row.get<std::optional<bool>>(at + 5))
    out.outcome =
        Outcome{*answered, static_cast<Rcode>(row.get<std::uint16_t>(at + 6)),
                static_cast<NotifyFault>(row.get<std::uint8_t>(at + 7)), row.get<std::uint16_t>(at + 8)};
  out.fetched_at = row.get<std::optional<Timestamp>>(at + 9);
  if (auto transport = row.get<std::optional<std::uint8_t>>(at + 10))
    out.transport = static_cast<Transport>(*transport);
  out.refused_at = row.get<std::optional<Timestamp>>(at + 11);
  out.refusal = row.get<std::optional<std::string>>(at + 12).value_or("");
  return out;
}

// What of the targets of a server a draft leaves, changes and adds.
Result<void> place_targets(Transaction& tx, ServerId server, const ServerDraft& draft, bool enabled,
                           const std::vector<TargetRow>& before) {
  std::map<Place, const TargetRow*> left;
  for (const TargetRow& target : before) left[place_of(target.claim)] = &target;
  ChangeNumber change(tx);
  for (const ServerDraft::Zone& zone : draft.zones)
    for (const Address& address : draft.addresses) {
      auto same = left.find({zone.zone, address.ip, address.port});
      if (same == left.end()) {
        ZW_TRY(std::int64_t number, change.get());
        ZW_CHECK(tx.run(kAddTarget, {server, zone.zone, octets_of(address.ip), address.port, draft.key,
                                     static_cast<int>(zone.policy), enabled, tx.now(), number}));
        continue;
      }
      TargetRow after = *same->second;
      after.policy = zone.policy;
      if (after.claim.key != draft.key) note_change(after.state, tx.now());
      after.claim.key = draft.key;
      ZW_CHECK(write_target(tx, change, *same->second, after));
      left.erase(same);
    }
  for (const auto& [place, target] : left) ZW_CHECK(drop_target(tx, change, target->id));
  return {};
}

Result<std::vector<TargetRow>> targets_of(Transaction& tx, ServerId server) {
  return tx.all(kTargetsOfServer, {server}, target_row);
}

Result<std::optional<Timestamp>> read_pause(Transaction& tx, AccountId account) {
  return tx.first(kPausedSince, {account}, [](const Row& row) { return row.get<Timestamp>(0); });
}

Result<void> check_not_paused(Transaction& tx, AccountId account) {
  ZW_TRY(auto since, read_pause(tx, account));
  if (!since) return {};
  return fail(ErrorKind::refused,
              "the servers of this account were paused by the operator of this service; write to him");
}

Result<void> drop_server(Transaction& tx, ChangeNumber& change, ServerId server) {
  ZW_CHECK(drop_download(tx, change, server));
  ZW_TRY(auto targets, targets_of(tx, server));
  for (const TargetRow& target : targets) ZW_CHECK(drop_target(tx, change, target.id));
  ZW_CHECK(tx.run(kDeleteServer, {server}));
  return {};
}

}  // namespace

PortalTarget target_with_facts(const Row& row) {
  TargetRow target = target_row(row);
  return {target.id,    {target.claim.ip, target.claim.port}, target.claim.zone, target.policy,
          target.state, facts_of(row, kTargetColumns)};
}

Result<PortalServer> read_server(Transaction& tx, AccountId account, ServerId server) {
  ZW_TRY(auto found, tx.first(kOneServer, {account, server}, [&](const Row& row) {
    PortalServer out;
    out.id = server;
    out.draft.label = row.get<std::string>(0);
    out.draft.addresses = parse_addresses(row.get<std::string_view>(1));
    out.draft.key = row.get<std::optional<KeyId>>(2);
    out.enabled = row.get<bool>(3);
    out.made_at = row.get<Timestamp>(4);
    return out;
  }));
  if (!found) return no_server(server);
  ZW_TRY(found->targets, tx.all(kTargetsOfServer, {server}, target_with_facts));
  ZW_TRY(found->download, read_download(tx, server));
  for (const PortalTarget& target : found->targets)
    if (found->draft.zones.empty() || found->draft.zones.back().zone != target.zone)
      found->draft.zones.push_back({target.zone, target.policy});
  return std::move(*found);
}

// Zones that it had before may stay, though they are not offered any more, or to others only.
Result<ServerDraft> PortalStore::check_draft(Transaction& tx, const Act& act, const ServerDraft& draft,
                                             std::span<const ServerDraft::Zone> had) {
  ServerDraft out = draft;
  ZW_TRY(out.label, check_label(draft.label));
  std::ranges::sort(out.addresses);
  auto twin = std::ranges::unique(out.addresses);
  out.addresses.erase(twin.begin(), twin.end());
  if (out.addresses.empty() || out.addresses.size() > settings_.most_addresses)
    return fail(ErrorKind::refused, "server: expected 1 to {} addresses", settings_.most_addresses);
  for (const Address& address : out.addresses)
    ZW_CHECK(check_address(address, draft.key.has_value(), settings_.allow_loopback));
  if (draft.key) {
    ZW_TRY(auto own, tx.first(kHasKey, {act.account, *draft.key}, [](const Row&) { return true; }));
    if (!own) return fail(ErrorKind::not_found, "key {}: there is none", *draft.key);
  }
  if (draft.zones.size() > settings_.most_zones)
    return fail(ErrorKind::limit, "server: expected at most {} zones", settings_.most_zones);
  std::ranges::sort(out.zones, {}, &ServerDraft::Zone::zone);
  if (std::ranges::adjacent_find(out.zones, {}, &ServerDraft::Zone::zone) != out.zones.end())
    return fail(ErrorKind::refused, "server: a zone is named twice");
  for (const ServerDraft::Zone& zone : out.zones) {
    if (std::ranges::find(had, zone.zone, &ServerDraft::Zone::zone) != had.end()) continue;
    ZW_TRY(auto may, tx.first(kMayHaveZone, {act.account, zone.zone}, [](const Row&) { return true; }));
    if (!may) return fail(ErrorKind::not_found, "zone {}: it is not offered", zone.zone);
  }
  return out;
}

Result<ServerId> PortalStore::add_server(const Act& act, const ServerDraft& draft) {
  return database_.write([&](Transaction& tx) -> Result<ServerId> {
    ZW_CHECK(check_not_paused(tx, act.account));
    ZW_TRY(auto count,
           tx.one(kCountServers, {act.account}, [](const Row& row) { return row.get<std::size_t>(0); }));
    if (count >= settings_.most_servers)
      return fail(ErrorKind::limit, "there are {} servers, as many as an account may have; delete one",
                  count);
    ZW_TRY(ServerDraft checked, check_draft(tx, act, draft, {}));
    ZW_TRY(ServerId id,
           tx.one(kAddServer,
                  {act.account, checked.label, print_addresses(checked.addresses), checked.key, tx.now()},
                  [](const Row& row) { return row.get<ServerId>(0); }));
    ZW_CHECK(place_targets(tx, id, checked, true, {}));
    ZW_CHECK(note(tx, act, "server.add", "server", id));
    return id;
  });
}

Result<void> PortalStore::edit_server(const Act& act, ServerId server, const ServerDraft& draft) {
  return database_.write([&](Transaction& tx) -> Result<void> {
    ZW_TRY(PortalServer before, read_server(tx, act.account, server));
    ZW_TRY(ServerDraft checked, check_draft(tx, act, draft, before.draft.zones));
    ZW_TRY(auto targets, targets_of(tx, server));
    ZW_CHECK(tx.run(kEditServer, {server, checked.label, print_addresses(checked.addresses), checked.key}));
    ZW_CHECK(place_targets(tx, server, checked, before.enabled, targets));
    return note(tx, act, "server.edit", "server", server);
  });
}

Result<void> PortalStore::set_enabled(Transaction& tx, const PortalServer& before, bool enabled) {
  ZW_CHECK(tx.run(kEnableServer, {before.id, enabled}));
  ZW_TRY(auto targets, targets_of(tx, before.id));
  ChangeNumber change(tx);
  for (const TargetRow& target : targets) {
    TargetRow after = target;
    after.state.enabled = enabled;
    note_time(after.state, tx.now(), rules_);
    ZW_CHECK(write_target(tx, change, target, after));
  }
  return {};
}

Result<void> PortalStore::enable_server(const Act& act, ServerId server, bool enabled) {
  return database_.write([&](Transaction& tx) -> Result<void> {
    ZW_TRY(PortalServer before, read_server(tx, act.account, server));
    if (before.enabled == enabled) return {};
    if (enabled) ZW_CHECK(check_not_paused(tx, act.account));
    ZW_CHECK(set_enabled(tx, before, enabled));
    return note(tx, act, enabled ? "server.enable" : "server.disable", "server", server);
  });
}

Result<void> PortalStore::delete_server(const Act& act, ServerId server) {
  return database_.write([&](Transaction& tx) -> Result<void> {
    ZW_CHECK(read_server(tx, act.account, server));
    ChangeNumber change(tx);
    ZW_CHECK(drop_server(tx, change, server));
    return note(tx, act, "server.delete", "server", server);
  });
}

Result<std::vector<ServerSummary>> PortalStore::servers(AccountId account, ServerId after,
                                                        std::int64_t most) {
  return database_.read([&](Transaction& tx) -> Result<std::vector<ServerSummary>> {
    Timestamp since = tx.now() - kDownloadSilence;
    return tx.all(kListServers, {account, after, most, since}, [](const Row& row) {
      ServerSummary one;
      one.id = row.get<ServerId>(0);
      one.label = row.get<std::string>(1);
      one.addresses = parse_addresses(row.get<std::string_view>(2));
      one.key = row.get<std::optional<KeyId>>(3);
      one.enabled = row.get<bool>(4);
      one.targets = row.get<std::int64_t>(5);
      one.active = row.get<std::int64_t>(6);
      one.paused = row.get<std::int64_t>(7);
      one.downloading = row.get<std::int64_t>(8);
      return one;
    });
  });
}

Result<std::vector<TargetsOfServer>> PortalStore::targets_to_look_at(AccountId account, std::int64_t most) {
  return database_.read([&](Transaction& tx) -> Result<std::vector<TargetsOfServer>> {
    std::vector<TargetsOfServer> out;
    ZW_CHECK(tx.each(kTargetsToLookAt, {account, most}, [&](const Row& row) {
      auto server = row.get<ServerId>(kTargetAndFactColumns);
      if (out.empty() || out.back().server != server) out.push_back({server, {}});
      out.back().targets.push_back(target_with_facts(row));
    }));
    return out;
  });
}

Result<PortalServer> PortalStore::server(AccountId account, ServerId server) {
  return database_.read([&](Transaction& tx) { return read_server(tx, account, server); });
}

Result<void> PortalStore::pause_account(const Act& act) {
  return database_.write([&](Transaction& tx) -> Result<void> {
    ZW_CHECK(tx.run(kPauseAccount, {act.account, tx.now()}));
    ZW_TRY(auto servers,
           tx.all(kServersOf, {act.account}, [](const Row& row) { return row.get<ServerId>(0); }));
    for (ServerId server : servers) {
      ZW_TRY(PortalServer before, read_server(tx, act.account, server));
      if (before.enabled) ZW_CHECK(set_enabled(tx, before, false));
    }
    return note(tx, act, "account.pause", "account", act.account);
  });
}

Result<void> PortalStore::resume_account(const Act& act) {
  return database_.write([&](Transaction& tx) -> Result<void> {
    ZW_CHECK(tx.run(kResumeAccount, {act.account}));
    return note(tx, act, "account.resume", "account", act.account);
  });
}

Result<std::optional<Timestamp>> PortalStore::paused_since(AccountId account) {
  return database_.read([&](Transaction& tx) { return read_pause(tx, account); });
}

Result<void> PortalStore::delete_account(Transaction& tx, const Act& act) {
  ChangeNumber change(tx);
  ZW_TRY(auto servers,
         tx.all(kServersOf, {act.account}, [](const Row& row) { return row.get<ServerId>(0); }));
  for (ServerId server : servers) ZW_CHECK(drop_server(tx, change, server));
  ZW_TRY(auto keys, read_keys(tx, kListKeys, {act.account}));
  for (const PortalKey& key : keys) {
    for (const PortalSecret& secret : key.secrets) ZW_CHECK(drop_secret(tx, change, secret.id, key.id));
    ZW_CHECK(tx.run(kDeleteKey, {key.id}));
  }
  ZW_CHECK(tx.run(kForgetInvitations, {act.account}));
  ZW_CHECK(tx.run(kResumeAccount, {act.account}));
  return note(tx, act, "account.delete", "account", act.account);
}

}  // namespace zw::localroot::portal
