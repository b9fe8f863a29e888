#include "localroot/changes/atom_page.h"

#include <algorithm>

namespace zw::localroot {
namespace {

struct Entries {
  std::uint64_t first, last;
};
Entries entries_of(std::uint64_t archive) {
  return {archive * kAtomArchive + 1, (archive + 1) * kAtomArchive};
}

// The archive that is on no other page than its own and ends before the newest page begins.
std::uint64_t archives_before(std::uint64_t newest) {
  std::uint64_t complete = newest / kAtomArchive;
  return complete > 0 ? complete - 1 : 0;
}

Result<AtomEntry> read_entry(const ChangeFeed& feed, std::uint64_t number) {
  ZW_TRY(ChangePage page, feed.read({{number, 0}, number, 4 * kMostAtomText, ChangeScope::data}));
  AtomEntry out;
  std::string_view text = page.lines;
  auto take = [&] {
    std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(line.size() + 1);
    return line;
  };
  if (text.empty()) return fail(ErrorKind::not_found, "the feed has no entry {}", number);
  ZW_TRY(out.version, parse_version(take()));
  while (!text.empty() && out.is_whole) {
    ZW_TRY(ChangedRecord record, parse_record(take()));
    std::string more = print_record(record);
    out.is_whole = out.text.size() + more.size() <= kMostAtomText;
    if (out.is_whole) out.text += more;
  }
  bool none_kept = out.version.records == ChangeScope::none && out.version.data.sum() > 0;
  out.is_whole = out.is_whole && !page.more && !none_kept;
  return out;
}

}  // namespace

Result<AtomPage> make_atom_page(const ChangeFeed& feed, std::optional<std::uint64_t> archive,
                                const AtomSource& source) {
  ChangeExtent extent = feed.extent();
  std::uint64_t oldest = extent.oldest ? extent.oldest->entry : 1,
                newest = extent.newest ? extent.newest->entry : 0;
  std::uint64_t complete = archives_before(newest);
  auto url = [&](std::uint64_t number) {
    bool is_there = number < complete && entries_of(number).first >= oldest && !source.atom.empty();
    return is_there ? fmt::format("{}?archive={}", source.atom, number) : "";
  };
  AtomPage page;
  page.zone = feed.zone();
  page.authority = source.authority;
  page.self = page.current = source.atom;
  page.lines = source.lines;
  Entries shown{complete * kAtomArchive + 1, newest};
  if (archive) {
    if (*archive >= complete || entries_of(*archive).first < oldest)
      return fail(ErrorKind::not_found, "the feed has no archive {}", *archive);
    shown = entries_of(*archive);
    page.is_archive = true;
    page.self = url(*archive);
    page.next_archive = url(*archive + 1);
  }
  std::uint64_t before = archive.value_or(complete);
  if (before > 0) page.previous_archive = url(before - 1);
  for (std::uint64_t number = shown.last; number >= std::max(shown.first, oldest); --number) {
    auto entry = read_entry(feed, number);
    if (!entry && entry.error().kind == ErrorKind::not_found)
      continue;  // damage took it, or it is too old now
    if (!entry) return fail(entry.error());
    page.entries.push_back(std::move(*entry));
  }
  if (!page.entries.empty()) page.updated = page.entries.front().version.published_at;
  return page;
}

}  // namespace zw::localroot
