// What a check found. Checks never stop at the first fault: they hand each Finding to a Findings list, which
// counts all and keeps the first ones.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "dns/name.h"
#include "dns/rr_type.h"

namespace zw {

enum class Severity { warning, error };

struct Finding {
  std::string_view rule;  // a stable name in kebab-case, a literal: "cname-and-other-data"
  Severity severity;
  Name owner;        // the whole name
  RrType type{};     // 0 when the finding is about the name
  std::string what;  // a sentence with what was expected and found, and the RFC section
};

class Findings {
 public:
  /// Keeps at most `most` findings; all are counted.
  explicit Findings(std::size_t most = 1000) : most_(most) {}
  void add(Finding finding) {
    ++(finding.severity == Severity::error ? errors_ : warnings_);
    if (kept_.size() < most_) kept_.push_back(std::move(finding));
  }
  /// Takes over all of `other` (its counts too).
  void merge(Findings&& other) {
    errors_ += other.errors_;
    warnings_ += other.warnings_;
    for (Finding& finding : other.kept_)
      if (kept_.size() < most_) kept_.push_back(std::move(finding));
  }
  std::size_t errors() const { return errors_; }
  std::size_t warnings() const { return warnings_; }
  const std::vector<Finding>& kept() const { return kept_; }

 private:
  std::vector<Finding> kept_;
  std::size_t most_, errors_ = 0, warnings_ = 0;
};

}  // namespace zw
