#include "dns/cookie.h"

#include <doctest/doctest.h>

#include <algorithm>

#include "base/encoding.h"
#include "base/result.h"

using namespace zw;

namespace {

Buffer hex(std::string_view text) {
  Buffer out;
  ZW_ASSERT(decode_base16(text, out));  // also before main
  return out;
}
CookieSecret secret(std::string_view text) {
  CookieSecret out{};
  Buffer octets = hex(text);
  std::copy(octets.begin(), octets.end(), out.begin());
  return out;
}
WallTime at(std::int64_t count) { return WallTime(Seconds(count)); }

const Buffer kClient = hex("2464C4ABCF10C957");
const Buffer kAddress{198, 51, 100, 100};
const char* kSecret = "E5E973E5A6B2A43F48E7DC849E37BFCF";

}  // namespace

TEST_CASE("the vectors of SipHash-2-4") {
  std::array<std::uint8_t, 16> key;
  Buffer message;
  for (std::uint8_t i = 0; i < 16; ++i) key[i] = i;
  // Key 00 01 ... 0f, message 00 01 ... of growing length; the last is the one of the paper.
  const std::uint64_t expected[] = {
      0x726fdb47dd0e0e31, 0x74f839c593dc67fd, 0x0d6c8009d9a94f5a, 0x85676696d7fb7e2d,
      0xcf2794e0277187b7, 0x18765564cd99a68d, 0xcbc9466e58fee3ce, 0xab0200f58b01d137,
      0x93f5f5799a932462, 0x9e0082df0ba9e4b0, 0x7a5dbbc594ddb9f3, 0xf4b32f46226bada7,
      0x751e8fbc860ee5fb, 0x14ea5627c0843d90, 0xf723ca908e7af2ee, 0xa129ca6149be45e5};
  for (std::uint64_t value : expected) {
    CAPTURE(message.size());
    auto hash = siphash24(key, message);
    std::reverse(hash.begin(), hash.end());
    CHECK(get64(hash.data()) == value);
    message.push_back(static_cast<std::uint8_t>(message.size()));
  }
  while (message.size() < 63) message.push_back(static_cast<std::uint8_t>(message.size()));
  auto hash = siphash24(key, message);
  std::reverse(hash.begin(), hash.end());
  CHECK(get64(hash.data()) == 0x958a324ceb064572);
}

TEST_CASE("RFC 9018 A.1: learning a new server cookie") {
  ServerCookies cookies(secret(kSecret));
  CHECK(cookies.check({kClient, {}}, kAddress, at(1559731985)) == CookieVerdict::none);
  CHECK(base16(cookies.make(kClient, kAddress, at(1559731985))) == "010000005CF79F111F8130C3EEE29480");
}

TEST_CASE("RFC 9018 A.2: the same client learning a renewed server cookie") {
  ServerCookies cookies(secret(kSecret));
  Buffer old = hex("010000005CF79F111F8130C3EEE29480");
  CHECK(cookies.check({kClient, old}, kAddress, at(1559734385)) == CookieVerdict::renewal);
  CHECK(base16(cookies.make(kClient, kAddress, at(1559734385))) == "010000005CF7A871D4A564A1442ACA77");
}

TEST_CASE("RFC 9018 A.3: another client, whose cookie has reserved octets set") {
  // Its stamp is 1559727985. The RFC shows it renewed at 1559734700, 6,715 s later, which its own §4.3 does
  // not allow; so the check is made half an hour after the stamp.
  ServerCookies cookies(secret(kSecret));
  Buffer client = hex("FC93FC62807DDB86"), address{203, 0, 113, 203};
  Buffer old = hex("01ABCDEF5CF78F71A314227B6679EBF5");
  CHECK(cookies.check({client, old}, address, at(1559727985 + 1800)) == CookieVerdict::good);
  CHECK(cookies.check({client, old}, address, at(1559727985 + 1801)) == CookieVerdict::renewal);
  CHECK(cookies.check({client, old}, address, at(1559734700)) == CookieVerdict::bad);
  CHECK(base16(cookies.make(client, address, at(1559734700))) == "010000005CF7A9ACF73A7810ACA2381E");
}

TEST_CASE("RFC 9018 A.4: an IPv6 client after the secret was rolled over") {
  ServerCookies cookies(secret("445536BCD2513298075A5D379663C962"),
                        secret("DD3BDF9344B678B185A6F5CB60FCA715"));
  Buffer client = hex("22681AB97D52C298"), address = hex("20010DB80220000159DED0F4876982B8");
  Buffer old = hex("010000005CF7C57926556BD0934C72F8");
  CHECK(cookies.check({client, old}, address, at(1559741961)) == CookieVerdict::renewal);
  CHECK(base16(cookies.make(client, address, at(1559741961))) == "010000005CF7C609A6BB79D16625507A");
  ServerCookies forgotten(secret("445536BCD2513298075A5D379663C962"));
  CHECK(forgotten.check({client, old}, address, at(1559741961)) == CookieVerdict::bad);
}

TEST_CASE("a cookie is good from 5 minutes before its time to an hour after") {
  ServerCookies cookies(secret(kSecret));
  auto made = cookies.make(kClient, kAddress, at(1559731985));
  auto verdict = [&](std::int64_t age) {
    return cookies.check({kClient, made}, kAddress, at(1559731985 + age));
  };
  CHECK(verdict(-301) == CookieVerdict::bad);
  CHECK(verdict(-300) == CookieVerdict::good);
  CHECK(verdict(0) == CookieVerdict::good);
  CHECK(verdict(1800) == CookieVerdict::good);
  CHECK(verdict(1801) == CookieVerdict::renewal);
  CHECK(verdict(3600) == CookieVerdict::renewal);
  CHECK(verdict(3601) == CookieVerdict::bad);
}

TEST_CASE("the 32 bits of time wrap without a gap") {
  ServerCookies cookies(secret(kSecret));
  auto made = cookies.make(kClient, kAddress, at(0xffffffff));
  CHECK(cookies.check({kClient, made}, kAddress, at(0x100000063)) == CookieVerdict::good);
}

TEST_CASE("each octet of the cookie, the client and its address counts") {
  ServerCookies cookies(secret(kSecret));
  auto now = at(1559731985);
  const auto made = cookies.make(kClient, kAddress, now);
  for (std::size_t i = 0; i < made.size(); ++i) {
    auto bent = made;
    bent[i] ^= 1;
    CHECK(cookies.check({kClient, bent}, kAddress, now) == CookieVerdict::bad);
  }
  Buffer client = kClient, address = kAddress;
  client[7] ^= 1;
  address[3] ^= 1;
  CHECK(cookies.check({client, made}, kAddress, now) == CookieVerdict::bad);
  CHECK(cookies.check({kClient, made}, address, now) == CookieVerdict::bad);
  CHECK(cookies.check({kClient, Bytes(made).first(8)}, kAddress, now) == CookieVerdict::bad);
  CHECK(cookies.check({kClient, Buffer(32)}, kAddress, now) == CookieVerdict::bad);
}
