// One request to the API whose token was looked at, and what handlers share. Not for others.
#pragma once

#include "localroot/portal/api/api.h"
#include "web/site/json_body.h"

namespace zw {
std::span<const EmbeddedFile> portal_api_descriptions();  // made of description/ (cmake/embed.cmake)
std::span<const EmbeddedFile> portal_api_templates();     // made of embedded/
}  // namespace zw

namespace zw::localroot::portal {

struct ApiCall {
  const PortalApiDesk& desk;
  const WebRequest& request;
  const TokenSession& who;
  AccountClient client;
  std::string origin;  // for the event log: the address, and which token

  Act act() const { return {who.account, origin}; }
  /// Of an administrator, who acts on another account, or on what is no account's.
  Act act_on(AccountId account) const { return {account, origin, who.account}; }
  bool may(std::string_view scope) const { return who.scopes.contains(scope); }
  Timestamp now() const { return desk.store.database().now(); }

  /// The number in the nth place of the path; 0, which nothing has, for what is none.
  std::int64_t number(std::size_t place = 0) const;
  /// A number of the query. `otherwise` if it is not there.
  WebTry<std::int64_t> query_number(std::string_view name, std::int64_t least, std::int64_t most,
                                    std::int64_t otherwise) const;
  WebTry<bool> query_flag(std::string_view name) const;
  /// The flag `secrets`, for which the token needs a scope of its own.
  WebTry<bool> wants_secrets() const;
};

inline constexpr std::string_view kSecretScope = "keys:secret";
inline constexpr std::int64_t kMostRows = 200, kUsualRows = 50;  // of a page of a list

std::unexpected<Problem> missing_scope(std::string_view scope);

struct ApiRoute {
  WebMethod method;
  std::string_view path;   // below /api/v1
  std::string_view scope;  // that a token needs; empty: none
  WebResult (*handler)(const ApiCall& call);
  std::size_t most_body = 0;
};
inline constexpr std::string_view kApiPrefix = "/api/v1";
std::span<const ApiRoute> api_routes();

// ---- handlers, by subject

WebResult list_keys(const ApiCall& call);
WebResult add_key(const ApiCall& call);
WebResult get_key(const ApiCall& call);
WebResult rename_key(const ApiCall& call);
WebResult rotate_key(const ApiCall& call);
WebResult end_rotation(const ApiCall& call);
WebResult delete_key(const ApiCall& call);

WebResult list_servers(const ApiCall& call);
WebResult add_server(const ApiCall& call);
WebResult get_server(const ApiCall& call);
WebResult replace_server(const ApiCall& call);
WebResult enable_server(const ApiCall& call);
WebResult delete_server(const ApiCall& call);
WebResult get_download(const ApiCall& call);
WebResult make_download(const ApiCall& call);
WebResult delete_download(const ApiCall& call);

WebResult list_zones(const ApiCall& call);
WebResult list_software(const ApiCall& call);
WebResult make_configuration(const ApiCall& call);
WebResult check_configuration(const ApiCall& call);

WebResult get_account(const ApiCall& call);
WebResult export_account(const ApiCall& call);
WebResult delete_account(const ApiCall& call);
WebResult end_token(const ApiCall& call);

WebResult list_users(const ApiCall& call);
WebResult get_user(const ApiCall& call);
WebResult set_role(const ApiCall& call);
WebResult pause_user(const ApiCall& call);
WebResult list_all_zones(const ApiCall& call);
WebResult offer_zone(const ApiCall& call);
WebResult list_invitations(const ApiCall& call);
WebResult invite(const ApiCall& call);
WebResult uninvite(const ApiCall& call);
WebResult list_events(const ApiCall& call);
WebResult get_service(const ApiCall& call);

}  // namespace zw::localroot::portal
