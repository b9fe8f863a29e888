// For tests: random names and random well-formed RDATA of every type, from the table of fields.
#pragma once

#include <algorithm>
#include <set>
#include <vector>

#include "base/random.h"
#include "dns/rdata.h"
#include "dns/rdata_text.h"

namespace zw::testing {

inline Buffer random_octets(Random& random, std::size_t least, std::size_t most) {
  Buffer out(least + random.below(most - least + 1));
  random.fill(out);
  return out;
}

inline Name random_name(Random& random, NameView origin = {}, std::size_t most_labels = 4) {
  Name out = origin;
  for (std::uint64_t left = random.below(most_labels + 1); left > 0; --left) {
    Buffer label = random_octets(random, 1, random.below(20) ? 12 : 63);
    if (random.below(4))  // mostly letters
      for (auto& c : label) c = static_cast<std::uint8_t>("abcdefghijklmnopqrstuvwxyzABC-019"[c % 33]);
    if (auto longer = Name::prepend(label, out)) out = *longer;
  }
  return out;
}

inline void append_string(Buffer& out, Bytes octets) {
  append8(out, static_cast<std::uint8_t>(octets.size()));
  append(out, octets);
}

inline void append_random_params(Buffer& out, Random& random) {
  static constexpr std::uint16_t kKeys[] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 667, 65534};
  for (std::uint16_t key : kKeys) {
    if (random.below(3)) continue;
    Buffer value;
    switch (key) {
      case 0:
        for (std::uint16_t k : {1, 4, 667})
          if (random.below(2) || k == 4) append16(value, k);
        break;
      case 1:
        for (std::uint64_t n = 1 + random.below(3); n > 0; --n)
          append_string(value, random_octets(random, 1, 6));
        break;
      case 2:
      case 8: break;
      case 3: value = random_octets(random, 2, 2); break;
      case 4: value = random_octets(random, 4, 4); break;
      case 6: value = random_octets(random, 32, 32); break;
      case 9: value = random_octets(random, 4, 4); break;
      case 5:
      case 7: value = random_octets(random, 1, 30); break;
      default: value = random_octets(random, 0, 20);
    }
    append16(out, key);
    append16(out, static_cast<std::uint16_t>(value.size()));
    append(out, value);
  }
}

