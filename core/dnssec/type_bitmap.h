// The bit map of RR types in NSEC, NSEC3 and CSYNC (RFC 4034 §4.1.2, RFC 5155 §3.2.1): windows of 256 types
// in ascending order, each with its number, its length (1 to 32) and its octets.
#pragma once

#include <cstdint>
#include <iterator>
#include <optional>
#include <span>
#include <string>

#include "base/bytes.h"
#include "dns/rr_type.h"

namespace zw {

/// Looks at octets that someone else owns, known to be a well-formed bit map.
class TypeBitmap {
 public:
  /// The types in ascending order.
  class Iterator {
   public:
    using value_type = RrType;
    using difference_type = std::ptrdiff_t;
    Iterator() = default;
    explicit Iterator(Bytes rest) : rest_(rest) { settle(); }
    RrType operator*() const { return static_cast<RrType>(rest_[0] << 8 | bit_); }
    Iterator& operator++() {
      ++bit_;
      settle();
      return *this;
    }
    Iterator operator++(int) {
      Iterator old = *this;
      ++*this;
      return old;
    }
    bool operator==(const Iterator& other) const {
      return rest_.size() == other.rest_.size() && bit_ == other.bit_;
    }

   private:
    void settle();      // at the next bit that is set, from bit_ on
    Bytes rest_;        // from the window on
    unsigned bit_ = 0;  // in the window
  };

  /// No types.
  TypeBitmap() = default;
  /// All of `octets`; absent if they break the format (an empty map is one).
  static std::optional<TypeBitmap> parse(Bytes octets);

  Bytes octets() const { return octets_; }
  bool contains(RrType type) const;
  Iterator begin() const { return Iterator(octets_); }
  Iterator end() const { return Iterator(octets_.last(0)); }
  bool is_empty() const { return octets_.empty(); }

 private:
  explicit TypeBitmap(Bytes octets) : octets_(octets) {}
  Bytes octets_;
};

/// True if the map holds just `types`, which ascend and differ.
bool same_types(TypeBitmap map, std::span<const RrType> types);

/// Appends the bit map of `types`, which ascend and differ.
void append_type_bitmap(Buffer& out, std::span<const RrType> types);

/// The mnemonics with spaces between, as in the presentation format; "" for none.
std::string print(TypeBitmap map);

}  // namespace zw
