#include "web/accounts/accounts.h"

#include <doctest/doctest.h>

#include <set>

#include "store/testing_migrations.h"
#include "web/accounts/schema.h"
#include "web/accounts/testing.h"
#include "web/accounts/tokens.h"

namespace zw {
namespace {

using namespace std::chrono_literals;

template <typename Backend>
using Site = AccountStory<Backend>;
using Kind = SignInOutcome::Kind;

}  // namespace

TEST_CASE("addresses of mail are compared as people mean them, and what is none is refused") {
  CHECK(*parse_email("  Jane.Doe@Example.NET\n") == "jane.doe@example.net");
  CHECK(*parse_email("jane@B\xc3\xbc"
                     "cher.example") == "jane@xn--bcher-kva.example");
  for (const char* bad :
       {"", "jane", "@example.net", "jane@", "jane@localhost", "a b@example.net", "a@b@example.net",
        "a@example..net", "a@.net", "a@net.", "a<b@example.net", "a@example.net\r\nBcc: x@y.z",
        "a,b@example.net", "a@example.net\x01", "\xff@example.net"})
    CHECK_MESSAGE(parse_email(bad).error().kind == ErrorKind::refused, bad);
  CHECK_FALSE(parse_email(std::string(65, 'a') + "@example.net").has_value());
}

TEST_CASE("pauses grow with wrong guesses, up to a bound, and are forgotten after a day") {
  WallTime at(1'800'000'000s);
  GuessCount count;
  for (int i = 0; i < 5; ++i) {
    CHECK(guess_allowed_at(GuessKind::network, count) <= at);
    count = count_guess(count, at);
  }
  CHECK(guess_allowed_at(GuessKind::network, count) == at + 1s);
  count = count_guess(count, at);
  CHECK(guess_allowed_at(GuessKind::network, count) == at + 2s);
  count.failures = 1'000'000'000;
  CHECK(guess_allowed_at(GuessKind::network, count) == at + 15min);
  CHECK(guess_allowed_at(GuessKind::device, count) == at + 15min);
  CHECK(guess_allowed_at(GuessKind::factor, count) == at + 15min);
  CHECK(guess_allowed_at(GuessKind::account, count) == at + 1min);
  CHECK(count_guess(count, at + 24h).failures == 1);
}

STORE_TEST("the tables of accounts lead back to where they came from") {
  NEED(Backend);
  Store<Backend> store;
  store.database = *store.try_open({&account_schema(), 1});
  check_steps(*store.database, account_schema());
}

STORE_TEST("an account is made behind a link that went to its address") {
  NEED(Backend);
  Site<Backend> site;
  REQUIRE(site.accounts->request_link("Jane@Example.net", {}, from("192.0.2.77")));
  auto sent = site.mails();
  REQUIRE(sent.size() == 1);
  CHECK(sent[0].recipient == "jane@example.net");
  CHECK(sent[0].text.find("192.0.2.77") != std::string::npos);
  CHECK(sent[0].text.find("https://portal.example/link/") != std::string::npos);
  auto at = sent[0].text.find("/link/");
  std::string code = sent[0].text.substr(at + 6, sent[0].text.find('\n', at) - at - 6);
  auto link = site.accounts->find_link(code);
  REQUIRE(link);
  REQUIRE(*link);
  CHECK((*link)->email == "jane@example.net");
  CHECK((*link)->is_new);
  CHECK(site.use_link(code, "short").error().kind == ErrorKind::refused);
  CHECK(site.use_link(code, "jane@example.net").error().kind == ErrorKind::refused);
  auto made = site.use_link(code);
  REQUIRE(made);
  CHECK(made->is_whole);
  Session session = site.session(*made);
  CHECK(session.email == "jane@example.net");
  CHECK(session.role == AccountRole::user);
  CHECK(session.is_whole);
  // It is used up.
  CHECK_FALSE(site.accounts->find_link(code)->has_value());
  CHECK(site.use_link(code).error().kind == ErrorKind::refused);
  CHECK(site.sign_in("jane@example.net", kPassword).kind == Kind::signed_in);
  CHECK(site.actions(made->account) == std::vector<std::string>{"account.make", "account.sign-in"});
}

STORE_TEST("a link ends with its time, and so do sessions") {
  NEED(Backend);
  Site<Backend> site;
  std::string code = site.link_for("jane@example.net");
  site.store.clock.pass(Seconds(24h) + 1s);
  CHECK_FALSE(site.accounts->find_link(code)->has_value());
  CHECK_FALSE(site.use_link(code).has_value());
  SignedIn made = site.make_account("jane@example.net");
  site.store.clock.pass(24h * 6);
  CHECK_FALSE(site.is_gone(made));  // and is used now
  site.store.clock.pass(24h * 6);
  CHECK_FALSE(site.is_gone(made));
  site.store.clock.pass(24h * 7 + 1s);
  CHECK(site.is_gone(made));  // idle
  SignedIn again = *site.sign_in("jane@example.net", kPassword).signed_in;
  for (int i = 0; i < 5; ++i) {
    site.store.clock.pass(24h * 6);
    if (i < 4) CHECK_FALSE(site.is_gone(again));
  }
  site.store.clock.pass(24h);
  CHECK(site.is_gone(again));  // old
  REQUIRE(site.accounts->tidy());
  CHECK(site.store.number("SELECT count(*) FROM account_session") == 0);
  CHECK(site.store.number("SELECT count(*) FROM account_link") == 0);
}

STORE_TEST("a new password ends all sessions and tokens, and an old password is none any more") {
  NEED(Backend);
  Site<Backend> site;
  SignedIn first = site.make_account("jane@example.net");
  AccountTokens tokens(*site.store.database, {{"all", "Do all."}});
  REQUIRE(tokens.make(site.session(first), {"cron", *Scopes::parse("all")}, from()));
  std::string code = site.link_for("jane@example.net");
  CHECK_FALSE((*site.accounts->find_link(code))->is_new);
  auto changed = site.use_link(code, "another long password");
  REQUIRE(changed);
  CHECK(changed->account == first.account);
  CHECK(site.is_gone(first));
  CHECK(tokens.list(first.account)->empty());
  CHECK_FALSE(site.is_gone(*changed));
  CHECK(site.sign_in("jane@example.net", kPassword).kind == Kind::wrong);
  CHECK(site.sign_in("jane@example.net", "another long password").kind == Kind::signed_in);
}

STORE_TEST("who has an account and who has none are told the same") {
  NEED(Backend);
  Site<Backend> site;
  site.make_account("jane@example.net");
  CHECK(site.sign_in("jane@example.net", "wrong password").kind == Kind::wrong);
  CHECK(site.sign_in("joan@example.net", "wrong password").kind == Kind::wrong);
  CHECK(site.sign_in("no address", "wrong password").kind == Kind::wrong);
  CHECK(site.sign_in("jane@example.net", std::string(2000, 'x')).kind == Kind::wrong);
  // Both are counted, and both have to wait alike.
  for (const char* email : {"jane@example.net", "joan@example.net"}) {
    SignInOutcome last;
    for (int i = 0; i < 6; ++i) last = site.sign_in(email, "wrong password", {}, from("198.51.100.5"));
    CHECK(last.kind == Kind::wait);
    CHECK(last.until == site.store.clock.wall() + 1s);
  }
}

STORE_TEST("an address gets few mails, and a network asks for few") {
  NEED(Backend);
  Site<Backend> site;
  auto ask = [&](const char* ip) { return site.accounts->request_link("jane@example.net", {}, from(ip)); };
  for (int i = 0; i < 10; ++i) CHECK(ask("192.0.2.1"));
  CHECK(site.mails().size() == 3);
  for (int i = 0; i < 100; ++i) CHECK(ask(("192.0.2." + std::to_string(i + 1)).c_str()));
  CHECK(site.mails().size() == 7);
  site.store.clock.pass(Seconds(24h) + 1s);
  CHECK(ask("192.0.2.1"));
  CHECK(site.mails().size() == 1);
  site.settings.mails_of_network = 5;
  site.make();
  int refused = 0;
  for (int i = 0; i < 10; ++i)
    refused +=
        !site.accounts->request_link("p" + std::to_string(i) + "@example.net", {}, from("198.51.100.1"));
  CHECK(refused == 5);
  CHECK(site.mails().size() == 5);
}

STORE_TEST(
    "a flood of links from many networks does not keep a known browser from its own, nor grows with them") {
  NEED(Backend);
  Site<Backend> site;
  site.settings.mails_of_network = 30;
  site.make();
  SignedIn jane = site.make_account("jane@example.net");  // one mail
  SignedIn joan = site.make_account("joan@example.net");
  auto ask = [&](std::string_view device, const std::string& ip) {
    return site.accounts->request_link("jane@example.net", device, from(ip.c_str()));
  };
  for (int i = 0; i < 200; ++i) CHECK(ask({}, "203.0.113." + std::to_string(i)));
  for (int i = 0; i < 40; ++i) (void)ask({}, "192.0.2.1");
  CHECK(site.mails().size() == 9);
  // Even from a network that may ask no more.
  for (int i = 0; i < 30; ++i)
    (void)site.accounts->request_link("p" + std::to_string(i) + "@example.net", {}, from("192.0.2.1"));
  (void)site.mails();
  CHECK(ask({}, "192.0.2.1").error().kind == ErrorKind::refused);
  CHECK(ask(as_text(joan.device), "198.51.100.1"));
  CHECK(site.mails().empty());  // a browser that another account knows is a stranger
  for (int i = 0; i < 20; ++i) CHECK(ask(as_text(jane.device), "192.0.2.1"));
  auto mails = site.mails();
  REQUIRE(mails.size() == 5);  // 15 in all, and no more today
  auto at = mails.back().text.find("/link/");
  CHECK(
      site.use_link(mails.back().text.substr(at + 6, mails.back().text.find('\n', at) - at - 6)).has_value());
}

STORE_TEST("whoever guesses has to wait, and the owner's own browser does not") {
  NEED(Backend);
  Site<Backend> site;
  SignedIn owner = site.make_account("jane@example.net");
  std::string device(as_text(owner.device));
  int looked_at = 0;
  for (int i = 0; i < 50; ++i)
    looked_at += site.sign_in("jane@example.net", "guess " + std::to_string(i)).kind == Kind::wrong;
  CHECK(looked_at == 5);
  // From the same place the right password has to wait too; from a known browser it does not.
  CHECK(site.sign_in("jane@example.net", kPassword).kind == Kind::wait);
  CHECK(site.sign_in("jane@example.net", kPassword, device).kind == Kind::signed_in);
  // From many places, all together get so many attempts.
  looked_at = 0;
  for (int i = 0; i < 100; ++i)
    looked_at +=
        site.sign_in("jane@example.net", "guess", {}, from(("203.0.113." + std::to_string(i)).c_str()))
            .kind == Kind::wrong;
  CHECK(looked_at <= 30);
  CHECK(site.sign_in("jane@example.net", kPassword, device).kind == Kind::signed_in);
  // A minute is the most that this costs the owner elsewhere.
  site.store.clock.pass(61s);
  CHECK(site.sign_in("jane@example.net", kPassword, {}, from("198.51.100.9")).kind == Kind::signed_in);
  // A device of another account is none.
  SignedIn other = site.make_account("joan@example.net");
  for (int i = 0; i < 6; ++i)
    site.sign_in("jane@example.net", "guess", as_text(other.device), from("198.51.100.20"));
  CHECK(site.sign_in("jane@example.net", kPassword, as_text(other.device), from("198.51.100.20")).kind ==
        Kind::wait);
}

STORE_TEST("a second factor makes a session whole, each code once") {
  NEED(Backend);
  Site<Backend> site;
  SignedIn made = site.make_account("jane@example.net");
  Session session = site.session(made);
  TotpSecret secret = site.accounts->make_totp();
  auto code = [&] { return totp_code(secret, totp_step_at(site.store.clock.wall())); };
  CHECK(site.accounts->set_totp(session, secret, "000000", from()).error().kind == ErrorKind::refused);
  auto codes = site.accounts->set_totp(session, secret, code(), from());
  REQUIRE(codes);
  CHECK(*site.accounts->count_recovery(made.account) == 10);

  SignedIn half = *site.sign_in("jane@example.net", kPassword).signed_in;
  CHECK_FALSE(half.is_whole);
  CHECK_FALSE(site.session(half).is_whole);
  // The code that set it up is used.
  CHECK(site.accounts->show_factor(site.session(half), code(), from()).error().kind == ErrorKind::refused);
  site.store.clock.pass(60s);
  CHECK(site.accounts->show_factor(site.session(half), code(), from()).has_value());
  CHECK(site.session(half).is_whole);
  CHECK(site.session(half).has_totp);

  SignedIn second = *site.sign_in("jane@example.net", kPassword).signed_in;
  CHECK_FALSE(site.accounts->show_factor(site.session(second), code(), from()).has_value());
  CHECK(site.accounts->show_factor(site.session(second), codes->codes[3], from()).has_value());
  CHECK(*site.accounts->count_recovery(made.account) == 9);
  SignedIn third = *site.sign_in("jane@example.net", kPassword).signed_in;
  CHECK_FALSE(site.accounts->show_factor(site.session(third), codes->codes[3], from()).has_value());
  // Guesses are few, and a right code has to wait after them.
  for (int i = 0; i < 5; ++i) CHECK_FALSE(site.accounts->show_factor(site.session(third), "123456", from()));
  CHECK_FALSE(site.accounts->show_factor(site.session(third), codes->codes[4], from()).has_value());
  // A new password by mail does not go around it.
  auto by_mail = site.use_link(site.link_for("jane@example.net"));
  REQUIRE(by_mail);
  CHECK_FALSE(by_mail->is_whole);

  site.store.clock.pass(1h);
  CHECK(site.accounts->show_factor(site.session(*by_mail), code(), from()).has_value());
  REQUIRE(site.accounts->drop_totp(site.session(*by_mail), from()));
  CHECK(site.sign_in("jane@example.net", kPassword).signed_in->is_whole);
  CHECK(*site.accounts->count_recovery(made.account) == 0);
}

STORE_TEST("before something dangerous, who is signed in says once more who he is") {
  NEED(Backend);
  Site<Backend> site;
  SignedIn made = site.make_account("jane@example.net");
  CHECK(site.session(made).is_confirmed);  // just now
  site.store.clock.pass(5min);
  CHECK_FALSE(site.session(made).is_confirmed);
  SignedIn elsewhere = *site.sign_in("jane@example.net", kPassword).signed_in;
  auto confirm = [&](std::string_view text) {
    std::promise<Result<void>> done;
    site.accounts->confirm(site.session(made), text, from(),
                           [&](Result<void> said) { done.set_value(std::move(said)); });
    return done.get_future().get();
  };
  CHECK(confirm("wrong password").error().kind == ErrorKind::refused);
  CHECK(confirm(std::string(2000, 'x')).error().kind == ErrorKind::refused);
  CHECK_FALSE(site.session(made).is_confirmed);
  REQUIRE(confirm(kPassword));
  CHECK(site.session(made).is_confirmed);
  CHECK(site.actions(made.account).back() == "account.confirm");
  site.store.clock.pass(5min);
  CHECK_FALSE(site.session(made).is_confirmed);

  // Or by a code, each once.
  TotpSecret secret = site.accounts->make_totp();
  auto code = [&] { return totp_code(secret, totp_step_at(site.store.clock.wall())); };
  auto codes = site.accounts->set_totp(site.session(made), secret, code(), from());
  REQUIRE(codes);
  CHECK_FALSE(confirm(code()));
  site.store.clock.pass(60s);
  CHECK(confirm(code()));
  CHECK(confirm(codes->codes[0]));
  CHECK_FALSE(confirm(codes->codes[0]));

  // Guesses are few, of all its sessions together, and neither signing in nor the second factor waits for
  // them.
  for (int i = 0; i < 5; ++i) CHECK_FALSE(confirm("guess number " + std::to_string(i)));
  CHECK(confirm(kPassword).error().what.find("too many") == 0);
  CHECK(site.accounts->show_factor(site.session(elsewhere), codes->codes[1], from()).has_value());
  CHECK(site.sign_in("jane@example.net", kPassword).kind == Kind::signed_in);
  site.store.clock.pass(1h);
  CHECK(confirm(kPassword));
}

STORE_TEST("sessions are listed and ended by their owner alone") {
  NEED(Backend);
  Site<Backend> site;
  SignedIn first = site.make_account("jane@example.net");
  SignedIn second = *site.sign_in("jane@example.net", kPassword, {}, from("2001:db8::5")).signed_in;
  SignedIn other = site.make_account("joan@example.net");
  auto rows = site.accounts->sessions(site.session(second));
  REQUIRE(rows);
  REQUIRE(rows->size() == 2);
  std::set<std::string> addresses;
  std::int64_t number_of_first = 0;
  for (const SessionRow& row : *rows) {
    addresses.insert(row.address);
    CHECK(row.agent == "Browser/1.0");
    CHECK(row.is_this == (row.address == "2001:db8::5"));
    if (!row.is_this) number_of_first = row.number;
  }
  CHECK(addresses == std::set<std::string>{"192.0.2.1", "2001:db8::5"});
  REQUIRE(site.accounts->end_session(site.session(other), number_of_first, from()));
  CHECK_FALSE(site.is_gone(first));
  REQUIRE(site.accounts->end_session(site.session(second), number_of_first, from()));
  CHECK(site.is_gone(first));
  SignedIn third = *site.sign_in("jane@example.net", kPassword).signed_in;
  REQUIRE(site.accounts->sign_out_others(site.session(third), from()));
  CHECK(site.is_gone(second));
  CHECK_FALSE(site.is_gone(other));
  REQUIRE(site.accounts->sign_out(site.session(third)));
  CHECK(site.is_gone(third));
  CHECK_FALSE(site.accounts->find_session("nonsense")->has_value());
  CHECK_FALSE(site.accounts->find_session(as_text(third.device))->has_value());
}

STORE_TEST("an account that is removed leaves nothing but its events") {
  NEED(Backend);
  Site<Backend> site;
  SignedIn made = site.make_account("jane@example.net");
  REQUIRE(site.accounts->set_role("JANE@example.net", AccountRole::admin, "local", "local"));
  CHECK(site.session(made).role == AccountRole::admin);
  CHECK(site.accounts->list(0, 10)->at(0).role == AccountRole::admin);
  CHECK(site.accounts->list(0, 10, "JANE@")->size() == 1);
  for (const char* part : {"joan", "j_ne", "%", "\\", "'"}) CHECK(site.accounts->list(0, 10, part)->empty());
  CHECK(site.accounts->find_address("jane@example.net").value()->email == "jane@example.net");
  CHECK_FALSE(site.accounts->find_address("joan@example.net").value());
  CHECK(site.accounts->set_role("nobody@example.net", AccountRole::admin, "local", "local").error().kind ==
        ErrorKind::not_found);
  REQUIRE(site.store.database->write(
      [&](Transaction& tx) { return site.accounts->remove(tx, made.account, from()); }));
  CHECK(site.is_gone(made));
  for (const char* table : {"account", "account_session", "account_device", "account_recovery"})
    CHECK(site.store.number("SELECT count(*) FROM " + std::string(table)) == 0);
  CHECK(site.actions(made.account).back() == "account.remove");
  CHECK(site.accounts->find(made.account).error().kind == ErrorKind::not_found);
  // No event says whose it was.
  CHECK(site.store.number(
            "SELECT count(*) FROM zw_event WHERE detail LIKE '%jane%' OR subject LIKE '%jane%'") == 0);
}

}  // namespace zw
