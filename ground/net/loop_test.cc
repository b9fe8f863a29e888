#include "net/loop.h"

#include <doctest/doctest.h>
#include <unistd.h>

#include <atomic>
#include <thread>

#include "base/random.h"

namespace zw {
namespace {

std::unique_ptr<Loop> make_loop() {
  auto loop = Loop::make();
  REQUIRE(loop.has_value());
  return std::move(*loop);
}

TEST_CASE("timers fire in the order of their time, none early, none that was stopped") {
  auto loop = make_loop();
  loop->run_once(Milliseconds(0));
  std::vector<int> fired;
  auto start = std::chrono::steady_clock::now();
  bool early = false;
  std::vector<std::unique_ptr<Timer>> timers;
  Splitmix random(4);
  for (int i = 0; i < 60; ++i) {
    auto delay = static_cast<int>(random.below(50));
    timers.push_back(std::make_unique<Timer>(*loop, [&, delay] {
      fired.push_back(delay);
      auto passed = std::chrono::steady_clock::now() - start;
      early = early || passed < Milliseconds(delay - 1);
    }));
    timers.back()->start(Milliseconds(delay));
  }
  for (std::size_t i = 0; i < 60; i += 3) timers[i]->stop();
  timers[1].reset();
  Timer last(*loop, [&] { loop->stop(); });
  last.start(Milliseconds(60));
  loop->run();
  CHECK(fired.size() == 39);
  CHECK(std::is_sorted(fired.begin(), fired.end()));
  CHECK_FALSE(early);
}

TEST_CASE("a timer that is started again fires once, at the new time") {
  auto loop = make_loop();
  int fired = 0;
  Timer timer(*loop, [&] { ++fired; });
  timer.start(Milliseconds(1));
  timer.start(std::chrono::hours(1));
  std::this_thread::sleep_for(Milliseconds(5));
  loop->run_once(Milliseconds(0));
  CHECK(fired == 0);
  CHECK(timer.running());
  timer.start(Milliseconds(1));
  for (int i = 0; i < 100 && fired == 0; ++i) loop->run_once(Milliseconds(100));
  CHECK(fired == 1);
  CHECK_FALSE(timer.running());
}

TEST_CASE("a timer may destroy itself, and one that starts itself does not hold the loop") {
  auto loop = make_loop();
  std::unique_ptr<Timer> mortal;
  mortal = std::make_unique<Timer>(*loop, [&] { mortal.reset(); });
  mortal->start(Milliseconds(0));
  int rounds = 0;
  Timer eager(*loop, nullptr);
  std::function<void()> again;
  Timer repeated(*loop, [&] {
    ++rounds;
    again();
  });
  again = [&] { repeated.start(Milliseconds(0)); };
  again();
  loop->run_once(Milliseconds(100));
  loop->run_once(Milliseconds(0));
  CHECK(mortal == nullptr);
  CHECK(rounds == 2);
}

TEST_CASE("what other threads post runs on the loop's thread, all of it, in each one's order") {
  auto loop = make_loop();
  std::vector<std::vector<int>> seen(4);
  std::vector<std::thread> threads;
  std::thread::id home;
  bool elsewhere = false;
  std::atomic<int> left = 4;
  std::thread runner([&] {
    home = std::this_thread::get_id();
    loop->run();
  });
  for (std::size_t t = 0; t < 4; ++t)
    threads.emplace_back([&, t] {
      for (int i = 0; i < 500; ++i)
        loop->post([&, t, i] {
          seen[t].push_back(i);
          elsewhere = elsewhere || std::this_thread::get_id() != home;
        });
      if (--left == 0) loop->stop();
    });
  for (auto& thread : threads) thread.join();
  runner.join();
  for (const auto& mine : seen) {
    CHECK(mine.size() == 500);
    CHECK(std::is_sorted(mine.begin(), mine.end()));
  }
  CHECK_FALSE(elsewhere);
}

struct Pipe {
  Pipe() {
    int fds[2];
    REQUIRE(pipe(fds) == 0);
    out = Descriptor(fds[0]);
    in = Descriptor(fds[1]);
    REQUIRE(write(in.get(), "x", 1) == 1);
  }
  Descriptor out, in;
};

TEST_CASE("a watcher that goes while others are told is not told any more") {
  auto loop = make_loop();
  struct Mine final : Watcher {
    std::function<void()> told;
    void ready(std::uint32_t) override { told(); }
  };
  // Both are ready in one round; whoever is first ends the other and itself.
  Pipe pipes[2];
  auto a = std::make_unique<Mine>(), b = std::make_unique<Mine>();
  int told = 0;
  auto end = [&] {
    ++told;
    loop->unwatch(pipes[0].out.get(), *a);
    loop->unwatch(pipes[1].out.get(), *b);
  };
  a->told = b->told = end;
  REQUIRE(loop->watch(pipes[0].out.get(), EPOLLIN, *a));
  REQUIRE(loop->watch(pipes[1].out.get(), EPOLLIN, *b));
  loop->run_once(Milliseconds(1000));
  loop->run_once(Milliseconds(0));
  CHECK(told == 1);
}

}  // namespace
}  // namespace zw
