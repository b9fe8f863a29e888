// Codes that go out in an e-mail as part of a link, and come back once: to confirm an address, to set a new
// password. 160 random bits, 32 letters and digits. Kept as a hash; how long it is good, and for whom, stands
// beside it in the caller's store.
#pragma once

#include <optional>
#include <string_view>

#include "base/random.h"
#include "crypto/secret.h"
#include "web/factors/kept_hash.h"

namespace zw {

struct OneTimeCode {
  SecretBuffer text;  // to be sent
  KeptHash hash;      // to be kept, and looked up by
};
/// `use`: what it is good for, such as `confirm address`, without null octets; for another use it is another
/// code.
OneTimeCode make_one_time_code(Random& random, std::string_view use);

/// By what to look up the code that came back; absent if it cannot be one. Letters in either case.
std::optional<KeptHash> parse_one_time_code(std::string_view text, std::string_view use);

}  // namespace zw
