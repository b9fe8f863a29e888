// Which versions were published, when, and on whose word: an append-only file for each zone, STATE/NAME.log,
// chained by hash (crypto/hash_chain.h), so that nobody can change the past unseen. Each entry is one JSON
// object.
#pragma once

#include <optional>
#include <string>

#include "crypto/hash_chain.h"
#include "localroot/evidence.h"
#include "os/line_log.h"

namespace zw::localroot {

/// What an entry says; `published_at`: when it was about to be shown to the world.
std::string print_publication(const Evidence& evidence, WallTime published_at);

/// Of one entry.
struct Publication {
  std::string zone, published_at;
  Serial serial;
};
Result<Publication> parse_publication(std::string_view entry);

/// What a log was found to hold.
struct LogSummary {
  std::size_t entries = 0;
  std::string head = HashChain().hex();  // the last link
  std::optional<Publication> first, last;
  bool has_link = false;       // `wanted` is among its links
  std::size_t steps_back = 0;  // serials that are not newer than the one before (RFC 1982)
};
/// Reads a log from its beginning: each link must fit, and each entry must be one of the zone of the first.
/// `wanted`: a link as hex digits that somebody noted, or empty. Errors name path and line.
Result<LogSummary> verify_log(const std::string& path, std::string_view wanted);

/// For people, a few lines that begin with `file`; and as members of an object that is open.
std::string print_log_summary(std::string_view file, const LogSummary& summary);
void add_log_summary(JsonWriter& json, const LogSummary& summary);

/// What is known of the log while it is written.
struct LogState {
  std::size_t entries = 0;
  std::string head;   // the last link
  std::string fault;  // why nothing can be added; empty if all is well
};

/// The log of one zone, for the service. One thread at a time.
class PublicationLog {
 public:
  explicit PublicationLog(std::string path) : path_(std::move(path)) {}

  /// Notes that this version is being published; one that was noted last is not noted twice. Before the first
  /// time the whole log is read and checked. Fails if it is broken, and goes on failing: somebody has to
  /// look.
  Result<void> add(const Evidence& evidence, WallTime published_at);

  LogState state() const { return {chain_.size(), chain_.hex(), fault_}; }

 private:
  Result<void> open();
  Result<void> append(const Evidence& evidence, WallTime published_at);

  std::string path_;
  std::optional<LineLog> file_;
  HashChain chain_;
  std::optional<Serial> last_;
  std::string fault_;
};

}  // namespace zw::localroot
