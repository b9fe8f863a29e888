#include "store/room_schema.h"

namespace zw {
namespace {

constexpr Migration kMigrations[] = {
    {.name = "changes",
     .up = R"(
CREATE TABLE zw_change (topic {text} NOT NULL PRIMARY KEY, number {int} NOT NULL) {strict};
)",
     .down = "DROP TABLE zw_change;"},

    // The head is a row of its own, for writers to queue at.
    {.name = "events",
     .up = R"(
CREATE TABLE zw_event (
  number {int} NOT NULL PRIMARY KEY,
  at {int} NOT NULL,
  actor {text} NOT NULL,
  origin {text} NOT NULL,
  action {text} NOT NULL,
  subject {text} NOT NULL,
  detail {text} NOT NULL,
  link {bytes} NOT NULL
) {strict};
CREATE INDEX zw_event_subject ON zw_event (subject, number);
CREATE INDEX zw_event_actor ON zw_event (actor, number);
CREATE TABLE zw_event_head (
  id {int} NOT NULL PRIMARY KEY CHECK (id = 1),
  number {int} NOT NULL,
  link {bytes} NOT NULL
) {strict};
INSERT INTO zw_event_head VALUES (1, 0, zeroblob(32));
CREATE TRIGGER zw_event_no_update BEFORE UPDATE ON zw_event
  BEGIN SELECT RAISE(ABORT, 'zw_event is append-only'); END;
CREATE TRIGGER zw_event_no_delete BEFORE DELETE ON zw_event
  BEGIN SELECT RAISE(ABORT, 'zw_event is append-only'); END;
)",
     .down = "DROP TABLE zw_event_head; DROP TABLE zw_event;",
     .postgres_up = R"(
CREATE TABLE zw_event (
  number {int} NOT NULL PRIMARY KEY,
  at {int} NOT NULL,
  actor {text} NOT NULL,
  origin {text} NOT NULL,
  action {text} NOT NULL,
  subject {text} NOT NULL,
  detail {text} NOT NULL,
  link {bytes} NOT NULL
);
CREATE INDEX zw_event_subject ON zw_event (subject, number);
CREATE INDEX zw_event_actor ON zw_event (actor, number);
CREATE TABLE zw_event_head (
  id {int} NOT NULL PRIMARY KEY CHECK (id = 1),
  number {int} NOT NULL,
  link {bytes} NOT NULL
);
INSERT INTO zw_event_head VALUES (1, 0, decode(repeat('00', 32), 'hex'));
CREATE FUNCTION zw_event_refuse() RETURNS trigger LANGUAGE plpgsql AS
  'BEGIN RAISE EXCEPTION ''zw_event is append-only''; END';
CREATE TRIGGER zw_event_no_change BEFORE UPDATE OR DELETE ON zw_event
  FOR EACH ROW EXECUTE FUNCTION zw_event_refuse();
CREATE TRIGGER zw_event_no_truncate BEFORE TRUNCATE ON zw_event
  FOR EACH STATEMENT EXECUTE FUNCTION zw_event_refuse();
)",
     .postgres_down = "DROP TABLE zw_event_head; DROP TABLE zw_event; DROP FUNCTION zw_event_refuse();"},

    // `due`: when to begin; of a job that somebody has, when the lease ends.
    {.name = "jobs",
     .up = R"(
CREATE TABLE zw_job (
  id {id},
  queue {text} NOT NULL,
  key {text},
  payload {bytes} NOT NULL,
  made_at {int} NOT NULL,
  due {int} NOT NULL,
  attempts {int} NOT NULL,
  attempts_left {int} NOT NULL,
  holder {text},
  again {bool} NOT NULL,
  dead {bool} NOT NULL,
  fault {text} NOT NULL,
  UNIQUE (queue, key)
) {strict};
CREATE INDEX zw_job_due ON zw_job (queue, due, id) WHERE NOT dead;
)",
     .down = "DROP TABLE zw_job;"},
};

}  // namespace

constexpr Schema kRoomSchema{"store", kMigrations};

}  // namespace zw
