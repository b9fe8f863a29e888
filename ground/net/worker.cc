#include "net/worker.h"

namespace zw {

Worker::Worker(std::unique_ptr<Loop> loop, std::unique_ptr<Handler> handler, NetCounters counters,
               ConnectionTable& table, const TcpLimits& limits)
    : loop_(std::move(loop)),
      handler_(std::move(handler)),
      counters_(counters),
      service_(*loop_, *handler_, counters_, table, limits),
      batch_(make_udp_batch()),
      grace_(*loop_, [this] { loop_->stop(); }),
      thread_([this] { loop_->run(); }) {}

Worker::~Worker() {
  if (!finishing_) finish(Milliseconds(0));
  thread_.join();
}

Result<void> Worker::open_one(const Address& at, ServerSockets sockets) {
  Listeners& here = listeners_[at];
  here.udp = std::make_unique<UdpListener>(*loop_, std::move(sockets.udp), at, *handler_, counters_, batch_);
  here.tcp = std::make_unique<TcpListener>(*loop_, std::move(sockets.tcp), at, service_);
  ZW_CHECK(here.udp->start());
  return here.tcp->start();
}

void Worker::open(std::vector<std::pair<Address, ServerSockets>> sockets, std::promise<Result<void>> done) {
  // Shared only because std::function wants to copy what it holds.
  auto all = std::make_shared<decltype(sockets)>(std::move(sockets));
  auto promise = std::make_shared<std::promise<Result<void>>>(std::move(done));
  loop_->post([this, all, promise] {
    Result<void> result;
    for (auto& [at, pair] : *all)
      if (auto one = open_one(at, std::move(pair)); !one) result = one;
    promise->set_value(result);
  });
}

void Worker::close(std::vector<Address> addresses, std::promise<Result<void>> done) {
  auto promise = std::make_shared<std::promise<Result<void>>>(std::move(done));
  loop_->post([this, addresses = std::move(addresses), promise] {
    for (const Address& at : addresses) listeners_.erase(at);
    promise->set_value({});
  });
}

void Worker::set_limits(const TcpLimits& limits) {
  loop_->post([this, limits] { service_.set_limits(limits); });
}

void Worker::tell(std::function<void(Handler&)> what) {
  loop_->post([this, what = std::move(what)] { what(*handler_); });
}

void Worker::finish(Milliseconds grace) {
  finishing_ = true;
  loop_->post([this, grace] {
    listeners_.clear();
    grace_.start(grace);
    service_.finish([this] { loop_->stop(); });
  });
}

}  // namespace zw
