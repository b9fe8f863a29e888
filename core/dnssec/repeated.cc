#include "dnssec/repeated.h"

#include <fmt/format.h>

namespace zw {

Repeated::Entry* Repeated::find(std::string_view rule, Severity severity, std::uint32_t detail) {
  for (Entry& entry : entries_)
    if (entry.detail == detail && entry.first.severity == severity && entry.first.rule == rule) return &entry;
  return nullptr;
}

void Repeated::merge(const Repeated& later) {
  for (const Entry& entry : later.entries_) {
    if (Entry* mine = find(entry.first.rule, entry.first.severity, entry.detail))
      mine->count += entry.count;
    else if (entries_.size() < kMost)
      entries_.push_back(entry);
    else
      beyond_[entry.first.severity == Severity::error] += entry.count;
  }
  for (int i : {0, 1}) beyond_[i] += later.beyond_[i];
}

void Repeated::tell(Findings& findings) const {
  for (const Entry& entry : entries_) {
    Finding finding = entry.first;
    if (entry.count > 1) finding.what += fmt::format("; so it is with {} more RRsets", entry.count - 1);
    findings.add(std::move(finding));
  }
  for (int i : {0, 1})
    if (beyond_[i])
      findings.add({"more-faults", i ? Severity::error : Severity::warning, Name(), RrType{},
                    fmt::format("{} more faults of other kinds were counted", beyond_[i])});
}

}  // namespace zw
