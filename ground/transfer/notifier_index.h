// Finds targets of a Notifier by their IP address, or by that and their port, in constant time however many
// share an address; they come and go at any time. One hash table in which the first target of each IP address
// stands by that alone, and the others by their port too; a circle joins those that share an IP address.
//
// The hash has a secret, so that nobody can choose addresses that make it slow. Memory for each target: 28
// octets, and 6 to 8 of the table. One thread at a time.
#pragma once

#include <array>
#include <cstdint>
#include <utility>
#include <vector>

#include "base/random.h"
#include "dns/address.h"

namespace zw {

class NotifierIndex {
 public:
  static constexpr std::uint32_t kNobody = ~std::uint32_t{0};

  explicit NotifierIndex(Random& random) { random.fill(secret_); }

  /// Memory for so many targets in all.
  void reserve(std::size_t targets);
  /// `i`: a number that is not in use; memory is taken for all numbers below. Several may have the same
  /// address and port.
  void add(std::uint32_t i, const Address& address);
  void remove(std::uint32_t i);

  /// Of a target that was added.
  Address address(std::uint32_t i) const { return {entries_[i].ip, entries_[i].port}; }
  /// A target with this address and port of which `fits(number)` is true; kNobody if there is none.
  template <typename Fits>
  std::uint32_t find(const Address& address, const Fits& fits) const;
  /// Calls `call(number)` for each target with this IP address. It must not add or remove any.
  template <typename Call>
  void each(const IpAddress& ip, const Call& call) const;

  std::size_t memory() const {
    return entries_.capacity() * sizeof(Entry) + table_.capacity() * sizeof(std::uint32_t);
  }

 private:
  struct Entry {
    IpAddress ip;
    std::uint16_t port = 0;
    bool first = false;                                // of its IP address
    std::uint32_t next = kNobody, previous = kNobody;  // the circle; kNobody: the number is not in use
  };
  static_assert(sizeof(Entry) == 28);

  std::size_t home_of(const IpAddress& ip) const;
  std::size_t home_of(const Address& address) const;
  std::size_t home_of(std::uint32_t i) const;
  std::size_t scale(Bytes octets) const;
  std::size_t after(std::size_t at) const { return at + 1 == table_.size() ? 0 : at + 1; }
  std::size_t steps(std::size_t begin, std::size_t end) const {
    return end >= begin ? end - begin : end + table_.size() - begin;
  }
  std::uint32_t first_at(const IpAddress& ip) const;
  void put(std::uint32_t i);
  void take_out(std::uint32_t i);
  void rebuild(std::size_t size);

  std::array<std::uint8_t, 16> secret_{};
  std::vector<Entry> entries_;  // by number
  // Open addressing, linear, never more than two thirds full.
  std::vector<std::uint32_t> table_ = std::vector<std::uint32_t>(4, kNobody);
  std::size_t used_ = 0;
};

template <typename Fits>
std::uint32_t NotifierIndex::find(const Address& address, const Fits& fits) const {
  std::uint32_t first = first_at(address.ip);
  if (first == kNobody) return kNobody;
  if (entries_[first].port == address.port && fits(first)) return first;
  if (entries_[first].next == first) return kNobody;
  for (std::size_t at = home_of(address); table_[at] != kNobody; at = after(at)) {
    const Entry& entry = entries_[table_[at]];
    if (!entry.first && entry.port == address.port && entry.ip == address.ip && fits(table_[at]))
      return table_[at];
  }
  return kNobody;
}

template <typename Call>
void NotifierIndex::each(const IpAddress& ip, const Call& call) const {
  std::uint32_t first = first_at(ip);
  if (first == kNobody) return;
  std::uint32_t i = first;
  do {
    call(i);
    i = entries_[i].next;
  } while (i != first);
}

}  // namespace zw
