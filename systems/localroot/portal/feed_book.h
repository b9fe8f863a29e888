// What an engine has of the portal, kept up to date row by row: whom it tells, by which key, and who may
// fetch. Pure; one thread at a time.
//
// However many claims there are on a place, an address and port for a zone, at most one is told
// (portal/policy.h). Several engines may share the telling: each has the places whose address falls to it.
#pragma once

#include <memory>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "localroot/portal/access.h"
#include "localroot/portal/policy.h"

namespace zw::localroot::portal {

/// Whom to tell, and how.
struct FeedTarget {
  Address address;
  TargetId id = 0;
  FeedKeyPtr key;  // null: unsigned
  NotifyPolicy policy = NotifyPolicy::always;
  std::optional<Serial> heard{};  // the newest version that it is known to have, or to have heard of
};

/// Of one zone: who is to be told from now on, or otherwise than before, and which places no more.
struct FeedChange {
  Name zone;
  std::vector<FeedTarget> told;
  std::vector<Address> gone;
};

/// Which of several engines this is.
struct FeedShare {
  unsigned number = 0, of = 1;
  bool has(const IpAddress& ip) const;
};

/// A target as engines need it.
struct FeedRow {
  TargetId id = 0;
  ServerId server = 0;
  Claim claim;
  NotifyPolicy policy = NotifyPolicy::always;
  bool enabled = true;
  bool active = false;               // may be told
  bool silent = false;               // did not answer the last time
  std::optional<SecretId> secret{};  // that it was proven by; absent: unsigned
  std::optional<Serial> heard{};     // FeedTarget; as it was when the row was read
};

class FeedBook {
 public:
  explicit FeedBook(FeedShare share = {}) : share_(share) {}

  /// Room for so many targets.
  void reserve(std::size_t targets);
  void set_zones(const std::vector<PortalZone>& zones);
  void set_secret(const FeedKeyPtr& key);
  void drop_secret(SecretId secret);
  void set_download(DownloadId id, const DownloadHash& hash, ServerId server);
  void drop_download(DownloadId id);
  void set_target(const FeedRow& row);
  void drop_target(TargetId target);

  /// What has changed since this was last called.
  std::vector<FeedChange> take_changes();
  /// Everybody who is told, as of take_changes(): for an engine that begins anew.
  std::vector<FeedChange> all() const;
  /// For the workers, as of take_changes(); the same pointer if nothing has changed for them.
  PortalAccessPtr access();

  std::size_t targets() const { return index_.size(); }
  std::size_t told() const { return told_; }

 private:
  static constexpr std::uint32_t kNone = ~std::uint32_t{0};
  struct Place {
    IpAddress ip;
    std::uint16_t port;
    ZoneId zone;
    friend bool operator==(const Place&, const Place&) = default;
  };
  struct PlaceHash {
    std::size_t operator()(const Place& place) const {
      std::size_t mixed =
          std::hash<IpAddress>()(place.ip) ^ static_cast<std::size_t>(place.zone) << 16 ^ place.port;
      return mixed * 0x9e3779b97f4a7c15u;
    }
  };
  struct Told {
    TargetId target = 0;  // 0: nobody
    SecretId secret = 0;
    NotifyPolicy policy = NotifyPolicy::always;
    friend bool operator==(const Told&, const Told&) = default;
  };
  struct Spot {
    std::uint32_t first = kNone;  // of the rows at this place
    bool dirty = false;
    Told told;
  };
  struct Kept {
    FeedRow row;
    std::uint32_t next = kNone;
  };

  static Place place_of(const Claim& claim) { return {claim.ip, claim.port, claim.zone}; }
  void link(std::uint32_t at);
  void unlink(std::uint32_t at);
  void grant(const FeedRow& row, bool given);
  void touch(const Place& place, Spot& spot);
  Told choose(const Spot& spot) const;
  FeedTarget target_of(const Place& place, const Told& told) const;
  bool is_offered(ZoneId zone) const;

  FeedShare share_;
  std::unordered_map<ZoneId, PortalZone> zones_;
  std::unordered_map<SecretId, FeedKeyPtr> secrets_;
  std::vector<Kept> rows_;
  std::vector<std::uint32_t> free_;
  std::unordered_map<TargetId, std::uint32_t> index_;
  std::unordered_map<Place, Spot, PlaceHash> spots_;
  std::vector<Place> dirty_;
  std::size_t told_ = 0;

  std::unordered_set<std::size_t> dirty_keys_;  // pieces of PortalKeys
  std::vector<std::unordered_set<SecretId>> keys_at_ =
      std::vector<std::unordered_set<SecretId>>(PortalKeys::kPieces);
  Grants<IpAddress, ZoneId>::Changes by_address_;
  Grants<KeyId, ZoneId>::Changes by_key_;
  Grants<ServerId, ZoneId>::Changes by_server_;
  std::unordered_map<DownloadId, std::pair<DownloadHash, ServerId>> downloads_;
  Grants<DownloadHash, ServerId>::Changes by_download_;
  bool other_zones_ = false;
  PortalAccessPtr access_ = std::make_shared<const PortalAccess>();
};

}  // namespace zw::localroot::portal
