#include "net/connection_table.h"

namespace zw {
namespace {

/// A client is an IPv4 address or what one site of IPv6 has (RFC 6177).
IpAddress client_of(const IpAddress& ip) { return ip.is_v4() ? ip : Network(ip, 64).first(); }

}  // namespace

ConnectionTable::Verdict ConnectionTable::admit(const IpAddress& client) {
  std::lock_guard lock(mutex_);
  if (open() >= most_) return Verdict::full;
  auto& count = clients_[client_of(client)];
  if (count >= most_of_client_) {
    if (count == 0) clients_.erase(client_of(client));  // a limit of none
    return Verdict::client_full;
  }
  ++count;
  open_.fetch_add(1, std::memory_order_relaxed);
  return Verdict::admitted;
}

void ConnectionTable::release(const IpAddress& client) {
  std::lock_guard lock(mutex_);
  auto found = clients_.find(client_of(client));
  ZW_ASSERT(found != clients_.end() && found->second > 0);
  if (--found->second == 0) clients_.erase(found);
  open_.fetch_sub(1, std::memory_order_relaxed);
}

void ConnectionTable::set_limits(std::size_t most, std::size_t most_of_client) {
  std::lock_guard lock(mutex_);
  most_ = most;
  most_of_client_ = most_of_client;
}

}  // namespace zw
