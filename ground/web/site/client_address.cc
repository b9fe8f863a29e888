#include "web/site/client_address.h"

#include <algorithm>
#include <optional>

namespace zw {
namespace {

constexpr std::string_view kBlanks = " \t";
constexpr std::size_t kMostElementOctets = 512;

std::string_view trim(std::string_view text) {
  auto begin = text.find_first_not_of(kBlanks);
  return begin == text.npos ? std::string_view()
                            : text.substr(begin, text.find_last_not_of(kBlanks) - begin + 1);
}

/// An address, perhaps with a port (RFC 7239 §6). `unknown` and names that hide somebody are none.
std::optional<IpAddress> parse_node(std::string_view text) {
  if (text.find('@') != text.npos) return std::nullopt;  // as our own configuration writes ports
  auto address = Address::parse(text, 0);
  return address ? std::optional(address->ip) : std::nullopt;
}

bool is_token_character(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
         std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
}

/// Takes `token` or `"quoted"` off the front; absent if it is neither. No address needs an escape in quotes,
/// and a value with one is as good as none.
std::optional<std::string_view> take_value(std::string_view& rest) {
  bool quoted = rest.starts_with('"');
  if (quoted) rest.remove_prefix(1);
  auto end =
      quoted ? rest.find('"')
             : static_cast<std::size_t>(std::ranges::find_if_not(rest, is_token_character) - rest.begin());
  if (end == rest.npos || (!quoted && end == 0)) return std::nullopt;
  std::string_view value = rest.substr(0, end);
  rest.remove_prefix(end + quoted);
  return value.find('\\') == value.npos ? std::optional(value) : std::nullopt;
}

bool is_for(std::string_view name) {
  return name.size() == 3 && (name[0] | 0x20) == 'f' && (name[1] | 0x20) == 'o' && (name[2] | 0x20) == 'r';
}

/// The `for` of `name=value;name=value`. Absent too if it stands there twice, or the rest is no such list: a
/// comma inside quotes, which was taken for the end of an element, shows as that.
std::optional<IpAddress> parse_forwarded_element(std::string_view element) {
  std::optional<std::string_view> node;
  for (std::string_view rest = element;;) {
    auto equals = rest.find('=');
    if (equals == rest.npos || equals == 0) return std::nullopt;
    std::string_view name = rest.substr(0, equals);
    rest.remove_prefix(equals + 1);
    auto value = take_value(rest);
    if (!value || !std::ranges::all_of(name, is_token_character)) return std::nullopt;
    if (is_for(name) && std::exchange(node, value)) return std::nullopt;
    if (rest.empty()) break;
    if (!rest.starts_with(';')) return std::nullopt;
    rest.remove_prefix(1);
  }
  return node ? parse_node(*node) : std::nullopt;
}

}  // namespace

bool ProxyTrust::trusts(const IpAddress& ip) const {
  return std::ranges::any_of(proxies, [&](const Network& network) { return network.contains(ip); });
}

IpAddress client_behind(const IpAddress& peer, std::string_view field, const ProxyTrust& trust) {
  if (!trust.trusts(peer)) return peer;
  for (std::size_t i = 0; i < kMostProxies && !field.empty(); ++i) {
    auto comma = field.rfind(',');
    std::string_view element = trim(comma == field.npos ? field : field.substr(comma + 1));
    if (element.size() > kMostElementOctets) return peer;
    auto ip = trust.field == ProxyField::forwarded ? parse_forwarded_element(element) : parse_node(element);
    if (!ip) return peer;
    if (!trust.trusts(*ip)) return *ip;
    field = field.substr(0, comma == field.npos ? 0 : comma);
  }
  return peer;
}

}  // namespace zw
