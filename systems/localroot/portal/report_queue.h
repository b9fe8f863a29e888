// From an engine to the store, on a thread of its own: reports wait in a bounded queue and are written
// together. Who reports never waits for the database. Of one kind from one asker the newest counts, so that
// the queue is no longer than there are askers, for whom there is room, however many they are; what does not
// fit is dropped and counted: a proof comes again with the next transfer.
#pragma once

#include <atomic>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>
#include <unordered_set>
#include <vector>

#include "localroot/portal/reports.h"
#include "localroot/portal/store.h"
#include "log/log.h"

namespace zw::localroot::portal {

/// Reports that wait. A transfer says all that a question for the SOA does, so they count as one kind. Some
/// 180 octets for each. One thread at a time; pure.
class ReportBuffer {
 public:
  explicit ReportBuffer(std::size_t most) : most_(most) {}
  ReportBuffer(const ReportBuffer&) = delete;
  ReportBuffer& operator=(const ReportBuffer&) = delete;

  /// So many may wait. Those that do stay.
  void set_most(std::size_t most) { most_ = most; }
  /// False if it was dropped.
  bool add(Report report);
  /// The longest waiting ones, at most `most`.
  std::vector<Report> take(std::size_t most);
  std::size_t size() const { return waiting_.size(); }

 private:
  // Of a report, or the number of one that waits.
  struct Hash {
    using is_transparent = void;
    const ReportBuffer* of;
    std::size_t operator()(const Report& report) const;
    std::size_t operator()(std::uint64_t number) const { return (*this)(of->at(number)); }
  };
  struct Same {
    using is_transparent = void;
    const ReportBuffer* of;
    bool operator()(const Report& a, const Report& b) const;
    bool operator()(std::uint64_t a, const Report& b) const { return (*this)(of->at(a), b); }
    bool operator()(const Report& a, std::uint64_t b) const { return (*this)(a, of->at(b)); }
    bool operator()(std::uint64_t a, std::uint64_t b) const { return a == b; }
  };
  const Report& at(std::uint64_t number) const { return waiting_[number - first_]; }

  std::size_t most_;
  std::deque<Report> waiting_;
  std::uint64_t first_ = 0;  // number of the one that waits longest
  std::unordered_set<std::uint64_t, Hash, Same> numbers_{0, Hash{this}, Same{this}};
};

/// Safe for many threads. All outlives it. What waits at the end is written, if the database takes it.
class ReportQueue {
 public:
  struct Settings {
    std::size_t most = 200'000;  // that wait, beside those of who is told
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
  /// So many are told now. There is room for what each of them does and for what becomes of its NOTIFY.
  void expect(std::size_t told);
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
