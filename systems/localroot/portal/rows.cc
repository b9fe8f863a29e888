#include "localroot/portal/rows.h"

#include <fmt/format.h>

#include "localroot/portal/statements.h"
#include "store/event_log.h"

namespace zw::localroot::portal {
namespace {

constexpr Seconds kSeenStep{12 * 3600};  // how much later a question has to be to be written down

// What was asked for lately is not written at each time.
bool is_worth_writing(const TargetState& before, const TargetState& after) {
  return after.proof != before.proof || after.unanswered != before.unanswered ||
         after.seen - before.seen >= kSeenStep;
}

std::optional<SecretId> proof_secret(const TargetState& state) {
  return state.proof ? std::optional(state.proof->secret) : std::nullopt;
}

}  // namespace

IpAddress ip_of(Bytes octets) { return octets.size() == 16 ? IpAddress::v6(octets.data()) : IpAddress(); }
Bytes octets_of(const IpAddress& ip) { return ip.mapped(); }

std::string print_addresses(const std::vector<Address>& addresses) {
  std::string out;
  for (const Address& address : addresses) out += (out.empty() ? "" : " ") + address.print();
  return out;
}

std::vector<Address> parse_addresses(std::string_view text) {
  std::vector<Address> out;
  while (!text.empty()) {
    std::string_view word = text.substr(0, text.find(' '));
    if (auto address = Address::parse(word, kDnsPort)) out.push_back(*address);
    text.remove_prefix(std::min(text.size(), word.size() + 1));
  }
  return out;
}

Result<PortalZone> zone_of(const Row& row) {
  ZW_TRY(Name name, Name::parse(row.get<std::string_view>(1)));
  return PortalZone{row.get<ZoneId>(0),      name,
                    row.get<bool>(2),        row.get<bool>(3),
                    row.get<std::string>(4), row.get<std::int64_t>(5),
                    row.get<std::int64_t>(6)};
}

TargetRow target_row(const Row& row) {
  TargetRow out;
  out.id = row.get<TargetId>(0);
  out.claim = {ip_of(row.get<Bytes>(2)), row.get<std::uint16_t>(3), row.get<ZoneId>(1),
               row.get<std::optional<KeyId>>(4)};
  out.policy = static_cast<NotifyPolicy>(row.get<std::uint8_t>(5));
  out.state.enabled = row.get<bool>(6);
  out.state.since = row.get<Timestamp>(7);
  if (auto secret = row.get<std::optional<SecretId>>(8)) out.state.proof = {*secret, row.get<Timestamp>(9)};
  out.state.seen = row.get<Timestamp>(10);
  out.state.unanswered = row.get<unsigned>(11);
  out.state.pause = static_cast<Pause>(row.get<std::uint8_t>(12));
  return out;
}

bool TargetRow::looks_like(const TargetRow& other) const {
  const TargetState &a = state, &b = other.state;
  return claim.key == other.claim.key && policy == other.policy && a.enabled == b.enabled &&
         a.since == b.since && proof_secret(a) == proof_secret(b) && a.pause == b.pause &&
         (a.unanswered > 0) == (b.unanswered > 0);
}

Result<std::int64_t> ChangeNumber::get() {
  if (number_ > 0) return number_;
  ZW_TRY(number_, tx_.one(kTakeChange, {}, [](const Row& row) { return row.get<std::int64_t>(0); }));
  ZW_CHECK(tx_.announce(kPortalTopic));
  return number_;
}

Result<bool> write_target(Transaction& tx, ChangeNumber& change, const TargetRow& before,
                          const TargetRow& after) {
  const TargetState& state = after.state;
  Timestamp proven_at = state.proof ? state.proof->at : Timestamp();
  if (after.looks_like(before)) {
    if (is_worth_writing(before.state, state))
      ZW_CHECK(tx.run(kTouchTarget, {after.id, proven_at, state.seen, state.unanswered}));
    return false;
  }
  ZW_TRY(std::int64_t number, change.get());
  ZW_CHECK(tx.run(kSetTarget, {after.id, after.claim.key, static_cast<int>(after.policy), state.enabled,
                               state.since, proof_secret(state), proven_at, state.seen, state.unanswered,
                               static_cast<int>(state.pause), number}));
  return true;
}

Result<void> drop_target(Transaction& tx, ChangeNumber& change, TargetId target) {
  ZW_TRY(std::int64_t number, change.get());
  ZW_CHECK(tx.run(kDeleteTarget, {target}));
  ZW_CHECK(tx.run(kTargetGone, {number, target, tx.now()}));
  return {};
}

Result<void> drop_secret(Transaction& tx, ChangeNumber& change, SecretId secret, KeyId key) {
  ZW_TRY(auto targets, tx.all(kTargetsOfKey, {key}, target_row));
  for (const TargetRow& before : targets) {
    TargetRow after = before;
    note_end_of_secret(after.state, secret);
    ZW_CHECK(write_target(tx, change, before, after));
  }
  ZW_TRY(std::int64_t number, change.get());
  ZW_CHECK(tx.run(kDeleteSecret, {secret}));
  ZW_CHECK(tx.run(kSecretGone, {number, secret, tx.now()}));
  return {};
}

Result<bool> drop_download(Transaction& tx, ChangeNumber& change, ServerId server) {
  ZW_TRY(auto before, read_download(tx, server));
  if (!before) return false;
  ZW_TRY(std::int64_t number, change.get());
  ZW_CHECK(tx.run(kDeleteDownload, {before->id}));
  ZW_CHECK(tx.run(kDownloadGone, {number, before->id, tx.now()}));
  return true;
}

Result<void> note(Transaction& tx, const Act& act, std::string_view action, std::string_view kind,
                  std::int64_t number, std::string_view detail) {
  AccountId who = act.by > 0 ? act.by : act.account;
  std::string actor = who > 0 ? fmt::format("account/{}", who) : "operator";
  std::string subject = fmt::format("{}/{}", kind, number);
  ZW_CHECK(note_event(tx, {actor, act.origin, action, subject, detail}));
  return {};
}

}  // namespace zw::localroot::portal
