#include <doctest/doctest.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <set>
#include <thread>

#include "os/clock.h"
#include "os/files.h"
#include "os/memory.h"
#include "os/service.h"
#include "os/temporary_folder.h"
#include "os/workers.h"

namespace zw {
namespace {

TEST_CASE("the system clock shows this century and its steady side does not step back") {
  SystemClock clock;
  CHECK(clock.wall() > *parse_time("2024-01-01T00:00:00Z"));
  auto before = clock.steady();
  std::this_thread::sleep_for(std::chrono::milliseconds(3));
  CHECK(clock.steady() - before >= std::chrono::milliseconds(2));
}

TEST_CASE("the system's chance does not repeat across refills or objects") {
  SystemRandom a, b;
  std::set<std::uint64_t> seen;
  for (int i = 0; i < 1000; ++i) {
    seen.insert(a.next());
    seen.insert(b.next());
  }
  CHECK(seen.size() == 2000);
}

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
// What the program holds of its own, octets.
std::size_t resident() {
  std::string text(as_text(*read_file("/proc/self/status", 1 << 16)));
  return std::stoul(text.substr(text.find("RssAnon:") + 8)) << 10;
}

TEST_CASE("what is freed between pieces that stay goes back to the kernel") {
  keep_heap_small();
  std::thread([] {  // whose pieces are not at the end of the heap
    std::vector<Buffer> go, stay;
    for (int i = 0; i < 1000; ++i) {
      go.emplace_back(16 << 10, 1);
      stay.emplace_back(64, 1);
    }
    std::size_t before = resident();
    go.clear();
    give_back_memory();
    CHECK(resident() + (8 << 20) < before);
  })
      .join();
}
#endif

TEST_CASE("each task runs exactly once and what it wrote is seen by the caller") {
  for (std::size_t width : {1u, 2u, 5u}) {
    ThreadWorkers workers(width);
    CHECK(workers.width() == width);
    for (std::size_t count : {0u, 1u, 2u, 1000u}) {
      std::vector<int> runs(count);
      workers.run(count, [&](std::size_t i) { ++runs[i]; });
      CHECK(std::ranges::count(runs, 1) == static_cast<std::ptrdiff_t>(count));
    }
  }
  CHECK(ThreadWorkers().width() == usable_cores());
}

TEST_CASE("run may be called from many threads at once and from inside a task") {
  ThreadWorkers workers(3);
  std::atomic<int> inner = 0;
  auto use = [&] {
    for (int round = 0; round < 20; ++round)
      workers.run(8, [&](std::size_t) { workers.run(5, [&](std::size_t) { ++inner; }); });
  };
  std::thread a(use), b(use);
  use();
  a.join();
  b.join();
  CHECK(inner == 3 * 20 * 8 * 5);
}

TEST_CASE("signals arrive at the descriptor instead of ending the process") {
  auto signals = Signals::make();
  REQUIRE(signals.has_value());
  CHECK_FALSE(signals->next().has_value());
  kill(getpid(), SIGHUP);
  CHECK(signals->next() == Signal::reload);
  kill(getpid(), SIGTERM);
  CHECK(signals->next() == Signal::stop);
  kill(getpid(), SIGINT);
  CHECK(signals->next() == Signal::stop);
  CHECK_FALSE(signals->next().has_value());
}

TEST_CASE("the service manager hears each state, and nobody is told in peace") {
  TemporaryFolder folder;
  std::string path = folder / "notify";
  Descriptor manager(socket(AF_UNIX, SOCK_DGRAM, 0));
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path.copy(address.sun_path, sizeof address.sun_path - 1);
  REQUIRE(bind(manager.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
  auto heard = [&] {
    char text[200];
    ssize_t got = recv(manager.get(), text, sizeof text, MSG_DONTWAIT);
    return std::string(text, got > 0 ? static_cast<std::size_t>(got) : 0);
  };
  ServiceManager told(path);
  REQUIRE(told.ready());
  CHECK(heard() == "READY=1");
  REQUIRE(told.reloading());
  CHECK(heard().starts_with("RELOADING=1\nMONOTONIC_USEC="));
  REQUIRE(told.status("3 zones\nREADY=0"));
  CHECK(heard() == "STATUS=3 zones");
  REQUIRE(told.stopping());
  CHECK(heard() == "STOPPING=1");
  CHECK(ServiceManager("").ready().has_value());
  CHECK_FALSE(ServiceManager("relative").ready().has_value());
}

}  // namespace
}  // namespace zw
