// A file of a change feed: whole versions, one after another, each a line for itself and lines for its
// records.
#pragma once

#include <vector>

#include "localroot/changes/change_lines.h"
#include "os/descriptor.h"

namespace zw::localroot {

/// Where a version stands, and what is looked for.
struct ChangePlace {
  std::uint64_t entry = 0;
  Serial serial;
  std::optional<Serial> previous;
  WallTime published_at{};
  std::uint64_t segment = 0;  // the first entry of its file
  std::size_t at = 0, octets = 0;
};

/// `00000000000000000042.jsonl`: the first entry of the file. Names sort as their entries do.
std::string segment_name(std::uint64_t first);
/// Absent for other files.
std::optional<std::uint64_t> parse_segment_name(std::string_view name);

/// What is whole in a file.
struct SegmentScan {
  std::vector<ChangePlace> places;
  std::size_t octets = 0;  // of those
  std::string fault;       // of what follows; empty if nothing does
};
/// `first`: its first entry; the others count on from there. `zone`: whose versions they are.
SegmentScan scan_segment(Bytes file, std::uint64_t first, NameView zone);

/// `octets` from `at` of an open file. `malformed` if it is shorter.
Result<std::string> read_at(const Descriptor& file, std::size_t at, std::size_t octets,
                            const std::string& path);

}  // namespace zw::localroot
