// What is registered, in a database (ground/store): each action one transaction, which notes an event and
// announces kPortalTopic. Thinking is policy.h's; here is what is kept, of whom, and how much of it.
//
// Whose things they are is checked in each action: what is another account's is `not_found`. Events name
// things by number and never hold a secret, an address or a text of people, which may have to be forgotten.
// Other errors: `malformed` and `refused` in words for who typed it, `limit` where an account has enough,
// `conflict` where something else has to be done first, and those of store/database.h. Safe for many threads.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <vector>

#include "localroot/portal/policy.h"
#include "localroot/portal/reports.h"
#include "localroot/portal/schema.h"
#include "store/database.h"

namespace zw::localroot::portal {

/// What is announced (store/changes.h) when an engine has to hear of something.
inline constexpr std::string_view kPortalTopic = "portal";

struct NewKey {
  std::string label;
  TsigAlgorithm algorithm = TsigAlgorithm::hmac_sha256;
};
struct Rotation {
  std::optional<TsigAlgorithm> algorithm{};  // absent: as before
  std::optional<Seconds> overlap{};          // how long the secret before works on; absent: as it is set
};

/// What is known of a target, beside its state.
struct TargetFacts {
  std::optional<Serial> held{};
  std::optional<Timestamp> held_at{};      // when we learnt of it
  std::optional<Timestamp> lacks_since{};  // since when there is a version that it lacks
  std::optional<Timestamp> told_at{};
  std::optional<Serial> told_serial{};
  std::optional<Outcome> outcome{};
  std::optional<Timestamp> fetched_at{};
  std::optional<Transport> transport{};  // of the last transfer
  std::optional<Timestamp> refused_at{};
  std::string refusal{};  // why a transfer was not given, the last time
};
struct PortalTarget {
  TargetId id = 0;
  Address address;
  ZoneId zone = 0;
  NotifyPolicy policy = NotifyPolicy::always;
  TargetState state;
  TargetFacts facts;
};

/// A row of the list.
struct ServerSummary {
  ServerId id = 0;
  std::string label;
  std::vector<Address> addresses{};
  std::optional<KeyId> key{};
  bool enabled = true;
  std::int64_t targets = 0, active = 0, paused = 0;  // the others are unproven
  std::int64_t downloading = 0;                      // of those: that fetch over HTTPS instead
};
struct TargetsOfServer {
  ServerId server = 0;
  std::vector<PortalTarget> targets;
};
struct PortalServer {
  ServerId id = 0;
  ServerDraft draft;
  bool enabled = true;
  Timestamp made_at{};
  std::vector<PortalTarget> targets{};  // by zone, then address
  std::optional<PortalDownload> download{};
};

class PortalStore {
 public:
  PortalStore(Database& database, PortalSettings settings, PortalRules rules = {})
      : database_(database), settings_(std::move(settings)), rules_(rules) {}

  // ---- keys: each gives back the key with its secrets, to be shown

  Result<PortalKey> add_key(const Act& act, const NewKey& key);
  Result<void> rename_key(const Act& act, KeyId key, std::string_view text);
  /// A new secret under a new name; the one before works until the overlap is over. `conflict` while one is
  /// under way.
  Result<PortalKey> rotate_key(const Act& act, KeyId key, const Rotation& rotation = {});
  /// Ends the overlap now. Who was proven by the older secret has to fetch again.
  Result<void> end_rotation(const Act& act, KeyId key);
  /// `conflict` while servers use it.
  Result<void> delete_key(const Act& act, KeyId key);
  /// Of an account, by number.
  Result<std::vector<PortalKey>> keys(AccountId account);

  // ---- servers

