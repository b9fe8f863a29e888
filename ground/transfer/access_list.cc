#include "transfer/access_list.h"

#include <algorithm>

namespace zw {
namespace {

// Names of the DNS in a certificate: letter case is nothing, and a wildcard is no client.
bool same_name(std::string_view a, std::string_view b) {
  auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [&](char x, char y) { return lower(x) == lower(y); });
}

// How far who asks comes with one rule for its address.
Access decide_by(const AccessRule& rule, const Asker& asker) {
  if ((rule.tls || !rule.tls_client.empty()) && !asker.tls) return Access::needs_tls;
  if (!rule.tls_client.empty()) {
    if (asker.tls->names.empty()) return Access::needs_certificate;
    const auto& names = asker.tls->names;
    if (std::none_of(names.begin(), names.end(),
                     [&](const std::string& name) { return same_name(name, rule.tls_client); }))
      return Access::another_certificate;
  }
  if (!rule.key || (asker.key && *asker.key == rule.key->view())) return Access::granted;
  return asker.key ? Access::another_key : Access::needs_key;
}

}  // namespace

std::string_view print(Access access) {
  switch (access) {
    case Access::granted: return "granted";
    case Access::no_rule: return "this address is not allowed";
    case Access::needs_key: return "a TSIG signature is needed";
    case Access::another_key: return "this TSIG key is not allowed";
    case Access::needs_tls: return "clear text is not allowed, TLS is";
    case Access::needs_certificate: return "a client certificate is needed";
    case Access::another_certificate: return "this client certificate is not allowed";
  }
  return "";
}

Access AccessList::decide(const Asker& asker) const {
  Access access = Access::no_rule;
  for (const AccessRule& rule : rules_) {
    if (rule.from && !rule.from->contains(asker.address)) continue;
    access = decide_by(rule, asker);
    if (access == Access::granted) break;
  }
  return access;
}

}  // namespace zw
