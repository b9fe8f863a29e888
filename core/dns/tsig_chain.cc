#include "dns/tsig_chain.h"

#include <algorithm>

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

void TsigChain::set_key(const TsigKey& key) {
  ZW_ASSERT(key.algorithm() == key_->algorithm());
  key_ = &key;
  hmac_.set_key(key.secret());
  prior_ = TsigMac();
  begun_ = false;
}

std::size_t sign_request(TsigChain& chain, MutableBytes room, std::size_t size, WallTime now, Seconds fudge,
                         TsigMac& mac) {
  ZW_ASSERT(size >= kHeaderOctets && size <= room.size());
  const TsigKey& key = chain.key();
  TsigRecord record;
  record.owner = key.name();
  record.algorithm = wire_name(key.algorithm());
  record.time_signed = tsig_time(now);
  record.fudge = static_cast<std::uint16_t>(std::clamp<Seconds::rep>(fudge.count(), 0, 65535));
  record.original_id = get16(room.data());
  chain.add(room.first(size), record.original_id, get16(&room[10]));
  mac = chain.close_full(record);
  record.mac = mac.bytes();
  return append_tsig(room, size, record);
}

TsigStatus judge_response(TsigChain& chain, const MessageView& response, const TsigRecord& record, bool first,
                          WallTime now) {
  const TsigKey& key = chain.key();
  if (key.name() != record.owner.view() || wire_name(key.algorithm()) != record.algorithm)
    return TsigStatus::badkey;
  // An unsigned error answer says why the server did not sign (RFC 8945 §5.3.2), and proves nothing.
  if (record.mac.empty() && (record.error == kBadSig || record.error == Rcode::BADKEY))
    return record.error == kBadSig ? TsigStatus::badsig : TsigStatus::badkey;
  if (is_impossible_mac(key, record.mac)) return TsigStatus::formerr;
  chain.add(response.octets().first(record.at), record.original_id,
            static_cast<std::uint16_t>(response.header().count(Section::additional) - 1));
  TsigMac expected = first ? chain.close_full(record) : chain.close_timers(record);
  return judge_tsig(key, record, expected, now);
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
