// Tokens of programs that act for an account (factors/api_token.h): made by its owner, shown once, good for
// what he ticked and until he said, at most a year.
//
// Nobody makes a token that may do more than he; what is for administrators it loses with its owner's role.
// It ends with the account, and when a new password is chosen by mail. Each change notes its event, as of
// `account/17` with `token/3`.
//
// Who sends many different tokens that are none has to wait (throttle.h), by network. The same wrong one
// again and again is a program that nobody has mended, and holds up no other; nor is a token held up that was
// good a moment ago. What is not formed as a token is told without a look into the store, and counts as none.
//
// Errors: those of store/database.h, and `refused` in words for the person.
#pragma once

#include <array>
#include <deque>
#include <map>
#include <mutex>
#include <set>

#include "web/accounts/accounts.h"
#include "web/factors/api_token.h"

namespace zw {

/// What a site lets tokens do.
struct TokenScope {
  std::string name;   // `keys:read`
  std::string words;  // a sentence for who ticks it
  bool for_admins = false;
};

struct TokenRow {
  std::int64_t number = 0;
  std::string label;
  Scopes scopes;
  Timestamp made_at{}, good_until{};
  std::optional<Timestamp> used_at{};  // to a minute
  std::string used_from{};             // an address
};

struct NewToken {
  std::string label;
  Scopes scopes;
  std::chrono::days life{90};
};

struct MadeToken {
  SecretBuffer text;  // to be shown once
  TokenRow row;
};

/// What a token stands for at this moment.
struct TokenSession {
  std::int64_t account = 0, number = 0;
  std::string email;
  AccountRole role = AccountRole::user;
  Scopes scopes;
};

/// Safe for many threads. The database outlives it.
class AccountTokens {
 public:
  static constexpr std::int64_t kMost = 50;  // of an account
  static constexpr std::chrono::days kMostLife{366};
  static constexpr std::size_t kMostLabel = 64;        // characters
  static constexpr std::size_t kMostNetworks = 4096;   // of which is known that they sent wrong ones
  static constexpr std::size_t kMostKnownGood = 4096;  // tokens

  AccountTokens(Database& database, std::vector<TokenScope> offered)
      : database_(database), offered_(std::move(offered)) {}

  /// What a token of somebody with this role may do.
  std::vector<TokenScope> offered(AccountRole role) const;

  /// `refused` for a label, a scope or a life that cannot be, and where there are enough.
  Result<MadeToken> make(const Session& session, const NewToken& wanted, const AccountClient& client);
  /// Those that are still good, the newest first.
  Result<std::vector<TokenRow>> list(std::int64_t account);
  /// `not_found` if it is none of the account's.
  Result<void> end(std::int64_t account, std::int64_t number, const AccountClient& client);

  /// `authorization`: the header field, `Bearer zwt_...` (RFC 6750 §2.1). Absent if it holds no token that is
  /// good. `refused` if its network has to wait; then see waits().
  Result<std::optional<TokenSession>> find(std::string_view authorization, const AccountClient& client);
  /// For how long it still has to wait.
  Seconds waits(const AccountClient& client);

 private:
  struct Suspect {
    GuessCount count;
    std::array<std::optional<KeptHash>, 4> last{};  // wrong ones
    std::size_t next = 0;
  };
  using Hash = std::array<std::uint8_t, KeptHash::kOctets>;
  Scopes covered(const Scopes& scopes, AccountRole role) const;
  bool may_look(const KeptHash& hash, const AccountClient& client);
  void note_wrong(const KeptHash& hash, const AccountClient& client);
  void note_good(const KeptHash& hash);
  Result<void> note(Transaction& tx, std::int64_t account, std::int64_t number, std::string_view action,
                    const AccountClient& client) const;
  WallTime now() const { return std::chrono::floor<Seconds>(database_.now()); }

  Database& database_;
  const std::vector<TokenScope> offered_;
  std::mutex mutex_;
  std::map<Network, Suspect> suspects_;
  std::set<Hash> good_;
  std::deque<Hash> good_order_;  // the oldest first
};

}  // namespace zw
