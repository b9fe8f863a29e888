#include "net/tcp_service.h"

#include <algorithm>

namespace zw {

TcpService::TcpService(Loop& loop, Handler& handler, NetCounters& counters, ConnectionTable& table,
                       const TcpLimits& limits)
    : loop_(loop),
      handler_(handler),
      counters_(counters),
      table_(table),
      limits_(limits),
      check_timer_(loop, [this] { check(); }) {
  outbox_.reserve(kMaxMessage + 2);
}

TcpService::~TcpService() {
  finished_ = nullptr;
  for (auto* list : {&idle_, &kept_, &sending_})
    while (!list->empty()) end(list->front());
}

void TcpService::adopt(Descriptor fd, const Address& peer, const Address& local, Transport transport) {
  auto verdict = table_.admit(peer.ip);
  if (verdict == ConnectionTable::Verdict::full && displace()) verdict = table_.admit(peer.ip);
  bool certified = transport != Transport::tls || tls_;
  if (verdict != ConnectionTable::Verdict::admitted || finished_ || !certified) {
    if (verdict == ConnectionTable::Verdict::admitted) table_.release(peer.ip);
    reset_on_close(fd.get());
    return counters_.tcp_refused.add();
  }
  Wire wire(std::move(fd), transport == Transport::tls ? tls_->start() : nullptr);
  Connection& connection = idle_.emplace_back(*this, std::move(wire), Peer{peer, local, transport});
  connection.place_ = std::prev(idle_.end());
  connection.active_at_ = loop_.now();
  counters_.tcp_accepted.add();
  counters_.tcp_open.add(1);
  if (!connection.start()) return end(connection);
  if (!check_timer_.running()) check_timer_.start(check_interval());
}

void TcpService::end(Connection& connection) {
  table_.release(connection.peer_.address.ip);
  counters_.tcp_open.add(-1);
  list_of(connection).erase(connection.place_);
  if (finished_ && open() == 0) std::exchange(finished_, nullptr)();
}

std::list<Connection>& TcpService::list_of(const Connection& connection) {
  return connection.listed_sending_ ? sending_ : connection.listed_kept_ ? kept_ : idle_;
}

void TcpService::sort(Connection& connection) {
  bool sending = connection.sending();
  if (ending_ && !sending) return end(connection);
  if (sending && connection.listed_sending_) return;  // its next check stands
  // Octets of a message that is not whole are no activity: they must not move the connection to the safe end.
  bool stays = sending == connection.listed_sending_ && connection.kept_ == connection.listed_kept_;
  if (stays && connection.active_at_ != loop_.now()) return;
  if (sending) {
    connection.checked_at_ = loop_.now();
    connection.progress_ = connection.acknowledged();
  }
  auto& from = list_of(connection);
  connection.listed_sending_ = sending;
  connection.listed_kept_ = connection.kept_;
  auto& to = list_of(connection);
  to.splice(to.end(), from, connection.place_);
}

bool TcpService::displace() {
  auto& list = !idle_.empty() ? idle_ : kept_;
  if (list.empty()) return false;
  counters_.tcp_displaced.add();
  reset_on_close(list.front().wire_.fd());
  end(list.front());
  return true;
}

void TcpService::set_limits(const TcpLimits& limits) { limits_ = limits; }

void TcpService::drain(std::function<void()> finished) {
  if (open() == 0) return finished();
  finished_ = std::move(finished);
}

void TcpService::finish(std::function<void()> finished) {
  finished_ = nullptr;  // of a drain that took too long
  ending_ = true;
  for (auto* list : {&idle_, &kept_})
    while (!list->empty()) end(list->front());
  for (Connection& connection : sending_) connection.closing_ = true;
  if (open() == 0) return finished();
  finished_ = std::move(finished);
}

Milliseconds TcpService::check_interval() const {
  auto shortest = std::min({limits_.idle, limits_.keep_alive, limits_.progress});
  return std::clamp(shortest / 4, Milliseconds(5), Milliseconds(1000));
}

void TcpService::check() {
  check_idle(idle_, limits_.idle);
  check_idle(kept_, limits_.keep_alive);
  check_sending();
  if (open() > 0) check_timer_.start(check_interval());
}

void TcpService::check_idle(std::list<Connection>& list, Milliseconds most) {
  while (!list.empty() && loop_.now() - list.front().active_at_ >= most) {
    counters_.tcp_idle.add();
    Wire& wire = list.front().wire_;
    if (unacknowledged(wire.fd()) > 0)
      reset_on_close(wire.fd());
    else if (wire.say_end())
      wire.try_flush();
    end(list.front());
  }
}

void TcpService::check_sending() {
  while (!sending_.empty() && loop_.now() - sending_.front().checked_at_ >= limits_.progress) {
    Connection& connection = sending_.front();
    std::uint64_t acknowledged = connection.acknowledged();
    if (acknowledged - connection.progress_ < limits_.progress_octets) {
      counters_.tcp_slow.add();
      reset_on_close(connection.wire_.fd());
      end(connection);
      continue;
    }
    connection.progress_ = acknowledged;
    connection.checked_at_ = loop_.now();
    sending_.splice(sending_.end(), sending_, sending_.begin());
  }
}

}  // namespace zw
