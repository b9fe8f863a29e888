// How an engine takes its subscribers from the store, and hears of changes: a thread that waits for the
// store's word, reads what has changed since the last time, and hands it on. The first read takes all there
// is, row by row.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "localroot/portal/feed_book.h"
#include "localroot/portal/store.h"
#include "log/log.h"

namespace zw::localroot::portal {

struct PortalNews {
  bool whole = false;  // forget all that the portal had said before
  std::vector<FeedChange> changes;
  PortalAccessPtr access;  // for the workers; the one before serves who still answers by it
  std::size_t told = 0;    // how many are, after these changes
};

/// How far an engine has come with the feed.
struct FeedStanding {
  std::int64_t change = 0;            // that was read last
  std::size_t targets = 0, told = 0;  // known; to whom versions are told
  std::optional<Timestamp> read_at{};
  std::string fault{};  // why it does not get on; empty: it does
};

/// What an engine does with it. Called on the feed's thread: hands it to its own and returns.
class PortalEngine {
 public:
  virtual ~PortalEngine() = default;
  virtual void take(PortalNews news) = 0;
};

/// What is read from the store. One thread at a time.
class FeedReader {
 public:
  explicit FeedReader(Database& database, FeedShare share = {}) : database_(database), share_(share) {}

  /// What has changed since the last time; all at first, and after it was away for so long that the store
  /// has forgotten what went. Nothing if nothing has.
  Result<std::optional<PortalNews>> read();

  /// All that was read before, without a look into the store. What the engine has of it stays as it is.
  PortalNews again() { return {false, book_->all(), book_->access(), book_->told()}; }

  const FeedBook& book() const { return *book_; }
  /// The number of the last change that was read.
  std::int64_t seen() const { return seen_.value_or(0); }

 private:
  Result<std::optional<PortalNews>> read(Transaction& tx);
  Result<void> read_all(Transaction& tx, FeedBook& book);
  Result<void> read_changed(Transaction& tx, FeedBook& book);

  Database& database_;
  FeedShare share_;
  std::unique_ptr<FeedBook> book_ = std::make_unique<FeedBook>();
  std::optional<std::int64_t> seen_;  // the last change
};

/// The thread. Ends with the object. All outlives it.
class PortalFeed {
 public:
  /// `chore`: called each minute on its thread; may be null.
  PortalFeed(PortalStore& store, PortalEngine& engine, Logger& log, FeedShare share = {},
             std::function<void()> chore = {});
  ~PortalFeed();
  PortalFeed(const PortalFeed&) = delete;
  PortalFeed& operator=(const PortalFeed&) = delete;

  /// The engine hears of everything once more, soon: it has begun anew with a zone.
  void repeat() { repeat_ = true; }
  /// On any thread.
  FeedStanding standing() const;

 private:
  void work();
  bool look();
  void tidy();
  void pause(Milliseconds time) const;

  PortalStore& store_;
  PortalEngine& engine_;
  Logger& log_;
  FeedReader reader_;
  const std::function<void()> chore_;
  std::atomic<bool> stopping_ = false, repeat_ = false;
  mutable std::mutex mutex_;
  FeedStanding standing_;  // under mutex_
  std::thread thread_;     // last: it uses the others
};

}  // namespace zw::localroot::portal
