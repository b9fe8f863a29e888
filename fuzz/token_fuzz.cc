// What people and programs type or send to prove who they are: tokens, codes, tickets, scopes, passwords.
#include <vector>

#include "base/result.h"
#include "format/utf8.h"
#include "web/factors/api_token.h"
#include "web/factors/one_time_code.h"
#include "web/factors/password.h"
#include "web/factors/recovery_codes.h"
#include "web/factors/totp.h"
#include "web/factors/work_ticket.h"

using namespace zw;

namespace {

constexpr WallTime kNow{Seconds(1'790'000'000)};

/// Nothing that was not made is found, and what is read prints as itself.
void read(std::string_view text) {
  static Splitmix random(1);
  static const RecoveryCodes codes = make_recovery_codes(random);
  static const TotpSecret secret = TotpSecret::make(random);
  static WorkTickets tickets({.bits = 32}, Buffer(32, 1));
  static const Network here = client_network(IpAddress());
  ZW_ASSERT(!find_recovery_code(text, codes.hashes));
  (void)find_totp_step(secret, text, kNow, std::nullopt);
  ZW_ASSERT(tickets.check(text, "fuzz", here, kNow).verdict == TicketVerdict::foreign);
  (void)parse_api_token(text);
  (void)parse_one_time_code(text, "fuzz");
  if (auto scopes = Scopes::parse(text)) {
    ZW_ASSERT(Scopes::parse(scopes->print()).value() == *scopes && scopes->covers(*scopes));
  }
  if (auto password = Password::typed(text)) {
    ZW_ASSERT(is_utf8(as_text(password->octets())));
    auto again = Password::typed(as_text(password->octets()));
    ZW_ASSERT(!again || same_bytes(again->octets(), password->octets()));  // the normal form may be too long
  }
  (void)Password::chosen(text);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  read(as_text({data, size}));
  return 0;
}
