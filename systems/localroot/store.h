// The last good copy of each zone on disk, with its evidence: NAME.zone in the binary form of
// core/zone/writer.h and NAME.json, each replaced whole (a kill at any moment leaves the old or the new one).
// What is loaded is verified again before it is used.
#pragma once

#include <optional>
#include <string>

#include "localroot/evidence.h"
#include "zone/zone.h"

namespace zw::localroot {

class ZoneStore {
 public:
  /// The folder exists and is ours alone (FolderLock).
  explicit ZoneStore(std::string folder) : folder_(std::move(folder)) {}

  struct Stored {
    ZonePtr zone;
    std::optional<Evidence> evidence;  // absent if it is lost or belongs to another version
  };
  /// `not_found` if there is no copy, `malformed` if it is broken.
  Result<Stored> load(NameView origin) const;
  Result<void> save(const Zone& zone, const Evidence& evidence) const;
  /// When the same version was confirmed again.
  Result<void> save_evidence(const Evidence& evidence) const;

  /// All that is kept of a zone goes: copy, evidence, history, log and change feed.
  Result<void> forget(NameView origin) const;

  /// Which zones are kept because of catalogs (membership.h).
  std::string members_file() const { return folder_ + "/members"; }

  /// Where the history of a zone is kept (journal.h).
  std::string journal_folder(NameView origin) const { return path(origin, ".journal"); }

  /// Its change feed (changes/change_feed.h).
  std::string changes_folder(NameView origin) const { return path(origin, ".changes"); }

  /// Its publication log (publication_log.h).
  std::string log_file(NameView origin) const { return path(origin, ".log"); }

  /// `ROOT` for the root, else the name in lower case without its final dot; octets other than letters,
  /// digits, `-`, `_` and `.` as %XX.
  static std::string file_name(NameView origin);

 private:
  std::string path(NameView origin, std::string_view suffix) const;
  std::string folder_;
};

}  // namespace zw::localroot
