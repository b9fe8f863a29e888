#include "web/accounts/accounts.h"

#include <algorithm>

#include "base/encoding.h"
#include "store/event_log.h"
#include "web/accounts/passkeys.h"
#include "web/accounts/stored.h"
#include "web/accounts/words.h"
#include "web/factors/one_time_code.h"
#include "web/factors/site_key.h"
#include "web/factors/work_ticket.h"
#include "web/mail/email_address.h"

namespace zw {
namespace {

using namespace account_sql;

constexpr std::size_t kMostAgentOctets = 200, kMostPartOctets = 254;
constexpr std::chrono::minutes kUseStep{5};  // how exactly it is kept when a session was used
constexpr std::chrono::hours kDeviceLife{24 * 180};
constexpr std::chrono::hours kDay{24};
constexpr std::string_view kLinkUse = "link", kSessionUse = "session", kDeviceUse = "device";

constexpr auto kBadLink =
    "this link was used already, or is too old: ask for another one, which takes a minute";

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return out;
}

}  // namespace

std::string_view print(AccountRole role) { return role == AccountRole::admin ? "admin" : "user"; }
AccountRole parse_role(std::string_view text) {
  return text == "admin" ? AccountRole::admin : AccountRole::user;
}

Result<std::string> parse_email(std::string_view text) {
  auto begin = text.find_first_not_of(" \t\r\n");
  if (begin != text.npos) text = text.substr(begin, text.find_last_not_of(" \t\r\n") - begin + 1);
  auto address = EmailAddress::parse(text);
  if (!address || address->domain().find('.') == std::string_view::npos)
    return fail(ErrorKind::refused, "an e-mail address looks like name@example.net");
  return lower(address->text());
}

namespace {

/// Who we are to authenticators: the host that our pages are on.
PasskeyParty party_of(const AccountSettings& settings) {
  std::string_view host = settings.origin;
  host.remove_prefix(std::min(host.find("://") + 3, host.size()));
  return {std::string(host.substr(0, host.find(':'))), settings.site, {settings.origin}};
}

}  // namespace

Accounts::Accounts(Database& database, PasswordPool& pool, Outbox& outbox, Bytes site_key,
                   AccountSettings settings)
    : database_(database),
      pool_(pool),
      outbox_(outbox),
      seal_key_(key_for(site_key, SiteKeyUse::seals)),
      settings_(std::move(settings)),
      passkeys_(std::make_unique<AccountPasskeys>(*this, database, site_key, party_of(settings_))) {}

Accounts::~Accounts() = default;

Result<std::optional<Accounts::Stored>> Accounts::find_by_email(Transaction& tx, std::string_view email) {
  return tx.first(kFindByEmail, {email}, Stored::read);
}
Result<std::optional<Accounts::Stored>> Accounts::find_by_id(Transaction& tx, std::int64_t id) const {
  return tx.first(kFindById, {id}, Stored::read);
}

Result<Account> Accounts::find_account(Transaction& tx, std::int64_t id) const {
  ZW_TRY(auto stored, find_by_id(tx, id));
  if (!stored) return fail(ErrorKind::not_found, "there is no account {}", id);
  return stored->account;
}

Result<void> Accounts::note(Transaction& tx, std::int64_t account, std::string_view action,
                            const AccountClient& client) const {
  std::string subject = subject_of(account), origin = client.address.print();
  ZW_CHECK(note_event(tx, {.actor = subject, .origin = origin, .action = action, .subject = subject}));
  return {};
}

Result<void> Accounts::tell_owner(Transaction& tx, const Account& account, std::string_view subject,
                                  std::string_view what, const AccountClient& client) const {
  Mail mail{.sender = settings_.sender, .recipient = account.email, .subject = {}, .text = {}};
  mail.subject = fmt::format("Your account at {}: {}", settings_.site, subject);
  mail.text = fmt::format(
      "Hello,\n\n{}, on {}, from {}.\n\nIf it was you, there is nothing to do. If it was not, somebody else "
      "is "
      "in your account: choose a new password, which signs everybody out, and end what you do not know, "
      "at\n\n"
      "    {}/account\n",
      what, print_time(now()), client.address.print(), settings_.origin);
  ZW_CHECK(outbox_.post(tx, std::move(mail)));
  return {};
}

