// Why a copy of a zone was published: which version, from whom, what was proven and when. Kept beside the
// copy.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/serial.h"
#include "base/time.h"
#include "dns/name.h"

namespace zw {
class JsonWriter;
}

namespace zw::localroot {

struct Evidence {
  Name origin;
  Serial serial;
  std::string digest;               // of the whole zone, base 16 (RFC 8976 SIMPLE)
  std::string digest_kind;          // "SHA-384"
  bool has_zonemd = false;          // the zone carries this digest itself, signed
  std::string source;               // address of the primary
  std::string method;               // "AXFR", "IXFR"
  std::vector<std::string> agreed;  // primaries that have the same digest, if they were asked
  std::size_t records = 0;
  std::size_t signatures = 0;  // that were verified
  WallTime verified_at{};
  WallTime confirmed_at{};               // when a primary last had this serial
  WallTime expires_at{};                 // the copy is not used after this (SOA EXPIRE from confirmed_at)
  std::optional<WallTime> signed_until;  // when the first RRset can be believed no more
};

/// What was proven of the version, and whose it is: members of an object that is open, without the origin.
void add_proof(JsonWriter& json, const Evidence& evidence);
/// These, and how long the copy is good.
void add_evidence(JsonWriter& json, const Evidence& evidence);
/// One JSON object.
std::string print_evidence(const Evidence& evidence);
/// Fails with `malformed` for anything that print_evidence() did not write.
Result<Evidence> parse_evidence(std::string_view text);

}  // namespace zw::localroot
