// Keys: the part of PortalStore that makes, rotates and removes them.
#include <fmt/format.h>

#include <array>

#include "base/encoding.h"
#include "localroot/portal/rows.h"
#include "localroot/portal/statements.h"

namespace zw::localroot::portal {
namespace {

constexpr std::size_t kNameOctets = 10;  // of chance: 16 letters and digits

PortalSecret secret_of(const Row& row) {
  Bytes value = row.get<Bytes>(7);
  PortalSecret out;
  out.id = row.get<SecretId>(4);
  out.name = row.get<std::string>(5);
  out.algorithm = parse_tsig_algorithm(row.get<std::string_view>(6)).value_or(out.algorithm);
  out.value.assign(value.begin(), value.end());
  out.made_at = row.get<Timestamp>(8);
  out.ends_at = row.get<std::optional<Timestamp>>(9);
  return out;
}

Result<PortalKey> read_key(Transaction& tx, AccountId account, KeyId key) {
  ZW_TRY(auto keys, read_keys(tx, kOneKey, {account, key}));
  if (keys.empty()) return fail(ErrorKind::not_found, "key {}: there is none", key);
  return std::move(keys.front());
}

}  // namespace

Result<std::vector<PortalKey>> read_keys(Transaction& tx, const Statement& statement,
                                         Transaction::Values values) {
  std::vector<PortalKey> out;
  ZW_CHECK(tx.each(statement, values, [&](const Row& row) {
    auto id = row.get<KeyId>(0);
    if (out.empty() || out.back().id != id)
      out.push_back({id, row.get<std::string>(1), row.get<Timestamp>(2), {}, row.get<std::int64_t>(3)});
    out.back().secrets.push_back(secret_of(row));
  }));
  return out;
}

std::string PortalStore::make_name() {
  std::array<std::uint8_t, kNameOctets> chance{};
  database_.fill_random(chance);
  return fmt::format("{}.{}.", base32hex(chance), settings_.key_domain);
}

// As long as the digest, which RFC 2104 §3 calls the least and which more does not strengthen.
Result<void> PortalStore::add_secret(Transaction& tx, KeyId key, TsigAlgorithm algorithm) {
  SecretBuffer value(hmac_size(hmac_of(algorithm)));
  database_.fill_random(value);
  ZW_TRY(std::int64_t number, ChangeNumber(tx).get());
  ZW_CHECK(tx.run(kAddSecret, {key, make_name(), print(algorithm), Bytes(value), tx.now(), number}));
  return {};
}

Result<PortalKey> PortalStore::add_key(const Act& act, const NewKey& key) {
  ZW_TRY(std::string label, check_label(key.label));
  return database_.write([&](Transaction& tx) -> Result<PortalKey> {
    ZW_TRY(auto count,
           tx.one(kCountKeys, {act.account}, [](const Row& row) { return row.get<std::size_t>(0); }));
    if (count >= settings_.most_keys)
      return fail(ErrorKind::limit, "there are {} keys, as many as an account may have; delete one", count);
    ZW_TRY(KeyId id,
           tx.one(kAddKey, {act.account, label, tx.now()}, [](const Row& row) { return row.get<KeyId>(0); }));
    ZW_CHECK(add_secret(tx, id, key.algorithm));
    ZW_TRY(PortalKey made, read_key(tx, act.account, id));
    ZW_CHECK(note(tx, act, "key.add", "key", id));
    return made;
  });
}

Result<void> PortalStore::rename_key(const Act& act, KeyId key, std::string_view text) {
  ZW_TRY(std::string label, check_label(text));
  return database_.write([&](Transaction& tx) -> Result<void> {
    ZW_TRY(std::int64_t changed, tx.run(kRenameKey, {act.account, key, label}));
    if (changed == 0) return fail(ErrorKind::not_found, "key {}: there is none", key);
    return note(tx, act, "key.rename", "key", key);
  });
}

Result<PortalKey> PortalStore::rotate_key(const Act& act, KeyId key, const Rotation& rotation) {
  return database_.write([&](Transaction& tx) -> Result<PortalKey> {
    ZW_TRY(PortalKey before, read_key(tx, act.account, key));
    if (before.secrets.size() > 1)
      return fail(ErrorKind::conflict, "key {}: the rotation before is not over; wait for it, or end it",
                  key);
    const PortalSecret& old = before.secrets.front();
    Timestamp ends = tx.now() + std::max(Seconds(0), rotation.overlap.value_or(settings_.overlap));
    ZW_CHECK(tx.run(kEndSecretAt, {old.id, ends}));
    ZW_CHECK(add_secret(tx, key, rotation.algorithm.value_or(old.algorithm)));
    ZW_TRY(PortalKey after, read_key(tx, act.account, key));
    ZW_CHECK(note(tx, act, "key.rotate", "key", key));
    return after;
  });
}

Result<void> PortalStore::end_rotation(const Act& act, KeyId key) {
  return database_.write([&](Transaction& tx) -> Result<void> {
    ZW_TRY(PortalKey before, read_key(tx, act.account, key));
    if (before.secrets.size() < 2) return fail(ErrorKind::conflict, "key {}: no rotation is under way", key);
    ChangeNumber change(tx);
    ZW_CHECK(drop_secret(tx, change, before.secrets.back().id, key));
    return note(tx, act, "key.rotated", "key", key);
  });
}

Result<void> PortalStore::delete_key(const Act& act, KeyId key) {
  return database_.write([&](Transaction& tx) -> Result<void> {
    ZW_TRY(PortalKey before, read_key(tx, act.account, key));
    if (before.servers > 0)
      return fail(ErrorKind::conflict, "key {}: {} servers use it; give them another one first", key,
                  before.servers);
    ChangeNumber change(tx);
    for (const PortalSecret& secret : before.secrets) ZW_CHECK(drop_secret(tx, change, secret.id, key));
    ZW_CHECK(tx.run(kDeleteKey, {key}));
    return note(tx, act, "key.delete", "key", key);
  });
}

Result<std::vector<PortalKey>> PortalStore::keys(AccountId account) {
  return database_.read([&](Transaction& tx) { return read_keys(tx, kListKeys, {account}); });
}

}  // namespace zw::localroot::portal
