#include "web/accounts/tokens.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include "store/event_log.h"
#include "store/testing.h"
#include "web/accounts/schema.h"

namespace zw {
namespace {

using namespace std::chrono_literals;

AccountClient from(const char* ip = "192.0.2.1") { return {*IpAddress::parse(ip)}; }
Scopes scopes(std::string_view text) { return *Scopes::parse(text); }
std::string header(const MadeToken& made) { return fmt::format("Bearer {}", as_text(made.text)); }

template <typename Backend>
struct World {
  World() {
    store.database = *store.try_open({&account_schema(), 1});
    forget();
  }
  /// As after a new start of the program.
  void forget() {
    tokens = std::make_unique<AccountTokens>(
        *store.database, std::vector<TokenScope>{{"things:read", "See things."},
                                                 {"things:write", "Change things."},
                                                 {"admin", "All that administrators do.", true}});
  }
  Session account(std::string_view email, AccountRole role = AccountRole::user) {
    Session out;
    out.role = role;
    out.is_whole = true;
    out.email = email;
    std::uint8_t user[32];
    store.database->fill_random(user);
    out.account = *store.database->write([&](Transaction& tx) {
      return tx.one(account_sql::kAddAccount, {email, print(role), "", Bytes(user), tx.now()},
                    [](const Row& row) { return row.get<std::int64_t>(0); });
    });
    return out;
  }
  MadeToken make(const Session& session, std::string_view what = "things:read", std::string label = "cron") {
    auto made = tokens->make(session, {std::move(label), scopes(what)}, from());
    INFO((made ? "" : made.error().what));
    REQUIRE(made);
    return std::move(*made);
  }
  std::optional<TokenSession> find(const std::string& authorization, const char* ip = "192.0.2.1") {
    auto found = tokens->find(authorization, from(ip));
    INFO((found ? "" : found.error().what));
    REQUIRE(found);
    return *found;
  }
  Result<std::int64_t> run(const Statement& statement, Transaction::Values values) {
    return store.database->write([&](Transaction& tx) { return tx.run(statement, values); });
  }

