#include "localroot/portal/pages/server_form.h"

#include <algorithm>

#include "dns/address_text.h"
#include "format/utf8.h"
#include "localroot/portal/pages/words.h"

namespace zw::localroot::portal {
namespace {

constexpr std::size_t kMostLines = 100, kMostShown = 60;

std::string_view trim(std::string_view text) {
  auto begin = text.find_first_not_of(" \t\r,");
  if (begin == text.npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t\r,") - begin + 1);
}

std::string fault_of(std::string_view word, bool has_key, const PortalSettings& settings, Address& out) {
  auto address = Address::parse(word, kDnsPort);
  if (!address)
    return fmt::format("{} is no IP address. Write 192.0.2.53 or 2001:db8::53, without a name or a network.",
                       quote_foreign(word, kMostShown));
  out = *address;
  auto good = check_address(out, has_key, settings.allow_loopback);
  return good ? "" : sentence(good.error().what);
}

void read_key(std::string_view text, const std::vector<PortalKey>& keys, ReadDraft& out) {
  if (text.empty() || text == "none") return;
  auto id = parse_number(text, INT64_MAX);
  out.draft.key = static_cast<KeyId>(id.value_or(0));
  if (std::ranges::find(keys, *out.draft.key, &PortalKey::id) == keys.end())
    out.faults.emplace_back("key", "Choose one of your keys, or none.");
}

void read_zones(const WebFields& form, const std::vector<PortalZone>& zones, const PortalSettings& settings,
                ReadDraft& out) {
  for (const PortalZone& zone : zones) {
    std::string_view text = form.get(fmt::format("zone-{}", zone.id));
    if (text.empty() || text == "no") continue;
    auto policy = parse_number(text, kNotifyPolicies - 1);
    if (!policy) {
      out.faults.emplace_back("zones", "Choose one of what is offered for each zone.");
      return;
    }
    out.draft.zones.push_back({zone.id, static_cast<NotifyPolicy>(*policy)});
  }
  if (out.draft.zones.empty()) out.faults.emplace_back("zones", "Choose at least one zone.");
  if (out.draft.zones.size() > settings.most_zones)
    out.faults.emplace_back("zones", fmt::format("Choose at most {} zones.", settings.most_zones));
}

}  // namespace

ReadAddresses read_addresses(std::string_view text, bool has_key, const PortalSettings& settings) {
  ReadAddresses out;
  for (std::size_t line = 1; !text.empty() && line <= kMostLines; ++line) {
    auto end = std::min(text.find('\n'), text.size());
    std::string_view word = trim(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    if (word.empty()) continue;
    Address address;
    if (std::string fault = fault_of(word, has_key, settings, address); !fault.empty())
      out.faults += fmt::format("{}Line {}: {}", out.faults.empty() ? "" : " ", line, fault);
    else
      out.addresses.push_back(address);
  }
  std::size_t most = settings.most_addresses;
  if (out.faults.empty() && out.addresses.empty())
    out.faults = "Give at least one address that the server asks us from.";
  else if (out.faults.empty() && (out.addresses.size() > most || !text.empty()))
    out.faults = fmt::format("Give at most {} addresses; there are {}.", most, out.addresses.size());
  return out;
}

ReadDraft read_draft(const WebFields& form, const std::vector<PortalKey>& keys,
                     const std::vector<PortalZone>& zones, const PortalSettings& settings) {
  ReadDraft out;
  out.draft.label = std::string(form.get("label"));
  if (auto label = check_label(out.draft.label); !label)
    out.faults.emplace_back("label", sentence(label.error().what));
  read_key(form.get("key"), keys, out);
  ReadAddresses read = read_addresses(form.get("addresses"), out.draft.key.has_value(), settings);
  if (!read.faults.empty()) out.faults.emplace_back("addresses", std::move(read.faults));
  out.draft.addresses = std::move(read.addresses);
  read_zones(form, zones, settings, out);
  return out;
}

}  // namespace zw::localroot::portal
