// The TSIG record (RFC 8945 §4.2) as it stands in a message, read and written, without any cryptography.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "base/bytes.h"
#include "crypto/hmac.h"
#include "dns/message.h"
#include "dns/name.h"

namespace zw {

enum class TsigStatus : std::uint8_t {
  absent,    // no TSIG record
  good,      //
  formerr,   // the record breaks its format, is not the last one or not the only one
  badkey,    // no such key with that algorithm
  badsig,    // the MAC is wrong
  badtime,   // the MAC is right, the time is not within `fudge`
  badtrunc,  // the MAC is right, but shorter than we take
};
std::string_view print(TsigStatus status);

struct TsigMac {
  std::array<std::uint8_t, kMaxHmacOctets> octets;  // past `size` never read
  std::uint8_t size = 0;

  TsigMac();
  explicit TsigMac(Bytes mac);  // at most 64 octets
  Bytes bytes() const { return Bytes(octets).first(size); }
};

// Defaulted out here, also T() leaves the octets as they are.
inline TsigMac::TsigMac() = default;

/// A TSIG record (RFC 8945 §4.2), its views into the message it stands in.
struct TsigRecord {
  Name owner;  // the name of the key, as it came
  NameView algorithm;
  std::uint64_t time_signed = 0;  // seconds since 1970, 48 bits
  std::uint16_t fudge = 0;        // seconds
  std::uint16_t original_id = 0;
  Rcode error = Rcode::NOERROR;  // 16 is BADSIG here
  Bytes mac;
  Bytes other;
  std::size_t at = 0;  // where it begins

  /// `formerr` fills `fault`; else `absent` or `good`, which says nothing about the MAC.
  static TsigStatus read(const MessageView& message, TsigRecord& out, MessageFault& fault);
};

/// Octets of a TSIG record.
std::size_t tsig_octets(NameView owner, NameView algorithm, std::size_t mac, std::size_t other);
/// Writes `record` to `out`, which has room for it; gives back its octets.
std::size_t write_tsig(std::uint8_t* out, const TsigRecord& record);
/// Appends `record` to the message in the first `size` octets of `room` and counts it in ARCOUNT. Gives back
/// the new size, or 0 (and nothing changed) if `room` or the 65,535 octets do not hold it.
std::size_t append_tsig(MutableBytes room, std::size_t size, const TsigRecord& record);

}  // namespace zw
