#include "crypto/p256_multiples.h"

namespace zw::p256 {
namespace {

Number to_form(const Number& plain) { return multiply_p(plain, kFormP); }

constexpr Number plain(std::uint64_t most, std::uint64_t more, std::uint64_t less, std::uint64_t least) {
  return {least, less, more, most};
}
constexpr Number kB = plain(0x5ac635d8aa3a93e7, 0xb3ebbd55769886bc, 0x651d06b0cc53b0f6, 0x3bce3c3e27d2604b);
constexpr Number kGx = plain(0x6b17d1f2e12c4247, 0xf8bce6e563a440f2, 0x77037d812deb33a0, 0xf4a13945d898c296);
constexpr Number kGy = plain(0x4fe342e2fe1a7f9b, 0x8ee7eb4a7c0f9e16, 0x2bce33576b315ece, 0xcbb6406837bf51f5);

/// y^2 = x^3 - 3x + b
bool is_on_curve(const Point& point) {
  Number x = point.x, cube = multiply_p(multiply_p(x, x), x);
  Number three = add<kP>(add<kP>(x, x), x);
  Number right = add<kP>(subtract<kP>(cube, three), to_form(kB));
  return multiply_p(point.y, point.y) == right;
}

Number inverse(const Number& a) { return invert<kP, multiply_p>(a); }

// The sum by the slope of the line through both, or of the tangent.
Point along(const Number& slope, const Point& a, const Number& other_x) {
  Point out;
  out.x = subtract<kP>(subtract<kP>(multiply_p(slope, slope), a.x), other_x);
  out.y = subtract<kP>(multiply_p(slope, subtract<kP>(a.x, out.x)), a.y);
  return out;
}

// The order of the curve is odd, so that y is never 0.
Point doubled(const Point& a) {
  Number square = multiply_p(a.x, a.x);
  Number above = subtract<kP>(add<kP>(add<kP>(square, square), square), to_form({3, 0, 0, 0}));
  return along(multiply_p(above, inverse(add<kP>(a.y, a.y))), a, a.x);
}

}  // namespace

const Point kGenerator = {multiply_p(kGx, kFormP), multiply_p(kGy, kFormP)};

std::optional<Point> load_point(const std::uint8_t* x, const std::uint8_t* y) {
  Number plain_x = load(x), plain_y = load(y);
  if (!is_less(plain_x, kP) || !is_less(plain_y, kP)) return std::nullopt;
  Point point = {to_form(plain_x), to_form(plain_y)};
  if (!is_on_curve(point)) return std::nullopt;
  return point;
}

// First 256^w of the point, then the multiples of all of them together: 2, 3, … 128.
Multiples::Multiples(const Point& point) : points_(kSteps * kOfStep) {
  Point base = point;
  for (std::size_t step = 0; step < kSteps; ++step) {
    points_[step * kOfStep] = base;
    points_[step * kOfStep + 1] = doubled(base);
    for (int i = 0; i < 8; ++i) base = doubled(base);
  }
  Sums sums;
  sums.begin(kSteps);
  for (std::size_t step = 0; step < kSteps; ++step) sums.set(step, &points_[step * kOfStep + 1], false);
  sums.add();
  for (std::size_t digit = 3; digit <= kOfStep; ++digit) {
    for (std::size_t step = 0; step < kSteps; ++step) sums.set(step, &points_[step * kOfStep], false);
    sums.add();
    for (std::size_t step = 0; step < kSteps; ++step) points_[step * kOfStep + digit - 1] = sums.sum(step);
  }
}

const Multiples& multiples_of_generator() {
  static const Multiples multiples(kGenerator);
  return multiples;
}

Digits digits_of(const Number& scalar) {
  Digits out{};
  int carry = 0;
  for (std::size_t step = 0; step < 32; ++step) {
    int digit = static_cast<int>(scalar[step / 8] >> step % 8 * 8 & 0xff) + carry;
    carry = digit > 128;
    out[step] = static_cast<std::int16_t>(digit - carry * 256);
  }
  out[32] = static_cast<std::int16_t>(carry);
  return out;
}

void Sums::begin(std::size_t count) {
  sums_.resize(count);
  states_.assign(count, State::nothing);
  next_.assign(count, nullptr);
  negative_.assign(count, 0);
  differences_.resize(count);
  before_.resize(count);
}

// Notes the difference that is to be inverted; false if there is nothing to add, or nothing to add it to.
bool Sums::take(std::size_t i) {
  const Point* next = next_[i];
  if (!next || states_[i] == State::odd) return false;
  if (states_[i] == State::nothing) {
    sums_[i] = *next;
    if (negative_[i]) sums_[i].y = subtract<kP>({}, next->y);
    states_[i] = State::point;
    return false;
  }
  differences_[i] = subtract<kP>(next->x, sums_[i].x);
  if (!is_zero(differences_[i])) return true;
  states_[i] = State::odd;
  return false;
}

void Sums::add() {
  busy_.clear();
  Number product = multiply_p(kOne, kFormP);
  for (std::size_t i = 0; i < sums_.size(); ++i) {
    if (!take(i)) continue;
    before_[i] = product;
    product = multiply_p(product, differences_[i]);
    busy_.push_back(static_cast<std::uint32_t>(i));
  }
  if (busy_.empty()) return;
  Number inverted = inverse(product);
  for (std::size_t at = busy_.size(); at-- > 0;) {
    const std::size_t i = busy_[at];
    const Point &a = sums_[i], &b = *next_[i];
    Number y = negative_[i] ? subtract<kP>({}, b.y) : b.y;
    Number slope = multiply_p(subtract<kP>(y, a.y), multiply_p(inverted, before_[i]));
    inverted = multiply_p(inverted, differences_[i]);
    sums_[i] = along(slope, a, b.x);
  }
}

}  // namespace zw::p256
