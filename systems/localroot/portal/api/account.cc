// One's own account, and the token that is used.
#include "localroot/portal/account_data.h"
#include "localroot/portal/api/bodies.h"
#include "localroot/portal/api/call.h"
#include "localroot/portal/api/values.h"

namespace zw::localroot::portal {

WebResult get_account(const ApiCall& call) {
  ZW_TRY(Account account, call.desk.accounts.find(call.who.account));
  ZW_TRY(auto tokens, call.desk.tokens.list(call.who.account));
  std::string text;
  JsonWriter json(text);
  json.begin_object().key("account");
  write_account(json, account);
  json.key("tokens").begin_array();
  for (const TokenRow& row : tokens) {
    json.begin_object().member("number", row.number).member("label", row.label);
    json.member("scopes", row.scopes.print()).member("made_at", api_time(row.made_at));
    json.member("good_until", api_time(row.good_until)).member("used_at", api_time(row.used_at));
    json.member("is_this", row.number == call.who.number).end_object();
  }
  json.end_array().end_object();
  return WebResponse::json(std::move(text));
}

WebResult export_account(const ApiCall& call) {
  ZW_TRY(bool with_secrets, call.wants_secrets());
  Session owner;
  owner.account = call.who.account;
  owner.email = call.who.email;
  ZW_TRY(std::string text,
         export_all(call.desk.store, call.desk.accounts, call.desk.tokens, owner, with_secrets));
  return WebResponse::json(std::move(text));
}

WebResult delete_account(const ApiCall& call) {
  ZW_TRY(std::string email, read_text(call.request, "email"));
  auto typed = parse_email(email);
  if (!typed || *typed != call.who.email)
    return bad_field("#/email", "expected the address of this account, to be sure that it is meant");
  ZW_CHECK(remove_all(call.desk.store, call.desk.accounts, call.who.account, call.client));
  return WebResponse(204, "");
}

WebResult end_token(const ApiCall& call) {
  ZW_CHECK(call.desk.tokens.end(call.who.account, call.who.number, call.client));
  return WebResponse(204, "");
}

}  // namespace zw::localroot::portal
