#include "transfer/transfer_decision.h"

#include "transfer/testing.h"

using namespace zw;
using namespace zw::testing;

namespace {

ServedZone served(std::uint32_t serial) { return ServedZone(small_zone(serial)); }

TransferQuery axfr() { return {.zone = name("example."), .type = RrType::AXFR}; }
TransferQuery ixfr(std::uint32_t client) {
  return {.zone = name("example."), .type = RrType::IXFR, .client = Serial(client)};
}

TransferDecision decide(const std::optional<TransferQuery>& query, Access access = Access::granted,
                        Transport transport = Transport::tcp) {
  ServedZone zone = served(9);
  return decide_transfer(query, &zone, access, transport);
}

/// A query as it would come in.
struct Query {
  explicit Query(const TransferAsking& asking) : octets(compose_transfer_query(asking)) {}
  Request request() const { return Request::read(octets); }
  Buffer octets;
};

}  // namespace

TEST_CASE("who may gets the whole zone over TCP") {
  CHECK(decide(axfr()).form == TransferForm::whole_zone);
  CHECK(decide(ixfr(8)).form == TransferForm::whole_zone);
  CHECK(decide(axfr(), Access::granted, Transport::tls).form == TransferForm::whole_zone);
}

TEST_CASE("who has our version, or a newer one, gets our SOA") {
  CHECK(decide(ixfr(9)).form == TransferForm::current_soa);
  CHECK(decide(ixfr(10)).form == TransferForm::current_soa);
  CHECK(decide(ixfr(0x80000009)).form == TransferForm::whole_zone);  // no order between them
}

TEST_CASE("IXFR over UDP gets our SOA, which says to come over TCP, and AXFR over UDP nothing") {
  CHECK(decide(ixfr(8), Access::granted, Transport::udp).form == TransferForm::current_soa);
  CHECK(decide(axfr(), Access::granted, Transport::udp).rcode == Rcode::NOTIMP);
}

TEST_CASE("who may not is refused, and told so") {
  auto decision = decide(axfr(), Access::needs_key);
  CHECK(decision.form == TransferForm::error);
  CHECK(decision.rcode == Rcode::REFUSED);
  CHECK(decision.ede == EdeCode::prohibited);
  CHECK(decision.reason == print(Access::needs_key));
}

TEST_CASE("a zone that is not here is NOTAUTH, one that is not ready or expired is SERVFAIL") {
  CHECK(decide_transfer(axfr(), nullptr, Access::granted, Transport::tcp).rcode == Rcode::NOTAUTH);
  TransferQuery chaos = axfr();
  chaos.rr_class = RrClass::CH;
  CHECK(decide(chaos).rcode == Rcode::NOTAUTH);
  ServedZone absent(name("example."), ServedZone::Absence::not_ready);
  CHECK(decide_transfer(axfr(), &absent, Access::granted, Transport::tcp).rcode == Rcode::SERVFAIL);
  CHECK(decide_transfer(axfr(), &absent, Access::granted, Transport::tcp).ede == EdeCode::not_ready);
  ServedZone expired(name("example."), ServedZone::Absence::expired);
  CHECK(decide_transfer(axfr(), &expired, Access::granted, Transport::tcp).ede == EdeCode::invalid_data);
  CHECK(decide_transfer(axfr(), &expired, Access::no_rule, Transport::tcp).rcode == Rcode::REFUSED);
}

TEST_CASE("IXFR without the SOA of the client is a format error") {
  CHECK(decide(std::nullopt).rcode == Rcode::FORMERR);
  Query query({.zone = name("example."), .type = RrType::IXFR, .current = small_zone(7).get()});
  CHECK(read_transfer_query(query.request())->client == Serial(7));
  Buffer without = query.octets;
  set16(&without[8], 0);  // NSCOUNT; the SOA is now an additional record
  CHECK_FALSE(read_transfer_query(Request::read(without)));
  Query other({.zone = name("other."), .type = RrType::IXFR, .current = small_zone(7).get()});
  CHECK(read_transfer_query(other.request()));  // the SOA's owner is a pointer to the question
}

TEST_CASE("what a secondary writes is what a server reads") {
  for (bool edns : {true, false}) {
    Query query({.zone = name("eXample."), .type = RrType::AXFR, .id = 99, .edns = edns});
    REQUIRE(query.request().kind() == RequestKind::transfer);
    auto read = read_transfer_query(query.request());
    REQUIRE(read);
    CHECK(read->id == 99);
    CHECK(read->type == RrType::AXFR);
    CHECK(print(read->zone) == "eXample.");
    CHECK(read->edns == edns);
    CHECK(read->asks_expire == edns);
    CHECK_FALSE(read->client);
  }
}

TEST_CASE("a question for the SOA is a plain query") {
  Query query({.zone = name("example."), .type = RrType::SOA});
  CHECK(query.request().kind() == RequestKind::query);
  CHECK(query.request().edns()->has(OptionCode::EXPIRE));
}

TEST_CASE("our SOA goes out with the question, AA, and EXPIRE if it was asked for") {
  ServedZone zone(small_zone(9), kNow + Seconds(1234));
  Query query({.zone = name("example."), .type = RrType::IXFR, .id = 5, .current = small_zone(9).get()});
  MessageWriter writer;
  Buffer out(512);
  Request request = query.request();
  out.resize(write_current_soa(writer, out, request, *read_transfer_query(request), zone, kNow, 0));

  IncomingTransfer transfer({.zone = name("example."),
                             .id = 5,
                             .method = TransferMethod::ixfr,
                             .current = small_zone(9),
                             .over_udp = true});
  CHECK(transfer.feed(out, kNow) == TransferState::up_to_date);
  CHECK(transfer.expire() == Seconds(1234));
  CHECK(MessageView::parse(out)->header().aa());
}

TEST_CASE("an SOA that does not fit is left out, with TC") {
  Query query({.zone = name("example."), .type = RrType::IXFR, .id = 5, .current = small_zone(9).get()});
  MessageWriter writer;
  Buffer out(60);
  Request request = query.request();
  out.resize(write_current_soa(writer, out, request, *read_transfer_query(request), served(9), kNow, 0));
  auto message = MessageView::parse(out);
  CHECK(message->header().tc());
  CHECK(message->records(Section::answer).empty());
  CHECK(message->opt_count() == 1);
}
