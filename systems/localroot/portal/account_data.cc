#include "localroot/portal/account_data.h"

#include "format/json.h"
#include "store/event_log.h"
#include "web/accounts/passkeys.h"

namespace zw::localroot::portal {
namespace {

constexpr std::int64_t kMostEvents = 10'000;

std::string print_when(Timestamp when) { return print_time(std::chrono::floor<Seconds>(when)); }

void write(JsonWriter& json, const Account& account) {
  json.member("account", account.id).member("email", account.email).member("role", print(account.role));
  json.member("made_at", print_when(account.made_at));
  if (account.signed_in_at) json.member("signed_in_at", print_when(*account.signed_in_at));
  json.member("password", account.has_password).member("one_time_passwords", account.has_totp);
}

void write(JsonWriter& json, const std::vector<SessionRow>& sessions) {
  json.key("sessions").begin_array();
  for (const SessionRow& row : sessions)
    json.begin_object()
        .member("made_at", print_when(row.made_at))
        .member("used_at", print_when(row.used_at))
        .member("address", row.address)
        .member("agent", row.agent)
        .end_object();
  json.end_array();
}

void write(JsonWriter& json, const std::vector<PasskeyRow>& passkeys) {
  json.key("passkeys").begin_array();
  for (const PasskeyRow& row : passkeys) {
    json.begin_object().member("label", row.label).member("is_synced", row.is_synced);
    json.member("made_at", print_when(row.made_at));
    if (row.used_at) json.member("used_at", print_when(*row.used_at));
    if (row.copied_at) json.member("copied_at", print_when(*row.copied_at));
    json.end_object();
  }
  json.end_array();
}

void write(JsonWriter& json, const std::vector<TokenRow>& tokens) {
  json.key("tokens").begin_array();
  for (const TokenRow& row : tokens) {
    json.begin_object().member("number", row.number).member("label", row.label);
    json.member("scopes", row.scopes.print()).member("made_at", print_when(row.made_at));
    json.member("good_until", print_when(row.good_until));
    if (row.used_at) json.member("used_at", print_when(*row.used_at)).member("used_from", row.used_from);
    json.end_object();
  }
  json.end_array();
}

}  // namespace

Result<std::string> export_all(PortalStore& store, Accounts& accounts, AccountTokens& tokens,
                               const Session& session, bool with_secrets) {
  ZW_TRY(Account account, accounts.find(session.account));
  ZW_TRY(auto sessions, accounts.sessions(session));
  ZW_TRY(auto passkeys, accounts.passkeys().list(session.account));
  ZW_TRY(auto programs, tokens.list(session.account));
  ZW_TRY(std::string registered, store.export_account(session.account, with_secrets));
  ZW_TRY(auto events, store.database().read([&](Transaction& tx) {
    return read_events(tx, {.actor = fmt::format("account/{}", session.account), .most = kMostEvents});
  }));
  // Parts that are JSON already go between those that are written here.
  std::string out;
  JsonWriter json(out);
  json.begin_object();
  write(json, account);
  write(json, sessions);
  write(json, passkeys);
  write(json, programs);
  out += ",\"registered\":" + registered + ",\"events\":[";
  for (const Event& event : events) {
    if (&event != &events.front()) out += ',';
    out += event_entry(event);
  }
  return out + "]}\n";
}

Result<void> remove_all(PortalStore& store, Accounts& accounts, AccountId account,
                        const AccountClient& client) {
  std::string origin = client.address.print();
  return store.database().write([&](Transaction& tx) -> Result<void> {
    ZW_CHECK(store.delete_account(tx, {account, origin}));
    return accounts.remove(tx, account, client);
  });
}

}  // namespace zw::localroot::portal
