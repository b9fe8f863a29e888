// Changes of a PostgreSQL database: a connection of its own that listens.
#include <poll.h>

#include <algorithm>

#include "store/changes.h"
#include "store/postgres_handles.h"

namespace zw {
namespace {

class PostgresWatch final : public ChangeWatch {
 public:
  explicit PostgresWatch(std::string uri) : uri_(std::move(uri)) {}

  Result<Changes> wait(std::chrono::milliseconds most) override {
    auto changes = connection_ ? hear(most) : listen();
    if (!changes) connection_.reset();
    return changes;
  }

 private:
  // Whatever happened while nobody listened.
  Result<Changes> listen() {
    ZW_TRY(connection_, open_postgres(uri_));
    ZW_CHECK(execute_postgres("listen", connection_.get(), "LISTEN zonewright"));
    return Changes{.everything = true, .topics = {}};
  }

  Result<Changes> hear(std::chrono::milliseconds most) {
    Changes heard = drain();
    if (heard.any()) return heard;
    pollfd waiting{PQsocket(connection_.get()), POLLIN, 0};
    poll(&waiting, 1, static_cast<int>(most.count()));
    if (PQconsumeInput(connection_.get()) != 1) return fail_postgres("listen", connection_.get(), nullptr);
    return drain();
  }

  Changes drain() {
    Changes out;
    while (PGnotify* notice = PQnotifies(connection_.get())) {
      out.topics.emplace_back(notice->extra);
      PQfreemem(notice);
    }
    std::ranges::sort(out.topics);
    auto same = std::ranges::unique(out.topics);
    out.topics.erase(same.begin(), same.end());
    return out;
  }

  std::string uri_;
  PostgresHandle connection_;
};

}  // namespace

std::unique_ptr<ChangeWatch> watch_postgres(std::string uri) {
  return std::make_unique<PostgresWatch>(std::move(uri));
}

}  // namespace zw
