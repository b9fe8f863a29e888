#include "dnssec/nsec_checker.h"

#include <fmt/format.h>

#include <algorithm>

#include "dnssec/denial_types.h"
#include "dnssec/records.h"

namespace zw {

std::uint32_t denial_ttl(const Zone& zone) { return std::min(zone.soa().ttl(), zone.soa_times().minimum); }

void check_denial_ttl(std::uint32_t expected, NameView owner, RrSetView set, Repeated& repeated) {
  if (set.ttl() == expected) return;
  repeated.add("denial-ttl", Severity::warning, static_cast<std::uint32_t>(set.type()), owner, set.type(),
               [&] {
                 return fmt::format(
                     "the TTL is {}, expected {}: the lesser of the SOA's TTL and its last field (RFC 9077 "
                     "section 3)",
                     set.ttl(), expected);
               });
}

void NsecChecker::check(NodeTree::Cursor at, NodeKind kind, NameView owner, Findings& findings,
                        Repeated& repeated) {
  auto set = (*at).find(RrType::NSEC);
  auto tell = [&](std::string_view rule, std::string what) {
    findings.add({rule, Severity::error, owner, RrType::NSEC, std::move(what)});
  };
  bool expected = wanted_ && kind != NodeKind::occluded;
  if (!set) {
    if (expected) tell("nsec-missing", "the name has no NSEC record (RFC 4035 section 2.3)");
    return;
  }
  ++records_;
  if (!expected) {
    tell("nsec-stray",
         wanted_ ? "an NSEC record at a name that the zone does not speak for (RFC 4035 section 2.3)"
                 : "an NSEC record in a zone that has none at its apex");
    return;
  }
  if (set->size() > 1) {
    tell("nsec-multiple", fmt::format("{} NSEC records, expected one (RFC 4034 section 4)", set->size()));
    return;
  }
  check_denial_ttl(ttl_, owner, *set, repeated);
  check_record(at, kind, owner, set->rdatas().front(), findings);
}

void NsecChecker::check_record(NodeTree::Cursor at, NodeKind kind, NameView owner, Bytes rdata,
                               Findings& findings) {
  auto nsec = NsecView::parse(rdata);
  if (!nsec) {
    findings.add({"malformed-record", Severity::error, owner, RrType::NSEC,
                  "the RDATA of an NSEC breaks its format (RFC 4034 section 4.1)"});
    return;
  }
  NodeTree::Cursor behind = next_visible(at);
  Name next = behind.is_end() ? Name(zone_.origin()) : zone_.owner(*behind);
  if (nsec->next() != next.view())
    findings.add({"nsec-next", Severity::error, owner, RrType::NSEC,
                  fmt::format("the next name is {}, expected {} (RFC 4034 section 4.1.1)",
                              print(nsec->next()), print(next))});
  list_types(*at, kind, types_);
  insert_type(types_, RrType::RRSIG);
  insert_type(types_, RrType::NSEC);
  check_bitmap("nsec-bitmap", *at, owner, RrType::NSEC, nsec->types(), types_, findings);
}

}  // namespace zw
