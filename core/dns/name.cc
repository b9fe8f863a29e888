#include "dns/name.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace zw {
namespace {

// Where each label of a name starts, the leftmost first.
struct LabelStarts {
  std::uint8_t at[kMaxLabels];
  std::size_t count = 0;
  explicit LabelStarts(NameView name) {
    const std::uint8_t* wire = name.data();
    for (std::size_t i = 0; wire[i] != 0; i += wire[i] + 1u) at[count++] = static_cast<std::uint8_t>(i);
  }
};

std::strong_ordering compare_labels(const std::uint8_t* a, const std::uint8_t* b) {
  std::size_t shorter = a[0] < b[0] ? a[0] : b[0];
  for (std::size_t i = 1; i <= shorter; ++i) {
    std::uint8_t x = kLower[a[i]], y = kLower[b[i]];
    if (x != y) return x <=> y;
  }
  return a[0] <=> b[0];
}

bool same_folded(const std::uint8_t* a, const std::uint8_t* b, std::size_t size) {
  if (std::memcmp(a, b, size) == 0) return true;
  for (std::size_t i = 0; i < size; ++i)
    if (kLower[a[i]] != kLower[b[i]]) return false;
  return true;
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// The escaped octet of `text` at `i` (behind the backslash); moves `i` past it. Less than 0 if there is none.
int read_escape(std::string_view text, std::size_t& i) {
  if (i >= text.size()) return -1;
  if (!is_digit(text[i])) return static_cast<std::uint8_t>(text[i++]);
  if (i + 3 > text.size() || !is_digit(text[i + 1]) || !is_digit(text[i + 2])) return -1;
  int value = (text[i] - '0') * 100 + (text[i + 1] - '0') * 10 + (text[i + 2] - '0');
  i += 3;
  return value > 255 ? -1 : value;
}

}  // namespace

std::optional<NameView> NameView::read(Bytes octets) {
  std::size_t i = 0;
  while (i < octets.size() && i < kMaxNameOctets) {
    std::uint8_t length = octets[i];
    if (length == 0) return NameView(octets.data(), i + 1);
    if (length > kMaxLabelOctets) return std::nullopt;
    i += length + 1u;
  }
  return std::nullopt;
}

std::size_t NameView::label_count() const {
  std::size_t count = 0;
  for (const std::uint8_t* p = wire_; *p != 0; p += *p + 1) ++count;
  return count;
}

NameView NameView::suffix(std::size_t labels) const {
  std::size_t skip = label_count() - labels;
  const std::uint8_t* p = wire_;
  while (skip-- > 0) p += *p + 1;
  return {p, size_ - static_cast<std::size_t>(p - wire_)};
}

bool NameView::is_at_or_below(NameView ancestor) const {
  if (ancestor.size() > size()) return false;
  std::size_t start = size() - ancestor.size();
  std::size_t i = 0;
  while (i < start) i += wire_[i] + 1u;
  return i == start && same_folded(wire_ + start, ancestor.data(), ancestor.size());
}

bool operator==(NameView a, NameView b) {
  return a.size() == b.size() && same_folded(a.data(), b.data(), a.size());
}

std::strong_ordering operator<=>(NameView a, NameView b) {
  LabelStarts x(a), y(b);
  std::size_t i = x.count, j = y.count;
  while (i > 0 && j > 0) {
    auto order = compare_labels(a.data() + x.at[--i], b.data() + y.at[--j]);
    if (order != 0) return order;
  }
  return x.count <=> y.count;
}

std::size_t common_labels(NameView a, NameView b) {
  LabelStarts x(a), y(b);
  std::size_t shared = 0;
  while (shared < x.count && shared < y.count &&
         compare_labels(a.data() + x.at[x.count - 1 - shared], b.data() + y.at[y.count - 1 - shared]) == 0)
    ++shared;
  return shared;
}

std::size_t hash_of(NameView name) {
  std::uint64_t hash = 0xcbf29ce484222325u;
  for (std::uint8_t octet : name.wire()) hash = (hash ^ kLower[octet]) * 0x100000001b3u;
  return hash ^ hash >> 32;
}

Result<Name> Name::from_wire(Bytes octets) {
  auto view = NameView::read(octets);
  if (!view || view->size() != octets.size())
    return fail(ErrorKind::malformed, "{} octets are not one uncompressed name", octets.size());
  return Name(*view);
}

std::optional<Name> Name::join(NameView prefix, NameView suffix) {
  std::size_t front = prefix.size() - 1;
  if (front + suffix.size() > kMaxNameOctets) return std::nullopt;
  Name out;
  std::memcpy(out.wire_.data(), prefix.data(), front);
  std::memcpy(out.wire_.data() + front, suffix.data(), suffix.size());
  out.size_ = static_cast<std::uint8_t>(front + suffix.size());
  return out;
}

std::optional<Name> Name::prepend(Bytes label, NameView parent) {
  if (label.empty() || label.size() > kMaxLabelOctets) return std::nullopt;
  if (label.size() + 1 + parent.size() > kMaxNameOctets) return std::nullopt;
  Name out;
  out.wire_[0] = static_cast<std::uint8_t>(label.size());
  std::memcpy(out.wire_.data() + 1, label.data(), label.size());
  std::memcpy(out.wire_.data() + 1 + label.size(), parent.data(), parent.size());
  out.size_ = static_cast<std::uint8_t>(label.size() + 1 + parent.size());
  return out;
}

namespace {

// Which octets of a chunk are a dot, and which a backslash; bit 0 is the first.
struct Marks {
  unsigned dots = 0, backslashes = 0;
};
constexpr std::size_t kChunk = 16;

// Copies `size` octets, at most a chunk, to `out`, which has room for a whole one. Nothing is stored and then
// loaded again in another width, for which a processor waits.
#if defined(__SSE2__)
template <typename Word>
std::uint64_t load(const char* text) {
  Word word;
  std::memcpy(&word, text, sizeof word);
  return word;
}
Marks copy_chunk(const char* text, std::size_t size, std::uint8_t* out) {
  __m128i all;
  if (size >= kChunk) {
    all = _mm_loadu_si128(reinterpret_cast<const __m128i*>(text));
  } else if (size >= 8) {
    std::uint64_t last = load<std::uint64_t>(text + size - 8);
    all = _mm_set_epi64x(size == 8 ? 0 : static_cast<long long>(last >> (kChunk - size) * 8),
                         static_cast<long long>(load<std::uint64_t>(text)));
  } else {
    std::uint64_t word = 0;
    if (size >= 4) {
      word = load<std::uint32_t>(text) | load<std::uint32_t>(text + size - 4) << (size - 4) * 8;
    } else {
      for (std::size_t i = 0; i < size; ++i) word |= load<std::uint8_t>(text + i) << i * 8;
    }
    all = _mm_set_epi64x(0, static_cast<long long>(word));
  }
  _mm_storeu_si128(reinterpret_cast<__m128i*>(out), all);
  auto where = [&](char c) {
    return static_cast<unsigned>(_mm_movemask_epi8(_mm_cmpeq_epi8(all, _mm_set1_epi8(c))));
  };
  return {where('.'), where('\\')};
}
#else
Marks copy_chunk(const char* text, std::size_t size, std::uint8_t* out) {
  Marks marks;
  size = std::min(size, kChunk);
  std::memcpy(out, text, size);
  for (unsigned i = 0; i < size; ++i) {
    marks.dots |= unsigned{text[i] == '.'} << i;
    marks.backslashes |= unsigned{text[i] == '\\'} << i;
  }
  return marks;
}
#endif

std::size_t fault_at(NameTextError& error, std::size_t at, const char* what) {
  error = {at + 1, what};
  return 0;
}

std::size_t bad_label(NameTextError& error, std::size_t label, std::size_t length) {
  if (length == 0) return fault_at(error, label, "a label cannot be empty");
  return fault_at(error, label + kMaxLabelOctets, "a label is longer than 63 octets");
}

// Without escapes the octets stand on the wire as in the text, with a length in place of each dot before
// them. `escaped` tells that there is one, and that nothing came of it.
std::size_t parse_plain_name(std::string_view text, NameView origin, std::uint8_t* out, NameTextError& error,
                             bool& escaped) {
  // The octet of column i goes to out[i + 1]; a dot there becomes the length of the label behind it.
  std::size_t label = 0;
  for (std::size_t i = 0; i < text.size(); i += kChunk) {
    Marks marks = copy_chunk(text.data() + i, text.size() - i, out + 1 + i);
    if (marks.backslashes != 0) return escaped = true, 0;
    for (unsigned dots = marks.dots; dots != 0; dots &= dots - 1) {
      std::size_t at = i + static_cast<unsigned>(std::countr_zero(dots)), length = at - label;
      if (length - 1 >= kMaxLabelOctets) return bad_label(error, label, length);
      out[label] = static_cast<std::uint8_t>(length);
      label = at + 1;
    }
  }
  std::size_t length = text.size() - label, size = text.size() + 1;
  if (length == 0) {
    out[label] = 0;
    return size;
  }
  if (length > kMaxLabelOctets) return bad_label(error, label, length);
  out[label] = static_cast<std::uint8_t>(length);
  if (size + origin.size() > kMaxNameOctets)
    return fault_at(error, 0, "the name is longer than 255 octets with its origin");
  std::memcpy(out + size, origin.data(), origin.size());
  return size + origin.size();
}

}  // namespace

bool is_absolute(std::string_view text) {
  if (!text.ends_with('.')) return false;
  std::size_t backslashes = 0;
  while (backslashes + 1 < text.size() && text[text.size() - 2 - backslashes] == '\\') ++backslashes;
  return backslashes % 2 == 0;
}

std::size_t parse_name(std::string_view text, NameView origin, std::uint8_t* out, NameTextError& error) {
  auto no = [&](std::size_t at, const char* what) { return fault_at(error, at, what); };
  if (text.empty()) return no(0, "a name cannot be empty");
  if (text == ".") {
    out[0] = 0;
    return 1;
  }
  if (text.size() <= kMaxNameOctets - 1) {
    bool escaped = false;
    std::size_t size = parse_plain_name(text, origin, out, error, escaped);
    if (!escaped) return size;
  }
  std::size_t label = 0, to = 1;  // where this label's length octet stands, where the next octet goes
  for (std::size_t i = 0; i < text.size();) {
    char c = text[i];
    if (c == '.') {
      std::size_t length = to - label - 1;
      if (length == 0) return no(i, "a label cannot be empty");
      out[label] = static_cast<std::uint8_t>(length);
      label = to++;
      if (++i == text.size()) {
        out[label] = 0;
        return to;
      }
      continue;
    }
    int octet = static_cast<std::uint8_t>(c);
    std::size_t at = i++;
    if (c == '\\' && (octet = read_escape(text, i)) < 0)
      return no(at, "an escape is \\X or \\DDD up to \\255");
    if (to - label - 1 == kMaxLabelOctets) return no(at, "a label is longer than 63 octets");
    if (to >= kMaxNameOctets - 1) return no(at, "the name is longer than 255 octets");
    out[to++] = static_cast<std::uint8_t>(octet);
  }
  out[label] = static_cast<std::uint8_t>(to - label - 1);
  if (to + origin.size() > kMaxNameOctets) return no(0, "the name is longer than 255 octets with its origin");
  std::memcpy(out + to, origin.data(), origin.size());
  return to + origin.size();
}

Result<Name> Name::parse(std::string_view text, NameView origin) {
  std::uint8_t wire[kNameTextRoom];
  NameTextError error{};
  std::size_t size = parse_name(text, origin, wire, error);
  if (size == 0) return fail(ErrorKind::malformed, "name, column {}: {}", error.column, error.what);
  return Name(NameView(wire, size));
}

namespace {

enum class Shown : std::uint8_t { plain, behind_backslash, as_number };
constexpr auto kShown = [] {
  std::array<Shown, 256> table{};
  for (unsigned c = 0; c < 256; ++c)
    if (c <= 0x20 || c >= 0x7f) table[c] = Shown::as_number;
  for (char c : std::string_view(".\\\"();@$")) table[static_cast<std::uint8_t>(c)] = Shown::behind_backslash;
  return table;
}();

// The labels of `size` octets at `wire`, each with a dot behind it.
void append_labels(std::string& out, const std::uint8_t* wire, std::size_t size) {
  char text[4 * kMaxNameOctets];
  char* to = text;
  for (std::size_t at = 0; at < size;) {
    for (std::size_t end = at + wire[at] + 1u; ++at < end;) {
      std::uint8_t c = wire[at];
      if (kShown[c] != Shown::plain) [[unlikely]]
        *to++ = '\\';
      if (kShown[c] == Shown::as_number) [[unlikely]] {
        *to++ = static_cast<char>('0' + c / 100);
        *to++ = static_cast<char>('0' + c / 10 % 10);
        c = static_cast<std::uint8_t>('0' + c % 10);
      }
      *to++ = static_cast<char>(c);
    }
    *to++ = '.';
  }
  out.append(text, static_cast<std::size_t>(to - text));
}

}  // namespace

void append_print(std::string& out, NameView name) {
  if (name.is_root()) out.push_back('.');
  append_labels(out, name.data(), name.size() - 1);
}

void append_print_relative(std::string& out, NameView name, NameView origin) {
  if (origin.is_root() || !name.is_at_or_below(origin)) return append_print(out, name);
  if (name.size() == origin.size()) return out.push_back('@');
  append_labels(out, name.data(), name.size() - origin.size());
  out.pop_back();
}

std::string print(NameView name) {
  std::string out;
  append_print(out, name);
  return out;
}

Name lower(NameView name) {
  std::uint8_t wire[kMaxNameOctets];
  std::memcpy(wire, name.data(), name.size());
  lower_in_place(wire, name.size());
  return {NameView(wire, name.size())};
}

}  // namespace zw
