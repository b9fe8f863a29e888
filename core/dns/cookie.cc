#include "dns/cookie.h"

#include <bit>

#include "crypto/secret.h"

namespace zw {
namespace {

constexpr std::uint8_t kVersion = 1;
constexpr std::size_t kHashAt = 8;  // in a server cookie: version, 3 reserved, 4 of time, 8 of hash
constexpr std::int32_t kOldest = 3600, kRenewFrom = 1800, kAhead = 300;  // seconds, RFC 9018 §4.3

std::uint64_t load_little(const std::uint8_t* p) { return std::byteswap(get64(p)); }

struct SipState {
  std::uint64_t v0, v1, v2, v3;
  void round() {
    v0 += v1, v1 = std::rotl(v1, 13) ^ v0, v0 = std::rotl(v0, 32);
    v2 += v3, v3 = std::rotl(v3, 16) ^ v2;
    v0 += v3, v3 = std::rotl(v3, 21) ^ v0;
    v2 += v1, v1 = std::rotl(v1, 17) ^ v2, v2 = std::rotl(v2, 32);
  }
  void absorb(std::uint64_t word) {
    v3 ^= word;
    round(), round();
    v0 ^= word;
  }
};

using Hash = std::array<std::uint8_t, 8>;

// RFC 9018 §4.4. `front`: the first 8 octets of the server cookie.
Hash hash_of(const CookieSecret& secret, Bytes client, Bytes front, Bytes address) {
  ZW_ASSERT(client.size() == kClientCookieOctets && front.size() == kHashAt);
  ZW_ASSERT(address.size() == 4 || address.size() == 16);
  std::array<std::uint8_t, 32> input;
  std::memcpy(&input[0], client.data(), 8);
  std::memcpy(&input[8], front.data(), 8);
  std::memcpy(&input[16], address.data(), address.size());
  return siphash24(secret, Bytes(input).first(16 + address.size()));
}

}  // namespace

std::array<std::uint8_t, 8> siphash24(std::span<const std::uint8_t, 16> key, Bytes message) {
  std::uint64_t k0 = load_little(&key[0]), k1 = load_little(&key[8]);
  SipState state{k0 ^ 0x736f6d6570736575u, k1 ^ 0x646f72616e646f6du, k0 ^ 0x6c7967656e657261u,
                 k1 ^ 0x7465646279746573u};
  std::size_t at = 0;
  for (; message.size() - at >= 8; at += 8) state.absorb(load_little(&message[at]));
  std::uint64_t last = std::uint64_t{message.size()} << 56;
  for (unsigned shift = 0; at < message.size(); ++at, shift += 8) last |= std::uint64_t{message[at]} << shift;
  state.absorb(last);
  state.v2 ^= 0xff;
  for (int i = 0; i < 4; ++i) state.round();
  std::array<std::uint8_t, 8> out;
  set64(out.data(), std::byteswap(state.v0 ^ state.v1 ^ state.v2 ^ state.v3));
  return out;
}

ServerCookies::~ServerCookies() {
  wipe(current_);
  if (previous_) wipe(*previous_);
}

ServerCookie ServerCookies::make(Bytes client, Bytes address, WallTime now) const {
  ServerCookie cookie{kVersion, 0, 0, 0};
  set32(&cookie[4], static_cast<std::uint32_t>(now.time_since_epoch().count()));
  Hash hash = hash_of(current_, client, Bytes(cookie).first(kHashAt), address);
  std::memcpy(&cookie[kHashAt], hash.data(), hash.size());
  return cookie;
}

CookieVerdict ServerCookies::check(const CookieView& cookie, Bytes address, WallTime now) const {
  if (cookie.server.empty()) return CookieVerdict::none;
  if (cookie.server.size() != kServerCookieOctets || cookie.server[0] != kVersion) return CookieVerdict::bad;
  // Serial number arithmetic (RFC 9018 §4.3), so it goes on working in 2106.
  auto stamp = get32(&cookie.server[4]);
  auto age = static_cast<std::int32_t>(static_cast<std::uint32_t>(now.time_since_epoch().count()) - stamp);
  if (age > kOldest || age < -kAhead) return CookieVerdict::bad;
  auto made_with = [&](const CookieSecret& secret) {
    Hash hash = hash_of(secret, cookie.client, cookie.server.first(kHashAt), address);
    return constant_time_equal(hash, cookie.server.subspan(kHashAt));
  };
  if (made_with(current_)) return age > kRenewFrom ? CookieVerdict::renewal : CookieVerdict::good;
  return previous_ && made_with(*previous_) ? CookieVerdict::renewal : CookieVerdict::bad;
}

}  // namespace zw
