#include "store/job_queue.h"

#include <algorithm>

#include "format/utf8.h"
#include "store/room_statements.h"

namespace zw {
namespace {

constexpr std::size_t kMostFaultOctets = 1000;

Job job_of(const Row& row) {
  return {.id = row.get<std::int64_t>(0),
          .key = row.get<std::optional<std::string>>(1),
          .payload = std::string(as_text(row.get<Bytes>(2))),
          .made_at = row.get<Timestamp>(3),
          .attempts = row.get<std::int64_t>(4),
          .fault = {}};
}

Job dead_job_of(const Row& row) {
  Job out = job_of(row);
  out.fault = row.get<std::string>(5);
  return out;
}

Held held_if(bool changed) { return changed ? Held::yes : Held::no; }

bool is_dead(const Row& row) { return row.get<bool>(0); }

}  // namespace

std::chrono::milliseconds RetryPolicy::pause_after(std::int64_t attempt, std::uint64_t chance) const {
  auto pause = first;
  for (std::int64_t i = 1; i < attempt && pause < most; ++i) pause *= 2;
  pause = std::min(pause, most);
  return pause - pause * static_cast<std::int64_t>(chance) / static_cast<std::int64_t>(2 * kChances);
}

JobQueue::JobQueue(Database& database, std::string name, std::string holder, RetryPolicy policy)
    : database_(database), name_(std::move(name)), holder_(std::move(holder)), policy_(policy) {}

Result<std::int64_t> JobQueue::add(Transaction& tx, const NewJob& job) const {
  if (job.payload.size() > kMostJobOctets)
    return fail(ErrorKind::limit, "job for {}: a payload of more than {} octets", name_, kMostJobOctets);
  ZW_TRY(std::int64_t id,
         tx.one(kAddJob,
                {name_, job.key, as_bytes(job.payload), tx.now(), tx.now() + job.delay, policy_.attempts},
                [](const Row& row) { return row.get<std::int64_t>(0); }));
  ZW_CHECK(tx.announce(name_));
  return id;
}

Result<std::vector<Job>> JobQueue::take(std::int64_t most, std::chrono::milliseconds lease) {
  return database_.write_queue([&](Transaction& tx) -> Result<std::vector<Job>> {
    ZW_CHECK(tx.run(kBuryJobs, {name_, tx.now()}));
    ZW_TRY(auto jobs, tx.all(kTakeJobs, {name_, tx.now(), holder_, tx.now() + lease, most}, job_of));
    std::ranges::sort(jobs, {}, &Job::id);
    return jobs;
  });
}

Result<std::optional<Timestamp>> JobQueue::next_due() {
  return database_.read([&](Transaction& tx) {
    return tx.one(kNextJob, {name_}, [](const Row& row) { return row.get<std::optional<Timestamp>>(0); });
  });
}

Result<Held> JobQueue::done(const Job& job) {
  return database_.write_queue([&](Transaction& tx) { return done(tx, job); });
}

Result<Held> JobQueue::done(Transaction& tx, const Job& job) const {
  ZW_TRY(auto ended, tx.run(kEndJob, {job.id, holder_, job.attempts}));
  if (ended > 0) return Held::yes;
  ZW_TRY(auto repeated, tx.run(kRepeatJob, {job.id, holder_, job.attempts, tx.now(), policy_.attempts}));
  return held_if(repeated > 0);
}

Result<Held> JobQueue::failed(const Job& job, const Error& why) {
  const Statement& statement = why.kind == ErrorKind::refused ? kGiveUpJob : kRetryJob;
  std::string fault;
  append_foreign(fault, why.what, kMostFaultOctets);
  auto pause = policy_.pause_after(job.attempts, database_.random_below(RetryPolicy::kChances));
  return database_.write_queue([&](Transaction& tx) -> Result<Held> {
    ZW_TRY(auto dead,
           tx.first(statement, {job.id, holder_, job.attempts, tx.now() + pause, fault, policy_.attempts},
                    is_dead));
    return held_if(dead.has_value());
  });
}

Result<Held> JobQueue::extend(const Job& job, std::chrono::milliseconds lease) {
  return database_.write_queue([&](Transaction& tx) -> Result<Held> {
    ZW_TRY(auto changed, tx.run(kExtendJob, {job.id, holder_, job.attempts, tx.now() + lease}));
    return held_if(changed > 0);
  });
}

Result<std::size_t> JobQueue::work(std::size_t most, std::chrono::milliseconds lease,
                                   const std::function<Result<void>(const Job&)>& task) {
  for (std::size_t count = 0; count < most; ++count) {
    ZW_TRY(auto taken, take(1, lease));
    if (taken.empty()) return count;
    auto outcome = task(taken[0]);
    ZW_CHECK(outcome ? done(taken[0]) : failed(taken[0], outcome.error()));
  }
  return most;
}

Result<JobCounts> JobQueue::counts() {
  return database_.read([&](Transaction& tx) {
    return tx.one(kCountJobs, {name_}, [](const Row& row) {
      return JobCounts{row.get<std::int64_t>(0), row.get<std::int64_t>(1), row.get<std::int64_t>(2),
                       row.get<std::optional<Timestamp>>(3)};
    });
  });
}

Result<std::vector<Job>> JobQueue::dead(std::int64_t after, std::int64_t most) {
  return database_.read(
      [&](Transaction& tx) { return tx.all(kDeadJobs, {name_, after, most}, dead_job_of); });
}

Result<bool> JobQueue::revive(Transaction& tx, std::int64_t id) const {
  ZW_TRY(auto changed, tx.run(kReviveJob, {id, tx.now(), policy_.attempts}));
  ZW_CHECK(tx.announce(name_));
  return changed > 0;
}

Result<bool> JobQueue::drop(Transaction& tx, std::int64_t id) const {
  ZW_TRY(auto changed, tx.run(kDropJob, {id}));
  return changed > 0;
}

}  // namespace zw
