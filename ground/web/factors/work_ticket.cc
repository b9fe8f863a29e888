#include "web/factors/work_ticket.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/encoding.h"
#include "crypto/digest.h"
#include "web/factors/site_key.h"

namespace zw {
namespace {

// The text of a ticket and the dot behind it are one block of SHA-256, so that each number is another one.
constexpr std::size_t kNonceOctets = 16, kCodeOctets = 16;
constexpr std::size_t kBodyOctets = 1 + 6 + kNonceOctets;  // the bits, when it was made in seconds, the nonce
constexpr std::size_t kTicketOctets = kBodyOctets + kCodeOctets, kTextOctets = (kTicketOctets * 8 + 4) / 5;
static_assert(kTextOctets + 1 == 64);
constexpr std::size_t kMostDigits = 16;  // of the number, which JavaScript counts exactly up to 2^53
constexpr unsigned kMostBits = 32;       // what the script counts

Hmac hmac_with(Bytes site_key) {
  auto hmac = Hmac::make(HmacAlgorithm::sha256, key_for(site_key, SiteKeyUse::work_tickets));
  ZW_ASSERT(hmac);
  return std::move(*hmac);
}

bool is_number(std::string_view text) {
  return !text.empty() && text.size() <= kMostDigits &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace

WorkTickets::WorkTickets(WorkSettings settings, Bytes site_key)
    : settings_(settings), hmac_(hmac_with(site_key)) {
  ZW_ASSERT(settings.bits <= kMostBits && settings.waiting < settings.lifetime);
}

// The lengths of the pieces are fixed or written before them, so that no two lists of pieces are the same
// octets.
Buffer WorkTickets::sign(Bytes body, std::string_view purpose, const Network& client) {
  std::string who = client.print();
  std::string lengths = fmt::format("{} {}:", purpose.size(), who.size());
  std::lock_guard lock(mutex_);
  for (Bytes piece : {body, as_bytes(lengths), as_bytes(purpose), as_bytes(who)}) hmac_.update(piece);
  Buffer code = hmac_.finish();
  code.resize(kCodeOctets);
  return code;
}

std::string WorkTickets::make(std::string_view purpose, const Network& client, WallTime now, Random& random) {
  Buffer ticket;
  append8(ticket, static_cast<std::uint8_t>(settings_.bits));
  append48(ticket, static_cast<std::uint64_t>(now.time_since_epoch().count()));
  ticket.resize(kBodyOctets);
  random.fill(MutableBytes(ticket).subspan(kBodyOctets - kNonceOctets));
  append(ticket, sign(ticket, purpose, client));
  return base32hex(ticket);
}

TicketAnswer WorkTickets::check(std::string_view text, std::string_view purpose, const Network& client,
                                WallTime now) {
  std::size_t dot = text.find('.');
  bool worked = dot != text.npos;
  std::string ticket(text.substr(0, std::min({dot, text.size(), kTextOctets + 1})));
  Buffer octets;
  if (ticket.size() != kTextOctets || !decode_base32hex(ticket, octets) || base32hex(octets) != ticket)
    return {TicketVerdict::foreign};
  Bytes body = Bytes(octets).first(kBodyOctets);
  if (!constant_time_equal(sign(body, purpose, client), Bytes(octets).subspan(kBodyOctets)))
    return {TicketVerdict::foreign};
  WallTime made{Seconds(static_cast<std::int64_t>(get48(body.data() + 1)))},
      until = made + settings_.lifetime;
  if (now >= until) return {TicketVerdict::expired};
  if (worked) {
    bool solved = is_number(text.substr(dot + 1)) && has_work(text, body[0]);
    return solved ? use(ticket, until, now) : TicketAnswer{TicketVerdict::unsolved};
  }
  if (Seconds left = made + settings_.waiting - now; left > Seconds(0))
    return {TicketVerdict::too_early, left};
  return use_waited(ticket, until, client, now);
}

TicketAnswer WorkTickets::use(const std::string& ticket, WallTime until, WallTime now) {
  std::lock_guard lock(mutex_);
  Remembered outcome = remember(ticket, until, now);
  return {outcome == Remembered::yes      ? TicketVerdict::good
          : outcome == Remembered::before ? TicketVerdict::used
                                          : TicketVerdict::crowded};
}

TicketAnswer WorkTickets::use_waited(const std::string& ticket, WallTime until, const Network& client,
                                     WallTime now) {
  std::lock_guard lock(mutex_);
  if (auto before = used_.find(ticket); before != used_.end() && now < before->second)
    return {TicketVerdict::used};
  std::string who = client.print();
  Remembered alone = remember(who, now + settings_.waiting, now);
  if (alone == Remembered::before) return {TicketVerdict::too_early, used_.find(who)->second - now};
  bool good = alone == Remembered::yes && remember(ticket, until, now) == Remembered::yes;
  return {good ? TicketVerdict::good : TicketVerdict::crowded};
}

WorkTickets::Remembered WorkTickets::remember(const std::string& what, WallTime until, WallTime now) {
  while (!used_until_.empty() && used_until_.begin()->first <= now) {
    used_.erase(used_until_.begin()->second);
    used_until_.erase(used_until_.begin());
  }
  if (used_.contains(what)) return Remembered::before;
  if (used_.size() >= settings_.remembered) return Remembered::no_room;
  used_.emplace(what, until);
  used_until_.emplace(until, what);
  return Remembered::yes;
}

Network client_network(const IpAddress& client) { return {client, client.is_v4() ? 32u : 64u}; }

bool has_work(std::string_view text, unsigned bits) {
  Digest hash = digest(DigestAlgorithm::sha256, as_bytes(text));
  return get64(hash.bytes().data()) >> (64 - std::max(bits, 1u)) == 0 || bits == 0;
}

}  // namespace zw
