// What is published: only what is newer than what we have and proven whole. Pure.
#pragma once

#include <optional>
#include <string>

#include "dnssec/verify.h"
#include "localroot/evidence.h"

namespace zw::localroot {

struct Judgement {
  bool publish = false;
  std::string reason;  // why not: a sentence
};

/// `published`: the serial that is served; a version must be newer. `floor`: a serial that was good once; a
/// version must not be older (RFC 1982).
Judgement judge(std::optional<Serial> published, std::optional<Serial> floor, const Zone& candidate,
                const VerifyReport& report);

/// The reason why `candidate` is refused beside `published`, as judge() gives it.
std::string not_newer(Serial candidate, Serial published);

/// What stands in log and status of a report that is not valid: the first error, and how many more.
std::string summary(const VerifyReport& report);

/// Until when a copy may be used: not after SOA EXPIRE, and not after its first RRset cannot be believed any
/// more, since it would not pass verification then.
WallTime good_until(const Evidence& evidence);

}  // namespace zw::localroot
