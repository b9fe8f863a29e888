#include "store/job_queue.h"

#include <set>
#include <thread>

#include "store/testing.h"

using namespace zw;
using namespace std::chrono_literals;

namespace {

constexpr RetryPolicy kPolicy{.first = 10s, .most = 60s, .attempts = 3};

template <typename Backend>
struct Queues : Store<Backend> {
  std::int64_t add(std::string_view payload, std::optional<std::string_view> key = {},
                   std::chrono::milliseconds delay = 0ms) {
    auto id = this->database->write(
        [&](Transaction& tx) { return ours.add(tx, {.payload = payload, .key = key, .delay = delay}); });
    REQUIRE(id);
    return *id;
  }
  // The one job that is due, if there is one.
  std::optional<Job> take(JobQueue& queue) {
    auto jobs = queue.take(1, 30s);
    REQUIRE(jobs);
    return jobs->empty() ? std::nullopt : std::optional(jobs->front());
  }
  std::optional<Job> take() { return take(ours); }
  std::string due() {
    std::string out;
    auto jobs = ours.take(100, 30s);
    for (const Job& job : *jobs) out += job.payload;
    return out;
  }

  JobQueue ours{*this->database, "paint", "here", kPolicy},
      theirs{*this->database, "paint", "there", kPolicy};
};

}  // namespace

STORE_TEST("a job is there when its change is committed, is given out once, and goes when it is done") {
  NEED(Backend);
  Queues<Backend> store;
  {
    auto tx = store.database->begin(SqlAccess::write);
    REQUIRE(store.ours.add(*tx, {.payload = "never"}));
  }
  store.add(std::string("red\0\xff", 5), "wall");
  auto job = store.take();
  REQUIRE(job);
  CHECK(job->payload == std::string("red\0\xff", 5));
  CHECK(job->key == "wall");
  CHECK(job->attempts == 1);
  CHECK_FALSE(store.take());
  CHECK_FALSE(store.take(store.theirs));
  CHECK(store.ours.done(*job) == Held::yes);
  CHECK(store.ours.done(*job) == Held::no);
  CHECK(store.ours.counts()->all == 0);
}

STORE_TEST("jobs are given out when they are due, the longest due first, and queues are apart") {
  NEED(Backend);
  Queues<Backend> store;
  store.add("c", {}, 20s);
  store.add("b", {}, 10s);
  JobQueue other(*store.database, "other", "here", kPolicy);
  CHECK(store.due().empty());
  CHECK(store.ours.next_due().value() == std::optional(Timestamp(store.clock.wall() + 10s)));
  store.clock.pass(15s);
  store.add("d");
  CHECK(other.take(9, 1s)->empty());
  CHECK(store.take()->payload == "b");
  CHECK(store.take()->payload == "d");
  store.clock.pass(5s);
  CHECK(store.due() == "c");
}

STORE_TEST("who is killed loses the job to another when the lease ends, and its late word counts no more") {
  NEED(Backend);
  Queues<Backend> store;
  store.add("x");
  auto lost = store.take();
  REQUIRE(lost);
  store.clock.pass(29s);
  CHECK_FALSE(store.take(store.theirs));
  store.clock.pass(1s);
  auto again = store.take(store.theirs);
  REQUIRE(again);
  CHECK(again->attempts == 2);
  CHECK(store.ours.done(*lost) == Held::no);
  CHECK(store.ours.failed(*lost, {ErrorKind::io, "x"}) == Held::no);
  CHECK(store.ours.extend(*lost, 60s) == Held::no);
  CHECK(store.theirs.extend(*again, 60s) == Held::yes);
  store.clock.pass(59s);
  CHECK_FALSE(store.take());
  CHECK(store.theirs.done(*again) == Held::yes);
}

STORE_TEST("the same process that takes a job again after its lease cannot finish it by the old ticket") {
  NEED(Backend);
  Queues<Backend> store;
  store.add("x");
  auto first = store.take();
  store.clock.pass(30s);
  auto second = store.take();
  REQUIRE(second);
  CHECK(store.ours.done(*first) == Held::no);
  CHECK(store.ours.done(*second) == Held::yes);
}

