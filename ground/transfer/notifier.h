// Tells the secondaries of one zone that it has a new version: the policy of notify_schedule.h with sockets.
// Each message goes from a socket of its own, at a random port, with a random ID. Lives on its loop's thread.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "log/log.h"
#include "metrics/metrics.h"
#include "net/exchange.h"
#include "transfer/notify_out.h"
#include "transfer/notify_schedule.h"
#include "transfer/primary.h"

namespace zw {

struct NotifyTarget {
  Address address;
  std::optional<IpAddress> from{};  // the address of ours to send from
  const TsigKey* key = nullptr;     // outlives the notifier
};

struct NotifyCounters {
  NotifyCounters(Metrics& metrics, NameView zone);
  Counter sent, answered, unanswered, given_up;
};

/// True if a message to `target` would come to one of the addresses that we listen at. For a wildcard address
/// the kernel is asked whether the target is an address of this machine; nothing is sent.
bool is_ourselves(const Address& target, const std::vector<Address>& listening, Random& random);

class Notifier {
 public:
  struct Event {
    const NotifyTarget& target;
    const NotifyTargetState& state;
    Serial serial;
    bool answered;  // else no message will follow: the target was silent too often
  };
  using OnEvent = std::function<void(const Event&)>;

  /// `targets`: leave out ourselves. All but `targets` outlives it.
  Notifier(Loop& loop, const Clock& clock, Random& random, std::vector<NotifyTarget> targets,
           const NotifySettings& settings, NotifyCounters counters, OnEvent on_event);

  /// `zone` is published from now on.
  void announce(ZonePtr zone);

  const std::vector<NotifyTarget>& targets() const { return targets_; }
  const std::vector<NotifyTargetState>& states() const { return schedule_.targets(); }

 private:
  // One message that waits for its answer.
  struct Flight {
    Flight(Loop& loop, Random& random) : exchange(loop, random) {}
    UdpExchange exchange;
    std::uint16_t id = 0;
    Serial serial;
    std::optional<TsigStreamVerifier> tsig;
    std::optional<Rcode> rcode;
    std::string fault;
  };
  void work();
  void send(const NotifySend& send);
  Next take(Flight& flight, Bytes message);
  void ended(std::size_t target, const Result<void>& result);

  Loop& loop_;
  const Clock& clock_;
  Random& random_;
  std::vector<NotifyTarget> targets_;
  NotifySchedule schedule_;
  NotifyCounters counters_;
  OnEvent on_event_;
  Timer timer_;
  ZonePtr zone_;
  std::vector<std::unique_ptr<Flight>> flights_;  // by target
};

/// One line for an event.
void log_event(Logger& log, NameView zone, const Notifier::Event& event);

}  // namespace zw
