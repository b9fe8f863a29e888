// Arithmetic modulo the two primes of P-256 (FIPS 186-4 D.1.2.3): p of the coordinates, n of the scalars. For
// verifying alone: what is computed takes as long as it takes, so no secret may come here.
//
// Numbers are four limbs of 64 bits, the least first, below the prime, in Montgomery's form (a * 2^256) unless
// said otherwise. For the sources of this room only.
#pragma once

#include <array>
#include <cstdint>

#include "base/bytes.h"

namespace zw::p256 {

__extension__ using Wide = unsigned __int128;
using Number = std::array<std::uint64_t, 4>;

inline constexpr Number kP = {0xffffffffffffffff, 0x00000000ffffffff, 0, 0xffffffff00000001};
inline constexpr Number kN = {0xf3b9cac2fc632551, 0xbce6faada7179e84, 0xffffffffffffffff, 0xffffffff00000000};

constexpr bool is_zero(const Number& a) { return (a[0] | a[1] | a[2] | a[3]) == 0; }

/// a + b + carry; the carry out in `carry`.
constexpr std::uint64_t add_limb(std::uint64_t a, std::uint64_t b, std::uint64_t& carry) {
  Wide sum = Wide{a} + b + carry;
  carry = static_cast<std::uint64_t>(sum >> 64);
  return static_cast<std::uint64_t>(sum);
}
/// a - b - borrow; the borrow out in `borrow`.
constexpr std::uint64_t subtract_limb(std::uint64_t a, std::uint64_t b, std::uint64_t& borrow) {
  Wide difference = Wide{a} - b - borrow;
  borrow = static_cast<std::uint64_t>(difference >> 64) & 1;
  return static_cast<std::uint64_t>(difference);
}
/// a + b * c + carry; its upper half in `carry`.
constexpr std::uint64_t multiply_add(std::uint64_t a, std::uint64_t b, std::uint64_t c,
                                     std::uint64_t& carry) {
  Wide product = Wide{b} * c + a + carry;
  carry = static_cast<std::uint64_t>(product >> 64);
  return static_cast<std::uint64_t>(product);
}

constexpr bool is_less(const Number& a, const Number& b) {
  std::uint64_t borrow = 0;
  for (std::size_t i = 0; i < 4; ++i) subtract_limb(a[i], b[i], borrow);
  return borrow;
}

/// What four limbs and one above, less than twice the modulus, leave below it.
template <const Number& kModulus>
constexpr Number reduce(const Number& a, std::uint64_t above) {
  Number less;
  std::uint64_t borrow = 0;
  for (std::size_t i = 0; i < 4; ++i) less[i] = subtract_limb(a[i], kModulus[i], borrow);
  std::uint64_t keep = borrow > above ? ~std::uint64_t{0} : 0;  // a is below the modulus
  for (std::size_t i = 0; i < 4; ++i) less[i] = (a[i] & keep) | (less[i] & ~keep);
  return less;
}

template <const Number& kModulus>
constexpr Number add(const Number& a, const Number& b) {
  Number sum;
  std::uint64_t carry = 0;
  for (std::size_t i = 0; i < 4; ++i) sum[i] = add_limb(a[i], b[i], carry);
  return reduce<kModulus>(sum, carry);
}

template <const Number& kModulus>
constexpr Number subtract(const Number& a, const Number& b) {
  Number difference;
  std::uint64_t borrow = 0, carry = 0;
  for (std::size_t i = 0; i < 4; ++i) difference[i] = subtract_limb(a[i], b[i], borrow);
  std::uint64_t mask = std::uint64_t{0} - borrow;
  for (std::size_t i = 0; i < 4; ++i) difference[i] = add_limb(difference[i], kModulus[i] & mask, carry);
  return difference;
}

/// a * b / 2^256 modulo p. Since p is -1 modulo 2^64, each step adds t[0] * p without an inverse, and p is so
/// sparse that two shifts and one product do: m * p = m * 2^64 * 2^32 + m * (2^64 - 2^32 + 1) * 2^192 - m.
constexpr Number multiply_p(const Number& a, const Number& b) {
  std::uint64_t t0 = 0, t1 = 0, t2 = 0, t3 = 0, t4 = 0;
  for (std::size_t i = 0; i < 4; ++i) {
    std::uint64_t carry = 0, top = 0;
    t0 = multiply_add(t0, a[i], b[0], carry);
    t1 = multiply_add(t1, a[i], b[1], carry);
    t2 = multiply_add(t2, a[i], b[2], carry);
    t3 = multiply_add(t3, a[i], b[3], carry);
    t4 = add_limb(t4, carry, top);
    const std::uint64_t m = t0;
    carry = 0;
    t0 = add_limb(t1, m << 32, carry);
    t1 = add_limb(t2, m >> 32, carry);
    std::uint64_t upper = 0;
    std::uint64_t lower = multiply_add(0, m, kP[3], upper);
    t2 = add_limb(t3, lower, carry);
    t3 = add_limb(t4, upper, carry);
    t4 = top + carry;
  }
  return reduce<kP>({t0, t1, t2, t3}, t4);
}

/// a * b / 2^256 modulo n.
constexpr Number multiply_n(const Number& a, const Number& b) {
  constexpr std::uint64_t kInverse = 0xccd1c8aaee00bc4f;  // -1 / n modulo 2^64
  std::array<std::uint64_t, 6> t{};
  for (std::size_t i = 0; i < 4; ++i) {
    std::uint64_t carry = 0, top = 0;
    for (std::size_t j = 0; j < 4; ++j) t[j] = multiply_add(t[j], a[i], b[j], carry);
    t[4] = add_limb(t[4], carry, top);
    t[5] = top;
    const std::uint64_t m = t[0] * kInverse;
    carry = 0;
    multiply_add(t[0], m, kN[0], carry);
    for (std::size_t j = 1; j < 4; ++j) t[j - 1] = multiply_add(t[j], m, kN[j], carry);
    std::uint64_t above = 0;
    t[3] = add_limb(t[4], carry, above);
    t[4] = t[5] + above;
  }
  return reduce<kN>({t[0], t[1], t[2], t[3]}, t[4]);
}

/// 2^512 modulo the prime: multiply() by it takes a number into Montgomery's form; by 1, out of it.
template <const Number& kModulus>
constexpr Number square_of_form() {
  Number a = {1, 0, 0, 0};
  for (int i = 0; i < 512; ++i) a = add<kModulus>(a, a);
  return a;
}
inline constexpr Number kFormP = square_of_form<kP>(), kFormN = square_of_form<kN>();
inline constexpr Number kOne = {1, 0, 0, 0};  // not in Montgomery's form

/// a^(prime - 2), which is the inverse (Fermat); of 0 it is 0.
template <const Number& kModulus, auto multiply>
constexpr Number invert(const Number& a) {
  Number exponent = kModulus;
  exponent[0] -= 2;
  Number out = a;
  bool begun = false;
  for (std::size_t bit = 256; bit-- > 0;) {
    if (begun) out = multiply(out, out);
    if (!(exponent[bit / 64] >> bit % 64 & 1)) continue;
    if (begun) out = multiply(out, a);
    begun = true;
  }
  return out;
}

/// Big-endian octets as a number, not in Montgomery's form and perhaps not below a prime.
inline Number load(const std::uint8_t* octets) {
  Number out;
  for (std::size_t i = 0; i < 4; ++i) {
    const std::uint8_t* at = octets + 24 - i * 8;
    out[i] = std::uint64_t{get32(at)} << 32 | get32(at + 4);
  }
  return out;
}

}  // namespace zw::p256
