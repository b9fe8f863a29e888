#include "web/factors/site_key.h"

#include "crypto/derived_key.h"

namespace zw {
namespace {

// Kept for ever: another label makes what was sealed unreadable.
std::string_view label(SiteKeyUse use) {
  switch (use) {
    case SiteKeyUse::seals: return "zonewright site: seals";
    case SiteKeyUse::form_tokens: return "zonewright site: form tokens";
    case SiteKeyUse::work_tickets: return "zonewright site: work tickets";
    case SiteKeyUse::passkey_challenges: return "zonewright site: passkey challenges";
    case SiteKeyUse::secret_urls: return "zonewright site: secret URLs";
  }
  return "";
}

}  // namespace

SecretBuffer key_for(Bytes site_key, SiteKeyUse use) { return derive_key(site_key, label(use)); }

}  // namespace zw
