// Who people are to a site: accounts, how they are made, and how somebody proves that one is his.
//
// An account is made by mail: who wants one says his address, gets a link, and chooses a password behind it.
// Who has lost his password does the same. So nobody owns an address that he does not read, and what a page
// answers to an address is the same whether it has an account or not, in words and in time.
//
// Secrets are kept as hashes, those of one-time passwords sealed. Every change notes its event
// (store/event_log.h), as `account/17`, without addresses of mail or secrets.
//
// Errors: those of store/database.h, and `refused` in words for the person.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "crypto/secret.h"
#include "dns/address.h"
#include "store/outbox.h"
#include "web/accounts/throttle.h"
#include "web/factors/kept_hash.h"
#include "web/factors/password_pool.h"
#include "web/factors/recovery_codes.h"
#include "web/factors/totp.h"

namespace zw {

enum class AccountRole : std::uint8_t { user, admin };
std::string_view print(AccountRole role);
/// As it is kept; anything else is a user.
AccountRole parse_role(std::string_view text);

/// Who asks.
struct AccountClient {
  IpAddress address;
  std::string agent = {};  // what his browser calls itself; kept to 200 octets
};

struct Account {
  std::int64_t id = 0;
  std::string email;
  AccountRole role = AccountRole::user;
  bool has_password = false, has_totp = false;
  std::int64_t passkeys = 0;
  Timestamp made_at{};
  std::optional<Timestamp> signed_in_at{};

  /// Whether a password alone opens half a session only.
  bool has_factor() const { return has_totp || passkeys > 0; }
};

/// What a browser's cookie stands for.
struct Session {
  std::int64_t account = 0;
  std::string email;
  AccountRole role = AccountRole::user;
  bool is_whole =
      false;  // all factors that the account has were shown; until then it is good for nothing else
  bool has_totp = false, has_passkey = false;
  /// Who holds it has shown his password, a code or a passkey within the last kConfirmed: for what must not
  /// be done by who has only found an open browser.
  bool is_confirmed = false;
  Timestamp made_at{};
  KeptHash hash;
};
inline constexpr std::chrono::minutes kConfirmed{5};

struct SessionRow {
  std::int64_t number = 0;
  Timestamp made_at{}, used_at{};
  std::string address, agent;
  bool is_this = false;
};

struct SignedIn {
  std::int64_t account = 0;
  bool is_whole = false;
  SecretBuffer session;  // for the cookie of the session
  SecretBuffer device;   // for a cookie that lives long: this browser is known from now on
};

struct SignInOutcome {
  enum class Kind : std::uint8_t {
    signed_in,
    wrong,  // there is no such account, or another password
    wait,   // too many wrong ones: not before `until`, and nothing was looked at
    busy,   // too much to do: in a moment again
  };
  Kind kind = Kind::wrong;
  WallTime until{};
  std::optional<SignedIn> signed_in{};
};

struct AccountSettings {
  std::string site = "zonewright";   // in mails, and to programs of one-time passwords
  std::string origin;                // where its pages are: `https://portal.example`
  std::string link_path = "/link/";  // what the code of a link is put behind
  std::string sender;                // of mails: name@domain
  std::chrono::hours link_life{24};  // of a link
  std::chrono::hours session_life{24 * 30};
  std::chrono::hours session_idle{24 * 7};
  // Links to one address in a day: those that one network asks for, and those of all. Who floods an address
  // from many networks uses these up; so browsers that are known to its account have their own.
  std::int64_t mails_of_asker = 3, mails_of_address = 10, mails_of_known = 5;
  std::int64_t mails_of_network = 50;  // in a day, that one IPv4 address or IPv6 /64 asks for
};

/// An address of mail as it is kept and compared: without blanks around it, letters of ASCII in lower case.
/// Fails with `refused`, in words for who typed it.
Result<std::string> parse_email(std::string_view text);

class AccountPasskeys;

/// Safe for many threads. What it is made with outlives it.
class Accounts {
 public:
  /// `site_key`: see web/factors/site_key.h.
  Accounts(Database& database, PasswordPool& pool, Outbox& outbox, Bytes site_key, AccountSettings settings);
  ~Accounts();
  Accounts(const Accounts&) = delete;
  Accounts& operator=(const Accounts&) = delete;

  const AccountSettings& settings() const { return settings_; }
  AccountPasskeys& passkeys() { return *passkeys_; }

  // ---- links ----

  /// Sends a link to an address: to make an account, or to choose a new password for the one there is. Says
  /// nothing of which it was, and does nothing when the address has had its mails for today. `device`: what
  /// the browser's long cookie holds, or nothing. Fails with `refused` if it is no address, or the client has
  /// asked too often.
  Result<void> request_link(std::string_view text, std::string_view device, const AccountClient& client);
  struct Link {
    std::string email;
    bool is_new = false;        // there is no account yet
    std::int64_t passkeys = 0;  // that the account has, and that stay good
  };
  /// Absent if there is no such link, or not any more.
  Result<std::optional<Link>> find_link(std::string_view code);
  /// Makes the account, or sets its password and ends all of its sessions and tokens; the link is used up. A
  /// second factor is still asked for. `done`: once, perhaps on another thread; `refused` for a bad password
  /// or a link that is none.
  void use_link(std::string_view code, std::string_view password, const AccountClient& client,
                const std::function<void(Result<SignedIn>)>& done);

  // ---- signing in ----

