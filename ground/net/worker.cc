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
      linger_(*loop_, [this] { service_.finish(drained_); }),
      thread_([this] { loop_->run(); }) {}

Worker::~Worker() {
  if (!finishing_) finish(Milliseconds(0));
  thread_.join();
}

Result<void> Worker::open_one(const ListenPlace& place, ServerSockets sockets) {
  Listeners& here = listeners_.emplace(place, Listeners())->second;
  if (sockets.udp) {
    here.udp =
        std::make_unique<UdpListener>(*loop_, std::move(sockets.udp), place.at, *handler_, counters_, batch_);
    ZW_CHECK(here.udp->start());
  }
  here.tcp = std::make_unique<TcpListener>(*loop_, std::move(sockets.tcp), place.at,
                                           place.tls ? Transport::tls : Transport::tcp, service_);
  return here.tcp->start();
}

void Worker::open(std::vector<std::pair<ListenPlace, ServerSockets>> sockets,
                  std::promise<Result<void>> done) {
  // Shared only because std::function wants to copy what it holds.
  auto all = std::make_shared<decltype(sockets)>(std::move(sockets));
  auto promise = std::make_shared<std::promise<Result<void>>>(std::move(done));
  loop_->post([this, all, promise] {
    Result<void> result;
    for (auto& [place, some] : *all)
      if (auto one = open_one(place, std::move(some)); !one) result = one;
    promise->set_value(result);
  });
}

void Worker::close(std::vector<ListenPlace> places, std::promise<Result<void>> done) {
  auto promise = std::make_shared<std::promise<Result<void>>>(std::move(done));
  loop_->post([this, places = std::move(places), promise] {
    for (const ListenPlace& place : places) listeners_.erase(place);
    promise->set_value({});
  });
}

void Worker::set_limits(const TcpLimits& limits) {
  loop_->post([this, limits] { service_.set_limits(limits); });
}

void Worker::set_tls(TlsContextPtr tls) {
  loop_->post([this, tls = std::move(tls)] { service_.set_tls(tls); });
}

void Worker::tell(std::function<void(Handler&)> what) {
  loop_->post([this, what = std::move(what)] { what(*handler_); });
}

void Worker::drain(Milliseconds linger, std::function<void()> drained) {
  loop_->post([this, linger, drained = std::move(drained)] {
    listeners_.clear();
    linger_.start(linger);
    drained_ = [this, drained] {
      linger_.stop();
      drained();
    };
    service_.drain(drained_);
  });
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
