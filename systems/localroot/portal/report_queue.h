// From an engine to the store, on a thread of its own: reports wait in a bounded queue and are written
// together. Who reports never waits for the database. Of one kind from one asker the newest counts, so that
// the queue is no longer than there are askers; what does not fit is dropped and counted: a proof comes again
// with the next transfer.
#pragma once

#include <atomic>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>
#include <unordered_map>
#include <vector>

#include "localroot/portal/reports.h"
#include "localroot/portal/store.h"
#include "log/log.h"

namespace zw::localroot::portal {

/// Reports that wait. One thread at a time; pure.
class ReportBuffer {
 public:
  explicit ReportBuffer(std::size_t most) : most_(most) {}
  /// False if it was dropped.
  bool add(Report report);
  /// The longest waiting ones, at most `most`.
  std::vector<Report> take(std::size_t most);
  std::size_t size() const { return waiting_.size(); }

 private:
  struct Key {
    Report::Kind kind;
    IpAddress from;
    std::uint16_t port;  // of `told`
    ZoneId zone;
    SecretId secret;
    ServerId server;  // of `downloaded`
    bool is_signed;
    friend bool operator==(const Key&, const Key&) = default;
  };
  struct KeyHash {
    std::size_t operator()(const Key& key) const;
  };
  static Key key_of(const Report& report);

  std::size_t most_;
  std::unordered_map<Key, Report, KeyHash> waiting_;
  std::deque<Key> order_;
};

/// Safe for many threads. All outlives it. What waits at the end is written, if the database takes it.
class ReportQueue {
 public:
  struct Settings {
    std::size_t most = 200'000;  // that wait
    std::size_t together = 500;  // in one transaction
    Milliseconds pause{200};     // before they are written, to have more of them
    Milliseconds again{2'000};   // after the database failed
  };
  ReportQueue(PortalStore& store, Logger& log) : ReportQueue(store, log, Settings()) {}
  ReportQueue(PortalStore& store, Logger& log, Settings settings);
  ~ReportQueue();
  ReportQueue(const ReportQueue&) = delete;
  ReportQueue& operator=(const ReportQueue&) = delete;

  void add(Report report);
  std::uint64_t dropped() const { return dropped_; }
  std::size_t waiting() const;

 private:
  void work();
  // Whether there is nothing more to do about them.
  bool write(const std::vector<Report>& reports);

  PortalStore& store_;
  Logger& log_;
  Settings settings_;
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  ReportBuffer buffer_;
  bool stopping_ = false;
  std::atomic<std::uint64_t> dropped_ = 0;
  std::thread thread_;  // last: it uses the others
};

}  // namespace zw::localroot::portal
