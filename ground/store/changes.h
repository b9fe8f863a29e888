// How the processes that share a database hear that something has changed in it: by NOTIFY on PostgreSQL, by
// looking at counters on SQLite.
//
// What a transaction announces is told when it is committed, and never before. Nothing is missed, though it
// may be told once more, or as `everything`, which is what a watch says first, and after it had lost its
// connection. So: wait, then read what changed.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"

namespace zw {

struct Changes {
  bool everything = false;
  std::vector<std::string> topics;  // in order, none twice

  bool any() const { return everything || !topics.empty(); }
  bool has(std::string_view topic) const;
};

/// One thread at a time.
class ChangeWatch {
 public:
  virtual ~ChangeWatch() = default;
  /// What has changed since the last time; waits for something for at most `most`, which may be nothing.
  /// Fails while the database cannot be reached; the next call tries again.
  virtual Result<Changes> wait(std::chrono::milliseconds most) = 0;
};

std::unique_ptr<ChangeWatch> watch_sqlite(std::string path);
std::unique_ptr<ChangeWatch> watch_postgres(std::string uri);

}  // namespace zw
