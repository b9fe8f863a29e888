#include "zone/made_records.h"

#include <algorithm>

#include "base/result.h"
#include "zone/punycode.h"

namespace zw {
namespace {

constexpr std::string_view kOnsets[] = {"b", "br", "d",  "dr", "f",  "fl", "g", "gr", "h",
                                        "j", "k",  "kl", "l",  "m",  "n",  "p", "pr", "r",
                                        "s", "sk", "st", "t",  "tr", "v",  "w"};
constexpr std::string_view kVowels[] = {"a", "a", "e", "e", "i", "o", "u", "y", "ai", "ea", "ou"};
constexpr std::string_view kEnds[] = {"", "", "", "", "l", "m", "n", "r", "s", "t", "nd", "rk"};

template <std::size_t N>
std::string_view pick(Random& random, const std::string_view (&from)[N]) {
  return from[random.below(N)];
}

}  // namespace

std::string MadeLabels::syllable() {
  std::string out(pick(random_, kOnsets));
  out += pick(random_, kVowels);
  out += pick(random_, kEnds);
  return out;
}

std::string MadeLabels::word() {
  std::string out;
  for (std::uint64_t left = 2 + random_.below(3); left > 0; --left) out += syllable();
  return out;
}

std::string MadeLabels::next() {
  std::string label = word();
  std::uint64_t kind = random_.below(100);
  if (kind < 6) label += std::to_string(random_.below(2000));
  if (kind >= 6 && kind < 16) label += "-" + syllable();
  if (kind >= 16 && kind < 18) {
    static constexpr std::string_view kForeign[] = {"å", "ä", "ö", "é", "ø", "ü"};
    label.replace(1 + random_.below(label.size() - 1), 1, pick(random_, kForeign));
    if (auto ascii = ascii_label(label)) return *ascii;
  }
  return label;
}

std::vector<std::string> MadeLabels::distinct(std::size_t count) {
  std::vector<std::string> out;
  out.reserve(count);
  while (out.size() < count) {
    auto sorted = static_cast<std::ptrdiff_t>(out.size());
    while (out.size() < count) out.push_back(next());
    std::sort(out.begin() + sorted, out.end());
    std::inplace_merge(out.begin(), out.begin() + sorted, out.end());
    out.erase(std::unique(out.begin(), out.end()), out.end());
  }
  return out;
}

void MadeRecords::soa(NameView origin, std::uint32_t serial, std::uint32_t ttl) {
  Buffer rdata;
  append(rdata, child("a", child("nic", origin)).wire());
  append(rdata, child("hostmaster", child("nic", origin)).wire());
  for (std::uint32_t n : {serial, 1800u, 900u, 604800u, 3600u}) append32(rdata, n);
  take_(origin, RrType::SOA, ttl, rdata);
}

void MadeRecords::ds(NameView owner, std::uint32_t ttl) {
  std::uint64_t kind = random_.below(100);
  bool sha384 = kind % 50 == 0;
  std::uint8_t rdata[4 + 48];
  random_.fill(rdata);
  rdata[2] = kind < 78 ? 13 : kind < 95 ? 8 : kind < 99 ? 15 : 14;
  rdata[3] = sha384 ? 4 : 2;
  take_(owner, RrType::DS, ttl, Bytes(rdata).first(sha384 ? 4 + 48 : 4 + 32));
}

void MadeRecords::ipv4(NameView host, std::uint32_t ttl) {
  std::uint64_t bits = random_.below(1 << 17);  // 198.18.0.0/15
  std::uint8_t rdata[4] = {198, static_cast<std::uint8_t>(18 + (bits >> 16)),
                           static_cast<std::uint8_t>(bits >> 8), static_cast<std::uint8_t>(bits)};
  take_(host, RrType::A, ttl, rdata);
}

void MadeRecords::ipv6(NameView host, std::uint32_t ttl) {
  std::uint8_t rdata[16] = {0x20, 0x01, 0x0d, 0xb8};
  random_.fill(MutableBytes(rdata).subspan(4, 4));
  rdata[15] = static_cast<std::uint8_t>(1 + random_.below(255));
  take_(host, RrType::AAAA, ttl, rdata);
}

Zipf::Zipf(std::size_t count) {
  std::uint64_t sum = 0;
  for (std::size_t k = 1; k <= count; ++k) sums_.push_back(sum += (1u << 30) / k + 1);
}

std::size_t Zipf::draw(Random& random) const {
  std::uint64_t at = random.below(sums_.back());
  return static_cast<std::size_t>(std::upper_bound(sums_.begin(), sums_.end(), at) - sums_.begin());
}

Name child(std::string_view label, NameView parent) {
  auto name = Name::prepend(as_bytes(label), parent);
  ZW_ASSERT(name);
  return *name;
}

}  // namespace zw
