// Handling of secrets: memory that is wiped before it goes back, and comparison that tells nothing by its
// duration.
#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "base/bytes.h"

namespace zw {

/// Overwrites a secret in a way that no optimiser removes.
void wipe(MutableBytes secret);

/// Compares in a time that depends on the lengths only. Different lengths are never equal.
bool constant_time_equal(Bytes a, Bytes b);

template <typename T>
struct WipingAllocator {
  using value_type = T;
  WipingAllocator() = default;
  template <typename U>
  WipingAllocator(const WipingAllocator<U>&) {}
  T* allocate(std::size_t count) { return std::allocator<T>().allocate(count); }
  void deallocate(T* p, std::size_t count) {
    wipe({reinterpret_cast<std::uint8_t*>(p), count * sizeof(T)});
    std::allocator<T>().deallocate(p, count);
  }
  friend bool operator==(const WipingAllocator&, const WipingAllocator&) { return true; }
};

/// Octets, or text in octets, that are wiped when the vector grows, shrinks or ends.
using SecretBuffer = std::vector<std::uint8_t, WipingAllocator<std::uint8_t>>;

inline void append(SecretBuffer& out, std::string_view text) {
  out.insert(out.end(), text.begin(), text.end());
}
/// Base 64 of a secret, by way of no memory that is not wiped.
void append_base64(SecretBuffer& out, Bytes secret);
/// Nothing (an empty buffer) if `text` does not decode.
SecretBuffer decode_secret_base64(std::string_view text);

}  // namespace zw
