// Work that must be done though programs are killed: it is put into the database together with the change
// that asks for it, and goes when it is done.
//
// Who takes a job has a lease on it. When the lease ends and nothing was heard, as after a kill, the job is
// given out again: so a job is done at least once, and for each time that it was begun and not acknowledged
// once more. Who finishes a job in the transaction of its effect has that exactly once. A job that fails is
// tried again after growing pauses, and is `dead` when its attempts are used up or it was refused; dead ones
// stay for people to look at.
//
// Many processes may take from one queue; on PostgreSQL they do not wait for one another.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "store/database.h"

namespace zw {

/// Pauses of first, first * 2, first * 4 ... up to `most`, each shorter by chance by up to a half.
struct RetryPolicy {
  std::chrono::milliseconds first{10'000}, most{3'600'000};
  int attempts = 20;

  /// After so many attempts (from 1). `chance`: below kChances.
  static constexpr std::uint64_t kChances = 1024;
  std::chrono::milliseconds pause_after(std::int64_t attempt, std::uint64_t chance) const;
};

struct NewJob {
  std::string_view payload = {};  // octets or text, as its system likes it; at most kMostJobOctets
  std::optional<std::string_view> key =
      {};                              // there is one job for a key at a time, and the newest wish counts
  std::chrono::milliseconds delay{0};  // before it is begun
};
inline constexpr std::size_t kMostJobOctets = 1 << 20;

struct Job {
  std::int64_t id;
  std::optional<std::string> key;
  std::string payload;
  Timestamp made_at;
  std::int64_t attempts;  // with this one
  std::string fault;      // of a dead one: why
};

struct JobCounts {
  std::int64_t all = 0, dead = 0, held = 0;  // held: somebody has them, or had when it was killed
  std::optional<Timestamp> oldest;           // made_at
};

/// Whether the job was still ours: no if the lease had ended and somebody else took it.
enum class Held { yes, no };

/// Of one queue. Safe for many threads.
class JobQueue {
 public:
  /// `name`: a word of ours; also the topic that is announced (store/changes.h) when there is something new.
  /// `holder`: who takes jobs here, unique among the processes that share the database, such as host and pid.
  JobQueue(Database& database, std::string name, std::string holder, RetryPolicy policy = {});

  /// As a part of a transaction; gives the job's number. Under a key that is there: a job that waits is
  /// replaced, one that is being done will be done again, one that is dead begins anew.
  Result<std::int64_t> add(Transaction& tx, const NewJob& job) const;

  /// At most `most` that are due, the longest due first. Ours until `lease` is over.
  Result<std::vector<Job>> take(std::int64_t most, std::chrono::milliseconds lease);
  /// When the next one is due or a lease ends; nothing if there are none.
  Result<std::optional<Timestamp>> next_due();

  /// It is done.
  Result<Held> done(const Job& job);
  /// The same, together with what the job was about. If it says `no`, do not commit.
  Result<Held> done(Transaction& tx, const Job& job) const;
  /// It failed: again after a pause, or dead if that was its last attempt. `refused`: dead at once, since it
  /// would fail again.
  Result<Held> failed(const Job& job, const Error& why);
  /// More time, from now on.
  Result<Held> extend(const Job& job, std::chrono::milliseconds lease);

  /// Takes up to `most`, one after another, and does each by `task`; how many were taken. A task that says
  /// `refused` is not tried again. A fault of the database ends it.
  Result<std::size_t> work(std::size_t most, std::chrono::milliseconds lease,
                           const std::function<Result<void>(const Job&)>& task);

  Result<JobCounts> counts();
  /// Dead ones by number, those above `after`.
  Result<std::vector<Job>> dead(std::int64_t after, std::int64_t most);
  /// Gives a dead one all its attempts again, or drops it; whether it was there.
  Result<bool> revive(Transaction& tx, std::int64_t id) const;
  Result<bool> drop(Transaction& tx, std::int64_t id) const;

 private:
  Database& database_;
  std::string name_, holder_;
  RetryPolicy policy_;
};

}  // namespace zw
