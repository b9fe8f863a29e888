#include "authority/rate_limiter.h"

#include <doctest/doctest.h>

#include <map>
#include <string>

#include "authority/responder.h"
#include "authority/testing.h"
#include "base/random.h"

using namespace zw;
using Fate = RateLimiter::Fate;

namespace {

constexpr RateLimiter::Secret kSecret = {1, 2, 3};

IpAddress ip(std::string_view text) { return *IpAddress::parse(text); }

RateLimits limits_of(std::uint32_t per_second, std::uint32_t slip = 0) {
  RateLimits out;
  out.per_second = per_second;
  out.total_per_second = 0;
  out.slip = slip;
  return out;
}

ResponseSubject denial() { return {ResponseKind::denial, {}, {}, {}}; }

// How many of `times` at one moment are sent.
int sent(RateLimiter& limiter, const IpAddress& client, const ResponseSubject& subject, int times,
         Milliseconds now) {
  int out = 0;
  for (int i = 0; i < times; ++i) out += limiter.decide(client, subject, now).fate == Fate::send;
  return out;
}

}  // namespace

TEST_CASE("a second's worth goes out at once, then what comes back with time") {
  RateLimiter limiter(limits_of(10), kSecret);
  Milliseconds start(1'000'000);
  CHECK(sent(limiter, ip("192.0.2.1"), denial(), 50, start) == 10);
  CHECK(sent(limiter, ip("192.0.2.1"), denial(), 50, start + Milliseconds(99)) == 0);
  CHECK(sent(limiter, ip("192.0.2.1"), denial(), 50, start + Milliseconds(300)) == 3);
  CHECK(sent(limiter, ip("192.0.2.1"), denial(), 50, start + Milliseconds(60'000)) == 10);
}

TEST_CASE("the addresses of a network share a bucket, those of others have their own") {
  RateLimiter limiter(limits_of(5), kSecret);
  CHECK(sent(limiter, ip("192.0.2.1"), denial(), 9, Milliseconds(1)) == 5);
  CHECK(sent(limiter, ip("192.0.2.254"), denial(), 9, Milliseconds(1)) == 0);
  CHECK(sent(limiter, ip("192.0.3.1"), denial(), 9, Milliseconds(1)) == 5);
  CHECK(sent(limiter, ip("2001:db8:0:1::1"), denial(), 9, Milliseconds(1)) == 5);
  CHECK(sent(limiter, ip("2001:db8:0:ff::1"), denial(), 9, Milliseconds(1)) == 0);
  CHECK(sent(limiter, ip("2001:db8:0:100::1"), denial(), 9, Milliseconds(1)) == 5);
  CHECK(limiter.network_of(ip("192.0.2.254")).print() == "192.0.2.0/24");
  CHECK(limiter.network_of(ip("2001:db8:0:ff::1")).print() == "2001:db8::/56");
}

TEST_CASE("each n-th response beyond the limit is truncated, and the beginning is told once") {
  RateLimiter limiter(limits_of(1, 3), kSecret);
  std::string fates;
  int begun = 0;
  for (int i = 0; i < 7; ++i) {
    auto ruling = limiter.decide(ip("192.0.2.1"), denial(), Milliseconds(1));
    fates += ruling.fate == Fate::send ? 's' : ruling.fate == Fate::truncate ? 't' : 'd';
    begun += ruling.begins;
  }
  CHECK(fates == "sddtddt");
  CHECK(begun == 1);
  CHECK(limiter.decide(ip("192.0.2.1"), denial(), Milliseconds(5'000)).fate == Fate::send);
  CHECK(limiter.decide(ip("192.0.2.1"), denial(), Milliseconds(5'000)).begins);  // again
}

TEST_CASE("who is exempt, and who sets no limit, is not limited") {
  RateLimits limits = limits_of(1);
  RateLimiter limiter(limits, kSecret);
  CHECK(sent(limiter, ip("127.0.0.9"), denial(), 50, Milliseconds(1)) == 50);
  CHECK(sent(limiter, ip("::1"), denial(), 50, Milliseconds(1)) == 50);
  limits.total_per_second = 1;
  RateLimiter total(limits, kSecret);
  CHECK(sent(total, ip("127.0.0.9"), denial(), 50, Milliseconds(1)) == 50);
  RateLimiter none(limits_of(0), kSecret);
  CHECK(sent(none, ip("192.0.2.1"), denial(), 50, Milliseconds(1)) == 50);
}

TEST_CASE("the total bounds a client that asks for something else each time") {
  RateLimits limits = limits_of(10);
  limits.total_per_second = 25;
  RateLimiter limiter(limits, kSecret);
  int out = 0;
  RateLimiter::Ruling last;
  for (int i = 0; i < 100; ++i) {
    Name cut = name_of("tld" + std::to_string(i) + ".");
    last = limiter.decide(ip("192.0.2.1"), {ResponseKind::referral, {}, {}, cut}, Milliseconds(1));
    out += last.fate == Fate::send;
  }
  CHECK(out == 25);
  CHECK(last.because == ResponseKind::total);
}

TEST_CASE("rates that are divided add up to at least the rate, and none becomes no limit") {
  RateLimits limits = limits_of(200);
  CHECK(limits.divided(3).per_second == 67);
  CHECK(limits.divided(1000).per_second == 1);
  CHECK(limits_of(0).divided(4).per_second == 0);
  CHECK(limits.divided(3).total_per_second == 0);
}

TEST_CASE("an address that comes once pushes out another such, and none that is limited") {
  RateLimits limits = limits_of(20);
  limits.ipv4_prefix = 32;
  limits.table_octets = 1 << 14;  // 1,024 buckets
  RateLimiter limiter(limits, kSecret);
  Splitmix random(7);
  Milliseconds now(1'000);
  CHECK(sent(limiter, ip("192.0.2.1"), denial(), 100, now) == 20);
  int out = 0;
  for (int i = 0; i < 1'000'000; ++i) {
    std::uint8_t forged[4];
    set32(forged, static_cast<std::uint32_t>(random.next()));
    limiter.decide(IpAddress::v4(forged), denial(), now);
    if (i % 100 == 0) out += sent(limiter, ip("192.0.2.1"), denial(), 1, now);
  }
  CHECK(out == 0);
}

TEST_CASE("on any line of time the rate is kept within a tenth, and who stays below it loses nothing") {
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    Splitmix random(seed);
    auto rate = static_cast<std::uint32_t>(1 + random.below(500));
    double flood = rate * (1.3 + static_cast<double>(random.below(40)));
    RateLimiter limiter(limits_of(rate), kSecret);
    const double seconds = 60;
    double at = 0;
    std::uint64_t out = 0, polite_lost = 0;
    double polite_next = 0;
    while (at < seconds) {
      at += static_cast<double>(1 + random.below(2'000'000)) / 1e6 / flood;  // uneven steps
      if (random.below(5'000) == 0) at += 0.3;                               // and silence now and then
      Milliseconds now(1'000'000 + static_cast<std::int64_t>(at * 1000));
      out += limiter.decide(ip("192.0.2.1"), denial(), now).fate == Fate::send;
      for (; polite_next <= at; polite_next += 1.05 / rate)
        polite_lost += limiter
                           .decide(ip("198.51.100.1"), denial(),
                                   Milliseconds(1'000'000 + static_cast<std::int64_t>(polite_next * 1000)))
                           .fate != Fate::send;
    }
    double allowed = rate * (at + 1);  // a bucket is full at first
    CAPTURE(seed);
    CHECK(static_cast<double>(out) <= allowed + 1);
    CHECK(static_cast<double>(out) >= 0.9 * rate * seconds);
    CHECK(polite_lost == 0);
  }
}

TEST_CASE("what is asked at random has one subject: the zone, the cut, the wildcard, the DNAME") {
  ServedZone served(zone_of(
      "example. 60 IN SOA ns h 1 2 3 4 60\nexample. 60 IN NS ns.example.\nns.example. 60 IN A 192.0.2.1\n"
      "*.w.example. 60 IN TXT x\nd.example. 60 IN NS ns.example.\ntree.example. 60 IN DNAME test.\n"
      "out.example. 60 IN CNAME test.\n"));
  ZoneTable zones({served});
  Responder responder;
  auto buckets = [&](std::initializer_list<std::pair<const char*, RrType>> questions) {
    std::map<std::string, int> seen;
    for (const auto& [text, type] : questions) {
      Name name = name_of(text);
      Buffer query(512), out(4096);
      MessageWriter writer;
      writer.start(query, 1, 0);
      REQUIRE(writer.question(name, type, RrClass::IN));
      std::size_t octets = writer.finish().size();
      Request request = Request::read(Bytes(query).first(octets));
      std::uint8_t address[4] = {192, 0, 2, 1};
      REQUIRE(responder.answer(zones, {}, request, {address, Transport::udp, WallTime{}, 0}, out) > 0);
      const ResponseSubject& subject = responder.subject();
      ++seen[std::string(print(subject.kind)) + " " + print(subject.type) + " " + print(Name(subject.zone)) +
             " " + print(Name(subject.node))];
    }
    return seen;
  };
  using T = RrType;
  auto one = [&](std::initializer_list<std::pair<const char*, RrType>> questions) {
    auto seen = buckets(questions);
    CHECK(seen.size() == 1);
    return seen.begin()->first;
  };
  CHECK(one({{"a.example.", T::A}, {"b.c.example.", T::MX}, {"ns.example.", T::MX}, {"w.example.", T::A}})
            .starts_with("denial "));
  CHECK(
      one({{"d.example.", T::A}, {"x.d.example.", T::A}, {"y.D.example.", T::TXT}}).starts_with("referral "));
  CHECK(one({{"1.w.example.", T::TXT}, {"2.w.example.", T::TXT}, {"3.4.W.EXAMPLE.", T::TXT}}).find("*.w.") !=
        std::string::npos);
  CHECK(one({{"1.tree.example.", T::A}, {"2.tree.example.", T::AAAA}}).starts_with("answer DNAME"));
  CHECK(one({{"out.example.", T::A}, {"OUT.example.", T::AAAA}}).starts_with("answer CNAME"));
  CHECK(one({{"a.test.", T::A}, {"b.", T::SOA}}).starts_with("other"));
  CHECK(buckets({{"ns.example.", T::A}, {"example.", T::NS}, {"example.", T::SOA}}).size() == 3);
}
