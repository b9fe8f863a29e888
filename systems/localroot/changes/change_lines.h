// The lines of a change feed (docs/formats/change-feed.md): JSON objects, one a line, first one for a version
// of the zone, then one for each record that was removed or added. Pure.
#pragma once

#include <optional>
#include <string>

#include "base/time.h"
#include "zone/changeset.h"

namespace zw::localroot {

/// Which records a feed keeps, and which a reader is given.
enum class ChangeScope : std::uint8_t {
  none,  // only counted
  data,  // without what each signing changes: RRSIG, NSEC, NSEC3, NSEC3PARAM, ZONEMD and the SOA's serial
  all,
};

struct ChangeCounts {
  std::uint64_t removed = 0, added = 0;
  std::uint64_t sum() const { return removed + added; }
};

/// What a version's first line says.
struct ChangeVersion {
  Name zone;
  std::uint64_t entry = 0;  // numbers the versions of a feed, from 1
  Serial serial;
  std::optional<Serial> previous;  // that the records lead on from; absent: the feed begins anew here
  WallTime published_at{};
  std::string digest_kind, digest;          // of the whole zone, base 16; empty: not known
  ChangeCounts data, signing;               // how much changed, kept or not; see ChangeScope
  ChangeScope records = ChangeScope::none;  // that follow

  /// Nothing changed that more than a new signature would change.
  bool signatures_only() const { return previous && data.sum() == 0; }
  /// How many lines of records follow.
  std::uint64_t lines() const;
};

/// One line with its line feed.
std::string print_version(const ChangeVersion& version);
/// Takes one without its line feed. `malformed` unless print_version() wrote it.
Result<ChangeVersion> parse_version(std::string_view line);

/// Counts what changes.
void count_changes(const Changeset& changes, ChangeVersion& version);
/// Appends a line for each record that `scope` has, those that are removed first. False, and `out` as it was,
/// if that takes more than `most` octets.
bool append_records(std::string& out, const Changeset& changes, ChangeScope scope, std::size_t most);

/// What a record's line says.
struct ChangedRecord {
  bool added = false, signing = false;
  Name owner;
  RrType type{};
  std::uint32_t ttl = 0;
  std::string rr_class, rdata;  // presentation format
};
/// Takes one without its line feed. `malformed` unless append_records() wrote it.
Result<ChangedRecord> parse_record(std::string_view line);
/// `- owner TTL class type RDATA`, or with `+`: as write_changes() (zone/writer.h) tells of changes to
/// people.
std::string print_record(const ChangedRecord& record);
/// The same for a version, as a heading.
std::string print_heading(const ChangeVersion& version);

/// By their first octets, without reading on: the first line of a version; a record that ChangeScope::data
/// leaves out; any line of ours that nothing was cut from.
bool is_version_line(std::string_view line);
bool is_signing_line(std::string_view line);
bool is_whole_line(std::string_view line);

/// Entries have numbers below this, so that every reader of JSON takes them as they are (RFC 8259 §6).
inline constexpr std::uint64_t kMostEntry = (std::uint64_t{1} << 53) - 1;

/// No line is longer, its line feed counted: RDATA of 65,535 octets takes five for each, an owner 255 times
/// five.
inline constexpr std::size_t kMostChangeLine = 400'000;

}  // namespace zw::localroot
