// Where chance comes from. Ground hands in the system's generator; tests hand in Splitmix with a seed.
#pragma once

#include <cstdint>

#include "base/bytes.h"

namespace zw {

class Random {
 public:
  virtual ~Random() = default;
  virtual std::uint64_t next() = 0;

  void fill(MutableBytes out) {
    for (std::size_t i = 0; i < out.size(); ++i) {
      if (i % 8 == 0) bits_ = next();
      out[i] = static_cast<std::uint8_t>(bits_ >> (i % 8 * 8));
    }
  }
  /// Even over [0, bound). `bound` is at least 1.
  std::uint64_t below(std::uint64_t bound) {
    __extension__ using Wide = unsigned __int128;
    return static_cast<std::uint64_t>(static_cast<Wide>(next()) * bound >> 64);
  }

 private:
  std::uint64_t bits_ = 0;
};

/// SplitMix64: small, fast, the same everywhere for a seed. Not for secrets.
class Splitmix final : public Random {
 public:
  explicit Splitmix(std::uint64_t seed) : state_(seed) {}
  std::uint64_t next() override {
    std::uint64_t z = (state_ += 0x9e3779b97f4a7c15u);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
  }

 private:
  std::uint64_t state_;
};

}  // namespace zw
