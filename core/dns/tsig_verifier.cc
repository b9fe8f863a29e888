// The client's side of TSIG.
#include "dns/tsig.h"

namespace zw {

Result<TsigStreamVerifier> TsigStreamVerifier::sign_request(const TsigKey& key, MutableBytes room,
                                                            std::size_t& size, WallTime now, Seconds fudge) {
  ZW_TRY(Hmac hmac, key.hmac());
  TsigStreamVerifier verifier(TsigChain(key, std::move(hmac)));
  TsigMac mac;
  std::size_t end = zw::sign_request(verifier.chain_, room, size, now, fudge, mac);
  if (end == 0) return fail(ErrorKind::limit, "TSIG does not fit behind a request of {} octets", size);
  verifier.chain_.set_prior(mac);
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
  server_error_ = record.error;
  if (record.error == Rcode::BADTIME && record.other.size() == 6)
    server_time_ = WallTime(Seconds(static_cast<Seconds::rep>(get48(record.other.data()))));
  return judge_response(chain_, response, record, first_, now);
}

}  // namespace zw
