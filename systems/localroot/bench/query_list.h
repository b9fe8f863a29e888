// The questions of a query load, as octets ready to be sent: from a list, or made from a zone.
#pragma once

#include <string_view>
#include <vector>

#include "base/random.h"
#include "base/result.h"
#include "dns/message.h"
#include "zone/zone.h"

namespace zw::localroot {

/// How all of them are asked.
struct QueryForm {
  bool edns = true;
  bool dnssec_ok = false;
  std::uint16_t payload_octets = 1232;
};

constexpr std::size_t kMostQueries = 1'000'000;

/// A query with the ID 0.
Buffer compose_query(NameView name, RrType type, const QueryForm& form);

/// Lines `NAME TYPE`, as dnsperf reads them; empty ones and those after `;` or `#` say nothing. Fails with
/// the number of the first line that is wrong, and when there is none that is good.
Result<std::vector<Buffer>> parse_queries(std::string_view text, const QueryForm& form);

/// What the servers of a zone of delegations are asked: of ten, five for names that do not exist, three for
/// what lies at and below a delegation, one for DS, one for SOA, NS or DNSKEY of the apex. Fails if the zone
/// delegates nothing.
Result<std::vector<Buffer>> make_queries(const Zone& zone, std::size_t count, Random& random,
                                         const QueryForm& form);

}  // namespace zw::localroot
