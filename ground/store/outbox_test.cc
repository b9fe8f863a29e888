#include "store/outbox.h"

#include "store/testing.h"

using namespace zw;
using namespace std::chrono_literals;

namespace {

Mail welcome() {
  return {.sender = "noreply@zw.example",
          .recipient = "ünal@subscriber.example",
          .subject = "Your server is \"verified\"",
          .text = "Good day,\nit is.\n"};
}

Result<std::int64_t> post(Database& database, Outbox& outbox, const Mail& mail) {
  return database.write([&](Transaction& tx) { return outbox.post(tx, mail); });
}

}  // namespace

STORE_TEST("a mail goes out once, with a Message-ID of its own, when its change is committed") {
  NEED(Backend);
  Store<Backend> store;
  Outbox outbox(*store.database, "here");
  {
    auto tx = store.database->begin(SqlAccess::write);
    REQUIRE(outbox.post(*tx, welcome()));
  }
  REQUIRE(post(*store.database, outbox, welcome()));
  REQUIRE(post(*store.database, outbox, welcome()));
  std::vector<Mail> sent;
  auto send = [&](const Mail& mail) -> Result<void> {
    sent.push_back(mail);
    return {};
  };
  CHECK(outbox.deliver(10, 60s, send) == 2);
  CHECK(outbox.deliver(10, 60s, send) == 0);
  REQUIRE(sent.size() == 2);
  CHECK(sent[0].recipient == welcome().recipient);
  CHECK(sent[0].subject == welcome().subject);
  CHECK(sent[0].text == welcome().text);
  CHECK(sent[0].id.size() == 24);
  CHECK(sent[0].id != sent[1].id);
}

STORE_TEST("a mail is tried again under the same Message-ID, and not when it was refused") {
  NEED(Backend);
  Store<Backend> store;
  Outbox outbox(*store.database, "here");
  REQUIRE(post(*store.database, outbox, welcome()));
  std::vector<std::string> ids;
  ErrorKind answer = ErrorKind::timeout;
  auto send = [&](const Mail& mail) -> Result<void> {
    ids.push_back(mail.id);
    return fail(answer, "no");
  };
  CHECK(outbox.deliver(10, 60s, send) == 1);
  CHECK(outbox.deliver(10, 60s, send) == 0);
  store.clock.pass(30s);
  answer = ErrorKind::refused;
  CHECK(outbox.deliver(10, 60s, send) == 1);
  store.clock.pass(Seconds(10 * 86400));
  CHECK(outbox.deliver(10, 60s, send) == 0);
  REQUIRE(ids.size() == 2);
  CHECK(ids[0] == ids[1]);
  CHECK(outbox.queue().counts()->dead == 1);
}

TEST_CASE("what would become another field is refused") {
  Store<OnSqlite> store;
  Outbox outbox(*store.database, "here");
  REQUIRE(post(*store.database, outbox, welcome()));
  auto with = [&](std::string Mail::* part, const char* text) {
    Mail mail = welcome();
    mail.*part = text;
    return kind_of(post(*store.database, outbox, mail));
  };
  for (const char* address :
       {"", "a", "@b", "a@", "a@b\r\nBcc: x@y", "a@b, c@d", "<a@b>", "a b@c", "a@\xff"}) {
    CAPTURE(address);
    CHECK(with(&Mail::recipient, address) == ErrorKind::refused);
    CHECK(with(&Mail::sender, address) == ErrorKind::refused);
  }
  CHECK(with(&Mail::subject, "a\nb") == ErrorKind::refused);
  CHECK(with(&Mail::text, "\xff") == ErrorKind::refused);
  CHECK(with(&Mail::text, "a\nb") == std::nullopt);
  CHECK(with(&Mail::subject, std::string(501, 'x').c_str()) == ErrorKind::limit);
  CHECK(with(&Mail::recipient, (std::string(250, 'x') + "@y.example").c_str()) == ErrorKind::limit);
  CHECK(with(&Mail::text, std::string(100'001, 'x').c_str()) == ErrorKind::limit);
}

TEST_CASE("a job that is no mail is given up") {
  Store<OnSqlite> store;
  Outbox outbox(*store.database, "here");
  REQUIRE(store.database->write([&](Transaction& tx) { return outbox.queue().add(tx, {.payload = "{}"}); }));
  CHECK(outbox.deliver(9, 60s, [](const Mail&) -> Result<void> { return {}; }) == 1);
  CHECK(outbox.queue().dead(0, 1)->front().fault == "mail: it lacks 'id'");
}
