// Arithmetic modulo the two primes of P-256 (FIPS 186-4 D.1.2.3): p of the coordinates, n of the scalars. For
// verifying alone: what is computed takes as long as it takes, so no secret may come here.
//
// Numbers are four limbs of 64 bits, the least first, below the prime, in Montgomery's form (a * 2^256)
// unless said otherwise. For the sources of this room only.
#pragma once

#ifdef __x86_64__
#include <immintrin.h>
#endif

#include <array>
#include <cstdint>

#include "base/bytes.h"

namespace zw::p256 {

__extension__ using Wide = unsigned __int128;
using Number = std::array<std::uint64_t, 4>;

inline constexpr Number kP = {0xffffffffffffffff, 0x00000000ffffffff, 0, 0xffffffff00000001};
inline constexpr Number kN = {0xf3b9cac2fc632551, 0xbce6faada7179e84, 0xffffffffffffffff, 0xffffffff00000000};

constexpr bool is_zero(const Number& a) { return (a[0] | a[1] | a[2] | a[3]) == 0; }

using Carry = unsigned char;

/// a + b + carry; the carry out in `carry`.
constexpr std::uint64_t add_limb(std::uint64_t a, std::uint64_t b, Carry& carry) {
#ifdef __x86_64__
  if !consteval {  // what g++ makes of the plain form takes twice as long
    unsigned long long sum = 0;
    carry = _addcarry_u64(carry, a, b, &sum);
    return sum;
  }
#endif
  Wide sum = Wide{a} + b + carry;
  carry = static_cast<Carry>(sum >> 64);
  return static_cast<std::uint64_t>(sum);
}
/// a - b - borrow; the borrow out in `borrow`.
constexpr std::uint64_t subtract_limb(std::uint64_t a, std::uint64_t b, Carry& borrow) {
#ifdef __x86_64__
  if !consteval {
    unsigned long long difference = 0;
    borrow = _subborrow_u64(borrow, a, b, &difference);
    return difference;
  }
#endif
  Wide difference = Wide{a} - b - borrow;
  borrow = static_cast<Carry>(difference >> 64) & 1;
  return static_cast<std::uint64_t>(difference);
}

constexpr bool is_less(const Number& a, const Number& b) {
  Carry borrow = 0;
  for (std::size_t i = 0; i < 4; ++i) subtract_limb(a[i], b[i], borrow);
  return borrow;
}

/// What four limbs and one above, together less than twice the modulus, leave below it.
template <const Number& kModulus>
constexpr Number reduce(const Number& a, std::uint64_t above) {
  Number less;
  Carry borrow = 0;
  for (std::size_t i = 0; i < 4; ++i) less[i] = subtract_limb(a[i], kModulus[i], borrow);
  subtract_limb(above, 0, borrow);
  const std::uint64_t keep = std::uint64_t{0} - borrow;  // all ones: a is below the modulus
  for (std::size_t i = 0; i < 4; ++i) less[i] ^= (less[i] ^ a[i]) & keep;
  return less;
}

template <const Number& kModulus>
constexpr Number add(const Number& a, const Number& b) {
  Number sum;
  Carry carry = 0;
  for (std::size_t i = 0; i < 4; ++i) sum[i] = add_limb(a[i], b[i], carry);
  return reduce<kModulus>(sum, carry);
}

template <const Number& kModulus>
constexpr Number subtract(const Number& a, const Number& b) {
  Number difference;
  Carry borrow = 0, carry = 0;
  for (std::size_t i = 0; i < 4; ++i) difference[i] = subtract_limb(a[i], b[i], borrow);
  const std::uint64_t mask = std::uint64_t{0} - borrow;
  for (std::size_t i = 0; i < 4; ++i) difference[i] = add_limb(difference[i], kModulus[i] & mask, carry);
  return difference;
}

using Product = std::array<std::uint64_t, 8>;

/// Adds up products of limbs, one column of the product after another.
struct Column {
  Wide sum = 0;
  std::uint64_t above = 0;
  constexpr void add(std::uint64_t a, std::uint64_t b) {
    Wide product = Wide{a} * b;
    sum += product;
    above += sum < product;
  }
  constexpr std::uint64_t next() {
    auto limb = static_cast<std::uint64_t>(sum);
    sum = sum >> 64 | Wide{above} << 64;
    above = 0;
    return limb;
  }
};

constexpr Product product(const Number& a, const Number& b) {
  Product out;
  Column column;
  column.add(a[0], b[0]);
  out[0] = column.next();
  column.add(a[0], b[1]), column.add(a[1], b[0]);
  out[1] = column.next();
  column.add(a[0], b[2]), column.add(a[1], b[1]), column.add(a[2], b[0]);
  out[2] = column.next();
  column.add(a[0], b[3]), column.add(a[1], b[2]), column.add(a[2], b[1]), column.add(a[3], b[0]);
  out[3] = column.next();
  column.add(a[1], b[3]), column.add(a[2], b[2]), column.add(a[3], b[1]);
  out[4] = column.next();
  column.add(a[2], b[3]), column.add(a[3], b[2]);
  out[5] = column.next();
  column.add(a[3], b[3]);
  out[6] = column.next();
  out[7] = column.next();
  return out;
}

/// The upper half of a product on what its lower half was reduced to.
template <const Number& kModulus>
constexpr Number add_upper(const Number& lower, const Product& product) {
  Number sum;
  Carry carry = 0;
  for (std::size_t i = 0; i < 4; ++i) sum[i] = add_limb(lower[i], product[i + 4], carry);
  return reduce<kModulus>(sum, carry);
}

/// a * b / 2^256 modulo p. Each step adds m * p, m being the lowest limb, and shifts the zero out that this
/// makes. p is -1 modulo 2^64, and so sparse that two shifts and one product do:
/// m * p = m * 2^96 + m * (2^64 - 2^32 + 1) * 2^192 - m.
constexpr Number multiply_p(const Number& a, const Number& b) {
  const Product whole = product(a, b);
  Number t = {whole[0], whole[1], whole[2], whole[3]};
  for (int step = 0; step < 4; ++step) {
    const std::uint64_t m = t[0];
    const Wide upper = Wide{m} * kP[3];
    Carry carry = 0;
    t[0] = add_limb(t[1], m << 32, carry);
    t[1] = add_limb(t[2], m >> 32, carry);
    t[2] = add_limb(t[3], static_cast<std::uint64_t>(upper), carry);
    t[3] = add_limb(static_cast<std::uint64_t>(upper >> 64), 0, carry);
  }
  return add_upper<kP>(t, whole);
}

/// a * b / 2^256 modulo n.
constexpr Number multiply_n(const Number& a, const Number& b) {
  constexpr std::uint64_t kInverse = 0xccd1c8aaee00bc4f;  // -1 / n modulo 2^64
  const Product whole = product(a, b);
  Number t = {whole[0], whole[1], whole[2], whole[3]};
  for (int step = 0; step < 4; ++step) {
    const std::uint64_t m = t[0] * kInverse;
    Wide sum = Wide{m} * kN[0] + t[0];
    for (std::size_t i = 1; i < 4; ++i) {
      sum = (sum >> 64) + Wide{m} * kN[i] + t[i];
      t[i - 1] = static_cast<std::uint64_t>(sum);
    }
    t[3] = static_cast<std::uint64_t>(sum >> 64);
  }
  return add_upper<kN>(t, whole);
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
