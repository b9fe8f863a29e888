// Zone files (RFC 1035 §5, RFC 2308 §4): $ORIGIN, $TTL, $INCLUDE, $GENERATE, parentheses, quotes, escapes,
// TTLs with units, TTL and class in either place, any line ends. The reader goes on after an error, so that
// one run tells up to `most_errors` of them.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "zone/finding.h"
#include "zone/zone.h"

namespace zw {

/// One fault in a zone file: `file:line:column: what`, line and column from 1.
struct ReadIssue {
  std::string file;
  std::size_t line, column;
  Severity severity;
  std::string what;
};
std::string print(const ReadIssue& issue);

/// What a RecordSink thinks of a record: nothing, or a complaint that the reader tells with its place.
struct Complaint {
  Severity severity;
  std::string what;
};

class RecordSink {
 public:
  virtual ~RecordSink() = default;
  /// `owner` is absolute and `rdata` uncompressed and well formed; both are valid during the call only.
  virtual std::optional<Complaint> record(NameView owner, RrType type, std::uint32_t ttl, Bytes rdata) = 0;
};

/// Hands out the files that $INCLUDE names.
class IncludeLoader {
 public:
  virtual ~IncludeLoader() = default;
  struct File {
    std::string name;  // for messages, and as `from` of its own includes
    std::string text;
  };
  /// `path` as written in the file `from`.
  virtual Result<File> load(std::string_view path, std::string_view from) = 0;
};

struct ReaderOptions {
  std::optional<Name> origin;  // completes relative names until $ORIGIN; without it they are errors
  RrClass rr_class = RrClass::IN;
  std::size_t most_errors = 20;
  std::size_t most_generated = 10'000'000;  // records of all $GENERATE lines of one run
  IncludeLoader* includes = nullptr;        // without it $INCLUDE is an error
};

struct ReadReport {
  std::vector<ReadIssue> issues;
  std::size_t errors = 0, warnings = 0;
  std::size_t records = 0;  // handed to the sink
};

/// Reads `text`, calling `sink` for each record. `file` is the name for messages.
ReadReport read_records(std::string_view text, std::string_view file, const ReaderOptions& options,
                        RecordSink& sink);

struct ZoneReading {
  ZonePtr zone;  // null when there was an error
  ReadReport report;
  Findings findings;  // of the builder: duplicates, mixed TTLs
};
/// Reads a whole zone. The zone's origin is options.origin, else the owner of its SOA.
ZoneReading read_zone(std::string_view text, std::string_view file, const ReaderOptions& options = {});

}  // namespace zw
