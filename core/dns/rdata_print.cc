#include <fmt/format.h>

#include <algorithm>
#include <chrono>

#include "base/encoding.h"
#include "dns/address_text.h"
#include "dns/rdata.h"
#include "dns/rdata_text.h"

namespace zw {
namespace {

void append_stamp(std::string& out, std::uint32_t stamp) {
  std::chrono::sys_days day{std::chrono::days(stamp / 86400)};
  std::chrono::year_month_day date(day);
  std::uint32_t clock = stamp % 86400;
  char text[14];
  auto put = [&](std::size_t at, std::size_t digits, std::uint32_t value) {
    for (std::size_t i = at + digits; i > at; value /= 10) text[--i] = static_cast<char>('0' + value % 10);
  };
  put(0, 4, static_cast<std::uint32_t>(static_cast<int>(date.year())));
  put(4, 2, static_cast<unsigned>(date.month()));
  put(6, 2, static_cast<unsigned>(date.day()));
  put(8, 2, clock / 3600);
  put(10, 2, clock / 60 % 60);
  put(12, 2, clock % 60);
  out.append(text, sizeof text);
}

void append_bitmap(std::string& out, Bytes octets) {
  while (octets.size() > 2) {
    unsigned window = octets[0];
    std::size_t length = octets[1];
    for (unsigned i = 0; i < length * 8; ++i) {
      if (!(octets[2 + i / 8] & 0x80 >> i % 8)) continue;
      out.push_back(' ');
      append_print(out, static_cast<RrType>(window << 8 | i));
    }
    octets = octets.subspan(2 + length);
  }
}

// RFC 3597 §5.
void append_generic(std::string& out, Bytes rdata) {
  fmt::format_to(std::back_inserter(out), "\\# {}", rdata.size());
  if (!rdata.empty()) out.push_back(' ');
  append_base16(out, rdata);
}

void append_field(std::string& out, Field field, Bytes octets, Bytes before, NameView origin) {
  const std::uint8_t* p = octets.data();
  switch (field) {
    case Field::none: append_generic(out, octets); break;
    case Field::u8:
    case Field::algorithm: append_decimal(out, p[0]); break;
    case Field::scheme: p[0] == 1 ? void(out += "NOTIFY") : append_decimal(out, p[0]); break;
    case Field::u16:
    case Field::certificate: append_decimal(out, get16(p)); break;
    case Field::u32:
    case Field::ttl: append_decimal(out, get32(p)); break;
    case Field::u64: append_decimal(out, get64(p)); break;
    case Field::stamp: append_stamp(out, get32(p)); break;
    case Field::type: append_print(out, static_cast<RrType>(get16(p))); break;
    case Field::ipv4: append_print_ipv4(out, p); break;
    case Field::ipv6: append_print_ipv6(out, p); break;
    case Field::name_compressed:
    case Field::name_lowered:
    case Field::name: append_print_relative(out, NameView(p, octets.size()), origin); break;
    case Field::string: append_quoted(out, octets.subspan(1)); break;
    case Field::optional_string:
      if (!octets.empty()) append_quoted(out, octets.subspan(1));
      break;
    case Field::strings:
      for (std::size_t i = 0; i < octets.size(); i += octets[i] + 1u) {
        if (i > 0) out.push_back(' ');
        append_quoted(out, octets.subspan(i + 1, octets[i]));
      }
      break;
    case Field::tag: out += as_text(octets.subspan(1)); break;
    case Field::text: append_quoted(out, octets); break;
    case Field::hex: append_base16(out, octets); break;
    case Field::base64: append_base64(out, octets); break;
    case Field::base64_dash: octets.empty() ? void(out.push_back('-')) : append_base64(out, octets); break;
    case Field::salt:
      octets.size() == 1 ? void(out.push_back('-')) : append_base16(out, octets.subspan(1));
      break;
    case Field::hash: append_base32hex(out, octets.subspan(1)); break;
    case Field::bitmap: append_bitmap(out, octets); break;
    case Field::params: append_print_params(out, octets); break;
    default: append_print_special(out, field, octets, before);
  }
}

// Fields that are empty, or that put a space before each of their items.
bool spaces_itself(Field field, Bytes octets) {
  return field == Field::bitmap || field == Field::params ||
         (octets.empty() &&
          (field == Field::base64 || field == Field::optional_string || field == Field::prefixes));
}

// RFC 1876 writes a size of zero in ten ways on the wire and in one way in text; only one of them reads back.
bool reads_back(Field field, Bytes octets) {
  if (field != Field::location) return true;
  return std::all_of(octets.begin() + 1, octets.begin() + 4,
                     [](std::uint8_t size) { return size >> 4 != 0 || size == 0; });
}

}  // namespace

void append_quoted(std::string& out, Bytes octets) {
  out.push_back('"');
  std::size_t plain = 0;  // where the run of characters begins that stand for themselves
  for (std::size_t i = 0; i < octets.size(); ++i) {
    std::uint8_t c = octets[i];
    if (c >= 0x20 && c < 0x7f && c != '"' && c != '\\') continue;
    out += as_text(octets.subspan(plain, i - plain));
    plain = i + 1;
    if (c >= 0x20 && c < 0x7f) {
      out.push_back('\\');
      out.push_back(static_cast<char>(c));
    } else {
      fmt::format_to(std::back_inserter(out), "\\{:03}", c);
    }
  }
  out += as_text(octets.subspan(plain));
  out.push_back('"');
}

void append_print_rdata(std::string& out, RrType type, Bytes rdata, NameView origin) {
  std::size_t start = out.size(), at = 0;
  bool exact = true;
  bool good = walk_rdata(type, rdata, [&](Field field, Bytes octets) {
    exact = exact && reads_back(field, octets);
    if (at > 0 && !spaces_itself(field, octets)) out.push_back(' ');
    append_field(out, field, octets, rdata.first(at), origin);
    at += octets.size();
  });
  if (good && exact && out.size() > start) return;
  out.resize(start);
  append_generic(out, rdata);
}

std::string print_rdata(RrType type, Bytes rdata) {
  std::string out;
  append_print_rdata(out, type, rdata);
  return out;
}

}  // namespace zw