SecretBuffer Accounts::draw_secret(std::string_view use, KeptHash& hash) const {
  DatabaseRandom random(database_);
  OneTimeCode code = make_one_time_code(random, use);
  hash = code.hash;
  return std::move(code.text);
}

// ---- links ------------------------------------------------------------------------------------------------

Result<bool> Accounts::is_known(Transaction& tx, const std::optional<KeptHash>& device,
                                const std::optional<Stored>& stored) const {
  if (!device || !stored) return false;
  ZW_TRY(std::int64_t used, tx.run(kUseDevice, {device->octets(), stored->account.id, tx.now()}));
  return used > 0;
}

Result<std::int64_t> Accounts::count_mails(Transaction& tx, const Buffer& place) const {
  return tx.one(kCountMails, {place, tx.now() - kDay},
                [](const Row& row) { return row.get<std::int64_t>(0); });
}

// A browser that is known is counted by itself here too.
Result<void> Accounts::request_link(std::string_view text, std::string_view device,
                                    const AccountClient& client) {
  ZW_TRY(std::string email, parse_email(text));
  auto known = parse_one_time_code(device, kDeviceUse);
  std::string network = client_network(client.address).print();
  KeptHash hash;
  SecretBuffer code = draw_secret(kLinkUse, hash);
  std::string link = fmt::format("{}{}{}", settings_.origin, settings_.link_path, as_text(code));
  return database_.write([&](Transaction& tx) -> Result<void> {
    Timestamp at = tx.now();
    ZW_TRY(auto account, find_by_email(tx, email));
    ZW_TRY(bool is_ours, is_known(tx, known, account));
    struct Budget {
      Buffer place;
      std::int64_t most;
      bool is_told = false;  // what it says of the client, and of no account
    };
    std::vector<Budget> budgets;
    if (is_ours)
      budgets = {{place_of("mail known", email), settings_.mails_of_known}};
    else
      budgets = {{place_of("mail from", network), settings_.mails_of_network, true},
                 {place_of("mail asked", email, network), settings_.mails_of_asker},
                 {place_of("mail", email), settings_.mails_of_address}};
    for (const Budget& budget : budgets) {
      ZW_TRY(std::int64_t mails, count_mails(tx, budget.place));
      if (mails < budget.most) continue;
      if (!budget.is_told) return {};
      return fail(ErrorKind::refused,
                  "too many links were asked for from your network today: try again tomorrow");
    }
    for (const Budget& budget : budgets) ZW_CHECK(tx.run(kNoteMail, {budget.place, at}));
    ZW_CHECK(tx.run(kAddLink, {hash.octets(), email, at, at + settings_.link_life}));
    Mail mail{.sender = settings_.sender, .recipient = email, .subject = {}, .text = {}};
    // Texts of about one length, so that their sizes tell no more than their time.
    mail.subject = account ? fmt::format("Your account at {}: a new password", settings_.site)
                           : fmt::format("Your account at {}: confirm your address", settings_.site);
    mail.text = fmt::format(
        "Hello,\n\nsomebody, probably you, asked {} {}. This link leads to the page where you choose a "
        "password:\n\n    {}\n\nIt is good for {} hours, and once. If it was not you, there is nothing to "
        "do: "
        "without this link nothing happens.\n\nThe request came from {}.\n",
        account ? "for a new password at" : "for an account at", settings_.origin, link,
        settings_.link_life.count(), client.address.print());
    ZW_CHECK(outbox_.post(tx, std::move(mail)));
    return {};
  });
}

Result<std::optional<Accounts::Link>> Accounts::find_link(std::string_view code) {
  auto hash = parse_one_time_code(code, kLinkUse);
  if (!hash) return std::nullopt;
  return database_.read([&](Transaction& tx) -> Result<std::optional<Link>> {
    ZW_TRY(auto email, tx.first(kFindLink, {hash->octets(), tx.now()},
                                [](const Row& row) { return row.get<std::string>(0); }));
    if (!email) return std::nullopt;
    ZW_TRY(auto account, find_by_email(tx, *email));
    return Link{*email, !account, account ? account->account.passkeys : 0};
  });
}

