// Multiples of points of P-256, so that u1 G + u2 Q of many signatures is nothing but additions of points
// that stand in tables, step by step for all of them at once: each step costs one inversion for all
// (Montgomery's trick). Of public data alone. For the sources of this room only.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "crypto/p256_numbers.h"

namespace zw::p256 {

/// On the curve, not its point at infinity. In Montgomery's form.
struct Point {
  Number x, y;
};

/// The point with these coordinates, big-endian; absent if it is not on the curve.
std::optional<Point> load_point(const std::uint8_t* x, const std::uint8_t* y);
extern const Point kGenerator;

/// d * 256^w of a point, for d from 1 to 128 and w from 0 to 32: 264 KiB. Immutable.
class Multiples {
 public:
  static constexpr std::size_t kSteps = 33, kOfStep = 128;
  explicit Multiples(const Point& point);
  const Point& get(std::size_t step, std::size_t digit) const { return points_[step * kOfStep + digit - 1]; }

 private:
  std::vector<Point> points_;
};
/// Those of the generator; made at the first call.
const Multiples& multiples_of_generator();

/// A scalar as digits from -127 to 128, so that it is the sum of digit * 256^step.
using Digits = std::array<std::int16_t, Multiples::kSteps>;
/// `scalar`: below n, not in Montgomery's form.
Digits digits_of(const Number& scalar);

/// Sums of points, one for each of many signatures.
class Sums {
 public:
  enum class State : std::uint8_t {
    nothing,  // the point at infinity
    point,
    odd,  // the same x came twice: a case so rare that it is left to others
  };
  void begin(std::size_t count);
  /// What is to be added to each next; nullptr: nothing.
  void set(std::size_t i, const Point* point, bool negative) {
    next_[i] = point;
    negative_[i] = negative;
  }
  void add();

  State state(std::size_t i) const { return states_[i]; }
  const Point& sum(std::size_t i) const { return sums_[i]; }

 private:
  bool take(std::size_t i);
  std::vector<Point> sums_;
  std::vector<State> states_;
  std::vector<const Point*> next_;
  std::vector<std::uint8_t> negative_;
  std::vector<Number> differences_, before_;  // of x; the products of those before
  std::vector<std::uint32_t> busy_;           // of which there is a difference to invert
};

}  // namespace zw::p256