  /// `text`: an address. `device`: what the browser's long cookie holds, or nothing. `done`: once, perhaps on
  /// another thread.
  void sign_in(std::string_view text, std::string_view password, std::string_view device,
               const AccountClient& client, const std::function<void(Result<SignInOutcome>)>& done);
  /// The second factor of a session that is not whole: a code of the telephone, or one from paper. `refused`
  /// if it is wrong, or comes too soon after others.
  Result<void> show_factor(const Session& session, std::string_view code, const AccountClient& client);
  /// Once more, before something that is dangerous: the password, or a code of the telephone or from paper.
  /// The session is confirmed for kConfirmed from then on, as it is for so long after signing in. Wrong ones
  /// are counted, by account. `done`: once, perhaps on another thread; `refused` in words.
  void confirm(const Session& session, std::string_view text, const AccountClient& client,
               const std::function<void(Result<void>)>& done);
  /// Absent if it is none of ours, or over.
  Result<std::optional<Session>> find_session(std::string_view secret);
  Result<void> sign_out(const Session& session);
  /// All others of the same account.
  Result<void> sign_out_others(const Session& session, const AccountClient& client);
  Result<std::vector<SessionRow>> sessions(const Session& session);
  Result<void> end_session(const Session& session, std::int64_t number, const AccountClient& client);

  // ---- one's own account ----

  Result<Account> find(std::int64_t id);
  /// By its address, as parse_email() gives it; for administrators, since it tells whether there is one.
  Result<std::optional<Account>> find_address(std::string_view email);
  /// A secret for the telephone that is not in force yet: to be shown, and handed back with its first code.
  TotpSecret make_totp();
  /// In force from now on; gives codes for paper, to be shown once. `refused` if the code is wrong.
  Result<RecoveryCodes> set_totp(const Session& session, const TotpSecret& secret, std::string_view code,
                                 const AccountClient& client);
  Result<void> drop_totp(const Session& session, const AccountClient& client);
  /// Instead of those before.
  Result<RecoveryCodes> make_recovery(const Session& session, const AccountClient& client);
  Result<std::size_t> count_recovery(std::int64_t account);
  /// The account and all that hangs on it in these tables. As a part of `tx`, so that other tables go with
  /// it.
  Result<void> remove(Transaction& tx, std::int64_t account, const AccountClient& client);

  // ---- for administrators ----

  /// Those numbered above `after`, at most `most`; with this text in their address, unless it is empty.
  Result<std::vector<Account>> list(std::int64_t after, std::int64_t most, std::string_view part = {});
  /// `actor`: `account/1`, or `local` from the command line. `not_found` if nobody has the address.
  Result<void> set_role(std::string_view text, AccountRole role, std::string_view actor,
                        std::string_view origin) {
    return set_role(database_, text, role, actor, origin);
  }
  /// The same for who has no more than the database.
  static Result<void> set_role(Database& database, std::string_view text, AccountRole role,
                               std::string_view actor, std::string_view origin);

  /// Forgets what time has made useless; to be called every now and then.
  Result<void> tidy();

 private:
  friend class AccountPasskeys;
  struct Stored;
  struct Guess {
    GuessKind kind;
    Buffer place;
  };
  static Result<std::optional<Stored>> find_by_email(Transaction& tx, std::string_view email);
  Result<std::optional<Stored>> find_by_id(Transaction& tx, std::int64_t id) const;
  Result<Account> find_account(Transaction& tx, std::int64_t id) const;
  Result<bool> is_known(Transaction& tx, const std::optional<KeptHash>& device,
                        const std::optional<Stored>& stored) const;
  Result<std::int64_t> count_mails(Transaction& tx, const Buffer& place) const;
  Result<SignedIn> open_session(Transaction& tx, std::int64_t account, bool is_whole,
                                const AccountClient& client);
  std::vector<Guess> guesses_of(std::string_view email, const std::optional<KeptHash>& device,
                                const AccountClient& client) const;
  Result<std::optional<WallTime>> count_guesses(Transaction& tx, const std::vector<Guess>& guesses) const;
  Result<void> forget_guesses(Transaction& tx, const std::vector<Guess>& guesses) const;
  Result<void> finish_sign_in(const std::string& email, const PasswordVerdict& verdict,
                              const std::vector<Guess>& guesses, const AccountClient& client,
                              SignInOutcome& outcome);
  Result<void> check_factor(Transaction& tx, const Stored& stored, std::string_view code) const;
  Result<bool> confirm_by_code(const Session& session, std::string_view code,
                               const std::vector<Guess>& guesses, const AccountClient& client);
  Result<void> keep_confirmed(Transaction& tx, const Session& session, const std::vector<Guess>& guesses,
                              const AccountClient& client) const;
  Result<RecoveryCodes> replace_recovery(Transaction& tx, std::int64_t account) const;
  Result<void> drop_idle_recovery(Transaction& tx,
                                  std::int64_t account) const;  // without a factor that they stand for
  Result<void> note(Transaction& tx, std::int64_t account, std::string_view action,
                    const AccountClient& client) const;
  /// A mail to its owner, in the transaction of what was changed: he may not have been the one who did it.
  /// `what`: a sentence without its final dot.
  Result<void> tell_owner(Transaction& tx, const Account& account, std::string_view subject,
                          std::string_view what, const AccountClient& client) const;
  SecretBuffer draw_secret(std::string_view use, KeptHash& hash) const;
  WallTime now() const { return std::chrono::floor<Seconds>(database_.now()); }

  Database& database_;
  PasswordPool& pool_;
  Outbox& outbox_;
  SecretBuffer seal_key_;
  const AccountSettings settings_;
  std::unique_ptr<AccountPasskeys> passkeys_;
};

}  // namespace zw
