#include "web/factors/totp.h"

#include <doctest/doctest.h>

#include "crypto/hmac.h"

using namespace zw;

namespace {

const TotpSecret& rfc_secret() {
  static const TotpSecret secret = TotpSecret::from(as_bytes("12345678901234567890")).value();
  return secret;
}

WallTime at(std::int64_t seconds) { return WallTime(Seconds(seconds)); }

/// RFC 4226 §5.3 on our own HMAC.
std::string second_opinion(const TotpSecret& secret, std::uint64_t step) {
  auto hmac = Hmac::make(HmacAlgorithm::sha1, secret.octets()).value();
  Buffer counter(8);
  set64(counter.data(), step);
  hmac.update(counter);
  Buffer code = hmac.finish();
  std::uint32_t bits = get32(code.data() + (code.back() & 15)) & 0x7fffffff;
  return fmt::format("{:06}", bits % 1'000'000);
}

}  // namespace

TEST_CASE("the vectors of RFC 6238 appendix B, in their last six digits") {
  CHECK(totp_code(rfc_secret(), totp_step_at(at(59))) == "287082");
  CHECK(totp_code(rfc_secret(), totp_step_at(at(1111111109))) == "081804");
  CHECK(totp_code(rfc_secret(), totp_step_at(at(1111111111))) == "050471");
  CHECK(totp_code(rfc_secret(), totp_step_at(at(1234567890))) == "005924");
  CHECK(totp_code(rfc_secret(), totp_step_at(at(2000000000))) == "279037");
  CHECK(totp_code(rfc_secret(), totp_step_at(at(20000000000))) == "353130");
}

TEST_CASE("codes are those of a second implementation") {
  Splitmix random(1);
  for (int i = 0; i < 50; ++i) {
    TotpSecret secret = TotpSecret::make(random);
    std::uint64_t step = random.below(1u << 30);
    CHECK(totp_code(secret, step) == second_opinion(secret, step));
  }
}

TEST_CASE("a code is good one step early and one step late, and no more") {
  std::uint64_t step = totp_step_at(at(1111111111));
  std::string code = "050471";
  for (int off = -2; off <= 2; ++off) {
    auto found = find_totp_step(rfc_secret(), code, at(1111111111 + off * 30), std::nullopt);
    CHECK_MESSAGE(found == (off >= -1 && off <= 1 ? std::optional(step) : std::nullopt), off);
  }
}

TEST_CASE("a code that was used, and those of steps before it, are not good again") {
  WallTime now = at(1111111111);
  std::uint64_t step = totp_step_at(now);
  CHECK_FALSE(find_totp_step(rfc_secret(), "050471", now, step));
  CHECK(find_totp_step(rfc_secret(), "050471", now, step - 1) == step);
  CHECK_FALSE(find_totp_step(rfc_secret(), totp_code(rfc_secret(), step - 1), now, step));
  CHECK(find_totp_step(rfc_secret(), totp_code(rfc_secret(), step + 1), now, step) == step + 1);
}

TEST_CASE("blanks do not count, all else does") {
  WallTime now = at(1111111111);
  CHECK(find_totp_step(rfc_secret(), " 050 471 ", now, std::nullopt));
  for (std::string typed : {"", "50471", "0504711", "05047l", "050-471", "050472"})
    CHECK_FALSE(find_totp_step(rfc_secret(), typed, now, std::nullopt));
  CHECK_FALSE(find_totp_step(rfc_secret(), "050471" + std::string(1000, ' '), now, std::nullopt));
}

TEST_CASE("near 1970 there are no steps before the first") {
  CHECK(find_totp_step(rfc_secret(), totp_code(rfc_secret(), 0), at(0), std::nullopt) == 0);
  CHECK(totp_step_at(at(-100)) == 0);
}

TEST_CASE("the secret goes to the telephone as base 32 in a URI") {
  CHECK(as_text(rfc_secret().base32()) == "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
  CHECK(as_text(rfc_secret().uri("Registry: one", "al&ice@mail.example")) ==
        "otpauth://totp/Registry%20one:al%26ice%40mail.example?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
        "&issuer=Registry%20one&algorithm=SHA1&digits=6&period=30");
  CHECK(TotpSecret::from(as_bytes("short")).error().kind == ErrorKind::malformed);
}
