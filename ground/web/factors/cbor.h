// Reads CBOR (RFC 8949) as authenticators write it (CTAP2 canonical form, FIDO CTAP 2.1 §8): definite
// lengths, numbers and lengths in their shortest form, no tags. From left to right, without copies; nothing
// is allocated, and counts are checked against the octets that are left before they are believed. Why not
// libfido2: with libcbor behind it, six octets that announce a large array took a gigabyte and 0.6 s.
//
// Each call takes one item, or gives nothing and leaves the reader where it was. Views live as long as the
// octets.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/bytes.h"

namespace zw {

class CborReader {
 public:
  static constexpr unsigned kMostDepth = 4;  // CTAP 2.1 §8

  explicit CborReader(Bytes octets) : rest_(octets) {}

  std::optional<std::int64_t> integer();
  std::optional<Bytes> octets();
  std::optional<std::string_view> text();  // its UTF-8 is not checked
  /// How many pairs of key and value follow.
  std::optional<std::size_t> map();
  /// Steps over one item of any kind, which nests at most kMostDepth deep; false if there is none.
  bool skip() { return skip(kMostDepth); }

  Bytes rest() const { return rest_; }
  bool at_end() const { return rest_.empty(); }

 private:
  struct Head {
    unsigned kind;  // the major type
    std::uint64_t number;
    std::size_t octets;  // of the head itself
  };
  std::optional<Head> head() const;
  std::optional<Bytes> string(unsigned kind);
  bool skip(unsigned depth);

  Bytes rest_;
};

}  // namespace zw
