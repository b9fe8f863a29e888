// Which request is for which handler, and what stands before all of them.
#include <fmt/format.h>

#include "localroot/portal/api/budget.h"
#include "localroot/portal/api/call.h"

namespace zw::localroot::portal {
namespace {

constexpr std::size_t kSmall = 16 << 10, kServer = 64 << 10, kConfiguration = 1 << 20;

constexpr ApiRoute kRoutes[] = {
    {WebMethod::get, "/keys", "keys:read", list_keys},
    {WebMethod::post, "/keys", "keys:write", add_key, kSmall},
    {WebMethod::get, "/keys/{key}", "keys:read", get_key},
    {WebMethod::patch, "/keys/{key}", "keys:write", rename_key, kSmall},
    {WebMethod::del, "/keys/{key}", "keys:write", delete_key},
    {WebMethod::post, "/keys/{key}/rotate", "keys:write", rotate_key, kSmall},
    {WebMethod::post, "/keys/{key}/end-rotation", "keys:write", end_rotation},

    {WebMethod::get, "/servers", "servers:read", list_servers},
    {WebMethod::post, "/servers", "servers:write", add_server, kServer},
    {WebMethod::get, "/servers/{server}", "servers:read", get_server},
    {WebMethod::put, "/servers/{server}", "servers:write", replace_server, kServer},
    {WebMethod::del, "/servers/{server}", "servers:write", delete_server},
    {WebMethod::put, "/servers/{server}/enabled", "servers:write", enable_server, kSmall},
    {WebMethod::get, "/servers/{server}/download", "servers:read", get_download},
    {WebMethod::post, "/servers/{server}/download", "servers:write", make_download},
    {WebMethod::del, "/servers/{server}/download", "servers:write", delete_download},
    {WebMethod::get, "/servers/{server}/configuration", "servers:read", make_configuration},

    {WebMethod::get, "/zones", "", list_zones},
    {WebMethod::get, "/software", "", list_software},
    {WebMethod::post, "/configuration/check", "", check_configuration, kConfiguration},

    {WebMethod::get, "/account", "account:read", get_account},
    {WebMethod::get, "/account/export", "account:read", export_account},
    {WebMethod::post, "/account/delete", "account:delete", delete_account, kSmall},
    {WebMethod::del, "/token", "", end_token},

    {WebMethod::get, "/admin/users", "admin", list_users},
    {WebMethod::get, "/admin/users/{account}", "admin", get_user},
    {WebMethod::put, "/admin/users/{account}/role", "admin", set_role, kSmall},
    {WebMethod::put, "/admin/users/{account}/paused", "admin", pause_user, kSmall},
    {WebMethod::get, "/admin/zones", "admin", list_all_zones},
    {WebMethod::post, "/admin/zones", "admin", offer_zone, kSmall},
    {WebMethod::get, "/admin/zones/{zone}/invitations", "admin", list_invitations},
    {WebMethod::put, "/admin/zones/{zone}/invitations/{account}", "admin", invite},
    {WebMethod::del, "/admin/zones/{zone}/invitations/{account}", "admin", uninvite},
    {WebMethod::get, "/admin/events", "admin", list_events},
    {WebMethod::get, "/admin/service", "admin", get_service},
};

/// RFC 6750 §3.
WebResponse challenge(const Problem& problem, std::string_view error) {
  WebResponse out = problem.response();
  out.field("WWW-Authenticate", fmt::format("Bearer realm=\"zonewright\"{}", error));
  return out;
}

WebResponse refuse(unsigned status, std::string_view what, std::optional<Seconds> retry_after = {}) {
  Problem problem(status, std::string(what));
  problem.retry_after = retry_after;
  return problem.response();
}

class PortalApi {
 public:
  explicit PortalApi(const PortalApiDesk& desk)
      : desk_(desk), budget_(desk.settings.burst, desk.settings.per_minute) {}

  WebResponse answer(const ApiRoute& route, const WebRequest& request) {
    AccountClient client = SiteFrame::client(request);
    auto found = desk_.tokens.find(request.authorization, client);
    if (!found) return not_looked_at(found.error(), client);
    if (!*found)
      return request.authorization.empty()
                 ? challenge({401, "send a token of your account, as Authorization: Bearer zwt_..."}, "")
                 : challenge(
                       {401,
                        "this token is none, or has ended: make another one on the pages of your account"},
                       ", error=\"invalid_token\"");
    const TokenSession& who = **found;
    if (auto wait = budget_.take(who.number, desk_.clock.steady()))
      return refuse(429, "this token has used up its requests: wait as long as Retry-After says", wait);
    if (!route.scope.empty() && !who.scopes.contains(route.scope))
      return challenge(missing_scope(route.scope).error(),
                       fmt::format(", error=\"insufficient_scope\", scope=\"{}\"", route.scope));
    ApiCall call{desk_, request, who, client, fmt::format("{} token/{}", client.address.print(), who.number)};
    WebResult result = route.handler(call);
    return result ? std::move(*result) : result.error().response();
  }

 private:
  WebResponse not_looked_at(const Error& error, const AccountClient& client) {
    if (error.kind != ErrorKind::refused) return Problem(error).response();
    return refuse(429, error.what, std::max(Seconds(1), desk_.tokens.waits(client)));
  }

  const PortalApiDesk desk_;
  RequestBudget budget_;
};

}  // namespace

std::span<const ApiRoute> api_routes() { return kRoutes; }

std::vector<TokenScope> portal_scopes() {
  return {{"keys:read", "See your keys, without their secrets."},
          {"keys:secret", "See the secrets of your keys and of URLs for downloads, too."},
          {"keys:write", "Make, rename, rotate and delete keys."},
          {"servers:read", "See your servers, how they do, and make configurations for them."},
          {"servers:write", "Add, change, disable and delete servers."},
          {"account:read", "See your account and its tokens, and take a copy of all that is kept of it."},
          {"account:delete", "Delete your account with all that hangs on it."},
          {"admin", "All that administrators do: accounts, zones on offer, and the event log.", true}};
}

void add_portal_api(WebRouter& router, const PortalApiDesk& desk) {
  auto api = std::make_shared<PortalApi>(desk);
  for (const ApiRoute& route : kRoutes)
    router.add(
        route.method, fmt::format("{}{}", kApiPrefix, route.path),
        [api, &route](const WebRequest& request) { return api->answer(route, request); }, route.most_body);
  router.add(WebMethod::get, fmt::format("{}/openapi.json", kApiPrefix), [](const WebRequest&) {
    WebResponse out = WebResponse::json(std::string(portal_api_description()));
    out.cache_control = "public, max-age=300";
    return out;
  });
  router.explain_below(fmt::format("{}/", kApiPrefix),
                       [](unsigned status, std::string_view what) { return refuse(status, what); });
}

std::span<const EmbeddedFile> portal_api_files() { return portal_api_templates(); }
std::string_view portal_api_description() { return portal_api_descriptions()[0].content; }

}  // namespace zw::localroot::portal
