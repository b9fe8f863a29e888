// Looks through a configuration that somebody has, of any software that we advise for, for what makes a local
// copy of the root stale or unproven. It is no parser of seven languages: it reads words, braces and
// comments, and says nothing about what it does not know. The text is foreign, and bounded.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"

namespace zw::localroot {

/// What a text seems to be.
enum class Dialect : std::uint8_t {
  unknown,
  bind,
  unbound,
  knot,
  nsd,
  knot_resolver,
  pdns_recursor,
  zonewright,
  hints,  // a file of root hints
};
std::string_view print(Dialect dialect);

struct AdviceFinding {
  std::size_t line;  // from 1; 0: of the whole
  /// `stale-address`, `no-transfer`, `name-as-source`, `not-verified`, `no-fall-back`, `answers-clients`,
  /// `refresh`, `advice-ended`.
  std::string_view rule;
  std::string what;
};

struct AdviceFindings {
  Dialect dialect = Dialect::unknown;
  std::vector<AdviceFinding> all;  // by line
};

/// `limit` above 1 MiB. `now` is for what says until when it is good.
Result<AdviceFindings> check_advice(std::string_view text, WallTime now);

}  // namespace zw::localroot
