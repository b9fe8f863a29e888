// The client's side of TSIG.
#include <algorithm>

#include "dns/tsig.h"

namespace zw {

Result<TsigStreamVerifier> TsigStreamVerifier::sign_request(const TsigKey& key, MutableBytes room,
                                                            std::size_t& size, WallTime now, Seconds fudge) {
  ZW_ASSERT(size >= kHeaderOctets && size <= room.size());
  ZW_TRY(Hmac hmac, key.hmac());
  TsigStreamVerifier verifier(TsigChain(key, std::move(hmac)));
  TsigRecord record;
  record.owner = key.name();
  record.algorithm = wire_name(key.algorithm());
  record.time_signed = tsig_time(now);
  record.fudge = static_cast<std::uint16_t>(std::clamp<Seconds::rep>(fudge.count(), 0, 65535));
  record.original_id = get16(room.data());
  verifier.chain_.add(room.first(size), record.original_id, get16(&room[10]));
  TsigMac mac = verifier.chain_.close_full(record);
  verifier.chain_.set_prior(mac);
  record.mac = mac.bytes();
  std::size_t end = append_tsig(room, size, record);
  if (end == 0) return fail(ErrorKind::limit, "TSIG does not fit behind a request of {} octets", size);
  size = end;
  return verifier;
}

Result<TsigStreamVerifier> TsigStreamVerifier::sign_request(const TsigKey& key, Buffer& message, WallTime now,
                                                            Seconds fudge) {
  std::size_t size = message.size();
  message.resize(size + tsig_octets(key.name(), wire_name(key.algorithm()), mac_octets(key.algorithm()), 0));
  auto verifier = sign_request(key, message, size, now, fudge);
  message.resize(size);
  return verifier;
}

TsigStatus TsigStreamVerifier::check(const MessageView& response, WallTime now) {
  server_error_ = Rcode::NOERROR;
  server_time_.reset();
  whole_ = false;
  if (lost_) return TsigStatus::badsig;
  TsigRecord record;
  MessageFault fault;
  TsigStatus status = TsigRecord::read(response, record, fault);
  if (status == TsigStatus::absent)
    status = pass_unsigned(response);
  else if (status == TsigStatus::good)
    status = judge(response, record, now);
  if (status == TsigStatus::good) {
    first_ = false;
    whole_ = true;
    unsigned_ = 0;
    chain_.set_prior(TsigMac(record.mac));
  } else if (status != TsigStatus::absent) {
    lost_ = !first_;
    chain_.reset();
  }
  return status;
}

TsigStatus TsigStreamVerifier::pass_unsigned(const MessageView& response) {
  if (first_ || ++unsigned_ > kMostUnsigned) return TsigStatus::badsig;
  const Header header = response.header();
  chain_.add(response.octets(), header.id, header.count(Section::additional));
  return TsigStatus::absent;
}

TsigStatus TsigStreamVerifier::judge(const MessageView& response, const TsigRecord& record, WallTime now) {
  const TsigKey& key = chain_.key();
  server_error_ = record.error;
  if (record.error == Rcode::BADTIME && record.other.size() == 6)
    server_time_ = WallTime(Seconds(static_cast<Seconds::rep>(get48(record.other.data()))));
  if (key.name() != record.owner.view() || wire_name(key.algorithm()) != record.algorithm)
    return TsigStatus::badkey;
  // An unsigned error answer says why the server did not sign (RFC 8945 §5.3.2), and proves nothing.
  if (record.mac.empty() && (record.error == kBadSig || record.error == Rcode::BADKEY))
    return record.error == kBadSig ? TsigStatus::badsig : TsigStatus::badkey;
  if (is_impossible_mac(key, record.mac)) return TsigStatus::formerr;
  chain_.add(response.octets().first(record.at), record.original_id,
             static_cast<std::uint16_t>(response.header().count(Section::additional) - 1));
  TsigMac expected = first_ ? chain_.close_full(record) : chain_.close_timers(record);
  return judge_tsig(key, record, expected, now);
}

}  // namespace zw
