// The zones that we serve as files to download over HTTPS: text, gzip and Zstandard, made once for each
// version.
//
// Everything happens on the control loop's thread, except making the files, which the job thread does, and
// counting and logging, which the listener's threads do.
#pragma once

#include <array>
#include <map>

#include "localroot/config.h"
#include "localroot/keeper.h"
#include "localroot/portal/access.h"
#include "localroot/portal/reports.h"
#include "web/download_server.h"

namespace zw::localroot {

/// What there is of a zone.
struct DownloadSource {
  const ZoneConfig* config;
  ZonePtr zone;               // null: it is not served
  WallTime since{};           // when this version was verified
  bool is_on_portal = false;  // who has a secret URL of the portal may download it
};

/// All forms of a version. Fails with `limit` if the text is larger than `most` octets.
Result<DownloadFilePtr> make_download(const Zone& zone, WallTime since, std::size_t most);

class Downloads {
 public:
  /// `changed`: a version is ready that was not when show() came back. `downloaded`: by a URL of the portal.
  Downloads(const World& world, std::function<void()> changed,
            std::function<void(const portal::Downloaded&)> downloaded);

  /// With `threads` for each address. If it fails all is as it was.
  Result<void> listen(const Loaded& loaded, std::size_t threads);
  std::vector<Address> listening() const { return server_.listening(); }

  /// What is served now; `access`: for those on the portal, null if there is none. A new version is made if
  /// somebody may download it, and takes the place of the one before when it is ready.
  void show(const std::vector<DownloadSource>& sources, const portal::PortalAccessPtr& access);
  /// The version of this zone, or of any, that is served is not ready yet.
  bool is_making(NameView zone) const;
  bool is_making() const;

  void drain(Milliseconds linger, std::function<void()> drained) {
    server_.drain(linger, std::move(drained));
  }
  void stop(Milliseconds grace) { server_.stop(grace); }

 private:
  struct Entry {
    std::vector<DownloadConfig> downloads;
    ZonePtr wanted;  // the version that is served, or was last
    bool is_on_portal = false, is_served = false, is_making = false;
    DownloadFilePtr file;  // of that version, or the one before while it is made
  };
  void make(const Name& name, Entry& entry, const DownloadSource& source);
  void made(const Name& name, const ZonePtr& zone, const Result<DownloadFilePtr>& file, Milliseconds took);
  void show_catalogue();
  void show_sizes(const Name& name, const DownloadFile* file);
  void ended(const DownloadEnded& ended);
  void tell_portal(const DownloadEnded& ended);

  World world_;
  std::function<void()> changed_;
  std::function<void(const portal::Downloaded&)> downloaded_;
  portal::PortalAccessPtr access_;
  std::map<Name, Entry> entries_;
  LogRate lines_{100, Milliseconds(100)};
  std::array<Counter, 8> results_;
  std::array<Counter, kContentCodings> sent_;
  DownloadServer server_;  // last: its threads use the others
};

}  // namespace zw::localroot
