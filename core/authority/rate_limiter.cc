#include "authority/rate_limiter.h"

#include <algorithm>
#include <bit>

#include "dns/cookie.h"

namespace zw {
namespace {

constexpr std::chrono::nanoseconds kSecond = Seconds(1);

std::chrono::nanoseconds cost_at(std::uint32_t per_second) {
  return per_second == 0 ? std::chrono::nanoseconds(0) : kSecond / per_second;
}

std::uint32_t part(std::uint32_t rate, std::size_t by) {
  return static_cast<std::uint32_t>((rate + by - 1) / by);
}

// What is hashed: a few octets that are always there, then names, which close themselves.
class Key {
 public:
  Key(const Network& network, const ResponseSubject& subject) {
    octets_[size_++] = static_cast<std::uint8_t>(subject.kind);
    octets_[size_++] = static_cast<std::uint8_t>(static_cast<std::uint16_t>(subject.type) >> 8);
    octets_[size_++] = static_cast<std::uint8_t>(static_cast<std::uint16_t>(subject.type));
    octets_[size_++] = network.first().is_v4() ? 4 : 6;
    add(network.first().octets());
    add(subject.zone.wire());
    add(subject.node.wire());
  }
  Bytes octets() const { return Bytes(octets_).first(size_); }

 private:
  void add(Bytes more) {
    std::copy(more.begin(), more.end(), octets_.begin() + static_cast<std::ptrdiff_t>(size_));
    size_ += more.size();
  }
  std::array<std::uint8_t, 4 + 16 + 2 * kMaxNameOctets> octets_;
  std::size_t size_ = 0;
};

}  // namespace

RateLimits RateLimits::divided(std::size_t by) const {
  ZW_ASSERT(by > 0);
  RateLimits out = *this;
  out.per_second = part(per_second, by);
  out.total_per_second = part(total_per_second, by);
  return out;
}

RateLimiter::RateLimiter(const RateLimits& limits, const Secret& secret)
    : limits_(limits),
      secret_(secret),
      cost_(cost_at(limits.per_second)),
      cost_of_all_(cost_at(limits.total_per_second)) {
  ZW_ASSERT(limits.per_second <= 1'000'000 && limits.total_per_second <= 1'000'000);
  if (limits.per_second > 0)
    sets_.resize(std::bit_floor(std::max<std::size_t>(limits.table_octets / sizeof(Set), 1)));
}

RateLimiter::Secret RateLimiter::secret_from(const Secret& other) {
  Secret out;
  for (std::size_t half : {0u, 1u}) {
    auto octets = siphash24(other, as_bytes(half == 0 ? "rate limiter, 1 of 2" : "rate limiter, 2 of 2"));
    std::copy(octets.begin(), octets.end(), out.begin() + static_cast<std::ptrdiff_t>(8 * half));
  }
  return out;
}

RateLimiter::Ruling RateLimiter::decide(const IpAddress& client, const ResponseSubject& subject,
                                        Milliseconds now) {
  if (sets_.empty()) return {};
  Network network = network_of(client);
  Bucket& bucket = bucket_of(network, subject);
  Ruling ruling;
  if (bucket.full_at + cost_ > now + kSecond && is_exempt(client)) return ruling;
  ruling = take(bucket, cost_, subject.kind, now);
  if (ruling.fate != Fate::send || limits_.total_per_second == 0) return ruling;
  Bucket& all = bucket_of(network, {ResponseKind::total, {}, {}, {}});
  if (all.full_at + cost_of_all_ > now + kSecond && is_exempt(client)) return ruling;
  return take(all, cost_of_all_, ResponseKind::total, now);
}

RateLimiter::Ruling RateLimiter::take(Bucket& bucket, Nanoseconds cost, ResponseKind kind, Nanoseconds now) {
  if (bucket.full_at <= now) bucket = {bucket.tag, 0, now};
  if (bucket.full_at + cost <= now + kSecond) {
    bucket.full_at += cost;
    return {};
  }
  ++bucket.held_back;
  bool slips = limits_.slip > 0 && bucket.held_back % limits_.slip == 0;
  return {slips ? Fate::truncate : Fate::drop, bucket.held_back == 1, kind};
}

RateLimiter::Bucket& RateLimiter::bucket_of(const Network& network, const ResponseSubject& subject) {
  std::uint64_t hash = get64(siphash24(secret_, Key(network, subject).octets()).data());
  auto tag = static_cast<std::uint32_t>(hash >> 32);
  Set& set = sets_[hash & (sets_.size() - 1)];
  Bucket* fullest = &set.buckets[0];
  for (Bucket& bucket : set.buckets) {
    if (bucket.tag == tag) return bucket;
    if (bucket.full_at < fullest->full_at) fullest = &bucket;
  }
  *fullest = {tag, 0, Nanoseconds(0)};
  return *fullest;
}

bool RateLimiter::is_exempt(const IpAddress& client) const {
  return std::any_of(limits_.exempt.begin(), limits_.exempt.end(),
                     [&](const Network& network) { return network.contains(client); });
}

}  // namespace zw
