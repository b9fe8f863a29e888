// Every statement of this room. Not for other rooms.
#pragma once

#include "store/statement.h"

namespace zw {

// ---- the database itself

inline constexpr Statement kCheckDatabase{
    "zw_check_database", "PRAGMA integrity_check(100)",
    "SELECT 'index ' || c.relname || ' is not valid' FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid "
    "JOIN pg_namespace n ON n.oid = c.relnamespace WHERE NOT i.indisvalid AND n.nspname = current_schema()"};
inline constexpr Statement kCheckForeignKeys{
    "zw_check_foreign_keys",
    "SELECT \"table\" || ': a row refers to one in ' || parent || ' that is not there' "
    "FROM pragma_foreign_key_check LIMIT 100",
    "SELECT c.relname || ': ' || k.conname || ' was never checked' FROM pg_constraint k "
    "JOIN pg_class c ON c.oid = k.conrelid JOIN pg_namespace n ON n.oid = c.relnamespace "
    "WHERE NOT k.convalidated AND n.nspname = current_schema()"};

// ---- migrations

inline constexpr std::string_view kMakeMigrations =
    "CREATE TABLE IF NOT EXISTS zw_migration (system {text} NOT NULL, number {int} NOT NULL, "
    "name {text} NOT NULL, hash {bytes} NOT NULL, at {int} NOT NULL, PRIMARY KEY (system, number)) {strict}";
// One process at a time: a lock until the end of the transaction. SQLite has one writer anyway.
inline constexpr Statement kLockMigrations{"zw_lock_migrations", "SELECT 1",
                                           "SELECT pg_advisory_xact_lock(2054123127)"};
inline constexpr Statement kListMigrations{
    "zw_list_migrations", "SELECT number, name, hash FROM zw_migration WHERE system = ?1 ORDER BY number"};
inline constexpr Statement kAddMigration{"zw_add_migration",
                                         "INSERT INTO zw_migration (system, number, name, hash, at) "
                                         "VALUES (?1, ?2, ?3, ?4, ?5)"};
inline constexpr Statement kRemoveMigration{"zw_remove_migration",
                                            "DELETE FROM zw_migration WHERE system = ?1 AND number = ?2"};

// ---- changes

inline constexpr Statement kAnnounce{"zw_announce",
                                     "INSERT INTO zw_change (topic, number) VALUES (?1, 1) ON CONFLICT "
                                     "(topic) DO UPDATE SET number = number + 1",
                                     "SELECT pg_notify('zonewright', ?1)"};

// ---- events

inline constexpr Statement kTakeEventHead{"zw_take_event_head",
                                          "SELECT number, link FROM zw_event_head WHERE id = 1",
                                          "SELECT number, link FROM zw_event_head WHERE id = 1 FOR UPDATE"};
inline constexpr Statement kEventHead{"zw_event_head", "SELECT number, link FROM zw_event_head WHERE id = 1"};
inline constexpr Statement kMoveEventHead{"zw_move_event_head",
                                          "UPDATE zw_event_head SET number = ?1, link = ?2 WHERE id = 1"};
inline constexpr Statement kAddEvent{
    "zw_add_event",
    "INSERT INTO zw_event (number, at, actor, origin, action, subject, detail, link) "
    "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)"};
inline constexpr Statement kAllEvents{"zw_all_events",
                                      "SELECT number, at, actor, origin, action, subject, detail, link "
                                      "FROM zw_event WHERE number > ?1 ORDER BY number"};
inline constexpr Statement kLatestEvents{"zw_latest_events",
                                         "SELECT number, at, actor, origin, action, subject, detail, link "
                                         "FROM zw_event WHERE number < ?1 ORDER BY number DESC LIMIT ?2"};
inline constexpr Statement kEventsOfSubject{
    "zw_events_of_subject",
    "SELECT number, at, actor, origin, action, subject, detail, link FROM zw_event "
    "WHERE subject = ?3 AND number < ?1 ORDER BY number DESC LIMIT ?2"};
inline constexpr Statement kEventsOfActor{
    "zw_events_of_actor",
    "SELECT number, at, actor, origin, action, subject, detail, link FROM zw_event "
    "WHERE actor = ?3 AND number < ?1 ORDER BY number DESC LIMIT ?2"};

// ---- jobs

// The newest wish counts: one that waits is replaced, one that is being done will be done again, one that was
// given up gets a new life.
inline constexpr Statement kAddJob{
    "zw_add_job",
    "INSERT INTO zw_job (queue, key, payload, made_at, due, attempts, attempts_left, again, dead, fault) "
    "VALUES (?1, ?2, ?3, ?4, ?5, 0, ?6, FALSE, FALSE, '') "
    "ON CONFLICT (queue, key) DO UPDATE SET payload = excluded.payload, made_at = excluded.made_at, "
    "again = (zw_job.holder IS NOT NULL), dead = FALSE, "
    "due = CASE WHEN zw_job.holder IS NULL THEN excluded.due ELSE zw_job.due END, "
    "attempts = CASE WHEN zw_job.holder IS NULL THEN 0 ELSE zw_job.attempts END, "
    "attempts_left = CASE WHEN zw_job.holder IS NULL THEN excluded.attempts_left ELSE zw_job.attempts_left "
    "END "
    "RETURNING id"};
// Jobs whose holders went again and again without a word.
inline constexpr Statement kBuryJobs{
    "zw_bury_jobs",
    "UPDATE zw_job SET dead = TRUE, holder = NULL, fault = 'begun ' || attempts || ' times and never ended' "
    "WHERE queue = ?1 AND NOT dead AND due <= ?2 AND attempts_left <= 0"};
inline constexpr Statement kTakeJobs{
    "zw_take_jobs",
    "UPDATE zw_job SET holder = ?3, due = ?4, attempts = attempts + 1, attempts_left = attempts_left - 1, "
    "again = FALSE WHERE id IN (SELECT id FROM zw_job WHERE queue = ?1 AND NOT dead AND due <= ?2 "
    "AND attempts_left > 0 ORDER BY due, id LIMIT ?5) RETURNING id, key, payload, made_at, attempts",
    // Picked once: a subquery could be run again and take more than it was asked for.
    "WITH picked AS MATERIALIZED (SELECT id FROM zw_job WHERE queue = ?1 AND NOT dead AND due <= ?2 "
    "AND attempts_left > 0 ORDER BY due, id LIMIT ?5 FOR UPDATE SKIP LOCKED) "
    "UPDATE zw_job SET holder = ?3, due = ?4, attempts = attempts + 1, attempts_left = attempts_left - 1, "
    "again = FALSE FROM picked WHERE zw_job.id = picked.id "
    "RETURNING zw_job.id, key, payload, made_at, attempts"};
// `holder` and `attempts` are the ticket: who lost the lease to another has none.
inline constexpr Statement kEndJob{
    "zw_end_job", "DELETE FROM zw_job WHERE id = ?1 AND holder = ?2 AND attempts = ?3 AND NOT again"};
inline constexpr Statement kRepeatJob{
    "zw_repeat_job",
    "UPDATE zw_job SET holder = NULL, again = FALSE, due = ?4, attempts = 0, attempts_left = ?5, fault = '' "
    "WHERE id = ?1 AND holder = ?2 AND attempts = ?3"};
inline constexpr Statement kRetryJob{
    "zw_retry_job",
    "UPDATE zw_job SET holder = NULL, due = ?4, fault = ?5, dead = (attempts_left <= 0 AND NOT again), "
    "attempts_left = CASE WHEN again THEN ?6 ELSE attempts_left END, again = FALSE "
    "WHERE id = ?1 AND holder = ?2 AND attempts = ?3 RETURNING dead"};
inline constexpr Statement kGiveUpJob{
    "zw_give_up_job",
    "UPDATE zw_job SET holder = NULL, due = ?4, fault = ?5, dead = NOT again, "
    "attempts_left = CASE WHEN again THEN ?6 ELSE attempts_left END, again = FALSE "
    "WHERE id = ?1 AND holder = ?2 AND attempts = ?3 RETURNING dead"};
inline constexpr Statement kExtendJob{
    "zw_extend_job", "UPDATE zw_job SET due = ?4 WHERE id = ?1 AND holder = ?2 AND attempts = ?3"};
inline constexpr Statement kCountJobs{"zw_count_jobs",
                                      "SELECT count(*), coalesce(sum(CASE WHEN dead THEN 1 ELSE 0 END), 0), "
                                      "coalesce(sum(CASE WHEN holder IS NOT NULL THEN 1 ELSE 0 END), 0), "
                                      "min(made_at) FROM zw_job WHERE queue = ?1"};
inline constexpr Statement kDeadJobs{
    "zw_dead_jobs",
    "SELECT id, key, payload, made_at, attempts, fault FROM zw_job WHERE queue = ?1 AND dead AND id > ?2 "
    "ORDER BY id LIMIT ?3"};
inline constexpr Statement kReviveJob{
    "zw_revive_job",
    "UPDATE zw_job SET dead = FALSE, due = ?2, attempts = 0, attempts_left = ?3 WHERE id = ?1 AND dead"};
inline constexpr Statement kDropJob{"zw_drop_job", "DELETE FROM zw_job WHERE id = ?1 AND dead"};
inline constexpr Statement kNextJob{"zw_next_job",
                                    "SELECT min(due) FROM zw_job WHERE queue = ?1 AND NOT dead"};

}  // namespace zw
