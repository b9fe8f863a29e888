// Changes of a SQLite file: its data version changes with each commit of anybody else, which costs a
// microsecond to ask for; only then the counters are read.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <thread>

#include "store/changes.h"
#include "store/sqlite_handles.h"

namespace zw {
namespace {

constexpr std::chrono::milliseconds kPeriod{50};

class SqliteWatch final : public ChangeWatch {
 public:
  explicit SqliteWatch(std::string path) : path_(std::move(path)) {}

  Result<Changes> wait(std::chrono::milliseconds most) override {
    for (std::chrono::milliseconds left = most;;) {
      auto changes = look();
      if (!changes) database_.reset();
      if (!changes || changes->any() || left <= std::chrono::milliseconds(0)) return changes;
      auto pause = std::min(left, kPeriod);
      std::this_thread::sleep_for(pause);
      left -= pause;
    }
  }

 private:
  using Counters = std::map<std::string, std::string>;

  Result<Changes> look() {
    if (!database_) return look_first();
    ZW_TRY(std::string version, data_version());
    if (version == version_) return Changes();
    ZW_TRY(Counters now, counters());
    version_ = version;
    Changes out;
    for (const auto& [topic, number] : now)
      if (seen_[topic] != number) out.topics.push_back(topic);
    seen_ = std::move(now);
    return out;
  }

  Result<Changes> look_first() {
    ZW_TRY(database_, open_sqlite(path_, std::chrono::seconds(5)));
    ZW_TRY(version_, data_version());
    ZW_TRY(seen_, counters());
    return Changes{.everything = true, .topics = {}};
  }

  Result<std::string> data_version() { return ask_sqlite(path_, database_.get(), "PRAGMA data_version"); }
  Result<Counters> counters() {
    Counters out;
    auto keep = [](void* to, int, char** values, char**) {
      static_cast<Counters*>(to)->emplace(values[0], values[1]);
      return 0;
    };
    if (sqlite3_exec(database_.get(), "SELECT topic, number FROM zw_change", keep, &out, nullptr) !=
        SQLITE_OK)
      return fail_sqlite(path_, database_.get());
    return out;
  }

  std::string path_, version_;
  SqliteHandle database_;
  Counters seen_;
};

}  // namespace

std::unique_ptr<ChangeWatch> watch_sqlite(std::string path) {
  return std::make_unique<SqliteWatch>(std::move(path));
}

}  // namespace zw
