// A feed as Atom (RFC 4287), an entry for each version, in pages that archives lead back from (RFC 5005 §4).
// Pure.
#pragma once

#include <string>
#include <vector>

#include "localroot/changes/change_lines.h"

namespace zw::localroot {

/// One version as people see it.
struct AtomEntry {
  ChangeVersion version;
  std::string text;  // lines of print_record(), the first of them if there are many
  bool is_whole = true;
};

struct AtomPage {
  Name zone;
  /// What identifies the feed wherever it is found: the public address of the service (and so its ids stay
  /// when a feed is moved only if that does); may be empty.
  std::string authority;
  std::string self, current;                   // URLs of this page and of the newest
  std::string lines;                           // of the JSON lines; an entry's number is appended
  std::string previous_archive, next_archive;  // empty: there is none
  bool is_archive = false;
  WallTime updated{};
  std::vector<AtomEntry> entries;  // the newest first
};

/// Well-formed XML 1.0 in ASCII, whatever the texts hold.
std::string print_atom(const AtomPage& page);

/// Appends text as content or the value of an attribute. What XML 1.0 §2.2 forbids becomes U+FFFD.
void append_xml(std::string& out, std::string_view text);

}  // namespace zw::localroot
