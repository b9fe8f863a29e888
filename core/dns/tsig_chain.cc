#include "dns/tsig_chain.h"

#include "crypto/secret.h"

namespace zw {

void TsigChain::begin() {
  if (begun_) return;
  begun_ = true;
  if (prior_.size == 0) return;
  std::uint8_t size[2];
  set16(size, prior_.size);
  hmac_.update(size);
  hmac_.update(prior_.bytes());
}

void TsigChain::add(Bytes message, std::uint16_t id, std::uint16_t additional) {
  ZW_ASSERT(message.size() >= kHeaderOctets);
  begin();
  std::array<std::uint8_t, kHeaderOctets> header;
  std::memcpy(header.data(), message.data(), kHeaderOctets);
  set16(&header[0], id);
  set16(&header[10], additional);
  hmac_.update(header);
  hmac_.update(message.subspan(kHeaderOctets));
}

TsigMac TsigChain::close_full(const TsigRecord& record) {
  // Name, class ANY, TTL 0, algorithm, time, fudge, error, other length, other data (§4.3.3).
  std::array<std::uint8_t, 2 * kMaxNameOctets + 6 + 12> front;
  std::uint8_t* p = front.data();
  NameView name = key_->name(), algorithm = wire_name(key_->algorithm());  // both in lower case
  std::memcpy(p, name.data(), name.size());
  p += name.size();
  set16(p, static_cast<std::uint16_t>(RrClass::ANY));
  set32(p + 2, 0);
  p += 6;
  std::memcpy(p, algorithm.data(), algorithm.size());
  p += algorithm.size();
  set48(p, record.time_signed);
  set16(p + 6, record.fudge);
  set16(p + 8, static_cast<std::uint16_t>(record.error));
  set16(p + 10, static_cast<std::uint16_t>(record.other.size()));
  hmac_.update(Bytes(front).first(static_cast<std::size_t>(p + 12 - front.data())));
  hmac_.update(record.other);
  return finish();
}

TsigMac TsigChain::close_timers(const TsigRecord& record) {
  std::uint8_t timers[8];
  set48(timers, record.time_signed);
  set16(timers + 6, record.fudge);
  hmac_.update(timers);
  return finish();
}

TsigMac TsigChain::finish() {
  TsigMac mac;
  hmac_.finish(mac.octets);
  mac.size = static_cast<std::uint8_t>(mac_octets(key_->algorithm()));  // cut for the algorithms that are
  begun_ = false;
  return mac;
}

void TsigChain::reset() {
  hmac_.reset();
  begun_ = false;
}

bool is_impossible_mac(const TsigKey& key, Bytes mac) {
  return mac.size() > mac_octets(key.algorithm()) || mac.size() < least_mac_octets(key.algorithm());
}

TsigStatus judge_tsig(const TsigKey& key, const TsigRecord& record, const TsigMac& expected, WallTime now) {
  if (!constant_time_equal(record.mac, expected.bytes().first(record.mac.size()))) return TsigStatus::badsig;
  std::uint64_t ours = tsig_time(now);
  std::uint64_t apart = ours > record.time_signed ? ours - record.time_signed : record.time_signed - ours;
  if (apart > record.fudge) return TsigStatus::badtime;
  if (record.mac.size() < key.accepted_mac_octets()) return TsigStatus::badtrunc;
  return TsigStatus::good;
}

std::uint64_t tsig_time(WallTime when) {
  auto count = when.time_since_epoch().count();
  return count < 0 ? 0 : static_cast<std::uint64_t>(count) & 0xffffffffffffu;
}

}  // namespace zw