/// Appends one well-formed field. `before`: where this RDATA starts in `out`.
inline void append_random_field(Buffer& out, std::size_t before, Field field, Random& random) {
  auto octets = [&](std::size_t least, std::size_t most) { append(out, random_octets(random, least, most)); };
  auto address_of_kind = [&](unsigned kind) {
    if (kind == 1) octets(4, 4);
    if (kind == 2) octets(16, 16);
    if (kind == 3) append(out, random_name(random).wire());
  };
  switch (field) {
    case Field::none: break;
    case Field::u8:
    case Field::scheme:
    case Field::algorithm: octets(1, 1); break;
    case Field::u16:
    case Field::certificate:
    case Field::type: octets(2, 2); break;
    case Field::u32:
    case Field::ttl:
    case Field::stamp:
    case Field::ipv4: octets(4, 4); break;
    case Field::eui48: octets(6, 6); break;
    case Field::u64:
    case Field::eui64:
    case Field::node64: octets(8, 8); break;
    case Field::ipv6: {
      Buffer address = random_octets(random, 16, 16);
      for (auto& octet : address)
        if (random.below(2)) octet = 0;  // runs of zeros, for "::"
      append(out, address);
      break;
    }
    case Field::name_compressed:
    case Field::name_lowered:
    case Field::name: append(out, random_name(random).wire()); break;
    case Field::string:
    case Field::salt: append_string(out, random_octets(random, 0, random.below(10) ? 20 : 255)); break;
    case Field::hash: append_string(out, random_octets(random, 1, 40)); break;
    case Field::optional_string:
      if (random.below(2)) append_string(out, random_octets(random, 0, 20));
      break;
    case Field::strings:
      for (std::uint64_t n = 1 + random.below(4); n > 0; --n)
        append_string(out, random_octets(random, 0, 60));
      break;
    case Field::tag: {
      Buffer tag = random_octets(random, 1, 12);
      for (auto& c : tag) c = static_cast<std::uint8_t>("abcZ09"[c % 6]);
      append_string(out, tag);
      break;
    }
    case Field::text:
    case Field::base64:
    case Field::base64_dash: octets(0, 100); break;
    case Field::hex:
    case Field::hex_0x: octets(1, 64); break;
    case Field::bitmap: {
      std::vector<RrType> types;
      for (std::uint64_t n = random.below(8); n > 0; --n)
        types.push_back(static_cast<RrType>(random.below(8) ? random.below(300) : random.below(65536)));
      std::sort(types.begin(), types.end());
      types.erase(std::unique(types.begin(), types.end()), types.end());
      append_type_bitmap(out, types);
      break;
    }
    case Field::bitmap_nxt: {
      Buffer bits = random_octets(random, 1, 16);
      bits[0] &= 0x7f;
      bits.back() |= 1;
      append(out, bits);
      break;
    }
    case Field::location: {
      append8(out, 0);
      for (int i = 0; i < 3; ++i)
        append8(out, static_cast<std::uint8_t>((1 + random.below(9)) << 4 | random.below(10)));
      append32(out, static_cast<std::uint32_t>((1ll << 31) + static_cast<long long>(random.below(648000000)) -
                                               324000000));
      append32(out, static_cast<std::uint32_t>((1ll << 31) +
                                               static_cast<long long>(random.below(1296000000)) - 648000000));
      octets(4, 4);
      break;
    }
    case Field::prefixes:
      for (std::uint64_t n = random.below(4); n > 0; --n) {
        bool v4 = random.below(2);
        Buffer address = random_octets(random, 0, v4 ? 4 : 16);
        if (!address.empty()) address.back() |= 1;
        append16(out, v4 ? 1 : 2);
        append8(out, static_cast<std::uint8_t>(random.below(v4 ? 33 : 129)));
        append8(out, static_cast<std::uint8_t>(address.size() | (random.below(2) ? 0x80 : 0)));
        append(out, address);
      }
      break;
    case Field::services: {
      octets(1, 1);
      Buffer bits = random_octets(random, 0, 20);
      if (!bits.empty()) bits.back() |= 1;
      append(out, bits);
      break;
    }
    case Field::atm:
      append8(out, 0);
      octets(1, 20);
      break;
    case Field::a6: {
      auto prefix = static_cast<std::uint8_t>(random.below(129));
      append8(out, prefix);
      Buffer suffix = random_octets(random, (128u - prefix + 7) / 8, (128u - prefix + 7) / 8);
      if (!suffix.empty() && prefix % 8) suffix[0] &= static_cast<std::uint8_t>(0xff >> prefix % 8);
      append(out, suffix);
      if (prefix) append(out, random_name(random).wire());
      break;
    }
    case Field::gateway:
      out[before + 1] &= 3;
      address_of_kind(out[before + 1]);
      break;
    case Field::relay: {
      auto kind = static_cast<unsigned>(random.below(4));
      append8(out, static_cast<std::uint8_t>(kind | (random.below(2) ? 0x80 : 0)));
      address_of_kind(kind);
      break;
    }
    case Field::host_identity: {
      Buffer tag = random_octets(random, 1, 20), key = random_octets(random, 1, 60);
      append8(out, static_cast<std::uint8_t>(tag.size()));
      octets(1, 1);
      append16(out, static_cast<std::uint16_t>(key.size()));
      append(out, tag);
      append(out, key);
      for (std::uint64_t n = random.below(3); n > 0; --n) append(out, random_name(random).wire());
      break;
    }
    case Field::params: append_random_params(out, random); break;
  }
}

/// Well-formed RDATA of a type of the table.
inline Buffer random_rdata(const RrTypeInfo& info, Random& random) {
  if (!info.has_format) return random_octets(random, 0, 50);
  Buffer out;
  for (Field field : info.fields) append_random_field(out, 0, field, random);
  return out;
}

}  // namespace zw::testing
