#include "web/accounts/passkeys.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/encoding.h"
#include "crypto/hmac.h"
#include "web/accounts/schema.h"
#include "web/accounts/words.h"
#include "web/factors/site_key.h"

namespace zw {
namespace {

using namespace account_sql;

constexpr std::string_view kSignIn = "sign in", kFactor = "second factor", kAdd = "add";
constexpr auto kStale = "this took too long, or was sent before: begin again";
constexpr auto kUnconfirmed = "say once more who you are before you change your passkeys";

// A challenge: until when it is good, in seconds, and chance; then the code over both, its purpose and its
// browser.
constexpr std::size_t kUntilOctets = 6, kHeadOctets = 16;

std::uint64_t seconds_of(Timestamp when) {
  return static_cast<std::uint64_t>(std::chrono::floor<Seconds>(when).time_since_epoch().count());
}
Timestamp until_of(const PasskeyChallenge& challenge) {
  return WallTime(Seconds(static_cast<std::int64_t>(get48(challenge.data()))));
}

std::string join_words(std::span<const std::string> words) {
  return fmt::format("{}", fmt::join(words, " "));
}
std::vector<std::string> split_words(std::string_view text) {
  std::vector<std::string> out;
  while (!text.empty()) {
    auto end = std::min(text.find(' '), text.size());
    out.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return out;
}

/// For the person: what our checks say is for who makes authenticators, but it is better than nothing.
Error in_words(const Error& error) {
  return error.kind == ErrorKind::io || error.kind == ErrorKind::timeout
             ? error
             : Error{ErrorKind::refused, error.what};
}

}  // namespace

struct AccountPasskeys::Kept {
  std::int64_t number = 0, account = 0;
  Buffer user;
  Passkey passkey;

