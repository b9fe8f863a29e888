// What engines note: the part of PortalStore that records what they saw.
#include "localroot/portal/rows.h"
#include "localroot/portal/statements.h"

namespace zw::localroot::portal {
namespace {

constexpr Seconds kGoneKept{7 * 86'400};  // what was deleted; an engine that was away longer reads all anew
constexpr std::int64_t kMostAtOnce = 1'000;

std::optional<std::uint32_t> value_of(const std::optional<Serial>& serial) {
  return serial ? std::optional(serial->value()) : std::nullopt;
}

// Of one transaction.
class Recorder {
 public:
  Recorder(Transaction& tx, const PortalRules& rules) : tx_(tx), rules_(rules), change_(tx) {}

  Result<void> take(const Report& report) {
    ZW_TRY(bool stands, still_stands(report.asking));
    if (!stands) return {};
    const Asking& asking = report.asking;
    if (report.kind == Report::Kind::downloaded) return take_download(report);
    ZW_TRY(auto targets, tx_.all(kTargetsAt, {octets_of(asking.from), asking.zone}, target_row));
    for (const TargetRow& target : targets) ZW_CHECK(take(report, target));
    return {};
  }

 private:
  // Of the server whose URL it was, at the address that it came from, whatever key it has.
  Result<void> take_download(const Report& report) {
    const Asking& asking = report.asking;
    ZW_TRY(auto targets, tx_.all(kTargetsAt, {octets_of(asking.from), asking.zone}, [](const Row& row) {
      return std::pair(row.get<TargetId>(0), row.get<ServerId>(kTargetColumns));
    }));
    for (const auto& [target, server] : targets)
      if (server == report.server) ZW_CHECK(write_facts(report, target));
    return {};
  }

  // The secret may have gone meanwhile.
  Result<bool> still_stands(const Asking& asking) {
    if (asking.secret == 0) return true;
    ZW_TRY(auto there, tx_.first(kHasSecret, {asking.secret, asking.key}, [](const Row&) { return true; }));
    return there.has_value();
  }

  Result<void> take(const Report& report, const TargetRow& before) {
    const Asking& asking = report.asking;
    TargetRow after = before;
    switch (report.kind) {
      case Report::Kind::refused:
        ZW_CHECK(tx_.run(kNoteRefused, {before.id, asking.at, report.refusal}));
        return {};
      case Report::Kind::fetched: note_transfer(after.state, after.claim, asking); break;
      case Report::Kind::downloaded: return {};
      case Report::Kind::asked: note_question(after.state, after.claim, asking); break;
      case Report::Kind::told:
        if (before.claim.port != report.port) return {};
        if (!fits(before.claim, asking)) return {};
        if (report.outcome.answered)
          note_answered(after.state, asking.at);
        else
          note_unanswered(after.state, asking.at, rules_);
    }
    if (!fits(before.claim, asking)) return {};
    ZW_CHECK(write_target(tx_, change_, before, after));
    return write_facts(report, before.id);
  }

  Result<void> write_facts(const Report& report, TargetId target) {
    auto serial = value_of(report.serial);
    Timestamp at = report.asking.at;
    const Outcome& outcome = report.outcome;
    Result<std::int64_t> done = 0;
    if (report.kind == Report::Kind::fetched || report.kind == Report::Kind::downloaded)
      done = tx_.run(kNoteFetched,
                     {target, serial, at, report.lacks_since, at, static_cast<int>(report.transport)});
    if (report.kind == Report::Kind::asked && serial)
      done = tx_.run(kNoteAsked, {target, serial, at, report.lacks_since});
    if (report.kind == Report::Kind::told)
      done = tx_.run(kNoteTold,
                     {target, at, serial, static_cast<int>(outcome.answered), static_cast<int>(outcome.rcode),
                      static_cast<int>(outcome.fault), outcome.round_trip, report.lacks_since});
    ZW_CHECK(done);
    return {};
  }

  Transaction& tx_;
  const PortalRules& rules_;
  ChangeNumber change_;
};

}  // namespace

Result<void> PortalStore::record(std::span<const Report> reports) {
  return database_.write([&](Transaction& tx) -> Result<void> {
    Recorder recorder(tx, rules_);
    for (const Report& report : reports) ZW_CHECK(recorder.take(report));
    return {};
  });
}

Result<std::int64_t> PortalStore::last_change() {
  return database_.read([&](Transaction& tx) {
    return tx.one(kFeedState, {}, [](const Row& row) { return row.get<std::int64_t>(0); });
  });
}

Result<std::size_t> PortalStore::tidy() {
  return database_.write([&](Transaction& tx) -> Result<std::size_t> {
    struct Over {
      SecretId secret;
      KeyId key;
    };
    ChangeNumber change(tx);
    ZW_TRY(auto over, tx.all(kOverSecrets, {tx.now(), kMostAtOnce},
                             [](const Row& row) { return Over{row.get<SecretId>(0), row.get<KeyId>(1)}; }));
    for (const Over& one : over) ZW_CHECK(drop_secret(tx, change, one.secret, one.key));
    ZW_TRY(auto silent, tx.all(kSilentTargets, {tx.now() - rules_.longest_silence, kMostAtOnce}, target_row));
    for (const TargetRow& before : silent) {
      TargetRow after = before;
      note_time(after.state, tx.now(), rules_);
      ZW_CHECK(write_target(tx, change, before, after));
    }
    ZW_CHECK(tx.run(kRaiseFloor, {tx.now() - kGoneKept}));
    ZW_CHECK(tx.run(kForgetGone, {tx.now() - kGoneKept}));
    return over.size() + silent.size();
  });
}

}  // namespace zw::localroot::portal
