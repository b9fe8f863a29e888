#include "zone/target_lookup.h"

#include <algorithm>

#include "dns/address_text.h"

namespace zw {
namespace {

void take_types(ZoneNode node, Target& target) {
  target.is_alias = node.has(RrType::CNAME);
  target.has_address = !target.is_alias && (node.has(RrType::A) || node.has(RrType::AAAA));
}

bool exists(const NodeTree& names, NameView name) {
  auto found = names.find(name);
  return found.exact || (!found.at.is_end() && (*found.at).relative().is_at_or_below(name));
}

// RFC 4592 §3.3: the wildcard below the closest encloser answers for names that do not exist.
void take_wildcard(const NodeTree& names, NameView name, Target& target) {
  static constexpr std::uint8_t kAsterisk[] = {'*'};
  NameView encloser = name.parent();
  while (!exists(names, encloser)) encloser = encloser.parent();
  auto wildcard = Name::prepend(kAsterisk, encloser);
  if (!wildcard) return;
  if (auto found = names.find(*wildcard); found.exact) take_types(*found.at, target);
}

bool is_letter_or_digit(std::uint8_t c) {
  std::uint8_t l = kLower[c];
  return (l >= 'a' && l <= 'z') || (c >= '0' && c <= '9');
}

bool is_hostname_label(Bytes label) {
  return is_letter_or_digit(label.front()) && is_letter_or_digit(label.back()) &&
         std::all_of(label.begin(), label.end(), [](auto c) { return is_letter_or_digit(c) || c == '-'; });
}

}  // namespace

Target look_up_target(const Zone& zone, NameView relative) {
  const NodeTree& names = zone.names();
  Target target;
  std::size_t labels = relative.label_count();
  for (std::size_t i = 1; i <= labels; ++i) {
    auto above = names.find(relative.suffix(i));
    if (!above.exact) continue;
    target.is_below_cut = (*above.at).has(RrType::NS);
    target.is_alias = !target.is_below_cut && i < labels && (*above.at).has(RrType::DNAME);
    if (target.is_alias) return target;
    if (target.is_below_cut) break;
  }
  auto found = names.find(relative);
  if (found.exact)
    take_types(*found.at, target);
  else if (!target.is_below_cut && !exists(names, relative))
    take_wildcard(names, relative, target);
  return target;
}

bool is_hostname(NameView name) {
  for (NameView rest = name; !rest.is_root(); rest = rest.parent())
    if (!is_hostname_label(rest.first_label())) return false;
  return !name.is_root();
}

bool looks_like_address(NameView name) {
  Bytes first = name.first_label();
  auto hex_or_colon = [](std::uint8_t c) {
    std::uint8_t l = kLower[c];
    return c == ':' || (c >= '0' && c <= '9') || (l >= 'a' && l <= 'f');
  };
  if (std::count(first.begin(), first.end(), ':') >= 2)
    return std::all_of(first.begin(), first.end(), hex_or_colon);
  for (int i = 0; i < 4; ++i, name = name.parent())
    if (!parse_number(as_text(name.first_label()), 255)) return false;
  return true;
}

}  // namespace zw
