// Which versions of a feed stand on which page of Atom: the newest ones on the page that readers poll, all
// before them in archives of a fixed number, which are complete and do not change (RFC 5005 §4).
#pragma once

#include "localroot/changes/atom.h"
#include "localroot/changes/change_feed.h"

namespace zw::localroot {

/// Versions in an archive. The newest page has up to twice as many.
inline constexpr std::uint64_t kAtomArchive = 25;
/// Octets of records that an entry shows, at most; so a page has about 1 MB if every character is escaped.
inline constexpr std::size_t kMostAtomText = 4000;

struct AtomSource {
  std::string authority;    // AtomPage
  std::string atom, lines;  // URLs; empty: there are none
};
/// `archive`: its number, from 0; absent for the newest page. `not_found` if there is no such archive (yet,
/// or any more).
Result<AtomPage> make_atom_page(const ChangeFeed& feed, std::optional<std::uint64_t> archive,
                                const AtomSource& source);

}  // namespace zw::localroot
