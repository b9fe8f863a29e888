// What is known of the addresses of the root servers: where the root may be transferred from, and which
// addresses are no longer theirs. From IANA's root hints, RFC 8806 appendix A, and the announcements of
// changes.
#pragma once

#include <span>
#include <string_view>

#include "dns/address.h"

namespace zw::localroot {

/// A host that permits everybody to transfer the root.
struct PublicSource {
  std::string_view id;    // `b-root`; a word in every language
  std::string_view host;  // for comments: names are never looked up
  std::string_view ipv4, ipv6;
};
/// Those that resolvers name by default as well.
std::span<const PublicSource> public_sources();

enum class Service : std::uint8_t {
  transfers,     // of the root, to everybody
  unclear,       // documents differ
  queries_only,  // transfers are refused
  retired,       // somebody else may have this address now
};

struct KnownAddress {
  std::string_view address;
  std::string_view host;
  Service service;
  std::string_view note;  // of a retired one: since when, and what to use instead
};
/// Null for what is no address of the root servers or their transfer hosts.
const KnownAddress* find_known_address(const IpAddress& address);

}  // namespace zw::localroot
