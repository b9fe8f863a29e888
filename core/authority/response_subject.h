// What a response is about, as far as limiting its rate goes: whatever is asked at random, names and types
// that are not there or lie below one cut or wildcard, has one and the same subject.
#pragma once

#include <string_view>

#include "dns/name.h"
#include "dns/rr_type.h"

namespace zw {

enum class ResponseKind : std::uint8_t {
  other,     // errors, refusals, and what is not from a zone; has no names
  answer,    // by node (of a wildcard or DNAME: theirs) and type
  referral,  // by cut
  denial,    // NXDOMAIN and NODATA, by zone
  total,     // all responses to a network
};

/// For log lines: "denial".
constexpr std::string_view print(ResponseKind kind) {
  switch (kind) {
    case ResponseKind::other: return "other";
    case ResponseKind::answer: return "answer";
    case ResponseKind::referral: return "referral";
    case ResponseKind::denial: return "denial";
    case ResponseKind::total: return "total";
  }
  return "";
}

/// Views into the zone, never into the request, whose spelling a client may vary.
struct ResponseSubject {
  ResponseKind kind = ResponseKind::other;
  RrType type{};  // of an answer
  NameView zone;
  NameView node;  // relative to the zone
};

}  // namespace zw