  Store<Backend> store;
  std::unique_ptr<AccountTokens> tokens;
};

/// A token that nobody was given.
std::string wrong(std::uint64_t seed) {
  Splitmix random(seed);
  return fmt::format("Bearer {}", as_text(make_api_token(random).text));
}

}  // namespace

STORE_TEST("a token stands for its account and for what was ticked, until its last day") {
  NEED(Backend);
  World<Backend> world;
  Session jane = world.account("jane@example.net");
  MadeToken made = world.make(jane, "things:read things:write");
  auto found = world.find(header(made), "192.0.2.7");
  REQUIRE(found);
  CHECK(found->account == jane.account);
  CHECK(found->email == "jane@example.net");
  CHECK(found->number == made.row.number);
  CHECK(found->scopes == scopes("things:read things:write"));
  for (const std::string& none : {std::string(), std::string("Basic abc"), std::string("Bearer "),
                                  std::string(as_text(made.text)), header(made) + "x", wrong(1)})
    CHECK_FALSE(world.find(none));
  world.store.clock.pass(std::chrono::days(90) - 1s);
  CHECK(world.find(header(made)));
  world.store.clock.pass(1s);
  CHECK_FALSE(world.find(header(made)));
  CHECK(world.tokens->list(jane.account)->empty());
}

STORE_TEST("the list tells when and from where a token was used last, to a minute, and never its value") {
  NEED(Backend);
  World<Backend> world;
  Session jane = world.account("jane@example.net");
  MadeToken first = world.make(jane), second = world.make(jane, "things:write", "b\u00fcro");
  auto rows = *world.tokens->list(jane.account);
  REQUIRE(rows.size() == 2);
  CHECK(rows[0].label == "b\u00fcro");
  CHECK_FALSE(rows[1].used_at);
  Timestamp begin = world.store.database->now();
  CHECK(world.find(header(first), "192.0.2.7"));
  world.store.clock.pass(59s);
  CHECK(world.find(header(first), "192.0.2.8"));
  CHECK(world.tokens->list(jane.account)->at(1).used_at == begin);
  CHECK(world.tokens->list(jane.account)->at(1).used_from == "192.0.2.7");
  world.store.clock.pass(1s);
  CHECK(world.find(header(first), "192.0.2.8"));
  CHECK(world.tokens->list(jane.account)->at(1).used_from == "192.0.2.8");
}

STORE_TEST("nobody makes a token that may do more than he, and it loses what he loses") {
  NEED(Backend);
  World<Backend> world;
  Session jane = world.account("jane@example.net"),
          root = world.account("root@example.net", AccountRole::admin);
  CHECK(world.tokens->offered(AccountRole::user).size() == 2);
  auto kind = [&](const Session& session, std::string label, std::string_view what,
                  std::chrono::days life = std::chrono::days(7)) {
    return kind_of(world.tokens->make(session, {std::move(label), scopes(what), life}, from()));
  };
  CHECK(kind(jane, "x", "things:read admin") == ErrorKind::refused);
  CHECK(kind(jane, "x", "other") == ErrorKind::refused);
  CHECK(kind(jane, "x", "") == ErrorKind::refused);
  CHECK(kind(jane, "", "things:read") == ErrorKind::refused);
  CHECK(kind(jane, "a\nb", "things:read") == ErrorKind::refused);
  CHECK(kind(jane, "x", "things:read", std::chrono::days(0)) == ErrorKind::refused);
  CHECK(kind(jane, "x", "things:read", std::chrono::days(367)) == ErrorKind::refused);
  Session half = jane;
  half.is_whole = false;
  CHECK(kind(half, "x", "things:read") == ErrorKind::refused);
  MadeToken made = world.make(root, "things:read admin");
  CHECK(world.find(header(made))->scopes == scopes("things:read admin"));
  REQUIRE(world.run(account_sql::kSetRole, {root.account, "user"}));
  CHECK(world.find(header(made))->scopes == scopes("things:read"));
}

STORE_TEST("a token is ended by its owner alone, and with the account") {
  NEED(Backend);
  World<Backend> world;
  Session jane = world.account("jane@example.net"), joe = world.account("joe@example.net");
  MadeToken first = world.make(jane), second = world.make(jane);
  CHECK(kind_of(world.tokens->end(joe.account, first.row.number, from())) == ErrorKind::not_found);
  CHECK(world.find(header(first)));
  CHECK(world.tokens->end(jane.account, first.row.number, from()));
  CHECK_FALSE(world.find(header(first)));
  CHECK(kind_of(world.tokens->end(jane.account, first.row.number, from())) == ErrorKind::not_found);
  std::vector<std::string> actions;
  auto events = world.store.database->read([&](Transaction& tx) { return read_events(tx, {}); });
  REQUIRE(events);
  for (const Event& event : *events) {
    actions.insert(actions.begin(), event.action + " " + event.detail);
    CHECK(event.subject == fmt::format("account/{}", jane.account));
  }
  CHECK(actions ==
        std::vector<std::string>{fmt::format("account.make-token {{\"token\":{}}}", first.row.number),
                                 fmt::format("account.make-token {{\"token\":{}}}", second.row.number),
                                 fmt::format("account.end-token {{\"token\":{}}}", first.row.number)});
  REQUIRE(world.run(account_sql::kDropAccount, {jane.account}));
  CHECK_FALSE(world.find(header(second)));
}

STORE_TEST("an account has a bounded number of tokens") {
  NEED(Backend);
  World<Backend> world;
  Session jane = world.account("jane@example.net");
  for (int i = 0; i < AccountTokens::kMost; ++i) world.make(jane);
  CHECK(kind_of(world.tokens->make(jane, {"x", scopes("things:read")}, from())) == ErrorKind::refused);
  CHECK(world.tokens->end(jane.account, world.tokens->list(jane.account)->front().number, from()));
  world.make(jane);
}

TEST_CASE("who guesses tokens waits, and nobody else does") {
  World<OnSqlite> world;
  Session jane = world.account("jane@example.net");
  MadeToken used = world.make(jane), fresh = world.make(jane);
  CHECK(world.find(header(used), "192.0.2.66"));
  for (int i = 0; i < 1000; ++i) CHECK_FALSE(world.find(wrong(1), "192.0.2.66"));  // one that nobody mended
  CHECK(world.tokens->waits(from("192.0.2.66")) == 0s);
  std::uint64_t guesses = 100;
  while (world.tokens->waits(from("192.0.2.66")) == 0s) {
    CHECK_FALSE(world.find(wrong(guesses++), "192.0.2.66"));
    REQUIRE(guesses < 200);
  }
  CHECK(guesses >= 119);
  CHECK(kind_of(world.tokens->find(header(fresh), from("192.0.2.66"))) == ErrorKind::refused);
  CHECK(world.find(header(used), "192.0.2.66"));  // known to be good
  CHECK(world.find(header(fresh), "198.51.100.1"));
  CHECK_FALSE(world.find("Bearer nonsense", "192.0.2.66"));
  world.store.clock.pass(15min);
  CHECK(world.find(header(fresh), "192.0.2.66"));
  // From everywhere: what is remembered of it is bounded.
  for (std::uint64_t i = 0; i < AccountTokens::kMostNetworks + 100; ++i)
    CHECK_FALSE(world.find(wrong(1000 + i), fmt::format("10.{}.{}.1", i / 256, i % 256).c_str()));
}

}  // namespace zw
