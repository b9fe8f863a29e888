// Passkeys that are kept with accounts (web/factors/passkey.h has the checks): to sign in with one alone,
// where the authenticator asks who it is, or beside the password. An account that has one is not opened by
// its password alone.
//
// A challenge is good for five minutes, for one purpose, and for the browser that it was given to. Nothing is
// kept of it: it is signed by us. Kept until it is over is each that was answered well, so that no answer is
// good twice.
//
// Errors: those of store/database.h, and `refused` in words for the person.
#pragma once

#include "web/accounts/accounts.h"
#include "web/factors/passkey.h"

namespace zw {

struct PasskeyRow {
  std::int64_t number = 0;
  std::string label;
  bool is_synced = false;  // other devices of its owner may have it too
  Timestamp made_at{};
  std::optional<Timestamp> used_at{};
  std::optional<Timestamp> copied_at{};  // when its counter did not rise: there may be a copy of it
};

/// What a browser sent.
struct PasskeyAnswer {
  std::string_view browser;     // what only it shows: the secret that its forms are bound to
  std::string_view challenge;   // base 64, as it stood in the options
  std::string_view credential;  // JSON
};

/// Safe for many threads. Made by Accounts, which it is a part of.
class AccountPasskeys {
 public:
  static constexpr std::chrono::minutes kChallengeLife{5};
  static constexpr std::int64_t kMostPasskeys = 20;
  static constexpr std::size_t kMostLabelOctets = 100;

  AccountPasskeys(Accounts& accounts, Database& database, Bytes site_key, PasskeyParty party);

  // ---- one's own ----

  Result<std::vector<PasskeyRow>> list(std::int64_t account) const;
  /// JSON for the browser. `browser`: see PasskeyAnswer.
  Result<std::string> creation_options(const Session& session, std::string_view browser) const;
  /// Its owner is told by mail. Gives codes for paper, to be shown once, if the account had no second factor
  /// before. `refused` unless the session is confirmed.
  Result<std::optional<RecoveryCodes>> add(const Session& session, std::string_view label,
                                           const PasskeyAnswer& answer, const AccountClient& client);
  /// `not_found` if the account has none of this number; `refused` unless the session is confirmed.
  Result<void> end(const Session& session, std::int64_t number, const AccountClient& client);

  // ---- signing in ----

  /// JSON for the browser, the same for all accounts.
  std::string sign_in_options(std::string_view browser) const;
  /// By a passkey alone.
  Result<SignedIn> sign_in(const PasskeyAnswer& answer, const AccountClient& client);
  /// For a session that is half, or whole.
  Result<std::string> factor_options(const Session& session, std::string_view browser) const;
  Result<void> show_factor(const Session& session, const PasskeyAnswer& answer, const AccountClient& client);

 private:
  struct Kept;   // a passkey, as the store has it
  struct Shown;  // one that was proved, and is to be noted as used
  PasskeyChallenge make_challenge(std::string_view purpose, std::string_view browser) const;
  Result<PasskeyChallenge> check_challenge(std::string_view purpose, const PasskeyAnswer& answer) const;
  Buffer sign_challenge(Bytes head, std::string_view purpose, std::string_view browser) const;
  Result<std::vector<Passkey>> present(std::int64_t account) const;
  Result<std::optional<Kept>> find(const PasskeyAssertion& assertion,
                                   const PasskeyChallenge& challenge) const;
  Result<Shown> check_answer(std::string_view purpose, std::optional<std::int64_t> account,
                             const PasskeyAnswer& answer, const AccountClient& client);
  Result<void> note_copy(const Kept& kept, const AccountClient& client);
  Result<void> note_use(Transaction& tx, const Shown& shown) const;
  Result<void> use_challenge(Transaction& tx, const PasskeyChallenge& challenge) const;

  Accounts& accounts_;
  Database& database_;
  const SecretBuffer challenge_key_;
  const PasskeyParty party_;
};

}  // namespace zw
