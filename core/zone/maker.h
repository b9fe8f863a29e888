// Zones that are made up: as large as one likes, alike in shape to the root and to a TLD, and the same for
// the same seed everywhere. For tests, demonstrations and measurements.
//
// Nothing in them points to anybody: addresses are those for documentation and benchmarks (RFC 2544,
// RFC 3849), names outside the zone lie below example.com, example.net, example.org and test (RFC 6761).
// The zones are not signed, and sound: check_zone() finds nothing in them.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/result.h"
#include "zone/changeset.h"
#include "zone/zone.h"

namespace zw {

/// How many TLDs the real root zone has.
inline constexpr std::size_t kRootSize = 1440;

/// A root-like zone with `size` delegations. `suffix_list`: text of the public suffix list, whose entries of
/// one label are the TLDs (in ASCII form); where they do not suffice, others are made up. Each has 2 to 6
/// servers, all with addresses, and 92 % have DS.
ZonePtr make_root_zone(std::uint64_t seed, std::size_t size, std::string_view suffix_list);

/// A zone like that of a TLD with `size` delegations of two servers each: 12 % have their own, with glue;
/// the others share some that are more or less popular, a few of them in this zone. 40 % have a DS. Fails
/// with `limit` if the origin is longer than 150 octets, with `unsupported` if it is the root.
Result<ZonePtr> make_tld_zone(NameView origin, std::uint64_t seed, std::size_t size);

/// What happens to such a zone from one serial to the next: of `count` delegations, a third comes, a third
/// goes, and a third gets another DS or other servers. The changed zone is as sound as `zone`. There may be
/// fewer changes if the zone is small. Serial: that of `zone` plus one.
Changeset make_changes(const Zone& zone, std::uint64_t seed, std::size_t count);

}  // namespace zw