void Accounts::use_link(std::string_view code, std::string_view password, const AccountClient& client,
                        const std::function<void(Result<SignedIn>)>& done) {
  auto link = find_link(code);
  if (!link) return done(fail(link.error()));
  if (!*link) return done(fail(ErrorKind::refused, "{}", kBadLink));
  std::string email = (*link)->email;
  std::string_view known[] = {email, settings_.site};
  auto chosen = Password::chosen(password, known);
  if (!chosen) return done(fail(chosen.error()));
  KeptHash hash = *parse_one_time_code(code, kLinkUse);
  auto kept = [this, hash, email, client, done](const Result<std::string>& made) {
    if (!made) return done(fail(made.error()));
    done(database_.write([&](Transaction& tx) -> Result<SignedIn> {
      // It may have been used meanwhile.
      ZW_TRY(auto still, tx.first(kFindLink, {hash.octets(), tx.now()}, [](const Row&) { return true; }));
      if (!still) return fail(ErrorKind::refused, "{}", kBadLink);
      ZW_CHECK(tx.run(kDropLinks, {email}));
      ZW_TRY(auto account, find_by_email(tx, email));
      bool is_new = !account;
      if (is_new) {
        std::uint8_t user[32];
        database_.fill_random(user);
        ZW_TRY(std::int64_t id,
               tx.one(kAddAccount, {email, print(AccountRole::user), *made, Bytes(user), tx.now()},
                      [](const Row& row) { return row.get<std::int64_t>(0); }));
        ZW_TRY(account, find_by_id(tx, id));
      } else {
        ZW_CHECK(tx.run(kSetPassword, {account->account.id, *made}));
        ZW_CHECK(tx.run(kDropSessions, {account->account.id}));
        ZW_CHECK(tx.run(kDropDevices, {account->account.id}));
        ZW_CHECK(tx.run(kDropTokens, {account->account.id}));
      }
      ZW_TRY(SignedIn signed_in,
             open_session(tx, account->account.id, !account->account.has_factor(), client));
      ZW_CHECK(note(tx, account->account.id, is_new ? "account.make" : "account.new-password", client));
      return signed_in;
    }));
  };
  if (pool_.hash(client_network(client.address).print(), std::move(*chosen), kept) ==
      PasswordPool::Submitted::busy)
    done(fail(ErrorKind::timeout, "{}", kBusy));
}

// ---- signing in -------------------------------------------------------------------------------------------

Result<SignedIn> Accounts::open_session(Transaction& tx, std::int64_t account, bool is_whole,
                                        const AccountClient& client) {
  SignedIn out;
  out.account = account;
  out.is_whole = is_whole;
  KeptHash session, device;
  out.session = draw_secret(kSessionUse, session);
  out.device = draw_secret(kDeviceUse, device);
  std::string agent = clean_text(client.agent, kMostAgentOctets);
  ZW_CHECK(tx.run(kAddSession, {session.octets(), out.account, out.is_whole, tx.now(),
                                tx.now() + settings_.session_life, client.address.print(), agent}));
  ZW_CHECK(tx.run(kAddDevice, {device.octets(), out.account, tx.now()}));
  ZW_CHECK(tx.run(kNoteSignIn, {out.account, tx.now()}));
  return out;
}

// A browser that is known is counted by itself alone, so that nobody else can hold it up.
std::vector<Accounts::Guess> Accounts::guesses_of(std::string_view email,
                                                  const std::optional<KeptHash>& device,
                                                  const AccountClient& client) const {
  if (device) return {{GuessKind::device, place_of("device", as_text(device->octets()))}};
  return {{GuessKind::account, place_of("account", email)},
          {GuessKind::network, place_of("network", email, client_network(client.address).print())}};
}

/// Counts an attempt as a wrong one, until it turns out to be none; or tells until when it has to wait.
Result<std::optional<WallTime>> Accounts::count_guesses(Transaction& tx,
                                                        const std::vector<Guess>& guesses) const {
  WallTime at = std::chrono::floor<Seconds>(tx.now());
  std::vector<GuessCount> counts;
  for (const Guess& guess : guesses) {
    ZW_TRY(auto found, tx.first(kFindGuess, {guess.place}, [](const Row& row) {
      return GuessCount{row.get<std::int64_t>(0), std::chrono::floor<Seconds>(row.get<Timestamp>(1))};
    }));
    counts.push_back(found.value_or(GuessCount()));
    WallTime allowed = guess_allowed_at(guess.kind, counts.back());
    if (counts.back().failures > 0 && allowed > at) return allowed;
  }
  for (std::size_t i = 0; i < guesses.size(); ++i) {
    GuessCount next = count_guess(counts[i], at);
    ZW_CHECK(tx.run(kPutGuess, {guesses[i].place, next.failures, next.last}));
  }
  return std::nullopt;
}

