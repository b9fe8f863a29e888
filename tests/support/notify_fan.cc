// zw_notify_fan TARGETS DEAD-PERCENT PORT DEAD-PORT ANNOUNCEMENTS BITS-PER-SECOND [KEY [KEYS]]: the engine of
// ground/transfer/notifier.h alone, with the targets of `zonewright localroot bench notify`, for comparisons.
// Each announcement begins when the one before is over. With KEYS, that many keys of the same secret take
// turns. Prints one line of JSON for each announcement:
//   targets, told, answered, parked: as in NotifyProgress; sent: messages; told_s: until everybody had a
//   first message; ended_s: until nothing was left to do; told_cpu_s, cpu_s: processor time of the same;
//   octets: memory of the engine.
#include <fmt/core.h>
#include <sys/resource.h>

#include <chrono>
#include <cstdio>
#include <memory>

#include "localroot/bench/crowd.h"
#include "os/clock.h"
#include "transfer/notifier.h"

namespace zw::localroot {
namespace {

constexpr std::uint64_t kRootOctets = 1'330'000;

double cpu_seconds() {
  rusage used{};
  getrusage(RUSAGE_SELF, &used);
  auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6;
  };
  return seconds(used.ru_utime) + seconds(used.ru_stime);
}

struct Plan {
  std::uint32_t targets;
  std::uint32_t dead_percent;
  std::uint16_t port, dead_port;
  unsigned announcements;
  std::uint64_t bits_per_second;
};

class Fan {
 public:
  Fan(const Plan& plan, std::vector<std::shared_ptr<const TsigKey>> keys)
      : loop_(std::move(*Loop::make())),
        keys_(std::move(keys)),
        budget_(plan.bits_per_second),
        notifier_(*loop_, clock_, random_, targets(plan), NotifySettings{.tries = 3},
                  NotifyCounters(metrics_, Name()), nullptr, &budget_) {}

  void announce(std::uint32_t serial) {
    using Clock = std::chrono::steady_clock;
    auto start = Clock::now();
    double cpu = cpu_seconds();
    auto since = [&] { return std::chrono::duration<double>(Clock::now() - start).count(); };
    NotifyTopic topic{Name(), RrType::SOA, RrClass::IN, Serial(serial)};
    topic.hint = {86'400, Buffer(64)};
    Buffer& soa = topic.hint->rdata;  // as long as that of the root
    soa = {1, 'a', 12, 'r', 'o', 'o', 't', '-', 's', 'e', 'r', 'v', 'e', 'r', 's', 3, 'n', 'e', 't', 0, 0};
    soa.resize(soa.size() + 20);
    set32(&soa[soa.size() - 20], serial);
    std::uint64_t sent = sent_before();
    notifier_.announce(topic, Notifier::Groups().set(), kRootOctets);
    while (!notifier_.is_all_told()) loop_->run_once(Milliseconds(100));
    double told = since(), told_cpu = cpu_seconds() - cpu;
    for (auto quiet = since(); since() - quiet < 0.2;) {
      NotifyProgress before = notifier_.progress();
      loop_->run_once(Milliseconds(10));
      NotifyProgress after = notifier_.progress();
      if (after.waiting() > 0 || after.answered != before.answered) quiet = since();
    }
    NotifyProgress progress = notifier_.progress();
    fmt::print(R"({{"targets": {}, "told": {}, "answered": {}, "parked": {}, "sent": {}, "told_s": {:.4f}, )"
               R"("ended_s": {:.4f}, "told_cpu_s": {:.4f}, "cpu_s": {:.4f}, "octets": {}}})"
               "\n",
               progress.targets, progress.told, progress.answered, progress.parked, sent_before() - sent,
               told, since() - 0.2, told_cpu, cpu_seconds() - cpu, notifier_.memory());
    std::fflush(stdout);
  }

 private:
  std::uint64_t sent_before() const {
    std::uint64_t sum = 0;
    for (std::size_t i = 0; i < notifier_.places(); ++i) sum += notifier_.state(i).sent;
    return sum;
  }
  std::vector<NotifyTarget> targets(const Plan& plan) const {
    CrowdPlan crowd_plan{*AddressRange::parse(kCrowdAddresses)};
    crowd_plan.size = plan.targets;
    crowd_plan.port = plan.port;
    crowd_plan.dead_port = plan.dead_port;
    crowd_plan.dead = plan.dead_percent / 100.0;
    auto crowd = Crowd::make(crowd_plan);
    if (!crowd) fmt::print(stderr, "zw_notify_fan: {}\n", crowd.error().what), std::exit(2);
    std::vector<NotifyTarget> out(crowd->size());
    for (std::size_t i = 0; i < out.size(); ++i) {
      out[i].address = crowd->at(i);
      if (!keys_.empty()) out[i].key = keys_[i % keys_.size()];
    }
    return out;
  }

  SystemClock clock_;
  SystemRandom random_;
  Metrics metrics_;
  std::unique_ptr<Loop> loop_;
  std::vector<std::shared_ptr<const TsigKey>> keys_;
  EgressBudget budget_;
  Notifier notifier_;
};

int run(int count, char** words) {
  auto number = [&](int i) { return std::strtoull(words[i], nullptr, 10); };
  Plan plan{static_cast<std::uint32_t>(number(1)), static_cast<std::uint32_t>(number(2)),
            static_cast<std::uint16_t>(number(3)), static_cast<std::uint16_t>(number(4)),
            static_cast<unsigned>(number(5)),      number(6)};
  std::vector<std::shared_ptr<const TsigKey>> keys;
  if (count > 7) {
    auto key = TsigKey::parse(words[7]);
    if (!key) return fmt::print(stderr, "zw_notify_fan: {}\n", key.error().what), 2;
    for (std::uint64_t i = 0; i < (count > 8 ? std::max(number(8), 1ull) : 1); ++i)
      keys.push_back(std::make_shared<const TsigKey>(*key));
  }
  Fan fan(plan, std::move(keys));
  for (unsigned i = 1; i <= plan.announcements; ++i) fan.announce(i);
  return 0;
}

}  // namespace
}  // namespace zw::localroot

int main(int count, char** words) {
  if (count < 7) {
    std::fputs(
        "zw_notify_fan TARGETS DEAD-PERCENT PORT DEAD-PORT ANNOUNCEMENTS BITS-PER-SECOND [KEY [KEYS]]\n",
        stderr);
    return 2;
  }
  return zw::localroot::run(count, words);
}
