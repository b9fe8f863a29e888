#include "localroot/portal/schema.h"

namespace zw::localroot::portal {
namespace {

// Whatever an engine has to hear of has the number of the transaction that changed it last, from
// portal_feed; what was deleted leaves its number in portal_gone. Numbers rise in the order of commits, since
// that row is locked until then.
//
// portal_target holds what its server says once more (key, enabled), so that an engine reads one table.
// Of the secret of a URL lies its hash there, for engines, and what the pages make it of.
//
// `proof_secret` is 0 of what was proven unsigned, and NULL of what is not proven.
constexpr Migration kMigrations[] = {
    {.name = "keys, servers, targets",
     .up = R"(
CREATE TABLE portal_feed (
  id {int} NOT NULL PRIMARY KEY CHECK (id = 1),
  number {int} NOT NULL,
  floor {int} NOT NULL
) {strict};
INSERT INTO portal_feed VALUES (1, 0, 0);
CREATE TABLE portal_gone (
  change {int} NOT NULL,
  kind {int} NOT NULL,
  id {int} NOT NULL,
  at {int} NOT NULL,
  PRIMARY KEY (change, kind, id)
) {strict};
CREATE INDEX portal_gone_at ON portal_gone (at);

CREATE TABLE portal_zone (
  id {id},
  name {text} NOT NULL UNIQUE,
  offered {bool} NOT NULL,
  invited_only {bool} NOT NULL,
  note {text} NOT NULL,
  octets {int} NOT NULL,
  versions {int} NOT NULL
) {strict};
CREATE TABLE portal_invitation (
  account {int} NOT NULL,
  zone {int} NOT NULL REFERENCES portal_zone (id),
  PRIMARY KEY (account, zone)
) {strict};

CREATE TABLE portal_key (
  id {id},
  account {int} NOT NULL,
  label {text} NOT NULL,
  made_at {int} NOT NULL
) {strict};
CREATE INDEX portal_key_account ON portal_key (account, id);
CREATE TABLE portal_secret (
  id {id},
  key {int} NOT NULL REFERENCES portal_key (id),
  name {text} NOT NULL UNIQUE,
  algorithm {text} NOT NULL,
  value {bytes} NOT NULL,
  made_at {int} NOT NULL,
  ends_at {int},
  change {int} NOT NULL
) {strict};
CREATE INDEX portal_secret_key ON portal_secret (key, id);
CREATE INDEX portal_secret_change ON portal_secret (change);
CREATE INDEX portal_secret_end ON portal_secret (ends_at) WHERE ends_at IS NOT NULL;

CREATE TABLE portal_server (
  id {id},
  account {int} NOT NULL,
  label {text} NOT NULL,
  addresses {text} NOT NULL,
  key {int} REFERENCES portal_key (id),
  enabled {bool} NOT NULL,
  made_at {int} NOT NULL
) {strict};
CREATE INDEX portal_server_account ON portal_server (account, id);
CREATE INDEX portal_server_key ON portal_server (key, id);
CREATE TABLE portal_target (
  id {id},
  server {int} NOT NULL REFERENCES portal_server (id),
  zone {int} NOT NULL REFERENCES portal_zone (id),
  ip {bytes} NOT NULL,
  port {int} NOT NULL,
  key {int},
  policy {int} NOT NULL,
  enabled {bool} NOT NULL,
  since {int} NOT NULL,
  proof_secret {int},
  proven_at {int} NOT NULL,
  seen_at {int} NOT NULL,
  unanswered {int} NOT NULL,
  pause {int} NOT NULL,
  change {int} NOT NULL,
  UNIQUE (server, zone, ip, port)
) {strict};
CREATE INDEX portal_target_place ON portal_target (ip, zone);
CREATE INDEX portal_target_change ON portal_target (change);
CREATE INDEX portal_target_seen ON portal_target (seen_at) WHERE proof_secret IS NOT NULL AND pause = 0;

CREATE TABLE portal_fact (
  target {int} NOT NULL PRIMARY KEY REFERENCES portal_target (id) ON DELETE CASCADE,
  held {int},
  held_at {int},
  lacks_since {int},
  told_at {int},
  told_serial {int},
  outcome {int},
  rcode {int},
  fault {int},
  round_trip {int},
  fetched_at {int},
  transport {int},
  refused_at {int},
  refusal {text}
) {strict};
)",
     .down = "DROP TABLE portal_fact; DROP TABLE portal_target; DROP TABLE portal_server; "
             "DROP TABLE portal_secret; DROP TABLE portal_key; DROP TABLE portal_invitation; "
             "DROP TABLE portal_zone; DROP TABLE portal_gone; DROP TABLE portal_feed;"},
    {.name = "accounts that are paused",
     .up = R"(
CREATE TABLE portal_pause (
  account {int} NOT NULL PRIMARY KEY,
  since {int} NOT NULL
) {strict};
)",
     .down = "DROP TABLE portal_pause;"},
    {.name = "secret URLs of downloads",
     .up = R"(
CREATE TABLE portal_download (
  id {id},
  server {int} NOT NULL UNIQUE REFERENCES portal_server (id),
  seed {bytes} NOT NULL,
  hash {bytes} NOT NULL UNIQUE,
  made_at {int} NOT NULL,
  change {int} NOT NULL
) {strict};
CREATE INDEX portal_download_change ON portal_download (change);
)",
     .down = "DROP TABLE portal_download;"},
};

}  // namespace

constexpr Schema kPortalSchema{"portal", kMigrations};

}  // namespace zw::localroot::portal
