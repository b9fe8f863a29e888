// Service parameters of SVCB and HTTPS in text (RFC 9460 §2.1 and appendix A).
#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "base/encoding.h"
#include "dns/address_text.h"
#include "dns/rdata_text.h"

namespace zw {
namespace {

enum Key : std::uint16_t {
  kMandatory,
  kAlpn,
  kNoDefaultAlpn,
  kPort,
  kIpv4Hint,
  kEch,
  kIpv6Hint,
  kDohPath,
  kOhttp,
  kTlsSupportedGroups
};
constexpr std::string_view kKeys[] = {
    "mandatory", "alpn",     "no-default-alpn", "port",  "ipv4hint",
    "ech",       "ipv6hint", "dohpath",         "ohttp", "tls-supported-groups"};

std::optional<std::uint16_t> parse_key(std::string_view text) {
  for (std::size_t i = 0; i < std::size(kKeys); ++i)
    if (kKeys[i] == text) return static_cast<std::uint16_t>(i);
  if (!text.starts_with("key")) return std::nullopt;
  auto number = parse_number(text.substr(3), 65534);
  bool canonical = number && (text.size() == 4 || text[3] != '0');
  return canonical ? std::optional(static_cast<std::uint16_t>(*number)) : std::nullopt;
}

std::string print_key(std::uint16_t key) {
  return key < std::size(kKeys) ? std::string(kKeys[key]) : fmt::format("key{}", key);
}

// The items of a comma-separated list; "\," and "\\" stand for a comma and a backslash in an item.
std::vector<std::string> split_list(std::string_view text) {
  std::vector<std::string> items(1);
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\' && i + 1 < text.size()) {
      items.back().push_back(text[++i]);
    } else if (text[i] == ',') {
      items.emplace_back();
    } else {
      items.back().push_back(text[i]);
    }
  }
  return items;
}

// `value`: what is behind the equals sign, unescaped once. Returns why it is wrong, or nothing.
const char* compose_value(std::uint16_t key, bool has_value, const std::string& value, Buffer& out) {
  bool none = key == kNoDefaultAlpn || key == kOhttp;
  if (none) return has_value ? "this parameter has no value" : nullptr;
  bool must_have = key <= kTlsSupportedGroups;
  if (must_have && value.empty()) return "this parameter needs a value";
  switch (key) {
    case kMandatory: {
      std::vector<std::uint16_t> keys;
      for (const std::string& item : split_list(value)) {
        auto one = parse_key(item);
        if (!one || *one == kMandatory) return "mandatory is a list of other keys";
        keys.push_back(*one);
      }
      std::sort(keys.begin(), keys.end());
      if (std::adjacent_find(keys.begin(), keys.end()) != keys.end()) return "mandatory names a key twice";
      for (std::uint16_t one : keys) append16(out, one);
      return nullptr;
    }
    case kAlpn:
      for (const std::string& item : split_list(value)) {
        if (item.empty() || item.size() > 255) return "a protocol is 1 to 255 octets";
        append8(out, static_cast<std::uint8_t>(item.size()));
        append(out, as_bytes(item));
      }
      return nullptr;
    case kPort: {
      auto port = parse_number(value, 65535);
      if (!port) return "a port is a number up to 65535";
      append16(out, static_cast<std::uint16_t>(*port));
      return nullptr;
    }
    case kIpv4Hint:
    case kIpv6Hint:
      for (const std::string& item : split_list(value)) {
        std::uint8_t address[16];
        bool v4 = key == kIpv4Hint;
        if (!(v4 ? parse_ipv4(item, address) : parse_ipv6(item, address)))
          return "a hint is a list of addresses";
        append(out, {address, v4 ? 4u : 16u});
      }
      return nullptr;
    case kEch: return decode_base64(value, out) ? nullptr : "ech is base 64";
    case kTlsSupportedGroups:
      for (const std::string& item : split_list(value)) {
        auto group = parse_number(item, 65535);
        if (!group) return "a group is a number up to 65535";
        append16(out, static_cast<std::uint16_t>(*group));
      }
      return nullptr;
    default: append(out, as_bytes(value)); return nullptr;
  }
}

// An item of a list: first escaped for the list, then for the string (RFC 9460 appendix A.1).
std::string escape_item(Bytes item) {
  std::string out;
  for (std::uint8_t c : item) {
    if (c == ',' || c == '\\') out.push_back('\\');
    out.push_back(static_cast<char>(c));
  }
  return out;
}

void append_value(std::string& out, std::uint16_t key, Bytes value) {
  std::string list;
  auto item = [&](std::string_view text) {
    if (!list.empty()) list.push_back(',');
    list += text;
  };
  switch (key) {
    case kMandatory:
      for (std::size_t i = 0; i + 1 < value.size(); i += 2) item(print_key(get16(&value[i])));
      break;
    case kAlpn:
      for (std::size_t i = 0; i < value.size(); i += value[i] + 1u)
        item(escape_item(value.subspan(i + 1, value[i])));
      append_quoted(out, as_bytes(list));
      return;
    case kPort: list = fmt::format("{}", get16(value.data())); break;
    case kIpv4Hint:
    case kIpv6Hint:
      for (std::size_t i = 0, step = key == kIpv4Hint ? 4 : 16; i < value.size(); i += step) {
        std::string address;
        key == kIpv4Hint ? append_print_ipv4(address, &value[i]) : append_print_ipv6(address, &value[i]);
        item(address);
      }
      break;
    case kEch: append_base64(list, value); break;
    case kTlsSupportedGroups:
      for (std::size_t i = 0; i + 1 < value.size(); i += 2) item(fmt::format("{}", get16(&value[i])));
      break;
    default: append_quoted(out, value); return;
  }
  out += list;
}

}  // namespace

bool RdataReader::params() {
  std::map<std::uint16_t, Buffer> values;
  for (;;) {
    Token token;
    if (!take_optional(token)) return false;
    if (!token.is_text()) break;
    std::size_t equals = token.text.find('=');
    bool has_value = equals != token.text.npos;
    auto key = parse_key(token.text.substr(0, equals));
    if (!key) return fail_at(token.text, "expected a service parameter such as alpn=h2 or key65000=value");
    std::string_view raw = has_value ? token.text.substr(equals + 1) : std::string_view{};
    if (raw.size() >= 2 && raw.starts_with('"') && raw.ends_with('"')) raw = raw.substr(1, raw.size() - 2);
    std::string value;
    if (!append_unescaped(value, raw)) return fail_at(token.text, "an escape is \\X or \\DDD up to \\255");
    Buffer wire;
    if (const char* why = compose_value(*key, has_value, value, wire)) return fail_at(token.text, why);
    if (wire.size() > 65535) return fail_at(token.text, "the value is longer than 65535 octets");
    if (!values.emplace(*key, std::move(wire)).second) return fail_at(token.text, "this key stands twice");
  }
  for (auto& [key, wire] : values)
    if (!put_number(key, 2) || !put_number(wire.size(), 2) || !put(wire)) return false;
  return true;
}

void append_print_params(std::string& out, Bytes params) {
  while (params.size() >= 4) {
    std::uint16_t key = get16(params.data());
    std::size_t length = get16(&params[2]);
    out.push_back(' ');
    out += print_key(key);
    if (length > 0 || key == kAlpn) {
      out.push_back('=');
      append_value(out, key, params.subspan(4, length));
    }
    params = params.subspan(4 + length);
  }
}

}  // namespace zw
