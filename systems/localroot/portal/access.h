// What the workers of a server need of the portal to answer: its TSIG keys, and who may fetch which zone. An
// immutable value, safe for many threads; a change makes another one that shares most with it.
//
// Who has registered an address may fetch from it, before it is proven, since that is how it is proven. Who
// signs by a key may fetch from anywhere what the servers of the key have subscribed to, and who has the
// secret URL of a server may download the same from anywhere.
#pragma once

#include <array>
#include <cstring>
#include <memory>
#include <optional>
#include <vector>

#include "dns/tsig_key.h"
#include "localroot/portal/grants.h"
#include "localroot/portal/policy.h"
#include "web/factors/kept_hash.h"

namespace zw::localroot::portal {

struct SecretIds {
  SecretId secret = 0;
  KeyId key = 0;
};

/// A key as the engine uses it. Shared by all who sign by it, so it lives as long as they need it.
struct FeedKey {
  SecretIds ids;
  TsigKey tsig;
};
using FeedKeyPtr = std::shared_ptr<const FeedKey>;

/// All keys, in pieces by the hash of their name.
class PortalKeys {
 public:
  /// Of this name or of others, never null: what to check a request by that is signed by such a key.
  const TsigKeyring& ring_for(NameView name) const { return pieces_[place_of(name)]->ring; }
  std::optional<SecretIds> find(NameView name) const;
  std::size_t size() const;

  /// Gives these pieces new contents; `keys`: all that there are in them.
  static std::size_t place_of(NameView name) { return hash_of(name) % kPieces; }
  void set(std::size_t place, std::vector<FeedKeyPtr> keys);
  static constexpr std::size_t kPieces = 1024;

 private:
  struct Piece {
    TsigKeyring ring;
    std::vector<SecretIds> ids;  // beside ring.keys()
  };
  static const std::shared_ptr<const Piece>& nothing();
  std::vector<std::shared_ptr<const Piece>> pieces_ =
      std::vector<std::shared_ptr<const Piece>>(kPieces, nothing());
};

/// The secret of a URL as engines know it: its hash, by which it is looked up. Made of 160 random bits, it
/// needs no other.
struct DownloadHash {
  std::array<std::uint8_t, KeptHash::kOctets> octets{};
  static DownloadHash of(std::string_view secret);
  /// From where it was kept; absent if it is none.
  static std::optional<DownloadHash> from(Bytes octets);
  friend auto operator<=>(const DownloadHash&, const DownloadHash&) = default;
};

}  // namespace zw::localroot::portal

template <>
struct std::hash<zw::localroot::portal::DownloadHash> {
  std::size_t operator()(const zw::localroot::portal::DownloadHash& of) const noexcept {
    std::size_t out = 0;
    std::memcpy(&out, of.octets.data(), sizeof out);
    return out;
  }
};

namespace zw::localroot::portal {

struct PortalAccess {
  struct Zone {
    Name name;
    ZoneId id;
  };
  std::vector<Zone> zones;  // that are offered, in order of names
  PortalKeys keys;
  Grants<IpAddress, ZoneId> by_address;
  Grants<KeyId, ZoneId> by_key;
  Grants<ServerId, ZoneId> by_server;
  Grants<DownloadHash, ServerId> downloads;

  std::optional<ZoneId> find_zone(NameView name) const;
  /// `key`: the name of the one whose signature was verified.
  bool may_fetch(NameView zone, const IpAddress& from, std::optional<NameView> key) const;
  /// Whose secret this is, if he may download the zone by it.
  std::optional<ServerId> may_download(NameView zone, std::string_view secret) const;
  /// Whoever asked, as the store is told of it; absent if the zone is none of ours.
  std::optional<Asking> asking(NameView zone, const IpAddress& from, std::optional<NameView> key,
                               Timestamp at) const;
};
using PortalAccessPtr = std::shared_ptr<const PortalAccess>;

}  // namespace zw::localroot::portal
