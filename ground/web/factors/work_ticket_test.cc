#include "web/factors/work_ticket.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include "base/encoding.h"
#include "web/factors/work_script.h"

using namespace zw;

namespace {

constexpr WallTime kNow{Seconds(1'790'000'000)};

struct Tickets {
  explicit Tickets(WorkSettings settings = {.bits = 8}) : tickets(settings, Buffer(32, 1)) {}
  std::string make(WallTime now = kNow) { return tickets.make("sign up", here, now, random); }
  TicketAnswer check(std::string_view text, WallTime now = kNow) {
    return tickets.check(text, "sign up", here, now);
  }

  Splitmix random{1};
  Network here = client_network(*IpAddress::parse("192.0.2.1")),
          there = client_network(*IpAddress::parse("192.0.2.2"));
  WorkTickets tickets;
};

std::string solved(const std::string& ticket, unsigned bits) {
  for (unsigned n = 0;; ++n)
    if (std::string text = ticket + "." + std::to_string(n); has_work(text, bits)) return text;
}

using enum TicketVerdict;

}  // namespace

TEST_CASE("a solved ticket is good at once, and once") {
  Tickets t;
  std::string text = solved(t.make(), 8);
  CHECK(t.check(text).verdict == good);
  CHECK(t.check(text).verdict == used);
  CHECK(t.check(text.substr(0, text.find('.')), kNow + Seconds(60)).verdict == used);  // by waiting neither
}

TEST_CASE("a ticket without work is good after the waiting, and says how long that is") {
  Tickets t;
  std::string text = t.make();
  TicketAnswer early = t.check(text, kNow + Seconds(14));
  CHECK(early.verdict == too_early);
  CHECK(early.wait == Seconds(1));
  CHECK(t.check(text, kNow + Seconds(15)).verdict == good);
  CHECK(t.check(text, kNow + Seconds(31)).verdict == used);
}

TEST_CASE(
    "many tickets that wait at once are taken one after another from one network, and at once from two") {
  Tickets t;
  std::string one = t.make(), other = t.make(), far = t.tickets.make("sign up", t.there, kNow, t.random);
  WallTime later = kNow + Seconds(100);
  CHECK(t.check(one, later).verdict == good);
  TicketAnswer second = t.check(other, later + Seconds(5));
  CHECK(second.verdict == too_early);
  CHECK(second.wait == Seconds(10));
  CHECK(t.tickets.check(far, "sign up", t.there, later).verdict == good);
  CHECK(t.check(other, later + Seconds(15)).verdict == good);
}

TEST_CASE("who works is not held back by who waits") {
  Tickets t;
  std::string waiting = t.make(), working = solved(t.make(), 8);
  CHECK(t.check(waiting, kNow + Seconds(20)).verdict == good);
  CHECK(t.check(working, kNow + Seconds(20)).verdict == good);
}

TEST_CASE("a wrong number is no work, and does not use the ticket up") {
  Tickets t;
  std::string ticket = t.make(), right = solved(ticket, 8);
  for (std::string number : {"", "x", "-1", "00000000000000001", "1e3", "0.5", " 1"})
    CHECK_MESSAGE(t.check(fmt::format("{}.{}", ticket, number)).verdict == unsolved, number);
  unsigned n = 0;
  while (has_work(fmt::format("{}.{}", ticket, n), 8)) ++n;
  CHECK(t.check(ticket + "." + std::to_string(n)).verdict == unsolved);
  CHECK(t.check(right).verdict == good);
}

TEST_CASE("a ticket outlives a restart, and is good once in each process") {
  Tickets before, after;
  std::string text = before.make();
  CHECK(after.check(text, kNow + Seconds(60)).verdict == good);
  CHECK(after.check(text, kNow + Seconds(60)).verdict == used);
}

TEST_CASE("a ticket of another purpose, network or key is foreign") {
  Tickets t;
  std::string text = t.make();
  WallTime later = kNow + Seconds(60);
  CHECK(t.tickets.check(text, "sign in", t.here, later).verdict == foreign);
  CHECK(t.tickets.check(text, "sign up", t.there, later).verdict == foreign);
  WorkTickets others({.bits = 8}, Buffer(32, 2));
  CHECK(others.check(text, "sign up", t.here, later).verdict == foreign);
  CHECK(t.check(text, later).verdict == good);
}

TEST_CASE("a ticket with any octet changed is foreign") {
  Tickets t;
  const std::string text = t.make();
  for (std::size_t i = 0; i < text.size(); ++i) {
    std::string changed = text;
    changed[i] = changed[i] == 'a' ? 'b' : 'a';
    CHECK(t.check(changed, kNow + Seconds(60)).verdict == foreign);
  }
  std::string upper = text;
  for (char& c : upper) c = static_cast<char>(std::toupper(c));  // would be a second ticket
  for (const std::string& other :
       {upper, std::string(), text + "a", text.substr(1), std::string(1 << 20, 'a')})
    CHECK(t.check(other, kNow + Seconds(60)).verdict == foreign);
}

TEST_CASE("a ticket expires, worked or not") {
  Tickets t({.bits = 8, .lifetime = Seconds(100)});
  std::string ticket = t.make(), text = solved(ticket, 8);
  CHECK(t.check(text, kNow + Seconds(100)).verdict == expired);
  CHECK(t.check(ticket, kNow + Seconds(100)).verdict == expired);
  CHECK(t.check(text, kNow + Seconds(99)).verdict == good);
}

TEST_CASE("tickets are remembered until they expire, and beyond the room for it none is taken") {
  Tickets t({.bits = 0, .lifetime = Seconds(100), .remembered = 2});
  std::string one = t.make() + ".0", two = t.make() + ".0", three = t.make(kNow + Seconds(50)) + ".0";
  CHECK(t.check(one).verdict == good);
  CHECK(t.check(two).verdict == good);
  CHECK(t.check(three, kNow + Seconds(99)).verdict == crowded);
  CHECK(t.check(one, kNow + Seconds(99)).verdict == used);
  CHECK(t.check(three, kNow + Seconds(100)).verdict == good);
}

TEST_CASE("an IPv6 client is its /64") {
  CHECK(client_network(*IpAddress::parse("2001:db8:1:2:3:4:5:6")).print() == "2001:db8:1:2::/64");
  CHECK(client_network(*IpAddress::parse("192.0.2.7")).bits() == 32);
}

TEST_CASE("zero bits of a digest are counted from its front") {
  // SHA-256("abc") begins with BA, that of "" with E3; of "30" with 624B...: 0110.
  CHECK(has_work("abc", 0));
  CHECK_FALSE(has_work("abc", 1));
  CHECK(has_work("30", 1));
  CHECK_FALSE(has_work("30", 2));
}

TEST_CASE("the script needs nothing that a strict content security policy forbids") {
  std::string_view script = work_script();
  for (const char* word : {"eval(", "Function(", "innerHTML", "blob:", "data:", ".style"})
    CHECK_MESSAGE(script.find(word) == script.npos, word);
  CHECK(script.find("new Worker(source)") != script.npos);
}
