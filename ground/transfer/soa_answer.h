// A primary's answer to the question for a zone's SOA, by which a secondary learns whether there is a newer
// version.
#pragma once

#include <optional>
#include <string>

#include "base/serial.h"
#include "dns/message.h"
#include "dns/name.h"
#include "dns/tsig.h"

namespace zw {

enum class SoaAnswerKind : std::uint8_t {
  good,
  not_ours,  // another ID or question, or not signed as it must be: perhaps forged, so wait on
  use_tcp,   // truncated
  no_edns,   // the primary seems not to know EDNS: ask without
  failed,    // an error, or no authority
};

struct SoaAnswer {
  SoaAnswerKind kind = SoaAnswerKind::failed;
  Serial serial{};                  // if good
  std::optional<Seconds> expire{};  // its EXPIRE option (RFC 7314)
  std::string what{};               // if not good: a sentence
};

/// What was asked.
struct SoaQuestion {
  Name zone;
  RrClass rr_class = RrClass::IN;
  std::uint16_t id = 0;
  bool edns = true;
};

/// `tsig`: made when the query was signed; null if it was not.
SoaAnswer read_soa_answer(Bytes octets, const SoaQuestion& question, TsigStreamVerifier* tsig, WallTime now);

}  // namespace zw
