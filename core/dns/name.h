// Domain names in uncompressed wire format (RFC 1035 §3.1): labels of 1 to 63 octets, each behind its length,
// closed by the root's zero octet, 255 octets in all. Letter case is kept as given; there is one equality
// (case-insensitive, RFC 4343) and one order (canonical, RFC 4034 §6.1).
//
// `NameView` looks at octets that someone else owns and is passed by value; `Name` owns them, inside itself,
// without allocation. Both always hold a valid absolute name.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"

namespace zw {

constexpr std::size_t kMaxNameOctets = 255;
constexpr std::size_t kMaxLabelOctets = 63;
constexpr std::size_t kMaxLabels = 127;

constexpr std::array<std::uint8_t, 256> make_lower_table() {
  std::array<std::uint8_t, 256> table{};
  for (unsigned c = 0; c < 256; ++c) table[c] = static_cast<std::uint8_t>(c >= 'A' && c <= 'Z' ? c + 32 : c);
  return table;
}
/// ASCII letters to lower case, every other octet to itself. The length octet of a label maps to itself too.
inline constexpr std::array<std::uint8_t, 256> kLower = make_lower_table();

class NameView {
 public:
  /// The root.
  constexpr NameView() = default;
  /// `wire` points at `size` octets of a name that is known to be valid.
  constexpr NameView(const std::uint8_t* wire, std::size_t size)
      : wire_(wire), size_(static_cast<std::uint8_t>(size)) {}

  /// Reads the name at the start of `octets`, which may go on behind it; absent if there is no valid
  /// uncompressed name.
  static std::optional<NameView> read(Bytes octets);

  constexpr Bytes wire() const { return {wire_, size_}; }
  constexpr const std::uint8_t* data() const { return wire_; }
  constexpr std::size_t size() const { return size_; }
  constexpr bool is_root() const { return size_ == 1; }
  constexpr bool is_wildcard() const { return size_ > 2 && wire_[0] == 1 && wire_[1] == '*'; }
  /// Labels without the root's.
  std::size_t label_count() const;
  /// The leftmost label without its length octet; empty for the root.
  constexpr Bytes first_label() const { return {wire_ + 1, wire_[0]}; }
  /// The name without its leftmost label; the root stays the root.
  constexpr NameView parent() const {
    return is_root() ? *this : NameView(wire_ + wire_[0] + 1, size_ - wire_[0] - 1u);
  }
  /// The rightmost `labels` labels; `labels` ≤ label_count().
  NameView suffix(std::size_t labels) const;
  /// True for the name itself and for all names below it.
  bool is_at_or_below(NameView ancestor) const;

 private:
  static constexpr std::uint8_t kRoot[1] = {0};
  const std::uint8_t* wire_ = kRoot;
  std::uint8_t size_ = 1;
};

bool operator==(NameView a, NameView b);
std::strong_ordering operator<=>(NameView a, NameView b);

/// How many labels, from the right, two names share.
std::size_t common_labels(NameView a, NameView b);

/// Equal for equal names; for hash tables in memory only, it may change between versions.
std::size_t hash_of(NameView name);

class Name {
 public:
  Name() { wire_[0] = 0; }  // octets past size_ are never read
  Name(NameView view) : size_(static_cast<std::uint8_t>(view.size())) {
    std::memcpy(wire_.data(), view.data(), view.size());
  }
  Name(const Name& other) : Name(NameView(other)) {}
  Name& operator=(const Name& other) { return *this = NameView(other); }
  Name& operator=(NameView view) {
    size_ = static_cast<std::uint8_t>(view.size());
    std::memmove(wire_.data(), view.data(), view.size());
    return *this;
  }

  /// Presentation format (RFC 1035 §5.1 with `\DDD` and `\X`; `@` is not special here). A name without a
  /// final dot is completed with `origin`. Fails with `malformed` and the column (from 1) of the fault.
  static Result<Name> parse(std::string_view text, NameView origin = {});
  /// `octets` are exactly one uncompressed name.
  static Result<Name> from_wire(Bytes octets);
  /// `prefix` without its root, before `suffix`; absent if longer than 255 octets.
  static std::optional<Name> join(NameView prefix, NameView suffix);
  /// One more label at the left; absent if the label or the name gets too long.
  static std::optional<Name> prepend(Bytes label, NameView parent);

  operator NameView() const { return {wire_.data(), size_}; }
  NameView view() const { return *this; }
  Bytes wire() const { return {wire_.data(), size_}; }
  std::size_t size() const { return size_; }

 private:
  std::array<std::uint8_t, kMaxNameOctets> wire_;
  std::uint8_t size_ = 1;
};

inline bool operator==(const Name& a, const Name& b) { return a.view() == b.view(); }
inline std::strong_ordering operator<=>(const Name& a, const Name& b) { return a.view() <=> b.view(); }

/// Presentation format with the final dot; special octets are escaped so that it reads back to the same
/// octets.
std::string print(NameView name);
inline std::string print(const Name& name) { return print(name.view()); }
void append_print(std::string& out, NameView name);
/// For a zone file with that $ORIGIN: `@` for the origin itself, names below it without it and the final dot,
/// all others whole. An origin that is the root changes nothing.
void append_print_relative(std::string& out, NameView name, NameView origin);

/// Copy with all letters in lower case (canonical form, RFC 4034 §6.2).
Name lower(NameView name);
/// Lower-cases `size` octets of a wire name in place.
inline void lower_in_place(std::uint8_t* wire, std::size_t size) {
  for (std::size_t i = 0; i < size; ++i) wire[i] = kLower[wire[i]];
}

/// True for text that ends in a dot which is not escaped: no origin completes it.
bool is_absolute(std::string_view text);

/// Why text is no name.
struct NameTextError {
  std::size_t column;  // from 1, in the text
  const char* what;
};
/// Octets that parse_name may touch: a name, and what it reads at once behind it.
constexpr std::size_t kNameTextRoom = 272;
/// The work of Name::parse without allocation, for zone files: writes a name to `out`, which has room for
/// kNameTextRoom octets, and returns its size; or returns 0 and fills `error`.
std::size_t parse_name(std::string_view text, NameView origin, std::uint8_t* out, NameTextError& error);

struct NameHash {
  std::size_t operator()(const Name& name) const { return hash_of(name); }
};

}  // namespace zw
