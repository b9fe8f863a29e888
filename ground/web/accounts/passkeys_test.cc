#include "web/accounts/passkeys.h"

#include <doctest/doctest.h>

#include "format/json.h"
#include "store/testing_migrations.h"
#include "web/accounts/testing.h"
#include "web/factors/test_authenticator.h"

namespace zw {
namespace {

using namespace std::chrono_literals;

constexpr auto kBrowser = "visitor of this test";

std::string challenge_in(const std::string& options) {
  auto json = parse_json(options);
  REQUIRE(json);
  REQUIRE(json->find("challenge"));
  return std::string(*json->find("challenge")->text());
}

Buffer octets_of(std::string_view text) {
  Buffer out;
  REQUIRE(decode_base64url(text, out));
  return out;
}

/// Accounts, one of them with an authenticator at hand.
template <typename Backend>
struct PasskeyStory : AccountStory<Backend> {
  using AccountStory<Backend>::accounts;

  AccountPasskeys& passkeys() { return accounts->passkeys(); }
  std::string user_of(std::int64_t account) {
    auto read = this->store.database->read([&](Transaction& tx) {
      return tx.one(account_sql::kPasskeyUser, {account}, [](const Row& row) { return row.get<Buffer>(0); });
    });
    REQUIRE(read);
    return std::string(as_text(*read));
  }
  Result<std::optional<RecoveryCodes>> add(const SignedIn& who, const TestAuthenticator& device,
                                           std::string_view label = "key ring") {
    Session session = this->session(who);
    auto options = passkeys().creation_options(session, kBrowser);
    if (!options) return fail(options.error());
    std::string challenge = challenge_in(*options);
    return passkeys().add(session, label, {kBrowser, challenge, device.create_answer(octets_of(challenge))},
                          from());
  }
  /// `challenge`: another one than was given out.
  Result<SignedIn> sign_in(TestAuthenticator& device, std::string_view user,
                           std::string_view browser = kBrowser) {
    std::string challenge = challenge_in(passkeys().sign_in_options(kBrowser));
    return answer(device, user, challenge, browser);
  }
  Result<SignedIn> answer(TestAuthenticator& device, std::string_view user, const std::string& challenge,
                          std::string_view browser = kBrowser) {
    ++device.count;
    return passkeys().sign_in({browser, challenge, device.get_answer(octets_of(challenge), user)}, from());
  }
  Result<void> show(const SignedIn& half, TestAuthenticator& device) {
    Session session = this->session(half);
    auto options = passkeys().factor_options(session, kBrowser);
    REQUIRE(options);
    std::string challenge = challenge_in(*options);
    ++device.count;
    return passkeys().show_factor(session, {kBrowser, challenge, device.get_answer(octets_of(challenge))},
                                  from());
  }
};

template <typename T>
bool is_refused(const Result<T>& result, std::string_view words = "") {
  return !result && result.error().kind == ErrorKind::refused &&
         result.error().what.find(words) != std::string::npos;
}

constexpr auto kStale = "begin again", kUnknown = "not known here";

}  // namespace

STORE_TEST("a passkey signs in alone, and beside it a password alone does not any more") {
  NEED(Backend);
  PasskeyStory<Backend> site;
  SignedIn jane = site.make_account("jane@example.net");
  TestAuthenticator device(kEs256);
  auto codes = site.add(jane, device, "key\x01 ring");
  REQUIRE(codes);
  REQUIRE(*codes);  // her first factor: with codes for paper
  auto rows = site.passkeys().list(jane.account);
  REQUIRE(rows->size() == 1);
  CHECK(rows->at(0).label == "key ring");
  CHECK_FALSE(rows->at(0).used_at);
  CHECK(site.session(jane).has_passkey);
  CHECK(site.accounts->find(jane.account)->has_factor());

  std::string user = site.user_of(jane.account);
  site.store.clock.pass(60s);
  auto alone = site.sign_in(device, user);
  REQUIRE(alone);
  CHECK(alone->is_whole);
  CHECK(site.session(*alone).email == "jane@example.net");
  CHECK(site.session(*alone).is_confirmed);
  CHECK(site.passkeys().list(jane.account)->at(0).used_at == site.store.clock.wall());

  SignedIn half = *static_cast<AccountStory<Backend>&>(site).sign_in("jane@example.net", kPassword).signed_in;
  CHECK_FALSE(half.is_whole);
  CHECK(site.show(half, device).has_value());
  CHECK(site.session(half).is_whole);
  // A code on paper stands in for it.
  SignedIn by_paper =
      *static_cast<AccountStory<Backend>&>(site).sign_in("jane@example.net", kPassword).signed_in;
  CHECK(site.accounts->show_factor(site.session(by_paper), (*codes)->codes[0], from()).has_value());
  CHECK(site.session(by_paper).is_whole);
  CHECK(site.actions(jane.account) == std::vector<std::string>{"account.make", "account.add-passkey",
                                                               "account.sign-in-by-passkey",
                                                               "account.sign-in", "account.second-factor",
                                                               "account.sign-in", "account.second-factor"});
}

STORE_TEST(
    "the owner of an account is told by mail of a passkey that is added, and of none that is refused") {
  NEED(Backend);
  PasskeyStory<Backend> site;
  SignedIn jane = site.make_account("jane@example.net");
  TestAuthenticator device(kEs256);
  REQUIRE(site.add(jane, device, "key\x01 ring"));
  auto told = site.mails();
  REQUIRE(told.size() == 1);
  CHECK(told[0].recipient == "jane@example.net");
  CHECK(told[0].subject.ends_with(": a passkey was added"));
  CHECK(told[0].text.find("the passkey \"key ring\" was added") != std::string::npos);
  CHECK(told[0].text.find("from 192.0.2.1.") != std::string::npos);
  CHECK(told[0].text.find("https://portal.example/account\n") != std::string::npos);
  CHECK_FALSE(site.add(jane, device));  // it is known already
  CHECK(site.mails().empty());
}

STORE_TEST("a challenge is good once, for five minutes, one purpose and one browser") {
  NEED(Backend);
  PasskeyStory<Backend> site;
  SignedIn jane = site.make_account("jane@example.net");
  TestAuthenticator device(kEdDsa);
  device.count = 0;  // as those that are on several devices
  REQUIRE(site.add(jane, device));
  std::string user = site.user_of(jane.account);
  auto answer = [&](const std::string& challenge, std::string_view browser = kBrowser) {
    return site.passkeys().sign_in({browser, challenge, device.get_answer(octets_of(challenge), user)},
                                   from());
  };
  auto fresh = [&] { return challenge_in(site.passkeys().sign_in_options(kBrowser)); };

  std::string challenge = fresh();
  CHECK(is_refused(answer(challenge, "another browser"), kStale));
  CHECK(answer(challenge));
  CHECK(is_refused(answer(challenge), kStale));
  std::string late = fresh(), in_time = fresh();
  site.store.clock.pass(299s);
  CHECK(answer(in_time));
  site.store.clock.pass(1s);
  CHECK(is_refused(answer(late), kStale));
  // Of another purpose, or none of ours.
  auto of_factor = site.passkeys().factor_options(site.session(jane), kBrowser);
  CHECK(is_refused(answer(challenge_in(*of_factor)), kStale));
  CHECK(is_refused(answer(base64url(Buffer(32, 1))), kStale));
  CHECK(is_refused(site.passkeys().sign_in({kBrowser, "", "{}"}, from()), kStale));
  // What is kept of them is over with them.
  site.store.clock.pass(301s);
  REQUIRE(site.accounts->tidy());
  CHECK(site.store.number("SELECT count(*) FROM account_used_challenge") == 0);
}

STORE_TEST("a copy of a passkey is refused and noted, and one of another site, key or account is none") {
  NEED(Backend);
  PasskeyStory<Backend> site;
  SignedIn jane = site.make_account("jane@example.net"), joan = site.make_account("joan@example.net");
  TestAuthenticator device(kEs256), other(kEs256);
  device.count = 5;
  REQUIRE(site.add(jane, device));
  std::string user = site.user_of(jane.account);
  REQUIRE(site.sign_in(device, user));
  // The same answer again is no copy.
  std::string challenge = challenge_in(site.passkeys().sign_in_options(kBrowser));
  device.count = 10;
  REQUIRE(site.answer(device, user, challenge));
  device.count = 10;
  CHECK(is_refused(site.answer(device, user, challenge), kStale));
  CHECK_FALSE(site.passkeys().list(jane.account)->at(0).copied_at);
  device.count = 10;
  CHECK(is_refused(site.sign_in(device, user), "copy"));
  CHECK(site.passkeys().list(jane.account)->at(0).copied_at);
  CHECK(site.actions(jane.account).back() == "account.passkey-copied");
  CHECK(is_refused(site.sign_in(device, site.user_of(joan.account)), kUnknown));
  CHECK(is_refused(site.sign_in(device, ""), kUnknown));  // alone, it has to say whose it is
  device.origin = "https://evil.example";
  CHECK(is_refused(site.sign_in(device, user), "none of ours"));
  device.origin = "https://portal.example", device.party = "evil.example";
  CHECK(is_refused(site.sign_in(device, user), "another party"));
  device.party = "portal.example", device.flags = 0x01;
  CHECK(is_refused(site.sign_in(device, user), "PIN"));
  device.flags = 0x05, device.count = 100;
  CHECK(site.sign_in(device, user));
  other.count = 200;
  CHECK(is_refused(site.sign_in(other, user), "not by its key"));
  other.id = Buffer(32, 9);
  CHECK(is_refused(site.sign_in(other, user), kUnknown));
  // Beside her password counts hers alone.
  REQUIRE(site.add(joan, other));
  CHECK(is_refused(site.show(joan, device), kUnknown));
  CHECK(site.show(joan, other));
  CHECK(is_refused(site.add(joan, device), "known here"));
}

STORE_TEST("passkeys are added and ended by who has just said who he is, and so many of them") {
  NEED(Backend);
  PasskeyStory<Backend> site;
  SignedIn jane = site.make_account("jane@example.net"), joan = site.make_account("joan@example.net");
  TestAuthenticator device(kEdDsa);
  CHECK(is_refused(site.add(jane, device, " \t"), "name"));
  for (std::int64_t i = 0; i < AccountPasskeys::kMostPasskeys; ++i) {
    device.id[0] = static_cast<std::uint8_t>(i);
    auto added = site.add(jane, device);
    REQUIRE(added);
    CHECK(added->has_value() == (i == 0));
  }
  device.id[0] = 99;
  CHECK(is_refused(site.add(jane, device), "at most 20"));
  std::int64_t number = site.passkeys().list(jane.account)->at(0).number;
  CHECK(site.passkeys().end(site.session(joan), number, from()).error().kind == ErrorKind::not_found);
  REQUIRE(site.passkeys().end(site.session(jane), number, from()));
  CHECK(site.passkeys().list(jane.account)->size() == 19);
  site.store.clock.pass(5min);
  CHECK(is_refused(site.add(jane, device), "once more"));
  CHECK(is_refused(site.passkeys().end(site.session(jane), number + 1, from()), "once more"));
}

STORE_TEST("a new password leaves passkeys as they are and says so, and the account takes them with it") {
  NEED(Backend);
  PasskeyStory<Backend> site;
  SignedIn jane = site.make_account("jane@example.net");
  TestAuthenticator device(kEdDsa);
  REQUIRE(site.add(jane, device));
  CHECK(site.mails().size() == 1);
  std::string code = site.link_for("jane@example.net");
  CHECK((*site.accounts->find_link(code))->passkeys == 1);
  auto by_mail = site.use_link(code);
  REQUIRE(by_mail);
  CHECK_FALSE(by_mail->is_whole);
  std::string user = site.user_of(jane.account);
  auto alone = site.sign_in(device, user);
  REQUIRE(alone);
  // The last one takes the codes on paper with it.
  CHECK(*site.accounts->count_recovery(jane.account) == 10);
  REQUIRE(
      site.passkeys().end(site.session(*alone), site.passkeys().list(jane.account)->at(0).number, from()));
  CHECK(*site.accounts->count_recovery(jane.account) == 0);
  CHECK(is_refused(site.sign_in(device, user), kUnknown));
  CHECK(static_cast<AccountStory<Backend>&>(site).sign_in("jane@example.net", kPassword).signed_in->is_whole);

  REQUIRE(site.add(*alone, device));
  REQUIRE(site.store.database->write(
      [&](Transaction& tx) { return site.accounts->remove(tx, jane.account, from()); }));
  CHECK(site.store.number("SELECT count(*) FROM account_passkey") == 0);
  CHECK(is_refused(site.sign_in(device, user), kUnknown));
}

STORE_TEST("codes on paper stay while the telephone or a passkey is there") {
  NEED(Backend);
  PasskeyStory<Backend> site;
  SignedIn jane = site.make_account("jane@example.net");
  TotpSecret secret = site.accounts->make_totp();
  REQUIRE(site.accounts->set_totp(site.session(jane), secret,
                                  totp_code(secret, totp_step_at(site.store.clock.wall())), from()));
  TestAuthenticator device(kEdDsa);
  auto added = site.add(jane, device);
  REQUIRE(added);
  CHECK_FALSE(added->has_value());
  REQUIRE(site.accounts->drop_totp(site.session(jane), from()));
  CHECK(*site.accounts->count_recovery(jane.account) == 10);
}

}  // namespace zw
