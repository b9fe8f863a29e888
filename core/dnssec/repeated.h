// Faults that repeat for each name of a zone, such as one algorithm that signs nothing: counted, and told
// once with the first place.
#pragma once

#include <concepts>
#include <vector>

#include "zone/finding.h"

namespace zw {

class Repeated {
 public:
  /// `detail` tells apart what must not be counted together. `describe` gives the sentence for the first one.
  template <std::invocable Describe>
  void add(std::string_view rule, Severity severity, std::uint32_t detail, NameView owner, RrType type,
           Describe&& describe) {
    if (Entry* entry = find(rule, severity, detail))
      ++entry->count;
    else if (entries_.size() < kMost)
      entries_.push_back({{rule, severity, owner, type, describe()}, detail, 1});
    else
      ++beyond_[severity == Severity::error];
  }
  /// `later`: of names that stand behind those of this one.
  void merge(const Repeated& later);
  void tell(Findings& findings) const;

 private:
  // Hostile zones can have as many kinds as signatures.
  static constexpr std::size_t kMost = 64;
  struct Entry {
    Finding first;
    std::uint32_t detail;
    std::size_t count;
  };
  Entry* find(std::string_view rule, Severity severity, std::uint32_t detail);

  std::vector<Entry> entries_;
  std::size_t beyond_[2] = {};  // warnings, errors
};

}  // namespace zw
