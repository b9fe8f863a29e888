// RDATA on the wire: the size and form of each field, names expanded from messages, canonical form.
#include <algorithm>

#include "dns/rdata.h"

namespace zw {
namespace {

using Size = std::optional<std::size_t>;

Size fixed(std::size_t size, Bytes rest) { return rest.size() >= size ? Size(size) : std::nullopt; }

Size name_size(Bytes rest) {
  auto name = NameView::read(rest);
  return name ? Size(name->size()) : std::nullopt;
}

Size string_size(Bytes rest, std::size_t least = 0) {
  if (rest.empty() || rest[0] < least || rest.size() < rest[0] + 1u) return std::nullopt;
  return rest[0] + 1u;
}

Size strings_size(Bytes rest) {
  if (rest.empty()) return std::nullopt;
  std::size_t at = 0;
  while (at < rest.size()) {
    Size one = string_size(rest.subspan(at));
    if (!one) return std::nullopt;
    at += *one;
  }
  return at;
}

Size tag_size(Bytes rest) {
  Size size = string_size(rest, 1);
  if (!size) return std::nullopt;
  bool good =
      std::all_of(rest.begin() + 1, rest.begin() + static_cast<std::ptrdiff_t>(*size), [](std::uint8_t c) {
        std::uint8_t l = kLower[c];
        return (l >= 'a' && l <= 'z') || (c >= '0' && c <= '9');
      });
  return good ? size : std::nullopt;
}

// RFC 4034 §4.1.2: windows ascend, 1 to 32 octets each, no trailing zero octet.
Size bitmap_size(Bytes rest) {
  std::size_t at = 0;
  int last_window = -1;
  while (at < rest.size()) {
    if (rest.size() - at < 3) return std::nullopt;
    int window = rest[at];
    std::size_t length = rest[at + 1];
    if (window <= last_window || length == 0 || length > 32 || rest.size() - at - 2 < length)
      return std::nullopt;
    if (rest[at + 1 + length] == 0) return std::nullopt;
    last_window = window;
    at += 2 + length;
  }
  return at;
}

Size nxt_size(Bytes rest) {
  bool good = !rest.empty() && rest.size() <= 16 && !(rest[0] & 0x80) && rest.back() != 0;
  return good ? Size(rest.size()) : std::nullopt;
}

Size address_by_kind(std::uint8_t kind, Bytes rest) {
  switch (kind) {
    case 0: return std::size_t{0};
    case 1: return fixed(4, rest);
    case 2: return fixed(16, rest);
    case 3: return name_size(rest);
    default: return std::nullopt;
  }
}

Size location_size(Bytes rest) {
  if (rest.size() < 16 || rest[0] != 0) return std::nullopt;
  for (int i = 1; i <= 3; ++i)  // size and precision: two decimal digits, mantissa and exponent
    if ((rest[static_cast<std::size_t>(i)] >> 4) > 9 || (rest[static_cast<std::size_t>(i)] & 15) > 9)
      return std::nullopt;
  constexpr std::int64_t kDegree = 3600000;
  std::int64_t latitude = std::int64_t{get32(&rest[4])} - (std::int64_t{1} << 31);
  std::int64_t longitude = std::int64_t{get32(&rest[8])} - (std::int64_t{1} << 31);
  if (std::abs(latitude) > 90 * kDegree || std::abs(longitude) > 180 * kDegree) return std::nullopt;
  return 16;
}

Size prefixes_size(Bytes rest) {
  std::size_t at = 0;
  while (at < rest.size()) {
    if (rest.size() - at < 4) return std::nullopt;
    std::uint16_t family = get16(&rest[at]);
    std::size_t prefix = rest[at + 2], length = rest[at + 3] & 0x7fu;
    std::size_t most = family == 1 ? 4 : family == 2 ? 16 : 0;
    if (most == 0 || prefix > most * 8 || length > most || rest.size() - at - 4 < length) return std::nullopt;
    if (length > 0 && rest[at + 3 + length] == 0) return std::nullopt;  // RFC 3123 §4: trailing zeros dropped
    at += 4 + length;
  }
  return at;
}

Size services_size(Bytes rest) {
  bool good = !rest.empty() && rest.size() <= 1 + 8192 && (rest.size() == 1 || rest.back() != 0);
  return good ? Size(rest.size()) : std::nullopt;
}

Size atm_size(Bytes rest) {
  if (rest.size() < 2 || rest[0] > 1) return std::nullopt;
  if (rest[0] == 1 && !std::all_of(rest.begin() + 1, rest.end(), [](auto c) { return c >= '0' && c <= '9'; }))
    return std::nullopt;
  return rest.size();
}

Size a6_size(Bytes rest) {
  if (rest.empty() || rest[0] > 128) return std::nullopt;
  std::size_t suffix = (128u - rest[0] + 7) / 8;
  if (rest.size() < 1 + suffix) return std::nullopt;
  if (suffix > 0 && rest[0] % 8 != 0 && (rest[1] >> (8 - rest[0] % 8)) != 0) return std::nullopt;
  if (rest[0] == 0) return 1 + suffix;
  Size name = name_size(rest.subspan(1 + suffix));
  return name ? Size(1 + suffix + *name) : std::nullopt;
}

Size relay_size(Bytes rest) {
  if (rest.empty()) return std::nullopt;
  Size size = address_by_kind(rest[0] & 0x7f, rest.subspan(1));
  return size ? Size(1 + *size) : std::nullopt;
}

Size host_identity_size(Bytes rest) {
  if (rest.size() < 4) return std::nullopt;
  std::size_t tag = rest[0], key = get16(&rest[2]);
  if (tag == 0 || key == 0 || rest.size() < 4 + tag + key) return std::nullopt;
  std::size_t at = 4 + tag + key;
  while (at < rest.size()) {
    Size name = name_size(rest.subspan(at));
    if (!name) return std::nullopt;
    at += *name;
  }
  return at;
}

bool check_param(std::uint16_t key, Bytes value) {
  switch (key) {
    case 0: {  // mandatory: keys ascend, and 0 is not among them (RFC 9460 §8)
      if (value.empty() || value.size() % 2) return false;
      for (std::size_t i = 0; i < value.size(); i += 2)
        if (get16(&value[i]) == 0 || get16(&value[i]) == 65535 ||
            (i && get16(&value[i]) <= get16(&value[i - 2])))
          return false;
      return true;
    }
    case 1: {  // alpn: one or more strings, none empty
      if (value.empty()) return false;
      std::size_t at = 0;
      while (at < value.size()) {
        Size one = string_size(value.subspan(at), 1);
        if (!one) return false;
        at += *one;
      }
      return true;
    }
    case 2: return value.empty();                             // no-default-alpn
    case 3: return value.size() == 2;                         // port
    case 4: return !value.empty() && value.size() % 4 == 0;   // ipv4hint
    case 6: return !value.empty() && value.size() % 16 == 0;  // ipv6hint
    case 8: return value.empty();                             // ohttp (RFC 9540)
    case 5:                                                   // ech
    case 7: return !value.empty();                            // dohpath (RFC 9461)
    case 9: return !value.empty() && value.size() % 2 == 0;   // tls-supported-groups
    case 65535: return false;                                 // reserved as invalid
    default: return true;
  }
}

Size params_size(Bytes rest) {
  std::size_t at = 0;
  int last = -1;
  while (at < rest.size()) {
    if (rest.size() - at < 4) return std::nullopt;
    std::uint16_t key = get16(&rest[at]);
    std::size_t length = get16(&rest[at + 2]);
    if (key <= last || rest.size() - at - 4 < length) return std::nullopt;
    if (!check_param(key, rest.subspan(at + 4, length))) return std::nullopt;
    last = key;
    at += 4 + length;
  }
  return at;
}

bool is_expandable(Field field) { return field == Field::name_compressed || field == Field::name_lowered; }
bool is_lowered(Field field) { return field == Field::name_compressed || field == Field::name_lowered; }

}  // namespace

std::optional<std::size_t> field_size(Field field, Bytes rest, Bytes before) {
  switch (field) {
    case Field::none: return rest.size();
    case Field::u8:
    case Field::scheme:
    case Field::algorithm: return fixed(1, rest);
    case Field::u16:
    case Field::certificate:
    case Field::type: return fixed(2, rest);
    case Field::u32:
    case Field::ttl:
    case Field::stamp:
    case Field::ipv4: return fixed(4, rest);
    case Field::eui48: return fixed(6, rest);
    case Field::u64:
    case Field::eui64:
    case Field::node64: return fixed(8, rest);
    case Field::ipv6: return fixed(16, rest);
    case Field::name_compressed:
    case Field::name_lowered:
    case Field::name: return name_size(rest);
    case Field::string:
    case Field::salt: return string_size(rest);
    case Field::hash: return string_size(rest, 1);
    case Field::optional_string: return rest.empty() ? Size(0) : string_size(rest);
    case Field::strings: return strings_size(rest);
    case Field::tag: return tag_size(rest);
    case Field::text:
    case Field::base64:
    case Field::base64_dash: return rest.size();
    case Field::hex:
    case Field::hex_0x: return rest.empty() ? std::nullopt : Size(rest.size());
    case Field::bitmap: return bitmap_size(rest);
    case Field::bitmap_nxt: return nxt_size(rest);
    case Field::location: return location_size(rest);
    case Field::prefixes: return prefixes_size(rest);
    case Field::services: return services_size(rest);
    case Field::atm: return atm_size(rest);
    case Field::a6: return a6_size(rest);
    case Field::gateway: return before.size() < 2 ? std::nullopt : address_by_kind(before[1], rest);
    case Field::relay: return relay_size(rest);
    case Field::host_identity: return host_identity_size(rest);
    case Field::params: return params_size(rest);
  }
  return std::nullopt;
}

bool check_rdata(RrType type, Bytes rdata) {
  return rdata.size() <= kMaxRdataOctets && walk_rdata(type, rdata, [](Field, Bytes) {});
}

std::optional<std::size_t> expand_name(Bytes message, std::size_t offset, Name& out) {
  std::uint8_t wire[kMaxNameOctets];
  std::size_t to = 0, at = offset, taken = 0, limit = offset;
  while (at < message.size()) {
    std::uint8_t length = message[at];
    if (length >= 0xc0) {
      if (at + 2 > message.size()) return std::nullopt;
      std::size_t target = get16(&message[at]) & 0x3fffu;
      if (taken == 0) taken = at + 2 - offset;
      if (target >= limit) return std::nullopt;  // strictly backwards, so it ends
      limit = at = target;
      continue;
    }
    if (length > kMaxLabelOctets || at + 1 + length > message.size() || to + 1 + length > kMaxNameOctets)
      return std::nullopt;
    std::memcpy(wire + to, &message[at], length + 1u);
    to += length + 1u;
    at += length + 1u;
    if (length == 0) {
      out = NameView(wire, to);
      return taken ? taken : at - offset;
    }
  }
  return std::nullopt;
}

Result<void> read_rdata(Bytes message, std::size_t offset, std::size_t size, RrType type, Buffer& out) {
  if (offset > message.size() || message.size() - offset < size)
    return fail(ErrorKind::malformed, "octet {}: RDATA of {} octets is cut short", offset, size);
  std::size_t start = out.size();
  const RrTypeInfo* info = find_type_info(type);
  Bytes rdata = message.subspan(offset, size);
  if (!info || !info->has_format) {
    append(out, rdata);
    return {};
  }
  Bytes in = message.first(offset + size);  // a name's own labels do not reach past the RDATA
  std::size_t at = 0;
  auto bad = [&] {
    out.resize(start);
    return fail(ErrorKind::malformed, "octet {}: malformed {} RDATA", offset + at, info->mnemonic);
  };
  for (Field field : info->fields) {
    if (field == Field::none) break;
    if (is_expandable(field)) {
      Name name;
      auto taken = expand_name(in, offset + at, name);
      if (!taken) return bad();
      append(out, name.wire());
      at += *taken;
      continue;
    }
    auto taken = field_size(field, rdata.subspan(at), Bytes(out).subspan(start));
    if (!taken) return bad();
    append(out, rdata.subspan(at, *taken));
    at += *taken;
  }
  if (at != size || out.size() - start > kMaxRdataOctets) return bad();
  return {};
}

bool has_lowered_names(RrType type) {
  const RrTypeInfo* info = find_type_info(type);
  return info && (std::any_of(info->fields.begin(), info->fields.end(), is_lowered) || type == RrType::A6);
}

void append_canonical_rdata(Buffer& out, RrType type, Bytes rdata) {
  std::size_t start = out.size();
  append(out, rdata);
  if (!has_lowered_names(type)) return;
  std::size_t at = start;
  walk_rdata(type, rdata, [&](Field field, Bytes octets) {
    if (is_lowered(field)) lower_in_place(out.data() + at, octets.size());
    if (field == Field::a6 && octets[0] != 0) {
      std::size_t name = 1 + (128u - octets[0] + 7) / 8;
      lower_in_place(out.data() + at + name, octets.size() - name);
    }
    at += octets.size();
  });
}

std::strong_ordering compare_rdata(RrType type, Bytes a, Bytes b) {
  if (a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin())) return std::strong_ordering::equal;
  if (const RrTypeInfo* info = find_type_info(type);
      info && is_lowered(info->fields[0]) && info->fields[1] == Field::none) {
    // One name and nothing else: NS, CNAME, PTR, DNAME.
    auto lower_order = [](std::uint8_t x, std::uint8_t y) { return kLower[x] <=> kLower[y]; };
    return std::lexicographical_compare_three_way(a.begin(), a.end(), b.begin(), b.end(), lower_order);
  }
  if (has_lowered_names(type)) {
    Buffer x, y;
    append_canonical_rdata(x, type, a);
    append_canonical_rdata(y, type, b);
    return std::lexicographical_compare_three_way(x.begin(), x.end(), y.begin(), y.end());
  }
  return std::lexicographical_compare_three_way(a.begin(), a.end(), b.begin(), b.end());
}

}  // namespace zw
