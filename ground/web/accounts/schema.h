// The tables of accounts, and all SQL about them. For this folder, and for who opens the database.
#pragma once

#include "store/migration.h"

namespace zw {

const Schema& account_schema();

namespace account_sql {

// ---- links by mail ----

inline constexpr Statement kCountMails{"account_count_mails",
                                       "SELECT count(*) FROM account_mail WHERE address = ?1 AND at > ?2"};
inline constexpr Statement kNoteMail{"account_note_mail",
                                     "INSERT INTO account_mail (address, at) VALUES (?1, ?2)"};
inline constexpr Statement kForgetMails{"account_forget_mails", "DELETE FROM account_mail WHERE at < ?1"};
inline constexpr Statement kAddLink{
    "account_add_link",
    "INSERT INTO account_link (hash, email, made_at, good_until) VALUES (?1, ?2, ?3, ?4)"};
inline constexpr Statement kFindLink{"account_find_link",
                                     "SELECT email FROM account_link WHERE hash = ?1 AND good_until > ?2"};
inline constexpr Statement kDropLinks{"account_drop_links", "DELETE FROM account_link WHERE email = ?1"};
inline constexpr Statement kForgetLinks{"account_forget_links",
                                        "DELETE FROM account_link WHERE good_until < ?1"};

// ---- accounts ----

inline constexpr Statement kFindByEmail{
    "account_by_email",
    "SELECT id, email, role, password, totp, totp_step, made_at, signed_in_at, "
    "(SELECT count(*) FROM account_passkey p WHERE p.account = account.id) FROM account WHERE email = ?1"};
inline constexpr Statement kFindById{
    "account_by_id",
    "SELECT id, email, role, password, totp, totp_step, made_at, signed_in_at, "
    "(SELECT count(*) FROM account_passkey p WHERE p.account = account.id) FROM account WHERE id = ?1"};
inline constexpr Statement kAddAccount{
    "account_add",
    "INSERT INTO account (email, role, password, passkey_user, made_at) VALUES (?1, ?2, ?3, ?4, ?5) "
    "RETURNING id"};
inline constexpr Statement kSetPassword{"account_set_password",
                                        "UPDATE account SET password = ?2 WHERE id = ?1"};
inline constexpr Statement kSetTotp{"account_set_totp",
                                    "UPDATE account SET totp = ?2, totp_step = ?3 WHERE id = ?1"};
inline constexpr Statement kSetTotpStep{
    "account_set_totp_step",
    "UPDATE account SET totp_step = ?2 WHERE id = ?1 AND (totp_step IS NULL OR totp_step < ?2)"};
inline constexpr Statement kSetRole{"account_set_role", "UPDATE account SET role = ?2 WHERE id = ?1"};
inline constexpr Statement kNoteSignIn{"account_note_sign_in",
                                       "UPDATE account SET signed_in_at = ?2 WHERE id = ?1"};
inline constexpr Statement kDropAccount{"account_drop", "DELETE FROM account WHERE id = ?1"};
inline constexpr Statement kListAccounts{
    "account_list",
    "SELECT id, email, role, password, totp, totp_step, made_at, signed_in_at, "
    "(SELECT count(*) FROM account_passkey p WHERE p.account = account.id) FROM account WHERE id > ?1 "
    "ORDER BY id LIMIT ?2"};
inline constexpr Statement kSearchAccounts{
    "account_search",
    "SELECT id, email, role, password, totp, totp_step, made_at, signed_in_at, "
    "(SELECT count(*) FROM account_passkey p WHERE p.account = account.id) FROM account WHERE id > ?1 "
    "AND email LIKE ?3 ESCAPE '\\' ORDER BY id LIMIT ?2"};

// ---- recovery codes ----

inline constexpr Statement kAddRecovery{"account_add_recovery",
                                        "INSERT INTO account_recovery (account, hash) VALUES (?1, ?2)"};
inline constexpr Statement kListRecovery{"account_list_recovery",
                                         "SELECT hash FROM account_recovery WHERE account = ?1"};
inline constexpr Statement kUseRecovery{"account_use_recovery",
                                        "DELETE FROM account_recovery WHERE account = ?1 AND hash = ?2"};
inline constexpr Statement kDropRecovery{"account_drop_recovery",
                                         "DELETE FROM account_recovery WHERE account = ?1"};

// ---- sessions and devices ----

inline constexpr Statement kAddSession{"account_add_session",
                                       "INSERT INTO account_session (hash, account, whole, made_at, used_at, "
                                       "confirmed_at, good_until, address, agent) "
                                       "VALUES (?1, ?2, ?3, ?4, ?4, ?4, ?5, ?6, ?7)"};
inline constexpr Statement kFindSession{
    "account_find_session",
    "SELECT s.account, s.whole, s.made_at, s.used_at, a.email, a.role, a.totp IS NOT NULL, "
    "EXISTS (SELECT 1 FROM account_passkey p WHERE p.account = s.account), s.confirmed_at FROM "
    "account_session s JOIN account a ON a.id = s.account WHERE s.hash = ?1 AND s.good_until > ?2 AND "
    "s.used_at > ?3"};
inline constexpr Statement kUseSession{"account_use_session",
                                       "UPDATE account_session SET used_at = ?2 WHERE hash = ?1"};
inline constexpr Statement kListSessions{
    "account_list_sessions",
    "SELECT number, made_at, used_at, address, agent, hash FROM account_session WHERE account = ?1 AND "
    "good_until > ?2 ORDER BY used_at DESC LIMIT 100"};
inline constexpr Statement kDropSession{"account_drop_session",
                                        "DELETE FROM account_session WHERE hash = ?1"};
inline constexpr Statement kDropSessionNumber{
    "account_drop_session_number", "DELETE FROM account_session WHERE number = ?1 AND account = ?2"};
inline constexpr Statement kDropSessions{"account_drop_sessions",
                                         "DELETE FROM account_session WHERE account = ?1"};
inline constexpr Statement kDropOtherSessions{
    "account_drop_other_sessions", "DELETE FROM account_session WHERE account = ?1 AND hash <> ?2"};
inline constexpr Statement kMakeWhole{
    "account_make_whole", "UPDATE account_session SET whole = ?2, confirmed_at = ?3 WHERE hash = ?1"};
inline constexpr Statement kConfirmSession{"account_confirm_session",
                                           "UPDATE account_session SET confirmed_at = ?2 WHERE hash = ?1"};
inline constexpr Statement kForgetSessions{"account_forget_sessions",
                                           "DELETE FROM account_session WHERE good_until < ?1"};
inline constexpr Statement kAddDevice{
    "account_add_device", "INSERT INTO account_device (hash, account, used_at) VALUES (?1, ?2, ?3)"};
inline constexpr Statement kUseDevice{
    "account_use_device", "UPDATE account_device SET used_at = ?3 WHERE hash = ?1 AND account = ?2"};
inline constexpr Statement kDropDevices{"account_drop_devices",
                                        "DELETE FROM account_device WHERE account = ?1"};
inline constexpr Statement kForgetDevices{"account_forget_devices",
                                          "DELETE FROM account_device WHERE used_at < ?1"};

// ---- passkeys ----

inline constexpr Statement kAddPasskey{
    "account_add_passkey",
    "INSERT INTO account_passkey (credential, account, label, public_key, sign_count, aaguid, "
    "backup_eligible, "
    "backed_up, transports, made_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)"};
inline constexpr Statement kFindPasskey{
    "account_find_passkey",
    "SELECT p.number, p.account, a.passkey_user, p.credential, p.public_key, p.sign_count, "
    "p.backup_eligible, "
    "p.backed_up FROM account_passkey p JOIN account a ON a.id = p.account WHERE p.credential = ?1"};
inline constexpr Statement kListPasskeys{"account_list_passkeys",
                                         "SELECT number, credential, label, transports, backed_up, made_at, "
                                         "used_at, copied_at FROM account_passkey "
                                         "WHERE account = ?1 ORDER BY number LIMIT 100"};
inline constexpr Statement kCountPasskeys{"account_count_passkeys",
                                          "SELECT count(*) FROM account_passkey WHERE account = ?1"};
/// Only as it was looked at: two uses at once are not both the next one.
inline constexpr Statement kUsePasskey{"account_use_passkey",
                                       "UPDATE account_passkey SET sign_count = ?2, backed_up = ?3, used_at "
                                       "= ?4 WHERE number = ?1 AND sign_count = ?5"};
inline constexpr Statement kNotePasskeyCopy{"account_note_passkey_copy",
                                            "UPDATE account_passkey SET copied_at = ?2 WHERE number = ?1"};
inline constexpr Statement kDropPasskey{"account_drop_passkey",
                                        "DELETE FROM account_passkey WHERE number = ?1 AND account = ?2"};
inline constexpr Statement kPasskeyUser{"account_passkey_user",
                                        "SELECT passkey_user FROM account WHERE id = ?1"};
inline constexpr Statement kUseChallenge{"account_use_challenge",
                                         "INSERT INTO account_used_challenge (challenge, good_until) VALUES "
                                         "(?1, ?2) ON CONFLICT (challenge) DO NOTHING"};
inline constexpr Statement kFindChallenge{"account_find_challenge",
                                          "SELECT 1 FROM account_used_challenge WHERE challenge = ?1"};
inline constexpr Statement kForgetChallenges{"account_forget_challenges",
                                             "DELETE FROM account_used_challenge WHERE good_until < ?1"};
// ---- tokens of programs ----

inline constexpr Statement kCountTokens{
    "account_count_tokens", "SELECT count(*) FROM account_token WHERE account = ?1 AND good_until > ?2"};
inline constexpr Statement kAddToken{
    "account_add_token",
    "INSERT INTO account_token (hash, account, label, scopes, made_at, good_until) "
    "VALUES (?1, ?2, ?3, ?4, ?5, ?6) RETURNING number"};
inline constexpr Statement kFindToken{
    "account_find_token",
    "SELECT t.account, t.number, t.scopes, t.used_at, a.email, a.role FROM account_token t "
    "JOIN account a ON a.id = t.account WHERE t.hash = ?1 AND t.good_until > ?2"};
inline constexpr Statement kUseToken{"account_use_token",
                                     "UPDATE account_token SET used_at = ?2, used_from = ?3 WHERE hash = ?1"};
inline constexpr Statement kListTokens{
    "account_list_tokens",
    "SELECT number, label, scopes, made_at, good_until, used_at, used_from FROM account_token "
    "WHERE account = ?1 AND good_until > ?2 ORDER BY number DESC"};
inline constexpr Statement kDropToken{"account_drop_token",
                                      "DELETE FROM account_token WHERE number = ?1 AND account = ?2"};
inline constexpr Statement kDropTokens{"account_drop_tokens", "DELETE FROM account_token WHERE account = ?1"};
inline constexpr Statement kForgetTokens{"account_forget_tokens",
                                         "DELETE FROM account_token WHERE good_until < ?1"};

// ---- guesses ----

inline constexpr Statement kFindGuess{"account_find_guess",
                                      "SELECT failures, last FROM account_guess WHERE place = ?1"};
inline constexpr Statement kPutGuess{
    "account_put_guess",
    "INSERT INTO account_guess (place, failures, last) VALUES (?1, ?2, ?3) ON CONFLICT (place) DO UPDATE SET "
    "failures = excluded.failures, last = excluded.last"};
inline constexpr Statement kDropGuess{"account_drop_guess", "DELETE FROM account_guess WHERE place = ?1"};
inline constexpr Statement kForgetGuesses{"account_forget_guesses",
                                          "DELETE FROM account_guess WHERE last < ?1"};

}  // namespace account_sql
}  // namespace zw
