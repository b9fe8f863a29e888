#include "web/accounts/tokens.h"

#include <fmt/format.h>

#include <algorithm>

#include "format/unicode.h"
#include "os/clock.h"
#include "store/event_log.h"
#include "web/accounts/schema.h"
#include "web/factors/work_ticket.h"
#include "web/http_fields.h"

namespace zw {
namespace {

using namespace account_sql;

constexpr std::chrono::minutes kUseStep{1};  // how exactly it is kept when a token was used

// What was kept was checked when it was made.
Scopes kept_scopes(std::string_view text) { return Scopes::parse(text).value_or(Scopes()); }

std::array<std::uint8_t, KeptHash::kOctets> octets_of(const KeptHash& hash) {
  std::array<std::uint8_t, KeptHash::kOctets> out{};
  std::ranges::copy(hash.octets(), out.begin());
  return out;
}

}  // namespace

std::vector<TokenScope> AccountTokens::offered(AccountRole role) const {
  std::vector<TokenScope> out;
  std::ranges::copy_if(offered_, std::back_inserter(out), [&](const TokenScope& scope) {
    return role == AccountRole::admin || !scope.for_admins;
  });
  return out;
}

Scopes AccountTokens::covered(const Scopes& scopes, AccountRole role) const {
  std::string names;
  for (const TokenScope& scope : offered(role))
    if (scopes.contains(scope.name)) names += (names.empty() ? "" : " ") + scope.name;
  return kept_scopes(names);
}

Result<void> AccountTokens::note(Transaction& tx, std::int64_t account, std::int64_t number,
                                 std::string_view action, const AccountClient& client) const {
  std::string subject = fmt::format("account/{}", account), origin = client.address.print();
  std::string detail = fmt::format("{{\"token\":{}}}", number);
  ZW_CHECK(note_event(
      tx, {.actor = subject, .origin = origin, .action = action, .subject = subject, .detail = detail}));
  return {};
}

Result<MadeToken> AccountTokens::make(const Session& session, const NewToken& wanted,
                                      const AccountClient& client) {
  auto label = parse_label(wanted.label, kMostLabel);
  if (!label) return fail(ErrorKind::refused, "{}", label.error().what);
  if (wanted.scopes.empty() || !session.is_whole)
    return fail(ErrorKind::refused, "a token that may do nothing is good for nothing: tick what it may do");
  if (covered(wanted.scopes, session.role) != wanted.scopes)
    return fail(ErrorKind::refused,
                "a token can only do what you may do yourself, and what this site offers");
  if (wanted.life < std::chrono::days(1) || wanted.life > kMostLife)
    return fail(ErrorKind::refused, "a token is good for 1 to {} days", kMostLife.count());
  SystemRandom random;
  ApiToken token = make_api_token(random);
  return database_.write([&](Transaction& tx) -> Result<MadeToken> {
    ZW_TRY(auto count, tx.one(kCountTokens, {session.account, tx.now()},
                              [](const Row& row) { return row.get<std::int64_t>(0); }));
    if (count >= kMost)
      return fail(ErrorKind::refused, "there are {} tokens, as many as an account may have: end one first",
                  count);
    MadeToken out{token.text, {0, *label, wanted.scopes, tx.now(), tx.now() + wanted.life}};
    ZW_TRY(out.row.number, tx.one(kAddToken,
                                  {token.hash.octets(), session.account, *label, wanted.scopes.print(),
                                   out.row.made_at, out.row.good_until},
                                  [](const Row& row) { return row.get<std::int64_t>(0); }));
    ZW_CHECK(note(tx, session.account, out.row.number, "account.make-token", client));
    return out;
  });
}

Result<std::vector<TokenRow>> AccountTokens::list(std::int64_t account) {
  return database_.read([&](Transaction& tx) {
    return tx.all(kListTokens, {account, tx.now()}, [](const Row& row) {
      return TokenRow{row.get<std::int64_t>(0),
                      row.get<std::string>(1),
                      kept_scopes(row.get<std::string_view>(2)),
                      row.get<Timestamp>(3),
                      row.get<Timestamp>(4),
                      row.get<std::optional<Timestamp>>(5),
                      row.get<std::optional<std::string>>(6).value_or("")};
    });
  });
}

Result<void> AccountTokens::end(std::int64_t account, std::int64_t number, const AccountClient& client) {
  return database_.write([&](Transaction& tx) -> Result<void> {
    ZW_TRY(std::int64_t gone, tx.run(kDropToken, {number, account}));
    if (gone == 0) return fail(ErrorKind::not_found, "token {}: there is none", number);
    return note(tx, account, number, "account.end-token", client);
  });
}

Result<std::optional<TokenSession>> AccountTokens::find(std::string_view authorization,
                                                        const AccountClient& client) {
  auto text = bearer_token(authorization);
  auto hash = text ? parse_api_token(*text) : std::nullopt;
  if (!hash) return std::nullopt;
  if (!may_look(*hash, client))
    return fail(ErrorKind::refused, "too many tokens that are none came from your network: try again later");
  std::optional<Timestamp> used;
  ZW_TRY(auto found, database_.read([&](Transaction& tx) {
    return tx.first(kFindToken, {hash->octets(), tx.now()}, [&](const Row& row) {
      used = row.get<std::optional<Timestamp>>(3);
      AccountRole role = parse_role(row.get<std::string_view>(5));
      return TokenSession{row.get<std::int64_t>(0), row.get<std::int64_t>(1), row.get<std::string>(4), role,
                          covered(kept_scopes(row.get<std::string_view>(2)), role)};
    });
  }));
  if (!found) {
    note_wrong(*hash, client);
    return found;
  }
  note_good(*hash);
  if (!used || database_.now() - *used >= kUseStep)
    ZW_CHECK(database_.write([&](Transaction& tx) {
      return tx.run(kUseToken, {hash->octets(), tx.now(), client.address.print()});
    }));
  return found;
}

// ---- who sends wrong ones ---------------------------------------------------------------------------------

bool AccountTokens::may_look(const KeptHash& hash, const AccountClient& client) {
  std::lock_guard lock(mutex_);
  auto suspect = suspects_.find(client_network(client.address));
  if (suspect == suspects_.end() || guess_allowed_at(GuessKind::token, suspect->second.count) <= now())
    return true;
  return good_.contains(octets_of(hash));
}

Seconds AccountTokens::waits(const AccountClient& client) {
  std::lock_guard lock(mutex_);
  auto suspect = suspects_.find(client_network(client.address));
  if (suspect == suspects_.end()) return Seconds(0);
  return std::max(Seconds(0), guess_allowed_at(GuessKind::token, suspect->second.count) - now());
}

void AccountTokens::note_wrong(const KeptHash& hash, const AccountClient& client) {
  std::lock_guard lock(mutex_);
  good_.erase(octets_of(hash));
  Network network = client_network(client.address);
  if (suspects_.size() >= kMostNetworks && !suspects_.contains(network))
    suspects_.erase(
        std::ranges::min_element(suspects_, {}, [](const auto& one) { return one.second.count.last; }));
  Suspect& suspect = suspects_[network];
  if (std::ranges::find(suspect.last, std::optional(hash)) != suspect.last.end()) return;
  suspect.last[suspect.next++ % suspect.last.size()] = hash;
  suspect.count = count_guess(suspect.count, now());
}

void AccountTokens::note_good(const KeptHash& hash) {
  std::lock_guard lock(mutex_);
  auto octets = octets_of(hash);
  if (!good_.insert(octets).second) return;
  good_order_.push_back(octets);
  if (good_order_.size() <= kMostKnownGood) return;
  good_.erase(good_order_.front());
  good_order_.pop_front();
}

}  // namespace zw
