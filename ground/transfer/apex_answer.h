// A primary's answer to the question for an RRset at a zone's apex: the SOA, by which a secondary learns
// whether there is a newer version, or the ZONEMD, by which it learns whether that is the same one (RFC
// 8976).
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/serial.h"
#include "dns/message.h"
#include "dns/name.h"
#include "dns/tsig.h"

namespace zw {

enum class ApexAnswerKind : std::uint8_t {
  good,
  not_ours,  // another ID or question, or not signed as it must be: perhaps forged, so wait on
  use_tcp,   // truncated
  no_edns,   // the primary seems not to know EDNS: ask without
  failed,    // an error, no authority, or no such RRset
};

struct ApexAnswer {
  ApexAnswerKind kind = ApexAnswerKind::failed;
  Serial serial{};                  // if good: of the SOA, or that a ZONEMD record names
  std::optional<Seconds> expire{};  // its EXPIRE option (RFC 7314)
  std::string what{};               // if not good: a sentence
  std::vector<Buffer> rdatas{};     // if good: what was asked for
};

/// What was asked.
struct ApexQuestion {
  Name zone;
  RrType type = RrType::SOA;  // or ZONEMD
  RrClass rr_class = RrClass::IN;
  std::uint16_t id = 0;
  bool edns = true;
};

/// `tsig`: made when the query was signed; null if it was not.
ApexAnswer read_apex_answer(Bytes octets, const ApexQuestion& question, TsigStreamVerifier* tsig,
                            WallTime now);

}  // namespace zw
