// The server's side of TSIG.
#include "dns/tsig.h"

namespace zw {
namespace {

Rcode error_of(TsigStatus status) {
  switch (status) {
    case TsigStatus::badsig: return kBadSig;
    case TsigStatus::badkey: return Rcode::BADKEY;
    case TsigStatus::badtime: return Rcode::BADTIME;
    case TsigStatus::badtrunc: return Rcode::BADTRUNC;
    default: return Rcode::NOERROR;
  }
}

bool goes_unsigned(TsigStatus status) { return status == TsigStatus::badkey || status == TsigStatus::badsig; }

TsigStatus verify(const MessageView& request, const TsigRecord& record, const TsigKey& key, WallTime now,
                  MessageFault& fault) {
  if (is_impossible_mac(key, record.mac)) {
    fault = {record.at, "the MAC of TSIG has a size that its algorithm does not allow"};
    return TsigStatus::formerr;
  }
  auto hmac = key.hmac();
  if (!hmac) return TsigStatus::badkey;  // known, but not to be computed: RFC 8945 §5.2.1
  TsigChain chain(key, std::move(*hmac));
  chain.add(request.octets().first(record.at), record.original_id,
            static_cast<std::uint16_t>(request.header().count(Section::additional) - 1));
  return judge_tsig(key, record, chain.close_full(record), now);
}

}  // namespace

Rcode TsigRequest::rcode() const {
  if (status == TsigStatus::absent || status == TsigStatus::good) return Rcode::NOERROR;
  return status == TsigStatus::formerr ? Rcode::FORMERR : Rcode::NOTAUTH;
}

TsigRequest verify_request(const MessageView& request, const TsigKeyring& keys, WallTime now) {
  TsigRequest out;
  TsigRecord record;
  out.status = TsigRecord::read(request, record, out.fault);
  if (out.status != TsigStatus::good) return out;
  out.key_name = record.owner;
  out.algorithm = record.algorithm;
  out.time_signed = record.time_signed;
  out.fudge = record.fudge;
  auto algorithm = find_tsig_algorithm(record.algorithm);
  const TsigKey* key = algorithm ? keys.find(record.owner, *algorithm) : nullptr;
  if (!key) return out.status = TsigStatus::badkey, out;
  out.status = verify(request, record, *key, now, out.fault);
  if (out.status == TsigStatus::formerr || out.status == TsigStatus::badkey) return out;
  out.key = key;
  out.mac = TsigMac(record.mac);
  return out;
}

TsigStreamSigner::TsigStreamSigner(const TsigRequest& request, std::optional<TsigChain> chain)
    : chain_(std::move(chain)),
      key_name_(request.key_name),
      algorithm_(request.algorithm),
      request_time_(request.time_signed),
      request_fudge_(request.fudge),
      status_(request.status),
      mac_octets_(static_cast<std::uint8_t>(chain_ ? mac_octets(request.key->algorithm()) : 0)) {}

Result<TsigStreamSigner> TsigStreamSigner::make(const TsigRequest& request) {
  ZW_ASSERT(request.wants_signer());
  if (goes_unsigned(request.status)) return TsigStreamSigner(request, std::nullopt);
  ZW_TRY(Hmac hmac, request.key->hmac());
  TsigChain chain(*request.key, std::move(hmac));
  chain.set_prior(request.mac);
  return TsigStreamSigner(request, std::move(chain));
}

std::size_t TsigStreamSigner::space() const {
  return tsig_octets(key_name_, algorithm_, mac_octets_, status_ == TsigStatus::badtime ? 6 : 0);
}

/// A record on its way, with what its views look into.
struct TsigStreamSigner::Draft {
  TsigRecord record;
  std::uint8_t our_time[6];
  TsigMac mac;
};

// Adds the part of the message that has the header to the chain.
TsigStreamSigner::Draft TsigStreamSigner::begin(Bytes head, WallTime now) {
  Draft draft;
  TsigRecord& record = draft.record;
  record.owner = key_name_;
  record.algorithm = algorithm_;
  record.time_signed = tsig_time(now);
  record.fudge = static_cast<std::uint16_t>(kTsigFudge.count());
  record.original_id = get16(head.data());
  record.error = error_of(status_);
  set48(draft.our_time, record.time_signed);
  if (status_ == TsigStatus::badtime) {  // RFC 8945 §5.2.3: so that the client finds the time right
    record.time_signed = request_time_;
    record.fudge = request_fudge_;
  }
  if (chain_) chain_->add(head, record.original_id, get16(&head[10]));
  return draft;
}

void TsigStreamSigner::close(Draft& draft) {
  TsigRecord& record = draft.record;
  if (status_ == TsigStatus::badtime) record.other = draft.our_time;
  if (chain_) {
    draft.mac = first_ ? chain_->close_full(record) : chain_->close_timers(record);
    chain_->set_prior(draft.mac);
  }
  record.mac = draft.mac.bytes();
  first_ = false;
  unsigned_ = 0;
}

std::size_t TsigStreamSigner::sign(MutableBytes room, std::size_t size, WallTime now) {
  ZW_ASSERT(size >= kHeaderOctets && size <= room.size());
  if (room.size() - size < space() || size + space() > kMaxMessageOctets) return 0;
  Draft draft = begin(room.first(size), now);
  close(draft);
  return append_tsig(room, size, draft.record);
}

bool TsigStreamSigner::sign(MutableBytes head, Bytes body, Buffer& tail, WallTime now) {
  ZW_ASSERT(head.size() >= kHeaderOctets);
  if (head.size() + body.size() + tail.size() + space() > kMaxMessageOctets) return false;
  Draft draft = begin(head, now);
  if (chain_) {
    chain_->add_more(body);
    chain_->add_more(tail);
  }
  close(draft);
  std::size_t before = tail.size();
  tail.resize(before + space());
  tail.resize(before + write_tsig(&tail[before], draft.record));
  set16(&head[10], static_cast<std::uint16_t>(get16(&head[10]) + 1));
  return true;
}

void TsigStreamSigner::pass(Bytes message) {
  ZW_ASSERT(chain_ && !first_ && unsigned_ < kMostUnsigned);
  ++unsigned_;
  chain_->add(message, get16(message.data()), get16(message.data() + 10));
}

}  // namespace zw
