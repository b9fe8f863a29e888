// What goes between the service and its portal: who is told and who may fetch comes from there, what
// subscribers did and what we serve goes there. On the loop's thread, unless it says otherwise.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "localroot/announcer.h"
#include "localroot/config.h"
#include "localroot/keeper.h"
#include "localroot/portal/portal.h"

namespace zw::localroot {

class PortalLink final : private portal::PortalEngine {
 public:
  struct World {
    Loop& loop;
    const Clock& clock;
    Logger& log;
    Metrics& metrics;
  };
  struct Calls {
    std::function<Announcer*(NameView zone)> find;  // null if the zone is not kept
    std::function<void(const std::function<void(Announcer&)>&)> each;
    std::function<void()> access_changed;
  };
  PortalLink(const World& world, Calls calls)
      : world_(world), calls_(std::move(calls)), open_timer_(world.loop, [this] { open(); }) {}

  /// Makes the portal that the configuration says; the one that is there stays if nothing of it has changed.
  /// `opens`: its pages at once, else open() does. If it fails there is none; but where it is the database
  /// that cannot be reached, it is tried again until it can, and meanwhile all else goes on.
  Result<void> configure(const Loaded& loaded, bool opens);
  /// Opens the pages, as soon as the process before us has closed its own.
  void open();
  void close();
  std::vector<Address> listening() const;
  /// Whether there is nothing to wait for before we answer: there is no portal, or it was heard of.
  bool is_settled() const { return !portal_ || access_; }

  /// For the workers; null if nobody may do anything by it.
  const portal::PortalAccessPtr& access() const { return access_; }
  /// The announcers are others now: they are told everything once more.
  void repeat();

  /// A subscriber, or somebody else, asked for a zone.
  void heard(NameView zone, const Fetch& fetch, const Announcer& announcer);
  /// A server downloaded a version by its secret URL, or looked and had it.
  void downloaded(const portal::Downloaded& what);
  /// Whether zones are downloaded by secret URLs of the portal, if they are on offer there.
  bool offers_downloads(NameView zone) const;
  /// A subscriber was told of a version, and answered or did not.
  void told(NameView zone, const Announcer::Told& told);
  /// What is served now, for the pages. In the order of `keepers`.
  void show(const Loaded& loaded, const std::vector<const Keeper*>& keepers);

 private:
  using Made = Result<std::unique_ptr<portal::Portal>>;
  Made make();
  void try_again();
  void tried(Made made);
  void take(portal::PortalNews news) override;  // on the portal's thread
  void took(portal::PortalNews& news);
  void forget() const;
  void note_lag(portal::Report& report, const Announcer& announcer) const;
  portal::ServiceFactsPtr facts() const;  // on any thread

  World world_;
  Calls calls_;
  mutable std::mutex facts_mutex_;
  portal::ServiceFactsPtr facts_ = std::make_shared<const portal::ServiceFacts>();
  // What it was made by, or is to be.
  portal::PortalConfig config_;
  std::string state_, settings_;
  bool has_downloads_ = false;
  HttpsIdentityPtr identity_;
  bool opens_ = false;
  portal::PortalAccessPtr access_;  // null: nothing was heard of it yet
  std::vector<IpAddress> source_;   // to tell from
  Timer open_timer_;
  int open_tries_ = 0;
  Timer again_{world_.loop, [this] { try_again(); }};
  std::uint64_t tries_ = 0;
  LogRate refused_reports_{100, Milliseconds(50)};
  LogRate download_reports_{1000, Milliseconds(5)};
  std::unique_ptr<portal::Portal> portal_;  // its threads use the others
  std::jthread trier_;                      // likewise: makes one, which may take long
};

}  // namespace zw::localroot
