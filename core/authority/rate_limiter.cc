#include "authority/rate_limiter.h"

#include <algorithm>
#include <bit>
#include <new>

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

// The leading `bits` of 128, as two words.
std::array<std::uint64_t, 2> mask_of(unsigned bits) {
  auto leading = [](unsigned count) { return count == 0 ? 0 : ~std::uint64_t{0} << (64 - count); };
  return {leading(std::min(bits, 64u)), leading(bits > 64 ? bits - 64 : 0)};
}

std::uint64_t mix(std::uint64_t a, std::uint64_t b) {
  __extension__ using Wide = unsigned __int128;
  Wide product = static_cast<Wide>(a ^ 0x9e3779b97f4a7c15u) * (b ^ 0xd1342543de82ef95u);
  return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
}

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
      cost_of_all_(cost_at(limits.total_per_second)),
      ipv4_mask_(mask_of(96 + limits.ipv4_prefix)),
      ipv6_mask_(mask_of(limits.ipv6_prefix)) {
  ZW_ASSERT(limits.per_second <= 1'000'000 && limits.total_per_second <= 1'000'000);
  if (limits.per_second == 0) return;
  std::size_t sets = std::bit_floor(std::max<std::size_t>(limits.table_octets / sizeof(Set), 1));
  std::size_t room = (sets + 1) * sizeof(Set);  // one more, to begin where sets are aligned
  table_.reset(std::calloc(1, room));
  if (!table_) throw std::bad_alloc();
  void* first = table_.get();
  sets_ = {static_cast<Set*>(std::align(alignof(Set), sets * sizeof(Set), first, room)), sets};
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
  const std::uint64_t network = hash_of_network(client);
  Bucket& bucket = bucket_of(mix(network, hash_of_subject(subject)));
  if (bucket.full_at + cost_ > now + kSecond && is_exempt(client)) return {};
  Ruling ruling = take(bucket, cost_, subject.kind, now);
  if (ruling.fate != Fate::send || limits_.total_per_second == 0) return ruling;
  Bucket& all = bucket_of(network);
  if (all.full_at + cost_of_all_ > now + kSecond && is_exempt(client)) return ruling;
  return take(all, cost_of_all_, ResponseKind::total, now);
}

RateLimiter::Ruling RateLimiter::take(Bucket& bucket, Nanoseconds cost, ResponseKind kind,
                                      Nanoseconds now) const {
  if (bucket.full_at <= now) bucket = {bucket.tag, 0, now};
  if (bucket.full_at + cost <= now + kSecond) {
    bucket.full_at += cost;
    return {};
  }
  ++bucket.held_back;
  bool slips = limits_.slip > 0 && bucket.held_back % limits_.slip == 0;
  return {slips ? Fate::truncate : Fate::drop, bucket.held_back == 1, kind};
}

// Secret, and nobody can choose what it will be.
std::uint64_t RateLimiter::hash_of_network(const IpAddress& client) const {
  const auto& mask = client.is_v4() ? ipv4_mask_ : ipv6_mask_;
  std::array<std::uint8_t, 16> octets = client.mapped();
  set64(&octets[0], get64(&octets[0]) & mask[0]);
  set64(&octets[8], get64(&octets[8]) & mask[1]);
  return get64(siphash24(secret_, octets).data());
}

// Nothing secret: a client can choose only among the subjects that there are, and two that met would share a
// bucket.
std::uint64_t RateLimiter::hash_of_subject(const ResponseSubject& subject) {
  auto kind = static_cast<std::uint64_t>(subject.kind) << 16 | static_cast<std::uint16_t>(subject.type);
  return mix(mix(kind, hash_of(subject.zone)), hash_of(subject.node));
}

RateLimiter::Bucket& RateLimiter::bucket_of(std::uint64_t hash) {
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
