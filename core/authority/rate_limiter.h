// Response rate limiting: how many responses of one subject go to one network over UDP, where the client's
// address may be forged and its owner be the victim. No RFC; the idea is Vixie and Schryver's, as in BIND,
// Knot DNS and NSD.
//
// A token bucket for each network and subject, that holds one second's worth, in a table of fixed size. Which
// place a bucket has depends on a secret, so nobody can aim at another's. When a set of four places is full,
// the bucket goes that is nearest to being full of tokens: an address that comes once pushes out another
// such, and never one that is being limited. What is pushed out begins anew with a full bucket; so a table
// that is too small lets more through and never limits anybody wrongly.
//
// For one thread; allocates only when made.
#pragma once

#include <cstdlib>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "authority/response_subject.h"
#include "base/time.h"
#include "dns/address.h"

namespace zw {

struct RateLimits {
  /// Responses of one subject to one network; 0: nothing is limited. At most 1,000,000.
  std::uint32_t per_second = 200;
  /// Of all subjects together; 0: no limit. At most 1,000,000.
  std::uint32_t total_per_second = 2000;
  /// Of those beyond the limit each n-th is truncated instead of dropped, so that a client whose address is
  /// its own comes over TCP; 1: all of them, 0: none.
  std::uint32_t slip = 1;
  unsigned ipv4_prefix = 24, ipv6_prefix = 56;
  /// Loopback, unless set: nobody else can come from there.
  std::vector<Network> exempt = {*Network::parse("127.0.0.0/8"), *Network::parse("::1")};
  std::size_t table_octets = std::size_t{1} << 20;  // rounded down to a power of two, at least 64

  /// For each of so many limiters that look after a part of the responses each: rates are divided, rounded
  /// up.
  RateLimits divided(std::size_t by) const;
  friend bool operator==(const RateLimits&, const RateLimits&) = default;
};

class RateLimiter {
 public:
  using Secret = std::array<std::uint8_t, 16>;
  RateLimiter(const RateLimits& limits, const Secret& secret);
  /// One for this from another that also serves for something else.
  static Secret secret_from(const Secret& other);

  enum class Fate : std::uint8_t { send, truncate, drop };
  struct Ruling {
    Fate fate = Fate::send;
    /// Limiting this subject, or with `total` all of them, begins; it ends when its bucket has filled up.
    bool begins = false;
    ResponseKind because = ResponseKind::other;  // when it is not sent
  };
  /// `now`: steady. Counts the response against its buckets if it is sent.
  Ruling decide(const IpAddress& client, const ResponseSubject& subject, Milliseconds now);

  /// That the client is counted with.
  Network network_of(const IpAddress& client) const {
    return {client, client.is_v4() ? limits_.ipv4_prefix : limits_.ipv6_prefix};
  }
  const RateLimits& limits() const { return limits_; }

 private:
  using Nanoseconds = std::chrono::nanoseconds;
  // The bucket is full of tokens from `full_at` on, and empty a second before.
  struct Bucket {
    std::uint32_t tag = 0;
    std::uint32_t held_back = 0;  // since it was full
    Nanoseconds full_at{0};
  };
  struct alignas(64) Set {
    Bucket buckets[4];
  };

  std::uint64_t hash_of_network(const IpAddress& client) const;
  static std::uint64_t hash_of_subject(const ResponseSubject& subject);
  Bucket& bucket_of(std::uint64_t hash);
  Ruling take(Bucket& bucket, Nanoseconds cost, ResponseKind kind, Nanoseconds now) const;
  bool is_exempt(const IpAddress& client) const;

  RateLimits limits_;
  Secret secret_;
  Nanoseconds cost_{0}, cost_of_all_{0};  // of one response: the time in which its token comes back
  std::array<std::uint64_t, 2> ipv4_mask_, ipv6_mask_;
  // Comes cleared, so the kernel gives each of its pages when a network first has a bucket there.
  std::unique_ptr<void, decltype(&std::free)> table_{nullptr, &std::free};
  std::span<Set> sets_;  // in the table; a power of two
};

}  // namespace zw