STORE_TEST("a job that fails is tried again after a pause, and is dead when its attempts are used up") {
  NEED(Backend);
  Queues<Backend> store;
  store.add("x");
  for (int attempt = 1; attempt <= kPolicy.attempts; ++attempt) {
    auto job = store.take();
    REQUIRE(job);
    CHECK(job->attempts == attempt);
    CHECK(store.ours.failed(*job, {ErrorKind::io, "no paint\n"}) == Held::yes);
    CHECK_FALSE(store.take());
    store.clock.pass(60s);
  }
  CHECK_FALSE(store.take());
  CHECK(store.ours.counts()->dead == 1);
  auto dead = store.ours.dead(0, 10);
  REQUIRE(dead->size() == 1);
  CHECK(dead->front().fault == "no paint\\n");
  CHECK(store.ours.dead(dead->front().id, 10)->empty());

  auto revive = [&] {
    return store.database->write([&](Transaction& tx) { return store.ours.revive(tx, dead->front().id); });
  };
  CHECK(revive() == true);
  CHECK(revive() == false);
  CHECK(store.take()->attempts == 1);
}

STORE_TEST("what is refused is not tried again, and can be dropped") {
  NEED(Backend);
  Queues<Backend> store;
  std::int64_t id = store.add("x");
  CHECK(store.ours.failed(*store.take(), {ErrorKind::refused, "never"}) == Held::yes);
  store.clock.pass(3600s);
  CHECK_FALSE(store.take());
  auto drop = [&] { return store.database->write([&](Transaction& tx) { return store.ours.drop(tx, id); }); };
  CHECK(drop() == true);
  CHECK(drop() == false);
  CHECK(store.ours.counts()->all == 0);
}

STORE_TEST("a job that kills whoever takes it is given up in the end") {
  NEED(Backend);
  Queues<Backend> store;
  store.add("poison");
  for (int i = 0; i < kPolicy.attempts; ++i) {
    CHECK(store.take());
    store.clock.pass(30s);
  }
  CHECK_FALSE(store.take());
  CHECK(store.ours.dead(0, 1)->front().fault == "begun 3 times and never ended");
}

STORE_TEST("under one key the newest wish counts: before, while and after it is done, or dead") {
  NEED(Backend);
  Queues<Backend> store;
  std::int64_t id = store.add("1", "k", 10s);
  CHECK(store.add("2", "k") == id);
  CHECK(store.add("other", "j", 600s) != id);
  auto job = store.take();
  REQUIRE(job);
  CHECK(job->payload == "2");
  CHECK(store.add("3", "k") == id);
  CHECK_FALSE(store.take(store.theirs));
  CHECK(store.ours.done(*job) == Held::yes);
  job = store.take(store.theirs);
  REQUIRE(job);
  CHECK(job->payload == "3");
  CHECK(job->attempts == 1);
  CHECK(store.theirs.failed(*job, {ErrorKind::refused, "no"}) == Held::yes);
  CHECK(store.add("4", "k") == id);
  job = store.take();
  REQUIRE(job);
  CHECK(job->payload == "4");
  CHECK(store.add("5", "k") == id);
  CHECK(store.ours.failed(*job, {ErrorKind::refused, "no"}) == Held::yes);
  store.clock.pass(10s);
  CHECK(store.take()->payload == "5");
  CHECK(store.ours.counts()->all == 2);
}

