// Programs that are killed at random moments, and what is found afterwards. ZW_KILLS=1000 kills that many
// instead of a few.
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <map>
#include <thread>

#include "os/descriptor.h"
#include "store/event_log.h"
#include "store/job_queue.h"
#include "store/testing.h"

using namespace zw;
using namespace std::chrono_literals;

namespace {

constexpr Statement kLast{"last", "SELECT coalesce(max(id), 0) FROM thing"};
constexpr auto kLease = 30s;

int kills() {
  const char* wanted = std::getenv("ZW_KILLS");
  return wanted ? std::atoi(wanted) : 10;
}

// What a program said before it was killed.
struct Word {
  enum class What : std::uint64_t { made, sent, done };
  What what;
  std::int64_t number;
};

// Makes changes and does jobs until it is killed. Says what it acknowledges once that is so.
class Program {
 public:
  Program(std::unique_ptr<Database> database, int pipe) : database_(std::move(database)), pipe_(pipe) {}
  [[noreturn]] void run() {
    for (;;) {
      make();
      auto jobs = queue_.take(1, kLease);
      if (!jobs || jobs->empty()) _exit(2);
      std::int64_t number = std::atoll(jobs->front().payload.c_str());
      say(Word::What::sent, number);
      if (queue_.done(jobs->front()) != Held::yes) _exit(3);
      say(Word::What::done, number);
    }
  }

 private:
  void make() {
    auto number = database_->write([&](Transaction& tx) -> Result<std::int64_t> {
      ZW_TRY(auto last, tx.one(kLast, {}, [](const Row& row) { return row.get<std::int64_t>(0); }));
      std::string name = std::to_string(last + 1);
      ZW_CHECK(tx.run({"add_numbered", "INSERT INTO thing (id, name, flag) VALUES (?1, ?2, TRUE)",
                       "INSERT INTO thing (id, name, flag) OVERRIDING SYSTEM VALUE VALUES (?1, ?2, TRUE)"},
                      {last + 1, name}));
      ZW_CHECK(note_event(tx, {.actor = "program", .origin = "local", .action = "add", .subject = name}));
      ZW_CHECK(queue_.add(tx, {.payload = name}));
      return last + 1;
    });
    if (!number) _exit(4);
    say(Word::What::made, *number);
  }
  void say(Word::What what, std::int64_t number) const {
    Word word{what, number};
    if (write(pipe_, &word, sizeof word) != sizeof word) _exit(5);
  }

  std::unique_ptr<Database> database_;
  JobQueue queue_{*database_, "work", "program " + std::to_string(getpid()), {.attempts = 1'000'000}};
  int pipe_;
};

// Starts a process that does `what` with the end of a pipe to write to, kills it after `life`, and gives what
// it said. `from_first_word`: its life begins when it says something.
std::vector<Word> live_and_die(std::chrono::microseconds life, bool from_first_word,
                               const std::function<void(int pipe)>& what) {
  int ends[2];
  REQUIRE(pipe(ends) == 0);
  pid_t child = fork();
  if (child == 0) {
    try {
      what(ends[1]);
    } catch (...) {
      _exit(2);  // of doctest, whose other stories are not for this process
    }
    _exit(1);
  }
  Descriptor out(ends[1]), in(ends[0]);
  out.close();
  pollfd speaks{in.get(), POLLIN, 0};
  if (from_first_word) poll(&speaks, 1, 30'000);
  std::this_thread::sleep_for(life);
  kill(child, SIGKILL);
  int status = 0;
  REQUIRE(waitpid(child, &status, 0) == child);
  REQUIRE(WIFSIGNALED(status));
  std::vector<Word> said;
  for (Word word{}; read(in.get(), &word, sizeof word) == sizeof word;) said.push_back(word);
  return said;
}

// What was said by all programs so far.
struct Ledger {
  void take(const std::vector<Word>& said) {
    std::optional<std::int64_t> open;
    for (const Word& word : said) {
      if (word.what == Word::What::made) made = word.number;
      if (word.what == Word::What::sent) ++sent[word.number], open = word.number;
      if (word.what == Word::What::done) open.reset();
    }
    if (open) ++unsure[*open];
  }
  std::int64_t made = 0;
  std::map<std::int64_t, int> sent, unsure;  // how often; how often the end was not heard of
};

}  // namespace

STORE_TEST("a program killed at any moment has lost nothing that it acknowledged") {
  NEED(Backend);
  Store<Backend> store;
  Ledger ledger;
  Splitmix chance(20261127);
  store.database.reset();
  for (int i = 0; i < kills(); ++i) {
    auto life = std::chrono::microseconds(chance.below(40'000));
    ledger.take(live_and_die(life, i % 2 == 0, [&](int pipe) { Program(store.open(), pipe).run(); }));
    store.clock.pass(kLease);

    store.database = store.open();
    CHECK(store.database->check() == std::vector<std::string>{});
    auto events = store.database->read([](Transaction& tx) { return verify_events(tx); });
    REQUIRE(events);
    std::int64_t things = store.number("SELECT count(*) FROM thing");
    CHECK(events->events == things);
    CHECK(things >= ledger.made);
    CHECK(things <= ledger.made + 1);
    ledger.made = things;
    store.database.reset();
  }

  MESSAGE(kills(), " kills, ", ledger.made, " changes, ", ledger.unsure.size(),
          " jobs cut off while at work");
  CHECK(ledger.made > 0);
  store.database = store.open();
  JobQueue queue(*store.database, "work", "the last");
  CHECK(queue.work(1'000'000, kLease, [&](const Job& job) -> Result<void> {
    ++ledger.sent[std::atoll(job.payload.c_str())];
    return {};
  }));
  CHECK(queue.counts()->all == 0);
  for (std::int64_t number = 1; number <= ledger.made; ++number) {
    CAPTURE(number);
    CHECK(ledger.sent[number] >= 1);
    CHECK(ledger.sent[number] <= 1 + ledger.unsure[number]);
  }
}

STORE_TEST("a program killed while it makes its tables leaves some that the next one completes") {
  NEED(Backend);
  Splitmix chance(1);
  for (int i = 0; i < kills() / 2; ++i) {
    Store<Backend> other;  // has the clock and the address, and keeps the server
    Backend fresh;
    auto open = [&] {
      return Database::open({.database = fresh.address()}, {.clock = other.clock, .random = other.random},
                            {&kSample, 1});
    };
    live_and_die(std::chrono::microseconds(chance.below(30'000)), false, [&](int) {
      auto database = open();
      for (;;) pause();
    });
    auto database = open();
    REQUIRE(database);
    CHECK((*database)->check() == std::vector<std::string>{});
  }
}