  Result<ServerId> add_server(const Act& act, const ServerDraft& draft);
  /// All of it. Claims whose address, zone and key stay keep what they have proven.
  Result<void> edit_server(const Act& act, ServerId server, const ServerDraft& draft);
  Result<void> enable_server(const Act& act, ServerId server, bool enabled);
  Result<void> delete_server(const Act& act, ServerId server);
  /// Those numbered above `after`, at most `most`.
  Result<std::vector<ServerSummary>> servers(AccountId account, ServerId after, std::int64_t most);
  Result<PortalServer> server(AccountId account, ServerId server);
  /// Of at most `most` servers that are enabled, those first of which not all targets are told: for who looks
  /// for what is wrong. Servers without a target are left out.
  Result<std::vector<TargetsOfServer>> targets_to_look_at(AccountId account, std::int64_t most);

  // ---- downloads over HTTPS, by a secret in the URL

  /// A secret of its own for the server; the one before is good no more. `unsupported` without a key to make
  /// it of.
  Result<PortalDownload> make_download(const Act& act, ServerId server);
  /// `not_found` if it has none.
  Result<void> delete_download(const Act& act, ServerId server);
  /// To be shown. Without a key of which it was made, nothing.
  SecretBuffer secret_of(const PortalDownload& download) const;

  // ---- zones: what the operator of this service does. `act`: who of them, or nobody with an account

  /// Offers a zone, or changes how: known by its name.
  Result<ZoneId> offer_zone(const Act& act, const PortalZone& zone);
  Result<ZoneId> offer_zone(std::string_view origin, const PortalZone& zone) {
    return offer_zone(Act{0, origin}, zone);
  }
  Result<void> invite(const Act& act, ZoneId zone, AccountId account);
  Result<void> invite(std::string_view origin, ZoneId zone, AccountId account) {
    return invite(Act{0, origin}, zone, account);
  }
  /// Takes the zone from all servers of the account.
  Result<void> uninvite(const Act& act, ZoneId zone, AccountId account);
  Result<void> uninvite(std::string_view origin, ZoneId zone, AccountId account) {
    return uninvite(Act{0, origin}, zone, account);
  }
  /// Those that this account may subscribe to (kNobody: everybody), or all there are; by name.
  Result<std::vector<PortalZone>> zones(std::optional<AccountId> account);

  /// Who is invited to a zone.
  Result<std::vector<AccountId>> invited(ZoneId zone);

  // ---- accounts

  /// Disables all servers of the account, and lets nobody add or enable one until it is resumed. For
  /// operators: `act.by` or nobody acts.
  Result<void> pause_account(const Act& act);
  /// The servers stay disabled: their owner enables those that he wants.
  Result<void> resume_account(const Act& act);
  /// Absent if it is not paused.
  Result<std::optional<Timestamp>> paused_since(AccountId account);
  /// All that is kept of it, as one JSON document; secrets only `with_secrets`.
  Result<std::string> export_account(AccountId account, bool with_secrets);
  /// Removes all that it registered. As a part of `tx`, so that the account itself goes with it.
  Result<void> delete_account(Transaction& tx, const Act& act);
  Result<void> delete_account(const Act& act) {
    return database_.write([&](Transaction& tx) { return delete_account(tx, act); });
  }

  // ---- engines

  /// Notes what engines saw, in one transaction.
  Result<void> record(std::span<const Report> reports);
  /// Ends rotations that are over, pauses who was silent for too long, forgets what engines have heard of a
  /// week ago. Now and then, by any engine; gives back how many targets and secrets were touched.
  Result<std::size_t> tidy();

  /// The number of the last change that engines have to hear of.
  Result<std::int64_t> last_change();

  const PortalSettings& settings() const { return settings_; }
  const PortalRules& rules() const { return rules_; }
  Database& database() { return database_; }

 private:
  std::string make_name();
  Result<void> set_enabled(Transaction& tx, const PortalServer& before, bool enabled);
  Result<void> add_secret(Transaction& tx, KeyId key, TsigAlgorithm algorithm);
  Result<ServerDraft> check_draft(Transaction& tx, const Act& act, const ServerDraft& draft,
                                  std::span<const ServerDraft::Zone> had);

  Database& database_;
  PortalSettings settings_;
  PortalRules rules_;
};

}  // namespace zw::localroot::portal
