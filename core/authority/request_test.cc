#include "authority/request.h"

#include "authority/testing.h"

using namespace zw;

namespace {

// A message from its parts: the second 16 bits of the header, the four counts, and what follows.
Buffer message(std::uint16_t bits, std::array<std::uint16_t, 4> counts, Bytes body) {
  Buffer out;
  append16(out, 77);
  append16(out, bits);
  for (std::uint16_t count : counts) append16(out, count);
  append(out, body);
  return out;
}

Buffer question(std::string_view name, RrType type) {
  Buffer out;
  append(out, name_of(name).wire());
  append16(out, static_cast<std::uint16_t>(type));
  append16(out, 1);
  return out;
}

Buffer opt(std::uint8_t version, Bytes options = {}) {
  Buffer out = {0, 0, 41, 4, 0xd0, 0, version, 0x80, 0};
  append16(out, static_cast<std::uint16_t>(options.size()));
  append(out, options);
  return out;
}

Buffer operator+(Buffer a, const Buffer& b) {
  append(a, b);
  return a;
}

constexpr std::uint16_t kQuery = 0, kStatus = 2 << 11, kNotify = 4 << 11, kUpdate = 5 << 11;

RequestKind kind_of(const Buffer& octets) { return Request::read(octets).kind(); }
Rcode fault_of(const Buffer& octets) {
  Request request = Request::read(octets);
  CHECK(request.kind() == RequestKind::faulty);
  return request.fault();
}

}  // namespace

TEST_CASE("what is no request is ignored") {
  CHECK(kind_of({}) == RequestKind::ignore);
  CHECK(kind_of(Buffer(11)) == RequestKind::ignore);
  CHECK(kind_of(message(0x8000, {1, 0, 0, 0}, question("a.", RrType::A))) == RequestKind::ignore);
}

TEST_CASE("a query, a transfer and a NOTIFY are told apart") {
  Buffer octets = message(kQuery, {1, 0, 0, 1}, question("a.b.", RrType::TXT) + opt(0));
  Request request = Request::read(octets);
  CHECK(request.kind() == RequestKind::query);
  CHECK(print(request.question()->name) == "a.b.");
  CHECK(request.question()->type == RrType::TXT);
  CHECK(request.edns()->payload_octets() == 1232);
  CHECK(request.dnssec_ok());
  CHECK_FALSE(request.has_tsig());
  CHECK(kind_of(message(kQuery, {1, 0, 0, 0}, question("a.", RrType::AXFR))) == RequestKind::transfer);
  Buffer soa = question("a.", RrType::SOA) + Buffer{0, 0, 0, 0, 0, 0};
  CHECK(kind_of(message(kQuery, {1, 0, 1, 0}, question("a.", RrType::IXFR) + soa)) == RequestKind::transfer);
  CHECK(kind_of(message(kNotify, {1, 1, 0, 0}, question("a.", RrType::SOA) + soa)) == RequestKind::notify);
}

TEST_CASE("a request that breaks the form is told so") {
  Buffer a = question("a.", RrType::A);
  CHECK(fault_of(message(kQuery, {0, 0, 0, 0}, {})) == Rcode::FORMERR);
  CHECK(fault_of(message(kQuery, {2, 0, 0, 0}, a + a)) == Rcode::FORMERR);
  CHECK(fault_of(message(kQuery, {1, 0, 0, 0}, Bytes(a).first(4))) == Rcode::FORMERR);
  CHECK(fault_of(message(kQuery, {1, 0, 0, 0}, a + Buffer{0})) == Rcode::FORMERR);
  CHECK(fault_of(message(kQuery, {1, 0, 0, 2}, a + opt(0) + opt(0))) == Rcode::FORMERR);
  CHECK(fault_of(message(kQuery, {1, 0, 0, 1}, a + opt(0, Buffer{0, 10, 0, 1, 9}))) == Rcode::FORMERR);
  Buffer record = a + Buffer{0, 0, 0, 0, 0, 0};
  CHECK(fault_of(message(kQuery, {1, 1, 0, 0}, a + record)) == Rcode::FORMERR);
  CHECK(fault_of(message(kQuery, {1, 0, 1, 0}, a + record)) == Rcode::FORMERR);
  CHECK(fault_of(message(kNotify, {0, 0, 0, 0}, {})) == Rcode::FORMERR);
}

TEST_CASE("a TSIG record stands at the end or nowhere") {
  Buffer a = question("a.", RrType::A);
  Buffer tsig = {0, 0, 250, 0, 255, 0, 0, 0, 0, 0, 0};
  Buffer signed_query = message(kQuery, {1, 0, 0, 2}, a + opt(0) + tsig);
  CHECK(kind_of(signed_query) == RequestKind::query);
  CHECK(Request::read(signed_query).has_tsig());
  CHECK(fault_of(message(kQuery, {1, 0, 0, 2}, a + tsig + opt(0))) == Rcode::FORMERR);
  CHECK(fault_of(message(kQuery, {1, 0, 0, 2}, a + tsig + tsig)) == Rcode::FORMERR);
}

TEST_CASE("opcodes that nobody knows are not implemented, whatever follows") {
  CHECK(fault_of(message(kStatus, {0, 0, 0, 0}, {})) == Rcode::NOTIMP);
  CHECK(fault_of(message(kUpdate, {1, 0, 9, 0}, question("a.", RrType::SOA))) == Rcode::NOTIMP);
  CHECK(fault_of(message(15 << 11, {9, 9, 9, 9}, {})) == Rcode::NOTIMP);
}

TEST_CASE("a later version of EDNS is BADVERS") {
  CHECK(fault_of(message(kQuery, {1, 0, 0, 1}, question("a.", RrType::A) + opt(1))) == Rcode::BADVERS);
}

TEST_CASE("types that stand in no question are refused as malformed") {
  for (RrType type : {RrType{0}, RrType::OPT, RrType::TSIG, RrType::TKEY, RrType::NXNAME}) {
    Buffer octets = message(kQuery, {1, 0, 0, 0}, question("a.", type));
    CHECK(fault_of(octets) == Rcode::FORMERR);
    CHECK(Request::read(octets).reason() == EdeCode::invalid_query_type);
  }
}

TEST_CASE("a question may be left out only to get a cookie (RFC 7873 §5.4)") {
  Buffer cookie = {0, 10, 0, 8, 1, 2, 3, 4, 5, 6, 7, 8};
  CHECK(kind_of(message(kQuery, {0, 0, 0, 1}, opt(0, cookie))) == RequestKind::query);
  CHECK(fault_of(message(kQuery, {0, 0, 0, 1}, opt(0))) == Rcode::FORMERR);
}
