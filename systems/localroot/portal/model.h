// The nouns of the portal: what an operator of resolvers has registered, as plain values.
//
// An account (of ground/web; here a number) has TSIG keys and servers. A server has addresses, perhaps a key,
// and zones of which it wants to be told. A target is one address of one server for one zone: the smallest
// thing that is proven, told and paused.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/serial.h"
#include "crypto/secret.h"
#include "dns/address.h"
#include "dns/name.h"
#include "dns/transport.h"
#include "dns/tsig_key.h"
#include "localroot/notify_policy.h"
#include "store/value.h"

namespace zw::localroot::portal {

using AccountId = std::int64_t;
inline constexpr AccountId kNobody = 0;
using KeyId = std::int64_t;
using SecretId = std::int64_t;  // one of the secrets that a key has had; never used again
using ServerId = std::int64_t;
using TargetId = std::int64_t;  // never used again
using ZoneId = std::int64_t;
using DownloadId = std::int64_t;  // a secret URL of a server; never used again

/// What a TSIG key is on the wire. A key has two while it is being rotated.
struct PortalSecret {
  SecretId id = 0;
  std::string name;  // of the key on the wire, with a dot at the end
  TsigAlgorithm algorithm = TsigAlgorithm::hmac_sha256;
  SecretBuffer value;  // octets, not base 64
  Timestamp made_at{};
  std::optional<Timestamp> ends_at{};  // of the older one during a rotation
};

struct PortalKey {
  KeyId id = 0;
  std::string label;
  Timestamp made_at{};
  std::vector<PortalSecret> secrets{};  // the newest first
  std::int64_t servers = 0;             // that use it
};

/// A secret by which one server downloads its zones over HTTPS: a part of the path. It is made of `seed` and
/// the site's key, so that who reads the store alone does not have it.
struct PortalDownload {
  DownloadId id = 0;
  Buffer seed{};
  Timestamp made_at{};
  Buffer hash{};  // that engines know it by
};

/// What an operator says of a server.
struct ServerDraft {
  std::string label;
  std::vector<Address> addresses;
  std::optional<KeyId> key{};
  struct Zone {
    ZoneId zone = 0;
    NotifyPolicy policy = NotifyPolicy::always;
    bool operator==(const Zone&) const = default;
  };
  std::vector<Zone> zones{};
};

/// A zone that may be subscribed to.
struct PortalZone {
  ZoneId id = 0;
  Name name;
  bool offered = true;        // else nobody is told of it, whatever is registered
  bool invited_only = false;  // who may subscribe: everybody, or who was invited
  std::string note;           // for people
  std::int64_t octets = 0;    // of a transfer of the whole; 0: not known
  std::int64_t versions = 0;  // in 30 days; 0: not known
};

/// Who acts, for the event log and to be sure whose things are touched.
struct Act {
  AccountId account = 0;
  std::string_view origin = "local";  // from where: an address, or `local`
  AccountId by = 0;                   // an administrator who acts on it; 0: the account itself
};

struct PortalSettings {
  std::size_t most_keys = 100;           // of an account
  std::size_t most_servers = 1'000;      // of an account
  std::size_t most_addresses = 8;        // of a server
  std::size_t most_zones = 64;           // of a server
  std::string key_domain = "localroot";  // below which the names of keys are made
  Seconds overlap{7 * 86'400};           // of a rotation, unless said otherwise
  bool allow_loopback = false;           // as addresses of servers: for trials on one machine
  SecretBuffer download_key{};           // of which secrets of downloads are made; empty: they cannot be
};

}  // namespace zw::localroot::portal