STORE_TEST("a job that is finished with its effect has it once") {
  NEED(Backend);
  Queues<Backend> store;
  store.add("x");
  auto job = store.take();
  constexpr Statement kEffect{"effect", "INSERT INTO owner (id) VALUES (77)"};
  auto finish = [&](bool well) {
    return store.database->write([&](Transaction& tx) -> Result<Held> {
      ZW_TRY(Held held, store.ours.done(tx, *job));
      if (held == Held::no) return fail(ErrorKind::conflict, "somebody else's");
      ZW_CHECK(tx.run(kEffect));
      if (!well) return fail(ErrorKind::io, "killed");
      return held;
    });
  };
  CHECK_FALSE(finish(false));
  CHECK(store.number("SELECT count(*) FROM owner WHERE id = 77") == 0);
  CHECK(finish(true) == Held::yes);
  CHECK(kind_of(finish(true)) == ErrorKind::conflict);
  CHECK(store.number("SELECT count(*) FROM owner WHERE id = 77") == 1);
}

STORE_TEST("many who take at once get each job once") {
  NEED(Backend);
  Queues<Backend> store;
  constexpr int kJobs = 120;
  for (int i = 0; i < kJobs; ++i) store.add(std::to_string(i));
  std::mutex mutex;
  std::multiset<std::string> done;
  std::atomic<int> failures = 0;
  auto work = [&](const std::string& name) {
    auto database = store.open();
    JobQueue queue(*database, "paint", name, kPolicy);
    for (;;) {
      auto jobs = queue.take(7, 30s);
      if (!jobs || jobs->size() > 7) ++failures;
      if (!jobs || jobs->empty()) return;
      for (const Job& job : *jobs) {
        if (queue.done(job) != Held::yes) ++failures;
        std::lock_guard lock(mutex);
        done.insert(job.payload);
      }
    }
  };
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 4; ++i) threads.emplace_back(work, "worker" + std::to_string(i));
  }
  CHECK(failures == 0);
  CHECK(done.size() == kJobs);
  CHECK(std::set<std::string>(done.begin(), done.end()).size() == kJobs);
}

TEST_CASE("on PostgreSQL who takes a job does not wait for another who is taking one") {
  NEED(OnPostgres);
  Queues<OnPostgres> store;
  store.add("a");
  store.add("b");
  auto slow = store.database->begin(SqlAccess::queue);
  REQUIRE(slow);
  constexpr Statement kHold{"hold", "SELECT 1", "SELECT payload FROM zw_job ORDER BY id LIMIT 1 FOR UPDATE"};
  REQUIRE(slow->run(kHold));
  CHECK(store.take()->payload == "b");
  CHECK_FALSE(store.take());
}

STORE_TEST("jobs are worked off, and those that fail wait") {
  NEED(Backend);
  Queues<Backend> store;
  for (const char* name : {"a", "bad", "c", "never"}) store.add(name);
  std::string seen;
  auto task = [&](const Job& job) -> Result<void> {
    seen += job.payload + " ";
    if (job.payload == "bad") return fail(ErrorKind::io, "later");
    if (job.payload == "never") return fail(ErrorKind::refused, "never");
    return {};
  };
  CHECK(store.ours.work(2, 30s, task) == 2);
  CHECK(store.ours.work(99, 30s, task) == 2);
  CHECK(seen == "a bad c never ");
  store.clock.pass(10s);
  CHECK(store.ours.work(99, 30s, task) == 1);
  CHECK(seen == "a bad c never bad ");
}

STORE_TEST("who watches hears of new jobs") {
  NEED(Backend);
  Queues<Backend> store;
  auto watch = store.database->watch();
  REQUIRE(watch->wait(0ms));
  store.add("x");
  CHECK(watch->wait(5s)->has("paint"));
}

TEST_CASE("pauses double up to a bound, and are shorter by chance by up to a half") {
  CHECK(kPolicy.pause_after(1, 0) == 10s);
  CHECK(kPolicy.pause_after(2, 0) == 20s);
  CHECK(kPolicy.pause_after(3, 0) == 40s);
  CHECK(kPolicy.pause_after(4, 0) == 60s);
  CHECK(kPolicy.pause_after(1'000'000'000, 0) == 60s);
  CHECK(kPolicy.pause_after(1, RetryPolicy::kChances / 2) == 7500ms);
  CHECK(kPolicy.pause_after(1, RetryPolicy::kChances - 1) > 5s);
}
