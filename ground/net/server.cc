#include "net/server.h"

#include <atomic>
#include <future>
#include <set>

#include "net/counters.h"
#include "net/socket.h"
#include "net/worker.h"

namespace zw {

/// The sockets of all workers at one place.
struct Server::Opened {
  Address bound;
  std::vector<ServerSockets> sockets;
};

namespace {

/// A port that both transports have free is found by trying.
constexpr int kPortAttempts = 20;

// What was inherited for the place comes first, also when it is more than there are workers: closing a socket
// would reset who waits in its queue.
Result<Server::Opened> open_once(const ListenPlace& place, std::size_t workers,
                                 std::vector<InheritedSockets>& inherited) {
  Server::Opened out{place.at, {}};
  for (InheritedSockets& one : inherited) {
    bool fits = one.asked == place && one.sockets.tcp && static_cast<bool>(one.sockets.udp) != place.tls;
    if (!fits) continue;
    out.bound = one.bound;
    out.sockets.push_back(std::move(one.sockets));
  }
  while (out.sockets.size() < workers) {
    ServerSockets some;
    if (!place.tls) {
      ZW_TRY(some.udp, open_udp_server(out.bound));
      ZW_TRY(out.bound, local_address(some.udp.get()));
    }
    ZW_TRY(some.tcp, open_tcp_server(out.bound));
    ZW_TRY(out.bound, local_address(some.tcp.get()));
    out.sockets.push_back(std::move(some));
  }
  return out;
}

Result<Server::Opened> open_all(const ListenPlace& place, std::size_t workers,
                                std::vector<InheritedSockets>& inherited) {
  auto opened = open_once(place, workers, inherited);
  for (int i = 1; place.at.port == 0 && !opened && i < kPortAttempts; ++i)
    opened = open_once(place, workers, inherited);
  return opened;
}

}  // namespace

Server::Server(Key, const TcpLimits& limits) : table_(limits.connections, limits.of_client) {}

Result<std::unique_ptr<Server>> Server::make(std::size_t workers, const MakeHandler& make_handler,
                                             Metrics& metrics, const TcpLimits& limits) {
  ZW_ASSERT(workers > 0);
  auto server = std::make_unique<Server>(Key(), limits);
  for (std::size_t i = 0; i < workers; ++i) {
    ZW_TRY(auto loop, Loop::make());
    server->workers_.push_back(std::make_unique<Worker>(
        std::move(loop), make_handler(i), make_net_counters(metrics, i), server->table_, limits));
  }
  return server;
}

Server::~Server() { stop(Milliseconds(0)); }

Result<void> Server::listen(std::span<const Address> addresses, std::span<const Address> tls) {
  std::set<ListenPlace> wanted;
  for (const Address& at : addresses) wanted.insert({at, false});
  for (const Address& at : tls) wanted.insert({at, true});
  std::map<ListenPlace, Opened> opened;
  for (const ListenPlace& place : wanted) {
    if (open_.contains(place)) continue;
    ZW_TRY(opened[place], open_all(place, workers_.size(), inherited_));
  }
  inherited_.clear();
  std::vector<ListenPlace> closed;
  for (const auto& [asked, bound] : open_)
    if (!wanted.contains(asked)) closed.push_back({bound.bound, asked.tls});
  std::map<ListenPlace, Open> added;
  for (const auto& [asked, sockets] : opened) {
    Open& open = added[asked];
    open.bound = sockets.bound;
    for (const ServerSockets& one : sockets.sockets) open.sockets.emplace_back(one.udp.get(), one.tcp.get());
  }
  if (auto done = hand_over(opened); !done) {
    std::vector<ListenPlace> undone;
    for (const auto& [asked, sockets] : opened) undone.push_back({sockets.bound, asked.tls});
    if (auto closed_again = close(undone); !closed_again) return closed_again;
    return done;
  }
  std::erase_if(open_, [&](const auto& entry) { return !wanted.contains(entry.first); });
  open_.merge(added);
  return close(closed);
}

Result<void> Server::hand_over(std::map<ListenPlace, Opened>& opened) {
  return on_each_worker([&](std::size_t i, Worker& worker, std::promise<Result<void>> done) {
    std::vector<std::pair<ListenPlace, ServerSockets>> mine;
    for (auto& [asked, sockets] : opened)
      for (std::size_t j = i; j < sockets.sockets.size(); j += workers_.size())
        mine.emplace_back(ListenPlace{sockets.bound, asked.tls}, std::move(sockets.sockets[j]));
    worker.open(std::move(mine), std::move(done));
  });
}

Result<void> Server::close(const std::vector<ListenPlace>& places) {
  return on_each_worker([&](std::size_t, Worker& worker, std::promise<Result<void>> done) {
    worker.close(places, std::move(done));
  });
}

Result<void> Server::on_each_worker(
    const std::function<void(std::size_t, Worker&, std::promise<Result<void>>)>& what) {
  std::vector<std::future<Result<void>>> futures;
  for (std::size_t i = 0; i < workers_.size(); ++i) {
    std::promise<Result<void>> done;
    futures.push_back(done.get_future());
    what(i, *workers_[i], std::move(done));
  }
  Result<void> result;
  for (auto& future : futures)
    if (auto one = future.get(); !one) result = one;
  return result;
}

std::vector<Address> Server::bound(bool tls) const {
  std::vector<Address> out;
  for (const auto& [asked, bound] : open_)
    if (asked.tls == tls) out.push_back(bound.bound);
  return out;
}

std::vector<Address> Server::listening() const { return bound(false); }
std::vector<Address> Server::listening_tls() const { return bound(true); }

std::vector<SharedSockets> Server::shared() const {
  std::vector<SharedSockets> out;
  for (const auto& [asked, open] : open_)
    for (const auto& [udp, tcp] : open.sockets) out.push_back({asked, open.bound, udp, tcp});
  return out;
}

void Server::set_limits(const TcpLimits& limits) {
  table_.set_limits(limits.connections, limits.of_client);
  for (auto& worker : workers_) worker->set_limits(limits);
}

void Server::set_tls(const TlsContextPtr& tls) {
  for (auto& worker : workers_) worker->set_tls(tls);
}

void Server::tell(const std::function<void(std::size_t, Handler&)>& what) {
  for (std::size_t i = 0; i < workers_.size(); ++i)
    workers_[i]->tell([what, i](Handler& handler) { what(i, handler); });
}

Result<void> Server::drain(Milliseconds linger, const std::function<void()>& drained) {
  std::vector<ListenPlace> places;
  for (const auto& [asked, open] : open_) places.push_back({open.bound, asked.tls});
  Result<void> closed = close(places);
  open_.clear();
  auto left = std::make_shared<std::atomic<std::size_t>>(workers_.size());
  for (auto& worker : workers_)
    worker->drain(linger, [left, drained] {
      if (left->fetch_sub(1) == 1) drained();
    });
  return closed;
}

void Server::stop(Milliseconds grace) {
  for (auto& worker : workers_) worker->finish(grace);
  workers_.clear();  // waits
  open_.clear();
}

}  // namespace zw