Result<void> Accounts::forget_guesses(Transaction& tx, const std::vector<Guess>& guesses) const {
  for (const Guess& guess : guesses) ZW_CHECK(tx.run(kDropGuess, {guess.place}));
  return {};
}

void Accounts::sign_in(std::string_view text, std::string_view password, std::string_view device,
                       const AccountClient& client, const std::function<void(Result<SignInOutcome>)>& done) {
  auto email = parse_email(text);
  auto typed = Password::typed(password);
  if (!email || !typed) return done(SignInOutcome());
  auto known = parse_one_time_code(device, kDeviceUse);
  std::vector<Guess> guesses;
  std::optional<WallTime> wait;
  std::optional<std::string> kept;
  auto begun = database_.write([&](Transaction& tx) -> Result<void> {
    ZW_TRY(auto account, find_by_email(tx, *email));
    ZW_TRY(bool is_ours, is_known(tx, known, account));
    guesses = guesses_of(*email, is_ours ? known : std::nullopt, client);
    ZW_TRY(wait, count_guesses(tx, guesses));
    kept = account ? account->password : std::nullopt;
    return {};
  });
  if (!begun) return done(fail(begun.error()));
  if (wait) return done(SignInOutcome{.kind = SignInOutcome::Kind::wait, .until = *wait});
  auto checked = [this, email = *email, guesses, client, done](const Result<PasswordVerdict>& verdict) {
    SignInOutcome outcome;
    if (!verdict) return done(fail(verdict.error()));
    if (auto ended = finish_sign_in(email, *verdict, guesses, client, outcome); !ended)
      return done(fail(ended.error()));
    done(std::move(outcome));
  };
  if (pool_.check(client_network(client.address).print(), std::move(*typed), std::move(kept), checked) ==
      PasswordPool::Submitted::busy)
    done(SignInOutcome{.kind = SignInOutcome::Kind::busy});
}

Result<void> Accounts::finish_sign_in(const std::string& email, const PasswordVerdict& verdict,
                                      const std::vector<Guess>& guesses, const AccountClient& client,
                                      SignInOutcome& outcome) {
  return database_.write([&](Transaction& tx) -> Result<void> {
    ZW_TRY(auto account, find_by_email(tx, email));
    // No event: strangers must not fill the log.
    if (!account || !verdict.matches) return {};
    ZW_CHECK(forget_guesses(tx, guesses));
    if (verdict.rehashed) ZW_CHECK(tx.run(kSetPassword, {account->account.id, *verdict.rehashed}));
    ZW_TRY(outcome.signed_in, open_session(tx, account->account.id, !account->account.has_factor(), client));
    outcome.kind = SignInOutcome::Kind::signed_in;
    return note(tx, account->account.id, "account.sign-in", client);
  });
}

Result<std::optional<Session>> Accounts::find_session(std::string_view secret) {
  auto hash = parse_one_time_code(secret, kSessionUse);
  if (!hash) return std::nullopt;
  Timestamp used{};
  ZW_TRY(auto found, database_.read([&](Transaction& tx) {
    return tx.first(kFindSession, {hash->octets(), tx.now(), tx.now() - settings_.session_idle},
                    [&](const Row& row) {
                      Session out;
                      out.account = row.get<std::int64_t>(0);
                      out.is_whole = row.get<bool>(1);
                      out.made_at = row.get<Timestamp>(2);
                      used = row.get<Timestamp>(3);
                      out.email = row.get<std::string>(4);
                      out.role = parse_role(row.get<std::string_view>(5));
                      out.has_totp = row.get<bool>(6);
                      out.has_passkey = row.get<bool>(7);
                      auto confirmed = row.get<std::optional<Timestamp>>(8);
                      out.is_confirmed = confirmed && tx.now() - *confirmed < kConfirmed;
                      out.hash = *hash;
                      return out;
                    });
  }));
  if (found && database_.now() - used > kUseStep)
    ZW_CHECK(
        database_.write([&](Transaction& tx) { return tx.run(kUseSession, {hash->octets(), tx.now()}); }));
  return found;
}

