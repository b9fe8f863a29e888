#include "dns/tsig_record.h"

#include <algorithm>

namespace zw {
namespace {

// Between algorithm and MAC: time, fudge, MAC size. Behind the MAC: original ID, error, other length.
constexpr std::size_t kBeforeMac = 10, kBehindMac = 6;

}  // namespace

std::string_view print(TsigStatus status) {
  constexpr std::string_view kTexts[] = {"absent", "good",    "FORMERR", "BADKEY",
                                         "BADSIG", "BADTIME", "BADTRUNC"};
  return kTexts[static_cast<std::size_t>(status)];
}

TsigMac::TsigMac(Bytes mac) : size(static_cast<std::uint8_t>(mac.size())) {
  ZW_ASSERT(mac.size() <= octets.size());
  std::copy(mac.begin(), mac.end(), octets.begin());
}

TsigStatus TsigRecord::read(const MessageView& message, TsigRecord& out, MessageFault& fault) {
  auto tsig = message.tsig();
  if (!tsig) return TsigStatus::absent;
  auto no = [&](std::size_t at, const char* what) { return fault = {at, what}, TsigStatus::formerr; };
  // RFC 8945 §5.1: the last record of the additional section, and the only one.
  if (message.tsig_count() > 1) return no(tsig->owner_at, "a second TSIG record");
  if (tsig->owner_at < message.section_at(Section::additional) || tsig->end() != message.octets().size())
    return no(tsig->owner_at, "TSIG is not the last record of the message");
  if (tsig->rr_class != RrClass::ANY || tsig->ttl != 0)
    return no(tsig->owner_at, "the class of TSIG is not ANY or its TTL not 0");
  if (!tsig->expand_owner(out.owner)) return no(tsig->owner_at, "the owner of TSIG is no name");

  const Bytes rdata = tsig->raw_rdata();
  auto algorithm = NameView::read(rdata);
  if (!algorithm) return no(tsig->rdata_at, "the algorithm of TSIG is no uncompressed name");
  std::size_t at = algorithm->size();
  if (rdata.size() - at < kBeforeMac) return no(tsig->rdata_at + at, "TSIG is cut short");
  out.algorithm = *algorithm;
  out.time_signed = get48(&rdata[at]);
  out.fudge = get16(&rdata[at + 6]);
  std::size_t mac = get16(&rdata[at + 8]);
  at += kBeforeMac;
  if (rdata.size() - at < mac + kBehindMac)
    return no(tsig->rdata_at + at, "the MAC of TSIG reaches past its end");
  out.mac = rdata.subspan(at, mac);
  at += mac;
  out.original_id = get16(&rdata[at]);
  out.error = static_cast<Rcode>(get16(&rdata[at + 2]));
  std::size_t other = get16(&rdata[at + 4]);
  at += kBehindMac;
  if (rdata.size() - at != other) return no(tsig->rdata_at + at, "the other data of TSIG do not end with it");
  out.other = rdata.subspan(at);
  out.at = tsig->owner_at;
  return TsigStatus::good;
}

std::size_t tsig_octets(NameView owner, NameView algorithm, std::size_t mac, std::size_t other) {
  return owner.size() + 10 + algorithm.size() + kBeforeMac + mac + kBehindMac + other;
}

std::size_t write_tsig(std::uint8_t* out, const TsigRecord& record) {
  std::uint8_t* p = out;
  auto put = [&](Bytes octets) {
    if (!octets.empty()) std::memcpy(p, octets.data(), octets.size());
    p += octets.size();
  };
  put(record.owner.wire());
  set16(p, static_cast<std::uint16_t>(RrType::TSIG));
  set16(p + 2, static_cast<std::uint16_t>(RrClass::ANY));
  set32(p + 4, 0);
  std::uint8_t* length = p + 8;
  p += 10;
  put(record.algorithm.wire());
  set48(p, record.time_signed);
  set16(p + 6, record.fudge);
  set16(p + 8, static_cast<std::uint16_t>(record.mac.size()));
  p += kBeforeMac;
  put(record.mac);
  set16(p, record.original_id);
  set16(p + 2, static_cast<std::uint16_t>(record.error));
  set16(p + 4, static_cast<std::uint16_t>(record.other.size()));
  p += kBehindMac;
  put(record.other);
  set16(length, static_cast<std::uint16_t>(p - length - 2));
  return static_cast<std::size_t>(p - out);
}

std::size_t append_tsig(MutableBytes room, std::size_t size, const TsigRecord& record) {
  std::size_t end =
      size + tsig_octets(record.owner, record.algorithm, record.mac.size(), record.other.size());
  if (end > room.size() || end > kMaxMessageOctets) return 0;
  write_tsig(room.data() + size, record);
  set16(room.data() + 10, static_cast<std::uint16_t>(get16(room.data() + 10) + 1));
  return end;
}

}  // namespace zw
