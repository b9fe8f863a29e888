// What somebody shows beside his password: codes of the telephone and from paper; and once more, to confirm.
#include "crypto/sealed.h"
#include "web/accounts/stored.h"
#include "web/factors/work_ticket.h"

namespace zw {
namespace {

using namespace account_sql;

std::string totp_context(std::int64_t account) { return fmt::format("totp account {}", account); }

}  // namespace

Result<void> Accounts::check_factor(Transaction& tx, const Stored& stored, std::string_view code) const {
  std::int64_t id = stored.account.id;
  if (stored.totp) {
    ZW_TRY(SecretBuffer octets, unseal(seal_key_, *stored.totp, totp_context(id)));
    ZW_TRY(TotpSecret secret, TotpSecret::from(octets));
    auto last =
        stored.totp_step ? std::optional(static_cast<std::uint64_t>(*stored.totp_step)) : std::nullopt;
    if (auto step = find_totp_step(secret, code, std::chrono::floor<Seconds>(tx.now()), last)) {
      ZW_TRY(std::int64_t set, tx.run(kSetTotpStep, {id, static_cast<std::int64_t>(*step)}));
      if (set == 1) return {};
    }
  }
  ZW_TRY(auto hashes,
         tx.all(kListRecovery, {id}, [](const Row& row) { return KeptHash::from(row.get<Bytes>(0)); }));
  std::vector<KeptHash> kept;
  for (const auto& hash : hashes)
    if (hash) kept.push_back(*hash);
  if (auto which = find_recovery_code(code, kept)) {
    ZW_TRY(std::int64_t used, tx.run(kUseRecovery, {id, kept[*which].octets()}));
    if (used == 1) return {};
  }
  return fail(ErrorKind::refused, "this code is wrong, or was used already: wait for the next one");
}

Result<void> Accounts::show_factor(const Session& session, std::string_view code,
                                   const AccountClient& client) {
  std::vector<Guess> guesses{{GuessKind::factor, place_of("factor", subject_of(session.account))}};
  // The attempt is counted before it is looked at, and stays counted whatever becomes of that.
  ZW_TRY(auto wait, database_.write([&](Transaction& tx) { return count_guesses(tx, guesses); }));
  if (wait) return fail(ErrorKind::refused, "too many wrong codes: wait until {}", print_time(*wait));
  return database_.write([&](Transaction& tx) -> Result<void> {
    ZW_TRY(auto account, find_by_id(tx, session.account));
    if (!account) return fail(ErrorKind::refused, "this account is gone");
    ZW_CHECK(check_factor(tx, *account, code));
    ZW_CHECK(forget_guesses(tx, guesses));
    ZW_CHECK(tx.run(kMakeWhole, {session.hash.octets(), true, tx.now()}));
    return note(tx, session.account, "account.second-factor", client);
  });
}

void Accounts::confirm(const Session& session, std::string_view text, const AccountClient& client,
                       const std::function<void(Result<void>)>& done) {
  static constexpr auto kWrong = "this is neither your password nor a code that is good now";
  std::vector<Guess> guesses{{GuessKind::factor, place_of("confirm", subject_of(session.account))}};
  std::optional<WallTime> wait;
  std::optional<std::string> kept;
  // The attempt is counted before it is looked at, and stays counted whatever becomes of that.
  auto begun = database_.write([&](Transaction& tx) -> Result<void> {
    ZW_TRY(wait, count_guesses(tx, guesses));
    ZW_TRY(auto account, find_by_id(tx, session.account));
    if (!account) return fail(ErrorKind::refused, "this account is gone");
    kept = account->password;
    return {};
  });
  if (!begun) return done(fail(begun.error()));
  if (wait) return done(fail(ErrorKind::refused, "too many wrong ones: wait until {}", print_time(*wait)));
  auto by_code = confirm_by_code(session, text, guesses, client);
  if (!by_code) return done(fail(by_code.error()));
  if (*by_code) return done({});
  auto typed = Password::typed(text);
  if (!typed) return done(fail(ErrorKind::refused, "{}", kWrong));
  auto checked = [this, session, guesses, client, done](const Result<PasswordVerdict>& verdict) {
    if (!verdict) return done(fail(verdict.error()));
    if (!verdict->matches) return done(fail(ErrorKind::refused, "{}", kWrong));
    done(database_.write([&](Transaction& tx) { return keep_confirmed(tx, session, guesses, client); }));
  };
  if (pool_.check(client_network(client.address).print(), std::move(*typed), std::move(kept), checked) ==
      PasswordPool::Submitted::busy)
    done(fail(ErrorKind::refused, "{}", kBusy));
}

Result<bool> Accounts::confirm_by_code(const Session& session, std::string_view code,
                                       const std::vector<Guess>& guesses, const AccountClient& client) {
  auto shown = database_.write([&](Transaction& tx) -> Result<void> {
    ZW_TRY(auto account, find_by_id(tx, session.account));
    if (!account) return fail(ErrorKind::refused, "this account is gone");
    ZW_CHECK(check_factor(tx, *account, code));
    return keep_confirmed(tx, session, guesses, client);
  });
  if (!shown && shown.error().kind != ErrorKind::refused) return fail(shown.error());
  return shown.has_value();
}

Result<void> Accounts::keep_confirmed(Transaction& tx, const Session& session,
                                      const std::vector<Guess>& guesses, const AccountClient& client) const {
  ZW_CHECK(forget_guesses(tx, guesses));
  ZW_CHECK(tx.run(kConfirmSession, {session.hash.octets(), tx.now()}));
  return note(tx, session.account, "account.confirm", client);
}

TotpSecret Accounts::make_totp() {
  DatabaseRandom random(database_);
  return TotpSecret::make(random);
}

Result<RecoveryCodes> Accounts::replace_recovery(Transaction& tx, std::int64_t account) const {
  DatabaseRandom random(database_);
  RecoveryCodes made = make_recovery_codes(random);
  ZW_CHECK(tx.run(kDropRecovery, {account}));
  for (const KeptHash& hash : made.hashes) ZW_CHECK(tx.run(kAddRecovery, {account, hash.octets()}));
  return made;
}

Result<RecoveryCodes> Accounts::set_totp(const Session& session, const TotpSecret& secret,
                                         std::string_view code, const AccountClient& client) {
  auto step = find_totp_step(secret, code, now(), {});
  if (!step)
    return fail(
        ErrorKind::refused,
        "this is not the code of this moment: is the clock of the telephone right? Type the next one");
  DatabaseRandom random(database_);
  Buffer sealed = seal(seal_key_, secret.octets(), totp_context(session.account), random);
  return database_.write([&](Transaction& tx) -> Result<RecoveryCodes> {
    ZW_CHECK(tx.run(kSetTotp, {session.account, sealed, static_cast<std::int64_t>(*step)}));
    ZW_TRY(RecoveryCodes codes, replace_recovery(tx, session.account));
    ZW_CHECK(note(tx, session.account, "account.set-totp", client));
    return codes;
  });
}

Result<void> Accounts::drop_totp(const Session& session, const AccountClient& client) {
  return database_.write([&](Transaction& tx) -> Result<void> {
    ZW_CHECK(tx.run(kSetTotp, {session.account, std::optional<Buffer>(), std::optional<std::int64_t>()}));
    ZW_CHECK(drop_idle_recovery(tx, session.account));
    return note(tx, session.account, "account.drop-totp", client);
  });
}

Result<void> Accounts::drop_idle_recovery(Transaction& tx, std::int64_t account) const {
  ZW_TRY(auto stored, find_by_id(tx, account));
  if (stored && !stored->account.has_factor()) ZW_CHECK(tx.run(kDropRecovery, {account}));
  return {};
}

Result<RecoveryCodes> Accounts::make_recovery(const Session& session, const AccountClient& client) {
  return database_.write([&](Transaction& tx) -> Result<RecoveryCodes> {
    ZW_TRY(RecoveryCodes codes, replace_recovery(tx, session.account));
    ZW_CHECK(note(tx, session.account, "account.recovery-codes", client));
    return codes;
  });
}

Result<std::size_t> Accounts::count_recovery(std::int64_t account) {
  ZW_TRY(auto hashes, database_.read([&](Transaction& tx) {
    return tx.all(kListRecovery, {account}, [](const Row&) { return true; });
  }));
  return hashes.size();
}

}  // namespace zw
