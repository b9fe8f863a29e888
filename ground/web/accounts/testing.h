// What the tests of this folder share.
#pragma once

#include <doctest/doctest.h>

#include <future>

#include "store/event_log.h"
#include "store/testing.h"
#include "web/accounts/accounts.h"
#include "web/accounts/schema.h"

namespace zw {

inline constexpr auto kPassword = "correct horse battery";

inline AccountClient from(const char* ip = "192.0.2.1") { return {*IpAddress::parse(ip), "Browser/1.0"}; }

/// Accounts on a store, with a cheap password hash and mails at hand.
template <typename Backend>
struct AccountStory {
  AccountStory() {
    settings.origin = "https://portal.example";
    settings.sender = "portal@portal.example";
    store.database = *store.try_open({&account_schema(), 1});
    pool = *PasswordPool::make({.passes = 1, .memory = 8 << 20});
    outbox = std::make_unique<Outbox>(*store.database, "test");
    make();
  }
  void make() {
    accounts = std::make_unique<Accounts>(*store.database, *pool, *outbox, Buffer(32, 3), settings);
  }

  std::vector<Mail> mails() {
    std::vector<Mail> out;
    REQUIRE(outbox->deliver(100, std::chrono::seconds(60),
                            [&](const Mail& mail) { return out.push_back(mail), Result<void>(); }));
    return out;
  }
  /// The code of the link in the one mail that is waiting.
  std::string code() {
    auto sent = mails();
    REQUIRE(sent.size() == 1);
    auto at = sent[0].text.find("/link/");
    REQUIRE(at != std::string::npos);
    return sent[0].text.substr(at + 6, sent[0].text.find('\n', at) - at - 6);
  }
  std::string link_for(std::string_view email, const AccountClient& client = from()) {
    REQUIRE(accounts->request_link(email, {}, client));
    return code();
  }
  Result<SignedIn> use_link(std::string_view code, std::string_view password = kPassword) {
    std::promise<Result<SignedIn>> done;
    accounts->use_link(code, password, from(),
                       [&](Result<SignedIn> made) { done.set_value(std::move(made)); });
    return done.get_future().get();
  }
  SignedIn make_account(std::string_view email) {
    auto made = use_link(link_for(email));
    INFO((made ? "" : made.error().what));
    REQUIRE(made);
    return std::move(*made);
  }
  SignInOutcome sign_in(std::string_view email, std::string_view password, std::string_view device = {},
                        const AccountClient& client = from()) {
    std::promise<Result<SignInOutcome>> done;
    accounts->sign_in(email, password, device, client,
                      [&](Result<SignInOutcome> made) { done.set_value(std::move(made)); });
    auto outcome = done.get_future().get();
    INFO((outcome ? "" : outcome.error().what));
    REQUIRE(outcome);
    return std::move(*outcome);
  }
  Session session(const SignedIn& signed_in) {
    auto found = accounts->find_session(as_text(signed_in.session));
    REQUIRE(found);
    REQUIRE(*found);
    return **found;
  }
  bool is_gone(const SignedIn& signed_in) {
    auto found = accounts->find_session(as_text(signed_in.session));
    REQUIRE(found);
    return !*found;
  }
  std::vector<std::string> actions(std::int64_t account) {
    std::vector<std::string> out;
    auto read = store.database->read(
        [&](Transaction& tx) { return read_events(tx, {.subject = "account/" + std::to_string(account)}); });
    REQUIRE(read);
    for (const Event& event : *read) out.insert(out.begin(), event.action);
    return out;
  }

  Store<Backend> store;
  AccountSettings settings;
  std::unique_ptr<PasswordPool> pool;
  std::unique_ptr<Outbox> outbox;
  std::unique_ptr<Accounts> accounts;
};

}  // namespace zw