  static Kept read(const Row& row) {
    Kept out{row.get<std::int64_t>(0), row.get<std::int64_t>(1), row.get<Buffer>(2), {}};
    out.passkey.id = row.get<Buffer>(3);
    out.passkey.public_key = row.get<Buffer>(4);
    out.passkey.sign_count = static_cast<std::uint32_t>(row.get<std::int64_t>(5));
    out.passkey.backup_eligible = row.get<bool>(6);
    out.passkey.backed_up = row.get<bool>(7);
    return out;
  }
};

struct AccountPasskeys::Shown {
  Kept kept;
  PasskeyUse use;
  PasskeyChallenge challenge;
};

AccountPasskeys::AccountPasskeys(Accounts& accounts, Database& database, Bytes site_key, PasskeyParty party)
    : accounts_(accounts),
      database_(database),
      challenge_key_(key_for(site_key, SiteKeyUse::passkey_challenges)),
      party_(std::move(party)) {}

// ---- challenges -------------------------------------------------------------------------------------------

// The length of the first text stands before it, so that no two pairs of them are the same octets.
Buffer AccountPasskeys::sign_challenge(Bytes head, std::string_view purpose, std::string_view browser) const {
  auto hmac = Hmac::make(HmacAlgorithm::sha256, challenge_key_);
  ZW_ASSERT(hmac);
  hmac->update(head);
  for (const std::string& text : {fmt::format("{}:{}", purpose.size(), purpose), std::string(browser)})
    hmac->update(as_bytes(text));
  Buffer code = hmac->finish();
  code.resize(PasskeyChallenge().size() - kHeadOctets);
  return code;
}

PasskeyChallenge AccountPasskeys::make_challenge(std::string_view purpose, std::string_view browser) const {
  Buffer head;
  append48(head, seconds_of(database_.now() + kChallengeLife));
  head.resize(kHeadOctets);
  database_.fill_random(MutableBytes(head).subspan(kUntilOctets));
  PasskeyChallenge out;
  std::ranges::copy(sign_challenge(head, purpose, browser), std::ranges::copy(head, out.begin()).out);
  return out;
}

Result<PasskeyChallenge> AccountPasskeys::check_challenge(std::string_view purpose,
                                                          const PasskeyAnswer& answer) const {
  PasskeyChallenge out;
  Buffer octets;
  if (!decode_base64url(answer.challenge, octets) || octets.size() != out.size())
    return fail(ErrorKind::refused, "{}", kStale);
  std::ranges::copy(octets, out.begin());
  Bytes head = Bytes(out).first(kHeadOctets);
  bool ours =
      constant_time_equal(sign_challenge(head, purpose, answer.browser), Bytes(out).subspan(kHeadOctets));
  if (!ours || until_of(out) <= database_.now()) return fail(ErrorKind::refused, "{}", kStale);
  return out;
}

Result<void> AccountPasskeys::use_challenge(Transaction& tx, const PasskeyChallenge& challenge) const {
  ZW_CHECK(tx.run(kForgetChallenges, {tx.now()}));
  ZW_TRY(std::int64_t used, tx.run(kUseChallenge, {Bytes(challenge), until_of(challenge)}));
  if (used == 0) return fail(ErrorKind::refused, "{}", kStale);
  return {};
}

// ---- one's own --------------------------------------------------------------------------------------------

Result<std::vector<PasskeyRow>> AccountPasskeys::list(std::int64_t account) const {
  return database_.read([&](Transaction& tx) {
    return tx.all(kListPasskeys, {account}, [](const Row& row) {
      return PasskeyRow{row.get<std::int64_t>(0),
                        row.get<std::string>(2),
                        row.get<bool>(4),
                        row.get<Timestamp>(5),
                        row.get<std::optional<Timestamp>>(6),
                        row.get<std::optional<Timestamp>>(7)};
    });
  });
}

/// As much of them as options say.
Result<std::vector<Passkey>> AccountPasskeys::present(std::int64_t account) const {
  return database_.read([&](Transaction& tx) {
    return tx.all(kListPasskeys, {account}, [](const Row& row) {
      Passkey out;
      out.id = row.get<Buffer>(1);
      out.transports = split_words(row.get<std::string_view>(3));
      return out;
    });
  });
}

Result<std::string> AccountPasskeys::creation_options(const Session& session,
                                                      std::string_view browser) const {
  if (!session.is_confirmed) return fail(ErrorKind::refused, "{}", kUnconfirmed);
  ZW_TRY(Buffer user, database_.read([&](Transaction& tx) {
    return tx.one(kPasskeyUser, {session.account}, [](const Row& row) { return row.get<Buffer>(0); });
  }));
  ZW_TRY(std::vector<Passkey> known, present(session.account));
  return passkey_creation_options(party_, {user, session.email, session.email}, make_challenge(kAdd, browser),
                                  known, UserVerification::preferred);
}

Result<std::optional<RecoveryCodes>> AccountPasskeys::add(const Session& session, std::string_view label,
                                                          const PasskeyAnswer& answer,
                                                          const AccountClient& client) {
  if (!session.is_confirmed) return fail(ErrorKind::refused, "{}", kUnconfirmed);
  std::string name = clean_text(label, kMostLabelOctets);
  if (name.find_first_not_of(' ') == name.npos)
    return fail(ErrorKind::refused, "give the passkey a name that tells you which one it is");
  ZW_TRY(PasskeyChallenge challenge, check_challenge(kAdd, answer));
  auto passkey = check_passkey_creation(answer.credential, party_, challenge, UserVerification::preferred);
  if (!passkey) return fail(in_words(passkey.error()));
  auto added = database_.write([&](Transaction& tx) -> Result<std::optional<RecoveryCodes>> {
    ZW_CHECK(use_challenge(tx, challenge));
    ZW_TRY(auto account, accounts_.find_account(tx, session.account));
    if (account.passkeys >= kMostPasskeys)
      return fail(ErrorKind::refused, "an account has at most {} passkeys: end one that you do not need",
                  kMostPasskeys);
    ZW_CHECK(tx.run(kAddPasskey, {passkey->id, session.account, name, passkey->public_key,
                                  static_cast<std::int64_t>(passkey->sign_count), Bytes(passkey->aaguid),
                                  passkey->backup_eligible, passkey->backed_up,
                                  join_words(passkey->transports), tx.now()}));
    ZW_CHECK(accounts_.note(tx, session.account, "account.add-passkey", client));
    ZW_CHECK(accounts_.tell_owner(
        tx, account, "a passkey was added",
        fmt::format("the passkey \"{}\" was added to your account, and signs in to it", name), client));
    if (account.has_factor()) return std::nullopt;
    return accounts_.replace_recovery(tx, session.account);
  });
  if (!added && added.error().kind == ErrorKind::conflict)
    return fail(ErrorKind::refused, "this passkey is known here already: take another device");
  return added;
}

Result<void> AccountPasskeys::end(const Session& session, std::int64_t number, const AccountClient& client) {
  if (!session.is_confirmed) return fail(ErrorKind::refused, "{}", kUnconfirmed);
  return database_.write([&](Transaction& tx) -> Result<void> {
    ZW_TRY(std::int64_t gone, tx.run(kDropPasskey, {number, session.account}));
    if (gone == 0) return fail(ErrorKind::not_found, "the account has no passkey {}", number);
    ZW_CHECK(accounts_.drop_idle_recovery(tx, session.account));
    return accounts_.note(tx, session.account, "account.end-passkey", client);
  });
}

// ---- signing in -------------------------------------------------------------------------------------------

std::string AccountPasskeys::sign_in_options(std::string_view browser) const {
  return passkey_request_options(party_, make_challenge(kSignIn, browser), {}, UserVerification::required);
}

Result<std::string> AccountPasskeys::factor_options(const Session& session, std::string_view browser) const {
  ZW_TRY(std::vector<Passkey> known, present(session.account));
  return passkey_request_options(party_, make_challenge(kFactor, browser), known,
                                 UserVerification::preferred);
}

/// `refused` for an answer that came before, which is told apart from a copy: who sends a form twice has
/// none.
Result<std::optional<AccountPasskeys::Kept>> AccountPasskeys::find(const PasskeyAssertion& assertion,
                                                                   const PasskeyChallenge& challenge) const {
  return database_.read([&](Transaction& tx) -> Result<std::optional<Kept>> {
    ZW_TRY(auto used, tx.first(kFindChallenge, {Bytes(challenge)}, [](const Row&) { return true; }));
    if (used) return fail(ErrorKind::refused, "{}", kStale);
    return tx.first(kFindPasskey, {assertion.id}, Kept::read);
  });
}

/// `account`: whose it must be; absent if the passkey says it, by its user handle too.
Result<AccountPasskeys::Shown> AccountPasskeys::check_answer(std::string_view purpose,
                                                             std::optional<std::int64_t> account,
                                                             const PasskeyAnswer& answer,
                                                             const AccountClient& client) {
  ZW_TRY(PasskeyChallenge challenge, check_challenge(purpose, answer));
  auto assertion = parse_passkey_assertion(answer.credential);
  if (!assertion) return fail(in_words(assertion.error()));
  ZW_TRY(auto kept, find(*assertion, challenge));
  bool fits = kept && (!account || kept->account == *account) && (account || assertion->user) &&
              (!assertion->user || same_bytes(*assertion->user, kept->user));
  if (!fits)
    return fail(ErrorKind::refused, "this passkey is not known here, or was ended: take another way in");
  auto use = check_passkey_assertion(*assertion, party_, challenge,
                                     account ? UserVerification::preferred : UserVerification::required,
                                     kept->passkey);
  if (!use && use.error().kind == ErrorKind::conflict) {
    ZW_CHECK(note_copy(*kept, client));
    return fail(ErrorKind::refused,
                "this passkey was refused, since there may be a copy of it: end it, and make another one");
  }
  if (!use) return fail(in_words(use.error()));
  return Shown{std::move(*kept), *use, challenge};
}

// Whoever can do this has the key; so no stranger fills the log.
Result<void> AccountPasskeys::note_copy(const Kept& kept, const AccountClient& client) {
  return database_.write([&](Transaction& tx) -> Result<void> {
    ZW_CHECK(tx.run(kNotePasskeyCopy, {kept.number, tx.now()}));
    return accounts_.note(tx, kept.account, "account.passkey-copied", client);
  });
}

Result<void> AccountPasskeys::note_use(Transaction& tx, const Shown& shown) const {
  ZW_CHECK(use_challenge(tx, shown.challenge));
  ZW_TRY(std::int64_t used,
         tx.run(kUsePasskey,
                {shown.kept.number, static_cast<std::int64_t>(shown.use.sign_count), shown.use.backed_up,
                 tx.now(), static_cast<std::int64_t>(shown.kept.passkey.sign_count)}));
  if (used == 0) return fail(ErrorKind::refused, "{}", kStale);
  return {};
}

Result<SignedIn> AccountPasskeys::sign_in(const PasskeyAnswer& answer, const AccountClient& client) {
  ZW_TRY(Shown shown, check_answer(kSignIn, std::nullopt, answer, client));
  return database_.write([&](Transaction& tx) -> Result<SignedIn> {
    ZW_CHECK(note_use(tx, shown));
    ZW_CHECK(accounts_.note(tx, shown.kept.account, "account.sign-in-by-passkey", client));
    return accounts_.open_session(tx, shown.kept.account, true, client);
  });
}

Result<void> AccountPasskeys::show_factor(const Session& session, const PasskeyAnswer& answer,
                                          const AccountClient& client) {
  ZW_TRY(Shown shown, check_answer(kFactor, session.account, answer, client));
  return database_.write([&](Transaction& tx) -> Result<void> {
    ZW_CHECK(note_use(tx, shown));
    ZW_CHECK(tx.run(kMakeWhole, {session.hash.octets(), true, tx.now()}));
    return accounts_.note(tx, session.account, "account.second-factor", client);
  });
}

}  // namespace zw
