#include "localroot/notify_policy.h"

#include <algorithm>

#include "dnssec/records.h"

namespace zw::localroot {
namespace {

bool is_key(RrType type) {
  return type == RrType::DNSKEY || type == RrType::DS || type == RrType::CDS || type == RrType::CDNSKEY;
}

// All of the two SOAs but their serials, which stand 20 octets before their ends.
bool same_but_serial(Bytes a, Bytes b) {
  return a.size() == b.size() && a.size() >= 20 &&
         same_bytes(a.first(a.size() - 20), b.first(b.size() - 20)) && same_bytes(a.last(16), b.last(16));
}

}  // namespace

std::string_view print(NotifyPolicy policy) {
  switch (policy) {
    case NotifyPolicy::always: return "always";
    case NotifyPolicy::change: return "change";
    case NotifyPolicy::deadline: return "deadline";
    case NotifyPolicy::change_or_deadline: return "change-or-deadline";
    case NotifyPolicy::security: return "security";
  }
  return "?";
}

std::optional<NotifyPolicy> parse_notify_policy(std::string_view word) {
  for (std::size_t i = 0; i < kNotifyPolicies; ++i)
    if (auto policy = static_cast<NotifyPolicy>(i); print(policy) == word) return policy;
  return std::nullopt;
}

VersionChange& VersionChange::operator|=(const VersionChange& other) {
  data = data || other.data;
  security = security || other.security;
  return *this;
}

bool comes_with_signing(RrType type) {
  switch (type) {
    case RrType::SOA:
    case RrType::RRSIG:
    case RrType::ZONEMD:
    case RrType::NSEC:
    case RrType::NSEC3:
    case RrType::NSEC3PARAM: return true;
    default: return false;
  }
}

// The SOAs come first (changeset.h).
bool changes_soa(const Changeset& changes) {
  if (changes.removed.is_empty() || changes.added.is_empty()) return false;
  ZoneRecord before = changes.removed[0], after = changes.added[0];
  return before.type == RrType::SOA && after.type == RrType::SOA &&
         (before.ttl != after.ttl || !same_but_serial(before.rdata, after.rdata));
}

VersionChange change_of(const Changeset& changes) {
  VersionChange out;
  out.data = changes_soa(changes);
  for (const RecordList* list : {&changes.removed, &changes.added})
    for (const ZoneRecord& record : *list) {
      out.data = out.data || !comes_with_signing(record.type);
      out.security = out.security || is_key(record.type);
    }
  return out;
}

SignatureSpan signature_span(const Zone& zone, WallTime now) {
  auto signatures = zone.apex().find_signatures(RrType::SOA);
  auto signature = signatures ? RrsigView::parse(signatures->rdatas().front()) : std::nullopt;
  if (!signature) return {};
  WallTime from = nearest_time(signature->inception(), now), to = nearest_time(signature->expiration(), now);
  return {from, std::max(to - from, Seconds(0))};
}

bool NotifyGroup::has_deadline() const {
  return policy_ != NotifyPolicy::always && policy_ != NotifyPolicy::change;
}

bool NotifyGroup::is_told(const VersionChange& change, const SignatureSpan& span, WallTime now) {
  bool by_change = policy_ == NotifyPolicy::change || policy_ == NotifyPolicy::change_or_deadline;
  bool told = !told_ || policy_ == NotifyPolicy::always || (by_change && change.data) ||
              (policy_ == NotifyPolicy::security && change.security) ||
              (has_deadline() && now + kMargin >= deadline());
  if (told)
    tell(span);
  else
    withheld_ = true;
  return told;
}

std::optional<WallTime> NotifyGroup::due() const {
  return withheld_ && has_deadline() ? std::optional(deadline()) : std::nullopt;
}

void NotifyGroup::tell(const SignatureSpan& span) {
  told_ = span;
  withheld_ = false;
}

}  // namespace zw::localroot
