// For tests of this folder.
#pragma once

#include <vector>

#include "dns/rdata.h"
#include "localroot/changes/change_feed.h"
#include "os/temporary_folder.h"
#include "zone/builder.h"

namespace zw::localroot::testing {

inline const WallTime kBegin = *parse_time("2026-08-01T00:00:00Z");

/// Lines without their line feeds.
inline std::vector<std::string> split(std::string_view lines) {
  std::vector<std::string> out;
  while (!lines.empty()) {
    out.emplace_back(lines.substr(0, lines.find('\n')));
    lines.remove_prefix(out.back().size() + 1);
  }
  return out;
}

inline Buffer soa(std::uint32_t serial, std::uint32_t refresh = 1800) {
  return *parse_rdata(RrType::SOA,
                      fmt::format("ns.example. host.example. {} {} 900 604800 300", serial, refresh));
}
/// From one serial to another: `records` addresses come, and a signature with them.
inline Changeset step(std::uint32_t from, std::uint32_t to, std::size_t records = 1) {
  Name zone = *Name::parse("example.");
  Changeset out(zone);
  out.from = Serial(from);
  out.to = Serial(to);
  out.remove(zone, RrType::SOA, 300, soa(from));
  out.add(zone, RrType::SOA, 300, soa(to));
  for (std::size_t i = 0; i < records; ++i)
    out.add(*Name::parse(fmt::format("a{}-{}.example.", to, i)), RrType::A, 60, Buffer{192, 0, 2, 1});
  out.add(
      zone, RrType::RRSIG, 300,
      *parse_rdata(RrType::RRSIG,
                   fmt::format("SOA 8 1 300 20260820000000 20260801000000 {} example. AAAA", to % 65536)));
  out.sort();
  return out;
}

/// A feed in a folder of its own.
struct FeedStory {
  explicit FeedStory(ChangeFeedSettings with = {}) : settings(with) {}
  ChangeFeed feed() const { return {*Name::parse("example."), folder / "example.changes", settings}; }
  PublishedVersion at(std::int64_t hours) const {
    return {kBegin + std::chrono::hours(hours), "SHA-384", "AB"};
  }
  /// Versions `first` + 1 to `last`, an hour between them.
  void fill(ChangeFeed& out, std::uint32_t first, std::uint32_t last, std::size_t records = 1) const {
    for (std::uint32_t serial = first; serial < last; ++serial)
      ZW_ASSERT(out.append(step(serial, serial + 1, records), at(serial)));
  }
  TemporaryFolder folder;
  ChangeFeedSettings settings;
};

/// All that a feed gives, page by page.
inline std::string read_all(const ChangeFeed& feed, ChangePosition from = {}, std::size_t most = 1 << 20,
                            ChangeScope scope = ChangeScope::data) {
  std::string out;
  for (ChangePage page{"", from, true}; page.more;) {
    auto next = feed.read({page.next, std::numeric_limits<std::uint64_t>::max(), most, scope});
    ZW_ASSERT(next);
    page = std::move(*next);
    out += page.lines;
  }
  return out;
}

}  // namespace zw::localroot::testing
