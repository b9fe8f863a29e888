#include "dnssec/key_pair.h"

#include <doctest/doctest.h>

#include "dnssec/serial_policy.h"
#include "dnssec/test_signer.h"

using namespace zw;
using namespace zw::test;

namespace {

std::string public_text(const SigningKey& key) {
  return "; made for a test\nexample. IN DNSKEY " + print_rdata(RrType::DNSKEY, key.dnskey) + "\n";
}

}  // namespace

TEST_CASE("a key in two files is read, and what does not fit together is named") {
  SigningKey key = fixed_key(1), other = fixed_key(2);
  SecretBuffer secret = key.key.print_bind();
  std::string_view private_text = as_text(secret);
  auto pair = parse_key_pair(public_text(key), "K.key", private_text, "K.private");
  REQUIRE_MESSAGE(pair, pair.error().what);
  CHECK(print(pair->owner) == "example.");
  CHECK(pair->ttl == 0);
  CHECK(pair->dnskey == key.dnskey);
  CHECK(pair->key.public_key() == key.key.public_key());
  CHECK(pair->record().is_sep());

  auto fault = [&](const std::string& text, std::string_view secret_text) {
    auto read = parse_key_pair(text, "K.key", secret_text, "K.private");
    return read ? std::string() : read.error().what;
  };
  CHECK(fault(public_text(other), private_text) == "K.private is not the private key of K.key");
  CHECK(fault("", private_text) == "K.key: there is no DNSKEY record");
  CHECK(fault("; a\nexample. IN DNSKEY 256 3\n", private_text).starts_with("K.key:2:"));
  CHECK(fault("example. IN A 192.0.2.1\n", private_text).find("expected the DNSKEY") != std::string::npos);
  CHECK(fault(public_text(key) + public_text(other), private_text).find("found another") !=
        std::string::npos);
  CHECK(fault(public_text(key), "Private-key-format: v1.3\n").starts_with("K.private: "));
}

TEST_CASE("a serial is always newer, also when clocks go back and numbers wrap") {
  WallTime now = *parse_time("2026-11-27T12:00:00Z");
  auto next = [&](std::uint32_t current, SerialPolicy policy) {
    return next_serial(Serial(current), policy, now).value();
  };
  CHECK(next(7, SerialPolicy::increment) == 8);
  CHECK(next(0xffffffff, SerialPolicy::increment) == 0);
  CHECK(next(2026112607, SerialPolicy::date) == 2026112700);
  CHECK(next(2026112700, SerialPolicy::date) == 2026112701);
  CHECK(next(2026112800, SerialPolicy::date) == 2026112801);
  CHECK(next(1, SerialPolicy::unixtime) == 1795780800);
  CHECK(next(1795780800, SerialPolicy::unixtime) == 1795780801);
  CHECK(next(1795790000, SerialPolicy::unixtime) == 1795790001);
}
