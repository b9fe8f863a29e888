// What the sources of Accounts share, and nobody else.
#pragma once

#include <fmt/format.h>

#include "web/accounts/accounts.h"
#include "web/accounts/schema.h"

namespace zw {

inline constexpr auto kBusy = "too many people are signing in at this moment: try again in a few seconds";

inline std::string subject_of(std::int64_t account) { return fmt::format("account/{}", account); }

/// What is counted in the store tells nobody whose it is.
inline Buffer place_of(std::string_view kind, std::string_view a, std::string_view b = {}) {
  KeptHash hash = KeptHash::of(kind, as_bytes(fmt::format("{}\n{}", a, b)));
  return Buffer(hash.octets().begin(), hash.octets().begin() + 16);
}

/// The database's chance, as who draws from it wants it.
class DatabaseRandom final : public Random {
 public:
  explicit DatabaseRandom(Database& database) : database_(database) {}
  std::uint64_t next() override {
    std::uint8_t octets[8];
    database_.fill_random(octets);
    return std::uint64_t{get32(octets)} << 32 | get32(octets + 4);
  }

 private:
  Database& database_;
};

struct Accounts::Stored {
  Account account;
  std::optional<std::string> password;
  std::optional<Buffer> totp;
  std::optional<std::int64_t> totp_step;

  static Stored read(const Row& row) {
    Stored out;
    out.account.id = row.get<std::int64_t>(0);
    out.account.email = row.get<std::string>(1);
    out.account.role = parse_role(row.get<std::string_view>(2));
    out.password = row.get<std::optional<std::string>>(3);
    out.totp = row.get<std::optional<Buffer>>(4);
    out.totp_step = row.get<std::optional<std::int64_t>>(5);
    out.account.made_at = row.get<Timestamp>(6);
    out.account.signed_in_at = row.get<std::optional<Timestamp>>(7);
    out.account.has_password = out.password.has_value();
    out.account.has_totp = out.totp.has_value();
    out.account.passkeys = row.get<std::int64_t>(8);
    return out;
  }
};

}  // namespace zw
