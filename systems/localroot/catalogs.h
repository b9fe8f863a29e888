// The catalogs of one service (RFC 9432): those that we make are offered to their keepers whenever the zones
// that we keep are others, and those that we follow say which zones we keep beside the configured ones. What
// they say becomes a configuration, which the service applies like any other, so that zones come and go in
// one way.
//
// Everything happens on the control loop's thread, except that state is written and removed on the job
// thread.
#pragma once

#include <functional>
#include <map>
#include <set>
#include <vector>

#include "localroot/catalog_config.h"
#include "localroot/keeper.h"
#include "localroot/membership.h"

namespace zw::localroot {

class Catalogs {
 public:
  /// `regroup`: members are others, so that configured() is to be expanded and applied anew; called from the
  /// loop. Reads which members there were.
  Catalogs(const World& world, std::function<void()> regroup);

  struct Expanded {
    Loaded loaded;
    std::vector<CatalogNote> unkept;  // members that cannot be kept, and why
  };
  /// A configuration with all that catalogs add to it: their own zones, and members of those that are
  /// followed.
  Expanded expand(const Loaded& configured) const;
  /// It is applied. State of zones that were removed goes now, behind what their keepers still do.
  void took(Loaded configured, std::vector<CatalogNote> unkept);
  const Loaded& configured() const { return configured_; }

  /// While another process takes over, or we do: nothing is decided, written or removed.
  void set_frozen(bool frozen);
  /// What is kept has changed.
  void look(const std::vector<Keeper*>& keepers);
  void show(Status& status) const;

 private:
  struct Gauges {
    Gauge members, ignored, held;
  };
  // A catalog as it is served, or was when it was last.
  struct Seen {
    ZonePtr zone;
    Catalog content;
  };
  void load();
  void follow(const CatalogConfig& config, const Keeper& keeper);
  void make(const CatalogConfig& config, Keeper& keeper, const std::vector<Keeper*>& keepers);
  std::vector<CatalogMember> members_of(const CatalogConfig& config) const;
  void decide();
  void tell(const MembershipDecision& decision, const std::vector<Membership>& before);
  void forget();
  void forgot(const Name& zone, const Result<void>& removed);
  void save();
  std::vector<CatalogNote> ignored() const;
  std::set<Name> taken() const;
  void ask_to_regroup();
  Gauges& gauges(const Name& catalog);

  World world_;
  std::function<void()> regroup_;
  Loaded configured_;
  std::map<Name, Seen> seen_;
  std::map<Name, Gauges> gauges_;
  std::map<Name, std::string> faults_;  // why a catalog that we make cannot be made
  std::vector<Membership> members_;
  MembershipDecision decision_;      // the last one
  std::vector<CatalogNote> unkept_;  // of members_
  std::set<Name> forgotten_;         // zones whose state goes, and is not begun anew before it has gone
  std::set<Name> going_;             // of them: whose removal is under way
  bool changed_ = false;             // since decide()
  bool frozen_ = false;
  bool regrouping_ = false;
  bool begin_anew_ = false;  // one of those in going_ is a member again
};

}  // namespace zw::localroot
