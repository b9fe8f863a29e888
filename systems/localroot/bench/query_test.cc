#include "localroot/bench/query.h"

#include <doctest/doctest.h>

#include <map>
#include <set>

#include "dns/edns.h"
#include "localroot/bench/query_list.h"
#include "transfer/testing.h"

namespace zw::localroot {
namespace {

using namespace zw::testing;

struct Asked {
  std::string name;
  RrType type;
};

Asked read(const Buffer& query) {
  auto message = MessageView::parse(query);
  REQUIRE(message.has_value());
  return {print(message->question()->name), message->question()->type};
}

}  // namespace

TEST_CASE("a list of queries is read, and its first fault told by its line") {
  auto queries = parse_queries("; a list\nwww.Example.org A\n\n  org.\tDS \r\n# end\n. TYPE65534", {});
  REQUIRE(queries.has_value());
  REQUIRE(queries->size() == 3);
  CHECK(read((*queries)[0]).name == "www.Example.org.");
  CHECK(read((*queries)[1]).type == RrType::DS);
  CHECK(read((*queries)[2]).type == static_cast<RrType>(65534));
  for (auto [text, fault] :
       {std::pair(". A\na..b A\n", "line 2"), std::pair(". A\n.\n", "line 2"),
        std::pair(". AAAAA\n", "line 1"), std::pair("# nothing\n", "there is no query")}) {
    auto none = parse_queries(text, {});
    REQUIRE_FALSE(none.has_value());
    CHECK(none.error().what.find(fault) != std::string::npos);
  }
}

TEST_CASE("queries say what their form says") {
  auto edns_of = [](const QueryForm& form) {
    Buffer query = compose_query(name("example."), RrType::A, form);
    EdnsView edns;
    MessageFault fault;
    auto status = EdnsView::read(*MessageView::parse(query), edns, fault);
    return std::pair(status, status == EdnsStatus::good && edns.dnssec_ok());
  };
  CHECK(edns_of({}) == std::pair(EdnsStatus::good, false));
  CHECK(edns_of({.dnssec_ok = true}) == std::pair(EdnsStatus::good, true));
  CHECK(edns_of({.edns = false}) == std::pair(EdnsStatus::absent, false));
}

TEST_CASE("queries made from a zone are half of names that are not there, and fit its delegations") {
  ZonePtr zone = small_zone(1, "a.example. NS ns.a.example.\nb.example. NS ns.a.example.\n");
  Splitmix random(3);
  auto queries = make_queries(*zone, 1000, random, {});
  REQUIRE(queries.has_value());
  CHECK(queries->size() == 1000);
  std::map<RrType, int> types;
  int below = 0, absent = 0;
  for (const Buffer& query : *queries) {
    Asked asked = read(query);
    ++types[asked.type];
    below += asked.name == "www.a.example." || asked.name == "www.b.example.";
    absent += asked.name.starts_with("x") && asked.name.ends_with(".example.");
  }
  CHECK(absent == 500);
  CHECK(below == 200);
  CHECK(types[RrType::DS] == 100);
  CHECK(types[RrType::AAAA] == 100);
  CHECK(types[RrType::SOA] + types[RrType::NS] + types[RrType::DNSKEY] == 100);
  CHECK(make_queries(*small_zone(1), 10, random, {}).error().kind == ErrorKind::not_found);
}

TEST_CASE("an ID names one query in flight, and a late answer is nobody's") {
  Buffer query(20);
  InFlight in_flight(2);
  std::uint16_t first = in_flight.add(query, Micros(1)), second = in_flight.add(query, Micros(5));
  CHECK(first != second);
  CHECK(in_flight.full());
  REQUIRE(in_flight.find(first) != nullptr);
  CHECK(in_flight.find(first)->sent == Micros(1));
  CHECK(in_flight.find(9) == nullptr);
  CHECK(in_flight.find(0xffff) == nullptr);
  CHECK(in_flight.drop_older(Micros(5)) == 1);
  CHECK(in_flight.size() == 1);
  std::uint16_t third = in_flight.add(query, Micros(7));
  CHECK(third != first);
  CHECK(in_flight.find(first) == nullptr);  // its place is used again
  CHECK(in_flight.find(third) != nullptr);
  in_flight.remove(third);
  CHECK(in_flight.find(third) == nullptr);
  CHECK(in_flight.find(second) != nullptr);
}

TEST_CASE("IDs in flight differ, however often places are used again") {
  Buffer query(20);
  InFlight in_flight(InFlight::kMost);
  for (int round = 0; round < 40; ++round) {
    std::set<std::uint16_t> ids;
    while (!in_flight.full()) ids.insert(in_flight.add(query, Micros(round)));
    CHECK(ids.size() == InFlight::kMost);
    CHECK(in_flight.drop_older(Micros(round + 1)) == InFlight::kMost);
  }
}

}  // namespace zw::localroot
