// Every statement of the portal. Not for other rooms.
#pragma once

#include "store/statement.h"

namespace zw::localroot::portal {

// ---- what engines hear

inline constexpr Statement kTakeChange{
    "portal_take_change", "UPDATE portal_feed SET number = number + 1 WHERE id = 1 RETURNING number"};
inline constexpr Statement kFeedState{"portal_feed_state",
                                      "SELECT number, floor FROM portal_feed WHERE id = 1"};
inline constexpr Statement kTargetGone{
    "portal_target_gone", "INSERT INTO portal_gone (change, kind, id, at) VALUES (?1, 1, ?2, ?3)"};
inline constexpr Statement kSecretGone{
    "portal_secret_gone", "INSERT INTO portal_gone (change, kind, id, at) VALUES (?1, 2, ?2, ?3)"};
inline constexpr Statement kDownloadGone{
    "portal_download_gone", "INSERT INTO portal_gone (change, kind, id, at) VALUES (?1, 3, ?2, ?3)"};
inline constexpr Statement kGoneSince{"portal_gone_since",
                                      "SELECT kind, id FROM portal_gone WHERE change > ?1 ORDER BY change"};
inline constexpr Statement kForgetGone{"portal_forget_gone", "DELETE FROM portal_gone WHERE at < ?1"};
inline constexpr Statement kRaiseFloor{
    "portal_raise_floor",
    "UPDATE portal_feed SET floor = (SELECT coalesce(max(change), 0) FROM portal_gone WHERE at < ?1) "
    "WHERE id = 1 AND floor < (SELECT coalesce(max(change), 0) FROM portal_gone WHERE at < ?1)"};
inline constexpr Statement kCountTargets{"portal_count_targets", "SELECT count(*) FROM portal_target"};
inline constexpr Statement kFeedSecrets{
    "portal_feed_secrets", "SELECT id, key, name, algorithm, value FROM portal_secret WHERE change > ?1"};
inline constexpr Statement kFeedDownloads{"portal_feed_downloads",
                                          "SELECT id, server, hash FROM portal_download WHERE change > ?1"};
// With what a target has, and what it answered to.
inline constexpr Statement kFeedTargets{
    "portal_feed_targets",
    "SELECT t.id, zone, ip, port, key, policy, enabled, since, proof_secret, proven_at, seen_at, unanswered, "
    "pause, server, held, CASE WHEN outcome = 1 THEN told_serial END "
    "FROM portal_target t LEFT JOIN portal_fact f ON f.target = t.id WHERE change > ?1"};
// All, in the order in which they lie.
inline constexpr Statement kAllFeedTargets{
    "portal_all_feed_targets",
    "SELECT t.id, zone, ip, port, key, policy, enabled, since, proof_secret, proven_at, seen_at, unanswered, "
    "pause, server, held, CASE WHEN outcome = 1 THEN told_serial END "
    "FROM portal_target t LEFT JOIN portal_fact f ON f.target = t.id"};

// ---- keys

inline constexpr Statement kCountKeys{"portal_count_keys",
                                      "SELECT count(*) FROM portal_key WHERE account = ?1"};
inline constexpr Statement kAddKey{
    "portal_add_key", "INSERT INTO portal_key (account, label, made_at) VALUES (?1, ?2, ?3) RETURNING id"};
inline constexpr Statement kRenameKey{"portal_rename_key",
                                      "UPDATE portal_key SET label = ?3 WHERE id = ?2 AND account = ?1"};
inline constexpr Statement kHasKey{"portal_has_key",
                                   "SELECT 1 FROM portal_key WHERE id = ?2 AND account = ?1"};
inline constexpr Statement kDeleteKey{"portal_delete_key", "DELETE FROM portal_key WHERE id = ?1"};
inline constexpr Statement kCountKeyUsers{"portal_count_key_users",
                                          "SELECT count(*) FROM portal_server WHERE key = ?1"};
inline constexpr Statement kListKeys{
    "portal_list_keys",
    "SELECT k.id, k.label, k.made_at, (SELECT count(*) FROM portal_server s WHERE s.key = k.id), "
    "x.id, x.name, x.algorithm, x.value, x.made_at, x.ends_at "
    "FROM portal_key k JOIN portal_secret x ON x.key = k.id WHERE k.account = ?1 ORDER BY k.id, x.id DESC"};
inline constexpr Statement kOneKey{
    "portal_one_key",
    "SELECT k.id, k.label, k.made_at, (SELECT count(*) FROM portal_server s WHERE s.key = k.id), "
    "x.id, x.name, x.algorithm, x.value, x.made_at, x.ends_at "
    "FROM portal_key k JOIN portal_secret x ON x.key = k.id WHERE k.account = ?1 AND k.id = ?2 ORDER BY x.id "
    "DESC"};
inline constexpr Statement kAddSecret{"portal_add_secret",
                                      "INSERT INTO portal_secret (key, name, algorithm, value, made_at, "
                                      "change) VALUES (?1, ?2, ?3, ?4, ?5, ?6)"};
inline constexpr Statement kEndSecretAt{"portal_end_secret_at",
                                        "UPDATE portal_secret SET ends_at = ?2 WHERE id = ?1"};
inline constexpr Statement kDeleteSecret{"portal_delete_secret", "DELETE FROM portal_secret WHERE id = ?1"};
inline constexpr Statement kHasSecret{"portal_has_secret",
                                      "SELECT 1 FROM portal_secret WHERE id = ?1 AND key = ?2"};
inline constexpr Statement kOverSecrets{"portal_over_secrets",
                                        "SELECT id, key FROM portal_secret WHERE ends_at <= ?1 LIMIT ?2"};

// ---- zones

inline constexpr Statement kOfferZone{
    "portal_offer_zone",
    "INSERT INTO portal_zone (name, offered, invited_only, note, octets, versions) VALUES (?1, ?2, ?3, ?4, "
    "?5, ?6) "
    "ON CONFLICT (name) DO UPDATE SET offered = excluded.offered, invited_only = excluded.invited_only, "
    "note = excluded.note, octets = excluded.octets, versions = excluded.versions RETURNING id"};
inline constexpr Statement kInvite{
    "portal_invite", "INSERT INTO portal_invitation (account, zone) VALUES (?1, ?2) ON CONFLICT DO NOTHING"};
inline constexpr Statement kUninvite{"portal_uninvite",
                                     "DELETE FROM portal_invitation WHERE account = ?1 AND zone = ?2"};
inline constexpr Statement kForgetInvitations{"portal_forget_invitations",
                                              "DELETE FROM portal_invitation WHERE account = ?1"};
inline constexpr Statement kAllZones{
    "portal_all_zones",
    "SELECT id, name, offered, invited_only, note, octets, versions FROM portal_zone ORDER BY name"};
inline constexpr Statement kZonesOf{
    "portal_zones_of",
    "SELECT id, name, offered, invited_only, note, octets, versions FROM portal_zone z WHERE offered AND "
    "(NOT invited_only OR EXISTS (SELECT 1 FROM portal_invitation i WHERE i.account = ?1 AND i.zone = z.id)) "
    "ORDER BY name"};
inline constexpr Statement kMayHaveZone{"portal_may_have_zone",
                                        "SELECT 1 FROM portal_zone z WHERE id = ?2 AND offered AND "
                                        "(NOT invited_only OR EXISTS (SELECT 1 FROM portal_invitation i "
                                        "WHERE i.account = ?1 AND i.zone = z.id))"};

inline constexpr Statement kInvited{"portal_invited",
                                    "SELECT account FROM portal_invitation WHERE zone = ?1 ORDER BY account"};

// ---- accounts

inline constexpr Statement kPauseAccount{
    "portal_pause_account",
    "INSERT INTO portal_pause (account, since) VALUES (?1, ?2) ON CONFLICT DO NOTHING"};
inline constexpr Statement kResumeAccount{"portal_resume_account",
                                          "DELETE FROM portal_pause WHERE account = ?1"};
inline constexpr Statement kPausedSince{"portal_paused_since",
                                        "SELECT since FROM portal_pause WHERE account = ?1"};

// ---- servers

inline constexpr Statement kCountServers{"portal_count_servers",
                                         "SELECT count(*) FROM portal_server WHERE account = ?1"};
inline constexpr Statement kAddServer{
    "portal_add_server",
    "INSERT INTO portal_server (account, label, addresses, key, enabled, made_at) "
    "VALUES (?1, ?2, ?3, ?4, TRUE, ?5) RETURNING id"};
inline constexpr Statement kEditServer{
    "portal_edit_server", "UPDATE portal_server SET label = ?2, addresses = ?3, key = ?4 WHERE id = ?1"};
inline constexpr Statement kEnableServer{"portal_enable_server",
                                         "UPDATE portal_server SET enabled = ?2 WHERE id = ?1"};
inline constexpr Statement kDeleteServer{"portal_delete_server", "DELETE FROM portal_server WHERE id = ?1"};
inline constexpr Statement kOneServer{
    "portal_one_server",
    "SELECT label, addresses, key, enabled, made_at FROM portal_server WHERE id = ?2 AND account = ?1"};
// With how many targets each has; ?4: since when a download counts.
inline constexpr Statement kListServers{
    "portal_list_servers",
    "SELECT s.id, s.label, s.addresses, s.key, s.enabled, count(t.id), "
    "count(CASE WHEN t.proof_secret IS NOT NULL AND t.pause = 0 THEN 1 END), "
    "count(CASE WHEN t.pause <> 0 THEN 1 END), "
    "count(CASE WHEN t.proof_secret IS NULL AND f.transport = 3 AND f.fetched_at >= ?4 THEN 1 END) "
    "FROM (SELECT id, label, addresses, key, enabled FROM portal_server WHERE account = ?1 AND id > ?2 "
    "ORDER BY id LIMIT ?3) s LEFT JOIN portal_target t ON t.server = s.id "
    "LEFT JOIN portal_fact f ON f.target = t.id "
    "GROUP BY s.id, s.label, s.addresses, s.key, s.enabled ORDER BY s.id"};
inline constexpr Statement kServersOf{"portal_servers_of",
                                      "SELECT id FROM portal_server WHERE account = ?1 ORDER BY id"};

// ---- downloads

inline constexpr Statement kAddDownload{
    "portal_add_download",
    "INSERT INTO portal_download (server, seed, hash, made_at, change) VALUES (?1, ?2, ?3, ?4, ?5)"};
inline constexpr Statement kOneDownload{"portal_one_download",
                                        "SELECT id, seed, made_at, hash FROM portal_download "
                                        "WHERE server = ?1"};
inline constexpr Statement kDeleteDownload{"portal_delete_download",
                                           "DELETE FROM portal_download WHERE id = ?1"};

// ---- targets

inline constexpr Statement kAddTarget{
    "portal_add_target",
    "INSERT INTO portal_target (server, zone, ip, port, key, policy, enabled, since, proven_at, seen_at, "
    "unanswered, pause, change) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, 0, 0, 0, 0, ?9)"};
inline constexpr Statement kDeleteTarget{"portal_delete_target", "DELETE FROM portal_target WHERE id = ?1"};
inline constexpr Statement kSetTarget{
    "portal_set_target",
    "UPDATE portal_target SET key = ?2, policy = ?3, enabled = ?4, since = ?5, proof_secret = ?6, proven_at "
    "= ?7, "
    "seen_at = ?8, unanswered = ?9, pause = ?10, change = ?11 WHERE id = ?1"};
// What no engine has to hear of.
inline constexpr Statement kTouchTarget{
    "portal_touch_target",
    "UPDATE portal_target SET proven_at = ?2, seen_at = ?3, unanswered = ?4 WHERE id = ?1"};
inline constexpr Statement kTargetsOfServer{
    "portal_targets_of_server",
    "SELECT t.id, zone, ip, port, key, policy, enabled, since, proof_secret, proven_at, seen_at, unanswered, "
    "pause, "
    "held, held_at, lacks_since, told_at, told_serial, outcome, rcode, fault, round_trip, fetched_at, "
    "transport, "
    "refused_at, refusal FROM portal_target t LEFT JOIN portal_fact f ON f.target = t.id "
    "WHERE server = ?1 ORDER BY zone, ip, port"};
// Of the servers of an account that are enabled, those of which not all targets are told first: at most ?2
// servers. With the number and the key of its server behind each target.
inline constexpr Statement kTargetsToLookAt{
    "portal_targets_to_look_at",
    "SELECT t.id, zone, ip, port, t.key, policy, t.enabled, since, proof_secret, proven_at, seen_at, "
    "unanswered, pause, "
    "held, held_at, lacks_since, told_at, told_serial, outcome, rcode, fault, round_trip, fetched_at, "
    "transport, "
    "refused_at, refusal, t.server FROM (SELECT s.id, CASE WHEN EXISTS (SELECT 1 FROM portal_target x WHERE "
    "x.server = s.id AND (x.proof_secret IS NULL OR x.pause <> 0)) THEN 0 ELSE 1 END AS rank "
    "FROM portal_server s WHERE s.account = ?1 AND s.enabled ORDER BY rank, s.id LIMIT ?2) c "
    "JOIN portal_target t ON t.server = c.id LEFT JOIN portal_fact f ON f.target = t.id "
    "ORDER BY c.rank, c.id, zone, ip, port"};
inline constexpr Statement kTargetsAt{"portal_targets_at",
                                      "SELECT id, zone, ip, port, key, policy, enabled, since, proof_secret, "
                                      "proven_at, seen_at, unanswered, pause, server "
                                      "FROM portal_target WHERE ip = ?1 AND zone = ?2"};
inline constexpr Statement kTargetsOfKey{
    "portal_targets_of_key",
    "SELECT t.id, zone, ip, port, t.key, policy, t.enabled, since, proof_secret, proven_at, seen_at, "
    "unanswered, "
    "pause FROM portal_server s JOIN portal_target t ON t.server = s.id WHERE s.key = ?1"};
inline constexpr Statement kTargetsOfZoneAndAccount{"portal_targets_of_zone",
                                                    "SELECT t.id, zone, ip, port, t.key, policy, t.enabled, "
                                                    "since, proof_secret, proven_at, seen_at, unanswered, "
                                                    "pause FROM portal_server s JOIN portal_target t ON "
                                                    "t.server = s.id WHERE s.account = ?1 AND t.zone = ?2"};
inline constexpr Statement kSilentTargets{
    "portal_silent_targets",
    "SELECT id, zone, ip, port, key, policy, enabled, since, proof_secret, proven_at, seen_at, unanswered, "
    "pause "
    "FROM portal_target WHERE proof_secret IS NOT NULL AND pause = 0 AND seen_at < ?1 LIMIT ?2"};

// ---- facts

inline constexpr Statement kNoteFetched{
    "portal_note_fetched",
    "INSERT INTO portal_fact (target, held, held_at, lacks_since, fetched_at, transport) "
    "VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT (target) DO UPDATE SET held = excluded.held, "
    "held_at = excluded.held_at, lacks_since = excluded.lacks_since, fetched_at = excluded.fetched_at, "
    "transport = excluded.transport"};
inline constexpr Statement kNoteAsked{
    "portal_note_asked",
    "INSERT INTO portal_fact (target, held, held_at, lacks_since) VALUES (?1, ?2, ?3, ?4) "
    "ON CONFLICT (target) DO UPDATE SET held = excluded.held, held_at = excluded.held_at, "
    "lacks_since = excluded.lacks_since WHERE portal_fact.held IS DISTINCT FROM excluded.held"};
inline constexpr Statement kNoteRefused{
    "portal_note_refused",
    "INSERT INTO portal_fact (target, refused_at, refusal) VALUES (?1, ?2, ?3) "
    "ON CONFLICT (target) DO UPDATE SET refused_at = excluded.refused_at, refusal = excluded.refusal"};
inline constexpr Statement kNoteTold{
    "portal_note_told",
    "INSERT INTO portal_fact (target, told_at, told_serial, outcome, rcode, fault, round_trip, lacks_since) "
    "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) ON CONFLICT (target) DO UPDATE SET told_at = excluded.told_at, "
    "told_serial = excluded.told_serial, outcome = excluded.outcome, rcode = excluded.rcode, "
    "fault = excluded.fault, round_trip = excluded.round_trip, "
    "lacks_since = coalesce(portal_fact.lacks_since, excluded.lacks_since)"};

}  // namespace zw::localroot::portal
