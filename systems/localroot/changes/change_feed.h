// What changed in a zone, version by version, for those who study it: kept as lines (change_lines.h) in files
// in a folder of its own, bounded in octets, versions and age; the oldest go first, a file at a time.
//
// Each version is on disk when append() returns. A kill at any moment loses at most the version that was
// being written: what is there of it is cut off by open(), and catch_up() writes it again from the journal.
//
// One thread of one process writes; any number of threads read meanwhile, also of other processes (by
// open_to_read()). Readers see whole versions only.
#pragma once

#include <deque>
#include <limits>
#include <mutex>

#include "localroot/changes/change_segment.h"
#include "transfer/journal.h"

namespace zw::localroot {

struct ChangeFeedSettings {
  std::size_t octets = 64 << 20;  // at least 1 MiB
  std::size_t versions = 20'000;
  Seconds age = std::chrono::days(90);
  ChangeScope keeps = ChangeScope::data;
};

/// What is known of a version beside its changes.
struct PublishedVersion {
  WallTime at{};
  std::string digest_kind, digest;  // Evidence has them; empty if nobody knows
};

/// Where a reader is: before an octet of a version. Octets of entry 0: before the oldest that is kept.
struct ChangePosition {
  std::uint64_t entry = 0, octet = 0;
  friend auto operator<=>(const ChangePosition&, const ChangePosition&) = default;
};
/// `42`, or `42.1000` in the midst of a version.
std::string print(ChangePosition position);
/// Absent for anything else.
std::optional<ChangePosition> parse_position(std::string_view text);

struct ChangeQuery {
  ChangePosition from;
  std::uint64_t last = std::numeric_limits<std::uint64_t>::max();  // entry
  std::size_t most = 1 << 20;                                      // octets; one line is given in any case
  ChangeScope scope = ChangeScope::data;
};
struct ChangePage {
  std::string lines;
  ChangePosition next;
  bool more = false;  // after this
};

/// What a feed holds.
struct ChangeExtent {
  std::optional<ChangePlace> oldest, newest;
  std::size_t versions = 0, octets = 0;
};

class ChangeFeed {
 public:
  /// The folder is made when there is something to keep.
  ChangeFeed(NameView zone, std::string folder, ChangeFeedSettings settings = {});

  /// Looks what there is and cuts off what is no whole version. append() and the others call it if nobody
  /// did. `fault`: what was damaged, for people; the versions behind that place are lost up to the end of its
  /// file.
  Result<void> open(std::string* fault = nullptr);
  /// The same without changing anything, beside a process that writes. Call it again for what came since.
  Result<void> open_to_read();

  /// Notes what led to a version. One that was noted last is not noted twice. After a failure the next call
  /// begins with open().
  Result<void> append(const Changeset& changes, const PublishedVersion& published);
  /// Notes a version of which nobody knows what led to it.
  Result<void> begin(Serial serial, const PublishedVersion& published);
  /// `newest` is published in place of `before`, which is null if there was none: one of the two above.
  Result<void> note(const ZonePtr& before, const Zone& newest, const PublishedVersion& version);
  /// `newest` was loaded from disk, `journal` is open: notes what was published and is not in the feed yet.
  /// Only the newest version gets all of `version`; those before it have its time, and the digest of their
  /// ZONEMD.
  Result<void> catch_up(const Journal& journal, const ZonePtr& newest, const PublishedVersion& version);

  NameView zone() const { return zone_; }
  ChangeExtent extent() const;
  /// Where to read on for who has this version: at the end for one that is newer than all. `not_found` if the
  /// feed does not reach back to it.
  Result<ChangePosition> after(Serial serial) const;
  /// `not_found` if the position is before what is kept or beyond its end, `malformed` if it is in the midst
  /// of a line. Reads eight times `most` at most, so that a page may be empty though there is more.
  Result<ChangePage> read(const ChangeQuery& query) const;

 private:
  Result<void> scan(bool mend, std::string* fault);
  Result<void> write(ChangeVersion version, const std::string& records);
  Result<void> make_room(std::size_t octets, WallTime now);
  Result<void> write_lines(const ChangeVersion& version, const std::string& text);
  bool is_full(std::size_t octets, WallTime now) const;
  Result<void> forget_oldest();
  std::size_t octets() const;
  std::string path(std::uint64_t segment) const { return folder_ + "/" + segment_name(segment); }
  std::optional<ChangePlace> find(std::uint64_t entry) const;

  Name zone_;
  std::string folder_;
  ChangeFeedSettings settings_;

  // Of the thread that writes.
  bool opened_ = false;
  Descriptor file_;         // of the newest segment, if it is open
  std::uint64_t next_ = 1;  // entry
  struct Segment {
    std::uint64_t first;
    std::size_t octets;
  };
  std::deque<Segment> segments_;  // the oldest first

  mutable std::mutex mutex_;        // for what follows
  std::deque<ChangePlace> places_;  // the oldest first
};

}  // namespace zw::localroot
