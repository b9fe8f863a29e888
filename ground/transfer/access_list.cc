#include "transfer/access_list.h"

namespace zw {

std::string_view print(Access access) {
  switch (access) {
    case Access::granted: return "granted";
    case Access::no_rule: return "this address is not allowed";
    case Access::needs_key: return "a TSIG signature is needed";
    case Access::another_key: return "this TSIG key is not allowed";
  }
  return "";
}

Access AccessList::decide(const IpAddress& address, std::optional<NameView> key) const {
  Access access = Access::no_rule;
  for (const AccessRule& rule : rules_) {
    if (rule.from && !rule.from->contains(address)) continue;
    if (!rule.key || (key && *key == rule.key->view())) return Access::granted;
    access = key ? Access::another_key : Access::needs_key;
  }
  return access;
}

}  // namespace zw
