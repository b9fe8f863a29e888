#include "zone/rules.h"

#include <algorithm>

#include "base/result.h"

namespace zw {
namespace {

constexpr Severity kError = Severity::error;
constexpr Severity kWarning = Severity::warning;

constexpr Rule kRules[] = {
    {"address-owner-no-hostname", kWarning, "RFC 1123 section 2.1",
     "the owner of an address is no host name: letters, digits and inner hyphens only"},
    {"cdnskey-below-apex", kError, "RFC 7344 section 4.1", "CDNSKEY counts only at the apex of a zone"},
    {"cds-below-apex", kError, "RFC 7344 section 4.1", "CDS counts only at the apex of a zone"},
    {"cds-delete-malformed", kError, "RFC 8078 section 4",
     "algorithm 0 asks for removal of the DS, and only as CDS 0 0 0 00 or CDNSKEY 0 3 0 AA=="},
    {"cds-delete-not-alone", kError, "RFC 8078 section 4",
     "a request to remove the DS stands beside records that ask for one"},
    {"cname-and-dname", kError, "RFC 6672 section 2.4", "a name cannot have both a CNAME and a DNAME"},
    {"cname-and-other-data", kError, "RFC 1034 section 3.6.2",
     "a name with a CNAME can have no other data but RRSIG, NSEC and KEY"},
    {"csync-below-apex", kWarning, "RFC 7477 section 2", "CSYNC means something only at the apex"},
    {"data-below-dname", kError, "RFC 6672 section 2.4", "no record may stand below a DNAME"},
    {"dnskey-below-apex", kWarning, "RFC 4035 section 2.1", "zone keys stand at the apex of a zone"},
    {"ds-at-apex", kError, "RFC 4035 section 2.4", "the DS of a zone stands in its parent, not in itself"},
    {"ds-without-ns", kError, "RFC 4035 section 2.4", "DS stands only beside the NS of a delegation"},
    {"duplicate-record", kWarning, "RFC 2181 section 5", "the same record stands twice; it is kept once"},
    {"missing-glue", kError, "RFC 9471 section 2",
     "a name server at or below its own zone cut has no address here, so nobody can reach it"},
    {"mixed-ttl", kWarning, "RFC 2181 section 5.2",
     "the records of one RRset have several TTLs; the lowest is taken for all"},
    {"mx-target-is-alias", kWarning, "RFC 2181 section 10.3", "the target of an MX is an alias"},
    {"ns-missing-at-apex", kError, "RFC 1034 section 4.2.1", "a zone has NS records at its apex"},
    {"ns-target-is-alias", kError, "RFC 2181 section 10.3", "the target of an NS is an alias"},
    {"ns-target-no-hostname", kWarning, "RFC 1123 section 2.1",
     "the target of an NS is no host name: letters, digits and inner hyphens only"},
    {"ns-target-without-address", kWarning, "RFC 1034 section 4.2.1",
     "a name server elsewhere in this zone has no address in it"},
    {"nsec3param-below-apex", kWarning, "RFC 5155 section 4", "NSEC3PARAM means something only at the apex"},
    {"occluded-data", kWarning, "RFC 9499 section 7",
     "data at or below a zone cut that is neither part of the delegation nor an address is never answered"},
    {"several-cnames", kError, "RFC 2181 section 10.1", "a name can have one CNAME only"},
    {"several-dnames", kError, "RFC 6672 section 2.4", "a name can have one DNAME only"},
    {"soa-below-apex", kError, "RFC 1035 section 5.2", "the SOA stands at the apex of a zone only"},
    {"soa-expire-too-short", kWarning, "RFC 1912 section 2.2",
     "EXPIRE should be more than REFRESH and RETRY together, or one missed refresh ends the zone"},
    {"soa-retry-too-long", kWarning, "RFC 1912 section 2.2", "RETRY should be less than REFRESH"},
    {"srv-target-is-alias", kWarning, "RFC 2782", "the target of an SRV is an alias"},
    {"target-looks-like-address", kWarning, "RFC 1035 section 3.3.11",
     "the target of an NS or MX is a name, and this one looks like an address"},
    {"wildcard-dname", kWarning, "RFC 4592 section 4.4", "a DNAME at a wildcard answers in surprising ways"},
    {"wildcard-ns", kWarning, "RFC 4592 section 4.2", "the meaning of an NS at a wildcard is not defined"},
    {"zonemd-below-apex", kWarning, "RFC 8976 section 2", "ZONEMD means something only at the apex"},
};
constexpr bool kByName =
    std::is_sorted(std::begin(kRules), std::end(kRules), [](auto& a, auto& b) { return a.name < b.name; });
static_assert(kByName);

}  // namespace

std::span<const Rule> zone_rules() { return kRules; }

const Rule& zone_rule(std::string_view name) {
  const Rule* rule =
      std::find_if(std::begin(kRules), std::end(kRules), [&](auto& r) { return r.name == name; });
  ZW_ASSERT(rule != std::end(kRules));
  return *rule;
}

}  // namespace zw