Result<void> Accounts::sign_out(const Session& session) {
  ZW_CHECK(database_.write([&](Transaction& tx) { return tx.run(kDropSession, {session.hash.octets()}); }));
  return {};
}

Result<void> Accounts::sign_out_others(const Session& session, const AccountClient& client) {
  return database_.write([&](Transaction& tx) -> Result<void> {
    ZW_CHECK(tx.run(kDropOtherSessions, {session.account, session.hash.octets()}));
    return note(tx, session.account, "account.sign-out-others", client);
  });
}

Result<std::vector<SessionRow>> Accounts::sessions(const Session& session) {
  return database_.read([&](Transaction& tx) {
    return tx.all(kListSessions, {session.account, tx.now()}, [&](const Row& row) {
      return SessionRow{row.get<std::int64_t>(0), row.get<Timestamp>(1),
                        row.get<Timestamp>(2),    row.get<std::string>(3),
                        row.get<std::string>(4),  same_bytes(row.get<Bytes>(5), session.hash.octets())};
    });
  });
}

Result<void> Accounts::end_session(const Session& session, std::int64_t number, const AccountClient& client) {
  return database_.write([&](Transaction& tx) -> Result<void> {
    ZW_CHECK(tx.run(kDropSessionNumber, {number, session.account}));
    return note(tx, session.account, "account.end-session", client);
  });
}

// ---- one's own account ------------------------------------------------------------------------------------

Result<Account> Accounts::find(std::int64_t id) {
  return database_.read([&](Transaction& tx) { return find_account(tx, id); });
}

Result<std::optional<Account>> Accounts::find_address(std::string_view email) {
  ZW_TRY(auto found, database_.read([&](Transaction& tx) { return find_by_email(tx, email); }));
  return found ? std::optional(found->account) : std::nullopt;
}

Result<void> Accounts::remove(Transaction& tx, std::int64_t account, const AccountClient& client) {
  ZW_TRY(std::int64_t gone, tx.run(kDropAccount, {account}));
  if (gone == 0) return fail(ErrorKind::not_found, "there is no account {}", account);
  return note(tx, account, "account.remove", client);
}

// ---- for administrators -----------------------------------------------------------------------------------

Result<std::vector<Account>> Accounts::list(std::int64_t after, std::int64_t most, std::string_view part) {
  std::string pattern = "%";
  for (char c : lower(clean_text(part, kMostPartOctets))) {
    if (c == '%' || c == '_' || c == '\\') pattern += '\\';
    pattern += c;
  }
  pattern += '%';
  return database_.read([&](Transaction& tx) {
    auto read = [](const Row& row) { return Stored::read(row).account; };
    return part.empty() ? tx.all(kListAccounts, {after, most}, read)
                        : tx.all(kSearchAccounts, {after, most, pattern}, read);
  });
}

Result<void> Accounts::set_role(Database& database, std::string_view text, AccountRole role,
                                std::string_view actor, std::string_view origin) {
  ZW_TRY(std::string email, parse_email(text));
  return database.write([&](Transaction& tx) -> Result<void> {
    ZW_TRY(auto account, find_by_email(tx, email));
    if (!account) return fail(ErrorKind::not_found, "nobody has an account with this address");
    ZW_CHECK(tx.run(kSetRole, {account->account.id, print(role)}));
    ZW_CHECK(note_event(tx, {.actor = actor,
                             .origin = origin,
                             .action = "account.set-role",
                             .subject = subject_of(account->account.id),
                             .detail = print(role)}));
    return {};
  });
}

Result<void> Accounts::tidy() {
  return database_.write([&](Transaction& tx) -> Result<void> {
    Timestamp at = tx.now();
    ZW_CHECK(tx.run(kForgetMails, {at - kDay}));
    ZW_CHECK(tx.run(kForgetLinks, {at}));
    ZW_CHECK(tx.run(kForgetSessions, {at}));
    ZW_CHECK(tx.run(kForgetTokens, {at}));
    ZW_CHECK(tx.run(kForgetDevices, {at - kDeviceLife}));
    ZW_CHECK(tx.run(kForgetGuesses, {at - kGuessMemory}));
    ZW_CHECK(tx.run(kForgetChallenges, {at}));
    return {};
  });
}

}  // namespace zw
