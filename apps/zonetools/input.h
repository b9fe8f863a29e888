// Zones from files on the command line, and how the verbs of `zonewright zone` answer.
#pragma once

#include <optional>
#include <string>

#include "zone/reader.h"
#include "zone/zone.h"

namespace zw::app {

/// Exit codes of all programs.
enum Exit { yes = 0, no = 1, wrong_use = 2, unknown = 3 };

enum class Format { text, json };

struct Input {
  std::string file;    // "-" is standard input
  std::string origin;  // empty: from the SOA
};

struct Loaded {
  ZonePtr zone;  // null when the file has errors
  ReadReport report;
  Findings findings;
  double seconds = 0;  // of reading and building
};

/// Reads a zone file (text, or the binary form of `convert --to wire`). Prints why and returns nothing when
/// the file cannot be read at all.
std::optional<Loaded> load(const Input& input);
/// The same for verbs that need a zone: prints the faults of the file too.
ZonePtr load_zone(const Input& input, int& status);

/// `zonewright: what` on standard error.
void complain(std::string_view what);
/// Octets to standard output.
void put(std::string_view text);
/// Seconds on a clock that does not step.
double seconds_now();

}  // namespace zw::app
