// What the parts of the store share: rows as values, and how a change is told to engines. Not for others.
#pragma once

#include <string>
#include <vector>

#include "localroot/portal/store.h"

namespace zw::localroot::portal {

/// A target as it lies in the table, without what is only shown.
struct TargetRow {
  TargetId id = 0;
  Claim claim;
  NotifyPolicy policy = NotifyPolicy::always;
  TargetState state;

  /// What an engine has to hear of.
  bool looks_like(const TargetRow& other) const;
};
/// From the first 13 columns of a statement that reads targets.
TargetRow target_row(const Row& row);
constexpr int kTargetColumns = 13;

/// Kinds of rows in portal_gone.
constexpr int kGoneTarget = 1, kGoneSecret = 2, kGoneDownload = 3;

/// The number of this transaction, taken when it is first needed; with it the topic is announced.
class ChangeNumber {
 public:
  explicit ChangeNumber(Transaction& tx) : tx_(tx) {}
  Result<std::int64_t> get();

 private:
  Transaction& tx_;
  std::int64_t number_ = 0;
};

/// Writes what has changed, if anything; gives back whether engines have to hear of it.
Result<bool> write_target(Transaction& tx, ChangeNumber& change, const TargetRow& before,
                          const TargetRow& after);
Result<void> drop_target(Transaction& tx, ChangeNumber& change, TargetId target);
/// Removes a secret, and what it proved.
Result<void> drop_secret(Transaction& tx, ChangeNumber& change, SecretId secret, KeyId key);

/// Removes the URL of a server, if it has one; gives back whether it had.
Result<bool> drop_download(Transaction& tx, ChangeNumber& change, ServerId server);

/// Notes who did what: `server.add` of `server/17`. `detail`: one JSON object or nothing.
Result<void> note(Transaction& tx, const Act& act, std::string_view action, std::string_view kind,
                  std::int64_t number, std::string_view detail = {});

IpAddress ip_of(Bytes octets);
Bytes octets_of(const IpAddress& ip);
std::string print_addresses(const std::vector<Address>& addresses);
std::vector<Address> parse_addresses(std::string_view text);
Result<PortalZone> zone_of(const Row& row);
/// Of kListKeys and kOneKey.
Result<std::vector<PortalKey>> read_keys(Transaction& tx, const Statement& statement,
                                         Transaction::Values values);
/// A target with its facts: from the first 26 columns.
PortalTarget target_with_facts(const Row& row);
constexpr int kTargetAndFactColumns = kTargetColumns + 13;
Result<std::optional<PortalDownload>> read_download(Transaction& tx, ServerId server);
Result<PortalServer> read_server(Transaction& tx, AccountId account, ServerId server);

}  // namespace zw::localroot::portal
