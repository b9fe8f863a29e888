#include "web/accounts/schema.h"

namespace zw {
namespace {

constexpr Migration kMigrations[] = {
    {.name = "accounts",
     .up = R"(
CREATE TABLE account (
  id {id},
  email {text} NOT NULL UNIQUE,
  role {text} NOT NULL,
  password {text},
  totp {bytes},
  totp_step {int},
  passkey_user {bytes} NOT NULL UNIQUE,
  made_at {int} NOT NULL,
  signed_in_at {int}
) {strict};

CREATE TABLE account_link (
  hash {bytes} NOT NULL PRIMARY KEY,
  email {text} NOT NULL,
  made_at {int} NOT NULL,
  good_until {int} NOT NULL
) {strict};
CREATE INDEX account_link_email ON account_link (email);
CREATE INDEX account_link_until ON account_link (good_until);

CREATE TABLE account_mail (address {bytes} NOT NULL, at {int} NOT NULL) {strict};
CREATE INDEX account_mail_address ON account_mail (address, at);
CREATE INDEX account_mail_at ON account_mail (at);

CREATE TABLE account_recovery (
  account {int} NOT NULL REFERENCES account (id) ON DELETE CASCADE,
  hash {bytes} NOT NULL,
  PRIMARY KEY (account, hash)
) {strict};

CREATE TABLE account_session (
  number {id},
  hash {bytes} NOT NULL UNIQUE,
  account {int} NOT NULL REFERENCES account (id) ON DELETE CASCADE,
  whole {bool} NOT NULL,
  made_at {int} NOT NULL,
  used_at {int} NOT NULL,
  good_until {int} NOT NULL,
  address {text} NOT NULL,
  agent {text} NOT NULL
) {strict};
CREATE INDEX account_session_account ON account_session (account);
CREATE INDEX account_session_until ON account_session (good_until);

CREATE TABLE account_device (
  hash {bytes} NOT NULL PRIMARY KEY,
  account {int} NOT NULL REFERENCES account (id) ON DELETE CASCADE,
  used_at {int} NOT NULL
) {strict};
CREATE INDEX account_device_account ON account_device (account);
CREATE INDEX account_device_used ON account_device (used_at);

CREATE TABLE account_guess (
  place {bytes} NOT NULL PRIMARY KEY,
  failures {int} NOT NULL,
  last {int} NOT NULL
) {strict};
CREATE INDEX account_guess_last ON account_guess (last);
)",
     .down = "DROP TABLE account_guess; DROP TABLE account_device; DROP TABLE account_session; DROP TABLE "
             "account_recovery; DROP TABLE account_mail; DROP TABLE account_link; DROP TABLE account;"},
    {.name = "when a session was confirmed",
     .up = "ALTER TABLE account_session ADD COLUMN confirmed_at {int};",
     .down = "ALTER TABLE account_session DROP COLUMN confirmed_at;"},
    {.name = "passkeys",
     .up = R"(
CREATE TABLE account_passkey (
  number {id},
  credential {bytes} NOT NULL UNIQUE,
  account {int} NOT NULL REFERENCES account (id) ON DELETE CASCADE,
  label {text} NOT NULL,
  public_key {bytes} NOT NULL,
  sign_count {int} NOT NULL,
  aaguid {bytes} NOT NULL,
  backup_eligible {bool} NOT NULL,
  backed_up {bool} NOT NULL,
  transports {text} NOT NULL,
  made_at {int} NOT NULL,
  used_at {int},
  copied_at {int}
) {strict};
CREATE INDEX account_passkey_account ON account_passkey (account);

CREATE TABLE account_used_challenge (
  challenge {bytes} NOT NULL PRIMARY KEY,
  good_until {int} NOT NULL
) {strict};
CREATE INDEX account_used_challenge_until ON account_used_challenge (good_until);
)",
     .down = "DROP TABLE account_used_challenge; DROP TABLE account_passkey;"},
    {.name = "tokens of programs",
     .up = R"(
CREATE TABLE account_token (
  number {id},
  hash {bytes} NOT NULL UNIQUE,
  account {int} NOT NULL REFERENCES account (id) ON DELETE CASCADE,
  label {text} NOT NULL,
  scopes {text} NOT NULL,
  made_at {int} NOT NULL,
  good_until {int} NOT NULL,
  used_at {int},
  used_from {text}
) {strict};
CREATE INDEX account_token_account ON account_token (account);
CREATE INDEX account_token_until ON account_token (good_until);
)",
     .down = "DROP TABLE account_token;"},
};

}  // namespace

const Schema& account_schema() {
  static constexpr Schema kSchema{"accounts", kMigrations};
  return kSchema;
}

}  // namespace zw
