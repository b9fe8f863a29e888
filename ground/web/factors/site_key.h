// What a site does with the one key that it keeps: each use has a key of its own, derived from it.
#pragma once

#include "crypto/secret.h"

namespace zw {

/// Of the key of a site, which is drawn by chance and kept as long as its database, by all processes that
/// serve it.
inline constexpr std::size_t kSiteKeyOctets = 32;

enum class SiteKeyUse : std::uint8_t { seals, form_tokens, work_tickets, passkey_challenges, secret_urls };
inline constexpr SiteKeyUse kSiteKeyUses[] = {SiteKeyUse::seals, SiteKeyUse::form_tokens,
                                              SiteKeyUse::work_tickets, SiteKeyUse::passkey_challenges,
                                              SiteKeyUse::secret_urls};

/// 32 octets. `site_key`: at least kSiteKeyOctets.
SecretBuffer key_for(Bytes site_key, SiteKeyUse use);

}  // namespace zw
