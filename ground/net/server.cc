#include "net/server.h"

#include <future>
#include <set>

#include "net/counters.h"
#include "net/socket.h"
#include "net/worker.h"

namespace zw {

/// The sockets of all workers at one address.
struct Server::Opened {
  Address bound;
  std::vector<ServerSockets> sockets;
};

namespace {

/// A port that both transports have free is found by trying.
constexpr int kPortAttempts = 20;

Result<Server::Opened> open_once(const Address& at, std::size_t workers) {
  Server::Opened out{at, {}};
  for (std::size_t i = 0; i < workers; ++i) {
    ServerSockets pair;
    ZW_TRY(pair.udp, open_udp_server(out.bound));
    ZW_TRY(out.bound, local_address(pair.udp.get()));
    ZW_TRY(pair.tcp, open_tcp_server(out.bound));
    out.sockets.push_back(std::move(pair));
  }
  return out;
}

Result<Server::Opened> open_all(const Address& at, std::size_t workers) {
  auto opened = open_once(at, workers);
  for (int i = 1; at.port == 0 && !opened && i < kPortAttempts; ++i) opened = open_once(at, workers);
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

Result<void> Server::listen(std::span<const Address> addresses) {
  std::set<Address> wanted(addresses.begin(), addresses.end());
  std::map<Address, Opened> opened;
  for (const Address& at : wanted) {
    if (open_.contains(at)) continue;
    ZW_TRY(opened[at], open_all(at, workers_.size()));
  }
  std::vector<Address> closed;
  for (const auto& [asked, bound] : open_)
    if (!wanted.contains(asked)) closed.push_back(bound);
  if (auto done = hand_over(opened); !done) {
    std::vector<Address> undone;
    for (const auto& [asked, sockets] : opened) undone.push_back(sockets.bound);
    if (auto closed_again = close(undone); !closed_again) return closed_again;
    return done;
  }
  std::erase_if(open_, [&](const auto& entry) { return !wanted.contains(entry.first); });
  for (const auto& [asked, sockets] : opened) open_[asked] = sockets.bound;
  return close(closed);
}

Result<void> Server::hand_over(std::map<Address, Opened>& opened) {
  return on_each_worker([&](std::size_t i, Worker& worker, std::promise<Result<void>> done) {
    std::vector<std::pair<Address, ServerSockets>> mine;
    for (auto& [asked, sockets] : opened) mine.emplace_back(sockets.bound, std::move(sockets.sockets[i]));
    worker.open(std::move(mine), std::move(done));
  });
}

Result<void> Server::close(const std::vector<Address>& addresses) {
  return on_each_worker([&](std::size_t, Worker& worker, std::promise<Result<void>> done) {
    worker.close(addresses, std::move(done));
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

std::vector<Address> Server::listening() const {
  std::vector<Address> out;
  for (const auto& [asked, bound] : open_) out.push_back(bound);
  return out;
}

void Server::set_limits(const TcpLimits& limits) {
  table_.set_limits(limits.connections, limits.of_client);
  for (auto& worker : workers_) worker->set_limits(limits);
}

void Server::tell(const std::function<void(std::size_t, Handler&)>& what) {
  for (std::size_t i = 0; i < workers_.size(); ++i)
    workers_[i]->tell([what, i](Handler& handler) { what(i, handler); });
}

void Server::stop(Milliseconds grace) {
  for (auto& worker : workers_) worker->finish(grace);
  workers_.clear();  // waits
  open_.clear();
}

}  // namespace zw
